//! The ledger's three tables in SQLite.
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::deserialize;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel::prelude::*;
use diesel::row::{Field as _, NamedRow};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::message;
use crate::backend::{Copied, Entry, Progress};
use crate::history::{Cell, HISTORY_COLUMNS, Ledger};
use crate::journal::{COLUMNS as JOURNAL_COLUMNS, Unfinished};

const CREATE: &str = "
CREATE TABLE IF NOT EXISTS __migrate_history (
    version TEXT PRIMARY KEY NOT NULL,
    run_on TEXT NOT NULL,
    name TEXT NOT NULL,
    batch INTEGER NOT NULL,
    ord INTEGER NOT NULL,
    checksum TEXT,
    tokens TEXT,
    down TEXT,
    down_map TEXT,
    started_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    tool TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS __migrate_journal (
    version TEXT PRIMARY KEY NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,
    next INTEGER NOT NULL,
    started INTEGER NOT NULL,
    total INTEGER NOT NULL,
    done TEXT NOT NULL,
    batch INTEGER NOT NULL,
    runner TEXT NOT NULL,
    started_at INTEGER NOT NULL
);
";

/// A row of any of the tables: its kind, and as many cells as the widest has.
struct Row {
    kind: String,
    cells: Vec<Cell>,
}

/// By place, not by name: each name would be looked for in each row.
impl QueryableByName<Sqlite> for Row {
    fn build<'r>(row: &impl NamedRow<'r, Sqlite>) -> deserialize::Result<Self> {
        let mut cells = (0..=WIDTH).map(|at| cell(row, at));
        let kind = cells.next().transpose()?.flatten().unwrap_or_default();
        Ok(Self { kind, cells: cells.collect::<Result<_, _>>()? })
    }
}

/// Any value as text. Bytes that are no text become U+FFFD instead of an error that would not say
/// where they are.
fn cell<'r>(row: &impl diesel::row::Row<'r, Sqlite>, at: usize) -> deserialize::Result<Cell> {
    let field = row.get(at).ok_or("a column is missing")?;
    Ok(field.value().map(|mut value| value.read_text().to_owned()))
}

const WIDTH: usize = 2 + HISTORY_COLUMNS.len();

/// Which of the tables exist.
#[derive(Clone, Copy)]
struct Present {
    diesel: bool,
    history: bool,
    journal: bool,
}

pub(super) fn create(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute(CREATE_MIGRATIONS_TABLE)?;
    conn.batch_execute(CREATE)
}

pub(super) fn read(conn: &mut SqliteConnection) -> QueryResult<Ledger> {
    let all = Present { diesel: true, history: true, journal: true };
    match read_present(conn, all) {
        Err(error) if message(&error).starts_with("no such table: ") => {
            let present = present(conn)?;
            read_present(conn, present)
        }
        result => result,
    }
}

fn present(conn: &mut SqliteConnection) -> QueryResult<Present> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let names: Vec<Name> =
        diesel::sql_query("SELECT name FROM main.sqlite_master WHERE type IN ('table', 'view')")
            .load(conn)?;
    let has = |wanted: &str| names.iter().any(|row| row.name.eq_ignore_ascii_case(wanted));
    Ok(Present {
        diesel: has("__diesel_schema_migrations"),
        history: has("__migrate_history"),
        journal: has("__migrate_journal"),
    })
}

fn read_present(conn: &mut SqliteConnection, present: Present) -> QueryResult<Ledger> {
    let mut ledger = Ledger {
        is_complete: present.diesel && present.history && present.journal,
        ..Ledger::default()
    };
    let Some(sql) = select(present) else { return Ok(ledger) };
    for row in diesel::sql_query(sql).load_iter::<Row, _>(conn)? {
        let Row { kind, mut cells } = row?;
        match kind.as_str() {
            "applied" => ledger.applied.push(cells),
            "journal" => ledger.journal.push(cells),
            _ => ledger.greatest = [cells[0].take(), cells[1].take()],
        }
    }
    Ok(ledger)
}

/// One statement for what there is. Every value is read as text, whatever its type.
fn select(present: Present) -> Option<String> {
    let mut parts = Vec::new();
    if present.diesel {
        let mut cells = vec!["d.version".to_owned(), "d.run_on".to_owned()];
        let mut from = "main.__diesel_schema_migrations AS d".to_owned();
        if present.history {
            cells.extend(HISTORY_COLUMNS.iter().map(|column| format!("h.{column}")));
            from.push_str(" LEFT JOIN main.__migrate_history AS h ON h.version = d.version");
        }
        parts.push(part("applied", cells, &from));
    }
    if present.history {
        let cells = vec!["max(ord)".to_owned(), "max(batch)".to_owned()];
        parts.push(part("greatest", cells, "main.__migrate_history"));
    }
    if present.journal {
        let cells = JOURNAL_COLUMNS.iter().map(|column| (*column).to_owned()).collect();
        parts.push(part("journal", cells, "main.__migrate_journal"));
    }
    (!parts.is_empty()).then(|| parts.join("\nUNION ALL\n"))
}

fn part(kind: &str, mut cells: Vec<String>, from: &str) -> String {
    cells.resize(WIDTH, "NULL".to_owned());
    let mut sql = format!("SELECT '{kind}' AS kind");
    for (at, cell) in cells.iter().enumerate() {
        sql.push_str(&format!(", CAST({cell} AS TEXT) AS c{at}"));
    }
    sql.push_str(" FROM ");
    sql.push_str(from);
    sql
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Text)]
    now: String,
}

