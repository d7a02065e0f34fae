//! What foreign keys demand of two tables.

use super::Application;
use super::draft::{is_ordered, parts_of, upwards};
use crate::catalog::{Key, Mismatch, Object, ProblemKind};
use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::{Column, ConstraintKind, ForeignKey, Path, Table, Word};

/// Whether an index of a table begins with these columns.
pub(super) fn serves(table: &Table, columns: &[Name]) -> bool {
    table.constraints.iter().any(|constraint| {
        let parts = parts_of(constraint).filter(|_| is_ordered(constraint)).unwrap_or_default();
        let whole = |(part, column): (&crate::sql::schema::Part, &Name)| {
            part.column.as_ref() == Some(column) && upwards(part).len() == 1
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
            let (mismatch, is_known) = other_types(table, &target, key);
            if !is_known {
                let why = "the columns of a foreign key may differ from those it refers to";
                self.unclear.get_or_insert(why);
            }
            mismatch
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
/// have another length. Said together with whether it is known of all.
fn other_types(table: &Table, target: &Table, key: &ForeignKey) -> (Option<Mismatch>, bool) {
    let mut is_known = true;
    for (own, other) in key.columns.iter().zip(&key.target) {
        let (Some(own), Some(other)) = (table.column(own), target.column(other)) else { continue };
        match have_like_types(own, other) {
            Some(true) => {}
            Some(false) => {
                let (own, other) = (own.ty.clone(), other.ty.clone());
                return (Some(Mismatch::Types { own, other }), true);
            }
            None => is_known = false,
        }
    }
    (None, is_known)
}

fn have_like_types(own: &Column, other: &Column) -> Option<bool> {
    let base = |column: &Column| match column.ty.words().first() {
        Some(Word::Name(name)) => name.as_str().to_owned(),
        _ => String::new(),
    };
    let (a, b) = (base(own), base(other));
    let is_one = |types: &[&str]| types.contains(&a.as_str()) && types.contains(&b.as_str());
    let depends =
        |base: &String| ["decimal", "enum", "set", "bit", "year"].contains(&base.as_str());
    if a != b && !is_one(&["char", "varchar"]) && !is_one(&["binary", "varbinary"]) {
        return (depends(&a) || depends(&b)).then_some(()).map_or(Some(false), |()| None);
    }
    let unsigned = Name::new("unsigned");
    if own.ty.mentions(&unsigned) != other.ty.mentions(&unsigned) {
        return Some(false);
    }
    (own.collation == other.collation && (own.ty == other.ty || !depends(&a))).then_some(true)
}
