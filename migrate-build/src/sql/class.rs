//! Kinds of objects.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::schema::Space;

/// A kind of object that has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Class {
    /// A table.
    Table,
    /// An index.
    Index,
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A view whose rows are kept.
    MaterializedView,
    /// A sequence.
    Sequence,
    /// A type.
    Type,
    /// A type with constraints.
    Domain,
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// A function over rows.
    Aggregate,
    /// A schema.
    Schema,
    /// An extension.
    Extension,
    /// A policy of row security.
    Policy,
    /// A rule.
    Rule,
    /// Statistics over several columns.
    Statistics,
    /// A publication.
    Publication,
    /// What is said about an object.
    Comment,
    /// An event: what the server does at a time.
    Event,
}

impl Class {
    /// Where its names must not collide.
    #[must_use]
    pub fn space(self) -> Space {
        match self {
            Self::Table | Self::Index | Self::View | Self::MaterializedView | Self::Sequence => {
                Space::Relation
            }
            Self::Trigger => Space::Trigger,
            Self::Type | Self::Domain => Space::Type,
            Self::Function | Self::Procedure | Self::Aggregate => Space::Routine,
            Self::Schema => Space::Schema,
            Self::Extension => Space::Extension,
            Self::Policy => Space::Policy,
            Self::Rule => Space::Rule,
            Self::Statistics => Space::Statistics,
            Self::Publication => Space::Publication,
            Self::Comment => Space::Comment,
            Self::Event => Space::Event,
        }
    }
}

/// As it is called in a sentence.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::View => "view",
            Self::Trigger => "trigger",
            Self::MaterializedView => "materialized view",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Domain => "domain",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Policy => "policy",
            Self::Rule => "rule",
            Self::Statistics => "statistics",
            Self::Publication => "publication",
            Self::Comment => "comment",
            Self::Event => "event",
        })
    }
}
