//! SQLite: `BEGIN IMMEDIATE` is the lock; a locked file beside the database is the one for work
//! outside of transactions.
use std::path::PathBuf;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{Copied, Engine, Entry, ExclusiveError, Fault, Loss, Obstacle, Progress, Terms};
use crate::code::{self, Code};
use crate::error::Violation;
use crate::history::Ledger;
use crate::journal::Unfinished;
use crate::migrations::Dialect;

mod exposure;
mod file_lock;
mod guard;
mod holder;
mod ledger;

/// How long SQLite itself waits for a lock before the runner looks up: whether it is to stop, and
/// whether time is up.
const SLICE_MS: i64 = 100;

/// How the name of the file ends that a run outside of transactions keeps locked, beside the
/// database's.
const LOCK_FILE: &str = "-migrate-lock";

/// The connection's settings before a run.
#[derive(Debug)]
pub struct Session {
    busy_timeout_ms: i64,
    foreign_keys: bool,
}

#[derive(QueryableByName)]
struct BusyTimeout {
    #[diesel(sql_type = BigInt)]
    timeout: i64,
}

#[derive(QueryableByName)]
struct ForeignKeys {
    #[diesel(sql_type = BigInt)]
    foreign_keys: i64,
}

#[derive(QueryableByName)]
struct DatabaseFile {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    file: Option<String>,
}

impl Engine for SqliteConnection {
    const DIALECT: Dialect = Dialect::Sqlite;
    const SESSION_LOCK: bool = false;
    const READ_ONLY_HELP: &'static str = "Check the permissions of the file and of its directory, \
        and that the connection is not opened read-only";
    const LOCK_LOST_HELP: &'static str = "";

    type Session = Session;
    type Exclusive = Option<file_lock::FileLock>;
    type Watched = Vec<(String, i64)>;

    fn read_ledger(&mut self, _: Option<&Session>) -> QueryResult<Ledger> {
        ledger::read(self)
    }

    fn create_ledger(&mut self, _: &Session) -> QueryResult<()> {
        ledger::create(self)
    }

    fn record(&mut self, _: &Session, entries: &[Entry]) -> QueryResult<()> {
        ledger::record(self, entries)
    }

    fn note_copy(&mut self, _: &Session, copied: &Copied) -> QueryResult<()> {
        ledger::note_copy(self, copied)
    }

    fn erase(&mut self, _: &Session, versions: &[String]) -> QueryResult<()> {
        ledger::erase(self, versions)
    }

    fn open_journal(&mut self, _: &Session, unfinished: &Unfinished) -> QueryResult<()> {
        ledger::open_journal(self, unfinished)
    }

    fn advance_journal(
        &mut self,
        _: &Session,
        version: &str,
        progress: Progress,
    ) -> QueryResult<()> {
        ledger::advance_journal(self, version, progress)
    }

    fn close_journal(&mut self, _: &Session, version: &str) -> QueryResult<()> {
        ledger::close_journal(self, version)
    }

    fn enter(&mut self, _: &Terms) -> Result<Session, Obstacle> {
        // As statements, not as tables: those would read the schema, and find it locked.
        let busy_timeout: BusyTimeout =
            diesel::sql_query("PRAGMA busy_timeout").get_result(self)?;
        let foreign_keys: ForeignKeys =
            diesel::sql_query("PRAGMA foreign_keys").get_result(self)?;
        set_busy_timeout(self, SLICE_MS)?;
        Ok(Session {
            busy_timeout_ms: busy_timeout.timeout,
            foreign_keys: foreign_keys.foreign_keys != 0,
        })
    }

    fn leave(&mut self, session: &Session) -> QueryResult<()> {
        let foreign_keys = self.enforce_foreign_keys(session.foreign_keys);
        set_busy_timeout(self, session.busy_timeout_ms)?;
        foreign_keys
    }

    fn enforces_foreign_keys(session: &Session) -> bool {
        session.foreign_keys
    }

    fn enforce_foreign_keys(&mut self, on: bool) -> QueryResult<()> {
        self.batch_execute(if on {
            "PRAGMA foreign_keys = ON"
        } else {
            "PRAGMA foreign_keys = OFF"
        })
    }

    /// Each transaction takes the lock itself.
    fn try_lock(&mut self, _: &Session) -> QueryResult<bool> {
        Ok(true)
    }

