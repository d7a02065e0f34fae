//! The ledger's three tables in MySQL and MariaDB.
use diesel::QueryResult;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel::mysql::{Mysql, MysqlConnection};
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{BigInt, Nullable, Text};

use super::execute;
use super::fault::{number_of, numbered, refusal};
use super::query::{identifier, literal, prepared_rows, rows, value};
use super::session::Session;
use crate::backend::{Entry, LEDGER, Progress, TOOL};
use crate::history::{HISTORY_COLUMNS, Ledger};
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
            let present = present(conn, session)?;
            if present.diesel && present.history && present.journal {
                // A view upon a table that is gone.
                return Err(error);
            }
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
    let rows = if ledger.is_complete { prepared_rows(conn, &sql)? } else { rows(conn, &sql)? };
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
        "SELECT CONVERT(version USING utf8mb4) FROM {} WHERE version = {} FOR UPDATE",
        qualified(Some(session), DIESEL),
        literal(version)
    );
    Ok(value(rows(conn, &sql)?).is_some_and(|found| found == version))
}

pub(super) fn record(
    conn: &mut MysqlConnection,
    session: &Session,
    entries: &[Entry],
) -> QueryResult<()> {
    let table = qualified(Some(session), DIESEL);
    for entry in entries {
        let insert = format!("INSERT INTO {table} (version) VALUES (?)");
        write(conn, statement(insert).bind::<Text, _>(&entry.version))?;
        insert_history(conn, session, entry)?;
    }
    Ok(())
}

fn insert_history(conn: &mut MysqlConnection, session: &Session, entry: &Entry) -> QueryResult<()> {
    // From the row itself: a row that Diesel puts in its place can then be told from it, up to the
    // second that the column has.
    let sql = format!(
        "REPLACE INTO {} (version, {}) \
         VALUES (?, (SELECT {RUN_ON} FROM {} WHERE version = ?){})",
        qualified(Some(session), HISTORY),
        HISTORY_COLUMNS.join(", "),
        qualified(Some(session), DIESEL),
        ", ?".repeat(HISTORY_COLUMNS.len() - 1),
    );
    // One that the server would not take in one piece is not kept: it could not be reverted once
    // its files were gone, and that is all.
    let fits = |down: &&StoredDown| {
        (down.sql.len() + down.map.len()) as u64 + REST_OF_ROW < session.max_packet
    };
    let down = entry.down.as_ref().filter(fits);
    let insert = statement(sql)
        .bind::<Text, _>(&entry.version)
        .bind::<Text, _>(&entry.version)
        .bind::<Text, _>(&entry.name)
        .bind::<BigInt, _>(entry.batch)
        .bind::<BigInt, _>(entry.order)
        .bind::<Text, _>(entry.checksum.to_text())
        .bind::<Text, _>(format!("{:016x}", entry.tokens))
        .bind::<Nullable<Text>, _>(down.map(|down| &down.sql))
        .bind::<Nullable<Text>, _>(down.map(|down| &down.map))
        .bind::<BigInt, _>(entry.started_at)
        .bind::<BigInt, _>(entry.duration_ms)
        .bind::<Text, _>(TOOL);
    write(conn, insert)
}

pub(super) fn erase(
    conn: &mut MysqlConnection,
    session: &Session,
    versions: &[String],
) -> QueryResult<()> {
    for version in versions {
        for table in [DIESEL, HISTORY] {
            let sql = format!("DELETE FROM {} WHERE version = ?", qualified(Some(session), table));
            write(conn, statement(sql).bind::<Text, _>(version))?;
        }
    }
    Ok(())
}

pub(super) fn open_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    row: &Unfinished,
) -> QueryResult<()> {
    let sql = format!(
        "REPLACE INTO {} ({}) VALUES (?{})",
        qualified(Some(session), JOURNAL),
        JOURNAL_COLUMNS.join(", "),
        ", ?".repeat(JOURNAL_COLUMNS.len() - 1),
    );
    let replace = statement(sql)
        .bind::<Text, _>(&row.version)
        .bind::<Text, _>(row.direction.as_str())
        .bind::<Text, _>(&row.name)
        .bind::<BigInt, _>(as_integer(row.next))
        .bind::<BigInt, _>(i64::from(row.started))
        .bind::<BigInt, _>(as_integer(row.total))
        .bind::<Text, _>(format!("{:016x}", row.done))
        .bind::<BigInt, _>(row.batch)
        .bind::<Text, _>(&row.runner)
        .bind::<BigInt, _>(row.started_at);
    write(conn, replace)
}

pub(super) fn advance_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    version: &str,
    Progress { next, started, done }: Progress,
) -> QueryResult<()> {
    let table = qualified(Some(session), JOURNAL);
    let sql = format!("UPDATE {table} SET next = ?, started = ?, done = ? WHERE version = ?");
    let update = statement(sql)
        .bind::<BigInt, _>(as_integer(next))
        .bind::<BigInt, _>(i64::from(started))
        .bind::<Text, _>(format!("{done:016x}"))
        .bind::<Text, _>(version);
    write(conn, update)
}

pub(super) fn close_journal(
    conn: &mut MysqlConnection,
    session: &Session,
    version: &str,
) -> QueryResult<()> {
    let sql = format!("DELETE FROM {} WHERE version = ?", qualified(Some(session), JOURNAL));
    write(conn, statement(sql).bind::<Text, _>(version))
}

type Query<'a> = BoxedSqlQuery<'a, Mysql, SqlQuery>;

fn statement<'a>(sql: String) -> Query<'a> {
    diesel::sql_query(sql).into_boxed()
}

fn write(conn: &mut MysqlConnection, query: Query<'_>) -> QueryResult<()> {
    let executed = query.execute(conn);
    numbered(conn, executed).map(drop)
}

/// Counts of statements: offsets into a text are 32 bits wide, so these always fit.
fn as_integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
