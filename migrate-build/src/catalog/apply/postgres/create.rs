//! `CREATE`, and `COMMENT ON`.

use std::collections::HashSet;

use super::naming::{index_addition, part_name};
use super::{Key, Object, ProblemKind, Session, comment_key, owned_key};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{Column, Constraint, Ident, Index, Other, Owner, Path, Table, Text, Word};
use crate::sql::{Class, Name, Named, Part};

impl Session<'_, '_> {
    pub(super) fn create_table(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        definition: &Table,
        reads: &[Ident],
    ) {
        reads.iter().for_each(|read| self.reads(read));
        let path = self.new_path(ident);
        if !self.is_free(&Key::relation(&path), if_not_exists, ident.span) {
            return;
        }
        self.is_free(&Key::new(Space::Type, &path), false, ident.span);
        let mut table = definition.clone();
        if !self.inherit(&mut table, ident) {
            return;
        }
        let mut seen = HashSet::new();
        for column in &table.columns {
            if !seen.insert(column.name.clone()) {
                let (table, column) = (path.clone(), column.name.clone());
                self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
            }
        }
        let is_unlogged = is_unlogged(&table);
        for column in &mut table.columns {
            self.settle_column(&path, column, is_unlogged, ident.span);
        }
        let constraints = std::mem::take(&mut table.constraints);
        self.app.put(Key::relation(&path), Object::Table(table), ident.span);
        self.add_constraints(&path, constraints, ident.span);
    }

    /// Takes the columns of a table's parents; false when that is not followed.
    fn inherit(&mut self, table: &mut Table, ident: &Ident) -> bool {
        let mut columns: Vec<Column> = Vec::new();
        let is_partition = table.options.iter().any(is_partition);
        for parent in &mut table.parents {
            let named =
                Ident { schema: parent.schema.clone(), name: parent.name.clone(), ..ident.clone() };
            let Some((path, made)) = self.expect_table(&named) else { return false };
            *parent = path.clone();
            let has_more = !made.constraints.is_empty()
                || self.app.catalog.owned_by(&path).iter().any(|key| key.space == Space::Relation);
            let is_identity = made.columns.iter().any(|column| !column.options.is_empty());
            if has_more && (is_partition || !made.constraints.is_empty()) || is_identity {
                self.unclear("what a table takes from its parent is not followed");
                return false;
            }
            columns.extend(made.columns);
        }
        if table.parents.len() > 1 || !table.parents.is_empty() && !table.columns.is_empty() {
            let mut names = HashSet::new();
            let all = columns.iter().chain(&table.columns);
            if !all.map(|column| &column.name).all(|name| names.insert(name)) {
                self.unclear("columns of several tables that become one are not followed");
                return false;
            }
        }
        columns.append(&mut table.columns);
        table.columns = columns;
        true
    }

    /// What a column's type stands for; `serial` is an integer with a sequence.
    pub(super) fn settle_column(
        &mut self,
        table: &Path,
        column: &mut Column,
        is_unlogged: bool,
        span: Span,
    ) {
        let serial = match column.ty.words() {
            [Word::Name(name)] => match name.as_str() {
                "serial" => Some("integer"),
                "bigserial" => Some("bigint"),
                "smallserial" => Some("smallint"),
                _ => None,
            },
            _ => None,
        };
        if let Some(of) = serial {
            let counts = self.logged(Text::default(), is_unlogged);
            let sequence = self.make_sequence(table, column, of, counts, span);
            column.ty = words(of);
            column.not_null = true;
            let call = [Word::Name(Name::folded("nextval")), sign("(")];
            let named = call.into_iter().chain(super::path_words(&sequence)).chain([sign(")")]);
            column.default = Some(Text::new(named));
            return;
        }
        self.settle_type(&mut column.ty, span);
        if let Some(default) = &column.default {
            column.default = self.settled_default(default, &column.ty);
        }
        let identity = column.options.iter_mut().find(|text| is_identity(text));
        if let Some(identity) = identity {
            let counts = Text::new(identity.words()[2..].iter().cloned());
            *identity = Text::new(identity.words()[..2].iter().cloned());
            let counts = self.logged(counts, is_unlogged);
            let of = column.ty.to_string();
            self.make_sequence(table, column, &of, counts, span);
        }
    }

    /// The sequence that a column draws from.
    pub(super) fn make_sequence(
        &mut self,
        table: &Path,
        column: &Column,
        of: &str,
        counts: Text,
        span: Span,
    ) -> Path {
        let name = self.relation_name(table, Some(column.name.as_str()), "seq", false);
        let path = Path { schema: table.schema.clone(), name };
        let mut words = counts.words().to_vec();
        if of != "bigint" {
            words.extend([Word::Name(Name::folded("as")), Word::Name(Name::folded(of))]);
        }
        let owner = Owner { key: Key::relation(table), column: Some(column.name.clone()) };
        let (class, text, mentions) = (Class::Sequence, Text::new(words), Vec::new());
        let made = Other { class, text, owner: Some(owner), mentions };
        self.app.put(Key::relation(&path), Object::Other(made), span);
        path
    }

