//! The seam to a database: ledger SQL and lock SQL, nothing else. A further database is one more
//! file here; plan, runner and history stay.
use std::io;
use std::path::PathBuf;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::Error as DieselError;

use crate::error::Violation;
use crate::history::Ledger;
use crate::journal::Unfinished;
use crate::migrations::Checksum;
use crate::stored::StoredDown;

#[cfg(feature = "sqlite")]
mod sqlite;

/// A connection that migrations can be run on. Not implementable elsewhere.
pub trait Backend: Engine {}

impl<C: Engine> Backend for C {}

/// What the runner needs of a database.
pub trait Engine: SimpleConnection + Sized {
    /// The settings of the connection that a run changes, as they were.
    type Session;
    /// Keeps other runners away while work goes on outside of transactions; given up by dropping.
    type Exclusive;

    /// Reads the ledger as far as it exists. One statement in the steady state; writes nothing.
    fn read_ledger(&mut self) -> QueryResult<Ledger>;
    /// Makes the tables that are not there.
    fn create_ledger(&mut self) -> QueryResult<()>;
    /// Writes down that these are applied.
    fn record(&mut self, entries: &[Entry]) -> QueryResult<()>;
    /// Takes back that these are applied.
    fn erase(&mut self, versions: &[String]) -> QueryResult<()>;
    /// Writes the journal's row of a migration that begins.
    fn open_journal(&mut self, unfinished: &Unfinished) -> QueryResult<()>;
    /// Moves it forward.
    fn advance_journal(&mut self, version: &str, next: usize, done: u64) -> QueryResult<()>;
    /// Removes it.
    fn close_journal(&mut self, version: &str) -> QueryResult<()>;

    /// Prepares the connection for a run.
    fn enter(&mut self) -> QueryResult<Self::Session>;
    /// Puts the connection back as it was.
    fn leave(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Whether foreign keys are enforced by a setting that a run has to switch.
    fn enforces_foreign_keys(session: &Self::Session) -> bool;
    /// Switches enforcement; only outside of a transaction.
    fn enforce_foreign_keys(&mut self, on: bool) -> QueryResult<()>;

    /// Opens a transaction that holds the lock, or fails with [`Fault::Busy`] soon.
    fn begin(&mut self) -> QueryResult<()>;
    /// Commits; after [`Fault::Busy`] it may be tried again.
    fn commit(&mut self) -> QueryResult<()>;
    /// Rolls back, if there still is something to roll back.
    fn rollback(&mut self) -> QueryResult<()>;
    /// Tries once to keep other runners away outside of transactions; `None` when one is at work.
    fn try_exclusive(&mut self) -> Result<Option<Self::Exclusive>, ExclusiveError>;
    /// Who holds the database, where that can be found out.
    fn holder(&mut self) -> Option<String>;

    /// Rows that refer to rows that are not there.
    fn foreign_key_violations(&mut self) -> QueryResult<Vec<Violation>>;
    /// The tables that may lose rows, by a cascade or a trigger, when those that `is_named` claims
    /// change; the latter left out. `None`: no table can, whatever changes.
    fn exposed_tables(
        &mut self,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Vec<String>>>;
    /// The number of a table's rows; `None` when there is no such table.
    fn count_rows(&mut self, table: &str) -> QueryResult<Option<i64>>;

    /// What kind of failure this is.
    fn fault(error: &DieselError) -> Fault;
}

/// An applied migration on its way into the ledger.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) batch: i64,
    pub(crate) order: i64,
    pub(crate) checksum: Checksum,
    pub(crate) tokens: u64,
    pub(crate) down: Option<StoredDown>,
    pub(crate) started_at: i64,
    pub(crate) duration_ms: i64,
}

/// What kind of failure a database error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Somebody else holds a lock; trying again may help.
    Busy,
    /// The database cannot be written.
    ReadOnly,
    /// No room is left.
    Full,
    /// Reading or writing failed.
    Disk,
    /// No database, or a damaged one.
    Corrupt,
    /// A transaction is open already.
    InTransaction,
    /// Rows refer to rows that are not there.
    ForeignKey,
    /// The statement itself is at fault.
    Statement,
}

/// Why the lock for work outside of transactions could not be tried.
#[derive(Debug)]
pub enum ExclusiveError {
    /// The database did not say where it is.
    Database(DieselError),
    /// The file could not be made or locked.
    File(PathBuf, io::Error),
}
