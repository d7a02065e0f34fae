//! The private database servers themselves: they keep tests apart, can be killed and started again,
//! and are gone with the process that asked for them, even when that is killed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

mod network;
mod schema;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::RunQueryDsl as _;
use migrate_tests::server::{Mariadb, Postgres, Product, Server};
use migrate_tests::wait_until;

/// How long something may take that another process does.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn each_test_has_an_empty_database_of_its_own_on_postgresql() {
    databases_are_apart(Postgres::shared());
}

#[test]
fn each_test_has_an_empty_database_of_its_own_on_mariadb() {
    databases_are_apart(Mariadb::shared());
}

fn databases_are_apart<P: Product>(server: &Server<P>) {
    let one = server.database();
    let other = server.database();
    assert_ne!(one.name(), other.name());

    // By the product's own client, by Diesel over TCP, and as the user whose password is encoded.
    for database in [&one, &other] {
        database.sql("CREATE TABLE notes (text VARCHAR(20), stars INT);");
        database.execute("INSERT INTO notes VALUES ('ä', 1), (NULL, 2)");
        let mut awkward = P::Connection::establish(&database.awkward_url()).unwrap();
        awkward.batch_execute("CREATE TABLE more (id INT)").unwrap();
    }
    assert_eq!(one.sql("SELECT text, stars FROM notes ORDER BY stars;"), "ä\t1\nNULL\t2\n");

    let name = one.name().to_owned();
    let _still_open = one.connect();
    drop(one);
    let gone = other.try_sql(&format!("SELECT * FROM {name}.notes;"));
    assert!(gone.is_err(), "{gone:?}");
}

#[test]
fn a_transaction_left_open_does_not_keep_a_test_from_ending_on_postgresql() {
    databases_go_under_a_transaction(Postgres::shared());
}

#[test]
fn a_transaction_left_open_does_not_keep_a_test_from_ending_on_mariadb() {
    databases_go_under_a_transaction(Mariadb::shared());
}

fn databases_go_under_a_transaction<P: Product>(server: &Server<P>) {
    let database = server.database();
    database.execute("CREATE TABLE notes (id INT)");
    let mut connection = database.connect();
    connection.batch_execute("BEGIN").unwrap();
    connection.batch_execute("INSERT INTO notes VALUES (1)").unwrap();
    let start = Instant::now();
    drop(database);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn every_statement_on_postgresql_is_on_record() {
    statements_are_on_record(Postgres::shared(), |connection, sql| {
        diesel::sql_query(sql).execute(connection).unwrap();
    });
}

#[test]
fn every_statement_on_mariadb_is_on_record() {
    statements_are_on_record(Mariadb::shared(), |connection, sql| {
        diesel::sql_query(sql).execute(connection).unwrap();
    });
}

fn statements_are_on_record<P: Product>(
    server: &Server<P>,
    execute_prepared: impl Fn(&mut P::Connection, &str),
) {
    let (database, other) = (server.database(), server.database());
    let mut connection = database.connect();
    let by_diesel = database.statements().len();
    connection.batch_execute("CREATE TABLE a (\n\tid INT\n)").unwrap();
    other.execute("CREATE TABLE elsewhere (id INT)");
    execute_prepared(&mut connection, "DROP TABLE a");
    assert_eq!(
        database.statements()[by_diesel..],
        ["CREATE TABLE a (\n\tid INT\n)", "DROP TABLE a"]
    );
}

#[test]
fn a_killed_postgresql_keeps_what_was_committed() {
    a_killed_server_keeps_what_was_committed(&Postgres::start());
}

#[test]
fn a_killed_mariadb_keeps_what_was_committed() {
    a_killed_server_keeps_what_was_committed(&Mariadb::start());
}

fn a_killed_server_keeps_what_was_committed<P: Product>(server: &Server<P>) {
    let database = server.database();
    let mut connection = database.connect();
    connection.batch_execute("CREATE TABLE notes (id INT)").unwrap();
    connection.batch_execute("INSERT INTO notes VALUES (1)").unwrap();
    connection.batch_execute("BEGIN").unwrap();
    connection.batch_execute("INSERT INTO notes VALUES (2)").unwrap();

    server.stop_immediate();
    assert!(connection.batch_execute("COMMIT").is_err(), "the server is gone");
    assert!(P::Connection::establish(&database.url()).is_err(), "nobody listens");

    // Once more: it runs, and is stopped first.
    for _ in 0..2 {
        server.restart();
        assert_eq!(database.sql("SELECT id FROM notes;"), "1\n");
    }
}

#[test]
fn a_server_that_does_not_start_fails_the_test_with_its_log() {
    let server = Postgres::start();
    server.stop_immediate();
    fs::remove_file(server.directory().join("data/PG_VERSION")).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| server.restart())).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("is not a valid data directory"), "{message}");
}

#[test]
fn a_standby_follows_and_refuses_to_write() {
    let primary = Postgres::start();
    let database = primary.database();
    let standby = Postgres::standby(&primary);
    database.execute("CREATE TABLE notes (id INT)");

    let address = database.url_on(standby.port());
    wait_until("the table arrives", || {
        let connection = diesel::PgConnection::establish(&address);
        connection.is_ok_and(|mut it| it.batch_execute("SELECT * FROM notes").is_ok())
    });
    let mut connection = diesel::PgConnection::establish(&address).unwrap();
    let refused = connection.batch_execute("INSERT INTO notes VALUES (1)").unwrap_err();
    assert!(refused.to_string().contains("read-only transaction"), "{refused}");
}

#[test]
fn nothing_stays_of_the_servers_of_a_killed_process() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server-keeper"));
    let mut keeper = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(keeper.stdout.take().unwrap()).lines().take(2);
    let servers: Vec<(u16, String)> = lines
        .map(|line| {
            let line = line.unwrap();
            let (port, directory) = line.split_once(' ').unwrap();
            (port.parse().unwrap(), directory.to_owned())
        })
        .collect();
    assert_eq!(servers.len(), 2);
    let listens = |port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    for (port, directory) in &servers {
        assert!(listens(*port) && Path::new(directory).exists());
    }

    // By SIGKILL: it cannot clean up.
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    for (port, directory) in &servers {
        wait_until("the directory is gone", || !Path::new(directory).exists());
        assert!(!listens(*port), "the server on port {port} is still there");
    }
}