    /// Whether a key is free; else that is a problem, unless it may be there.
    pub(super) fn is_free(&mut self, key: &Key, if_not_exists: bool, span: Span) -> bool {
        let Some(there) = self.app.catalog.get(key) else { return true };
        if !if_not_exists {
            let (is, name) = (there.object.class(), key.path.clone());
            self.problem(span, ProblemKind::Duplicate { is, name });
        }
        false
    }

    pub(super) fn create_index(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        table: &Ident,
        definition: &Index,
    ) {
        if self.is_temporary(table) {
            return;
        }
        let path = self.relation(table);
        let made = match self.app.catalog.get(&Key::relation(&path)).map(|entry| &entry.object) {
            Some(Object::Table(made)) => made.clone(),
            Some(Object::View(view)) if view.is_materialized => {
                Table { is_opaque: true, ..Table::default() }
            }
            _ => {
                self.expect_table(table);
                return;
            }
        };
        let mut index = definition.clone();
        index.table = path.clone();
        self.coerce_index(&mut index, &made);
        for column in index.parts.iter().filter_map(|part| part.column.as_ref()) {
            self.expect_column(&path, &made, column, ident.span);
        }
        if self.has_heirs(&path)
            && made.options.iter().any(|text| text.to_string().starts_with("partition by"))
        {
            return self.unclear("indexes of partitions are not followed");
        }
        let mut at = Path { schema: path.schema.clone(), name: ident.name.clone() };
        if ident.name == Name::default() {
            let included = included(index.options.iter().flat_map(Text::words));
            // The name is of what is written, not of what is made of it.
            let names: Option<Vec<String>> = definition.parts.iter().map(part_name).collect();
            let Some(mut names) = names else {
                return self
                    .unclear("the name that the server gives to an index over an expression");
            };
            names.extend(included);
            let addition = index_addition(names.iter().map(String::as_str));
            at.name = self.relation_name(&path, Some(&addition), "idx", false);
        }
        if self.is_free(&Key::relation(&at), if_not_exists, ident.span) {
            self.app.put(Key::relation(&at), Object::Index(index), ident.span);
        }
    }

    pub(super) fn create_other(
        &mut self,
        class: Class,
        name: &Named,
        (if_not_exists, or_replace): (bool, bool),
        text: &Text,
        named: &[(Class, Ident)],
    ) {
        if name.table.as_ref().is_some_and(|table| self.is_temporary(table)) {
            return;
        }
        let mentions = self.mentioned(named);
        let span = name.ident.span;
        let (key, owner) = match &name.table {
            Some(table) => {
                let path = self.relation(table);
                if self.app.catalog.table(&path).is_none() && self.app.catalog.view(&path).is_none()
                {
                    return self.unknown(Class::Table, table);
                }
                let key = match class {
                    Class::Statistics => Key::new(Space::Statistics, &self.new_path(&name.ident)),
                    _ => owned_key(class.space(), &path, &name.ident.name),
                };
                (key, Some(Owner { key: Key::relation(&path), column: None }))
            }
            None if matches!(class, Class::Schema | Class::Extension) => {
                if class == Class::Schema && name.ident.name.as_str() == "public" {
                    if !if_not_exists {
                        let (is, name) = (Class::Schema, name.ident.path());
                        self.problem(span, ProblemKind::Duplicate { is, name });
                    }
                    return;
                }
                (Key::of(class, &Path { schema: None, name: name.ident.name.clone() }), None)
            }
            None => {
                let mut key = Key::of(class, &self.new_path(&name.ident));
                key.of.clone_from(&name.arguments);
                (key, None)
            }
        };
        // The rows of tables are of a type; a composite type is in the list of tables.
        let is_composite = text.words().first() == Some(&Word::Name(Name::folded("composite")));
        if class.space() == Space::Type && (is_composite || self.has_rows_of(&key.path)) {
            self.is_free(&Key::relation(&key.path), false, span);
        }
        let mut made = Other { class, text: text.clone(), owner, mentions };
        if class == Class::Domain {
            self.settle_domain(&key.path, &mut made, span);
        }
        if or_replace {
            self.expect_replaceable(&key, &made, span);
        }
        let made = Object::Other(made);
        if or_replace && self.app.catalog.get(&key).is_some() {
            self.app.replace(&key, made);
        } else if self.is_free(&key, if_not_exists, span) {
            self.app.put(key, made, span);
        }
    }

