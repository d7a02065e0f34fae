//! `ALTER TABLE`, and what follows it into other objects.

use std::sync::Arc;

use super::create::impossible;
use super::sound::names_row_id;
use super::texts::{Names, is_word, names_column, names_text, with_column};
use super::{Application, Entry, Key, Object, ProblemKind};
use crate::sql::Name;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, Ident, Part, Path, Table, Text, Trigger, Word,
};

const UNKNOWN_COLUMNS: &str =
    "the table is made from a query or by a module: its columns are not known";
const LEGACY: &str = "what names the table may go on with its old name: `legacy_alter_table`";
const MAY_BE_KEYWORD: &str = "an expression may name the column, or have a keyword there";
const MAY_BE_DROPPED: &str = "a view or a trigger may name the column, and SQLite refuses then";

impl Application<'_> {
    /// What names the table names it by its new name then: foreign keys, indexes, triggers, views.
    pub(super) fn rename_table(&mut self, table: &Ident, to: &Ident) {
        let (from, renamed) = (self.path(table), self.path(to));
        if let Some(there) = self.catalog.get(&Key::relation(&renamed)) {
            let is = there.object.class();
            self.problem(to.span, ProblemKind::Duplicate { is, name: renamed });
            return;
        }
        let (from, to) = (&from, &renamed);
        let key = Key::relation(from);
        let Some(entry) = self.catalog.get(&key).cloned() else { return };
        let mentioning = self.catalog.mentions_of(from);
        if self.legacy_alter_table {
            // Only what belongs to the table follows it then.
            return self.rename_alone(entry, from, to);
        }
        if !self.expect_sound(table.span) {
            return;
        }
        let mut texts = self.texts_with_table(from, to);
        self.catalog.set(key.clone(), None);
        self.catalog.set(Key::relation(to), Some(entry));
        for other in mentioning {
            let other = if other == key { Key::relation(to) } else { other };
            let Some(entry) = self.catalog.get(&other) else { continue };
            let mut renamed = entry.object.with_table_renamed(from, to);
            if let Some(text) = texts.remove(&other).or_else(|| entry.object.text().cloned()) {
                renamed = renamed.with_text(text);
            }
            self.replace(&other, renamed);
        }
    }

    /// With `legacy_alter_table`, views and the bodies of triggers go on with the old name.
    fn rename_alone(&mut self, entry: Arc<Entry>, from: &Path, to: &Path) {
        let mentioning = self.catalog.mentions_of(from);
        self.catalog.set(Key::relation(from), None);
        self.catalog.set(Key::relation(to), Some(entry));
        for other in mentioning {
            let Some(entry) = self.catalog.get(&other).cloned() else { continue };
            match &entry.object {
                Object::Index(_) => {
                    self.replace(&other, entry.object.with_table_renamed(from, to));
                }
                Object::Trigger(trigger) if trigger.table == *from => {
                    let trigger = Trigger { table: to.clone(), ..trigger.clone() };
                    self.replace(&other, Object::Trigger(trigger));
                }
                // It depends on `foreign_keys`.
                Object::Table(_) => self.unclear(LEGACY),
                Object::View(_) | Object::Trigger(_) | Object::Other(_) => {}
            }
        }
    }

    pub(super) fn rename_column(&mut self, table: &Ident, column: &Ident, to: &Ident) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if !self.expect_column(table, &made, column) {
            return;
        }
        if made.is_opaque {
            self.unclear = Some(UNKNOWN_COLUMNS);
        }
        // The same in other letters is taken.
        if made.column(&to.name).is_some() && to.name != column.name {
            let (table, column) = (path, to.name.clone());
            self.problem(to.span, ProblemKind::DuplicateColumn { table, column });
            return;
        }
        if !self.expect_sound(table.span) {
            return;
        }
        self.doubt_row_ids(&path);
        if to.name == column.name {
            return self.spell_column(&path, made, to);
        }
        let texts = self.texts_with_column(&path, &column.name, to);
        let (from, to) = (&column.name, &to.name);
        take_for_column(&mut made, to);
        rename_in_table(&mut made, from, to, with_column);
        self.replace(&Key::relation(&path), Object::Table(made));
        for other in self.catalog.mentions_of(&path) {
            if let Some(entry) = self.catalog.get(&other) {
                let renamed = with_column_renamed(&entry.object, &path, from, to, with_column);
                if renamed.is_unclear() {
                    self.unclear = Some(MAY_BE_KEYWORD);
                }
                self.replace(&other, renamed);
            }
        }
        if self.catalog.get(&Key::relation(&path)).is_some_and(|entry| entry.object.is_unclear()) {
            self.unclear = Some(MAY_BE_KEYWORD);
        }
        self.replace_texts(texts);
    }

    /// SQLite writes the name of an `INTEGER PRIMARY KEY` that is renamed in the place of `rowid`.
    fn doubt_row_ids(&mut self, table: &Path) {
        let texts = self.catalog.texts_about([Key::relation(table)]).into_iter();
        let names_one = |key: &Key| {
            let text = self.catalog.get(key).and_then(|entry| entry.object.text());
            text.is_some_and(names_row_id)
        };
        let doubtful: Vec<Key> = texts.filter(names_one).collect();
        self.replace_texts(doubtful.into_iter().map(|key| (key, Text::unclear())).collect());
    }

    /// The same name, written otherwise.
    fn spell_column(&mut self, path: &Path, mut table: Table, to: &Ident) {
        let key = Key::relation(path);
        let Some(entry) = self.catalog.get(&key).cloned() else { return };
        for column in table.columns.iter_mut().filter(|column| column.name == to.name) {
            column.name.clone_from(&to.name);
        }
        let entry = Entry { object: Object::Table(table), ..Entry::clone(&entry) };
        self.catalog.set(key, Some(Arc::new(entry)));
    }

    pub(super) fn add_column(
        &mut self,
        table: &Ident,
        ident: &Ident,
        column: &Column,
        constraints: &[Constraint],
    ) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if made.column(&ident.name).is_some() {
            let (table, column) = (path, ident.name.clone());
            self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
            return;
        }
        let refused = constraints.iter().find_map(|constraint| match constraint.kind {
            ConstraintKind::PrimaryKey(_) => Some("a column that is added cannot be a primary key"),
            ConstraintKind::Unique(_) => Some("a column that is added cannot be `UNIQUE`"),
            _ => None,
        });
        if let Some(refused) = refused {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        let (mut column, mut constraints) = (column.clone(), constraints.to_vec());
        unclear_texts(&made, &mut column, &mut constraints);
        take_for_column(&mut made, &ident.name);
        made.columns.push(column);
        made.constraints.extend(constraints);
        if let Some(refused) = impossible(&made).filter(|_| !made.is_opaque) {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        self.replace(&Key::relation(&path), Object::Table(made));
    }

    pub(super) fn drop_column(&mut self, table: &Ident, ident: &Ident) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if !self.expect_column(table, &made, ident) {
            return;
        }
        if made.is_opaque {
            self.unclear = Some(UNKNOWN_COLUMNS);
        }
        let column = &ident.name;
        if let Some(refused) = refusal(&made, column) {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        if !self.expect_sound(table.span) {
            return;
        }
        let by = match self.indexes_name(&path, column) {
            Names::No => self.texts_name(&path, column),
            found => found,
        };
        match by {
            Names::No => {}
            Names::Yes(by) => {
                self.problem(ident.span, ProblemKind::StillNamed { column: column.clone(), by });
                return;
            }
            Names::Unclear => self.unclear = Some(MAY_BE_DROPPED),
        }
        if made.expressions().any(|text| is_word(text, column) || text.is_unclear()) {
            self.unclear = Some(MAY_BE_KEYWORD);
        }
        made.columns.retain(|other| other.name != *column);
        made.constraints.retain(|constraint| constraint.column.as_ref() != Some(column));
        self.replace(&Key::relation(&path), Object::Table(made));
    }

    /// Which index names a column, and would be broken without it.
    fn indexes_name(&self, table: &Path, column: &Name) -> Names {
        let mut names = Names::No;
        for key in self.catalog.owned_by(table) {
            let Some(entry) = self.catalog.get(&key) else { continue };
            let Object::Index(index) = &entry.object else { continue };
            let parts = index.parts.iter().map(|part| &part.text).chain(&index.predicate);
            if entry.object.is_unclear() {
                names = Names::Unclear;
            }
            if parts.into_iter().any(|text| names_column(text, column)) {
                return Names::Yes(format!("the index `{}`", key.path));
            }
        }
        names
    }
}

