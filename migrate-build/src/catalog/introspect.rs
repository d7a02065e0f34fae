//! The schema that a live database has.

use std::sync::Arc;

use super::{Application, Catalog};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::source::Source;
use crate::sql;

impl Catalog {
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
}
