//! Statements about rows: the names in them.

use super::{Application, ProblemKind};
use crate::catalog::scope::{Ambiguity, Missing, Scope};
use crate::sql::schema::{Ident, Path, Word};
use crate::sql::{Class, Rows};

/// Tables that every database has.
const OWN: [&str; 4] = ["sqlite_master", "sqlite_schema", "sqlite_sequence", "sqlite_stat1"];

impl Application<'_> {
    pub(super) fn rows(&mut self, rows: &Rows) {
        let mut are_there = true;
        for read in &rows.reads {
            are_there &= self.reads(read);
        }
        if are_there {
            self.expect_references(rows);
        }
        let Some(target) = &rows.target else { return };
        if OWN[..2].contains(&target.name.as_str()) {
            return self.unclear("SQLite's own table of the schema is written");
        }
        // The script's own hides one of the same name that stays.
        if self.temporary.contains(&target.name) || !self.reads(target) {
            return;
        }
        let Some(table) = self.catalog.table(&self.path(target)).cloned() else { return };
        let mut all_known = !table.is_opaque;
        for column in &rows.columns {
            all_known &= self.expect_column(target, &table, column);
        }
        for (_, column) in rows.named.iter().filter(|(about, _)| about == target) {
            self.expect_column(target, &table, column);
        }
        let Some(values) = rows.values.or_else(|| self.selected(rows)) else { return };
        let written = table.columns.iter().filter(|column| column.generated.is_none()).count();
        let columns = if rows.columns.is_empty() { written } else { rows.columns.len() };
        if all_known && values != columns {
            self.problem(target.span, ProblemKind::ValueCount { columns, values });
        }
    }

    /// Columns that no table of the statement has are problems.
    fn expect_references(&mut self, rows: &Rows) {
        let scope = Scope::of(&rows.text, None);
        let mut read = scope.sources.iter().filter_map(|source| source.path.as_ref());
        if read.any(|path| self.temporary.contains(&path.name)) {
            return;
        }
        for reference in &scope.references {
            let Some(missing) = scope.missing(reference, self.catalog) else { continue };
            let span = rows.places.get(reference.at).copied().unwrap_or_default();
            let column = reference.name.clone();
            let kind = match missing {
                Missing::Qualifier(name) => {
                    let name = Path { schema: None, name };
                    ProblemKind::Unknown { class: Class::Table, name, near: None }
                }
                Missing::Column(Some(table)) => {
                    ProblemKind::UnknownColumn { table, column, near: None }
                }
                Missing::Column(None) => {
                    ProblemKind::Refused("a column is named, and there is no table")
                }
            };
            self.problem(span, kind);
        }
        if let Some(found) = Ambiguity::among(&scope, &rows.text, self.catalog) {
            let span = rows.places.get(found.at).copied().unwrap_or_default();
            self.problem(span, found.problem());
        }
    }

    /// How many values `INSERT … SELECT` writes, where that can be told.
    fn selected(&self, rows: &Rows) -> Option<usize> {
        let words = rows.text.words();
        let into = words.iter().position(|word| word.says("into"))?;
        let (mut depth, mut items) = (0_usize, None);
        for (at, word) in words.iter().enumerate().skip(into) {
            if word.says("(") {
                depth += 1;
            } else if word.says(")") {
                depth = depth.checked_sub(1)?;
            } else if depth > 0 {
                continue;
            } else if word.says("values") || word.says("default") {
                return None;
            } else if word.says("select") {
                items = Some((1, at));
            } else if let Some((count, start)) = &mut items {
                if word.says("*") && at == *start + 1 && words.get(at + 1)?.says("from") {
                    let Word::Name(name) = words.get(at + 2)? else { return None };
                    // Of several tables there are the columns of all.
                    let is_all = words[at + 3..].iter().all(|word| {
                        !["join", ",", "union", "except", "intersect", "on"]
                            .iter()
                            .any(|sign| word.says(sign))
                    });
                    let table = self.catalog.table(&Path { schema: None, name: name.clone() })?;
                    let is_known = is_all && !table.is_opaque && !self.temporary.contains(name);
                    return is_known.then_some(table.columns.len());
                }
                let is_star =
                    word.says("*") && (words[at - 1].says(".") || words[at - 1].says(","));
                if is_star {
                    return None;
                }
                if word.says(",") {
                    *count += 1;
                } else if word.says("from") || word.says("where") || word.says("union") {
                    return Some(*count);
                }
            }
        }
        items.map(|(count, _)| count)
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
