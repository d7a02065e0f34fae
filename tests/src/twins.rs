//! A database and the catalog that follows it, side by side: the same statements, one by one, and the
//! same schema after each; and where one of the two refuses a statement, so does the other.

use std::fmt::Write as _;
use std::sync::Arc;

use cargo_migrate::live;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use migrate_build::catalog::{Application, Catalog, Live};
use migrate_build::compare::{Comparison, Deviation};
use migrate_build::{Dialect, Server, Source, sql};

#[cfg(unix)]
pub use servers::{OnMariadb, OnPostgres};

/// A database.
pub trait Twin {
    /// What it is.
    const SERVER: Server;

    /// Executes a statement. What is refused leaves nothing.
    ///
    /// # Errors
    /// What the database says.
    fn execute(&mut self, statement: &str) -> Result<(), String>;

    /// Its schema.
    fn live(&mut self) -> Live;
}

/// The two.
#[derive(Debug)]
pub struct Twins<T> {
    twin: T,
    catalog: Catalog,
    /// Why it cannot be told what the last statement did.
    pub unclear: Option<&'static str>,
}

impl<T: Twin> Twins<T> {
    /// Both empty.
    pub fn new(twin: T) -> Self {
        let catalog = Catalog::new(T::SERVER.dialect).on(T::SERVER.version);
        Self { twin, catalog, unclear: None }
    }

    /// Runs a script on both.
    ///
    /// # Errors
    /// What they do not agree on.
    ///
    /// # Panics
    /// When the dialect's parser is not compiled in.
    pub fn run(&mut self, script: &str) -> Result<(), String> {
        let whole = Arc::new(Source::new("up.sql", script));
        let mut findings = Vec::new();
        let parser = sql::parser(T::SERVER.dialect).expect("it is compiled in");
        let parsed = parser.parse(&whole, T::SERVER.version, &mut findings);
        if !findings.is_empty() {
            return Err(format!("{script}: {}", findings[0].message));
        }
        let mut application = Application::new(&mut self.catalog, &whole);
        for statement in &parsed.statements {
            let text = whole.slice(statement.span);
            let mark = application.catalog().mark();
            let problems = application.statement(statement);
            self.unclear = application.take_unclear();
            let said = self.twin.execute(text);
            match (&said, problems.is_empty()) {
                (Ok(()), true) => {}
                (Err(_), true) if self.unclear.is_some() => return Ok(()),
                (Err(_), false) => application.catalog().rewind(mark),
                _ => {
                    let server = T::SERVER;
                    return Err(format!("{text}\n  {server}: {said:?}\n  catalog: {problems:?}"));
                }
            }
            compare(application.catalog(), &self.twin.live())
                .map_err(|difference| format!("{text}\n{difference}"))?;
        }
        Ok(())
    }
}

/// Compares what a catalog says with what a database shows; the order of columns, too.
///
/// # Errors
/// What is different.
pub fn compare(simulated: &Catalog, live: &Live) -> Result<(), String> {
    let Comparison { deviations, reordered, .. } = Comparison::of_expected(simulated, live);
    let mut said = String::new();
    for Deviation { class, name, kind, .. } in &deviations {
        let _ = writeln!(said, "  {class} {name}: {kind:?}");
    }
    for key in &reordered {
        let _ = writeln!(said, "  the columns of {} are in another order", key.path);
    }
    for unread in live.unread.iter().filter(|unread| !unread.is_listed) {
        let _ = writeln!(said, "  not followed in what the database shows: {}", unread.definition);
    }
    if said.is_empty() { Ok(()) } else { Err(said) }
}

/// SQLite, in memory.
pub struct OnSqlite(SqliteConnection);

impl OnSqlite {
    /// An empty one.
    ///
    /// # Panics
    /// When there is no memory.
    #[must_use]
    pub fn new() -> Self {
        let mut connection = SqliteConnection::establish(":memory:").expect("a database");
        connection.batch_execute("PRAGMA foreign_keys = OFF").expect("a pragma");
        Self(connection)
    }
}

impl Default for OnSqlite {
    fn default() -> Self {
        Self::new()
    }
}

impl Twin for OnSqlite {
    const SERVER: Server = Server::any(Dialect::Sqlite);

    fn execute(&mut self, statement: &str) -> Result<(), String> {
        self.0.batch_execute(statement).map_err(|error| error.to_string())
    }

    fn live(&mut self) -> Live {
        live::read(&mut self.0, Self::SERVER).expect("the schema can be read")
    }
}

#[cfg(unix)]
mod servers {
    use diesel::mysql::MysqlConnection;
    use diesel::pg::PgConnection;
    use migrate_build::ServerVersion;

    use super::*;
    use crate::server::{Database, MariaDb, Mariadb};

    /// PostgreSQL, in a transaction that ends with the value.
    pub struct OnPostgres<'c>(&'c mut PgConnection);

    impl<'c> OnPostgres<'c> {
        /// Begins the transaction.
        ///
        /// # Panics
        /// When that fails.
        #[must_use]
        pub fn begin(connection: &'c mut PgConnection) -> Self {
            let begun = connection.batch_execute("BEGIN; SET LOCAL search_path = public");
            begun.expect("a transaction");
            Self(connection)
        }
    }

    impl Drop for OnPostgres<'_> {
        fn drop(&mut self) {
            self.0.batch_execute("ROLLBACK").expect("it ends");
        }
    }

    impl Twin for OnPostgres<'_> {
        const SERVER: Server = Server::any(Dialect::Postgres);

        fn execute(&mut self, statement: &str) -> Result<(), String> {
            let guarded = format!("SAVEPOINT one; {statement}; RELEASE one");
            self.0.batch_execute(&guarded).map_err(|error| {
                self.0.batch_execute("ROLLBACK TO one").expect("it is there");
                error.to_string()
            })
        }

        fn live(&mut self) -> Live {
            live::read(self.0, Self::SERVER).expect("the schema can be read")
        }
    }

    /// MariaDB, with a database of its own.
    pub struct OnMariadb {
        connection: MysqlConnection,
        /// Which sees no temporary tables.
        other: MysqlConnection,
        _database: Database<MariaDb>,
    }

    impl OnMariadb {
        /// An empty one.
        #[must_use]
        pub fn new() -> Self {
            let database = Mariadb::shared().database();
            let (connection, other) = (database.connect(), database.connect());
            Self { connection, other, _database: database }
        }
    }

    impl Default for OnMariadb {
        fn default() -> Self {
            Self::new()
        }
    }

    impl Twin for OnMariadb {
        const SERVER: Server = Server {
            dialect: Dialect::Mysql,
            version: Some(ServerVersion { mariadb: true, major: 10, minor: 11 }),
        };

        fn execute(&mut self, statement: &str) -> Result<(), String> {
            self.connection.batch_execute(statement).map_err(|error| error.to_string())
        }

        fn live(&mut self) -> Live {
            live::read(&mut self.other, Self::SERVER).expect("the schema can be read")
        }
    }
}
