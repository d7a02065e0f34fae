//! What a run finds and changes on its session.
use std::cell::RefCell;
use std::time::Duration;

use diesel::connection::{
    AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::fault::{IN_TRANSACTION, fault};
use super::prepared::Prepared;
use super::query;
use crate::backend::{Fault, Obstacle, Terms};
use crate::history::Cell;

/// How long a statement waits for a lock: whoever comes behind it waits as long (measured: with
/// 500 ms, a reader waited 0.3 s behind a waiting `ALTER TABLE`; without, as long as that did).
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The oldest version with `sha256`.
const OLDEST: u32 = 11;

/// What answers in PostgreSQL's name and keeps no session locks, or none that a run can count on.
const OTHERS: [(&str, &str); 3] =
    [("CockroachDB", "CockroachDB"), ("-YB-", "YugabyteDB"), ("Redshift", "Amazon Redshift")];

/// A run's session.
#[derive(Debug)]
pub struct Session {
    /// What the session is marked with while it has the lock: behind a pooler, another one lacks it.
    pub(super) run: String,
    /// The server's process for the session that is marked, if one is.
    pub(super) marked: RefCell<Option<String>>,
    /// The key of the lock.
    pub(super) key: i64,
    /// The schema with the ledger, quoted and with its dot.
    pub(super) home: String,
    pub(super) lock_timeout: Duration,
    /// Whether the server's messages may be in another language than English.
    pub(super) is_translated: bool,
    /// The settings that a run changes, or a migration may, as they were.
    pub(super) settings: Vec<(&'static str, String)>,
    /// What every migration needs.
    pub(super) prepared: Prepared,
    /// In a transaction of the run's: what goes to the server together with `COMMIT`.
    pub(super) deferred: RefCell<Option<String>>,
}

impl Session {
    /// What a setting was before the run; `None` where the server does not know it.
    pub(super) fn own(&self, name: &str) -> Option<&str> {
        let own = self.settings.iter().find(|(own, _)| *own == name);
        own.map(|(_, value)| value.as_str())
    }

    /// Keeps a statement for the end of the open transaction; false where none is.
    pub(super) fn defer(&self, sql: &str) -> bool {
        let mut deferred = self.deferred.borrow_mut();
        let Some(deferred) = deferred.as_mut() else { return false };
        deferred.push_str(sql);
        deferred.push_str(";\n");
        true
    }
}

/// What is restored at the end, where the server knows it. The role stands first: it decides what
/// may be set.
const SETTINGS: [&str; 9] = [
    "role",
    "search_path",
    "lock_timeout",
    "statement_timeout",
    TRANSACTION_TIMEOUT,
    "idle_in_transaction_session_timeout",
    "application_name",
    CHECK_INTERVAL,
    MESSAGES,
];
/// Since PostgreSQL 17.
pub(super) const TRANSACTION_TIMEOUT: &str = "transaction_timeout";
/// Since PostgreSQL 14.
pub(super) const CHECK_INTERVAL: &str = "client_connection_check_interval";
/// Only a superuser may change it.
pub(super) const MESSAGES: &str = "lc_messages";

/// The ledger is where Diesel finds it, or would make it. The key of the lock is made of database,
/// schema and table: programs with ledgers of their own do not wait for each other.
fn facts() -> String {
    let settings = SETTINGS.map(|name| format!("current_setting('{name}', true)")).join(", ");
    format!(
        "SELECT ARRAY[
            version(),
            (pg_is_in_recovery() OR current_setting('transaction_read_only')::bool)::text,
            (SELECT setting FROM pg_settings WHERE name = 'lock_timeout'),
            current_setting('is_superuser'),
            quote_ident(schema) || '.',
            ('x' || left(encode(sha256(
                convert_to('cargo-migrate', 'UTF8') || nul || convert_to('v1', 'UTF8') || nul
                || convert_to(current_database(), 'UTF8') || nul
                || convert_to(coalesce(schema, ''), 'UTF8') || nul
                || convert_to('__diesel_schema_migrations', 'UTF8')
            ), 'hex'), 16))::bit(64)::bigint::text,
            {settings}
        ] AS cells
        FROM (SELECT decode('00', 'hex') AS nul, coalesce(
            (SELECT nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.oid = to_regclass('__diesel_schema_migrations')),
            current_schema()
        )::text AS schema) AS place"
    )
}

/// Looks whether a run is possible.
pub(super) fn enter(conn: &mut PgConnection, terms: &Terms) -> Result<Session, Obstacle> {
    refuse_open_transaction(conn)?;
    let mut facts = match query::row(conn, &facts(), &[]) {
        Ok(facts) => facts.unwrap_or_default().into_iter(),
        Err(error) => return Err(misunderstood(conn, error)),
    };
    let mut fact = || facts.next().flatten();
    if let Some(what) = fact().and_then(|version| unsupported(&version)) {
        return Err(Obstacle::Unsupported(what));
    }
    if fact().as_deref() != Some("false") {
        return Err(Obstacle::ReadOnly);
    }
    let lock_timeout = lock_timeout_of(terms, number(fact()).unwrap_or(0));
    let is_superuser = fact().as_deref() == Some("on");
    let Some(home) = fact() else {
        let what = "no schema of this session's `search_path` exists, so there is no place for \
                    the ledger";
        return Err(Obstacle::Unsupported(what.to_owned()));
    };
    let key = number(fact()).unwrap_or(0);
    let mut settings: Vec<(&'static str, String)> =
        SETTINGS.into_iter().zip(facts).filter_map(|(name, value)| Some((name, value?))).collect();
    let messages = |(name, value): &(&str, String)| *name == MESSAGES && !is_english(value);
    let is_translated = !is_superuser && settings.iter().any(messages);
    settings.retain(|(name, _)| *name != MESSAGES || is_superuser);
    let run = terms.run.clone();
    Ok(Session {
        run,
        marked: RefCell::default(),
        key,
        home,
        lock_timeout,
        is_translated,
        settings,
        prepared: Prepared::default(),
        deferred: RefCell::default(),
    })
}

/// Why a server does not understand what every PostgreSQL does, as far as it says what it is.
fn misunderstood(conn: &mut PgConnection, error: DieselError) -> Obstacle {
    if fault(&error) != Fault::Statement {
        return Obstacle::Database(error);
    }
    let version = query::row(conn, "SELECT ARRAY[version()::text] AS cells", &[]);
    let version = version.ok().flatten().into_iter().flatten().flatten().next();
    match version.and_then(|version| unsupported(&version)) {
        Some(what) => Obstacle::Unsupported(what),
        None => Obstacle::Database(error),
    }
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

/// What a server is that is not PostgreSQL, or an older one than has all that is asked of it.
fn unsupported(version: &str) -> Option<String> {
    let not = |what: &str| Some(format!("this is {what}, not PostgreSQL"));
    if let Some((_, name)) = OTHERS.iter().find(|(text, _)| version.contains(text)) {
        return not(name);
    }
    let Some(number) = version.strip_prefix("PostgreSQL ") else { return not(version) };
    let major = number.split(|c: char| !c.is_ascii_digit()).next()?;
    let is_old = major.parse().is_ok_and(|major: u32| major < OLDEST);
    is_old.then(|| format!("this PostgreSQL is older than version {OLDEST}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_postgresql_is_known_by_its_version() {
        let is = |version| unsupported(version).unwrap_or_default();
        assert_eq!(is("PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu"), "");
        assert_eq!(is("PostgreSQL 18beta1 on x86_64-pc-linux-gnu"), "");
        assert_eq!(is("PostgreSQL 9.6.24 on x86_64"), "this PostgreSQL is older than version 11");
        assert_eq!(is("CockroachDB CCL v23.1.11 (x86_64)"), "this is CockroachDB, not PostgreSQL");
        let yugabyte = is("PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64");
        assert_eq!(yugabyte, "this is YugabyteDB, not PostgreSQL");
        let redshift = is("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.61191");
        assert_eq!(redshift, "this is Amazon Redshift, not PostgreSQL");
        assert_eq!(is("something else 1.0"), "this is something else 1.0, not PostgreSQL");
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
