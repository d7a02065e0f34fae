//! What a run finds and changes on its session.
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::connection::{
    AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::prelude::*;

use super::fault::{IN_TRANSACTION, LOCK_LOST, own};
use super::query;
use crate::backend::{Obstacle, Terms};
use crate::history::Cell;

/// How long a statement waits for a lock: whoever comes behind it waits as long (measured: with
/// 500 ms, a reader waited 0.3 s behind a waiting `ALTER TABLE`; without, as long as that did).
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The oldest server with `sha256`: 11.
const OLDEST: u32 = 110_000;
/// `client_connection_check_interval` came with 14.
const NOTICES_DEAD_CLIENTS: u32 = 140_000;

/// What answers in PostgreSQL's name and keeps no session locks, or none that a run can count on.
const OTHERS: [(&str, &str); 3] =
    [("CockroachDB", "CockroachDB"), ("-YB-", "YugabyteDB"), ("Redshift", "Amazon Redshift")];

/// A run's session.
#[derive(Debug)]
pub struct Session {
    /// What the session is marked with: behind a pooler, another session lacks it.
    pub(super) run: String,
    /// The key of the lock.
    pub(super) key: i64,
    /// The schema with the ledger, quoted and with its dot.
    pub(super) home: String,
    pub(super) lock_timeout: Duration,
    /// Whether the server's messages may be in another language than English.
    pub(super) is_translated: bool,
    /// The settings that a run changes, or a migration may, as they were.
    settings: Vec<(&'static str, String)>,
}

/// What is restored at the end. The role stands first: it decides what may be set.
const SETTINGS: [&str; 8] = [
    "role",
    "search_path",
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "application_name",
    CHECK_INTERVAL,
    MESSAGES,
];
const CHECK_INTERVAL: &str = "client_connection_check_interval";
const MESSAGES: &str = "lc_messages";

/// The ledger is where Diesel finds it, or would make it. The key of the lock is made of database,
/// schema and table: programs with ledgers of their own do not wait for each other.
const FACTS: &str = "
SELECT ARRAY[
    current_setting('server_version_num'),
    (pg_is_in_recovery() OR current_setting('transaction_read_only')::bool)::text,
    (SELECT setting FROM pg_settings WHERE name = 'lock_timeout'),
    current_setting('is_superuser'),
    quote_ident(schema) || '.',
    ('x' || left(encode(sha256(
        convert_to('cargo-migrate', 'UTF8') || nul || convert_to('v1', 'UTF8') || nul
        || convert_to(current_database(), 'UTF8') || nul
        || convert_to(coalesce(schema, ''), 'UTF8') || nul
        || convert_to('__diesel_schema_migrations', 'UTF8')
    ), 'hex'), 16))::bit(64)::bigint::text
] AS cells
FROM (SELECT decode('00', 'hex') AS nul, coalesce(
    (SELECT nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid = to_regclass('__diesel_schema_migrations')),
    current_schema()
)::text AS schema) AS place";

/// Looks whether a run is possible, and marks the session.
pub(super) fn enter(conn: &mut PgConnection, terms: &Terms) -> Result<Session, Obstacle> {
    refuse_open_transaction(conn)?;
    refuse_others(conn)?;
    let facts = query::row(conn, FACTS, &[])?.unwrap_or_default();
    let [version, read_only, lock_timeout, superuser, home, key]: [Cell; 6] =
        facts.try_into().unwrap_or_default();
    let version: u32 = number(version).unwrap_or(0);
    if version < OLDEST {
        return Err(Obstacle::Unsupported("this PostgreSQL is older than version 11".to_owned()));
    }
    if read_only.as_deref() != Some("false") {
        return Err(Obstacle::ReadOnly);
    }
    let Some(home) = home else {
        let what = "no schema of this session's `search_path` exists, so there is no place for \
                    the ledger";
        return Err(Obstacle::Unsupported(what.to_owned()));
    };
    let is_superuser = superuser.as_deref() == Some("on");
    let is_there = |name: &&str| match *name {
        CHECK_INTERVAL => version >= NOTICES_DEAD_CLIENTS,
        // Only a superuser may change it.
        MESSAGES => is_superuser,
        _ => true,
    };
    let names: Vec<&'static str> = SETTINGS.into_iter().filter(is_there).collect();
    let values: Vec<String> =
        names.iter().map(|name| format!("current_setting('{name}')")).collect();
    let sql =
        format!("SELECT ARRAY[current_setting('{MESSAGES}'), {}] AS cells", values.join(", "));
    let mut values = query::row(conn, &sql, &[])?.unwrap_or_default().into_iter().flatten();
    let messages = values.next().unwrap_or_default();
    let settings: Vec<_> = names.into_iter().zip(values).collect();
    let session = Session {
        run: terms.run.clone(),
        key: number(key).unwrap_or(0),
        home,
        lock_timeout: lock_timeout_of(terms, number(lock_timeout).unwrap_or(0)),
        is_translated: !is_superuser && !is_english(&messages),
        settings,
    };
    mark(conn, &session)?;
    Ok(session)
}

/// A `BEGIN` inside a transaction is but a warning here.
fn refuse_open_transaction(conn: &mut PgConnection) -> Result<(), Obstacle> {
    if is_in_transaction(conn) {
        return Err(Obstacle::InTransaction);
    }
    // Diesel does not know of one that was opened with a plain `BEGIN`; the clock does: a
    // transaction begins with its first statement. As one simple query, since the messages of a
    // prepared one come at different times.
    conn.batch_execute(&format!(
        "SELECT CASE WHEN now() = statement_timestamp() THEN 0 \
         ELSE ('{IN_TRANSACTION} since ' || now())::int END"
    ))?;
    Ok(())
}

/// Whether Diesel knows of an open transaction.
pub(super) fn is_in_transaction(conn: &mut PgConnection) -> bool {
    match AnsiTransactionManager::transaction_manager_status_mut(conn) {
        TransactionManagerStatus::Valid(status) => status.transaction_depth().is_some(),
        TransactionManagerStatus::InError => false,
    }
}

fn refuse_others(conn: &mut PgConnection) -> Result<(), Obstacle> {
    let row = query::row(conn, "SELECT ARRAY[version()::text] AS cells", &[])?;
    let version = row.into_iter().flatten().flatten().next().unwrap_or_default();
    match other(&version) {
        Some(what) => Err(Obstacle::Unsupported(format!("this is {what}, not PostgreSQL"))),
        None => Ok(()),
    }
}

/// What a server is that is not PostgreSQL.
fn other(version: &str) -> Option<&str> {
    let known = OTHERS.iter().find(|(text, _)| version.contains(text)).map(|(_, name)| *name);
    known.or_else(|| (!version.starts_with("PostgreSQL ")).then_some(version))
}

fn number<T: std::str::FromStr>(cell: Cell) -> Option<T> {
    cell?.parse().ok()
}

/// The shortest of ours, the run's and the session's own. Zero would mean "for ever" here.
fn lock_timeout_of(terms: &Terms, own_ms: u64) -> Duration {
    let ours = LOCK_TIMEOUT.min(terms.lock_timeout);
    let shortest = if own_ms == 0 { ours } else { ours.min(Duration::from_millis(own_ms)) };
    shortest.max(Duration::from_millis(1))
}

fn is_english(locale: &str) -> bool {
    locale.is_empty()
        || ["C", "POSIX"].contains(&locale)
        || ["en", "C.", "English"].iter().any(|start| locale.starts_with(start))
}

/// Marks the session, unless it bears the mark of another run: then two runs share it, as behind a
/// pooler.
fn mark(conn: &mut PgConnection, session: &Session) -> Result<(), Obstacle> {
    let own = |name: &str| session.settings.iter().find(|(own, _)| *own == name);
    let application = own("application_name").map_or("", |(_, value)| value);
    let application = format!("cargo-migrate:{} {application}", std::process::id());
    let mut sets = "set_config('cargo_migrate.run', $1, false), \
                    set_config('application_name', $2, false)"
        .to_owned();
    if own(MESSAGES).is_some() {
        sets.push_str(", set_config('lc_messages', 'C', false)");
    }
    let sql = format!(
        "SELECT ARRAY[{sets}] AS cells \
         WHERE coalesce(current_setting('cargo_migrate.run', true), '') = ''"
    );
    if query::row(conn, &sql, &[&session.run, application.trim_end()])?.is_none() {
        return Err(Obstacle::NoSession);
    }
    if own(CHECK_INTERVAL).is_some() {
        // So that the server notices when this process is gone, and gives the lock back. Not every
        // operating system lets it.
        let sql = format!(
            "SELECT ARRAY[set_config('{CHECK_INTERVAL}', '5s', false)] AS cells \
             WHERE {IS_MARKED}"
        );
        let _ = query::row(conn, &sql, &[&session.run]);
    }
    Ok(())
}

/// Whether this is the session that was marked; the first parameter is the mark.
pub(super) const IS_MARKED: &str = "current_setting('cargo_migrate.run', true) = $1";

/// Gives the session back as it was; the lock too, should it not have been found when that was to
/// be given back.
pub(super) fn leave(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    let unlock = format!(
        "CASE WHEN {} THEN pg_advisory_unlock({})::text END",
        holds_lock(session),
        session.key
    );
    restore(conn, session, &[unlock], settings.chain([("cargo_migrate.run", "")]))
}

/// Whether this session holds the lock.
pub(super) fn holds_lock(session: &Session) -> String {
    let [a, b, c, d, e, f, g, h] = session.key.to_be_bytes();
    let (high, low) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    format!(
        "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() \
         AND classid = {high} AND objid = {low} AND objsubid = 1 AND granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
}

/// Takes back what a script may have set that the ledger's rows and the next migration must not
/// depend on.
pub(super) fn reclaim(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    let settings = session.settings.iter().map(|(name, value)| (*name, value.as_str()));
    restore(conn, session, &[], settings.filter(|(name, _)| ["role", "search_path"].contains(name)))
}

fn restore<'s>(
    conn: &mut PgConnection,
    session: &Session,
    first: &[String],
    settings: impl Iterator<Item = (&'s str, &'s str)>,
) -> QueryResult<()> {
    let set = |(name, value)| format!("set_config('{name}', {}, false)", query::literal(value));
    let all: Vec<String> = first.iter().cloned().chain(settings.map(set)).collect();
    marked(conn, session, &all.join(", ")).map(drop)
}

/// Selects this in the session that bears the mark. A pooler may have to be asked a few times,
/// until it gives that one again.
pub(super) fn marked(
    conn: &mut PgConnection,
    session: &Session,
    what: &str,
) -> QueryResult<Vec<Cell>> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let sql = format!("SELECT ARRAY[{what}] AS cells WHERE {IS_MARKED}");
    let started = Instant::now();
    loop {
        if let Some(cells) = query::row(conn, &sql, &[&session.run])? {
            return Ok(cells);
        }
        if started.elapsed() > PATIENCE {
            return Err(own(LOCK_LOST));
        }
        sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_postgresql_is_known_by_its_version() {
        let postgresql = "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu";
        assert_eq!(other(postgresql), None);
        let cockroach = "CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)";
        assert_eq!(other(cockroach), Some("CockroachDB"));
        assert_eq!(other("PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64"), Some("YugabyteDB"));
        let redshift = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.61191";
        assert_eq!(other(redshift), Some("Amazon Redshift"));
        assert_eq!(other("something else 1.0"), Some("something else 1.0"));
    }

    #[test]
    fn the_shortest_patience_holds_and_is_never_endless() {
        let terms = |ms| Terms { run: String::new(), lock_timeout: Duration::from_millis(ms) };
        let timeout = |run, own| lock_timeout_of(&terms(run), own).as_millis();
        assert_eq!(timeout(60_000, 0), 2000);
        assert_eq!(timeout(60_000, 300), 300);
        assert_eq!(timeout(60_000, 5000), 2000);
        assert_eq!(timeout(700, 0), 700);
        assert_eq!(timeout(0, 0), 1);
    }

    #[test]
    fn languages_are_told_by_their_locale() {
        for english in ["", "C", "POSIX", "C.UTF-8", "en_GB.utf8", "English_United States.1252"] {
            assert!(is_english(english), "{english}");
        }
        for other in ["de_DE.UTF-8", "cs_CZ", "German_Germany.1252"] {
            assert!(!is_english(other), "{other}");
        }
    }
}
