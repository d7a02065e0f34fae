//! The private database servers themselves: they start, they keep tests apart, and they are gone
//! with the process that asked for them, even when that is killed.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

use diesel::connection::{Connection as _, SimpleConnection as _};
use migrate_tests::server::{Mariadb, Postgres, Product, Server};

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
    drop(one);
    let refused = other.try_sql(&format!("SELECT * FROM {name}.notes;"));
    assert!(refused.is_err(), "{refused:?}");
}
