//! Statements, whatever the dialect: the small set that checks look at.

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

/// The name of an object, as the database compares it: unquoted, and in lower case where its case
/// does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// A name from its unquoted text, where case does not count.
    #[must_use]
    pub fn new(unquoted: &str) -> Self {
        Self(unquoted.to_ascii_lowercase())
    }

    /// A name from its text as the database compares it.
    #[must_use]
    pub fn folded(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
