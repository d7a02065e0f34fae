//! `CREATE`.

use std::collections::HashSet;

use super::{Application, Key, Object, ProblemKind};
use crate::sql::schema::{Ident, Index, Table, Trigger};
use crate::sql::{Class, Name};
use crate::suggest::nearest;

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
            return;
        }
        if let Some(Object::Table(made)) = self.expect(Class::Table, table) {
            for column in columns {
                self.expect_column(table, &made, column);
            }
        }
        self.create(ident, if_not_exists, Object::Index(definition.clone()));
    }

    pub(super) fn create_trigger(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        table: &Ident,
        definition: &Trigger,
    ) {
        if self.catalog.view(&self.path(table)).is_none() && !self.temporary.contains(&table.name) {
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
        const ROW_IDS: [&str; 3] = ["rowid", "oid", "_rowid_"];
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
