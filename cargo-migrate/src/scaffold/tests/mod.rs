//! What is scaffolded, tried on SQLite itself.

mod engine;
mod requests;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

use super::{Draft, Error, Request, Sqlite};

/// A table with rows, which is where SQLite is strict about what it adds.
const USERS: &str = "CREATE TABLE accounts (id INTEGER PRIMARY KEY NOT NULL);
    CREATE TABLE users (
        id INTEGER PRIMARY KEY NOT NULL,
        email TEXT NOT NULL
    );
    INSERT INTO accounts VALUES (1);
    INSERT INTO users VALUES (1, 'a@example.org');";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(query).load(connection).unwrap();
    lines.into_iter().map(|row| row.line).collect()
}

/// The whole schema: of tables what their text means, since a column that goes and comes back
/// stands last; of all else the text.
fn schema(connection: &mut SqliteConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT * FROM (
            SELECT m.type || ' ' || m.name || ' on ' || m.tbl_name || ': '
                || CASE m.type WHEN 'table' THEN '' ELSE coalesce(m.sql, '') END AS line
            FROM sqlite_master m
            UNION ALL
            SELECT 'column ' || m.name || '.' || c.name || ' ' || c.type || ' '
                || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '-') || ' ' || c.pk
            FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
            UNION ALL
            SELECT 'key ' || m.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\"
            FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
        ) ORDER BY line",
    )
}

fn database(sql: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    connection.batch_execute(sql).unwrap();
    connection
}

fn draft(name: &str, columns: &[&str]) -> Result<Draft, Error> {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Request { name, columns: &columns, ..Request::default() }.draft(&Sqlite)
}

fn irreversible(name: &str, columns: &[&str]) -> Result<Draft, Error> {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Request { name, columns: &columns, irreversible: Some("it is over"), ..Request::default() }
        .draft(&Sqlite)
}

/// Up, down, up: each up makes the same, and down leaves what was there before.
fn there_and_back(before: &str, draft: &Draft) {
    let mut connection = database(before);
    let down = draft.down.as_deref().unwrap();
    let mut run = |sql: &str| {
        connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        schema(&mut connection)
    };
    let empty = run("");
    let up = run(&draft.up);
    assert_ne!(up, empty, "{}", draft.up);
    assert_eq!(run(down), empty, "{}\n{down}", draft.up);
    assert_eq!(run(&draft.up), up);
}
