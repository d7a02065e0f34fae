//! The ledger's three tables in PostgreSQL.
use std::thread::sleep;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel::pg::PgConnection;

use super::fault::{IN_TRANSACTION, fault, own};
use super::query;
use super::session::{self, Session};
use crate::backend::{Entry, Fault, Progress, TOOL};
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

pub(super) fn is_applied(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
) -> QueryResult<bool> {
    let condition = format!(
        "EXISTS (SELECT FROM {}__diesel_schema_migrations WHERE version = $1)",
        session.home
    );
    query::holds(conn, &condition, &[version])
}

/// Diesel's row and ours at once. Both get the same moment, to the microsecond: so a row that Diesel
/// puts in the place of this one can be told from it.
pub(super) fn record(
    conn: &mut PgConnection,
    session: &Session,
    entries: &[Entry],
) -> QueryResult<()> {
    let home = &session.home;
    let columns = HISTORY_COLUMNS.join(", ");
    let updates: Vec<String> =
        HISTORY_COLUMNS.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let sql = format!(
        "WITH applied AS (
            INSERT INTO {home}__diesel_schema_migrations (version, run_on)
            VALUES ($1, clock_timestamp() AT TIME ZONE 'UTC') RETURNING version, run_on
        )
        INSERT INTO {home}__migrate_history (version, {columns})
        SELECT version, {}, $2, $3::bigint, $4::bigint, $5, $6, $7, $8, $9::bigint, $10::bigint,
            $11 FROM applied
        ON CONFLICT (version) DO UPDATE SET {}",
        as_text("run_on"),
        updates.join(", ")
    );
    for entry in entries {
        let number = |number: i64| number.to_string();
        let (batch, order) = (number(entry.batch), number(entry.order));
        let (checksum, tokens) = (entry.checksum.to_text(), format!("{:016x}", entry.tokens));
        let (started_at, duration) = (number(entry.started_at), number(entry.duration_ms));
        let down = entry.down.as_ref();
        query::execute(
            conn,
            &sql,
            [
                Some(entry.version.as_str()),
                Some(&entry.name),
                Some(&batch),
                Some(&order),
                Some(&checksum),
                Some(&tokens),
                down.map(|down| down.sql.as_str()),
                down.map(|down| down.map.as_str()),
                Some(&started_at),
                Some(&duration),
                Some(TOOL),
            ],
        )?;
    }
    Ok(())
}

pub(super) fn erase(
    conn: &mut PgConnection,
    session: &Session,
    versions: &[String],
) -> QueryResult<()> {
    let home = &session.home;
    let sql = format!(
        "WITH erased AS (DELETE FROM {home}__diesel_schema_migrations WHERE version = $1)
        DELETE FROM {home}__migrate_history WHERE version = $1"
    );
    for version in versions {
        query::execute(conn, &sql, [Some(version.as_str())])?;
    }
    Ok(())
}

pub(super) fn open_journal(
    conn: &mut PgConnection,
    session: &Session,
    row: &Unfinished,
) -> QueryResult<()> {
    let updates: Vec<String> =
        JOURNAL_COLUMNS.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let sql = format!(
        "INSERT INTO {}__migrate_journal ({})
        VALUES ($1, $2, $3, $4::bigint, $5::smallint, $6::bigint, $7, $8::bigint, $9, $10::bigint)
        ON CONFLICT (version) DO UPDATE SET {}",
        session.home,
        JOURNAL_COLUMNS.join(", "),
        updates.join(", ")
    );
    let (next, total) = (row.next.to_string(), row.total.to_string());
    let done = format!("{:016x}", row.done);
    let (batch, started_at) = (row.batch.to_string(), row.started_at.to_string());
    query::execute(
        conn,
        &sql,
        [
            row.version.as_str(),
            row.direction.as_str(),
            &row.name,
            &next,
            flag(row.started),
            &total,
            &done,
            &batch,
            &row.runner,
            &started_at,
        ]
        .map(Some),
    )
}

pub(super) fn advance_journal(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
    Progress { next, started, done }: Progress,
) -> QueryResult<()> {
    let sql = format!(
        "UPDATE {}__migrate_journal SET next = $2::bigint, started = $3::smallint, done = $4
        WHERE version = $1",
        session.home
    );
    let (next, done) = (next.to_string(), format!("{done:016x}"));
    query::execute(conn, &sql, [version, &next, flag(started), &done].map(Some))
}

pub(super) fn close_journal(
    conn: &mut PgConnection,
    session: &Session,
    version: &str,
) -> QueryResult<()> {
    let sql = format!("DELETE FROM {}__migrate_journal WHERE version = $1", session.home);
    query::execute(conn, &sql, [Some(version)])
}

fn flag(flag: bool) -> &'static str {
    if flag { "1" } else { "0" }
}
