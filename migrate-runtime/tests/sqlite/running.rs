//! Applying.
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use migrate_runtime::{All, Error, Event, Goal, Migrations, Runner, Standing, Target};

use crate::builder::Set;
use crate::database::{Database, names, versions_of};

fn three() -> Migrations<'static> {
    Set::new()
        .add("2026-01-01_a", "CREATE TABLE a (x INTEGER);\n", "DROP TABLE a;\n")
        .add("2026-01-02_b", "CREATE TABLE b (x INTEGER);\n", "DROP TABLE b;\n")
        .add("2026-01-03_c", "CREATE TABLE c (x INTEGER);\n", "DROP TABLE c;\n")
        .build()
}

#[test]
fn a_fresh_database_gets_everything_in_one_batch() {
    let mut db = Database::new();
    let outcome = db.run(&three());
    assert_eq!(versions_of(&outcome.applied), ["20260101", "20260102", "20260103"]);
    assert_eq!((outcome.batch, outcome.left.len()), (Some(1), 0));
    assert_eq!(db.versions(), "20260101 20260102 20260103");
    assert_eq!(db.number("SELECT count(*) FROM __migrate_history WHERE batch = 1"), 3);
    assert_eq!(db.number("SELECT count(*) FROM __migrate_journal"), 0);
    assert_eq!(db.text("SELECT name FROM __migrate_history WHERE ord = 2"), "2026-01-02_b");
}

#[test]
fn diesels_table_is_made_byte_for_byte_as_diesel_makes_it() {
    let mut db = Database::new();
    db.run(&three());
    let ours = db.text("SELECT sql FROM sqlite_master WHERE name = '__diesel_schema_migrations'");
    let mut theirs = Database::new();
    use diesel::migration::MigrationConnection as _;
    theirs.conn.setup().unwrap();
    assert_eq!(
        ours,
        theirs.text("SELECT sql FROM sqlite_master WHERE name = '__diesel_schema_migrations'")
    );
}

#[test]
fn a_second_run_reads_once_and_touches_nothing() {
    let mut db = Database::new();
    db.run(&three());
    db.execute("PRAGMA busy_timeout = 1234");
    let before = db.number("SELECT total_changes()");
    let mut events = 0;
    let mut observer = |_: &Event<'_>| events += 1;
    let outcome = Runner::new(&three()).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!(outcome, migrate_runtime::Outcome::default());
    assert_eq!(events, 0);
    assert_eq!(db.number("SELECT total_changes()"), before);
    assert_eq!(db.number("SELECT timeout FROM pragma_busy_timeout"), 1234);
}

#[test]
fn it_goes_as_far_as_it_is_told() {
    let mut db = Database::new();
    let set = three();
    let outcome = Runner::new(&set).run_to(&mut db.conn, Target::Count(1)).unwrap();
    assert_eq!(versions_of(&outcome.applied), ["20260101"]);
    let outcome = Runner::new(&set).run_to(&mut db.conn, Target::Version("2026-01-02")).unwrap();
    assert_eq!((versions_of(&outcome.applied), outcome.batch), (vec!["20260102"], Some(2)));
    let error = Runner::new(&set).run_to(&mut db.conn, Target::Version("2026-02")).unwrap_err();
    assert!(error.to_string().starts_with("no migration is called `2026-02`; did you"), "{error}");
    assert_eq!(db.versions(), "20260101 20260102");
}

