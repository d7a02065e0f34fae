//! Queries whose rows are one array of texts: no type is asked for but `text`, so what stands in a
//! column of another type is a message at worst; and a parameter costs no lookup.
//!
//! A statement that is not kept prepared goes to the server in one message and comes back in one:
//! one round trip.
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};

use crate::history::Cell;

/// Bytes that are no text become U+FFFD instead of an error that would not say where they are: a
/// database may have an encoding that checks none.
#[derive(FromSqlRow)]
struct Value(String);

impl FromSql<Text, Pg> for Value {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Array<Nullable<Text>>)]
    cells: Vec<Option<Value>>,
}

/// The rows of a query with one column, an array of texts that is called `cells`.
pub(super) fn rows(
    conn: &mut PgConnection,
    sql: &str,
    parameters: &[&str],
) -> QueryResult<Vec<Vec<Cell>>> {
    let mut query = diesel::sql_query(sql).into_boxed();
    for parameter in parameters {
        query = query.bind::<Text, _>(*parameter);
    }
    let rows: Vec<Row> = query.load(conn)?;
    let cells = |row: Row| row.cells.into_iter().map(|cell| cell.map(|Value(text)| text)).collect();
    Ok(rows.into_iter().map(cells).collect())
}

/// The first row of such a query.
pub(super) fn row(
    conn: &mut PgConnection,
    sql: &str,
    parameters: &[&str],
) -> QueryResult<Option<Vec<Cell>>> {
    Ok(rows(conn, sql, parameters)?.into_iter().next())
}

/// Whether the condition holds.
pub(super) fn holds(
    conn: &mut PgConnection,
    condition: &str,
    parameters: &[&str],
) -> QueryResult<bool> {
    let sql = format!("SELECT ARRAY[]::text[] AS cells WHERE {condition}");
    Ok(row(conn, &sql, parameters)?.is_some())
}

/// A value that cannot be computed, with this message, unless the condition holds: inside a batch
/// nothing else can be told.
pub(super) fn assertion(condition: &str, message: &str) -> String {
    // The moment makes it no constant, which the planner would evaluate at once.
    format!("CASE WHEN {condition} THEN 0 ELSE ('{message} ' || now())::int END")
}

/// Text as a literal, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}
