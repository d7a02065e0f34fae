//! What `ALTER` does to an object, action by action.

use super::name::Name;
use super::schema::{Column, Constraint, Ident, Text};

/// An object where it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub ident: Ident,
    /// The table that it belongs to, where its name is only known there.
    pub table: Option<Ident>,
    /// The types of its arguments, where they are written: it is a routine.
    pub arguments: Option<Name>,
}

impl Named {
    /// What is known by its name alone.
    #[must_use]
    pub fn alone(ident: Ident) -> Self {
        Self { ident, table: None, arguments: None }
    }
}

/// An action of `ALTER`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// `ADD COLUMN`.
    AddColumn {
        /// Its name, where it stands.
        column: Ident,
        /// What it is.
        definition: Column,
        /// The constraints that come with it.
        constraints: Vec<Constraint>,
        /// Nothing happens when it is there.
        if_not_exists: bool,
    },
    /// `DROP COLUMN`.
    DropColumn {
        /// The column.
        column: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// What depends on it goes, too.
        cascade: bool,
    },
    /// `ALTER COLUMN … TYPE`.
    ColumnType {
        /// The column.
        column: Ident,
        /// The type.
        ty: Text,
        /// How its texts are compared.
        collation: Option<Name>,
        /// Whether it is said how values become values of the type.
        is_told: bool,
    },
    /// `ALTER COLUMN … SET DEFAULT`, `DROP DEFAULT`.
    Default(Ident, Option<Text>),
    /// `ALTER COLUMN … SET NOT NULL`, `DROP NOT NULL`.
    NotNull(Ident, bool),
    /// `ALTER COLUMN … ADD GENERATED`, `SET GENERATED`, `DROP IDENTITY`.
    Identity {
        /// The column.
        column: Ident,
        /// How it is given; none, to give it no more.
        given: Option<Text>,
        /// It has to be one already.
        is_one: bool,
        /// Nothing happens when it is none.
        if_exists: bool,
    },
    /// `ALTER COLUMN … DROP EXPRESSION`.
    DropExpression {
        /// The column.
        column: Ident,
        /// Nothing happens when it has none.
        if_exists: bool,
    },
    /// `ALTER COLUMN … SET STORAGE`, `SET COMPRESSION`, `SET STATISTICS`: the property's first word,
    /// and all of it.
    ColumnOption(Ident, &'static str, Option<Text>),
    /// `ADD CONSTRAINT`.
    AddConstraint {
        /// Where it stands.
        place: Ident,
        /// What it is.
        constraint: Constraint,
        /// The index that it takes over.
        index: Option<Ident>,
    },
    /// `DROP CONSTRAINT`.
    DropConstraint {
        /// The constraint.
        name: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// What depends on it goes, too.
        cascade: bool,
    },
    /// `VALIDATE CONSTRAINT`.
    ValidateConstraint(Ident),
    /// `ALTER CONSTRAINT`: what is said behind it now.
    AlterConstraint(Ident, Text),
    /// `RENAME TO`.
    Rename(Ident),
    /// `RENAME COLUMN`, and the same of an attribute.
    RenameColumn(Ident, Ident),
    /// `RENAME CONSTRAINT`.
    RenameConstraint(Ident, Ident),
    /// `RENAME VALUE`, as it is written.
    RenameValue(Ident, String, String),
    /// `ADD VALUE`.
    AddValue {
        /// Where it stands.
        place: Ident,
        /// The value.
        value: String,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// Before (true) or behind (false) this one; else at the end.
        beside: Option<(bool, String)>,
    },
    /// `SET SCHEMA`.
    SetSchema(Ident),
    /// A property, by the words that it begins with, and all of it; none, to be without.
    Set(&'static str, Option<Text>),
    /// `OWNED BY`.
    OwnedBy(Option<(Ident, Ident)>),
    /// `INHERIT`.
    Inherit(Ident),
    /// `ATTACH PARTITION`: the partition, and which rows are in it.
    AttachPartition(Ident, Text),
    /// `NO INHERIT`.
    NoInherit(Ident),
}
