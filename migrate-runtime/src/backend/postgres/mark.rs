//! The mark that a run leaves on its session, and what it sets there.
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::pg::PgConnection;

use super::fault::{LOCK_LOST, own};
use super::query;
use super::session::{CHECK_INTERVAL, MESSAGES, Session};
use crate::backend::Obstacle;
use crate::history::Cell;

/// Whether this is the session that was marked; the first parameter is the mark.
pub(super) const IS_MARKED: &str = "current_setting('cargo_migrate.run', true) = $1";

/// Marks the session, unless it bears the mark of another run: then two runs share it, as behind a
/// pooler. The server's process for it.
pub(super) fn set(conn: &mut PgConnection, session: &Session) -> Result<String, Obstacle> {
    let application = session.own("application_name").unwrap_or_default();
    let application = format!("cargo-migrate:{} {application}", std::process::id());
    let mut sets = "set_config('cargo_migrate.run', $1, false), \
                    set_config('application_name', $2, false)"
        .to_owned();
    if session.own(MESSAGES).is_some() {
        sets.push_str(", set_config('lc_messages', 'C', false)");
    }
    let sql = format!(
        "SELECT ARRAY[pg_backend_pid()::text, {sets}] AS cells \
         WHERE coalesce(current_setting('cargo_migrate.run', true), '') = ''"
    );
    let marked = query::row(conn, &sql, &[&session.run, application.trim_end()])?;
    let pid = marked.into_iter().flatten().flatten().next().ok_or(Obstacle::NoSession)?;
    if session.own(CHECK_INTERVAL).is_some() {
        // So that the server notices when this process is gone, and gives the lock back. Not every
        // operating system lets it.
        let sql = format!(
            "SELECT ARRAY[set_config('{CHECK_INTERVAL}', '5s', false)] AS cells \
             WHERE {IS_MARKED}"
        );
        let _ = query::row(conn, &sql, &[&session.run]);
    }
    Ok(pid)
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

/// Gives the session back as it was; the lock too, should it not have been found when that was to
/// be given back.
pub(super) fn take_off(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    let holds_lock = holds_lock(session);
    let key = session.key;
    let unlock = format!("CASE WHEN {holds_lock} THEN pg_advisory_unlock({key})::text END");
    restore(conn, session, &[unlock], settings.chain([("cargo_migrate.run", "")]))
}

/// Takes back what a script may have set that the ledger's rows and the next migration must not
/// depend on; `RESET ALL` takes off the mark, too.
pub(super) fn reclaim(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    let settings = settings.filter(|(name, _)| ["role", "search_path"].contains(name));
    restore(conn, session, &[], settings.chain([("cargo_migrate.run", session.run.as_str())]))
}

fn restore<'s>(
    conn: &mut PgConnection,
    session: &Session,
    first: &[String],
    settings: impl Iterator<Item = (&'s str, &'s str)>,
) -> QueryResult<()> {
    let set = |(name, value)| format!("set_config('{name}', {}, false)", query::literal(value));
    let all: Vec<String> = first.iter().cloned().chain(settings.map(set)).collect();
    on_marked(conn, session, &all.join(", ")).map(drop)
}

/// Selects this in the session that bears the mark, or bore it until a script took it off.
///
/// A pooler may have to be asked a few times, until it gives that one again. When it does not, the
/// session must not keep the lock from everybody: it is ended, once nobody is at work in it.
pub(super) fn on_marked(
    conn: &mut PgConnection,
    session: &Session,
    what: &str,
) -> QueryResult<Vec<Cell>> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let sql = format!(
        "SELECT ARRAY[{what}] AS cells WHERE {IS_MARKED} OR pg_backend_pid() = $2::int \
         AND coalesce(current_setting('cargo_migrate.run', true), '') = ''"
    );
    let started = Instant::now();
    loop {
        if let Some(cells) = query::row(conn, &sql, &[&session.run, &session.pid])? {
            return Ok(cells);
        }
        if started.elapsed() > PATIENCE || is_settled(conn, session)? {
            return Err(own(LOCK_LOST));
        }
        sleep(Duration::from_millis(10));
    }
}

/// Whether there is nothing to look for: this is the session, and bears another run's mark; or it
/// has been ended now.
fn is_settled(conn: &mut PgConnection, session: &Session) -> QueryResult<bool> {
    let sql = format!(
        "SELECT ARRAY[CASE WHEN pid = pg_backend_pid() THEN true ELSE pg_terminate_backend(pid) \
         END::text] AS cells FROM pg_stat_activity WHERE pid = $1::int \
         AND (pid = pg_backend_pid() OR state = 'idle' AND {})",
        has_lock(session, "$1::int")
    );
    let settled = query::row(conn, &sql, &[&session.pid])?;
    Ok(settled.is_some_and(|cells| cells == [Some("true".to_owned())]))
}