/// What was taken for a text is not known any more once a column is called so.
fn take_for_column(table: &mut Table, column: &Name) {
    if table.quoted.contains(column) {
        let quoted = format!("'{}'", column.as_str().replace('\'', "''"));
        let is_it = |word: &Word| match word {
            Word::Other(other) => other.eq_ignore_ascii_case(&quoted),
            Word::Name(_) => false,
        };
        for text in table.expressions_mut() {
            if text.words().iter().any(is_it) {
                *text = Text::unclear();
            }
        }
    }
}

/// In double quotes, what is no column is a text, and its letters are not known any more.
fn unclear_texts(table: &Table, column: &mut Column, constraints: &mut [Constraint]) {
    let checks = constraints.iter_mut().filter_map(|constraint| match &mut constraint.kind {
        ConstraintKind::Check(text) => Some(text),
        _ => None,
    });
    let Column { name: added, generated, .. } = column;
    for text in checks.chain(generated) {
        if names_text(text, table, Some(&*added)) {
            *text = Text::unclear();
        }
    }
}

/// Why SQLite does not drop a column, for what it is ("ALTER TABLE", section 5).
fn refusal(table: &Table, column: &Name) -> Option<&'static str> {
    let is_part = |parts: &[Part]| parts.iter().any(|part| part.column.as_ref() == Some(column));
    if table.columns.len() == 1 && !table.is_opaque {
        return Some("the only column of a table cannot be dropped");
    }
    let by_others = table.columns.iter().filter(|other| other.name != *column);
    let computed = by_others.filter_map(|other| other.generated.as_ref());
    if computed.into_iter().any(|text| names_column(text, column)) {
        return Some("another column is computed from it");
    }
    table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(parts) if is_part(parts) => Some("it is in the primary key"),
        ConstraintKind::Unique(parts) if is_part(parts) => Some("it is in a `UNIQUE` constraint"),
        // What is written behind a column goes with it.
        _ if constraint.column.as_ref() == Some(column) => None,
        ConstraintKind::ForeignKey(key) if key.columns.contains(column) => {
            Some("it is in a foreign key of the table")
        }
        ConstraintKind::Check(text) if names_column(text, column) => {
            Some("it is in a `CHECK` that is not its own")
        }
        _ => None,
    })
}

