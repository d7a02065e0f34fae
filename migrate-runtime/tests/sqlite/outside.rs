//! Migrations that run outside of a transaction: journaled, resumed, or stopped with words.
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use migrate_runtime::{
    Error, Event, HalfWay, HalfWayReason, History, Migrations, PlanError, Redo, Runner, Standing,
    State, Undo,
};

use crate::builder::Set;
use crate::database::{Database, names, versions_of};

fn one(up: &str) -> Migrations<'static> {
    Set::new().add_outside("1_a", up, "DROP TABLE a;\n").build()
}

fn stopped(db: &mut Database, set: &Migrations<'static>) -> Box<HalfWay> {
    match Runner::new(set).run(&mut db.conn) {
        Err(Error::HalfWay(half_way)) => half_way,
        other => panic!("{other:?}"),
    }
}

const TWO_THEN_BROKEN: &str = "CREATE TABLE a (x);\nINSERT INTO a VALUES (1);\nINSERT INTO nosuch VALUES (1);\nINSERT INTO a VALUES (2);\n";

#[test]
fn it_is_applied_recorded_and_leaves_no_journal_and_no_lock_file() {
    let mut db = Database::new();
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add_outside(
            "2_b",
            "PRAGMA journal_mode = WAL;\nINSERT INTO a VALUES (1);\nVACUUM;\nBEGIN;\nINSERT INTO a VALUES (2);\nCOMMIT;\nBEGIN;\nDELETE FROM a;\nROLLBACK;\n",
            "DELETE FROM a;\n",
        )
        .add("3_c", "INSERT INTO a VALUES (3);\n", "SELECT 1;\n")
        .build();
    let outcome = db.run(&set);
    assert_eq!(versions_of(&outcome.applied), ["1", "2", "3"]);
    assert_eq!(db.number("SELECT sum(x) FROM a"), 6);
    assert_eq!(db.number("SELECT count(*) FROM __migrate_journal"), 0);
    assert_eq!(db.number("SELECT count(DISTINCT batch) FROM __migrate_history"), 1);
    assert_eq!(db.text("SELECT group_concat(ord) FROM __migrate_history"), "1,2,3");
    assert!(!db.files().iter().any(|name| name.contains("lock")), "{:?}", db.files());
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::Count(2)).unwrap();
    assert_eq!((versions_of(&outcome.reverted), outcome.batch), (vec!["3", "2"], None));
    assert_eq!(db.number("SELECT count(*) FROM a"), 0);
}

#[test]
fn a_failure_before_anything_lasts_leaves_no_mark() {
    let mut db = Database::new();
    let set = one(
        "PRAGMA cache_size = 100;\nVACUUM;\nCREATE TEMP TABLE t (x);\nINSERT INTO nosuch VALUES (1);\n",
    );
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::Statement(error) = error else { panic!("{error}") };
    assert_eq!((error.place.statement, error.place.line), (4, 4));
    assert_eq!(names(&error.outcome.left), ["1_a"]);
    assert_eq!(db.number("SELECT count(*) FROM __migrate_journal"), 0);
    assert!(matches!(set.standing(&mut db.conn).unwrap(), Standing::Behind { .. }));
}

#[test]
fn a_failure_half_way_says_what_is_done_and_goes_on_once_the_rest_is_mended() {
    let mut db = Database::new();
    let broken = one(TWO_THEN_BROKEN);
    let half_way = stopped(&mut db, &broken);
    assert_eq!((half_way.done, half_way.of), (2, 4));
    let said = half_way.to_string();
    assert!(said.contains("2 of 4 statements are done"), "{said}");
    assert!(said.contains("migrations/1_a/up.sql:3:1"), "{said}");
    assert!(said.contains("goes on with statement 3"), "{said}");
    assert!(Error::HalfWay(half_way).is_half_way());
    assert!(matches!(broken.standing(&mut db.conn).unwrap(), Standing::Unfinished { .. }));

    // The same again: no statement is repeated.
    assert_eq!(stopped(&mut db, &broken).done, 2);
    assert_eq!(db.number("SELECT count(*) FROM a"), 1);

    let mended = one(&TWO_THEN_BROKEN.replace("nosuch VALUES (1)", "a VALUES (10)"));
    let mut resumed = None;
    let mut observer = |event: &Event<'_>| {
        if let Event::Resumed { done, .. } = event {
            resumed = Some(*done);
        }
    };
    let outcome = Runner::new(&mended).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!(versions_of(&outcome.applied), ["1"]);
    assert_eq!(resumed, Some(2));
    assert_eq!(db.number("SELECT sum(x) FROM a"), 13);
    assert_eq!(mended.standing(&mut db.conn).unwrap(), Standing::UpToDate);
}

