//! PostgreSQL: an advisory lock of the session keeps runners apart, and each migration has a
//! transaction of its own, in which the ledger's table is locked against Diesel's own harness.
//!
//! The lock is polled: who waits for it holds a snapshot, and `CREATE INDEX CONCURRENTLY` would
//! wait for that (measured: the waiter dies of the deadlock).
use diesel::QueryResult;
use diesel::pg::PgConnection;
use diesel::result::Error as DieselError;

use super::{
    Copied, Engine, Entry, ExclusiveError, Fault, Loss, Obstacle, Progress, Remains, Sought, Terms,
};
use crate::code::{self, Code};
use crate::history::Ledger;
use crate::journal::Unfinished;
use crate::migrations::Dialect;

mod fault;
mod guard;
mod holder;
mod ledger;
mod lock;
mod look;
mod mark;
mod prepared;
mod query;
mod session;

use session::Session;

impl Engine for PgConnection {
    const DIALECT: Dialect = Dialect::Postgres;
    const SESSION_LOCK: bool = true;
    const READ_ONLY_HELP: &'static str = "Connect to the primary server, not to a standby, and \
        see that `default_transaction_read_only` is off for this role and database";
    const LOCK_LOST_HELP: &'static str = "A pooler in transaction mode (PgBouncer, or a provider's \
        pooled port) gives the connection another session with each transaction: use the \
        database's direct address, or a pool in session mode. Or a migration gave the lock back \
        itself (`DISCARD ALL`, `RESET ALL`, `pg_advisory_unlock_all()`): take that out. Or an \
        earlier run on this connection was cut off by a panic: open a new one";

    type Session = Session;
    type Exclusive = ();
    type Watched = guard::Watched;

    fn read_ledger(&mut self, session: Option<&Session>) -> QueryResult<Ledger> {
        ledger::read(self, session)
    }

    fn create_ledger(&mut self, session: &Session) -> QueryResult<()> {
        ledger::create(self, session)
    }

    fn record(&mut self, session: &Session, entries: &[Entry]) -> QueryResult<()> {
        let mut rows = entries.iter().map(|entry| prepared::record(session, entry));
        rows.try_for_each(|rows| ledger::write(self, session, &rows))
    }

    fn note_copy(&mut self, session: &Session, copied: &Copied) -> QueryResult<()> {
        ledger::note_copy(self, session, copied)
    }

    fn erase(&mut self, session: &Session, versions: &[String]) -> QueryResult<()> {
        ledger::erase(self, session, versions)
    }

    fn open_journal(&mut self, session: &Session, unfinished: &Unfinished) -> QueryResult<()> {
        ledger::open_journal(self, session, unfinished)
    }

    fn advance_journal(
        &mut self,
        session: &Session,
        version: &str,
        progress: Progress,
    ) -> QueryResult<()> {
        ledger::advance_journal(self, session, version, progress)
    }

    fn close_journal(&mut self, session: &Session, version: &str) -> QueryResult<()> {
        ledger::close_journal(self, session, version)
    }

    fn enter(&mut self, terms: &Terms) -> Result<Session, Obstacle> {
        session::enter(self, terms)
    }

    fn reclaim(&mut self, session: &Session) -> QueryResult<()> {
        ledger::write(self, session, &prepared::reclaim(session))
    }

    fn leave(&mut self, session: &Session) -> QueryResult<()> {
        mark::take_off(self, session).map(drop)
    }

    fn try_lock(&mut self, session: &Session) -> QueryResult<bool> {
        mark::try_lock(self, session)
    }

    fn unlock(&mut self, session: &Session) -> QueryResult<()> {
        match mark::take_off(self, session) {
            Ok(false) => Err(fault::own(fault::LOCK_LOST)),
            result => result.map(drop),
        }
    }

    fn begin(&mut self, session: &Session) -> QueryResult<()> {
        lock::begin(self, session, None)
    }

    fn begin_step(
        &mut self,
        session: &Session,
        version: &str,
        is_applied: bool,
    ) -> QueryResult<bool> {
        lock::begin_step(self, session, version, is_applied)
    }

    fn commit(&mut self, session: &Session) -> QueryResult<()> {
        lock::commit(self, session)
    }

    fn rollback(&mut self, session: &Session) -> QueryResult<()> {
        lock::rollback(self, session)
    }

    fn execute(&mut self, session: &Session, statement: &str) -> QueryResult<()> {
        lock::execute(self, session, statement)
    }

    fn call(
        &mut self,
        session: &Session,
        code: Code,
        text: &str,
        is_inside: bool,
    ) -> QueryResult<()> {
        let Code::Postgres(function) = code else { return Err(code::own(code::ELSEWHERE)) };
        lock::call(self, session, function, text, is_inside)
    }

    fn before_bare(&mut self, session: &Session, statement: &str) -> QueryResult<()> {
        lock::before_bare(self, session, statement)
    }

    /// The session's lock is enough.
    fn try_exclusive(&mut self) -> Result<Option<()>, ExclusiveError> {
        Ok(Some(()))
    }

    fn holder(&mut self, session: Option<&Session>, statement: Option<&str>) -> Option<String> {
        match (session, statement) {
            (_, Some(statement)) => holder::of_statement(self, statement),
            (Some(session), None) => holder::of_run(self, session),
            (None, None) => None,
        }
    }

    fn look(&mut self, _: &Session, sought: Sought<'_>) -> QueryResult<Option<bool>> {
        look::look(self, sought)
    }

    fn remains(&mut self, sought: Sought<'_>) -> QueryResult<Remains> {
        look::remains(self, sought)
    }

    fn watch(
        &mut self,
        sql: &str,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<guard::Watched>> {
        guard::watch(self, sql, is_named).map(Some)
    }

    fn loss(
        &mut self,
        watched: guard::Watched,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Loss>> {
        guard::loss(self, &watched, is_named)
    }

    fn fault(error: &DieselError) -> Fault {
        fault::fault(error)
    }
}
