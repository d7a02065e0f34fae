//! Diesel's own harness on the same set and database, before and after ours.
use diesel::prelude::*;
use migrate_runtime::{All, History, MigrationHarness as _, Migrations, Runner, SourceError, Undo};

use crate::builder::Set;
use crate::database::{Database, ROOMS, versions_of};

fn first(count: usize) -> Migrations<'static> {
    let set = (1..=4).fold(Set::new(), |set, n| {
        let up = format!("CREATE TABLE t{n} (x);\nINSERT INTO t{n} VALUES ({n});\n");
        set.add(&format!("2026-01-0{n}_t"), &up, &format!("DROP TABLE t{n};\n"))
    });
    let set = set.build();
    Migrations { all: All::of(&set.all.as_slice()[..count]), ..set }
}

#[test]
fn they_take_turns() {
    let mut db = Database::new();
    db.conn.run_pending_migrations(first(1)).unwrap();
    assert_eq!(versions_of(&db.run(&first(2)).applied), ["20260102"]);
    db.conn.run_pending_migrations(first(3)).unwrap();
    assert_eq!(versions_of(&db.run(&first(4)).applied), ["20260104"]);
    assert!(!db.conn.has_pending_migration(first(4)).unwrap());
    assert_eq!(db.versions(), "20260101 20260102 20260103 20260104");

    let history = History::read(&mut db.conn).unwrap();
    let recorded: Vec<bool> = history.applied().iter().map(|a| a.record.is_some()).collect();
    assert_eq!(recorded, [false, true, false, true]);

    db.conn.revert_last_migration(first(4)).unwrap();
    let outcome = Runner::new(&first(4)).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["20260103", "20260102", "20260101"]);
    assert_eq!(db.schema(), "");
}

#[test]
fn what_diesel_reverted_and_applied_again_is_of_unknown_checksum() {
    let mut db = Database::new();
    db.run(&first(2));
    db.conn.revert_last_migration(first(2)).unwrap();
    db.conn.run_pending_migrations(first(2)).unwrap();
    let history = History::read(&mut db.conn).unwrap();
    assert!(history.get("20260101").unwrap().record.is_some());
    assert_eq!(history.get("20260102").unwrap().record, None);
    // And ours takes its place again.
    Runner::new(&first(2)).revert(&mut db.conn, Undo::Count(1)).unwrap();
    db.run(&first(2));
    let history = History::read(&mut db.conn).unwrap();
    assert!(history.get("20260102").unwrap().record.is_some());
}

#[test]
fn an_error_says_where() {
    let mut db = Database::new();
    let set = Set::new().add("1_a", "SELECT 1;\n\nSELECT nosuch;\n", "SELECT 1;\n").build();
    let error = db.conn.run_pending_migrations(set).unwrap_err().to_string();
    assert!(
        error.contains("1_a (up) failed at migrations/1_a/up.sql:3:1 (statement 2 of 2): no such column: nosuch"),
        "{error}"
    );
}

#[test]
fn an_irreversible_one_gives_its_reason() {
    let mut db = Database::new();
    let set = Set::new().add_irreversible("1_a", "SELECT 1;\n", "it was time").build();
    db.conn.run_pending_migrations(set).unwrap();
    let error = db.conn.revert_last_migration(set).unwrap_err().to_string();
    assert!(error.contains("1_a is irreversible: it was time"), "{error}");
}

#[test]
fn metadata_is_passed_on() {
    let mut db = Database::new();
    let set = Set::new().add_outside("1_a", "VACUUM;\n", "SELECT 1;\n").build();
    assert_eq!(db.conn.run_pending_migrations(set).unwrap().len(), 1);
}

#[test]
fn a_rebuild_is_refused_while_foreign_keys_are_on() {
    let rebuild = "CREATE TABLE n (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);\n\
                   INSERT INTO n SELECT id, name FROM rooms;\n\
                   DROP TABLE rooms;\nALTER TABLE n RENAME TO rooms;\n";
    let set = Set::new()
        .add("1_base", ROOMS, "DROP TABLE messages;\nDROP TABLE rooms;\n")
        .add("2_rebuild", rebuild, "SELECT 1;\n")
        .build();
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    let error = db.conn.run_pending_migrations(set).unwrap_err().to_string();
    assert!(error.contains("2_rebuild rebuilds a table, and foreign keys are on"), "{error}");
    assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
    db.execute("PRAGMA foreign_keys = OFF");
    db.conn.run_pending_migrations(set).unwrap();
    assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
}

#[test]
fn the_errors_can_be_told_apart() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let set = Set::new().add("1_a", "SELECT nosuch;\n", "SELECT 1;\n").build();
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&set).unwrap();
    let error = migrations[0].run(&mut conn).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(SourceError::Statement { .. })), "{error}");
}