#[test]
fn what_is_done_must_not_be_edited() {
    let mut db = Database::new();
    stopped(&mut db, &one(TWO_THEN_BROKEN));
    let edited = one(&TWO_THEN_BROKEN
        .replace("VALUES (1);\nINSERT INTO nosuch", "VALUES (5);\nINSERT INTO nosuch"));
    let half_way = stopped(&mut db, &edited);
    assert!(
        matches!(&half_way.reason, HalfWayReason::Changed { path } if path == "migrations/1_a/up.sql")
    );
    assert!(half_way.to_string().contains("have been changed"), "{half_way}");
    assert_eq!(db.number("SELECT count(*) FROM a"), 1);
}

#[test]
fn a_file_that_is_gone_cannot_go_on() {
    let mut db = Database::new();
    stopped(&mut db, &one(TWO_THEN_BROKEN));
    let half_way = stopped(&mut db, &Set::new().build());
    assert!(matches!(half_way.reason, HalfWayReason::Gone));
    let history = History::read(&mut db.conn).unwrap();
    let status = history.status(&Set::new().build());
    let [begun] = status.as_slice() else { panic!("{status:?}") };
    assert_eq!((begun.migration.name.as_str(), begun.state), ("1_a", State::Unfinished));
}

#[test]
fn the_session_is_set_up_again_before_it_goes_on() {
    let mut db = Database::new();
    db.execute("PRAGMA recursive_triggers = OFF");
    let script = |last: &str| {
        one(&format!("PRAGMA recursive_triggers = ON;\nCREATE TABLE a (x);\n{last}\n"))
    };
    stopped(&mut db, &script("SELECT nosuch;"));
    db.conn = db.connect();
    assert_eq!(db.number("SELECT recursive_triggers FROM pragma_recursive_triggers"), 0);
    db.run(&script("INSERT INTO a SELECT recursive_triggers FROM pragma_recursive_triggers;"));
    assert_eq!(db.number("SELECT x FROM a"), 1);
}

#[test]
fn a_temporary_table_that_died_with_its_connection_stops_it() {
    let mut db = Database::new();
    let set = one(
        "CREATE TEMP TABLE t AS SELECT 1 AS x;\nCREATE TABLE a (x);\nINSERT INTO nosuch SELECT x FROM t;\n",
    );
    stopped(&mut db, &set);
    db.conn = db.connect();
    let half_way = stopped(&mut db, &set);
    let HalfWayReason::SessionLost { place } = &half_way.reason else { panic!("{half_way}") };
    assert_eq!((place.statement, place.line), (1, 1));
    assert!(half_way.to_string().contains("lasts only as long as the connection"), "{half_way}");
}

#[test]
fn an_own_transaction_is_all_or_nothing() {
    let mut db = Database::new();
    let script = |last: &str| {
        one(&format!("CREATE TABLE a (x);\nBEGIN;\nINSERT INTO a VALUES (1);\n{last}\nCOMMIT;\n"))
    };
    let half_way = stopped(&mut db, &script("INSERT INTO nosuch VALUES (1);"));
    assert_eq!((half_way.done, half_way.of), (1, 5));
    assert_eq!(db.number("SELECT count(*) FROM a"), 0);
    db.run(&script("INSERT INTO a VALUES (2);"));
    assert_eq!(db.number("SELECT sum(x) FROM a"), 3);
}

#[test]
fn a_transaction_that_is_not_closed_or_not_opened_is_refused() {
    for text in ["BEGIN;\nCREATE TABLE a (x);\n", "COMMIT;\n"] {
        let mut db = Database::new();
        let error = Runner::new(&one(text)).run(&mut db.conn).unwrap_err();
        assert!(error.to_string().contains("not both opened and closed"), "{error}");
        assert!(!db.has("a"));
        assert_eq!(db.number("SELECT count(*) FROM __migrate_journal"), 0);
    }
}

#[test]
fn the_same_statements_inside_a_transaction_are_refused_before_anything_is_touched() {
    let mut db = Database::new();
    let set = Set::new().add("1_a", "CREATE TABLE a (x);\nVACUUM;\n", "DROP TABLE a;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::Plan(PlanError::NotInTransaction(place)) = &error else { panic!("{error}") };
    assert_eq!(place.line, 2);
    assert!(error.to_string().contains("run_in_transaction = false"), "{error}");
}

#[test]
fn going_the_other_way_half_way_is_refused() {
    let mut db = Database::new();
    let broken = one(TWO_THEN_BROKEN);
    stopped(&mut db, &broken);
    let error = Runner::new(&broken).revert(&mut db.conn, Undo::All).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::OtherDirection));
    assert!(error.to_string().contains("Finish it with `cargo migrate run`"), "{error}");
}