    /// The keys of what has to be there.
    fn mentioned(&mut self, named: &[(Class, Ident)]) -> Vec<Key> {
        let mut keys = Vec::new();
        for (class, ident) in named {
            match class {
                Class::Type => {
                    if ident.schema.is_none() && super::is_own_type(ident.name.as_str()) {
                        continue;
                    }
                    let path = self.path(Space::Type, ident);
                    let key = Key::new(Space::Type, &path);
                    if self.app.catalog.get(&key).is_some() {
                        keys.push(key);
                    } else if self.app.catalog.table(&self.relation(ident)).is_some() {
                        keys.push(Key::relation(&self.relation(ident)));
                    } else {
                        self.unknown(Class::Type, ident);
                    }
                }
                Class::Function => {
                    let path = self.path(Space::Routine, ident);
                    let is_there = self.app.catalog.several(Space::Routine, &path).next().is_some();
                    let is_own = [
                        "suppress_redundant_updates_trigger",
                        "tsvector_update_trigger",
                        "tsvector_update_trigger_column",
                    ]
                    .contains(&ident.name.as_str());
                    if !is_there && !is_own {
                        self.unknown(Class::Function, ident);
                    }
                    keys.push(Key::new(Space::Routine, &path));
                }
                _ => {
                    self.reads(ident);
                    keys.push(Key::relation(&self.relation(ident)));
                }
            }
        }
        keys
    }

    pub(super) fn comment(
        &mut self,
        class: Class,
        name: &Named,
        part: Option<&(Part, Ident)>,
        text: Option<&Text>,
    ) {
        let key = if part.is_some() {
            Some(Key::relation(&self.relation(&name.ident)))
        } else if class == Class::Schema && name.ident.name.as_str() == "public" {
            return self.unclear("what is said about the schema of everybody is not followed");
        } else {
            self.expect(class, name, false)
        };
        let Some(key) = key else { return };
        let Some(entry) = self.app.catalog.get(&key).cloned() else {
            return self.app.unknown(class, &name.ident);
        };
        let mut column = None;
        let said = match part {
            Some((Part::Column, ident)) => {
                if let Object::Table(table) = &entry.object
                    && !self.expect_column(&key.path, table, &ident.name, ident.span)
                {
                    return;
                }
                column = Some(ident.name.clone());
                format!("column {}", ident.name.as_str())
            }
            Some((Part::Constraint, ident)) => {
                let Object::Table(table) = &entry.object else { return };
                if !self.expect_constraint(table, ident, false) {
                    return;
                }
                format!("constraint {}", ident.name.as_str())
            }
            None => String::new(),
        };
        let at = comment_key(&key, &said);
        match text {
            Some(text) => {
                let owner = Some(Owner { key, column });
                let (class, text, mentions) = (Class::Comment, text.clone(), Vec::new());
                let made = Object::Other(Other { class, text, owner, mentions });
                if self.app.catalog.get(&at).is_some() {
                    self.app.replace(&at, made);
                } else {
                    self.app.put(at, made, name.ident.span);
                }
            }
            None if self.app.catalog.get(&at).is_some() => self.app.catalog.set(at, None),
            None => {}
        }
    }

    /// Puts the index behind a constraint.
    pub(super) fn put_index_of(&mut self, table: &Path, constraint: &Constraint, span: Span) {
        let Some(name) = &constraint.name else { return };
        let path = Path { schema: table.schema.clone(), name: name.clone() };
        let parts = super::constraint::key_parts(&constraint.kind).to_vec();
        let table = table.clone();
        let index =
            Index { table, unique: true, parts, is_of_constraint: true, ..Index::default() };
        if self.is_free(&Key::relation(&path), false, span) {
            self.app.put(Key::relation(&path), Object::Index(index), span);
        }
    }

    /// Whether other tables inherit from one.
    pub(super) fn has_heirs(&self, path: &Path) -> bool {
        self.app.catalog.mentions_of(path).iter().any(|key| {
            self.app.catalog.table(&key.path).is_some_and(|table| table.parents.contains(path))
        })
    }
}

pub(super) fn is_unlogged(table: &Table) -> bool {
    table.options.contains(&words("unlogged"))
}

pub(super) fn is_identity(text: &Text) -> bool {
    matches!(text.words(), [Word::Name(first), ..] if first.as_str() == "identity")
}

fn is_partition(text: &Text) -> bool {
    matches!(text.words(), [Word::Name(first), Word::Name(second), ..]
        if first.as_str() == "partition" && second.as_str() != "by")
}

/// The columns behind `INCLUDE`.
pub(super) fn included<'w>(words: impl IntoIterator<Item = &'w Word>) -> Vec<String> {
    let is_before = |word: &&Word| !matches!(word, Word::Name(name) if name.as_str() == "include");
    let is_end = |word: &&Word| matches!(word, Word::Other(sign) if sign == ")");
    let behind = words.into_iter().skip_while(is_before).skip(1);
    let names = behind.take_while(|word| !is_end(word)).filter_map(|word| match word {
        Word::Name(name) => Some(name.as_str().to_owned()),
        Word::Other(_) => None,
    });
    names.collect()
}

pub(super) fn sign(text: &str) -> Word {
    Word::Other(text.to_owned())
}

fn words(text: &str) -> Text {
    Text::new([Word::Name(Name::folded(text))])
}
