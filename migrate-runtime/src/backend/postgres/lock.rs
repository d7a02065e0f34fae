//! The lock that keeps runners apart, and what proves that it is held.
//!
//! A pooler in transaction mode gives a client another session with each transaction, and a session
//! to one client after the other. So a run that takes the lock marks the session that has it, and
//! each of its transactions proves mark and lock before it does anything. A run that is given another
//! session stops there; one that is given the marked session of another run does not begin. What
//! remains unnoticed is a pooler that, as long as the run lasts, happens to give this client one and
//! the same session and nobody else a turn that matters: then the session is its own.
use std::fmt::Write as _;
use std::time::Instant;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::fault::{self, LEDGER_DIFFERS, LOCK_LOST};
use super::session::{Session, TRANSACTION_TIMEOUT};
use super::{mark, prepared, query};
use crate::backend::{LEDGER, mentions};
use crate::code::{self, CodeResult};

/// Opens a transaction: proves the lock, and keeps Diesel's own harness from writing the ledger
/// meanwhile, which knows no other lock. Readers pass. Then proves that the ledger agrees. All in one
/// round trip.
pub(super) fn begin(
    conn: &mut PgConnection,
    session: &Session,
    agrees: Option<(&str, bool)>,
) -> QueryResult<()> {
    let lock_timeout = session.lock_timeout.as_millis();
    let sql = format!(
        "BEGIN;\nSET LOCAL lock_timeout = {lock_timeout};\n{}\
         SET LOCAL idle_in_transaction_session_timeout = '60s';\n\
         LOCK TABLE {}__diesel_schema_migrations IN SHARE ROW EXCLUSIVE MODE;\n{}{}",
        endless(session, "SET LOCAL"),
        session.home,
        prepared::prepare(session),
        prepared::begin(session, agrees)
    );
    let begun = timed(session, "", || conn.batch_execute(&sql));
    match &begun {
        Ok(()) => {
            session.prepared.set();
            session.deferred.replace(Some(String::new()));
        }
        Err(error) => {
            // What is prepared stays so, whatever becomes of the transaction.
            if fault::says(error, LEDGER_DIFFERS) {
                session.prepared.set();
            }
            // The first error is the one to tell.
            let _ = conn.batch_execute("ROLLBACK");
        }
    }
    begun
}

/// The same for a version that is applied, or is not; whether the ledger agrees.
pub(super) fn begin_step(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
    is_applied: bool,
) -> QueryResult<bool> {
    match begin(conn, session, Some((version, is_applied))) {
        Err(error) if fault::says(&error, LEDGER_DIFFERS) => Ok(false),
        result => result.map(|()| true),
    }
}

/// Commits, with what was kept until now.
pub(super) fn commit(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    let deferred = session.deferred.take().unwrap_or_default();
    let sql = format!("{}{deferred}COMMIT", prepared::prepare(session));
    session.prepared.set();
    conn.batch_execute(&sql).map_err(|error| match &error {
        // Diesel's harness takes no lock: it was at the same, and came first.
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.table_name() == Some(LEDGER[0]) =>
        {
            fault::own(LEDGER_DIFFERS)
        }
        _ => error,
    })
}

pub(super) fn rollback(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    session.deferred.take();
    // Without a transaction, a warning.
    conn.batch_execute("ROLLBACK")
}

/// Makes ready for a statement outside of transactions: proves that this is the marked session and
/// holds the lock.
///
/// What works `CONCURRENTLY` waits for old transactions, and a timeout would leave an index behind
/// that is not valid; nobody has to wait behind it.
pub(super) fn before_bare(
    conn: &mut PgConnection,
    session: &Session,
    statement: &str,
) -> QueryResult<()> {
    let waits = mentions(statement, "concurrently");
    let lock_timeout = if waits { 0 } else { session.lock_timeout.as_millis() };
    let holds = format!("{} AND {}", mark::is_marked(session), mark::holds_lock(session));
    let (fence, endless) = (query::assertion(&holds, LOCK_LOST), endless(session, "SET"));
    conn.batch_execute(&format!("SELECT {fence};\n{endless}SET lock_timeout = {lock_timeout}"))
}

/// A migration may take as long as it takes.
fn endless(session: &Session, set: &str) -> String {
    let mut sql = format!("{set} statement_timeout = 0;\n");
    if session.own(TRANSACTION_TIMEOUT).is_some() {
        // Writing to a String cannot fail.
        let _ = writeln!(sql, "{set} {TRANSACTION_TIMEOUT} = 0;");
    }
    sql
}

/// Executes a statement.
pub(super) fn execute(
    conn: &mut PgConnection,
    session: &Session,
    statement: &str,
) -> QueryResult<()> {
    let is_copy = statement.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy"));
    if is_copy && mentions(statement, "stdin") {
        return Err(fault::own(
            "`COPY … FROM STDIN` waits for data that a migration cannot send. Use `INSERT`",
        ));
    }
    timed(session, statement, || conn.batch_execute(statement))
}

/// Runs a migration's code, of which this is the text.
pub(super) fn call(
    conn: &mut PgConnection,
    session: &Session,
    function: fn(&mut PgConnection) -> CodeResult,
    text: &str,
    is_inside: bool,
) -> QueryResult<()> {
    timed(session, text, || match is_inside {
        true => code::call_inside(conn, function),
        false => code::call_outside(conn, function),
    })
}

fn timed(session: &Session, text: &str, work: impl FnOnce() -> QueryResult<()>) -> QueryResult<()> {
    if ["discard", "deallocate"].iter().any(|word| mentions(text, word)) {
        session.prepared.doubt();
    }
    let started = Instant::now();
    work().map_err(|error| match session.is_translated {
        true => fault::untranslated(error, session.lock_timeout, started.elapsed()),
        false => error,
    })
}