/// SQLite's oldest limit of bound values is 999.
const ROWS_AT_ONCE: usize = 75;

pub(super) fn record(conn: &mut SqliteConnection, entries: &[Entry]) -> QueryResult<()> {
    // With milliseconds, which Diesel never writes: so a row that Diesel puts in the place of this
    // one can be told from it.
    let Now { now } =
        diesel::sql_query("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS now").get_result(conn)?;
    for entries in entries.chunks(ROWS_AT_ONCE) {
        let mut insert = diesel::sql_query(insert_into(
            "INSERT INTO main.__diesel_schema_migrations (version, run_on)",
            2,
            entries.len(),
        ))
        .into_boxed::<Sqlite>();
        for entry in entries {
            insert = insert.bind::<Text, _>(&entry.version).bind::<Text, _>(&now);
        }
        insert.execute(conn)?;
        insert_history(conn, entries, &now)?;
    }
    Ok(())
}

fn insert_history(conn: &mut SqliteConnection, entries: &[Entry], run_on: &str) -> QueryResult<()> {
    let columns = format!(
        "INSERT OR REPLACE INTO main.__migrate_history (version, {})",
        HISTORY_COLUMNS.join(", ")
    );
    let sql = insert_into(&columns, 1 + HISTORY_COLUMNS.len(), entries.len());
    let mut insert = diesel::sql_query(sql).into_boxed::<Sqlite>();
    for entry in entries {
        let down = entry.down.as_ref();
        insert = insert
            .bind::<Text, _>(&entry.version)
            .bind::<Text, _>(run_on)
            .bind::<Text, _>(&entry.name)
            .bind::<BigInt, _>(entry.batch)
            .bind::<BigInt, _>(entry.order)
            .bind::<Text, _>(entry.checksum.to_text())
            .bind::<Text, _>(format!("{:016x}", entry.tokens))
            .bind::<Nullable<Text>, _>(down.map(|down| &down.sql))
            .bind::<Nullable<Text>, _>(down.map(|down| &down.map))
            .bind::<BigInt, _>(entry.started_at)
            .bind::<BigInt, _>(entry.duration_ms)
            .bind::<Text, _>(&entry.tool);
    }
    insert.execute(conn).map(drop)
}

fn insert_into(head: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("{head} VALUES {}", vec![row; rows].join(", "))
}

pub(super) fn note_copy(conn: &mut SqliteConnection, copied: &Copied) -> QueryResult<()> {
    let head = format!("INSERT INTO main.__migrate_history ({})", Copied::COLUMNS.join(", "));
    let values = copied.values();
    let mut insert = diesel::sql_query(insert_into(&head, values.len(), 1)).into_boxed::<Sqlite>();
    // The columns' affinity makes numbers of texts.
    for value in values {
        insert = insert.bind::<Text, _>(value);
    }
    insert.execute(conn).map(drop)
}

pub(super) fn erase(conn: &mut SqliteConnection, versions: &[String]) -> QueryResult<()> {
    for versions in versions.chunks(ROWS_AT_ONCE) {
        for table in ["__diesel_schema_migrations", "__migrate_history"] {
            let places = vec!["?"; versions.len()].join(", ");
            let sql = format!("DELETE FROM main.{table} WHERE version IN ({places})");
            let mut delete = diesel::sql_query(sql).into_boxed::<Sqlite>();
            for version in versions {
                delete = delete.bind::<Text, _>(version);
            }
            delete.execute(conn)?;
        }
    }
    Ok(())
}

pub(super) fn open_journal(conn: &mut SqliteConnection, row: &Unfinished) -> QueryResult<()> {
    let columns = JOURNAL_COLUMNS.join(", ");
    let head = format!("INSERT OR REPLACE INTO main.__migrate_journal ({columns})");
    diesel::sql_query(insert_into(&head, JOURNAL_COLUMNS.len(), 1))
        .bind::<Text, _>(&row.version)
        .bind::<Text, _>(row.direction.as_str())
        .bind::<Text, _>(&row.name)
        .bind::<BigInt, _>(as_integer(row.next))
        .bind::<BigInt, _>(i64::from(row.started))
        .bind::<BigInt, _>(as_integer(row.total))
        .bind::<Text, _>(format!("{:016x}", row.done))
        .bind::<BigInt, _>(row.batch)
        .bind::<Text, _>(&row.runner)
        .bind::<BigInt, _>(row.started_at)
        .execute(conn)
        .map(drop)
}

pub(super) fn advance_journal(
    conn: &mut SqliteConnection,
    version: &str,
    Progress { next, started, done }: Progress,
) -> QueryResult<()> {
    let sql = "UPDATE main.__migrate_journal SET next = ?, started = ?, done = ? WHERE version = ?";
    diesel::sql_query(sql)
        .bind::<BigInt, _>(as_integer(next))
        .bind::<BigInt, _>(i64::from(started))
        .bind::<Text, _>(format!("{done:016x}"))
        .bind::<Text, _>(version)
        .execute(conn)
        .map(drop)
}

pub(super) fn close_journal(conn: &mut SqliteConnection, version: &str) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM main.__migrate_journal WHERE version = ?")
        .bind::<Text, _>(version)
        .execute(conn)
        .map(drop)
}

/// Counts of statements: offsets into a text are 32 bits wide, so these always fit.
fn as_integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
