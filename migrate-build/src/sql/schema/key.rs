//! What objects are known by.

use serde::{Deserialize, Serialize};

use super::{Class, Name, Path};

/// Where names must not collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Space {
    /// Schemas.
    Schema,
    /// Extensions.
    Extension,
    /// Types.
    Type,
    /// Tables, views, indexes and sequences.
    Relation,
    /// Functions, procedures and aggregates.
    Routine,
    /// Triggers.
    Trigger,
    /// Policies of row security.
    Policy,
    /// Rules.
    Rule,
    /// Statistics over several columns.
    Statistics,
    /// Publications.
    Publication,
    /// Constraints, whose names only matter where the database chooses another.
    Constraint,
    /// What is said about objects.
    Comment,
    /// Events.
    Event,
}

/// What an object is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Among which names.
    pub space: Space,
    /// Its name.
    pub path: Path,
    /// What sets it apart from others of its name: the table, where names are a table's own, or the
    /// types of a routine's arguments.
    pub of: Option<Name>,
}

impl Key {
    /// The key of something that is known by its name alone.
    #[must_use]
    pub fn new(space: Space, path: &Path) -> Self {
        Self { space, path: path.clone(), of: None }
    }

    /// The key of a table, a view or an index.
    #[must_use]
    pub fn relation(path: &Path) -> Self {
        Self::new(Space::Relation, path)
    }

    /// The key of a trigger.
    #[must_use]
    pub fn trigger(path: &Path) -> Self {
        Self::new(Space::Trigger, path)
    }

    /// The key of an object of a class.
    #[must_use]
    pub fn of(class: Class, path: &Path) -> Self {
        Self::new(class.space(), path)
    }

    /// The same, for one of several of that name.
    #[must_use]
    pub fn which(mut self, of: Name) -> Self {
        self.of = Some(of);
        self
    }
}
