//! Two schemas side by side: one that is expected, and a live one.

mod expected;
mod findings;
mod mysql;
mod parts;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::catalog::{Catalog, Key, Live, Object, Space};
use crate::dialect::Dialect;

pub use expected::{Expected, NotFollowed};
pub use findings::{drifted, not_undone};
pub use parts::PartDeviation;

/// What two schemas do not agree on.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The objects that are not the same, in the order of their names.
    pub deviations: Vec<Deviation>,
    /// What is in both, and is not known well enough to be compared.
    pub unknown: Vec<Key>,
    /// The tables whose columns are the same, in another order.
    pub reordered: Vec<Key>,
}

/// An object that is not the same in both.
#[derive(Debug)]
pub struct Deviation {
    /// What it is: `table`; `definition` for what a server says and cannot be followed.
    pub class: String,
    /// Its name, or the definition.
    pub name: String,
    /// By what it is known, unless it is a definition only.
    pub key: Option<Key>,
    /// What is not the same.
    pub kind: DeviationKind,
}

/// What is not the same.
#[derive(Debug)]
pub enum DeviationKind {
    /// It is not there.
    Missing,
    /// It is there, and not expected.
    Additional,
    /// It is there, and another in these parts.
    Differs(Vec<PartDeviation>),
}

impl Comparison {
    /// Compares two schemas that the same server gave, text by text. The order of columns makes no
    /// difference: no name depends on it.
    #[must_use]
    pub fn of_live(before: &Live, now: &Live) -> Self {
        let mut comparison =
            Sides { expected: &before.catalog, found: &now.catalog, rewriter: None }.compare();
        let texts = |live: &'_ Live| -> BTreeSet<String> {
            live.unread.iter().map(|unread| unread.definition.clone()).collect()
        };
        let (old, new) = (texts(before), texts(now));
        let of = |text: &String, kind| Deviation::of_definition(text, kind);
        let gone = old.difference(&new).map(|text| of(text, DeviationKind::Missing));
        let made = new.difference(&old).map(|text| of(text, DeviationKind::Additional));
        comparison.deviations.extend(gone.chain(made));
        // Each stands among the definitions, which are compared.
        comparison.unknown.clear();
        comparison
    }

    /// Compares what is expected with what a server shows, as far as that can be compared: the
    /// servers write expressions and queries in another way than they were written.
    #[must_use]
    pub fn of_expected(expected: &Catalog, live: &Live) -> Self {
        let rewriter =
            Some(Rewriter { dialect: expected.dialect(), collation: live.collation.as_deref() });
        let mut comparison = Sides { expected, found: &live.catalog, rewriter }.compare();
        // Who may not see something does not know that it is not there.
        let is_unseen = |deviation: &Deviation| {
            let Deviation { key: Some(key), kind: DeviationKind::Missing, .. } = deviation else {
                return false;
            };
            let name = key.path.name.as_str();
            let mut unread = live.unread.iter().filter(|unread| !unread.is_listed);
            expected.get(key).is_some_and(|entry| live.unseen.contains(&entry.object.class()))
                || unread.any(|unread| unread.definition.contains(name))
        };
        let deviations = std::mem::take(&mut comparison.deviations).into_iter();
        let (unseen, seen): (Vec<_>, Vec<_>) = deviations.partition(is_unseen);
        comparison.deviations = seen;
        comparison.unknown.extend(unseen.into_iter().filter_map(|deviation| deviation.key));
        comparison
    }
}

/// A server that does not give texts back as they were written.
#[derive(Clone, Copy)]
struct Rewriter<'s> {
    dialect: Dialect,
    collation: Option<&'s str>,
}

impl Rewriter<'_> {
    /// What of an object can be compared.
    fn comparable<'o>(&self, object: &'o Object) -> Cow<'o, Object> {
        match self.dialect {
            Dialect::Sqlite => Cow::Borrowed(object),
            Dialect::Postgres => Cow::Owned(object.outline()),
            Dialect::Mysql => Cow::Owned(mysql::settled(object, self.collation)),
        }
    }
}

/// The two, and who stands between them.
struct Sides<'s> {
    expected: &'s Catalog,
    found: &'s Catalog,
    rewriter: Option<Rewriter<'s>>,
}

impl Sides<'_> {
    fn compare(&self) -> Comparison {
        let mut comparison = Comparison::default();
        for (key, object) in self.expected.objects() {
            let mut add = |kind| comparison.deviations.push(Deviation::of(key, object, kind));
            match self.found.get(key).map(|entry| &entry.object) {
                None => add(DeviationKind::Missing),
                Some(found) if object.is_unclear() || found.is_unclear() => {
                    comparison.unknown.push(key.clone());
                }
                Some(found) => match self.parts(object, found) {
                    None => {}
                    Some(parts) if parts.is_empty() => comparison.reordered.push(key.clone()),
                    Some(parts) => add(DeviationKind::Differs(parts)),
                },
            }
        }
        for (key, object) in self.found.objects() {
            if self.expected.get(key).is_none() {
                comparison.deviations.push(Deviation::of(key, object, DeviationKind::Additional));
            }
        }
        comparison.deviations.sort_by(|a, b| a.key.cmp(&b.key));
        self.leave_to_owners(&mut comparison.deviations);
        comparison
    }

    /// What is another; nothing when the two are equal, and no part when only the order is another.
    fn parts(&self, expected: &Object, found: &Object) -> Option<Vec<PartDeviation>> {
        let comparable = |object| match &self.rewriter {
            Some(rewriter) => rewriter.comparable(object),
            None => Cow::Borrowed(object),
        };
        let (settled, other) = (comparable(expected), comparable(found));
        if settled == other {
            return None;
        }
        let dialect = self.expected.dialect();
        Some(parts::deviations(dialect, (expected, &settled), (found, &other)))
    }

    /// What belongs to a table is not said beside the table.
    fn leave_to_owners(&self, deviations: &mut Vec<Deviation>) {
        let whole = |kind: &DeviationKind| !matches!(kind, DeviationKind::Differs(_));
        let relations: BTreeSet<Key> = deviations
            .iter()
            .filter(|deviation| whole(&deviation.kind))
            .filter_map(|deviation| deviation.key.clone())
            .filter(|key| key.space == Space::Relation)
            .collect();
        deviations.retain(|deviation| {
            let Some(key) = &deviation.key else { return true };
            let entry = self.expected.get(key).or_else(|| self.found.get(key));
            let owner = entry.and_then(|entry| entry.object.owner());
            !whole(&deviation.kind) || owner.is_none_or(|owner| !relations.contains(&owner))
        });
    }
}

impl Deviation {
    fn of(key: &Key, object: &Object, kind: DeviationKind) -> Self {
        let class = object.class().to_string();
        Self { class, name: key.path.to_string(), key: Some(key.clone()), kind }
    }

    fn of_definition(text: &str, kind: DeviationKind) -> Self {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { class: "definition".to_owned(), name, key: None, kind }
    }
}
