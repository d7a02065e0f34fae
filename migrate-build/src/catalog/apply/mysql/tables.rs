//! Tables that are made, copied, renamed and dropped.

use std::collections::HashSet;

use super::Application;
use super::alter::set_option;
use super::draft::{Draft, is_unnamed_check, number_prefix};
use super::foreign::keys;
use crate::catalog::{Key, Object, ProblemKind};
use crate::source::Span;
use crate::sql::schema::{Column, ConstraintKind, Ident, Path, Table, Word};
use crate::sql::{Class, Name};

impl Application<'_> {
    pub(super) fn make_table(
        &mut self,
        ident: &Ident,
        (if_not_exists, or_replace): (bool, bool),
        definition: &Table,
    ) {
        let path = ident.path();
        let Some(is_new) = self.make_way(ident, if_not_exists, or_replace) else { return };
        let mut empty = Table {
            columns: definition.columns.clone(),
            is_opaque: definition.is_opaque,
            ..Table::default()
        };
        for option in &definition.options {
            set_option(&mut empty.options, option.clone());
        }
        // Its texts are bytes then.
        let binary = default_collation(&empty).is_some_and(|name| name.as_str() == "binary");
        empty.is_opaque |= binary;
        let mut draft = Draft::new(path.clone(), empty, self.catalog.version());
        let collation = default_collation(&draft.table);
        for column in &mut draft.table.columns {
            inherit(column, collation.as_ref());
        }
        let mut seen = HashSet::new();
        for column in &definition.columns {
            if !seen.insert(&column.name) {
                let (table, column) = (path.clone(), column.name.clone());
                draft.problems.push((ident.span, ProblemKind::DuplicateColumn { table, column }));
            }
        }
        let constraints = || definition.constraints.iter();
        for constraint in constraints().filter(|one| !is_unnamed_check(one)) {
            draft.add(constraint, ident.span);
        }
        for constraint in constraints().filter(|one| is_unnamed_check(one)) {
            draft.add(constraint, ident.span);
        }
        draft.finish(ident.span);
        let Draft { table, problems, unclear, .. } = draft;
        self.unclear = self.unclear.or(unclear);
        if is_plain(&table) {
            for key in keys(&table) {
                self.expect_target((&path, &table), key, ident.span);
            }
        }
        self.report(problems);
        if !is_new {
            self.drop_table(ident);
        }
        self.put(Key::relation(&path), Object::Table(table), ident.span);
    }

    pub(super) fn copy_table(
        &mut self,
        ident: &Ident,
        (if_not_exists, or_replace): (bool, bool),
        from: &Ident,
    ) {
        if self.temporary.contains(&from.name) {
            self.catalog.blur("a table is made like a temporary one");
            return;
        }
        let Some(Object::Table(mut table)) = self.expect(Class::Table, from) else { return };
        let Some(is_new) = self.make_way(ident, if_not_exists, or_replace) else { return };
        without_foreign_keys(&mut table);
        if !is_new {
            self.drop_table(ident);
        }
        self.put(Key::relation(&ident.path()), Object::Table(table), ident.span);
    }

    /// Whether a relation of this name can be made: none when not, and whether it is the first.
    fn make_way(&mut self, ident: &Ident, if_not_exists: bool, or_replace: bool) -> Option<bool> {
        let path = ident.path();
        match self.catalog.get(&Key::relation(&path)).map(|entry| entry.object.class()) {
            None => {
                if if_not_exists || or_replace {
                    self.doubt();
                }
                Some(true)
            }
            Some(Class::Table) if or_replace => Some(false),
            Some(_) if if_not_exists => None,
            Some(is) => {
                self.problem(ident.span, ProblemKind::Duplicate { is, name: path });
                None
            }
        }
    }

    pub(super) fn report(&mut self, problems: Vec<(Span, ProblemKind)>) {
        for (span, kind) in problems {
            self.problem(span, kind);
        }
    }

    /// Drops a table that is there, and what belongs to it.
    pub(super) fn drop_table(&mut self, ident: &Ident) {
        let path = ident.path();
        let is_needed = self.referring(&path).iter().any(|(key, _)| key.path != path);
        if is_needed && !self.is_lenient() {
            let why = "a foreign key of another table refers to it";
            self.problem(ident.span, ProblemKind::Refused(why));
            return;
        }
        for owned in self.catalog.owned_by(&path) {
            self.catalog.set(owned, None);
        }
        self.catalog.set(Key::relation(&path), None);
    }

    /// What foreign keys and triggers say follows; views keep the name that they were made with.
    pub(super) fn rename_relation(&mut self, from: &Ident, to: &Ident, if_exists: bool) {
        if self.rename_temporary(&from.name, &to.name) {
            return;
        }
        let (before, after) = (from.path(), to.path());
        if before == after && self.catalog.get(&Key::relation(&before)).is_some() {
            return;
        }
        let (old, new) = (Key::relation(&before), Key::relation(&after));
        let Some(entry) = self.catalog.get(&old).cloned() else {
            if if_exists {
                self.doubt();
            } else {
                self.unknown(Class::Table, from);
            }
            return;
        };
        if let Some(there) = self.catalog.get(&new) {
            let is = there.object.class();
            self.problem(to.span, ProblemKind::Duplicate { is, name: after });
            return;
        }
        let mentioning = self.catalog.mentions_of(&before);
        self.catalog.set(old.clone(), None);
        self.catalog.set(new.clone(), Some(entry));
        for key in mentioning.into_iter().chain([old.clone()]) {
            let key = if key == old { new.clone() } else { key };
            let Some(entry) = self.catalog.get(&key) else { continue };
            let mut object = entry.object.clone();
            match &mut object {
                Object::Table(table) => {
                    let own = (key == new).then_some(&before);
                    rename_in_keys(table, &before, &after, own);
                }
                Object::Trigger(trigger) => trigger.table.clone_from(&after),
                _ => continue,
            }
            self.replace(&key, object);
        }
    }
}

