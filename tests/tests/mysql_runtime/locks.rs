//! One run at a time.

use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use migrate_runtime::{Error, Event, Runner};

use super::{applied, database, new_set, one, refused, run};

/// The name of the lock, computed as the documentation of the backend says.
const TAKE: &str = "DO GET_LOCK(CONCAT('cm_', LEFT(SHA2(CONCAT(LOWER(DATABASE()), CHAR(0), \
    '__diesel_schema_migrations'), 256), 40)), 0)";

#[test]
fn many_who_start_at_once_on_a_new_database_apply_everything_once() {
    let db = database();
    let set = new_set()
        .add("1_a", "CREATE TABLE counter (n INT);\nINSERT INTO counter VALUES (0);\n", "DO 1;\n")
        .add("2_b", "UPDATE counter SET n = n + 1;\n", "DO 1;\n")
        .add("3_c", "CREATE TABLE c (id INT);\nUPDATE counter SET n = n + 10;\n", "DO 1;\n")
        .migrations();
    let applied: usize = thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| run(&mut db.connect(), &set).unwrap().applied.len()))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(applied, 3);
    assert_eq!(db.sql("SELECT n FROM counter;"), "11\n");
}

#[test]
fn who_waits_is_told_for_whom_and_who_waited_too_long_too() {
    let db = database();
    let mut other = db.connect();
    other.batch_execute(TAKE).unwrap();
    let mut heard = Vec::new();
    let mut observer = |event: &Event<'_>| {
        if let Event::Waiting { holder, .. } = event {
            heard.push(holder.unwrap_or_default().to_owned());
        }
    };
    let set = one("CREATE TABLE a (id INT);\n");
    let conn = &mut db.connect();
    let mut runner =
        Runner::new(&set).lock_timeout(Duration::from_millis(300)).observer(&mut observer);
    let message = refused(runner.run(conn));
    assert!(message.contains("held by connection "), "{message}");
    assert!(message.contains("(cargo_migrate@127.0.0.1"), "{message}");
    assert!(heard.iter().all(|holder| message.contains(holder)), "{heard:?}");

    drop(other);
    // The server notices in its own time that a connection is closed.
    run(conn, &set).unwrap();
    assert_eq!(applied(conn), ["1"]);
}

#[test]
fn the_lock_is_given_back_by_a_run_that_fails_too() {
    let db = database();
    let conn = &mut db.connect();
    run(conn, &one("CREATE TABLE a LIKE nosuch;\n")).unwrap_err();
    let at_once = one("CREATE TABLE a (id INT);\n");
    let other = &mut db.connect();
    Runner::new(&at_once).lock_timeout(Duration::ZERO).run(other).unwrap();
    // The first connection still lives.
    assert_eq!(applied(conn), ["1"]);
}

#[test]
fn two_databases_of_one_server_do_not_wait_for_each_other() {
    let (db, neighbour) = (database(), database());
    let mut other = neighbour.connect();
    other.batch_execute(TAKE).unwrap();
    let set = one("CREATE TABLE a (id INT);\n");
    Runner::new(&set).lock_timeout(Duration::ZERO).run(&mut db.connect()).unwrap();
}

#[test]
fn a_run_that_lost_its_lock_stops_before_the_next_statement() {
    let db = database();
    let conn = &mut db.connect();
    let set = one("CREATE TABLE a (id INT);\nDO RELEASE_ALL_LOCKS();\nCREATE TABLE b (id INT);\n");
    let message = refused(run(conn, &set));
    assert!(message.contains("does not keep the lock"), "{message}");
    assert!(message.contains("RELEASE_ALL_LOCKS"), "{message}");
    assert_eq!(super::tables(&db), ["a"]);
}

/// Two runs behind a proxy that gives both the same session, which may take a lock twice.
#[test]
fn a_session_that_another_run_has_marked_is_left_alone() {
    let db = database();
    let conn = &mut db.connect();
    conn.batch_execute("SET @cargo_migrate_run = '77@1'").unwrap();
    let message = refused(run(conn, &one("CREATE TABLE a (id INT);\n")));
    assert!(message.contains("ProxySQL"), "{message}");

    let conn = &mut db.connect();
    let set = one(
        "CREATE TABLE a (id INT);\nSET @cargo_migrate_run = '77@1';\nCREATE TABLE b (id INT);\n",
    );
    let message = refused(run(conn, &set));
    assert!(message.contains("ProxySQL"), "{message}");
    assert_eq!(super::tables(&db), ["a"]);
}

#[test]
fn a_script_that_chooses_another_database_does_not_take_the_ledger_along() {
    let (db, neighbour) = (database(), database());
    let conn = &mut db.connect();
    let set = new_set()
        .add(
            "1_a",
            &format!("USE {};\nCREATE TABLE there (id INT);\n", neighbour.name()),
            "DO 1;\n",
        )
        .add("2_b", "CREATE TABLE here (id INT);\n", "DO 1;\n")
        .migrations();
    run(conn, &set).unwrap();
    assert_eq!(super::tables(&neighbour), ["there"]);
    assert_eq!(super::tables(&db), ["here"]);
    assert_eq!(applied(conn), ["1", "2"]);
}

#[test]
fn waiting_ends_when_the_caller_says_so() {
    let db = database();
    let mut other = db.connect();
    other.batch_execute(TAKE).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(true);
    let set = one("CREATE TABLE a (id INT);\n");
    let error = Runner::new(&set).cancel_on(&stop).run(&mut db.connect()).unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error}");
}
