//! What a migration must not do to rows that it does not name.
use std::collections::HashSet;

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::message;
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

/// What of the schema can take rows away, and what belongs to virtual tables.
const SUSPECTS: &str = "
SELECT type, name, sql FROM main.sqlite_master
WHERE type = 'trigger'
   OR type = 'table' AND (sql LIKE '%cascade%' OR sql LIKE 'create virtual table%')
UNION ALL
SELECT type, name, sql FROM sqlite_temp_master WHERE type = 'trigger'
";

/// What SQLite's own virtual tables (full-text, R-tree) append to their names for the tables
/// behind them, whose rows are theirs.
const SHADOWS: [&str; 11] = [
    "_data",
    "_idx",
    "_content",
    "_docsize",
    "_config",
    "_segments",
    "_segdir",
    "_stat",
    "_node",
    "_rowid",
    "_parent",
];

/// Without being named, a table loses rows only by a cascade that its own definition asks for, or
/// by a trigger that names it. Only those need to be counted, so that the guard costs nothing
/// where nothing can happen.
pub(super) fn exposed_tables(conn: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let suspects: Vec<Object> = diesel::sql_query(SUSPECTS).load(conn)?;
    let (triggers, tables): (Vec<Object>, Vec<Object>) =
        suspects.into_iter().partition(|object| object.kind == "trigger");
    let (virtual_tables, mut exposed): (Vec<String>, Vec<String>) = (
        tables.iter().filter(|table| table.is_virtual()).map(|t| t.name.clone()).collect(),
        tables.iter().filter(|table| !table.is_virtual()).map(|t| t.name.clone()).collect(),
    );
    if !triggers.is_empty() {
        let all: Vec<Name> =
            diesel::sql_query("SELECT name FROM main.sqlite_master WHERE type = 'table'")
                .load(conn)?;
        let texts = Triggers::new(&triggers);
        let is_new = |name: &String| !exposed.contains(name) && !virtual_tables.contains(name);
        let named: Vec<String> =
            all.into_iter().map(|row| row.name).filter(|n| is_new(n) && texts.name(n)).collect();
        exposed.extend(named);
    }
    exposed.retain(|name| !is_internal(name) && !is_shadow(name, &virtual_tables));
    Ok(exposed)
}

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "type")]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

impl Object {
    fn is_virtual(&self) -> bool {
        const START: &str = "create virtual table";
        self.sql.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START))
    }
}

/// The texts of all triggers, prepared to be asked for names.
struct Triggers {
    text: String,
    words: HashSet<String>,
}

impl Triggers {
    fn new(triggers: &[Object]) -> Self {
        let text: Vec<String> = triggers.iter().map(|t| t.sql.to_ascii_lowercase()).collect();
        let text = text.join("\n");
        let words = text.split(|c| !is_word(c)).map(str::to_owned).collect();
        Self { text, words }
    }

    /// Whether a table may be named. A quote within a name is doubled where it is quoted, so such
    /// a name cannot be looked for.
    fn name(&self, table: &str) -> bool {
        let table = table.to_ascii_lowercase();
        if table.chars().all(is_word) {
            return self.words.contains(&table);
        }
        table.contains(['"', '`', '\'']) || self.text.contains(&table)
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn is_internal(name: &str) -> bool {
    const LEDGER: [&str; 3] =
        ["__diesel_schema_migrations", "__migrate_history", "__migrate_journal"];
    LEDGER.contains(&name) || name.starts_with("sqlite_")
}

fn is_shadow(name: &str, virtual_tables: &[String]) -> bool {
    let behind = |table: &String| {
        name.strip_prefix(table.as_str()).is_some_and(|ending| SHADOWS.contains(&ending))
    };
    virtual_tables.iter().any(behind)
}

pub(super) fn count_rows(conn: &mut SqliteConnection, table: &str) -> QueryResult<Option<i64>> {
    let sql = format!("SELECT count(*) AS count FROM main.{}", quoted(table));
    match diesel::sql_query(sql).get_result::<Count>(conn) {
        Ok(row) => Ok(Some(row.count)),
        Err(error) if message(&error).starts_with("no such table: ") => Ok(None),
        Err(error) => Err(error),
    }
}
