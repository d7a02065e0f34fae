//! What keeps a statement from being applied.

use crate::source::Span;
use crate::sql::schema::{ForeignKey, Path, Text};
use crate::sql::{Class, Name};

/// Something is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name that it is about.
    pub span: Span,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Nothing of this name is there.
    Unknown {
        /// What was looked for; the first decides how it is called.
        class: Class,
        /// Its name.
        name: Path,
        /// One that is there, and nearly called so.
        near: Option<Path>,
    },
    /// What is there is something else.
    OtherClass {
        /// Its name.
        name: Path,
        /// What it is.
        is: Class,
    },
    /// Something of this name is there.
    Duplicate {
        /// What it is.
        is: Class,
        /// Its name.
        name: Path,
    },
    /// The table has no such column.
    UnknownColumn {
        /// The table.
        table: Path,
        /// The column.
        column: Name,
        /// One that it has, and that is nearly called so.
        near: Option<Name>,
    },
    /// The table has this column.
    DuplicateColumn {
        /// The table.
        table: Path,
        /// The column.
        column: Name,
    },
    /// Something would be left that names what goes.
    StillNamed {
        /// What goes: a table's column.
        column: Name,
        /// What names it.
        by: String,
    },
    /// The table has no such constraint.
    UnknownConstraint {
        /// The constraint.
        constraint: Name,
        /// One that it has, and that is nearly called so.
        near: Option<Name>,
    },
    /// The table has a constraint of this name.
    DuplicateConstraint {
        /// The constraint.
        constraint: Name,
    },
    /// Something would be left that needs what goes.
    StillNeeded {
        /// What goes.
        is: Class,
        /// Its name.
        name: Path,
        /// What needs it.
        by: String,
    },
    /// A view or a trigger names what is not there, and the database alters nothing while it does.
    Broken {
        /// The view or trigger.
        by: String,
        /// What is not there.
        name: Path,
    },
    /// A foreign key cannot refer to what it names.
    Reference {
        /// The foreign key.
        key: Box<ForeignKey>,
        /// Why not.
        why: Mismatch,
    },
    /// A column that two tables of a query have, and nothing says which is meant.
    Ambiguous {
        /// The column.
        column: Name,
        /// The tables, or what the query calls them.
        tables: [Name; 2],
    },
    /// The database refuses it for what the column is.
    Refused(&'static str),
    /// There are more or fewer values than columns.
    ValueCount {
        /// How many columns.
        columns: usize,
        /// How many values.
        values: usize,
    },
}

/// Why a foreign key cannot refer to what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The table is not there.
    NoTable,
    /// It names no columns, and the table has no primary key.
    NoPrimaryKey,
    /// No key of the table is over just these columns.
    NoKey,
    /// No index of the table begins with these columns, which is what MySQL asks for.
    NoIndex,
    /// It has more or fewer columns than it refers to.
    Count,
    /// The database does not compare the two types in a foreign key.
    Types {
        /// Of the column that refers.
        own: Text,
        /// Of the one that it refers to.
        other: Text,
    },
}