/// In a table's foreign keys: the one that they refer to, and the names that the server gave those
/// of the table that has another name now.
fn rename_in_keys(table: &mut Table, from: &Path, to: &Path, own: Option<&Path>) {
    for constraint in &mut table.constraints {
        let ConstraintKind::ForeignKey(key) = &mut constraint.kind else { continue };
        if key.table == *from {
            key.table.clone_from(to);
        }
        if let (Some(own), Some(name)) = (own, &mut constraint.name)
            && let Some(number) = name.as_str().strip_prefix(&number_prefix(own))
        {
            *name = Name::folded(format!("{}{number}", number_prefix(to)));
        }
    }
}

/// The collation that a table's columns have that say none; none for the database's.
pub(super) fn default_collation(table: &Table) -> Option<Name> {
    table.options.iter().find_map(|option| match option.words() {
        [Word::Name(key), Word::Name(value)] if key.as_str() == "collate" => Some(value.clone()),
        _ => None,
    })
}

/// A column of texts has its table's collation, if it says none.
pub(super) fn inherit(column: &mut Column, default: Option<&Name>) {
    if !is_text(column) {
        column.collation = None;
        return;
    }
    match &column.collation {
        None => column.collation = default.cloned(),
        // The binary one of the same character set.
        Some(name) if name.as_str() == "_bin" => {
            if let Some(default) = default {
                let charset = default.as_str().split('_').next().unwrap_or_default();
                column.collation = Some(Name::folded(format!("{charset}_bin")));
            }
        }
        Some(_) => {}
    }
}

/// Whether a column holds texts, which are compared by a collation.
pub(super) fn is_text(column: &Column) -> bool {
    let is_one = |name: &Name| {
        matches!(
            name.as_str(),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
        )
    };
    matches!(column.ty.words().first(), Some(Word::Name(name)) if is_one(name))
}

/// Whether InnoDB keeps it, as nothing else is said: only there are foreign keys kept.
pub(super) fn is_plain(table: &Table) -> bool {
    let engine = Word::Name(Name::new("engine"));
    !table.options.iter().any(|option| option.words().first() == Some(&engine))
}

/// Whether an engine keeps it that has neither transactions nor foreign keys, `MyISAM` or `Aria`.
pub(super) fn is_by_itself(table: &Table) -> bool {
    table.options.iter().any(|option| match option.words() {
        [Word::Name(word), engine] => {
            word.as_str() == "engine" && ["myisam", "aria"].iter().any(|name| engine.says(name))
        }
        _ => false,
    })
}

fn without_foreign_keys(table: &mut Table) {
    table
        .constraints
        .retain(|constraint| !matches!(constraint.kind, ConstraintKind::ForeignKey(_)));
}