#[test]
fn a_revert_half_way_is_finished_by_a_revert() {
    let mut db = Database::new();
    let up = "CREATE TABLE a (x);\nCREATE TABLE b (x);\n";
    let set = |down: &str| Set::new().add_outside("1_a", up, down).build();
    let broken = set("DROP TABLE a;\nDROP TABLE nosuch;\n");
    db.run(&broken);
    let error = Runner::new(&broken).revert(&mut db.conn, Undo::All).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    let error = Runner::new(&broken).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("Finish the revert"), "{error}");
    let history = History::read(&mut db.conn).unwrap();
    assert_eq!(history.status(&broken)[0].state, State::Unfinished);
    let mended = set("DROP TABLE a;\nDROP TABLE b;\n");
    let outcome = Runner::new(&mended).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["1"]);
    assert_eq!((db.schema(), db.versions()), (String::new(), String::new()));
}

#[test]
fn a_revert_from_the_ledger_is_journaled_too_and_goes_on() {
    let mut db = Database::new();
    db.run(
        &Set::new()
            .add_outside("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\nDROP TABLE later;\n")
            .build(),
    );
    let empty = Set::new().build();
    let error = Runner::new(&empty).revert(&mut db.conn, Undo::All).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    db.execute("CREATE TABLE later (x)");
    Runner::new(&empty).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(db.schema(), "");
}

#[test]
fn redo_goes_through_both_ways() {
    let mut db = Database::new();
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add_outside("2_b", "INSERT INTO a VALUES (1);\n", "DELETE FROM a;\n")
        .build();
    db.run(&set);
    let outcome = Runner::new(&set).redo(&mut db.conn, Redo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["2", "1"]);
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    assert_eq!((db.number("SELECT count(*) FROM a"), outcome.left.len()), (1, 0));
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn cancelled_half_way_it_goes_on_next_time() {
    let mut db = Database::new();
    let set = one("CREATE TABLE a (x);\nINSERT INTO a VALUES (1);\n");
    let flag = AtomicBool::new(false);
    let mut observer = |event: &Event<'_>| {
        flag.fetch_or(matches!(event, Event::StatementFinished { .. }), Ordering::Relaxed);
    };
    let error =
        Runner::new(&set).observer(&mut observer).cancel_on(&flag).run(&mut db.conn).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    assert!(error.to_string().contains("up.sql:2:1 (statement 2 of 2)"), "{error}");
    db.run(&set);
    assert_eq!(db.number("SELECT count(*) FROM a"), 1);
}

#[test]
fn rows_are_guarded_here_too() {
    let mut db = Database::new();
    db.execute(
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (p REFERENCES p (id) ON DELETE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)",
    );
    let error = Runner::new(&one("DELETE FROM p;\n")).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::RowLoss(_)), "{error}");
    let half_way = stopped(&mut db, &one("CREATE TABLE a (x);\nDELETE FROM p;\n"));
    assert!(half_way.to_string().contains("1 of 1 rows of table `c`"), "{half_way}");
    assert_eq!(db.number("SELECT count(*) FROM c"), 1);
}

#[test]
fn what_the_script_does_to_foreign_keys_ends_with_it() {
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    let set = Set::new()
        .add_outside("1_a", "PRAGMA foreign_keys = OFF;\nCREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "INSERT INTO a SELECT foreign_keys FROM pragma_foreign_keys;\n", "SELECT 1;\n")
        .build();
    db.run(&set);
    assert_eq!(db.number("SELECT x FROM a"), 1);
    assert_eq!(db.number("SELECT foreign_keys FROM pragma_foreign_keys"), 1);
}

#[test]
fn a_live_runner_is_waited_for_and_named() {
    let mut db = Database::new();
    let broken = one(TWO_THEN_BROKEN);
    stopped(&mut db, &broken);
    // Somebody is at it: the lock file is held.
    let path = format!("{}-migrate-lock", db.path().display());
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let set = Set::new()
        .add_outside("1_a", TWO_THEN_BROKEN, "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n")
        .build();
    let error =
        Runner::new(&set).lock_timeout(Duration::from_millis(200)).run(&mut db.conn).unwrap_err();
    let Error::Locked { holder: Some(holder), .. } = &error else { panic!("{error}") };
    assert!(holder.starts_with(&format!("pid {}", std::process::id())), "{holder}");
    assert!(!db.has("b"));
    // It died: whoever comes next gets the lock, and finds the file's traces gone afterwards.
    drop(file);
    assert_eq!(stopped(&mut db, &set).done, 2);
    assert!(!std::path::Path::new(&path).exists());
}
