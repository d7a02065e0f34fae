//! What a migration must not do to rows that it does not name.
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

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

/// Without being named, a table loses rows only by a cascade that its own definition asks for, or
/// by a trigger that names it (a doubled quote may hide the name). Only those are counted, so that
/// a guard costs nothing where nothing can happen. The tables behind a full-text or R-tree table
/// belong to it.
const EXPOSED_TABLES: &str = r#"
SELECT name FROM main.sqlite_master AS t
WHERE type = 'table'
  AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND name NOT IN ('__diesel_schema_migrations', '__migrate_history', '__migrate_journal')
  AND sql NOT LIKE 'create virtual table%'
  AND (sql LIKE '%cascade%'
    OR EXISTS (SELECT 1
      FROM (SELECT type, sql FROM main.sqlite_master
            UNION ALL SELECT type, sql FROM sqlite_temp_master) AS g
      WHERE g.type = 'trigger'
        AND (instr(lower(g.sql), lower(t.name)) OR t.name GLOB '*["''`]*')))
  AND NOT EXISTS (SELECT 1 FROM main.sqlite_master AS v
    WHERE v.type = 'table' AND v.sql LIKE 'create virtual table%'
      AND substr(t.name, 1, length(v.name)) = v.name
      AND substr(t.name, length(v.name) + 1) IN ('_data', '_idx', '_content', '_docsize',
        '_config', '_segments', '_segdir', '_stat', '_node', '_rowid', '_parent'))
"#;

pub(super) fn count_rows(
    conn: &mut SqliteConnection,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<Vec<(String, i64)>> {
    let tables: Vec<Name> = diesel::sql_query(EXPOSED_TABLES).load(conn)?;
    let unnamed = tables.into_iter().map(|table| table.name).filter(|name| !is_named(name));
    unnamed
        .map(|name| {
            let sql = format!("SELECT count(*) AS count FROM main.{}", quoted(&name));
            let count = diesel::sql_query(sql).get_result::<Count>(conn)?.count;
            Ok((name, count))
        })
        .collect()
}
