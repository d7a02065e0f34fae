//! What keeps a statement from being applied.

use crate::source::Span;
use crate::sql::schema::Path;
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
