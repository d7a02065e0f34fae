//! The seam to a database: ledger SQL and lock SQL, nothing else. A further database is one more
//! file here; plan, runner and history stay.
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::Error as DieselError;

use crate::code::Code;
use crate::error::Violation;
use crate::history::Ledger;
use crate::journal::Unfinished;
use crate::migrations::{Checksum, Dialect, Object, Trace};
use crate::step::Step;
use crate::stored::StoredDown;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod words;

/// A connection that migrations can be run on. Not implementable elsewhere.
pub trait Backend: Engine {}

impl<C: Engine> Backend for C {}

/// What the runner needs of a database.
///
/// The lock of a run is either the transaction that [`begin`](Self::begin) opens (SQLite), or it
/// belongs to the session (`SESSION_LOCK`): then it is taken once, before the first transaction,
/// and proved before whatever must not be done without it.
pub trait Engine: SimpleConnection + Sized + 'static {
    /// The SQL it understands.
    const DIALECT: Dialect;
    /// Whether the lock of a run belongs to the session. If so, each migration has a transaction
    /// of its own, which is tried again when somebody is in the way of one of its statements; and
    /// the ledger's tables are made outside of all of them.
    const SESSION_LOCK: bool;
    /// What to do when the database cannot be written.
    const READ_ONLY_HELP: &'static str;
    /// How it can come that the session no longer holds the lock, and what to do.
    const LOCK_LOST_HELP: &'static str;

    /// What a run has to remember of its session: the settings as they were, where the ledger is.
    type Session;
    /// Keeps other runners away while work goes on outside of transactions; given up by dropping.
    /// With a session's lock there is nothing left to do.
    type Exclusive;
    /// What a table that must not lose rows had.
    type Watched;

    /// Reads the ledger as far as it exists. One statement in the steady state; writes nothing.
    /// Without a session: before a run, or where there is none.
    fn read_ledger(&mut self, session: Option<&Self::Session>) -> QueryResult<Ledger>;
    /// Makes the tables that are not there.
    fn create_ledger(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Whether Diesel's table has this version.
    fn is_applied(&mut self, session: &Self::Session, version: &str) -> QueryResult<bool> {
        let ledger = self.read_ledger(Some(session))?;
        Ok(ledger.applied.iter().any(|cells| cells[0].as_deref() == Some(version)))
    }
    /// Writes down that these are applied. What this and the next four do inside a transaction may
    /// wait until it is committed, and fail there.
    fn record(&mut self, session: &Self::Session, entries: &[Entry]) -> QueryResult<()>;
    /// Writes down where a copy of the database is: a row of the history without one of Diesel's, which
    /// nobody takes for a migration's.
    fn note_copy(&mut self, session: &Self::Session, copied: &Copied) -> QueryResult<()>;
    /// Takes back that these are applied.
    fn erase(&mut self, session: &Self::Session, versions: &[String]) -> QueryResult<()>;
    /// Writes the journal's row of a migration that begins.
    fn open_journal(&mut self, session: &Self::Session, unfinished: &Unfinished)
    -> QueryResult<()>;
    /// Moves it forward.
    fn advance_journal(
        &mut self,
        session: &Self::Session,
        version: &str,
        progress: Progress,
    ) -> QueryResult<()>;
    /// Removes it.
    fn close_journal(&mut self, session: &Self::Session, version: &str) -> QueryResult<()>;

    /// Looks whether a run is possible at all, and prepares the connection for it.
    fn enter(&mut self, terms: &Terms) -> Result<Self::Session, Obstacle>;
    /// Puts the connection back as it was.
    fn leave(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Whether foreign keys are enforced by a setting that a run has to switch.
    fn enforces_foreign_keys(_session: &Self::Session) -> bool {
        false
    }
    /// Switches enforcement; only outside of a transaction.
    fn enforce_foreign_keys(&mut self, _on: bool) -> QueryResult<()> {
        Ok(())
    }

    /// Tries once to take the lock of the run. Never waits for it: a waiter holds a snapshot, for
    /// which `CREATE INDEX CONCURRENTLY` in turn would wait.
    fn try_lock(&mut self, session: &Self::Session) -> QueryResult<bool>;
    /// Gives the lock of the run back; an error when it was not held.
    fn unlock(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Opens a transaction that holds the lock, or fails: with [`Fault::Busy`] soon, with
    /// [`Fault::LockLost`] when the session no longer has it. Then no transaction is open.
    fn begin(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// The same for a step of a version that is applied, or is not; whether the ledger agrees. If it
    /// does not, no transaction is open.
    fn begin_step(
        &mut self,
        session: &Self::Session,
        version: &str,
        is_applied: bool,
    ) -> QueryResult<bool> {
        self.begin(session)?;
        let agrees = self.is_applied(session, version).map(|applied| applied == is_applied);
        if !matches!(agrees, Ok(true)) {
            self.rollback(session)?;
        }
        agrees
    }
    /// Commits. Without a session's lock it may be tried again after [`Fault::Busy`].
    fn commit(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Rolls back, if there still is something to roll back; [`Fault::Remains`] where that did not
    /// take back all of it.
    fn rollback(&mut self, session: &Self::Session) -> QueryResult<()>;
    /// Executes a migration's statement.
    fn execute(&mut self, _session: &Self::Session, statement: &str) -> QueryResult<()> {
        self.batch_execute(statement)
    }
    /// Runs a migration's code, of which this is the text: inside of the open transaction or outside
    /// of all.
    fn call(
        &mut self,
        session: &Self::Session,
        code: Code,
        text: &str,
        is_inside: bool,
    ) -> QueryResult<()>;
    /// Takes back what a script may have set for the session that the ledger's rows and the next
    /// migration must not depend on (`search_path`); inside the script's transaction, when there
    /// is one.
    fn reclaim(&mut self, _session: &Self::Session) -> QueryResult<()> {
        Ok(())
    }
    /// Makes ready for a statement outside of transactions: proves that the session holds the lock
    /// (else [`Fault::LockLost`]), and sets the timeouts that this statement needs.
    fn before_bare(&mut self, _session: &Self::Session, _statement: &str) -> QueryResult<()> {
        Ok(())
    }
    /// Tries once to keep other runners away outside of transactions; `None` when one is at work.
    fn try_exclusive(&mut self) -> Result<Option<Self::Exclusive>, ExclusiveError>;
    /// Who is in the way, where that can be found out: of the run's lock, or of this statement,
    /// which was just rolled back.
    fn holder(
        &mut self,
        session: Option<&Self::Session>,
        statement: Option<&str>,
    ) -> Option<String>;
    /// How long to pause after so many attempts that found somebody in the way.
    fn pause(attempts: u32) -> Duration {
        backoff(Duration::from_millis(25), Duration::from_secs(1), attempts)
    }

    /// Whether what a statement brings about is there: the object exists that is to exist, or does
    /// not exist any more that is not to. `None` when that cannot be told.
    fn look(&mut self, _session: &Self::Session, _sought: Sought<'_>) -> QueryResult<Option<bool>> {
        Ok(None)
    }
    /// What an earlier attempt at a statement has left in its way.
    fn remains(&mut self, _sought: Sought<'_>) -> QueryResult<Remains> {
        Ok(Remains::None)
    }
    /// Rows that refer to rows that are not there.
    fn foreign_key_violations(&mut self) -> QueryResult<Vec<Violation>> {
        Ok(Vec::new())
    }
    /// Notes, inside a transaction, what the tables have that `is_named` does not claim. `None`: no
    /// table can lose rows by what is done to others.
    fn watch(
        &mut self,
        sql: &str,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Self::Watched>>;
    /// The first of them that has lost rows since.
    fn loss(
        &mut self,
        watched: Self::Watched,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Loss>>;

    /// What kind of failure this is.
    fn fault(error: &DieselError) -> Fault;
}

/// How a run is to go.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "SQLite needs none of it")]
pub struct Terms {
    /// Tells this run from every other one.
    pub(crate) run: String,
    /// How long it waits when somebody is in the way.
    pub(crate) lock_timeout: Duration,
}

/// How far a migration outside of a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many of its statements are done.
    pub(crate) next: usize,
    /// Whether the one behind them was sent.
    pub(crate) started: bool,
    /// A hash of all these.
    pub(crate) done: u64,
}

/// A [`Trace`] with its names.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    pub(crate) object: Object,
    pub(crate) exists: bool,
    /// As the script writes it.
    pub(crate) name: &'a str,
    /// As the script writes it; empty where the name is enough.
    pub(crate) table: &'a str,
}

impl<'a> Sought<'a> {
    pub(crate) fn new(step: &'a Step<'_>, trace: &Trace) -> Self {
        let written = |(start, end): (u32, u32)| &step.sql()[start as usize..end as usize];
        Self {
            object: trace.object,
            exists: trace.exists,
            name: written(trace.name),
            table: written(trace.table),
        }
    }
}

/// What an attempt that failed or was cut off has left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remains {
    /// Nothing.
    None,
    /// Somebody is still at it.
    UnderWork {
        /// Who.
        by: String,
    },
    /// Something that is of no use to anybody.
    Useless {
        /// The statement that removes it, which cannot run in a transaction either.
        removal: String,
    },
}

/// Rows that went from a table that a migration does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub(crate) table: String,
    /// How many; `None`: all, and the table with them.
    pub(crate) lost: Option<i64>,
    /// How many it had, where they were counted.
    pub(crate) before: Option<i64>,
}

/// Why no run can begin on a connection.
#[derive(Debug)]
pub enum Obstacle {
    /// The database failed.
    Database(DieselError),
    /// It takes no writes.
    ReadOnly,
    /// A transaction is open already.
    InTransaction,
    /// Its session cannot be relied on to keep a lock.
    NoSession,
    /// It is none that a run could be made safe on: what it is.
    Unsupported(String),
}

impl From<DieselError> for Obstacle {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

/// The ledger's tables.
pub(crate) const LEDGER: [&str; 3] =
    ["__diesel_schema_migrations", "__migrate_history", "__migrate_journal"];

/// What the ledger's rows say of who ran a migration.
pub(crate) const TOOL: &str = concat!("migrate-runtime ", env!("CARGO_PKG_VERSION"));

/// Whether a word, in lower case, occurs in a text, in any case: all that is read of SQL here.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// Twice as long after each attempt, as far as `longest`; then a random part of the last quarter
/// is left out, so that two who wait do not stay in step.
pub(crate) fn backoff(first: Duration, longest: Duration, attempts: u32) -> Duration {
    let pause = first.saturating_mul(1 << attempts.min(16)).min(longest);
    let random = RandomState::new().build_hasher().finish();
    pause - pause / 4 * u32::from(random.to_le_bytes()[0]) / 255
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
    /// What ran it.
    pub(crate) tool: String,
}

/// A copy of the database, as the history has it.
#[derive(Clone, Debug)]
pub struct Copied {
    /// In the place of a version, which has no blank.
    pub(crate) key: String,
    /// Where it is.
    pub(crate) place: String,
    /// The batch that it was made for.
    pub(crate) batch: i64,
    pub(crate) started_at: i64,
    pub(crate) duration_ms: i64,
    pub(crate) tool: &'static str,
}

impl Copied {
    /// The columns that are written.
    pub(crate) const COLUMNS: [&str; 8] =
        ["version", "run_on", "name", "batch", "ord", "started_at", "duration_ms", "tool"];
    /// As many characters of the place as the history has room for.
    pub(crate) const LONGEST_PLACE: usize = 255;

    /// Their values. It was made at no time of Diesel's, and has no place in the order.
    pub(crate) fn values(&self) -> [String; 8] {
        [
            self.key.clone(),
            String::new(),
            self.place.chars().take(Self::LONGEST_PLACE).collect(),
            self.batch.to_string(),
            "0".to_owned(),
            self.started_at.to_string(),
            self.duration_ms.to_string(),
            self.tool.to_owned(),
        ]
    }
}

/// What kind of failure a database error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Somebody else holds a lock, or two were in each other's way; trying again may help.
    Busy,
    /// The connection is gone, and with it the transaction that was open.
    Lost,
    /// The session does not hold the lock of the run.
    LockLost,
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
    /// What was rolled back remains in part: not all tables have transactions.
    Remains,
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
