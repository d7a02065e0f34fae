//! A database of a test's own, and looks into it.
use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use migrate_runtime::{Dialect, Done, Event, Migrations, Named, Outcome, Runner};
use migrate_tests::server::{self, PostgreSql, Postgres, Proxy};

use crate::builder::Set;

pub(crate) struct Db {
    pub(crate) database: server::Database<PostgreSql>,
    pub(crate) conn: PgConnection,
}

impl Db {
    pub(crate) fn new() -> Self {
        Self::on(Postgres::shared())
    }

    pub(crate) fn on(server: &Postgres) -> Self {
        let database = server.database();
        let conn = database.connect();
        Self { database, conn }
    }

    /// Another connection to the same database.
    pub(crate) fn connect(&self) -> PgConnection {
        self.database.connect()
    }

    /// Another connection, as somebody who may do anything.
    pub(crate) fn as_superuser(&self) -> PgConnection {
        let server = self.database.server();
        let directory = server.directory().to_str().unwrap().replace('/', "%2F");
        let (port, name) = (server.port(), self.database.name());
        establish(&format!("postgres://postgres@{directory}:{port}/{name}"))
    }

    /// A connection through a proxy.
    pub(crate) fn connect_by(&self, proxy: &Proxy) -> PgConnection {
        establish(&self.database.url_on(proxy.port()))
    }

    pub(crate) fn proxy(&self) -> Proxy {
        Proxy::before(self.database.server().port())
    }

    pub(crate) fn run(&mut self, set: &Migrations<'static>) -> Outcome {
        Runner::new(set).run(&mut self.conn).unwrap()
    }

    pub(crate) fn execute(&mut self, sql: &str) {
        self.conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The value of an expression as text; empty when there is none.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        text(&mut self.conn, expression)
    }

    /// The recorded versions, in the order of application.
    pub(crate) fn versions(&mut self) -> String {
        self.text(
            "SELECT string_agg(version, ' ' ORDER BY run_on, version) \
             FROM __diesel_schema_migrations",
        )
    }

    pub(crate) fn has(&mut self, relation: &str) -> bool {
        !self.text(&format!("SELECT to_regclass('{relation}')::text")).is_empty()
    }

    /// How many sessions hold the lock of a run on this database.
    pub(crate) fn locks(&mut self) -> String {
        self.text(
            "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = \
             (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
    }
}

/// Ends the session of the run that is at work, as the server's administrator would.
pub(crate) fn end_run(db: &mut Db) {
    let pid = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'cargo-migrate:%' \
               AND datname = current_database()";
    db.execute(&format!("SELECT pg_terminate_backend(({pid}))"));
    while db.text(&format!("SELECT count(*) FROM ({pid}) AS p")) != "0" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

pub(crate) fn establish(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

pub(crate) fn text(conn: &mut PgConnection, expression: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        value: Option<String>,
    }
    let sql = format!("SELECT ({expression})::text AS value");
    let row: Row =
        diesel::sql_query(&sql).get_result(conn).unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.value.unwrap_or_default()
}

/// A set for PostgreSQL.
pub(crate) fn set() -> Set {
    Set::of(Dialect::Postgres)
}

/// One table.
pub(crate) fn one() -> Migrations<'static> {
    set().add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n").build()
}

pub(crate) fn versions_of(done: &[Done]) -> Vec<&str> {
    done.iter().map(|done| done.migration.version.as_str()).collect()
}

pub(crate) fn names(named: &[Named]) -> Vec<&str> {
    named.iter().map(|named| named.name.as_str()).collect()
}

/// The names of the events of a run.
pub(crate) fn name_of(event: &Event<'_>) -> String {
    let text = format!("{event:?}");
    text.split([' ', '{']).next().unwrap().to_owned()
}
