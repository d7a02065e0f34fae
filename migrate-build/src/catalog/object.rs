//! What a catalog holds.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::mentions;
use crate::source::{Source, Span};
use crate::sql::Class;
use crate::sql::schema::{ConstraintKind, Index, Other, Path, Table, Text, Trigger, View};
pub use crate::sql::schema::{Key, Space};

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
    /// Anything else.
    Other(Other),
}

impl Object {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Table(_) => Class::Table,
            Self::Index(_) => Class::Index,
            Self::View(view) if view.is_materialized => Class::MaterializedView,
            Self::View(_) => Class::View,
            Self::Trigger(_) => Class::Trigger,
            Self::Other(other) => other.class,
        }
    }

    /// Whether it is not known what has become of it.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Table(table) => table.is_opaque || table.expressions().any(Text::is_unclear),
            Self::View(View { text, .. }) | Self::Trigger(Trigger { text, .. }) => {
                text.is_unclear()
            }
            Self::Index(index) => {
                let parts = index.parts.iter().map(|part| &part.text);
                parts.chain(&index.predicate).any(Text::is_unclear)
            }
            Self::Other(_) => false,
        }
    }

    /// What it does, where that is a query or a body.
    #[must_use]
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::View(View { text, .. }) | Self::Trigger(Trigger { text, .. }) => Some(text),
            Self::Table(_) | Self::Index(_) | Self::Other(_) => None,
        }
    }

    /// How often its text names a table or view.
    pub(crate) fn reads_times(&self, path: &Path) -> usize {
        match self {
            Self::View(View { reads, .. }) | Self::Trigger(Trigger { reads, .. }) => {
                reads.iter().filter(|read| *read == path).count()
            }
            Self::Table(_) | Self::Index(_) | Self::Other(_) => 0,
        }
    }

    /// The same with another text, where it has one.
    #[must_use]
    pub(crate) fn with_text(mut self, changed: Text) -> Self {
        if let Self::View(View { text, .. }) | Self::Trigger(Trigger { text, .. }) = &mut self {
            *text = changed;
        }
        self
    }

    /// What it belongs to, and goes with.
    #[must_use]
    pub fn owner(&self) -> Option<Key> {
        match self {
            Self::Index(index) => Some(Key::relation(&index.table)),
            Self::Trigger(trigger) => Some(Key::relation(&trigger.table)),
            Self::Other(other) => other.owner.as_ref().map(|owner| owner.key.clone()),
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
            Self::Other(_) => {}
        }
        object
    }

    /// What it names; its owner, too.
    #[must_use]
    pub fn mentions(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.owner().into_iter().collect();
        match self {
            Self::Table(table) => mentions::of_table(table, &mut keys),
            Self::Index(index) => {
                let parts = index.parts.iter().map(|part| &part.text);
                parts.chain(&index.predicate).for_each(|text| mentions::of_text(text, &mut keys));
            }
            Self::View(view) => {
                keys.extend(view.reads.iter().map(Key::relation));
                mentions::of_text(&view.text, &mut keys);
                mentions::of_queries(&view.text, &mut keys);
            }
            Self::Trigger(trigger) => {
                keys.extend(trigger.reads.iter().map(Key::relation));
                mentions::of_queries(&trigger.text, &mut keys);
            }
            Self::Other(other) => keys.extend(other.mentions.iter().cloned()),
        }
        keys
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
    /// The statement that made it.
    pub statement: Span,
}
