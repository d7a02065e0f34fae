//! Statements about rows: the names in them.

use super::{Application, ProblemKind};
use crate::sql::schema::Ident;
use crate::sql::{Class, Rows};

/// Tables that every database has.
const OWN: [&str; 4] = ["sqlite_master", "sqlite_schema", "sqlite_sequence", "sqlite_stat1"];

impl Application<'_> {
    pub(super) fn rows(&mut self, rows: &Rows) {
        for read in &rows.reads {
            self.reads(read);
        }
        let Some(target) = &rows.target else { return };
        // The script's own hides one of the same name that stays.
        if self.temporary.contains(&target.name) || !self.reads(target) {
            return;
        }
        let Some(table) = self.catalog.table(&self.path(target)).cloned() else { return };
        let mut all_known = !table.is_opaque;
        for column in &rows.columns {
            all_known &= self.expect_column(target, &table, column);
        }
        let Some(values) = rows.values else { return };
        let written = table.columns.iter().filter(|column| column.generated.is_none()).count();
        let columns = if rows.columns.is_empty() { written } else { rows.columns.len() };
        if all_known && values != columns {
            self.problem(target.span, ProblemKind::ValueCount { columns, values });
        }
    }

    /// Whether a table or view is there; else that is a problem.
    pub(super) fn reads(&mut self, ident: &Ident) -> bool {
        let (name, path) = (&ident.name, self.path(ident));
        if self.catalog.table(&path).is_some() || self.catalog.view(&path).is_some() {
            return true;
        }
        let is_elsewhere = self.temporary.contains(name)
            || OWN.contains(&name.as_str())
            || name.as_str().starts_with("pragma_");
        // Where rows come from makes no difference to the schema.
        if !is_elsewhere && self.catalog.opaque().is_none() {
            self.unknown(Class::Table, ident);
        }
        false
    }
}
