//! The runner on a real MariaDB: its lock, its journal, its guards, and Diesel beside it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_macros,
    reason = "a test that cannot go on fails"
)]

mod diesel_harness;
mod guards;
mod hostile;
mod locks;
mod obstacles;
mod resuming;
mod running;
mod sessions;
mod waiting;

use diesel::mysql::MysqlConnection;
use migrate_build::Dialect;
use migrate_runtime::{Error, History, Migrations, Outcome, Runner};
use migrate_tests::Program;
use migrate_tests::server::{CANARY, Database, MariaDb, Mariadb};

type Db = Database<MariaDb>;

fn new_set() -> Program {
    Program::of(Dialect::Mysql)
}

/// One migration.
fn one(up: &str) -> Migrations<'static> {
    new_set().add("1_one", up, "DROP TABLE nothing;\n").migrations()
}

fn database() -> Db {
    Mariadb::shared().database()
}

fn run(conn: &mut MysqlConnection, set: &Migrations<'static>) -> Result<Outcome, Error> {
    Runner::new(set).run(conn)
}

fn applied(conn: &mut MysqlConnection) -> Vec<String> {
    History::read(conn).unwrap().applied().iter().map(|a| a.version.clone()).collect()
}

/// The message of a run that fails; no message may hold the password.
#[track_caller]
fn refused(result: Result<Outcome, Error>) -> String {
    let message = result.unwrap_err().to_string();
    assert!(!message.contains(CANARY), "{message}");
    message
}

/// The names of the tables, without those of runners.
fn tables(db: &Db) -> Vec<String> {
    let names = db.sql(
        "SELECT table_name FROM information_schema.tables
         WHERE table_schema = database() AND table_name NOT LIKE '\\_\\_%' ORDER BY 1;",
    );
    names.lines().map(str::to_owned).collect()
}
