//! Rows of tables that a migration does not name stay.
use migrate_runtime::{Error, Migrations, RowLoss, Runner, Undo};

use crate::db::{Db, set};

/// Rooms with messages, which go with them; and a log that a trigger writes.
fn rooms() -> Db {
    let mut db = Db::new();
    db.execute(
        "CREATE TABLE rooms (id INT PRIMARY KEY);
         CREATE TABLE messages (room INT REFERENCES rooms ON DELETE CASCADE);
         CREATE TABLE log (what TEXT);
         INSERT INTO rooms VALUES (1), (2);
         INSERT INTO messages VALUES (1), (1), (2);
         INSERT INTO log VALUES ('begin')",
    );
    db
}

fn up(up: &str) -> Migrations<'static> {
    set().add("1_a", up, "SELECT 1;\n").build()
}

fn loss(db: &mut Db, set: &Migrations<'static>) -> Box<RowLoss> {
    match Runner::new(set).run(&mut db.conn) {
        Err(Error::RowLoss(loss)) => loss,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_that_a_cascade_takes_are_kept() {
    let mut db = rooms();
    let loss = loss(&mut db, &up("DELETE FROM rooms WHERE id = 1;\n"));
    assert_eq!((loss.table.as_str(), loss.lost, loss.before), ("messages", Some(2), None));
    let said = loss.to_string();
    assert!(said.contains("would have deleted 2 rows of table `messages`, which"), "{said}");
    assert_eq!(db.text("SELECT count(*) FROM messages"), "3");
    assert_eq!(db.text("SELECT count(*) FROM rooms"), "2");
    // Named, or allowed, they may go.
    db.run(&up("DELETE FROM messages;\nDELETE FROM rooms;\n"));
}

#[test]
fn rows_may_go_where_the_author_says_so() {
    let mut db = rooms();
    db.run(&up("-- migrate: allow(row-loss) reason=\"a test\"\nDELETE FROM rooms;\n"));
    assert_eq!(db.text("SELECT count(*) FROM messages"), "0");
}

#[test]
fn rows_that_a_trigger_deletes_are_kept_and_those_it_replaces_may_go() {
    let mut db = rooms();
    let trigger = |body: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN {body} RETURN NULL; END $$"
        )
    };
    db.execute(&trigger("DELETE FROM log;"));
    db.execute("CREATE TRIGGER t AFTER UPDATE ON rooms EXECUTE FUNCTION note()");
    let set = up("UPDATE rooms SET id = id + 10 WHERE false;\n");
    assert_eq!(loss(&mut db, &set).table, "log");
    db.execute(&trigger("DELETE FROM log; INSERT INTO log VALUES ('again');"));
    db.run(&set);
    assert_eq!(db.text("SELECT what FROM log"), "again");
}

#[test]
fn a_revert_is_watched_like_any_other_script_and_each_for_itself() {
    let mut db = rooms();
    let set = set()
        .add("1_a", "SELECT 1;\n", "DELETE FROM rooms WHERE id = 2;\n")
        .add("2_b", "SELECT 1;\n", "DELETE FROM messages WHERE room = 1;\n")
        .build();
    db.run(&set);
    let error = Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    // The second's own deletions, in the transaction before, are not put down to the first.
    assert_eq!((loss.migration.name.as_str(), loss.lost), ("1_a", Some(1)));
    assert_eq!(db.text("SELECT count(*) FROM messages"), "1");
    // In one transaction neither.
    let error = Runner::new(&set).redo(&mut db.conn, migrate_runtime::Redo::All).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!((loss.migration.name.as_str(), loss.lost), ("1_a", Some(1)));
}

#[test]
fn partitions_belong_to_their_table_and_temporary_tables_to_nobody() {
    let mut db = Db::new();
    db.execute(
        "CREATE TABLE events (at INT) PARTITION BY RANGE (at);
         CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (0) TO (10)
         PARTITION BY RANGE (at);
         CREATE TABLE events_oldest PARTITION OF events_old FOR VALUES FROM (0) TO (5);
         CREATE TABLE events_new PARTITION OF events FOR VALUES FROM (10) TO (20);
         INSERT INTO events VALUES (1), (2), (11);
         CREATE TEMP TABLE scratch (x INT); INSERT INTO scratch VALUES (1);
         CREATE FUNCTION pg_temp.clean() RETURNS void LANGUAGE sql AS 'DELETE FROM scratch'",
    );
    db.run(&up("DELETE FROM events WHERE at = 1;\nUPDATE events SET at = 12 WHERE at = 2;\nSELECT pg_temp.clean();\n"));
    assert_eq!(db.text("SELECT count(*) FROM events_new"), "2");
}

#[test]
fn what_truncate_takes_along_is_kept() {
    let mut db = rooms();
    db.execute(
        "CREATE TABLE \"Odd name\" (room INT REFERENCES rooms);
         CREATE TABLE likes (x INT REFERENCES rooms);
         DELETE FROM messages; INSERT INTO \"Odd name\" VALUES (1)",
    );
    let set = up("TRUNCATE rooms CASCADE;\n");
    let loss = loss(&mut db, &set);
    assert_eq!((loss.table.as_str(), loss.lost, loss.before), ("Odd name", None, None));
    assert!(loss.to_string().contains("all rows of table `Odd name`"), "{loss}");
    assert_eq!(db.text("SELECT count(*) FROM \"Odd name\""), "1");
    // Tables without a row lose none.
    db.execute("DELETE FROM \"Odd name\"");
    db.run(&set);
    assert_eq!(db.text("SELECT count(*) FROM rooms"), "0");
}

#[test]
fn outside_of_a_transaction_rows_are_watched_too() {
    let mut db = rooms();
    let script = "CREATE TABLE a (x INT);\nDELETE FROM rooms WHERE id = 2;\n";
    let set = set().add_outside("1_a", script, "DROP TABLE a;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    assert!(error.to_string().contains("1 row of table `messages`"), "{error}");
    assert_eq!(db.text("SELECT count(*) FROM messages"), "3");
}
