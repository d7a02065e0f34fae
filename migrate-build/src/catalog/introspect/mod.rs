//! The schema that a live database has.

mod mysql;
mod outline;
mod postgres;
mod read;

use super::Catalog;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::server::Server;
use crate::sql::{self, Class};

pub use postgres::POSTGRES_SCHEMA;

/// Asks an SQLite database for its schema. SQLite keeps what made each object, as if it had been
/// written like that from the beginning. What belongs to a module's tables, and the ledger, is
/// left out.
const SQLITE_SCHEMA: &str = include_str!("sqlite.sql");

/// Who holds a connection, and sends what is asked.
pub trait Ask {
    /// Why a question was not answered.
    type Error: From<Error>;

    /// Sends a query, and gives of each row the column that has one of the names in
    /// [`Live::COLUMNS`]; nothing for `NULL`.
    ///
    /// # Errors
    /// When the database refuses.
    fn ask(&mut self, query: &str) -> Result<Vec<Option<String>>, Self::Error>;
}

/// The schema of a live database, in the server's own words.
#[derive(Clone, Debug)]
pub struct Live {
    /// The objects, as far as the server's definitions of them can be followed.
    pub catalog: Catalog,
    /// What cannot be followed, or not in full.
    pub unread: Vec<Unread>,
    /// The classes of which this user may not see everything.
    pub unseen: Vec<Class>,
    /// The collation of the database, where texts have it that say none (MySQL, MariaDB).
    pub collation: Option<String>,
}

/// A definition that is not, or not in full, in a catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// What the server says.
    pub definition: String,
    /// Something of this name is in the catalog, and what it is made of is not known.
    pub is_listed: bool,
}

impl Unread {
    pub(super) fn unlisted(definition: String) -> Self {
        Self { definition, is_listed: false }
    }
}

impl Live {
    /// The columns that definitions are in: of what is asked here, and of what `SHOW CREATE` says.
    pub const COLUMNS: &[&str] =
        &["statement", "Create Table", "Create View", "Create Function", "Create Procedure"];

    /// Reads the schema of a database. The ledger, and what belongs to extensions, is left out.
    ///
    /// # Errors
    /// When the database refuses, or the parser of its dialect is not compiled in.
    pub fn read<A: Ask>(server: Server, ask: &mut A) -> Result<Self, A::Error> {
        let parser = sql::parser(server.dialect)?;
        let mut catalog = Catalog::new(server.dialect).on(server.version);
        let mut read = |from, definitions: Vec<String>| {
            read::apply(&mut catalog, parser, server.version, from, definitions)
        };
        let (unread, unseen, collation) = match server.dialect {
            Dialect::Sqlite => {
                let definitions = ask.ask(SQLITE_SCHEMA)?.into_iter().flatten().collect();
                (read("sqlite_schema", definitions), Vec::new(), None)
            }
            Dialect::Postgres => (read("pg_catalog", postgres::ask(ask)?), Vec::new(), None),
            Dialect::Mysql => {
                let mysql::Definitions { all, mut hidden, unseen, collation } = mysql::ask(ask)?;
                hidden.extend(read("SHOW CREATE", all));
                (hidden, unseen, collation)
            }
        };
        Ok(Self { catalog, unread, unseen, collation })
    }
}

impl Catalog {
    /// The schema of a PostgreSQL database, from the rows of [`POSTGRES_SCHEMA`].
    ///
    /// # Errors
    /// When PostgreSQL's parser is not compiled in.
    pub fn of_postgres(definitions: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let parser = sql::parser(Dialect::Postgres)?;
        let mut catalog = Self::new(Dialect::Postgres);
        read::apply(&mut catalog, parser, None, "pg_catalog", definitions);
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
        read::apply(&mut catalog, parser, None, "sqlite_schema", definitions);
        Ok(catalog)
    }
}
