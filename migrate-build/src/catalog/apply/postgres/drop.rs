//! `DROP`, and what goes with it.

use std::collections::BTreeSet;

use super::{Key, Object, ProblemKind, Session, is_alike};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{ConstraintKind, Ident, Path, Table};
use crate::sql::{Class, Named};

/// What extensions make that columns and indexes name; of the others nothing is known.
const EXTENSIONS: [(&str, &[&str]); 11] = [
    ("citext", &["citext"]),
    ("ltree", &["ltree", "lquery", "ltxtquery", "text2ltree", "subpath", "nlevel"]),
    ("hstore", &["hstore"]),
    (
        "uuid-ossp",
        &["uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuid_generate_v5"],
    ),
    ("pgcrypto", &["gen_random_bytes", "crypt", "gen_salt", "digest", "hmac"]),
    ("pg_trgm", &["gin_trgm_ops", "gist_trgm_ops", "similarity", "word_similarity"]),
    ("unaccent", &["unaccent"]),
    ("fuzzystrmatch", &["levenshtein", "soundex", "metaphone", "dmetaphone", "difference"]),
    ("plpgsql", &["plpgsql"]),
    ("btree_gin", &[]),
    ("btree_gist", &[]),
];

/// Whether it is known what an extension makes: no tables, in any case.
pub(super) fn is_known(extension: &crate::sql::Name) -> bool {
    EXTENSIONS.iter().any(|(name, _)| *name == extension.as_str())
}

impl Session<'_, '_> {
    pub(super) fn drop(&mut self, class: Class, names: &[Named], if_exists: bool, cascade: bool) {
        let mut keys = Vec::new();
        let mut span = Span::default();
        for name in names {
            if name.table.is_none()
                && class.space() == Space::Relation
                && self.is_temporary(&name.ident)
            {
                self.app.temporary.remove(&name.ident.name);
                continue;
            }
            span = name.ident.span;
            keys.extend(self.dropped(class, name, if_exists));
        }
        if !self.app.problems.is_empty() || keys.is_empty() {
            return;
        }
        match class {
            Class::Extension => self.drop_extensions(&keys, cascade, span),
            Class::Index => {
                for key in keys {
                    let is_held = matches!(self.app.catalog.get(&key).map(|entry| &entry.object),
                        Some(Object::Index(index)) if index.is_of_constraint);
                    if is_held {
                        let refused = "a constraint stands on this index: drop the constraint";
                        return self.problem(span, ProblemKind::Refused(refused));
                    }
                    self.remove_index(&key, cascade, span);
                }
            }
            Class::Sequence => {
                for key in &keys {
                    match self.is_of_identity(key) {
                        Some(false) => {}
                        Some(true) => {
                            let refused =
                                "an identity counts with this sequence: drop the identity";
                            return self.problem(span, ProblemKind::Refused(refused));
                        }
                        None => return self.unclear(super::sequence::SEVERAL),
                    }
                }
                self.remove_all(keys, cascade, span);
            }
            Class::Schema => {
                for key in &keys {
                    self.empty_schema(key, cascade, span);
                }
                self.remove_all(keys, cascade, span);
            }
            _ => self.remove_all(keys, cascade, span),
        }
    }

    /// The key of what a `DROP` names, which has to be there.
    fn dropped(&mut self, class: Class, name: &Named, if_exists: bool) -> Option<Key> {
        if class == Class::Schema && name.ident.name.as_str() == "public" {
            self.unclear("a database without the schema of everybody is not followed");
            return None;
        }
        if let Some(table) = &name.table {
            let path = self.relation(table);
            let is_there = self.app.catalog.get(&Key::relation(&path)).is_some();
            if !is_there && !if_exists {
                if !self.is_temporary(table) {
                    self.app.unknown(Class::Table, table);
                }
                return None;
            }
        }
        let key = self.key(class, name)?;
        match self.app.catalog.get(&key).map(|entry| entry.object.class()) {
            Some(is) if is == class || is_alike(class, is) => Some(key),
            Some(is) => {
                let name_ = key.path;
                self.problem(name.ident.span, ProblemKind::OtherClass { name: name_, is });
                None
            }
            None if class.space() == Space::Type && self.has_rows_of(&key.path) => {
                let (is, by) = (class, format!("the table `{}`, whose rows are of it,", key.path));
                let name_ = key.path;
                self.problem(name.ident.span, ProblemKind::StillNeeded { is, name: name_, by });
                None
            }
            None => {
                if self.app.catalog.opaque().is_some() {
                    self.unclear("what it drops may be there");
                } else if !if_exists {
                    self.app.unknown(class, &name.ident);
                }
                None
            }
        }
    }

