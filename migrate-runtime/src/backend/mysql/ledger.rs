//! The ledger's three tables in MySQL and MariaDB.
use std::fmt::Display;

use diesel::QueryResult;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel::mysql::MysqlConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::execute;
use super::fault::{OVERTAKEN, number_of, refusal};
use super::query::{VALUE, identifier, literal, prepared, prepared_rows, rows, value};
use super::session::Session;
use crate::backend::{Copied, Entry, LEDGER, Progress};
use crate::history::{Cell, HISTORY_COLUMNS, Ledger};
use crate::journal::{COLUMNS as JOURNAL_COLUMNS, Unfinished};
use crate::stored::StoredDown;

/// Versions and names are told apart byte by byte, which the database's own collation may not do.
const CREATE: &str = "
CREATE TABLE IF NOT EXISTS __migrate_history (
    version VARCHAR(50) PRIMARY KEY NOT NULL,
    run_on VARCHAR(32) NOT NULL,
    name VARCHAR(255) NOT NULL,
    batch BIGINT NOT NULL,
    ord BIGINT NOT NULL,
    checksum VARCHAR(80),
    tokens VARCHAR(16),
    down LONGTEXT,
    down_map LONGTEXT,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    tool VARCHAR(100) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS __migrate_journal (
    version VARCHAR(50) PRIMARY KEY NOT NULL,
    direction VARCHAR(4) NOT NULL,
    name VARCHAR(255) NOT NULL,
    next BIGINT NOT NULL,
    started BIGINT NOT NULL,
    total BIGINT NOT NULL,
    done VARCHAR(16) NOT NULL,
    batch BIGINT NOT NULL,
    runner VARCHAR(100) NOT NULL,
    started_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
";

/// Diesel's `run_on` in UTC, whatever the time zone of the session.
const RUN_ON: &str = "TIMESTAMP '1970-01-01 00:00:00' + INTERVAL UNIX_TIMESTAMP(run_on) SECOND";

const DIESEL: &str = LEDGER[0];
const HISTORY: &str = LEDGER[1];
const JOURNAL: &str = LEDGER[2];

/// More than the statement that writes a row of the history has besides `down.sql`, in bytes.
const REST_OF_ROW: u64 = 4096;

/// The numbers of errors: for a table that is not there, for no database.
const NO_SUCH_TABLE: u16 = 1146;
const NO_DATABASE: u16 = 1046;

/// Which of the tables exist.
#[derive(Clone, Copy)]
struct Present {
    diesel: bool,
    history: bool,
    journal: bool,
}

pub(super) fn create(conn: &mut MysqlConnection) -> QueryResult<()> {
    // No script has chosen another database yet.
    execute(conn, CREATE_MIGRATIONS_TABLE)?;
    execute(conn, CREATE)
}

pub(super) fn read(conn: &mut MysqlConnection, session: Option<&Session>) -> QueryResult<Ledger> {
    let all = Present { diesel: true, history: true, journal: true };
    match read_present(conn, session, all) {
        Err(error) if number_of(&error) == Some(NO_SUCH_TABLE) => {
            // All of them, when another runner has made them just now.
            let present = present(conn, session)?;
            read_present(conn, session, present)
        }
        Err(error) if number_of(&error) == Some(NO_DATABASE) => Err(no_database()),
        result => result,
    }
}

/// The error for a connection that has chosen no database, with what to do.
pub(super) fn no_database() -> DieselError {
    refusal(
        DatabaseErrorKind::Unknown,
        &NO_DATABASE.to_string(),
        "the connection has chosen no database: name one in its address, behind the host",
    )
}

fn present(conn: &mut MysqlConnection, session: Option<&Session>) -> QueryResult<Present> {
    let tables = rows(
        conn,
        &format!(
            "SELECT CONVERT(TABLE_NAME USING utf8mb4) FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME IN ('{DIESEL}', '{HISTORY}', '{JOURNAL}')",
            session.map_or("DATABASE()".to_owned(), |session| literal(&session.database))
        ),
    )?;
    let has = |name: &str| tables.iter().any(|cells| cells[0].as_deref() == Some(name));
    Ok(Present { diesel: has(DIESEL), history: has(HISTORY), journal: has(JOURNAL) })
}

fn read_present(
    conn: &mut MysqlConnection,
    session: Option<&Session>,
    present: Present,
) -> QueryResult<Ledger> {
    let mut ledger = Ledger {
        is_complete: present.diesel && present.history && present.journal,
        ..Ledger::default()
    };
    let Some(sql) = select(session, present) else { return Ok(ledger) };
    let rows = match session {
        Some(_) if ledger.is_complete => prepared_rows(conn, &sql, &[])?,
        _ => rows(conn, &sql)?,
    };
    for mut cells in rows {
        let kind = cells.remove(0);
        match kind.as_deref() {
            Some("applied") => ledger.applied.push(cells),
            Some("journal") => ledger.journal.push(cells),
            _ => ledger.greatest = [cells[0].take(), cells[1].take()],
        }
    }
    Ok(ledger)
}

/// One statement for what there is. Every value is read as text, whatever its type.
fn select(session: Option<&Session>, present: Present) -> Option<String> {
    let table = |name| qualified(session, name);
    let mut parts = Vec::new();
    if present.diesel {
        let mut cells = vec!["d.version".to_owned(), RUN_ON.replace("run_on", "d.run_on")];
        let mut from = format!("{} AS d", table(DIESEL));
        if present.history {
            cells.extend(HISTORY_COLUMNS.iter().map(|column| format!("h.{column}")));
            from.push_str(&format!(
                " LEFT JOIN {} AS h \
                 ON h.version = CONVERT(d.version USING utf8mb4) COLLATE utf8mb4_bin",
                table(HISTORY)
            ));
        }
        parts.push(part("applied", cells, &from));
    }
    if present.history {
        let cells = vec!["MAX(ord)".to_owned(), "MAX(batch)".to_owned()];
        parts.push(part("greatest", cells, &table(HISTORY)));
    }
    if present.journal {
        let cells = JOURNAL_COLUMNS.iter().map(|column| (*column).to_owned()).collect();
        parts.push(part("journal", cells, &table(JOURNAL)));
    }
    (!parts.is_empty()).then(|| parts.join("\nUNION ALL\n"))
}

fn part(kind: &str, mut cells: Vec<String>, from: &str) -> String {
    cells.resize(2 + HISTORY_COLUMNS.len(), "NULL".to_owned());
    let mut sql = format!("SELECT '{kind}'");
    for cell in &cells {
        sql.push_str(&format!(", CONVERT({cell} USING utf8mb4)"));
    }
    sql.push_str(" FROM ");
    sql.push_str(from);
    sql
}

/// A table of the ledger: in the run's database, or in that of the connection.
fn qualified(session: Option<&Session>, table: &str) -> String {
    match session {
        Some(session) => format!("{}.{table}", identifier(&session.database)),
        None => table.to_owned(),
    }
}

/// Whether Diesel's table has this version; keeps others from writing it until the transaction
/// ends.
pub(super) fn is_applied(
    conn: &mut MysqlConnection,
    session: &Session,
    version: &str,
) -> QueryResult<bool> {
    let sql = format!(
        "SELECT CONVERT(version USING utf8mb4) FROM {} WHERE version = {VALUE} FOR UPDATE",
        qualified(Some(session), DIESEL),
    );
    let found = value(prepared_rows(conn, &sql, &[text(version)])?);
    Ok(found.is_some_and(|found| found == version))
}

pub(super) fn record(
    conn: &mut MysqlConnection,
    session: &Session,
    entries: &[Entry],
) -> QueryResult<()> {
    let insert = insert_into("INSERT", session, DIESEL, &["version"]);
    for entry in entries {
        prepared(conn, &insert, &[text(&entry.version)]).map_err(overtaken)?;
        insert_history(conn, session, entry)?;
    }
    Ok(())
}

/// Diesel's harness takes no lock: it was at the same, and came first.
fn overtaken(error: DieselError) -> DieselError {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
            let message = information.message();
            refusal(DatabaseErrorKind::Unknown, &OVERTAKEN.to_string(), message)
        }
        error => error,
    }
}