#[test]
fn a_plan_reads_and_leaves_no_trace() {
    let mut db = Database::new();
    let set = three();
    let plan = Runner::new(&set).plan(&mut db.conn, Goal::Run(Target::Count(2))).unwrap();
    assert_eq!(plan.steps.len(), 2);
    assert_eq!(plan.steps[1].sql(), "CREATE TABLE b (x INTEGER);\n");
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn a_failing_statement_takes_the_whole_run_back_and_says_where_it_stands() {
    let mut db = Database::new();
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x INTEGER);\n", "DROP TABLE a;\n")
        .add(
            "2_b",
            "-- first\nCREATE TABLE b (x INTEGER);\nINSERT INTO b VALUES (1);\n\nINSERT INTO nosuch VALUES (1);\n",
            "DROP TABLE b;\n",
        )
        .add("3_c", "CREATE TABLE c (x INTEGER);\n", "DROP TABLE c;\n")
        .build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::Statement(error) = error else { panic!("{error}") };
    assert_eq!(
        error.to_string(),
        "2_b (up) failed at migrations/2_b/up.sql:5:1 (statement 3 of 3): no such table: nosuch. \
         It was rolled back: nothing of it remains. Mend the statement and run again"
    );
    assert_eq!(error.outcome.applied, []);
    assert_eq!(error.outcome.failed.as_ref().unwrap().name, "2_b");
    assert_eq!(names(&error.outcome.left), ["1_a", "2_b", "3_c"]);
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn events_tell_the_story_in_order() {
    let mut db = Database::new();
    let set = Set::new().add("1_a", "CREATE TABLE a (x);\nSELECT 1;\n", "DROP TABLE a;\n").build();
    assert_eq!(
        story(&mut db, &set),
        "locked ledger started:1_a [0 ] [1 ] finished:1_a recording committing committed"
    );
    let broken = Set::new()
        .add("1_a", "CREATE TABLE a (x);\nSELECT 1;\n", "DROP TABLE a;\n")
        .add("2_b", "SELECT nosuch;\n", "SELECT 1;\n")
        .build();
    assert_eq!(story(&mut db, &broken), "locked started:2_b [0 failed:2_b rolled-back");
}

fn story(db: &mut Database, set: &Migrations<'static>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut observer = |event: &Event<'_>| {
        words.push(match event {
            Event::Waiting { .. } => "waiting".into(),
            Event::Locked { .. } => "locked".into(),
            Event::LedgerCreated => "ledger".into(),
            Event::Resumed { done, .. } => format!("resumed:{done}"),
            Event::StepStarted { step } => format!("started:{}", step.name()),
            Event::StatementStarted { statement, .. } => format!("[{statement}"),
            Event::StatementFinished { .. } => "]".into(),
            Event::StepFinished { step, .. } => format!("finished:{}", step.name()),
            Event::StepFailed { step, .. } => format!("failed:{}", step.name()),
            Event::Recording => "recording".into(),
            Event::Committing => "committing".into(),
            Event::Committed => "committed".into(),
            Event::RolledBack => "rolled-back".into(),
            other => panic!("unknown event {other:?}"),
        });
    };
    let _ = Runner::new(set).observer(&mut observer).run(&mut db.conn);
    words.join(" ")
}

#[test]
fn a_late_migration_needs_leave() {
    let mut db = Database::new();
    let set = three();
    let without_b = Migrations { all: All::of(vec![set.all[0], set.all[2]].leak()), ..set };
    db.run(&without_b);
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("older than 20260103"), "{error}");
    assert!(matches!(set.standing(&mut db.conn).unwrap(), Standing::Diverged { .. }));
    let outcome = Runner::new(&set).allow_out_of_order(true).run(&mut db.conn).unwrap();
    assert_eq!(versions_of(&outcome.applied), ["20260102"]);
    assert_eq!(set.standing(&mut db.conn).unwrap(), Standing::UpToDate);
}

#[test]
fn cancelling_between_statements_rolls_back() {
    let mut db = Database::new();
    let set = three();
    let flag = AtomicBool::new(false);
    let seen = RefCell::new(0);
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementFinished { .. } = event {
            *seen.borrow_mut() += 1;
            flag.store(*seen.borrow() == 2, Ordering::Relaxed);
        }
    };
    let error =
        Runner::new(&set).observer(&mut observer).cancel_on(&flag).run(&mut db.conn).unwrap_err();
    let Error::Cancelled { half_way: None, outcome } = error else { panic!("{error}") };
    assert_eq!((outcome.applied.len(), outcome.left.len()), (0, 3));
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn a_connection_inside_a_transaction_is_refused() {
    use diesel::Connection as _;
    let mut db = Database::new();
    let set = three();
    db.conn.begin_test_transaction().unwrap();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::InTransaction), "{error}");
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn settings_come_back_also_after_an_error() {
    let mut db = Database::new();
    db.execute("PRAGMA busy_timeout = 777; PRAGMA foreign_keys = ON");
    let broken = Set::new()
        .add(
            "1_a",
            "CREATE TABLE n (x);\nDROP TABLE IF EXISTS o;\nALTER TABLE n RENAME TO o;\nSELECT nosuch;\n",
            "DROP TABLE o;\n",
        )
        .build();
    Runner::new(&broken).run(&mut db.conn).unwrap_err();
    assert_eq!(db.number("SELECT timeout FROM pragma_busy_timeout"), 777);
    assert_eq!(db.number("SELECT foreign_keys FROM pragma_foreign_keys"), 1);
}

#[test]
fn two_thousand_statements_with_binds_beyond_every_limit_are_recorded() {
    let mut db = Database::new();
    let set = (0..400)
        .fold(Set::new(), |set, n| set.add(&format!("{n:04}_m"), "SELECT 1;\n", "SELECT 1;\n"));
    assert_eq!(db.run(&set.build()).applied.len(), 400);
    assert_eq!(db.number("SELECT count(DISTINCT ord) FROM __migrate_history"), 400);
}

#[test]
fn an_in_memory_database_works_too() {
    use diesel::prelude::*;
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add_outside("2_b", "CREATE TABLE b (x);\nVACUUM;\n", "DROP TABLE b;\n")
        .build();
    let outcome = Runner::new(&set).run(&mut conn).unwrap();
    assert_eq!(outcome.applied.len(), 2);
}
