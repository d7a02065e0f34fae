//! The ledger's three tables in PostgreSQL.
use std::thread::sleep;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel::pg::PgConnection;

use super::fault::{IN_TRANSACTION, fault, own};
use super::query::{self, literal};
use super::session::{self, Session};
use crate::backend::{Copied, Entry, Fault, Progress};
use crate::history::{HISTORY_COLUMNS, Ledger};
use crate::journal::{COLUMNS as JOURNAL_COLUMNS, Unfinished};

const HISTORY: &str = "__migrate_history (
    version TEXT PRIMARY KEY NOT NULL,
    run_on TEXT NOT NULL,
    name TEXT NOT NULL,
    batch BIGINT NOT NULL,
    ord BIGINT NOT NULL,
    checksum TEXT,
    tokens TEXT,
    down TEXT,
    down_map TEXT,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    tool TEXT NOT NULL
)";

const JOURNAL: &str = "__migrate_journal (
    version TEXT PRIMARY KEY NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,
    next BIGINT NOT NULL,
    started SMALLINT NOT NULL,
    total BIGINT NOT NULL,
    done TEXT NOT NULL,
    batch BIGINT NOT NULL,
    runner TEXT NOT NULL,
    started_at BIGINT NOT NULL
)";

/// Which of the tables exist.
#[derive(Clone, Copy)]
struct Present {
    diesel: bool,
    history: bool,
    journal: bool,
}

impl Present {
    const ALL: Self = Self { diesel: true, history: true, journal: true };

    fn is_all(self) -> bool {
        self.diesel && self.history && self.journal
    }
}

