//! `ALTER TABLE`: all of it, or nothing.

use super::columns::{Columns, altered, convert, is_clear, span_of};
use super::constraints::{
    add_constraints, carry_over, drop_constraints, rename_in_computed, rename_indexes,
};
use super::draft::{Draft, is_index, is_primary};
use super::foreign::{keys, serves};
use super::tables::{default_collation, is_plain};
use super::{Application, Key, Object};
use crate::source::Span;
use crate::sql::schema::{Constraint, ConstraintKind, Ident, Path, Table, Text};
use crate::sql::{Class, Name, TableChange};

const CHARSET: &str = "the character set before is that of the database, or its default collation";

impl Application<'_> {
    pub(super) fn alter_table(&mut self, ident: &Ident, if_exists: bool, actions: &[TableChange]) {
        if self.temporary.contains(&ident.name) {
            return;
        }
        let path = ident.path();
        if if_exists && self.catalog.get(&Key::relation(&path)).is_none() {
            self.doubt();
            return;
        }
        let Some(Object::Table(old)) = self.expect(Class::Table, ident) else { return };
        let rename = actions.iter().find_map(|action| match action {
            TableChange::Rename { to } => Some(to),
            _ => None,
        });
        if old.is_opaque {
            self.unclear.get_or_insert("the columns of the table are not known");
        } else {
            let actions = self.wanted(ident, &old, actions);
            let Some(table) = self.altered(&path, &old, &actions, ident.span) else { return };
            self.follow_columns(&path, &old, &actions);
            self.set_table(&path, table);
        }
        if let Some(to) = rename {
            self.rename_relation(ident, to, false);
        }
    }

    fn set_table(&mut self, path: &Path, table: Table) {
        let key = Key::relation(path);
        if let Some(entry) = self.catalog.get(&key) {
            let mut entry = (**entry).clone();
            entry.object = Object::Table(table);
            self.catalog.set(key, Some(std::sync::Arc::new(entry)));
        }
    }

    /// The actions that are about what is there, or not there where that is said.
    fn wanted<'a>(
        &mut self,
        ident: &Ident,
        old: &Table,
        actions: &'a [TableChange],
    ) -> Vec<&'a TableChange> {
        let mut wanted = Vec::new();
        for action in actions {
            if let TableChange::Unclear(why) = action {
                self.unclear.get_or_insert(why);
            }
            let (column, if_exists) = match action {
                TableChange::DropColumn { column, if_exists }
                | TableChange::ChangeColumn { column, if_exists, .. }
                | TableChange::SetDefault { column, if_exists, .. }
                | TableChange::RenameColumn { column, if_exists, .. } => (column, *if_exists),
                TableChange::AddColumn { column, if_not_exists: true, .. } => {
                    if old.column(&column.name).is_none() {
                        wanted.push(action);
                    }
                    continue;
                }
                TableChange::AddConstraint { constraint, if_not_exists: true, .. } => {
                    if !has(old, constraint) {
                        wanted.push(action);
                    }
                    continue;
                }
                _ => {
                    wanted.push(action);
                    continue;
                }
            };
            let is_there = old.column(&column.name).is_some();
            if is_there || !if_exists && self.expect_column(ident, old, column) {
                wanted.push(action);
            }
        }
        wanted
    }

    /// The table then; none when it is refused.
    fn altered(
        &mut self,
        path: &Path,
        old: &Table,
        actions: &[&TableChange],
        span: Span,
    ) -> Option<Table> {
        let mut draft = Draft::new(path.clone(), old.clone(), self.catalog.version());
        let mut is_known = set_options(&mut draft.table, actions);
        let collation = default_collation(&draft.table);
        let mut columns = altered(&mut draft, actions, collation.as_ref());
        for (name, fate) in &columns.fate {
            let new = fate.as_ref().and_then(|new| columns.all.iter().find(|c| c.name == *new));
            if let (Some(old), Some(new)) = (old.column(name), new) {
                is_known &= is_clear(old.collation.as_ref(), new.collation.as_ref());
            }
            let comes_back =
                fate.is_none() && columns.all.iter().any(|column| column.name == *name);
            if comes_back {
                self.unclear.get_or_insert("a column is dropped and made anew at once");
            }
        }
        for action in actions {
            if let TableChange::Convert(to) = action {
                is_known &= convert(&mut columns.all, to);
            }
        }
        if !is_known {
            self.unclear.get_or_insert(CHARSET);
        }
        drop_constraints(&mut draft, actions);
        carry_over(&mut draft, &columns, span_of(actions));
        draft.table.columns.clone_from(&columns.all);
        rename_in_computed(&mut draft.table, old, &columns);
        add_constraints(&mut draft, actions);
        rename_indexes(&mut draft, actions);
        let place =
            Some(span_of(actions)).filter(|place| *place != Span::default()).unwrap_or(span);
        keep_not_null(&mut draft.table);
        draft.finish(place);
        if is_plain(&draft.table) != is_plain(old) {
            self.unclear.get_or_insert("another engine keeps the table then");
        }
        if is_plain(&draft.table) {
            self.check_keys(&mut draft, old, &columns, place);
        }
        let Draft { table, problems, unclear, .. } = draft;
        self.unclear = self.unclear.or(unclear);
        let is_right = problems.is_empty() && self.problems.is_empty();
        self.report(problems);
        is_right.then_some(table)
    }

    /// What foreign keys of this table and of others keep from going.
    fn check_keys(&mut self, draft: &mut Draft, old: &Table, columns: &Columns, span: Span) {
        let (path, table) = (draft.path.clone(), draft.table.clone());
        for key in keys(&table) {
            if !serves(&table, &key.columns) {
                draft.refuse(span, "a foreign key needs an index that begins with its columns");
            }
            if !keys(old).any(|other| other == key) && !is_renamed(old, key, columns) {
                self.expect_target((&path, &table), key, span);
            }
        }
        if self.is_lenient() {
            return;
        }
        for (from, key) in self.referring(&path) {
            if from.path == path {
                continue;
            }
            let now = |name: &Name| columns.fate.get(name).cloned().flatten();
            let targets: Option<Vec<Name>> = key.target.iter().map(now).collect();
            let is_there = targets.is_some_and(|targets| serves(&table, &targets));
            if !is_there && serves(old, &key.target) {
                draft.refuse(span, "a foreign key of another table needs it");
            }
        }
    }

    /// Foreign keys of other tables name columns by their new names.
    fn follow_columns(&mut self, path: &Path, old: &Table, actions: &[&TableChange]) {
        let renamed = |name: &Name| {
            actions.iter().find_map(|action| match action {
                TableChange::RenameColumn { column, to, .. } if column.name == *name => {
                    Some(to.name.clone())
                }
                TableChange::ChangeColumn { column, definition, .. } if column.name == *name => {
                    Some(definition.name.clone())
                }
                _ => None,
            })
        };
        let changes: Vec<(Name, Name)> = old
            .columns
            .iter()
            .filter_map(|column| Some((column.name.clone(), renamed(&column.name)?)))
            .filter(|(from, to)| from != to)
            .collect();
        if changes.is_empty() {
            return;
        }
        for (key, _) in self.referring(path) {
            let Some(Object::Table(mut table)) =
                self.catalog.get(&key).map(|entry| entry.object.clone())
            else {
                continue;
            };
            for constraint in &mut table.constraints {
                if let ConstraintKind::ForeignKey(foreign) = &mut constraint.kind
                    && foreign.table == *path
                {
                    for name in &mut foreign.target {
                        if let Some((_, to)) = changes.iter().find(|(from, _)| from == name) {
                            name.clone_from(to);
                        }
                    }
                }
            }
            self.set_table(&key.path, table);
        }
    }
}

