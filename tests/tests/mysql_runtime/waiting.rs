//! Somebody else holds a table or a row.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::mysql::MysqlConnection;
use migrate_runtime::{Error, Event, Runner};

use super::{Db, applied, database, one, tables};

/// A connection whose waits are shorter than a run would make them.
fn impatient(db: &Db) -> MysqlConnection {
    let mut conn = db.connect();
    conn.batch_execute("SET lock_wait_timeout = 1, innodb_lock_wait_timeout = 1").unwrap();
    conn
}

#[test]
fn a_table_in_use_is_tried_again_and_then_given_up_without_a_trace() {
    let db = database();
    db.sql("CREATE TABLE t (id INT);");
    let mut reader = db.connect();
    reader.batch_execute("START TRANSACTION; SELECT * FROM t").unwrap();

    let set = one("ALTER TABLE t ADD COLUMN c INT;\n");
    let conn = &mut db.connect();
    let mut retries = 0;
    let mut observer = |event: &Event<'_>| {
        retries += u32::from(matches!(event, Event::Retrying { .. }));
    };
    let started = Instant::now();
    let mut runner = Runner::new(&set).lock_timeout(Duration::from_secs(2)).observer(&mut observer);
    let error = runner.run(conn).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!((2..30).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert_eq!(db.sql("SELECT count(*) FROM __migrate_journal;"), "0\n");

    reader.batch_execute("COMMIT").unwrap();
    Runner::new(&set).run(conn).unwrap();
    assert_eq!(applied(conn), ["1"]);
}

#[test]
fn a_table_that_becomes_free_is_changed_then() {
    let db = database();
    db.sql("CREATE TABLE t (id INT);");
    let mut reader = db.connect();
    reader.batch_execute("START TRANSACTION; SELECT * FROM t").unwrap();
    let set = one("CREATE TABLE a (id INT);\nALTER TABLE t ADD COLUMN c INT;\n");
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(1800));
            reader.batch_execute("COMMIT").unwrap();
        });
        let mut retries = 0;
        let mut observer = |event: &Event<'_>| {
            retries += u32::from(matches!(event, Event::Retrying { .. }));
        };
        let conn = &mut impatient(&db);
        Runner::new(&set).observer(&mut observer).run(conn).unwrap();
        assert!(retries > 0);
    });
    assert_eq!(tables(&db), ["a", "t"]);
}

#[test]
fn a_row_in_use_is_waited_for_and_the_whole_migration_is_tried_again() {
    let db = database();
    db.sql("CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0), (2, 0);");
    let mut writer = db.connect();
    writer.batch_execute("START TRANSACTION; UPDATE t SET n = 5 WHERE id = 2").unwrap();
    let set = one("UPDATE t SET n = n + 1 WHERE id = 1;\nUPDATE t SET n = n + 1 WHERE id = 2;\n");
    let conn = &mut impatient(&db);
    let error = Runner::new(&set).lock_timeout(Duration::from_secs(1)).run(conn).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");

    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(1800));
            writer.batch_execute("COMMIT").unwrap();
        });
        Runner::new(&set).run(conn).unwrap();
    });
    assert_eq!(db.sql("SELECT n FROM t ORDER BY id;"), "1\n6\n");
}