/// Makes what is not there. Diesel's harness may be at the same at the same moment, and
/// `IF NOT EXISTS` does not keep the two from failing: then this looks again.
pub(super) fn create(conn: &mut PgConnection, session: &Session) -> QueryResult<()> {
    const TRIES: usize = 5;
    let home = &session.home;
    for tries in 1.. {
        let present = look(conn, home)?;
        let mut sql =
            format!("BEGIN;\nSET LOCAL lock_timeout = {};\n", session.lock_timeout.as_millis());
        if !present.diesel {
            sql.push_str(CREATE_MIGRATIONS_TABLE.trim_end());
        }
        for table in [HISTORY, JOURNAL] {
            sql.push_str(&format!("\nCREATE TABLE IF NOT EXISTS {home}{table};"));
        }
        sql.push_str("\nCOMMIT");
        let Err(error) = conn.batch_execute(&sql) else { break };
        // The first error is the one to tell.
        let _ = conn.batch_execute("ROLLBACK");
        if tries == TRIES || fault(&error) == Fault::Lost {
            return Err(error);
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// In the steady state one statement. It names tables that may not be there, and would then end a
/// transaction of the caller's: inside one that Diesel knows of, this looks first.
pub(super) fn read(conn: &mut PgConnection, session: Option<&Session>) -> QueryResult<Ledger> {
    let home = session.map_or("", |session| &session.home);
    if session::is_in_transaction(conn) {
        let present = look(conn, home)?;
        return read_present(conn, home, present);
    }
    match read_present(conn, home, Present::ALL) {
        // In which language the server speaks, nobody knows; so any failure may be that.
        Err(error) if fault(&error) == Fault::Statement => {}
        result => return result,
    }
    match look(conn, home) {
        // All of them, when another runner has made them just now.
        Ok(present) => read_present(conn, home, present),
        // Nothing is answered any more in a transaction that has failed.
        Err(error) if fault(&error) == Fault::Statement => Err(own(IN_TRANSACTION)),
        Err(error) => Err(error),
    }
}

fn look(conn: &mut PgConnection, home: &str) -> QueryResult<Present> {
    let sql = "SELECT ARRAY[
        to_regclass($1 || '__diesel_schema_migrations')::text,
        to_regclass($1 || '__migrate_history')::text,
        to_regclass($1 || '__migrate_journal')::text
    ] AS cells";
    let cells = query::row(conn, sql, &[home])?.unwrap_or_default();
    let is_there = |at: usize| cells.get(at).is_some_and(Option::is_some);
    Ok(Present { diesel: is_there(0), history: is_there(1), journal: is_there(2) })
}

fn read_present(conn: &mut PgConnection, home: &str, present: Present) -> QueryResult<Ledger> {
    let mut ledger = Ledger { is_complete: present.is_all(), ..Ledger::default() };
    let Some(sql) = select(home, present) else { return Ok(ledger) };
    for mut cells in query::rows(conn, &sql, &[])? {
        let kind = cells.pop().flatten();
        match kind.as_deref() {
            Some("applied") => ledger.applied.push(cells),
            Some("journal") => ledger.journal.push(cells),
            _ => ledger.greatest = cells.try_into().unwrap_or_default(),
        }
    }
    Ok(ledger)
}

/// One statement for what there is. Every value is read as text, whatever its type; the last one
/// says what kind of row it is.
fn select(home: &str, present: Present) -> Option<String> {
    let mut parts = Vec::new();
    if present.diesel {
        let run_on = as_text("d.run_on");
        let mut cells = vec!["d.version::text".to_owned(), run_on];
        let mut from = format!("{home}__diesel_schema_migrations AS d");
        if present.history {
            cells.extend(HISTORY_COLUMNS.iter().map(|column| format!("h.{column}::text")));
            from.push_str(&format!(
                " LEFT JOIN {home}__migrate_history AS h ON h.version = d.version"
            ));
        }
        parts.push(part(&cells, "applied", &from));
    }
    if present.history {
        let cells = ["max(ord)::text".to_owned(), "max(batch)::text".to_owned()];
        parts.push(part(&cells, "greatest", &format!("{home}__migrate_history")));
    }
    if present.journal {
        let cells: Vec<_> =
            JOURNAL_COLUMNS.iter().map(|column| format!("{column}::text")).collect();
        parts.push(part(&cells, "journal", &format!("{home}__migrate_journal")));
    }
    (!parts.is_empty()).then(|| parts.join("\nUNION ALL\n"))
}

fn part(cells: &[String], kind: &str, from: &str) -> String {
    format!("SELECT ARRAY[{}, '{kind}'] AS cells FROM {from}", cells.join(", "))
}

/// A moment as text, whatever the session's `DateStyle`.
fn as_text(moment: &str) -> String {
    format!("replace(to_jsonb({moment}) #>> '{{}}', 'T', ' ')")
}

/// A condition: that the version that this expression gives is applied.
pub(super) fn is_applied(session: &Session, version: &str) -> String {
    let home = &session.home;
    format!("EXISTS (SELECT FROM {home}__diesel_schema_migrations WHERE version = {version})")
}

/// When the transaction began. Diesel's row and ours get the same moment, to the microsecond: so a row
/// that Diesel puts in the place of this one can be told from it.
const NOW: &str = "now() AT TIME ZONE 'UTC'";

/// Diesel's row; the first parameter is the version.
pub(super) fn insert_row(session: &Session) -> String {
    let home = &session.home;
    format!("INSERT INTO {home}__diesel_schema_migrations (version, run_on) VALUES ($1, {NOW})")
}

/// The types of the parameters of [`insert_history`].
pub(super) const HISTORY_TYPES: &str =
    "(text, text, bigint, bigint, text, text, text, text, bigint, bigint, text)";

/// Our row beside it.
pub(super) fn insert_history(session: &Session) -> String {
    format!(
        "INSERT INTO {}__migrate_history (version, {})
        VALUES ($1, {}, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (version) DO UPDATE SET {}",
        session.home,
        HISTORY_COLUMNS.join(", "),
        as_text(NOW),
        updates(&HISTORY_COLUMNS)
    )
}

/// The parameters of [`insert_history`].
pub(super) fn history_values(entry: &Entry) -> String {
    let down = entry.down.as_ref();
    let text = |text: Option<&str>| text.map_or("NULL".to_owned(), literal);
    format!(
        "{}, {}, {}, {}, {}, '{:016x}', {}, {}, {}, {}, {}",
        literal(&entry.version),
        literal(&entry.name),
        entry.batch,
        entry.order,
        literal(&entry.checksum.to_text()),
        entry.tokens,
        text(down.map(|down| down.sql.as_str())),
        text(down.map(|down| down.map.as_str())),
        entry.started_at,
        entry.duration_ms,
        literal(&entry.tool),
    )
}

pub(super) fn note_copy(
    conn: &mut PgConnection,
    session: &Session,
    copied: &Copied,
) -> QueryResult<()> {
    // Of a literal the column decides the type.
    let values = copied.values().map(|value| literal(&value)).join(", ");
    let columns = Copied::COLUMNS.join(", ");
    let home = &session.home;
    conn.batch_execute(&format!(
        "INSERT INTO {home}__migrate_history ({columns}) VALUES ({values})"
    ))
}

pub(super) fn erase(
    conn: &mut PgConnection,
    session: &Session,
    versions: &[String],
) -> QueryResult<()> {
    let home = &session.home;
    for version in versions {
        let version = literal(version);
        let sql = format!(
            "WITH erased AS (DELETE FROM {home}__diesel_schema_migrations WHERE version = {version})
            DELETE FROM {home}__migrate_history WHERE version = {version}"
        );
        write(conn, session, &sql)?;
    }
    Ok(())
}

pub(super) fn open_journal(
    conn: &mut PgConnection,
    session: &Session,
    row: &Unfinished,
) -> QueryResult<()> {
    let sql = format!(
        "INSERT INTO {}__migrate_journal ({})
        VALUES ({}, {}, {}, {}, {}, {}, '{:016x}', {}, {}, {})
        ON CONFLICT (version) DO UPDATE SET {}",
        session.home,
        JOURNAL_COLUMNS.join(", "),
        literal(&row.version),
        literal(row.direction.as_str()),
        literal(&row.name),
        row.next,
        u8::from(row.started),
        row.total,
        row.done,
        row.batch,
        literal(&row.runner),
        row.started_at,
        updates(&JOURNAL_COLUMNS)
    );
    write(conn, session, &sql)
}

pub(super) fn advance_journal(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
    Progress { next, started, done }: Progress,
) -> QueryResult<()> {
    let sql = format!(
        "UPDATE {}__migrate_journal SET next = {next}, started = {}, done = '{done:016x}'
        WHERE version = {}",
        session.home,
        u8::from(started),
        literal(version)
    );
    write(conn, session, &sql)
}

pub(super) fn close_journal(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
) -> QueryResult<()> {
    let (home, version) = (&session.home, literal(version));
    write(conn, session, &format!("DELETE FROM {home}__migrate_journal WHERE version = {version}"))
}

/// What an insertion that finds the row there does with it.
fn updates(columns: &[&str]) -> String {
    let updates: Vec<String> =
        columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    updates.join(", ")
}

/// In a transaction this goes to the server together with `COMMIT`: one round trip for all.
pub(super) fn write(conn: &mut PgConnection, session: &Session, sql: &str) -> QueryResult<()> {
    if session.defer(sql) { Ok(()) } else { conn.batch_execute(sql) }
}
