//! What can go wrong, with all that a caller needs to say it or to act on it.
use std::path::PathBuf;
use std::time::Duration;

use crate::migrations::{Dialect, Object};
use crate::outcome::{Named, Outcome};
use crate::step::Direction;

mod display;
mod place;
mod plan;

pub use place::Place;
pub(crate) use place::said;
pub use plan::PlanError;

/// Why a run, a plan or a look at the database failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The lock was not obtained in time.
    Locked {
        /// How long was waited.
        waited: Duration,
        /// Who holds it, where that can be found out (`pid 1234 (name)`).
        holder: Option<String>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// A statement failed, and nothing of its migration remains.
    Statement(Box<StatementError>),
    /// A migration that runs outside of a transaction stopped half way. In MySQL these are all that
    /// change the schema.
    HalfWay(Box<HalfWay>),
    /// Rows vanished from a table that the migration does not name. Rolled back.
    RowLoss(Box<RowLoss>),
    /// Rows refer to rows that are not there. Rolled back.
    ForeignKeys(Box<ForeignKeyViolations>),
    /// Set and history do not fit together, or the goal cannot be reached. Nothing was touched.
    Plan(PlanError),
    /// The set is written in another database's SQL.
    WrongDialect {
        /// The set's.
        set: Dialect,
        /// The connection's.
        connection: Dialect,
    },
    /// Migrations cannot be run safely on this database.
    Unsupported {
        /// What it is.
        what: String,
    },
    /// The connection is already inside a transaction.
    InTransaction,
    /// The session does not keep the lock of the run. What was under way was rolled back.
    LockLost {
        /// How that can come about, and what to do.
        help: &'static str,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The connection was lost. Its transaction went with it: nothing of that remains.
    ConnectionLost {
        /// The statement, when it was a migration's.
        at: Option<Box<Place>>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The connection was lost while a transaction was being committed: these are either done and
    /// recorded, or untouched. The next run finds out which.
    CommitUnknown {
        /// What the transaction was for.
        migrations: Vec<Named>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// What was under way failed, and was not rolled back as a whole: tables without transactions
    /// (MySQL's MyISAM, Aria, MEMORY) keep what was written there.
    RolledBackInPart {
        /// The statement, when it was a migration's.
        at: Option<Box<Place>>,
        /// Why it failed.
        message: String,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The caller asked to stop. The transaction under way was rolled back.
    Cancelled {
        /// The migration outside of a transaction that stopped half way, and its next statement.
        half_way: Option<Box<Place>>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// While this run waited, another one applied something newer than what is to be reverted.
    Moved {
        /// What was applied meanwhile.
        newer: Vec<Named>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The database cannot be written.
    ReadOnly {
        /// The statement, when it was a migration's.
        at: Option<Box<Place>>,
        /// What to do about it.
        help: &'static str,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// There is no room left. Rolled back.
    DiskFull {
        /// The statement, when it was a migration's.
        at: Option<Box<Place>>,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// Reading or writing failed. Rolled back.
    DiskFailed {
        /// The statement, when it was a migration's.
        at: Option<Box<Place>>,
        /// What the database said.
        message: String,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The file is no database, or a damaged one (SQLite).
    NotADatabase {
        /// What the database said.
        message: String,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// The file that keeps runners apart could not be made or locked (SQLite).
    LockFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The ledger holds what nobody wrote there.
    Ledger(Damaged),
    /// There is no backup, and nothing was changed.
    Backup {
        /// Why.
        message: String,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
    /// Anything else that the database refused.
    Database {
        /// What was being done.
        during: &'static str,
        /// What the database said.
        source: diesel::result::Error,
        /// What was committed before.
        outcome: Box<Outcome>,
    },
}

/// A statement failed, and nothing of its migration remains.
#[derive(Debug)]
pub struct StatementError {
    /// The statement.
    pub place: Place,
    /// What the database said.
    pub message: String,
    /// What was committed, and what is left.
    pub outcome: Outcome,
}

/// A migration that runs outside of a transaction, or ends each that is open, stopped half way. Its
/// journal stays.
#[derive(Debug)]
pub struct HalfWay {
    /// The migration.
    pub migration: Named,
    /// Which way it was going.
    pub direction: Direction,
    /// How many of its statements are done.
    pub done: usize,
    /// How many it has.
    pub of: usize,
    /// Why it does not go on.
    pub reason: HalfWayReason,
    /// What was committed, and what is left.
    pub outcome: Outcome,
}

/// Why a migration that stands half way does not go on.
#[derive(Debug)]
pub enum HalfWayReason {
    /// The next statement failed. A run goes on from there once the rest of the file is mended.
    Failed {
        /// The statement.
        place: Place,
        /// What the database said.
        message: String,
    },
    /// The next statement failed and yet did a part of its work, which no transaction took back.
    Partly {
        /// The statement.
        place: Place,
        /// What the database said.
        message: String,
        /// What was looked for.
        evidence: Vec<Evidence>,
    },
    /// This statement, long done, made something that died with the connection (a temporary
    /// table), and what follows may need it.
    SessionLost {
        /// The statement.
        place: Place,
    },
    /// The connection was lost over this statement, which may be done or may not. The next run
    /// looks.
    ConnectionLost {
        /// The statement.
        place: Place,
    },
    /// An earlier run was cut off in this statement, and the database does not show whether it is
    /// done.
    CannotTell {
        /// The statement.
        place: Place,
        /// What was looked for; empty when there is nothing that would show it.
        evidence: Vec<Evidence>,
    },
    /// The statements that are done no longer stand in the file as they were executed.
    Changed {
        /// The file.
        path: String,
    },
    /// The script is neither in the set nor in the ledger.
    Gone,
    /// This run is to go the other way.
    OtherDirection,
}

/// Something that a statement brings about or does away with, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What kind of object.
    pub object: Object,
    /// Its name, as the script writes it.
    pub name: String,
    /// The table that it belongs to, as the script writes it; empty where its name is enough.
    pub table: String,
    /// Whether it is there; `None` when that could not be told.
    pub is_there: Option<bool>,
}

/// Rows vanished from a table that the migration does not name.
#[derive(Debug)]
pub struct RowLoss {
    /// The migration.
    pub migration: Named,
    /// Which way it was going.
    pub direction: Direction,
    /// The table.
    pub table: String,
    /// How many of its rows; `None`: all of them, and where they were counted, the table too.
    pub lost: Option<i64>,
    /// How many it had, where they were counted.
    pub before: Option<i64>,
    /// What was committed, and what is left.
    pub outcome: Outcome,
}

/// Rows refer to rows that are not there.
#[derive(Debug)]
pub struct ForeignKeyViolations {
    /// The migration, or all that it may have been.
    pub migrations: Vec<Named>,
    /// The first of them, at most ten.
    pub rows: Vec<Violation>,
    /// How many there are.
    pub count: usize,
    /// What was committed, and what is left.
    pub outcome: Outcome,
}

/// A row that refers to one that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    /// The row's table.
    pub table: String,
    /// The row; `None` in a table without row ids.
    pub rowid: Option<i64>,
    /// The table it refers to.
    pub parent: String,
}

/// The ledger holds what nobody wrote there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl Damaged {
    pub(crate) fn new(table: &'static str, column: &'static str, problem: &str) -> Self {
        Self { table, column, problem: problem.to_owned() }
    }
}

impl Error {
    /// What the run did before it failed, and what is left; `None` when it had not begun.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Statement(error) => Some(&error.outcome),
            Self::HalfWay(error) => Some(&error.outcome),
            Self::RowLoss(error) => Some(&error.outcome),
            Self::ForeignKeys(error) => Some(&error.outcome),
            Self::Locked { outcome, .. }
            | Self::LockLost { outcome, .. }
            | Self::ConnectionLost { outcome, .. }
            | Self::CommitUnknown { outcome, .. }
            | Self::RolledBackInPart { outcome, .. }
            | Self::Cancelled { outcome, .. }
            | Self::Moved { outcome, .. }
            | Self::ReadOnly { outcome, .. }
            | Self::DiskFull { outcome, .. }
            | Self::DiskFailed { outcome, .. }
            | Self::NotADatabase { outcome, .. }
            | Self::Backup { outcome, .. }
            | Self::Database { outcome, .. } => Some(outcome),
            Self::Plan(_)
            | Self::WrongDialect { .. }
            | Self::Unsupported { .. }
            | Self::InTransaction
            | Self::LockFile { .. }
            | Self::Ledger(_) => None,
        }
    }

    pub(crate) fn outcome_mut(&mut self) -> Option<&mut Outcome> {
        match self {
            Self::Statement(error) => Some(&mut error.outcome),
            Self::HalfWay(error) => Some(&mut error.outcome),
            Self::RowLoss(error) => Some(&mut error.outcome),
            Self::ForeignKeys(error) => Some(&mut error.outcome),
            Self::Locked { outcome, .. }
            | Self::LockLost { outcome, .. }
            | Self::ConnectionLost { outcome, .. }
            | Self::CommitUnknown { outcome, .. }
            | Self::RolledBackInPart { outcome, .. }
            | Self::Cancelled { outcome, .. }
            | Self::Moved { outcome, .. }
            | Self::ReadOnly { outcome, .. }
            | Self::DiskFull { outcome, .. }
            | Self::DiskFailed { outcome, .. }
            | Self::NotADatabase { outcome, .. }
            | Self::Backup { outcome, .. }
            | Self::Database { outcome, .. } => Some(outcome),
            Self::Plan(_)
            | Self::WrongDialect { .. }
            | Self::Unsupported { .. }
            | Self::InTransaction
            | Self::LockFile { .. }
            | Self::Ledger(_) => None,
        }
    }

    /// The statement that the database refused, and what it said; `None` when it was none's fault.
    #[must_use]
    pub fn refused(&self) -> Option<(&Place, &str)> {
        match self {
            Self::Statement(error) => Some((&error.place, &error.message)),
            Self::HalfWay(half_way) => match &half_way.reason {
                HalfWayReason::Failed { place, message }
                | HalfWayReason::Partly { place, message, .. } => Some((place, message)),
                _ => None,
            },
            Self::RolledBackInPart { at: Some(place), message, .. } => Some((place, message)),
            _ => None,
        }
    }

    /// The statement at which the run failed, when it was at one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::ReadOnly { at, .. }
            | Self::DiskFull { at, .. }
            | Self::DiskFailed { at, .. }
            | Self::ConnectionLost { at, .. } => at.as_deref(),
            other => other.refused().map(|(place, _)| place),
        }
    }

    /// Whether a migration stands half way: applied in part, and not rolled back.
    #[must_use]
    pub fn is_half_way(&self) -> bool {
        matches!(
            self,
            Self::HalfWay(_)
                | Self::Cancelled { half_way: Some(_), .. }
                | Self::RolledBackInPart { .. }
        )
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Plan(error) => Some(error),
            Self::LockFile { source, .. } => Some(source),
            Self::Ledger(error) => Some(error),
            Self::Database { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl std::error::Error for Damaged {}

impl From<Damaged> for Error {
    fn from(error: Damaged) -> Self {
        Self::Ledger(error)
    }
}