    /// Whether the type of this name is that of a table's or view's rows.
    pub(super) fn has_rows_of(&self, path: &Path) -> bool {
        self.app.catalog.table(path).is_some() || self.app.catalog.view(path).is_some()
    }

    /// Takes objects away with all that belongs to them; what needs them goes, too, or keeps them.
    pub(super) fn remove_all(&mut self, keys: Vec<Key>, cascade: bool, span: Span) {
        let mut gone: BTreeSet<Key> = BTreeSet::new();
        let mut work = keys;
        let mut needing: Vec<(Key, Key)> = Vec::new();
        while let Some(key) = work.pop() {
            if !gone.insert(key.clone()) {
                continue;
            }
            for other in self.naming(&key) {
                if self.belongs(&other, &key) {
                    work.push(other);
                } else {
                    needing.push((key.clone(), other));
                }
            }
            if work.is_empty() {
                needing.retain(|(_, other)| !gone.contains(other));
                if cascade {
                    for (key, other) in std::mem::take(&mut needing) {
                        if !self.loosen(&other, &key, span) {
                            work.push(other);
                        }
                    }
                }
            }
        }
        if let Some((key, other)) = needing.into_iter().find(|(_, other)| !gone.contains(other)) {
            let by = self.said(&other);
            return self.refuse_needed(&key, by, span);
        }
        for key in gone {
            self.app.catalog.set(key, None);
        }
    }

    /// What names an object.
    fn naming(&mut self, key: &Key) -> Vec<Key> {
        let mut keys = self.app.catalog.mentions_of_key(key);
        // A table is a type, too; one that is called like a type of the server's is not meant by it.
        if key.space == Space::Relation && !super::is_own_type(key.path.name.as_str()) {
            keys.extend(self.app.catalog.mentions_of_key(&Key::new(Space::Type, &key.path)));
        }
        if key.space == Space::Routine {
            let family = self.app.catalog.mentions_of_key(&Key::new(Space::Routine, &key.path));
            let is_only = self.app.catalog.several(Space::Routine, &key.path).count() == 1;
            if is_only {
                keys.extend(family);
            } else if !family.is_empty() {
                self.unclear("several functions have the name, and one of them is needed");
            }
        }
        keys.retain(|other| other != key);
        keys.sort();
        keys.dedup();
        keys
    }

    /// Whether an object goes with another without a word.
    fn belongs(&self, object: &Key, whole: &Key) -> bool {
        let Some(entry) = self.app.catalog.get(object) else { return false };
        let is_partition = match &entry.object {
            Object::Table(table) => {
                table.parents.contains(&whole.path)
                    && table.options.iter().any(|option| {
                        let said = option.to_string();
                        said.starts_with("partition ") && !said.starts_with("partition by")
                    })
            }
            _ => false,
        };
        is_partition || entry.object.owner().as_ref() == Some(whole)
    }

