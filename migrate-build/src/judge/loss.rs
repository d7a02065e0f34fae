//! What data a script does not keep: rows and values that were there before it, and that nothing
//! behind it brings back. A report of its own, beside the verdict on the schema.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalog::{Catalog, Change, Entry, Mark, Object};
use crate::sql::schema::{Column, Ident, Path, Table, Text, Word};
use crate::sql::{
    Action, Change as MysqlChange, Ddl, Effect, Name, Rows, Statement, StatementKind, TableAction,
    TableChange,
};

/// What data the scripts of a migration do not keep, each as a phrase: `the rows of "users"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// What `up.sql` loses.
    pub up: Vec<String>,
    /// What `down.sql` loses.
    pub down: Vec<String>,
}

/// A script on its way, seen by its data.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The tables that the script made: what is in them was not there before.
    made: HashSet<Path>,
    /// The columns that it added.
    added: HashSet<(Path, Name)>,
    /// The tables whose rows it wrote elsewhere.
    copied: HashSet<Path>,
    /// Those of them that it dropped, as they were: others may take their names.
    moved: HashMap<Path, Arc<Entry>>,
    lost: Vec<String>,
}

impl Ledger {
    /// Takes a statement down that was applied since a moment.
    pub(super) fn statement(&mut self, statement: &Statement, catalog: &Catalog, since: Mark) {
        match &statement.effect {
            Effect::Rows(rows) => self.rows(&statement.kind, rows),
            Effect::Schema(ddl) => self.schema(ddl, catalog, catalog.changes_since(since)),
            Effect::None
            | Effect::Temporary(_)
            | Effect::DropTemporary { .. }
            | Effect::Opaque(_) => {}
        }
    }

    /// What was lost, once there are no more statements.
    pub(super) fn close(mut self, catalog: &Catalog) -> Vec<String> {
        let mut rebuilt: Vec<_> = std::mem::take(&mut self.moved).into_iter().collect();
        rebuilt.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (path, entry) in rebuilt {
            let (Object::Table(before), Some(now)) = (&entry.object, catalog.table(&path)) else {
                continue;
            };
            self.compare(&path, before, now, &[]);
        }
        self.lost
    }

    fn lose(&mut self, what: String) {
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }

    fn rows(&mut self, kind: &StatementKind, rows: &Rows) {
        if *kind == StatementKind::Truncate {
            // Which may be about several.
            for table in rows.target.iter().chain(&rows.reads).map(Ident::path) {
                self.delete(&table);
            }
        }
        let Some(table) = rows.target.as_ref().map(Ident::path) else { return };
        match kind {
            StatementKind::Insert { replaces } => {
                self.copied.extend(rows.reads.iter().map(Ident::path));
                if *replaces && !self.made.contains(&table) {
                    self.lose(format!("rows of `{table}` that others replace"));
                }
            }
            StatementKind::Delete => self.delete(&table),
            StatementKind::Update if !self.made.contains(&table) => {
                for column in &rows.columns {
                    if !self.added.contains(&(table.clone(), column.name.clone())) {
                        self.lose(format!("values of `{table}.{}`", column.name.as_str()));
                    }
                }
            }
            _ => {}
        }
    }

    fn delete(&mut self, table: &Path) {
        if !self.made.contains(table) {
            self.lose(format!("rows of `{table}`"));
        }
    }

