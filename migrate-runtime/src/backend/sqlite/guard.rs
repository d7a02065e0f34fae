//! What a migration must not do to rows that it does not name.
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{exposure, message};
use crate::backend::Loss;
use crate::error::Violation;

#[derive(QueryableByName)]
struct ViolationRow {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    rowid: Option<i64>,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub(super) fn violations(conn: &mut SqliteConnection) -> QueryResult<Vec<Violation>> {
    if let Ok(violations) = check(conn, "PRAGMA main.foreign_key_check") {
        return Ok(violations);
    }
    // One key that refers to columns without a unique index makes the whole check fail. Table by
    // table, that failure is one more violation: an old one or a new one, like the others.
    let tables: Vec<Name> =
        diesel::sql_query("SELECT name FROM main.sqlite_master WHERE type = 'table'").load(conn)?;
    let mut all = Vec::new();
    for Name { name } in tables {
        match check(conn, &format!("PRAGMA main.foreign_key_check({})", quoted(&name))) {
            Ok(violations) => all.extend(violations),
            Err(error) => {
                all.push(Violation { table: name, rowid: None, parent: error.to_string() });
            }
        }
    }
    Ok(all)
}

fn check(conn: &mut SqliteConnection, pragma: &str) -> QueryResult<Vec<Violation>> {
    let rows: Vec<ViolationRow> = diesel::sql_query(pragma).load(conn)?;
    let violation = |ViolationRow { table, rowid, parent }| Violation { table, rowid, parent };
    Ok(rows.into_iter().map(violation).collect())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The tables that may lose rows by a cascade or a trigger when those that `is_named` claims
/// change, the latter left out, with the number of their rows. `None`: no table can, whatever
/// changes.
pub(super) fn count_exposed(
    conn: &mut SqliteConnection,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<Option<Vec<(String, i64)>>> {
    let schema: Vec<exposure::Definition> = diesel::sql_query(exposure::SCHEMA).load(conn)?;
    let Some(tables) = exposure::tables(&schema, is_named) else { return Ok(None) };
    let mut counted = Vec::with_capacity(tables.len());
    for table in tables {
        let rows = count_rows(conn, &table)?;
        counted.push((table, rows.unwrap_or(0)));
    }
    Ok(Some(counted))
}

pub(super) fn first_loss(
    conn: &mut SqliteConnection,
    counted: Vec<(String, i64)>,
) -> QueryResult<Option<Loss>> {
    for (table, before) in counted {
        let lost = count_rows(conn, &table)?.map(|after| before - after);
        if lost.is_none_or(|lost| lost > 0) {
            return Ok(Some(Loss { table, lost, before: Some(before) }));
        }
    }
    Ok(None)
}

/// The number of a table's rows; `None` when there is no such table.
fn count_rows(conn: &mut SqliteConnection, table: &str) -> QueryResult<Option<i64>> {
    let sql = format!("SELECT count(*) AS count FROM main.{}", quoted(table));
    match diesel::sql_query(sql).get_result::<Count>(conn) {
        Ok(row) => Ok(Some(row.count)),
        Err(error) if message(&error).starts_with("no such table: ") => Ok(None),
        Err(error) => Err(error),
    }
}