    /// Takes from an object what names one that goes; false when all of it has to go.
    fn loosen(&mut self, object: &Key, gone: &Key, span: Span) -> bool {
        let table = match self.app.catalog.get(object).map(|entry| entry.object.clone()) {
            Some(Object::Table(table)) => table,
            Some(Object::Other(other))
                if other.class == Class::Domain && gone.space == Space::Routine =>
            {
                self.unclear("a domain loses a constraint with what it calls, or goes with it");
                return true;
            }
            _ => return false,
        };
        if table.parents.contains(&gone.path) {
            return false;
        }
        let names = |table: &Table| {
            let mut keys = Vec::new();
            crate::catalog::mentions::of_table(table, &mut keys);
            let family = Key::new(gone.space, &gone.path);
            let ty = Key::new(Space::Type, &gone.path);
            let is_type =
                gone.space == Space::Relation && !super::is_own_type(gone.path.name.as_str());
            keys.contains(gone) || keys.contains(&family) || is_type && keys.contains(&ty)
        };
        for constraint in &table.constraints {
            let alone = Table { constraints: vec![constraint.clone()], ..Table::default() };
            if names(&alone)
                && let Some(name) = &constraint.name
            {
                self.remove_constraint(&object.path, name, true, span);
            }
        }
        for column in &table.columns {
            let mut alone = Table { columns: vec![column.clone()], ..Table::default() };
            if !names(&alone) {
                continue;
            }
            alone.columns[0].default = None;
            let ident = Ident { schema: None, name: column.name.clone(), span };
            if names(&alone) {
                self.column_action(
                    &object.path,
                    &crate::sql::Action::DropColumn {
                        column: ident,
                        if_exists: true,
                        cascade: true,
                    },
                );
            } else {
                self.column_action(&object.path, &crate::sql::Action::Default(ident, None));
            }
        }
        true
    }

    /// Takes an index away, and with it the foreign keys that stand on it.
    pub(super) fn remove_index(&mut self, key: &Key, cascade: bool, span: Span) {
        let Some(Object::Index(index)) =
            self.app.catalog.get(key).map(|entry| entry.object.clone())
        else {
            return;
        };
        self.remove_all(vec![key.clone()], cascade, span);
        if !index.unique || index.predicate.is_some() {
            return;
        }
        let columns: Vec<_> = index.parts.iter().filter_map(|part| part.column.clone()).collect();
        let references = self.references_to(&index.table, &columns);
        if references.is_empty() {
            return;
        }
        if !self.keys_over(&index.table, &columns).is_empty() {
            return self.unclear("a foreign key stands on one of several keys");
        }
        for (table, name) in references {
            if cascade {
                self.remove_constraint(&table, &name, true, span);
            } else {
                let by = format!("the foreign key `{}` of `{table}`", name.as_str());
                let (is, name) = (Class::Index, key.path.clone());
                return self.problem(span, ProblemKind::StillNeeded { is, name, by });
            }
        }
    }

    /// The foreign keys that refer to just these columns.
    fn references_to(
        &self,
        target: &Path,
        columns: &[crate::sql::Name],
    ) -> Vec<(Path, crate::sql::Name)> {
        let mut found = Vec::new();
        for key in self.app.catalog.mentions_of(target) {
            let Some(table) = self.app.catalog.table(&key.path) else { continue };
            for constraint in &table.constraints {
                let ConstraintKind::ForeignKey(reference) = &constraint.kind else { continue };
                let is_it = reference.table == *target
                    && reference.target.len() == columns.len()
                    && reference.target.iter().all(|column| columns.contains(column));
                if is_it {
                    found.extend(constraint.name.clone().map(|name| (key.path.clone(), name)));
                }
            }
        }
        found
    }

    /// `DROP SCHEMA`: what is in it goes with `CASCADE`, and keeps it without.
    fn empty_schema(&mut self, schema: &Key, cascade: bool, span: Span) {
        let inside = |key: &Key| {
            key.path.schema.as_ref() == Some(&schema.path.name) && key.space != Space::Comment
        };
        let inside: Vec<Key> = self
            .app
            .catalog
            .objects()
            .map(|(key, _)| key)
            .filter(|key| inside(key))
            .cloned()
            .collect();
        match inside.first() {
            Some(first) if !cascade => {
                let by = self.said(first);
                self.refuse_needed(schema, by, span);
            }
            Some(_) => self.remove_all(inside, true, span),
            None => {}
        }
    }

    fn drop_extensions(&mut self, keys: &[Key], cascade: bool, span: Span) {
        for key in keys {
            let known = EXTENSIONS.iter().find(|(name, _)| *name == key.path.name.as_str());
            let Some((_, makes)) = known else {
                return self.unclear("what the extension has made is not known");
            };
            let is_used = self.app.catalog.objects().any(|(_, object)| {
                let said = format!("{object:?}");
                makes.iter().any(|made| said.contains(&format!("Name(\"{made}\")")))
            });
            if is_used {
                return self.unclear("something may need what the extension has made");
            }
        }
        self.remove_all(keys.to_vec(), cascade, span);
    }
}