fn insert_history(conn: &mut MysqlConnection, session: &Session, entry: &Entry) -> QueryResult<()> {
    // `run_on` from the row itself: a row that Diesel puts in its place can then be told from it,
    // up to the second that the column has.
    let sql = format!(
        "REPLACE INTO {} (version, {}) \
         VALUES ({VALUE}, (SELECT {RUN_ON} FROM {} WHERE version = {VALUE}){})",
        qualified(Some(session), HISTORY),
        HISTORY_COLUMNS.join(", "),
        qualified(Some(session), DIESEL),
        format!(", {VALUE}").repeat(HISTORY_COLUMNS.len() - 1),
    );
    // A way back that the server would not take in one piece is not kept: it could not be reverted
    // once its files were gone, and that is all.
    let fits = |down: &&StoredDown| {
        (down.sql.len() + down.map.len()) as u64 + REST_OF_ROW < session.max_packet
    };
    let down = entry.down.as_ref().filter(fits);
    let values = [
        text(&entry.version),
        text(&entry.version),
        text(&entry.name),
        text(entry.batch),
        text(entry.order),
        text(entry.checksum.to_text()),
        text(format_args!("{:016x}", entry.tokens)),
        down.map(|down| down.sql.clone()),
        down.map(|down| down.map.clone()),
        text(entry.started_at),
        text(entry.duration_ms),
        text(&entry.tool),
    ];
    prepared(conn, &sql, &values)
}

