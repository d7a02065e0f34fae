//! The mark that a run leaves on its session, and what it sets there.
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;

use super::fault::{LOCK_LOST, own};
use super::session::{CHECK_INTERVAL, MESSAGES, Session};
use super::{prepared, query};
use crate::history::Cell;

/// Whether this is the session that was marked; the first parameter is the mark.
const IS_MARKED: &str = "current_setting('cargo_migrate.run', true) = $1";

/// For how long the marked session is looked for, and then the end of its process waited for.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// Takes the lock and marks the session, both or neither; whether it did. Fails where the session
/// bears the mark of another run: then two runs share it, as behind a pooler.
pub(super) fn try_lock(conn: &mut PgConnection, session: &Session) -> QueryResult<bool> {
    let own_name = session.own("application_name").unwrap_or_default();
    let name = format!("cargo-migrate:{} {own_name}", std::process::id());
    let mut sets = "set_config('cargo_migrate.run', $1, false), \
                    set_config('application_name', $2, false)"
        .to_owned();
    if session.own(MESSAGES).is_some() {
        sets.push_str(", set_config('lc_messages', 'C', false)");
    }
    let sql = format!(
        "SELECT CASE WHEN coalesce(current_setting('cargo_migrate.run', true), '') <> '' \
         THEN ARRAY['shared'] WHEN pg_try_advisory_lock({}) \
         THEN ARRAY['taken', pg_backend_pid()::text, {sets}] ELSE ARRAY['busy'] END AS cells",
        session.key
    );
    let cells = query::row(conn, &sql, &[&session.run, name.trim_end()])?;
    let mut cells = cells.into_iter().flatten().flatten();
    match cells.next().as_deref() {
        Some("taken") => session.marked.replace(cells.next()),
        Some("busy") => return Ok(false),
        _ => return Err(own(LOCK_LOST)),
    };
    if session.own(CHECK_INTERVAL).is_some() {
        // So that the server notices when this process is gone, and gives the lock back. Not every
        // operating system lets it.
        let sql = format!(
            "SELECT ARRAY[set_config('{CHECK_INTERVAL}', '5s', false)] AS cells \
             WHERE {IS_MARKED}"
        );
        let _ = query::row(conn, &sql, &[&session.run]);
    }
    Ok(true)
}

/// Whether this session holds the lock.
pub(super) fn holds_lock(session: &Session) -> String {
    has_lock(session, "pg_backend_pid()")
}

