//! What is different between two moments of a catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{likeness, rewritten};
use crate::catalog::{Catalog, Cause, Change, Entry, Key, Mark, Object, Space};
use crate::dialect::Dialect;
use crate::sql::Name;
use crate::sql::schema::{Column, Constraint, Path, Table, without};

/// One object that is not what it was.
#[derive(Debug)]
pub(super) struct Difference {
    /// Which.
    pub(super) key: Key,
    /// What is different.
    pub(super) kind: DifferenceKind,
    /// The first statement that changed it.
    pub(super) first: Option<Cause>,
    /// The last one.
    pub(super) last: Option<Cause>,
}

/// What is different.
#[derive(Debug)]
pub(super) enum DifferenceKind {
    /// It was not there before.
    Stays(Arc<Entry>),
    /// It is no longer there.
    Gone(Arc<Entry>),
    /// It has another name now.
    Renamed(Path),
    /// The table's parts.
    Table(Vec<PartDifference>),
    /// It is defined in another way; what it was.
    Redefined(Arc<Entry>),
    /// It was made anew, and what it is cannot be told: why.
    Unclear(String),
}

/// A part of a table that is not what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PartDifference {
    /// A column that was not there.
    ColumnStays(Name),
    /// A column that is no longer there.
    ColumnGone(Column),
    /// A column as it was, and what of it changed.
    ColumnDiffers(Column, Vec<&'static str>),
    /// A constraint that was not there.
    ConstraintStays(Constraint),
    /// A constraint that is no longer there.
    ConstraintGone(Constraint),
    /// What stands behind the table's columns.
    Options,
    /// The columns stand in another order, which no name depends on.
    Order,
}

impl DifferenceKind {
    /// Whether nothing but the order of columns is different.
    pub(super) fn is_note(&self) -> bool {
        matches!(self, Self::Table(parts) if parts.iter().all(|part| *part == PartDifference::Order))
    }
}

/// What is different now from what was at that moment.
pub(super) fn differences(catalog: &Catalog, mark: Mark) -> Vec<Difference> {
    let mut changed: BTreeMap<&Key, Vec<&Change>> = BTreeMap::new();
    for change in catalog.changes_since(mark) {
        changed.entry(&change.key).or_default().push(change);
    }
    let mut found = Vec::new();
    for (key, changes) in changed {
        let before = changes[0].before.as_ref();
        let kind = match is_guessed(catalog, mark, &changes, catalog.get(key)) {
            true => Some(DifferenceKind::Unclear(format!("`{}`: {GUESSED}", key.path))),
            false => compare(catalog.dialect(), key, before, catalog.get(key)),
        };
        if let Some(kind) = kind {
            let (first, last) =
                (changes[0].cause.clone(), changes[changes.len() - 1].cause.clone());
            found.push(Difference { key: key.clone(), kind, first, last });
        }
    }
    let renamed = pair_renamed(&mut found);
    // What follows a table into its new name comes back with it.
    if !renamed.is_empty() {
        found.retain(|difference| {
            matches!(difference.kind, DifferenceKind::Unclear(_))
                || !follows(catalog, mark, &difference.key, &renamed)
        });
    }
    leave_to_owners(&mut found);
    found
}

const GUESSED: &str = "what it was is not known, since a statement before was not followed";

/// Whether what an object was is written down again, although something that was not followed may have
/// made it another than it seems.
fn is_guessed(
    catalog: &Catalog,
    mark: Mark,
    changes: &[&Change],
    now: Option<&Arc<Entry>>,
) -> bool {
    let Some(before) = changes[0].before.as_ref() else { return false };
    if !Catalog::was_opaque(mark) || !catalog.is_stale(before) || now.is_none() {
        return false;
    }
    let between = changes[1..].iter().map(|change| change.before.as_ref());
    let is_kept = |then: Option<&Arc<Entry>>| match then
        .map(|entry| (&before.object, &entry.object))
    {
        // What is added to a table and taken away again leaves it as it was.
        Some((Object::Table(old), Object::Table(then))) => parts(old, then).iter().all(|part| {
            matches!(
                part,
                PartDifference::ColumnStays(_)
                    | PartDifference::ConstraintStays(_)
                    | PartDifference::Order
            )
        }),
        Some((old, then)) => old == then,
        None => false,
    };
    !between.into_iter().all(is_kept)
}

/// Whether an object differs only in the names of renamed tables.
fn follows(catalog: &Catalog, mark: Mark, key: &Key, renamed: &[(Path, Path)]) -> bool {
    let mut changes = catalog.changes_since(mark).iter();
    let before =
        changes.find(|change| change.key == *key).and_then(|change| change.before.as_ref());
    let (Some(before), Some(now)) = (before, catalog.get(key)) else { return false };
    let mut object = before.object.clone();
    for (from, to) in renamed {
        object = object.with_table_renamed(from, to);
    }
    object == now.object
}

