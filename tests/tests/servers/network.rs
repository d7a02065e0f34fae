//! What stands between a client and a server: the proxy, and the pooler.

use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use migrate_tests::server::{Database, Mariadb, Pgbouncer, Postgres, Product, Proxy, Server};

#[test]
fn round_trips_to_postgresql_are_counted_and_delayed() {
    round_trips_are_counted_and_delayed(Postgres::shared(), 1);
}

#[test]
fn round_trips_to_mariadb_are_counted_and_delayed() {
    // Diesel allows several statements in one text, sends it, and forbids them again.
    round_trips_are_counted_and_delayed(Mariadb::shared(), 3);
}

fn round_trips_are_counted_and_delayed<P: Product>(server: &Server<P>, of_a_text: usize) {
    let (database, proxy) = (server.database(), Proxy::before(server.port()));
    let mut connection = through(&proxy, &database);
    let before = proxy.round_trips();
    assert!(before > 0, "connecting takes some");
    connection.batch_execute("CREATE TABLE notes (id INT)").unwrap();
    connection.batch_execute("INSERT INTO notes VALUES (1)").unwrap();
    assert_eq!(proxy.round_trips() - before, 2 * of_a_text);

    let wait = Duration::from_millis(200);
    proxy.delay(wait);
    let start = Instant::now();
    connection.batch_execute("INSERT INTO notes VALUES (2)").unwrap();
    assert!(start.elapsed() >= wait, "{:?}", start.elapsed());
}

#[test]
fn a_commit_to_postgresql_is_lost_or_its_answer_is() {
    a_commit_is_lost_or_its_answer_is(Postgres::shared());
}

#[test]
fn a_commit_to_mariadb_is_lost_or_its_answer_is() {
    a_commit_is_lost_or_its_answer_is(Mariadb::shared());
}

fn a_commit_is_lost_or_its_answer_is<P: Product>(server: &Server<P>) {
    let (database, proxy) = (server.database(), Proxy::before(server.port()));
    database.execute("CREATE TABLE notes (id INT)");

    proxy.cut_before("COMMIT");
    assert!(!commits(&mut through(&proxy, &database), 1), "the connection was cut");
    assert_eq!(database.sql("SELECT id FROM notes;"), "");

    proxy.cut_after("COMMIT");
    assert!(!commits(&mut through(&proxy, &database), 2), "the connection was cut");
    assert_eq!(database.sql("SELECT id FROM notes;"), "2\n");

    // Each cut is made once.
    let mut connection = through(&proxy, &database);
    assert!(commits(&mut connection, 3));
    assert_eq!(database.sql("SELECT id FROM notes ORDER BY id;"), "2\n3\n");

    proxy.cut_all();
    assert!(connection.batch_execute("BEGIN").is_err(), "the connection was cut");
}

/// Inserts a row in a transaction, and says whether its commit was answered.
fn commits(connection: &mut impl SimpleConnection, id: u32) -> bool {
    connection.batch_execute("BEGIN").unwrap();
    connection.batch_execute(&format!("INSERT INTO notes VALUES ({id})")).unwrap();
    connection.batch_execute("COMMIT").is_ok()
}

fn through<P: Product>(proxy: &Proxy, database: &Database<P>) -> P::Connection {
    P::Connection::establish(&database.url_on(proxy.port())).unwrap()
}

#[test]
fn a_pooler_gives_the_session_of_one_client_to_another() {
    let server = Postgres::shared();
    let (database, pooler) = (server.database(), Pgbouncer::before(server, 1));
    let connect = || PgConnection::establish(&database.url_on(pooler.port())).unwrap();
    let (mut one, mut other) = (connect(), connect());

    let process = |connection: &mut PgConnection| {
        diesel::select(sql::<Integer>("pg_backend_pid()")).get_result::<i32>(connection).unwrap()
    };
    assert_eq!(process(&mut one), process(&mut other));
    // Which is why a lock of the session keeps nobody out there.
    for connection in [&mut one, &mut other] {
        let lock = sql::<Bool>("pg_try_advisory_lock(1)");
        assert!(diesel::select(lock).get_result::<bool>(connection).unwrap());
    }
}
