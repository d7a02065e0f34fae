//! `CREATE`.

use std::collections::HashSet;

use super::texts::names_text;
use super::{Application, Key, Object, ProblemKind};
use crate::sql::schema::{ConstraintKind, Ident, Index, Table, Text, Trigger};
use crate::sql::{Class, Name};
use crate::suggest::nearest;

/// What a row's id can be called, where no column is.
pub(super) const ROW_IDS: [&str; 3] = ["rowid", "oid", "_rowid_"];

impl Application<'_> {
    pub(super) fn create_table(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        definition: &Table,
        reads: &[Ident],
    ) {
        for read in reads {
            self.reads(read);
        }
        let is_there = self.catalog.get(&Key::relation(&self.path(ident))).is_some();
        if let Some(refused) = impossible(definition).filter(|_| !is_there) {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        let mut seen = HashSet::new();
        for column in &definition.columns {
            if !seen.insert(&column.name) {
                let (table, column) = (self.path(ident), column.name.clone());
                self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
            }
        }
        self.create(ident, if_not_exists, Object::Table(definition.clone()));
    }

    pub(super) fn create_index(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        table: &Ident,
        columns: &[Ident],
        definition: &Index,
    ) {
        if self.temporary.contains(&table.name) {
            self.temporary_parts.insert(ident.name.clone(), table.name.clone());
            return;
        }
        if let Some(Object::Table(made)) = self.expect(Class::Table, table) {
            for column in columns {
                self.expect_column(table, &made, column);
            }
        }
        let mut definition = definition.clone();
        // What is no column is a text, which SQLite writes in another way some time.
        if let Some(made) = self.catalog.table(&self.path(table)) {
            let parts = definition.parts.iter_mut().map(|part| &mut part.text);
            for text in parts.chain(&mut definition.predicate) {
                if names_text(text, made, None) {
                    *text = Text::unclear();
                }
            }
        }
        self.create(ident, if_not_exists, Object::Index(definition));
    }

    pub(super) fn create_trigger(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        table: &Ident,
        definition: &Trigger,
    ) {
        if self.temporary.contains(&table.name) {
            self.temporary_parts.insert(ident.name.clone(), table.name.clone());
            return;
        }
        if self.catalog.view(&self.path(table)).is_none() {
            self.expect(Class::Table, table);
        }
        self.create(ident, if_not_exists, Object::Trigger(definition.clone()));
    }

    pub(super) fn create(&mut self, ident: &Ident, if_not_exists: bool, object: Object) {
        let path = self.path(ident);
        let key = Key::of(object.class(), &path);
        match self.catalog.get(&key) {
            None => {
                if if_not_exists {
                    self.doubt();
                }
                self.put(key, object, ident.span);
            }
            Some(_) if if_not_exists => {}
            Some(there) => {
                let is = there.object.class();
                self.problem(ident.span, ProblemKind::Duplicate { is, name: path });
            }
        }
    }

    /// Whether a table has a column; else that is a problem.
    pub(super) fn expect_column(&mut self, table: &Ident, made: &Table, column: &Ident) -> bool {
        if made.is_opaque
            || made.column(&column.name).is_some()
            || ROW_IDS.contains(&column.name.as_str())
        {
            return true;
        }
        let names = made.columns.iter().map(|column| column.name.as_str());
        let near = nearest(column.name.as_str(), names).map(Name::folded);
        let (table, name) = (self.path(table), column.name.clone());
        self.problem(column.span, ProblemKind::UnknownColumn { table, column: name, near });
        false
    }
}

/// Why SQLite has no such table ("STRICT Tables", "WITHOUT ROWID").
pub(super) fn impossible(table: &Table) -> Option<&'static str> {
    const TYPES: [&str; 6] = ["int", "integer", "real", "text", "blob", "any"];
    let has = |option: &str| table.options.iter().any(|text| text.to_string() == option);
    let types = table.columns.iter().map(|column| column.ty.to_string());
    if has("strict") && !types.into_iter().all(|ty| TYPES.contains(&ty.as_str())) {
        return Some("in a `STRICT` table a type is INT, INTEGER, REAL, TEXT, BLOB or ANY");
    }
    let keys = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(parts) => Some((true, parts)),
        ConstraintKind::Unique(parts) => Some((false, parts)),
        _ => None,
    });
    let primary = keys.clone().filter(|(is_primary, _)| *is_primary).count();
    if primary > 1 {
        return Some("a table has one primary key");
    }
    if primary == 0 && has("without rowid") {
        return Some("a table `WITHOUT ROWID` needs a primary key");
    }
    for part in keys.flat_map(|(_, parts)| parts) {
        match &part.column {
            Some(column) if table.column(column).is_none() => {
                return Some("a key names a column that the table does not have");
            }
            _ => {}
        }
    }
    let foreign = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(&key.columns),
        _ => None,
    });
    if foreign.flatten().any(|column| table.column(column).is_none()) {
        return Some("a foreign key names a column that the table does not have");
    }
    None
}