/// Whether this process of the server's holds the lock.
fn has_lock(session: &Session, pid: &str) -> String {
    let [a, b, c, d, e, f, g, h] = session.key.to_be_bytes();
    let (high, low) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    format!(
        "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = {pid} \
         AND classid = {high} AND objid = {low} AND objsubid = 1 AND granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
}

/// Gives back the lock, and the session as it was: whether it held the lock. A session that is not
/// marked is as it was.
pub(super) fn take_off(conn: &mut PgConnection, session: &Session) -> QueryResult<bool> {
    let Some(pid) = session.marked.take() else { return Ok(true) };
    for forget in prepared::forget(session) {
        // It fails where a script was faster, and in another session, as behind a pooler.
        let _ = conn.batch_execute(&forget);
    }
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    let unlock = format!(
        "CASE WHEN {} THEN pg_advisory_unlock({})::text END",
        holds_lock(session),
        session.key
    );
    let sets = settings.chain([("cargo_migrate.run", "")]).map(set);
    let all: Vec<String> = [unlock].into_iter().chain(sets).collect();
    let cells = on_marked(conn, session, &pid, &all.join(", "))?;
    Ok(cells.first().is_some_and(Option::is_some))
}

/// Takes back what a script may have set that the ledger's rows and the next migration must not
/// depend on; `RESET ALL` takes off the mark, too. A statement, which fails in any other session.
pub(super) fn reclaim(session: &Session) -> String {
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    let settings = settings.filter(|(name, _)| ["role", "search_path"].contains(name));
    let sets: Vec<String> =
        settings.chain([("cargo_migrate.run", session.run.as_str())]).map(set).collect();
    let pid = session.marked.borrow();
    let is_ours =
        format!("({} OR {})", is_marked(session), is_unmarked(pid.as_deref().unwrap_or("NULL")));
    format!("SELECT {}, {}", query::assertion(&is_ours, LOCK_LOST), sets.join(", "))
}

fn set((name, value): (&str, &str)) -> String {
    format!("set_config('{name}', {}, false)", query::literal(value))
}

/// Whether this is the session that was marked.
pub(super) fn is_marked(session: &Session) -> String {
    IS_MARKED.replace("$1", &query::literal(&session.run))
}

/// Whether this is the marked session, and nobody else holds the lock: which then is this
/// transaction's too, until its end. To look it up in `pg_locks` takes the server four times as long.
pub(super) fn has_mark_and_lock(session: &Session) -> String {
    format!("{} AND pg_try_advisory_xact_lock({})", is_marked(session), session.key)
}

/// Whether this is the server's process for the session, and a script took the mark off.
fn is_unmarked(pid: &str) -> String {
    format!(
        "pg_backend_pid() = {pid}::int \
         AND coalesce(current_setting('cargo_migrate.run', true), '') = ''"
    )
}

/// Selects this in the session that bears the mark, or bore it until a script took it off.
///
/// A pooler may have to be asked a few times, until it gives that one again. When it does not, the
/// session must not keep the lock from everybody: it is ended, once nobody is at work in it.
fn on_marked(
    conn: &mut PgConnection,
    session: &Session,
    pid: &str,
    what: &str,
) -> QueryResult<Vec<Cell>> {
    // One statement, for the next one may reach another session. PgBouncer remembers what a client is
    // called, and calls whatever session it gives so: any other one than the marked one gets back its
    // name alone.
    let sql = format!(
        "SELECT CASE WHEN {IS_MARKED} OR {} THEN ARRAY['marked', {what}] \
         ELSE ARRAY[{}, set_config('application_name', $3, false)] END AS cells",
        is_unmarked("$2"),
        elsewhere(session, "$2")
    );
    let name = session.own("application_name").unwrap_or_default();
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let mut cells = query::row(conn, &sql, &[&session.run, pid, name])?.unwrap_or_default();
        let found = cells.drain(..cells.len().min(1)).next().flatten();
        match found.as_deref() {
            Some("marked") => return Ok(cells),
            Some("another") => break,
            Some("ended") => {
                wait_until_free(conn, session, pid)?;
                break;
            }
            _ => sleep(PAUSE),
        }
    }
    Err(own(LOCK_LOST))
}

/// What is known of the session where its mark is not seen: this is it, and bears `another` run's
/// mark; or it has been `ended` now; or nothing.
fn elsewhere(session: &Session, pid: &str) -> String {
    format!(
        "CASE WHEN pg_backend_pid() = {pid}::int THEN 'another' ELSE \
         (SELECT CASE WHEN pg_terminate_backend(pid) THEN 'ended' END FROM pg_stat_activity \
         WHERE pid = {pid}::int AND state = 'idle' AND {}) END",
        has_lock(session, &format!("{pid}::int"))
    )
}

/// Waits until the process has given back the lock: one that was told to end holds it until it has,
/// and whoever hears of a lost lock should find it free.
fn wait_until_free(conn: &mut PgConnection, session: &Session, pid: &str) -> QueryResult<()> {
    let sql = format!("SELECT ARRAY['held'] AS cells WHERE {}", has_lock(session, "$1::int"));
    let started = Instant::now();
    while started.elapsed() < PATIENCE && query::row(conn, &sql, &[pid])?.is_some() {
        sleep(PAUSE);
    }
    Ok(())
}
