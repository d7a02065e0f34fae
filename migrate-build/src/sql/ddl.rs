//! Statements, whatever the dialect: the small set that checks look at.

use std::fmt;

use super::name::Name;
use super::schema::{Column as Field, Constraint, Ident, Index, Table, Trigger, View};
use super::transaction::{Mode, Trace};
use crate::source::Span;

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text, the semicolon left out.
    pub span: Span,
    /// What it does.
    pub kind: StatementKind,
    /// How it gets on with transactions, in this dialect.
    pub mode: Mode,
    /// For [`Mode::Once`]: what shows whether it ran; none when nothing does.
    pub traces: Vec<Trace>,
    /// What it does to the schema.
    pub effect: Effect,
}

/// What a statement does to the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing: it is about the session, or about a transaction.
    #[default]
    None,
    /// It changes it.
    Schema(Box<Ddl>),
    /// It makes, changes or drops what dies with the connection.
    Temporary(Name),
    /// It reads or writes rows.
    Rows(Rows),
    /// It cannot be told what: why.
    Opaque(&'static str),
}

/// Why nothing is told of a statement in a dialect whose schemas are not followed.
pub(crate) const NOT_FOLLOWED: &str = "schemas are followed on SQLite only, so far";

/// A change of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ddl {
    /// `CREATE TABLE`.
    CreateTable {
        /// Its name.
        table: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// What it is.
        definition: Table,
        /// What it is filled from reads these.
        reads: Vec<Ident>,
    },
    /// `CREATE INDEX`.
    CreateIndex {
        /// Its name.
        index: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// The table's name, where it stands.
        table: Ident,
        /// The columns that are its parts, where they stand.
        columns: Vec<Ident>,
        /// What it is.
        definition: Index,
    },
    /// `CREATE VIEW`.
    CreateView {
        /// Its name.
        view: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// What it is.
        definition: View,
        /// What its query reads, where it stands.
        reads: Vec<Ident>,
    },
    /// `CREATE TRIGGER`.
    CreateTrigger {
        /// Its name.
        trigger: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// The table's name, where it stands.
        table: Ident,
        /// What it is.
        definition: Trigger,
    },
    /// `DROP`.
    Drop {
        /// What kind of object.
        class: Class,
        /// Its name.
        name: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `ALTER TABLE`.
    AlterTable {
        /// The table.
        table: Ident,
        /// What is done to it.
        action: TableAction,
    },
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableAction {
    /// `RENAME TO`.
    Rename {
        /// The name after.
        to: Ident,
    },
    /// `RENAME COLUMN`.
    RenameColumn {
        /// The name before.
        column: Ident,
        /// The name after.
        to: Ident,
    },
    /// `ADD COLUMN`.
    AddColumn {
        /// Its name, where it stands.
        column: Ident,
        /// What it is.
        definition: Field,
        /// The constraints that come with it.
        constraints: Vec<Constraint>,
    },
    /// `DROP COLUMN`.
    DropColumn {
        /// The column.
        column: Ident,
    },
}

/// A kind of object that has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
}

/// As people call it.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::View => "view",
            Self::Trigger => "trigger",
        })
    }
}

/// What a statement does with rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The table that is written.
    pub target: Option<Ident>,
    /// The columns of it that are named.
    pub columns: Vec<Ident>,
    /// How many values each row has that is written, where that can be seen.
    pub values: Option<usize>,
    /// The tables that are read.
    pub reads: Vec<Ident>,
}

/// What a statement does, with the names that checks ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatementKind {
    /// `CREATE TABLE`.
    CreateTable {
        /// The table.
        table: Name,
        /// Dies with the connection.
        temporary: bool,
        /// The columns; none for `CREATE TABLE … AS`.
        columns: Vec<Column>,
    },
    /// `DROP TABLE`.
    DropTable {
        /// The tables.
        tables: Vec<Name>,
    },
    /// `ALTER TABLE … RENAME TO`.
    RenameTable {
        /// The name before.
        table: Name,
        /// The name after.
        to: Name,
    },
    /// `ALTER TABLE … ADD COLUMN`.
    AddColumn {
        /// The column.
        column: Column,
    },
    /// Every other `ALTER TABLE`.
    AlterTable,
    /// `ALTER TYPE … ADD VALUE`.
    AddEnumValue {
        /// The type.
        name: Name,
        /// The value, without its quotes.
        value: String,
    },
    /// `CREATE` of something else than a table.
    Create {
        /// Dies with the connection.
        temporary: bool,
    },
    /// `ALTER` of something else than a table.
    Alter,
    /// `DROP` of something else than a table.
    Drop,
    /// `INSERT`, `REPLACE`.
    Insert {
        /// Rows in the way are deleted (`OR REPLACE`).
        replaces: bool,
    },
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `TRUNCATE`.
    Truncate,
    /// `SELECT`.
    Select,
    /// `PRAGMA name = value`, in lower case.
    Pragma {
        /// The name.
        name: String,
        /// Sets something, rather than asks.
        sets: bool,
    },
    /// Opens a transaction: `BEGIN`.
    Begin,
    /// Ends a transaction: `COMMIT`, `END`, `ROLLBACK`.
    EndTransaction,
    /// `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`.
    Savepoint,
    /// `ATTACH`, `DETACH`.
    Attach,
    /// `VACUUM`.
    Vacuum,
    /// `ANALYZE`, `REINDEX`, `EXPLAIN`: nothing that a schema or its data would show.
    Maintenance,
    /// `SET`, `PREPARE`, `LISTEN`: about the session.
    Session,
    /// `DO`, `CALL`, `EXECUTE`: runs code that is not read, and may do anything.
    Code,
    /// Everything else: `GRANT`, `COMMENT`, `COPY`, `LOCK`.
    Other,
}

/// A column as its table's statement defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// As it is written, quotes and all.
    pub written: String,
    /// The words of its type, in the order of the text; none when it has no type.
    pub type_words: Vec<String>,
}
