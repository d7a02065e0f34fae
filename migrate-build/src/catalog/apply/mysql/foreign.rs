//! What foreign keys demand of two tables.

use super::Application;
use super::draft::{is_ordered, parts_of};
use crate::catalog::{Key, Mismatch, Object, ProblemKind};
use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::{ConstraintKind, ForeignKey, Path, Table};

/// Whether an index of a table begins with these columns.
pub(super) fn serves(table: &Table, columns: &[Name]) -> bool {
    table.constraints.iter().any(|constraint| {
        let parts = parts_of(constraint).filter(|_| is_ordered(constraint)).unwrap_or_default();
        let whole = |(part, column): (&crate::sql::schema::Part, &Name)| {
            part.column.as_ref() == Some(column) && part.text.words().len() == 1
        };
        parts.len() >= columns.len() && parts.iter().zip(columns).all(whole)
    })
}

/// The foreign keys of a table.
pub(super) fn keys(table: &Table) -> impl Iterator<Item = &ForeignKey> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(key),
        _ => None,
    })
}

impl Application<'_> {
    /// Whether the script has told the server not to look at foreign keys, at some time.
    pub(super) fn is_lenient(&self) -> bool {
        self.source.text().to_ascii_lowercase().contains("foreign_key_checks")
    }

    /// Whether what a foreign key refers to is there; else that is a problem.
    pub(super) fn expect_target(&mut self, own: (&Path, &Table), key: &ForeignKey, span: Span) {
        if key.table.schema.is_some() || self.is_lenient() {
            return;
        }
        let (path, table) = own;
        let target = if key.table == *path {
            table.clone()
        } else {
            let ident =
                crate::sql::schema::Ident { schema: None, name: key.table.name.clone(), span };
            match self.expect(crate::sql::Class::Table, &ident) {
                Some(Object::Table(table)) => table,
                _ => return,
            }
        };
        if target.is_opaque || table.is_opaque || key.target.is_empty() {
            return;
        }
        let why = if key.target.len() != key.columns.len() {
            Some(Mismatch::Count)
        } else if !serves(&target, &key.target) {
            Some(Mismatch::NoIndex)
        } else {
            other_types(table, &target, key)
        };
        if let Some(why) = why {
            self.problem(span, ProblemKind::Reference { key: Box::new(key.clone()), why });
        }
    }

    /// The foreign keys of other tables that refer to one.
    pub(super) fn referring(&self, path: &Path) -> Vec<(Key, ForeignKey)> {
        let mut found = Vec::new();
        for key in self.catalog.mentions_of(path) {
            let Some(entry) = self.catalog.get(&key) else { continue };
            let Object::Table(table) = &entry.object else { continue };
            let all = keys(table).filter(|foreign| foreign.table == *path);
            found.extend(all.map(|foreign| (key.clone(), foreign.clone())));
        }
        found
    }
}

/// The first two types that do not go together: integers must be of one size and sign; a text may
/// have another length.
fn other_types(table: &Table, target: &Table, key: &ForeignKey) -> Option<Mismatch> {
    let integers = ["tinyint", "smallint", "mediumint", "int", "bigint"];
    key.columns.iter().zip(&key.target).find_map(|(own, other)| {
        let (own, other) = (&table.column(own)?.ty, &target.column(other)?.ty);
        let base = |text: &str| text.split([' ', '(']).next().unwrap_or_default().to_owned();
        let (ours, theirs) = (own.to_string(), other.to_string());
        let is_integer = |text: &str| integers.contains(&base(text).as_str());
        let fits = !is_integer(&ours) && !is_integer(&theirs)
            || base(&ours) == base(&theirs)
                && ours.contains("unsigned") == theirs.contains("unsigned");
        (!fits).then(|| Mismatch::Types { own: own.clone(), other: other.clone() })
    })
}