/// An expression in which a column, the first, has the second name.
pub(super) type Renaming = fn(&Text, &Name, &Name) -> Text;

pub(super) fn rename_in_table(table: &mut Table, from: &Name, to: &Name, with: Renaming) {
    for column in &mut table.columns {
        if column.name == *from {
            column.name.clone_from(to);
        }
        if let Some(text) = &mut column.generated {
            *text = with(text, from, to);
        }
    }
    for constraint in &mut table.constraints {
        if constraint.column.as_ref() == Some(from) {
            constraint.column = Some(to.clone());
        }
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey(parts)
            | ConstraintKind::Unique(parts)
            | ConstraintKind::Index(parts)
            | ConstraintKind::Exclude(parts) => {
                rename_in_parts(parts, from, to, with);
            }
            ConstraintKind::Check(text) => *text = with(text, from, to),
            ConstraintKind::ForeignKey(key) => rename_in_names(&mut key.columns, from, to),
        }
    }
}

/// What names a table, once one of its columns is called otherwise; the texts of views and triggers
/// are left to the caller.
pub(super) fn with_column_renamed(
    object: &Object,
    table: &Path,
    from: &Name,
    to: &Name,
    with: Renaming,
) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Table(other) => {
            for constraint in &mut other.constraints {
                if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                    && key.table == *table
                {
                    rename_in_names(&mut key.target, from, to);
                }
            }
        }
        Object::Index(index) => {
            rename_in_parts(&mut index.parts, from, to, with);
            if let Some(text) = &mut index.predicate {
                *text = with(text, from, to);
            }
        }
        Object::View(_) | Object::Trigger(_) | Object::Other(_) => {}
    }
    object
}

fn rename_in_parts(parts: &mut [Part], from: &Name, to: &Name, with: Renaming) {
    for part in parts {
        part.text = with(&part.text, from, to);
        if part.column.as_ref() == Some(from) {
            part.column = Some(to.clone());
        }
    }
}

fn rename_in_names(names: &mut [Name], from: &Name, to: &Name) {
    for name in names {
        if name == from {
            name.clone_from(to);
        }
    }
}