    fn unlock(&mut self, _: &Session) -> QueryResult<()> {
        Ok(())
    }

    fn begin(&mut self, _: &Session) -> QueryResult<()> {
        self.batch_execute("BEGIN IMMEDIATE")
    }

    fn commit(&mut self, _: &Session) -> QueryResult<()> {
        self.batch_execute("COMMIT")
    }

    fn rollback(&mut self, _: &Session) -> QueryResult<()> {
        match self.batch_execute("ROLLBACK") {
            // A full disk and some other failures roll back by themselves.
            Err(error) if message(&error).contains("no transaction is active") => Ok(()),
            result => result,
        }
    }

    fn call(&mut self, session: &Session, code: Code, _: &str, is_inside: bool) -> QueryResult<()> {
        let Code::Sqlite(function) = code else { return Err(code::own(code::ELSEWHERE)) };
        if is_inside {
            return code::call_inside(self, function);
        }
        // It is not tried again when somebody is in its way: so it waits itself, for as long as ever.
        set_busy_timeout(self, session.busy_timeout_ms)?;
        let called = code::call_outside(self, function);
        called.and(set_busy_timeout(self, SLICE_MS))
    }

    fn try_exclusive(&mut self) -> Result<Option<Self::Exclusive>, ExclusiveError> {
        let Some(file) = database_file(self).map_err(ExclusiveError::Database)? else {
            // In memory: nobody else can open it.
            return Ok(Some(None));
        };
        let mut path = file.into_os_string();
        path.push(LOCK_FILE);
        let path = PathBuf::from(path);
        match file_lock::FileLock::attempt(&path) {
            Ok(lock) => Ok(lock.map(Some)),
            Err(error) => Err(ExclusiveError::File(path, error)),
        }
    }

    fn holder(&mut self, _: Option<&Session>, _: Option<&str>) -> Option<String> {
        holder::find(&database_file(self).ok()??)
    }

    /// SQLite itself has waited for [`SLICE_MS`] already.
    fn pause(_: u32) -> Duration {
        Duration::from_millis(10)
    }

    fn foreign_key_violations(&mut self) -> QueryResult<Vec<Violation>> {
        guard::violations(self)
    }

    fn watch(
        &mut self,
        _: &str,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Self::Watched>> {
        guard::count_exposed(self, is_named)
    }

    fn loss(
        &mut self,
        watched: Self::Watched,
        _: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Loss>> {
        guard::first_loss(self, watched)
    }

    fn fault(error: &DieselError) -> Fault {
        // Diesel passes SQLite's result code on for constraints only; the texts of the others are
        // constants of SQLite's own.
        const KNOWN: [(&str, Fault); 10] = [
            ("database is locked", Fault::Busy),
            ("database table is locked", Fault::Busy),
            ("database schema is locked", Fault::Busy),
            ("attempt to write a readonly database", Fault::ReadOnly),
            // The journal beside it cannot be made: its directory is not writable.
            ("unable to open database file", Fault::ReadOnly),
            ("database or disk is full", Fault::Full),
            ("disk I/O error", Fault::Disk),
            ("file is not a database", Fault::Corrupt),
            ("database disk image is malformed", Fault::Corrupt),
            ("cannot start a transaction within a transaction", Fault::InTransaction),
        ];
        if let DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) = error {
            return Fault::ForeignKey;
        }
        let message = message(error);
        let known = KNOWN.iter().find(|(text, _)| message.starts_with(text));
        known.map_or(Fault::Statement, |(_, fault)| *fault)
    }
}

fn message(error: &DieselError) -> &str {
    match error {
        DieselError::DatabaseError(_, information) => information.message(),
        _ => "",
    }
}

fn set_busy_timeout(conn: &mut SqliteConnection, milliseconds: i64) -> QueryResult<()> {
    conn.batch_execute(&format!("PRAGMA busy_timeout = {milliseconds}"))
}

/// The file of the main database; `None` in memory.
fn database_file(conn: &mut SqliteConnection) -> QueryResult<Option<PathBuf>> {
    let files: Vec<DatabaseFile> = diesel::sql_query("PRAGMA database_list").load(conn)?;
    let main = files.into_iter().find(|file| file.name == "main").and_then(|main| main.file);
    Ok(main.filter(|file| !file.is_empty()).map(PathBuf::from))
}
