//! A look into an SQLite database.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

/// An open database.
pub struct Database(SqliteConnection);

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

impl Database {
    /// Opens a database, and makes one that is not there.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let url = path.to_str().expect("a path in UTF-8");
        Self(SqliteConnection::establish(url).expect("the database opens"))
    }

    /// Diesel's own connection.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }

    /// Executes SQL.
    ///
    /// # Panics
    /// When the database refuses it.
    #[track_caller]
    pub fn execute(&mut self, sql: &str) {
        self.0.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The texts that a query of one column gives; `NULL` is none.
    ///
    /// # Panics
    /// When the database refuses it.
    #[track_caller]
    pub fn texts(&mut self, query: &str) -> Vec<String> {
        let query = format!(
            "WITH result(value) AS ({query}) SELECT CAST(value AS TEXT) AS value FROM result"
        );
        let values: Vec<Value> = diesel::sql_query(&query)
            .load(&mut self.0)
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        values.into_iter().map(|row| row.value.unwrap_or_default()).collect()
    }

    /// The names of the tables, indexes, views and triggers, without those that runners keep.
    #[track_caller]
    pub fn names(&mut self) -> Vec<String> {
        self.texts(&format!("SELECT name {OBJECTS} ORDER BY name"))
    }

    /// The schema as SQL, without what runners keep.
    #[track_caller]
    pub fn schema(&mut self) -> String {
        self.texts(&format!("SELECT sql || ';' {OBJECTS} ORDER BY type DESC, name")).join("\n")
    }

    /// The applied versions, as Diesel reads them.
    #[track_caller]
    pub fn versions(&mut self) -> Vec<String> {
        let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
        if self
            .texts("SELECT name FROM sqlite_schema WHERE name = '__diesel_schema_migrations'")
            .is_empty()
        {
            return Vec::new();
        }
        self.texts(query)
    }
}

/// `sqlite_` objects are SQLite's own, `__` ones the runners'.
const OBJECTS: &str = "FROM sqlite_schema WHERE sql IS NOT NULL AND substr(tbl_name, 1, 2) <> '__' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