pub(super) fn note_copy(
    conn: &mut MysqlConnection,
    session: &Session,
    copied: &Copied,
) -> QueryResult<()> {
    let values = copied.values().map(text);
    prepared(conn, &insert_into("INSERT", session, HISTORY, &Copied::COLUMNS), &values)
}

pub(super) fn erase(
    conn: &mut MysqlConnection,
    session: &Session,
    versions: &[String],
) -> QueryResult<()> {
    for table in [DIESEL, HISTORY] {
        let delete = delete_from(session, table);
        for version in versions {
            prepared(conn, &delete, &[text(version)])?;
        }
    }
    Ok(())
}

pub(super) fn open_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    row: &Unfinished,
) -> QueryResult<()> {
    let values = [
        text(&row.version),
        text(row.direction),
        text(&row.name),
        text(row.next),
        text(u8::from(row.started)),
        text(row.total),
        text(format_args!("{:016x}", row.done)),
        text(row.batch),
        text(&row.runner),
        text(row.started_at),
    ];
    prepared(conn, &insert_into("REPLACE", session, JOURNAL, &JOURNAL_COLUMNS), &values)
}

pub(super) fn advance_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    version: &str,
    Progress { next, started, done }: Progress,
) -> QueryResult<()> {
    let sql = format!(
        "UPDATE {} SET next = {VALUE}, started = {VALUE}, done = {VALUE} WHERE version = {VALUE}",
        qualified(Some(session), JOURNAL)
    );
    let done = text(format_args!("{done:016x}"));
    prepared(conn, &sql, &[text(next), text(u8::from(started)), done, text(version)])
}

pub(super) fn close_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    version: &str,
) -> QueryResult<()> {
    prepared(conn, &delete_from(session, JOURNAL), &[text(version)])
}

fn insert_into(verb: &str, session: &Session, table: &str, columns: &[&str]) -> String {
    let values = vec![VALUE.to_string(); columns.len()].join(", ");
    let table = qualified(Some(session), table);
    format!("{verb} INTO {table} ({}) VALUES ({values})", columns.join(", "))
}

fn delete_from(session: &Session, table: &str) -> String {
    format!("DELETE FROM {} WHERE version = {VALUE}", qualified(Some(session), table))
}

fn text(value: impl Display) -> Cell {
    Some(value.to_string())
}
