//! The schema that a live database has.

use std::sync::Arc;

use super::{Application, Catalog};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::server::ServerVersion;
use crate::source::Source;
use crate::sql;

mod outline;

/// Asks a PostgreSQL database for its schema: rows of one column, `statement`, for
/// [`Catalog::of_postgres`].
pub const POSTGRES_SCHEMA: &str = include_str!("postgres.sql");

impl Catalog {
    /// The schema of a PostgreSQL database, from the rows of [`POSTGRES_SCHEMA`].
    ///
    /// # Errors
    /// When PostgreSQL's parser is not compiled in.
    pub fn of_postgres(definitions: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let parser = sql::parser(Dialect::Postgres)?;
        let mut catalog = Self::new(Dialect::Postgres);
        for definition in definitions {
            let source = Arc::new(Source::new("pg_catalog", definition));
            let parsed = parser.parse(&source, None, &mut Vec::new());
            // What cannot be read is missing, and so is what stands on it.
            let _ = Application::new(&mut catalog, &source).script(&parsed.statements);
        }
        catalog.settle();
        Ok(catalog)
    }

    /// The schema of an SQLite database, from the column `sql` of its table `sqlite_schema`, in the
    /// order of its rows: SQLite keeps what made each object, as if it had been written like that
    /// from the beginning.
    ///
    /// # Errors
    /// When SQLite's parser is not compiled in.
    pub fn of_sqlite(definitions: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let parser = sql::parser(Dialect::Sqlite)?;
        let mut catalog = Self::default();
        for definition in definitions {
            let source = Arc::new(Source::new("sqlite_schema", definition));
            let parsed = parser.parse(&source, None, &mut Vec::new());
            // Where an index stands before its table, nothing but that is said.
            let _ = Application::new(&mut catalog, &source).script(&parsed.statements);
        }
        catalog.settle();
        Ok(catalog)
    }

    /// The schema of a MariaDB or MySQL database: what `SHOW CREATE TABLE`, `SHOW CREATE VIEW` and
    /// the others say of each object, tables before triggers. They are in the database of this name.
    ///
    /// # Errors
    /// When MySQL's parser is not compiled in.
    pub fn of_mysql(
        database: &str,
        version: Option<ServerVersion>,
        definitions: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        let parser = sql::parser(Dialect::Mysql)?;
        let mut catalog = Self::new(Dialect::Mysql).on(version);
        let qualifier = format!("`{}`.", database.replace('`', "``"));
        for definition in definitions {
            // Tables refer to others that come behind them.
            let text =
                format!("SET foreign_key_checks = 0; {}", definition.replace(&qualifier, ""));
            let source = Arc::new(Source::new("SHOW CREATE", text));
            let parsed = parser.parse(&source, version, &mut Vec::new());
            let _ = Application::new(&mut catalog, &source).script(&parsed.statements);
        }
        catalog.settle();
        Ok(catalog)
    }
}
