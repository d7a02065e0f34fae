//! No row of a table that a migration does not name is lost.

use diesel::mysql::MysqlConnection;
use migrate_runtime::Error;

use super::{Db, applied, database, one, run};

fn family(db: &Db) -> MysqlConnection {
    db.sql(
        "CREATE TABLE parent (id INT PRIMARY KEY);
         CREATE TABLE child (id INT PRIMARY KEY, p INT,
             FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
         CREATE TABLE grandchild (c INT, FOREIGN KEY (c) REFERENCES child (id) ON DELETE CASCADE);
         CREATE TABLE friend (p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL);
         INSERT INTO parent VALUES (1), (2);
         INSERT INTO child VALUES (10, 1), (20, 2);
         INSERT INTO grandchild VALUES (10), (10);
         INSERT INTO friend VALUES (1);",
    );
    db.connect()
}

#[test]
fn rows_that_would_go_by_a_cascade_stop_the_migration() {
    let db = database();
    let conn = &mut family(&db);
    let error = run(conn, &one("DELETE FROM parent WHERE id = 1;\n")).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!((loss.table.as_str(), loss.lost, loss.before), ("child", Some(1), Some(2)));
    assert_eq!(db.sql("SELECT count(*) FROM parent;"), "2\n");
    assert_eq!(db.sql("SELECT count(*) FROM grandchild;"), "2\n");
    assert_eq!(applied(conn), [""; 0]);
}

#[test]
fn who_names_the_tables_or_says_so_may() {
    let db = database();
    let conn = &mut family(&db);
    let error = run(conn, &one("DELETE FROM child WHERE id = 10;\n")).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!((loss.table.as_str(), loss.lost), ("grandchild", Some(2)));
    run(conn, &one("DELETE FROM grandchild;\nDELETE FROM parent WHERE id = 1;\nDELETE FROM child WHERE id = 77;\n")).unwrap();
    assert_eq!(db.sql("SELECT count(*) FROM child;"), "1\n");
    assert_eq!(db.sql("SELECT p FROM friend;"), "NULL\n", "no row of it is gone");

    let db = database();
    let conn = &mut family(&db);
    run(
        conn,
        &one("-- migrate: allow(row-loss) reason=\"they are children\"\nDELETE FROM parent;\n"),
    )
    .unwrap();
    assert_eq!(db.sql("SELECT count(*) FROM child;"), "0\n");
}

#[test]
fn rows_that_would_go_by_a_trigger_or_a_view_stop_it_too() {
    let db = database();
    let conn = &mut family(&db);
    db.sql(
        "CREATE TABLE log (id INT); INSERT INTO log VALUES (1);
         CREATE TABLE t (id INT); INSERT INTO t VALUES (1);
         CREATE TRIGGER tidy AFTER DELETE ON t FOR EACH ROW DELETE FROM log;
         CREATE VIEW parents AS SELECT * FROM parent;",
    );
    let error = run(conn, &one("DELETE FROM t;\n")).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!(loss.table, "log");
    let error = run(conn, &one("DELETE FROM parents;\n")).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!(loss.table, "child");
}

#[test]
fn rows_between_statements_of_the_schema_are_guarded_one_by_one() {
    let db = database();
    let conn = &mut family(&db);
    let set = one("CREATE TABLE a (id INT);\nDELETE FROM parent;\n");
    let error = run(conn, &set).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    assert!(error.to_string().contains("table `child`"), "{error}");
    assert_eq!(db.sql("SELECT count(*) FROM child;"), "2\n");
}

/// Not even the schema is read again for each of them.
#[test]
fn where_no_row_can_go_nothing_is_counted() {
    let db = database();
    db.sql("CREATE TABLE a (id INT); CREATE TABLE b (id INT); INSERT INTO a VALUES (1);");
    let conn = &mut db.connect();
    run(conn, &one("DELETE FROM a;\nDELETE FROM a;\n")).unwrap();
    let counts = db.statements().iter().filter(|s| s.contains("COUNT(*)")).count();
    assert_eq!(counts, 0);
}