    fn schema(&mut self, ddl: &Ddl, catalog: &Catalog, changes: &[Change]) {
        if let Ddl::CreateTable { reads, .. } | Ddl::Mysql(MysqlChange::CreateTable { reads, .. }) =
            ddl
        {
            self.copied.extend(reads.iter().map(Ident::path));
        }
        let mut seen = HashSet::new();
        let first: Vec<&Change> =
            changes.iter().filter(|change| seen.insert(&change.key)).collect();
        let moves = moves(catalog, &first);
        for change in first {
            let (path, now) = (&change.key.path, catalog.get(&change.key));
            match (change.before.as_ref(), now.map(|entry| &entry.object)) {
                (None, Some(Object::Table(_))) => match moves.iter().find(|(_, to)| *to == path) {
                    Some((from, to)) => self.rename(from, to),
                    None => {
                        self.made.insert(path.clone());
                    }
                },
                (Some(entry), Some(Object::Table(now))) => {
                    if let Object::Table(before) = &entry.object {
                        self.altered(path, before, now, &renames(ddl));
                    }
                }
                (Some(entry), None) if moves.iter().all(|(from, _)| *from != path) => {
                    self.gone(path, entry);
                }
                _ => {}
            }
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        for tables in [&mut self.made, &mut self.copied] {
            if tables.remove(from) {
                tables.insert(to.clone());
            }
        }
    }

    fn gone(&mut self, path: &Path, entry: &Arc<Entry>) {
        let Object::Table(table) = &entry.object else { return };
        if self.made.remove(path) || table.columns.is_empty() && !table.is_opaque {
            return;
        }
        if self.copied.remove(path) {
            self.moved.insert(path.clone(), Arc::clone(entry));
        } else {
            self.lose(format!("the rows of `{path}`"));
        }
    }

    /// A table that was there before the script has other columns now.
    fn altered(&mut self, path: &Path, before: &Table, now: &Table, renamed: &[(Name, Name)]) {
        if self.made.contains(path) {
            return;
        }
        let is_new = |column: &&Column| {
            before.column(&column.name).is_none()
                && renamed.iter().all(|(_, to)| *to != column.name)
        };
        for column in now.columns.iter().filter(is_new) {
            self.added.insert((path.clone(), column.name.clone()));
        }
        for (from, to) in renamed {
            if self.added.remove(&(path.clone(), from.clone())) {
                self.added.insert((path.clone(), to.clone()));
            }
        }
        self.compare(path, before, now, renamed);
    }

    fn compare(&mut self, path: &Path, before: &Table, now: &Table, renamed: &[(Name, Name)]) {
        for column in before.columns.iter().filter(|column| column.generated.is_none()) {
            let called = renamed.iter().find(|(from, _)| *from == column.name);
            let called = called.map_or(&column.name, |(_, to)| to);
            let name = column.name.as_str();
            if self.added.contains(&(path.clone(), called.clone())) {
                continue;
            }
            match now.column(called) {
                None => self.lose(format!("the values of `{path}.{name}`")),
                Some(now) if !holds(&now.ty, &column.ty) => {
                    self.lose(format!("values of `{path}.{name}` that are no `{}`", now.ty));
                }
                Some(_) => {}
            }
        }
    }
}

/// The tables that are called otherwise now: they are where they were made.
fn moves<'c>(catalog: &'c Catalog, changes: &[&'c Change]) -> Vec<(&'c Path, &'c Path)> {
    let come = |change: &&&Change| change.before.is_none();
    let mut moves = Vec::new();
    for from in changes.iter().filter(|change| catalog.get(&change.key).is_none()) {
        let Some(before) = &from.before else { continue };
        let same = |to: &&&Change| {
            catalog.get(&to.key).is_some_and(|now| {
                Arc::ptr_eq(&now.source, &before.source) && now.span == before.span
            })
        };
        if let Some(to) = changes.iter().filter(come).find(same) {
            moves.push((&from.key.path, &to.key.path));
        }
    }
    moves
}

/// The columns that a statement calls otherwise: from, to.
pub(super) fn renames(ddl: &Ddl) -> Vec<(Name, Name)> {
    match ddl {
        Ddl::AlterTable { action: TableAction::RenameColumn { column, to }, .. } => {
            vec![(column.name.clone(), to.name.clone())]
        }
        Ddl::Alter { actions, .. } => actions
            .iter()
            .filter_map(|action| match action {
                Action::RenameColumn(from, to) => Some((from.name.clone(), to.name.clone())),
                _ => None,
            })
            .collect(),
        Ddl::Mysql(MysqlChange::AlterTable { actions, .. }) => actions
            .iter()
            .filter_map(|action| match action {
                TableChange::RenameColumn { column, to, .. } => {
                    Some((column.name.clone(), to.name.clone()))
                }
                TableChange::ChangeColumn { column, definition, .. } => {
                    Some((column.name.clone(), definition.name.clone()))
                }
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether every value of one type is one of another, as far as that is plain.
fn holds(now: &Text, before: &Text) -> bool {
    if now == before || now.words().is_empty() {
        return true;
    }
    const WHOLE: [&str; 6] = ["tinyint", "smallint", "mediumint", "integer", "bigint", "numeric"];
    const LONG: [&str; 4] = ["tinytext", "text", "mediumtext", "longtext"];
    let base = |text: &Text| match text.words().first() {
        Some(Word::Name(name)) if name.as_str() == "int" => "integer".to_owned(),
        Some(Word::Name(name)) => name.as_str().to_owned(),
        _ => String::new(),
    };
    let length = |text: &Text| {
        let mut words = text.words().iter();
        words.find_map(|word| match word {
            Word::Other(digits) => digits.parse::<u32>().ok(),
            Word::Name(_) => None,
        })
    };
    let (from, to) = (base(before), base(now));
    let rank = |names: &[&str], name: &str| names.iter().position(|one| *one == name);
    let is_signed = |text: &Text| !text.to_string().contains("unsigned");
    if let (Some(from), Some(to)) = (rank(&WHOLE, &from), rank(&WHOLE, &to)) {
        // Of a number's two, what it can hold depends on both.
        let is_free = to < WHOLE.len() - 1 || length(now).is_none();
        return from <= to && is_signed(before) == is_signed(now) && is_free;
    }
    let is_short =
        |name: &str| ["character varying", "varchar", "character", "char"].contains(&name);
    if let Some(to) = rank(&LONG, &to) {
        return is_short(&from) || rank(&LONG, &from).is_some_and(|from| from <= to);
    }
    match (is_short(&from), is_short(&to), length(before), length(now)) {
        (true, true, _, None) => to.contains("var"),
        (true, true, Some(from), Some(to)) => from <= to,
        _ => from == "real" && to == "double precision" || from == "float" && to == "double",
    }
}
