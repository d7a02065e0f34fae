//! What SQLite takes, and refuses later: foreign keys, whose other side is looked for when rows are
//! written ("SQLite Foreign Key Support", section 3), and views and triggers, whose names are looked
//! for when they are used.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::object::{Entry, Key, Object};
use super::problem::{Mismatch, Problem, ProblemKind};
use super::scope::Ambiguity;
use super::store::{Catalog, Mark};
use crate::dialect::Dialect;
use crate::sql::Name;
use crate::sql::schema::{ConstraintKind, ForeignKey, Part, Path, Table};

impl Catalog {
    /// What is wrong, and who has it, in what has changed since a moment and in what names that.
    pub(crate) fn latent(&self, since: Mark) -> Vec<(Arc<Entry>, Problem)> {
        if self.dialect() != Dialect::Sqlite || self.opaque().is_some() {
            return Vec::new();
        }
        let mut changed = BTreeSet::new();
        for change in self.changes_since(since) {
            let owner = change.before.as_ref().and_then(|entry| entry.object.owner());
            changed.insert(owner.unwrap_or_else(|| change.key.clone()));
        }
        let texts = self.texts_about(changed.iter().cloned());
        let mut tables = changed.clone();
        tables.extend(changed.iter().flat_map(|key| self.mentions_of_key(key)));
        let mismatches = tables.iter().flat_map(|key| self.mismatches_of(key));
        mismatches.chain(texts.iter().filter_map(|key| self.ambiguity_of(key))).collect()
    }

    /// The first name in a view or trigger that can be the column of two tables.
    fn ambiguity_of(&self, key: &Key) -> Option<(Arc<Entry>, Problem)> {
        let entry = self.get(key)?;
        let owner = entry.object.owner().map(|owner| owner.path);
        let found = Ambiguity::find(entry.object.text()?, owner.as_ref(), self)?;
        Some((Arc::clone(entry), Problem { span: entry.span, kind: found.problem() }))
    }

    fn mismatches_of(&self, key: &Key) -> Vec<(Arc<Entry>, Problem)> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let Object::Table(table) = &entry.object else { return Vec::new() };
        let foreign = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::ForeignKey(foreign) => Some(foreign),
            _ => None,
        });
        let problem = |foreign: &ForeignKey| {
            let why = self.mismatch(foreign)?;
            let kind = ProblemKind::Reference { key: Box::new(foreign.clone()), why };
            Some((Arc::clone(entry), Problem { span: entry.span, kind }))
        };
        foreign.filter_map(problem).collect()
    }

    fn mismatch(&self, foreign: &ForeignKey) -> Option<Mismatch> {
        let Some(target) = self.table(&foreign.table) else {
            let is_there = self.get(&Key::relation(&foreign.table)).is_some();
            return (!is_there).then_some(Mismatch::NoTable);
        };
        if target.is_opaque {
            return None;
        }
        let primary = keys(target).find_map(|(is_primary, parts)| is_primary.then_some(parts));
        if foreign.target.is_empty() {
            return match primary {
                None => Some(Mismatch::NoPrimaryKey),
                Some(parts) if parts.len() != foreign.columns.len() => Some(Mismatch::Count),
                Some(_) => None,
            };
        }
        if foreign.target.len() != foreign.columns.len() {
            return Some(Mismatch::Count);
        }
        let is_key = keys(target).any(|(_, parts)| is_over(parts, &foreign.target))
            || self.has_index(&foreign.table, &foreign.target);
        (!is_key).then_some(Mismatch::NoKey)
    }

    fn has_index(&self, table: &Path, columns: &[Name]) -> bool {
        self.owned_by(table).iter().filter_map(|key| self.get(key)).any(|entry| {
            matches!(&entry.object, Object::Index(index)
                if index.unique && index.predicate.is_none() && is_over(&index.parts, columns))
        })
    }
}

fn keys(table: &Table) -> impl Iterator<Item = (bool, &[Part])> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(parts) => Some((true, &parts[..])),
        ConstraintKind::Unique(parts) => Some((false, &parts[..])),
        _ => None,
    })
}

/// Whether a key is over just these columns, in whatever order.
fn is_over(parts: &[Part], columns: &[Name]) -> bool {
    let over: Vec<&Name> = parts.iter().filter_map(|part| part.column.as_ref()).collect();
    over.len() == parts.len()
        && over.len() == columns.len()
        && columns.iter().all(|column| over.contains(&column))
}