/// Whether a table has what a constraint is called.
fn has(table: &Table, wanted: &Constraint) -> bool {
    let same = |constraint: &&Constraint| {
        std::mem::discriminant(&constraint.kind) == std::mem::discriminant(&wanted.kind)
            || is_index(constraint) && is_index(wanted)
    };
    table.constraints.iter().filter(same).any(|constraint| {
        is_primary(wanted) || constraint.name.is_some() && constraint.name == wanted.name
    })
}

fn is_renamed(old: &Table, key: &crate::sql::schema::ForeignKey, columns: &Columns) -> bool {
    keys(old).any(|other| {
        let now = |name: &Name| columns.fate.get(name).cloned().flatten();
        other.columns.iter().map(now).collect::<Option<Vec<_>>>().as_ref() == Some(&key.columns)
            && other.table == key.table
    })
}

/// Says whether it is known what that changes.
fn set_options(table: &mut Table, actions: &[&TableChange]) -> bool {
    let before = default_collation(table);
    for action in actions {
        match action {
            TableChange::SetOptions(options) => {
                for option in options {
                    set_option(&mut table.options, option.clone());
                }
            }
            TableChange::Convert(to) => {
                let word = |name: &str| crate::sql::schema::Word::Name(Name::new(name));
                let words = [word("collate"), crate::sql::schema::Word::Name(to.clone())];
                set_option(&mut table.options, Text::new(words));
            }
            _ => {}
        }
    }
    is_clear(before.as_ref(), default_collation(table).as_ref())
}

/// An option takes the place of one that begins with the same word; a word alone does only that.
pub(super) fn set_option(options: &mut Vec<Text>, option: Text) {
    options.retain(|other| other.words().first() != option.words().first());
    if option.words().len() > 1 {
        options.push(option);
    }
    options.sort_by_key(ToString::to_string);
}

/// The columns of a primary key are `NOT NULL`, whatever their definitions say.
fn keep_not_null(table: &mut Table) {
    let primary = table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(parts) => Some(parts.clone()),
        _ => None,
    });
    for column in &mut table.columns {
        column.not_null |=
            primary.iter().flatten().any(|part| part.column.as_ref() == Some(&column.name));
    }
}
