//! Locks, full disks, missing rights.
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use migrate_runtime::{Error, Event, Migrations, Runner};

use crate::builder::Set;
use crate::database::Database;

fn one() -> Migrations<'static> {
    Set::new().add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n").build()
}

#[test]
fn a_locked_database_is_given_up_after_the_timeout_and_its_holder_is_named() {
    for mode in ["DELETE", "WAL"] {
        let mut db = Database::new();
        db.execute(&format!("PRAGMA journal_mode = {mode}; PRAGMA busy_timeout = 9999"));
        let mut holder = db.connect();
        holder.batch_execute("BEGIN IMMEDIATE").unwrap();
        let mut waits = 0;
        let mut observer = |event: &Event<'_>| {
            waits += usize::from(matches!(event, Event::Waiting { .. }));
        };
        let error = Runner::new(&one())
            .lock_timeout(Duration::from_millis(400))
            .observer(&mut observer)
            .run(&mut db.conn)
            .unwrap_err();
        let Error::Locked { waited, holder: named, .. } = &error else { panic!("{error}") };
        assert!((400..5000).contains(&waited.as_millis()), "{waited:?}");
        assert!(waits >= 2, "{waits}");
        if cfg!(target_os = "linux") {
            let pid = format!("(pid {})", std::process::id());
            assert!(named.as_ref().is_some_and(|name| name.ends_with(&pid)), "{named:?}");
        }
        holder.batch_execute("ROLLBACK").unwrap();
        assert_eq!(db.number("SELECT timeout FROM pragma_busy_timeout"), 9999);
        assert_eq!(db.run(&one()).applied.len(), 1);
    }
}

#[test]
fn a_lock_that_is_given_up_in_time_is_waited_for() {
    let mut db = Database::new();
    let mut holder = db.connect();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        holder.batch_execute("ROLLBACK").unwrap();
    });
    assert_eq!(db.run(&one()).applied.len(), 1);
    release.join().unwrap();
}

#[test]
fn a_reader_in_the_way_of_the_commit_is_waited_for() {
    let mut db = Database::new();
    db.execute("CREATE TABLE t (x)");
    let mut reader = db.connect();
    reader.batch_execute("BEGIN; SELECT * FROM t").unwrap();
    let error =
        Runner::new(&one()).lock_timeout(Duration::from_millis(200)).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!(!db.has("a"));
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        reader.batch_execute("ROLLBACK").unwrap();
    });
    assert_eq!(db.run(&one()).applied.len(), 1);
    release.join().unwrap();
}

#[test]
fn waiting_can_be_cancelled() {
    let mut db = Database::new();
    let mut holder = db.connect();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let flag = AtomicBool::new(false);
    let mut observer = |_: &Event<'_>| flag.store(true, Ordering::Relaxed);
    let error =
        Runner::new(&one()).observer(&mut observer).cancel_on(&flag).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::Cancelled { half_way: None, .. }), "{error}");
}

#[test]
fn a_read_only_connection_is_refused_before_any_wait() {
    let mut db = Database::new();
    db.execute("CREATE TABLE t (x)");
    let error = Runner::new(&one()).run(&mut db.connect_read_only()).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    assert!(error.to_string().contains("permissions"), "{error}");
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let mut db = Database::new();
    db.execute("PRAGMA page_size = 512; CREATE TABLE t (x); PRAGMA max_page_count = 20");
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "INSERT INTO t VALUES (zeroblob(100000));\n", "SELECT 1;\n")
        .build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::DiskFull { at: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!((place.path.as_str(), place.line), ("migrations/2_b/up.sql", 1));
    assert!(!db.has("a") && !db.has("__migrate_history"));
    db.execute("PRAGMA max_page_count = 100000");
    assert_eq!(db.run(&set).applied.len(), 2);
}

#[test]
fn a_disk_too_small_for_the_ledger_is_full_too() {
    let mut db = Database::new();
    db.execute("PRAGMA page_size = 512; CREATE TABLE t (x); PRAGMA max_page_count = 3");
    let error = Runner::new(&one()).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::DiskFull { at: None, .. }), "{error}");
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 1);
}

#[cfg(unix)]
#[test]
fn a_lock_file_that_cannot_be_made_is_named() {
    let mut db = Database::new();
    let path = format!("{}-migrate-lock", db.path().display());
    std::fs::create_dir(&path).unwrap();
    let set = Set::new().add_outside("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::LockFile { path: named, .. } = &error else { panic!("{error}") };
    assert_eq!(named.to_str().unwrap(), path);
    assert!(!db.has("a"));
}