fn compare(
    dialect: Dialect,
    key: &Key,
    before: Option<&Arc<Entry>>,
    now: Option<&Arc<Entry>>,
) -> Option<DifferenceKind> {
    match (before, now) {
        (None, None) => None,
        (None, Some(now)) => Some(DifferenceKind::Stays(Arc::clone(now))),
        (Some(before), None) => Some(DifferenceKind::Gone(Arc::clone(before))),
        (Some(before), Some(now)) if Arc::ptr_eq(before, now) => None,
        (Some(before), Some(now)) => match (&before.object, &now.object) {
            (old, new) if old.is_unclear() || new.is_unclear() => {
                let name = &key.path;
                Some(DifferenceKind::Unclear(format!(
                    "`{name}` is made from a query or by a module: its columns are not known"
                )))
            }
            (old, new)
                if dialect == Dialect::Mysql
                    && let Some(why) = likeness::unclear(old, new) =>
            {
                Some(DifferenceKind::Unclear(format!("`{}`: {why}", key.path)))
            }
            (Object::View(old), Object::View(new))
                if dialect == Dialect::Postgres && old == new && old.seen != new.seen =>
            {
                let name = &key.path;
                Some(DifferenceKind::Unclear(format!(
                    "the columns of `{name}` keep the names that they had when it was made"
                )))
            }
            (old, new) if old == new => None,
            (old, new) if dialect == Dialect::Postgres && rewritten::may_be(old, new) => {
                let name = &key.path;
                Some(DifferenceKind::Unclear(format!(
                    "`{name}` comes back in other words, which may mean the same"
                )))
            }
            (Object::Table(old), Object::Table(new)) => {
                Some(DifferenceKind::Table(parts(old, new)))
            }
            _ => Some(DifferenceKind::Redefined(Arc::clone(before))),
        },
    }
}

fn parts(old: &Table, new: &Table) -> Vec<PartDifference> {
    let mut found = Vec::new();
    for column in &old.columns {
        match new.column(&column.name) {
            None => found.push(PartDifference::ColumnGone(column.clone())),
            Some(now) if now != column => {
                let what = column_parts(column, now);
                found.push(PartDifference::ColumnDiffers(column.clone(), what));
            }
            Some(_) => {}
        }
    }
    let added = new.columns.iter().filter(|column| old.column(&column.name).is_none());
    found.extend(added.map(|column| PartDifference::ColumnStays(column.name.clone())));
    let gone = without(&old.constraints, &new.constraints);
    found.extend(gone.into_iter().map(PartDifference::ConstraintGone));
    let added = without(&new.constraints, &old.constraints);
    found.extend(added.into_iter().map(PartDifference::ConstraintStays));
    if old.options != new.options {
        found.push(PartDifference::Options);
    }
    if found.is_empty() {
        found.push(PartDifference::Order);
    }
    found
}

fn column_parts(old: &Column, new: &Column) -> Vec<&'static str> {
    let parts = [
        ("type", old.ty != new.ty),
        ("`NOT NULL`", old.not_null != new.not_null),
        ("default", old.default != new.default),
        ("computation", old.generated != new.generated),
        ("collation", old.collation != new.collation),
        ("options", old.options != new.options),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// An object that is gone and one that stays are one that was renamed, when they were made in the
/// same place. The names before and after.
fn pair_renamed(found: &mut Vec<Difference>) -> Vec<(Path, Path)> {
    let stays: Vec<(Key, Arc<Entry>)> = found
        .iter()
        .filter_map(|difference| match &difference.kind {
            DifferenceKind::Stays(entry) => Some((difference.key.clone(), Arc::clone(entry))),
            _ => None,
        })
        .collect();
    let mut paired = BTreeSet::new();
    let mut renamed = Vec::new();
    let mut changed = Vec::new();
    for difference in found.iter_mut() {
        let DifferenceKind::Gone(gone) = &difference.kind else { continue };
        let twin = stays.iter().find(|(key, stays)| {
            stays.span == gone.span
                && Arc::ptr_eq(&stays.source, &gone.source)
                && !paired.contains(key)
        });
        if let Some((key, now)) = twin {
            if let (Object::Table(old), Object::Table(new)) = (&gone.object, &now.object)
                && old != new
            {
                let (first, last) = (difference.first.clone(), difference.last.clone());
                let kind = DifferenceKind::Table(parts(old, new));
                changed.push(Difference { key: difference.key.clone(), kind, first, last });
            }
            difference.kind = DifferenceKind::Renamed(key.path.clone());
            paired.insert(key.clone());
            renamed.push((difference.key.path.clone(), key.path.clone()));
        }
    }
    found.retain(|difference| {
        !(matches!(difference.kind, DifferenceKind::Stays(_)) && paired.contains(&difference.key))
    });
    found.extend(changed);
    renamed
}

/// What belongs to a table goes with it, and comes back with it.
fn leave_to_owners(found: &mut Vec<Difference>) {
    let whole: BTreeSet<Path> = found
        .iter()
        .filter(|difference| {
            // A trigger may be called as its table is.
            difference.key.space == Space::Relation
                && matches!(difference.kind, DifferenceKind::Stays(_) | DifferenceKind::Gone(_))
        })
        .map(|difference| difference.key.path.clone())
        .collect();
    found.retain(|difference| match &difference.kind {
        DifferenceKind::Stays(entry) | DifferenceKind::Gone(entry) => {
            entry.object.owner().is_none_or(|owner| !whole.contains(&owner.path))
        }
        _ => true,
    });
}
