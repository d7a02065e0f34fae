//! `ALTER TABLE`: all of it, or nothing.

use std::borrow::Cow;

use super::columns::{Columns, altered, convert, span_of};
use super::constraints::{
    add_constraints, carry_over, drop_constraints, rename_in_computed, rename_indexes,
};
use super::draft::{Draft, is_index, is_primary, parts_of};
use super::foreign::{keys, serves};
use super::tables::{default_collation, is_by_itself, is_plain};
use super::{Application, Key, Object};
use crate::source::Span;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Ident, Path, Table, Text, Word};
use crate::sql::{Class, Name, TableChange};

const SIZES: &str = "texts get a larger type where the character set before has smaller characters";

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
            let actions = with_keys_alone(&old, actions);
            let actions = self.wanted(ident, &old, &actions);
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
        if actions.iter().any(|action| !matches!(action, TableChange::Rename { .. })) {
            draft.forget_hashes();
        }
        set_options(&mut draft.table, actions);
        let collation = default_collation(&draft.table);
        let mut columns = altered(&mut draft, actions, collation.as_ref());
        for (name, fate) in &columns.fate {
            let comes_back =
                fate.is_none() && columns.all.iter().any(|column| column.name == *name);
            if comes_back {
                self.unclear.get_or_insert("a column is dropped and made anew at once");
            }
        }
        for column in &columns.all {
            let before = columns.fate.iter().find(|(_, to)| to.as_ref() == Some(&column.name));
            let before = before.and_then(|(name, _)| old.column(name));
            if before.is_some_and(|before| is_kept(before) != is_kept(column)) {
                draft.refuse(span, "a column that is computed when it is read cannot be kept, nor the other way round");
            }
        }
        for action in actions {
            if let TableChange::Convert(to) = action
                && !convert(&mut columns.all, to)
            {
                self.unclear.get_or_insert(SIZES);
                draft.table.is_opaque = true;
            }
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
            self.change_engine(&mut draft, place);
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

    /// Only `InnoDB` keeps foreign keys.
    fn change_engine(&mut self, draft: &mut Draft, span: Span) {
        let is_used =
            keys(&draft.table).next().is_some() || !self.referring(&draft.path).is_empty();
        if is_used && !is_plain(&draft.table) {
            draft.refuse(span, "foreign keys need `InnoDB`");
        }
        if !is_by_itself(&draft.table) && !is_plain(&draft.table) {
            self.unclear.get_or_insert("another engine keeps the table then");
        }
    }

    /// What foreign keys of this table and of others keep from going.
    fn check_keys(&mut self, draft: &mut Draft, old: &Table, columns: &Columns, span: Span) {
        let (path, table) = (draft.path.clone(), draft.table.clone());
        for key in keys(&table) {
            if !serves(&table, &key.columns) {
                draft.refuse(span, "a foreign key needs an index that begins with its columns");
            }
            if key.table == path && serves(old, &key.target) && !serves(&table, &key.target) {
                draft.refuse(span, "a foreign key of the table itself needs it");
            }
            if !keys(old).any(|other| other == key) && !is_renamed(old, key, columns) {
                if key.table == path && !serves(old, &key.target) {
                    let why = "a table refers to columns of its own that had no index before";
                    self.unclear.get_or_insert(why);
                    continue;
                }
                self.expect_target((&path, &table), key, span);
            }
        }
        if self.is_lenient() {
            return;
        }
        let referring = self.referring(&path);
        let used = keys(old).flat_map(|key| &key.columns);
        let used = used.chain(referring.iter().flat_map(|(_, key)| &key.target));
        for name in used {
            let now = columns.fate.get(name).cloned().flatten();
            let now = now.and_then(|now| table.column(&now).cloned());
            if let (Some(before), Some(now)) = (old.column(name), now)
                && before.ty != now.ty
                && keys(&table)
                    .chain(referring.iter().map(|(_, key)| key))
                    .any(|key| key.columns.contains(&now.name) || key.target.contains(name))
            {
                if before.ty.words().first() == now.ty.words().first() {
                    let why = "another size of a column that a foreign key is about";
                    self.unclear.get_or_insert(why);
                } else {
                    draft.refuse(span, "a foreign key is about the column, whose type is another");
                }
            }
        }
        for (from, key) in referring {
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

/// The actions, where the keys of a column that is there already, and is to be added if it is not, are
/// added all the same: MariaDB leaves the column out, with its checks, and takes the keys (measured).
fn with_keys_alone<'a>(old: &Table, actions: &'a [TableChange]) -> Cow<'a, [TableChange]> {
    let is_there = |action: &TableChange| match action {
        TableChange::AddColumn { column, if_not_exists: true, .. } => {
            old.column(&column.name).is_some()
        }
        _ => false,
    };
    if !actions.iter().any(is_there) {
        return Cow::Borrowed(actions);
    }
    let mut all = Vec::new();
    for action in actions {
        let TableChange::AddColumn { column, constraints, .. } = action else {
            all.push(action.clone());
            continue;
        };
        if !is_there(action) {
            all.push(action.clone());
            continue;
        }
        let keys =
            constraints.iter().filter(|one| !matches!(one.kind, ConstraintKind::Check(_))).cloned();
        all.extend(keys.map(|constraint| TableChange::AddConstraint {
            span: column.span,
            constraint,
            if_not_exists: true,
        }));
    }
    Cow::Owned(all)
}

/// Whether a table has what a constraint is called; one without a name is looked for by that of its first
/// column (`handle_if_exists_options` in MariaDB's source).
fn has(table: &Table, wanted: &Constraint) -> bool {
    let same = |constraint: &&Constraint| {
        std::mem::discriminant(&constraint.kind) == std::mem::discriminant(&wanted.kind)
            || is_index(constraint) && is_index(wanted)
    };
    let first = match &wanted.kind {
        ConstraintKind::ForeignKey(key) => key.columns.first(),
        _ => parts_of(wanted).and_then(<[_]>::first).and_then(|part| part.column.as_ref()),
    };
    let called = wanted.name.as_ref().or(first);
    table.constraints.iter().filter(same).any(|constraint| {
        is_primary(wanted) || called.is_some() && constraint.name.as_ref() == called
    })
}

fn is_renamed(old: &Table, key: &crate::sql::schema::ForeignKey, columns: &Columns) -> bool {
    keys(old).any(|other| {
        let now = |name: &Name| columns.fate.get(name).cloned().flatten();
        other.columns.iter().map(now).collect::<Option<Vec<_>>>().as_ref() == Some(&key.columns)
            && other.table == key.table
    })
}

/// Whether a column's values are kept with the rows.
fn is_kept(column: &Column) -> bool {
    let stored = Word::Name(Name::new("stored"));
    column.generated.as_ref().is_none_or(|text| text.words().last() == Some(&stored))
}

fn set_options(table: &mut Table, actions: &[&TableChange]) {
    for action in actions {
        match action {
            TableChange::SetOptions(options) => {
                for option in options {
                    set_option(&mut table.options, option.clone());
                }
            }
            TableChange::Convert(to) => {
                let word = |name: &str| Word::Name(Name::new(name));
                let words = [word("collate"), Word::Name(to.clone())];
                set_option(&mut table.options, Text::new(words));
            }
            _ => {}
        }
    }
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
