//! What a catalog holds.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::{Source, Span};
use crate::sql::Class;
use crate::sql::schema::{ConstraintKind, Index, Path, Table, Trigger, View};

/// Where names must not collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Space {
    /// Tables, views and indexes.
    Relation,
    /// Triggers.
    Trigger,
}

/// What an object is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Among which names.
    pub space: Space,
    /// Its name.
    pub path: Path,
}

impl Key {
    /// The key of a table, a view or an index.
    #[must_use]
    pub fn relation(path: &Path) -> Self {
        Self { space: Space::Relation, path: path.clone() }
    }

    /// The key of a trigger.
    #[must_use]
    pub fn trigger(path: &Path) -> Self {
        Self { space: Space::Trigger, path: path.clone() }
    }

    /// The key of an object of a class.
    #[must_use]
    pub fn of(class: Class, path: &Path) -> Self {
        match class {
            Class::Trigger => Self::trigger(path),
            _ => Self::relation(path),
        }
    }
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Object {
    /// A table.
    Table(Table),
    /// An index.
    Index(Index),
    /// A view.
    View(View),
    /// A trigger.
    Trigger(Trigger),
}

impl Object {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Table(_) => Class::Table,
            Self::Index(_) => Class::Index,
            Self::View(_) => Class::View,
            Self::Trigger(_) => Class::Trigger,
        }
    }

    /// The table or view that it belongs to, and goes with.
    #[must_use]
    pub fn owner(&self) -> Option<&Path> {
        match self {
            Self::Index(index) => Some(&index.table),
            Self::Trigger(trigger) => Some(&trigger.table),
            Self::Table(_) | Self::View(_) => None,
        }
    }

    /// The same where a table or view that it names has another name.
    #[must_use]
    pub fn with_table_renamed(&self, from: &Path, to: &Path) -> Self {
        let mut object = self.clone();
        let rename = |name: &mut Path| {
            if name == from {
                name.clone_from(to);
            }
        };
        match &mut object {
            Self::Table(table) => {
                for constraint in &mut table.constraints {
                    if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                        rename(&mut key.table);
                    }
                }
            }
            Self::Index(index) => rename(&mut index.table),
            Self::View(view) => {
                view.reads.iter_mut().for_each(rename);
                view.text = view.text.renamed(&from.name, &to.name);
            }
            Self::Trigger(trigger) => {
                rename(&mut trigger.table);
                trigger.reads.iter_mut().for_each(rename);
                trigger.text = trigger.text.renamed(&from.name, &to.name);
            }
        }
        object
    }

    /// The tables and views that it names; its owner, too.
    #[must_use]
    pub fn mentions(&self) -> Vec<&Path> {
        match self {
            Self::Table(table) => {
                let keys =
                    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
                        ConstraintKind::ForeignKey(key) => Some(&key.table),
                        _ => None,
                    });
                keys.collect()
            }
            Self::Index(index) => vec![&index.table],
            Self::View(view) => view.reads.iter().collect(),
            Self::Trigger(trigger) => trigger.reads.iter().chain([&trigger.table]).collect(),
        }
    }
}

/// An object, and where it was made.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub object: Object,
    /// The script that made it.
    pub source: Arc<Source>,
    /// Its name there.
    pub span: Span,
}
