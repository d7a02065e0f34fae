//! A database in a directory of its own, and looks into it.
use std::path::PathBuf;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use migrate_runtime::{Done, Migrations, Named, Outcome, Runner};

/// Two tables, child rows, and a parent to be rebuilt or dropped.
pub(crate) const ROOMS: &str = "\
CREATE TABLE rooms (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, old_field TEXT);
CREATE TABLE messages (id INTEGER PRIMARY KEY NOT NULL, room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE, body TEXT NOT NULL);
INSERT INTO rooms VALUES (1, 'lobby', 'x');
INSERT INTO messages VALUES (1, 1, 'hi'), (2, 1, 'yo');
";

pub(crate) struct Database {
    dir: tempfile::TempDir,
    pub(crate) conn: SqliteConnection,
}

impl Database {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("test.db");
        let conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        Self { dir, conn }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("test.db")
    }

    /// Another connection to the same file.
    pub(crate) fn connect(&self) -> SqliteConnection {
        SqliteConnection::establish(self.path().to_str().unwrap()).unwrap()
    }

    /// A connection that can only read.
    pub(crate) fn connect_read_only(&self) -> SqliteConnection {
        let url = format!("file:{}?mode=ro", self.path().display());
        SqliteConnection::establish(&url).unwrap()
    }

    pub(crate) fn run(&mut self, set: &Migrations<'static>) -> Outcome {
        Runner::new(set).run(&mut self.conn).unwrap()
    }

    pub(crate) fn execute(&mut self, sql: &str) {
        self.conn.batch_execute(sql).unwrap();
    }

    pub(crate) fn number(&mut self, sql: &str) -> i64 {
        number(&mut self.conn, sql)
    }

    pub(crate) fn text(&mut self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Nullable<Text>)]
            text: Option<String>,
        }
        let row: Row = diesel::sql_query(format!("SELECT ({sql}) AS text"))
            .get_result(&mut self.conn)
            .unwrap();
        row.text.unwrap_or_default()
    }

    /// The definitions of everything but the ledger.
    pub(crate) fn schema(&mut self) -> String {
        self.text(
            "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master \
             WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' AND sql IS NOT NULL ORDER BY name)",
        )
    }

    /// The recorded versions, oldest first.
    pub(crate) fn versions(&mut self) -> String {
        self.text(
            "SELECT group_concat(version, ' ') FROM \
             (SELECT version FROM __diesel_schema_migrations ORDER BY version)",
        )
    }

    pub(crate) fn has(&mut self, table: &str) -> bool {
        self.number(&format!("SELECT count(*) FROM sqlite_master WHERE name = '{table}'")) > 0
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub(crate) fn number(conn: &mut SqliteConnection, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let row: Row = diesel::sql_query(format!("SELECT ({sql}) AS number")).get_result(conn).unwrap();
    row.number
}

pub(crate) fn versions_of(done: &[Done]) -> Vec<&str> {
    done.iter().map(|done| done.migration.version.as_str()).collect()
}

pub(crate) fn names(named: &[Named]) -> Vec<&str> {
    named.iter().map(|named| named.name.as_str()).collect()
}
