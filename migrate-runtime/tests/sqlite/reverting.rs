//! Reverting, and doing again.
use migrate_runtime::{Error, Migrations, PlanError, Redo, Runner, Standing, Undo};

use crate::builder::Set;
use crate::database::{Database, names, versions_of};

fn table(set: Set, name: &str) -> Set {
    let table = name.replace('-', "_");
    let up = format!("CREATE TABLE t{table} (x INTEGER);\n");
    set.add(name, &up, &format!("DROP TABLE t{table};\n"))
}

fn tables(names: &[&str]) -> Migrations<'static> {
    names.iter().fold(Set::new(), |set, name| table(set, name)).build()
}

#[test]
fn the_newest_goes_first_and_both_ledger_rows_go_with_it() {
    let mut db = Database::new();
    let set = tables(&["1_a", "2_b", "3_c"]);
    db.run(&set);
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::Count(1)).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["3"]);
    assert_eq!(outcome.batch, None);
    assert_eq!(db.versions(), "1 2");
    assert_eq!(db.number("SELECT count(*) FROM __migrate_history"), 2);
    assert!(!db.has("t3_c"));
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["2", "1"]);
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::Count(1)).unwrap();
    assert_eq!(outcome.reverted, []);
}

#[test]
fn a_batch_is_what_one_run_applied() {
    let mut db = Database::new();
    db.run(&tables(&["1_a"]));
    let set = tables(&["1_a", "2_b", "3_c"]);
    db.run(&set);
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::Batch).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["3", "2"]);
    assert_eq!(db.versions(), "1");
}

#[test]
fn down_to_a_version_that_stays() {
    let mut db = Database::new();
    let set = tables(&["1_a", "2_b", "3_c"]);
    db.run(&set);
    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::To("1_a")).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["3", "2"]);
    assert_eq!(db.versions(), "1");
}

#[test]
fn an_irreversible_one_stops_the_revert_before_anything_is_touched() {
    let mut db = Database::new();
    let set = Set::new().add_irreversible("1_a", "CREATE TABLE a (x);\n", "the rows are gone");
    let set = table(set, "2_b").build();
    db.run(&set);
    let error = Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap_err();
    assert_eq!(error.to_string(), "1_a is irreversible: the rows are gone. Nothing was reverted");
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn a_failing_down_takes_the_whole_revert_back() {
    let mut db = Database::new();
    let set = Set::new().add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE nosuch;\n");
    let set = table(set, "2_b").build();
    db.run(&set);
    let error = Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap_err();
    assert!(error.to_string().contains("migrations/1_a/down.sql:1:1"), "{error}");
    assert_eq!(names(&error.outcome().unwrap().left), ["2_b", "1_a"]);
    assert_eq!(db.versions(), "1 2");
    assert!(db.has("t2_b"));
}

#[test]
fn a_revert_works_when_the_files_are_gone() {
    let mut db = Database::new();
    let set = tables(&["1_a", "2_b"]);
    db.run(&set);
    let shrunk = tables(&["1_a"]);
    assert!(matches!(
        shrunk.standing(&mut db.conn).unwrap(),
        Standing::Ahead { applied } if names(&applied) == ["2_b"]
    ));
    let outcome = Runner::new(&shrunk).revert(&mut db.conn, Undo::Count(1)).unwrap();
    assert_eq!(names(&[outcome.reverted[0].migration.clone()]), ["2_b"]);
    assert!(!db.has("t2_b"));
    assert_eq!(shrunk.standing(&mut db.conn).unwrap(), Standing::UpToDate);
}

#[test]
fn a_revert_from_the_ledger_names_its_place_when_it_fails() {
    let mut db = Database::new();
    db.run(&Set::new().add("1_a", "CREATE TABLE a (x);\n", "SELECT 1;\nDROP TABLE b;\n").build());
    let error = Runner::new(&tables(&[])).revert(&mut db.conn, Undo::All).unwrap_err();
    assert!(
        error.to_string().contains("(kept in the database) 1_a/down.sql:2:1 (statement 2 of 2)"),
        "{error}"
    );
}

#[test]
fn redo_is_one_transaction_and_one_new_batch() {
    let mut db = Database::new();
    let set = tables(&["1_a", "2_b"]);
    db.run(&set);
    db.execute("INSERT INTO t2_b VALUES (1)");
    let outcome = Runner::new(&set).redo(&mut db.conn, Redo::Count(1)).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["2"]);
    assert_eq!(versions_of(&outcome.applied), ["2"]);
    assert_eq!((outcome.batch, outcome.left.len()), (Some(2), 0));
    assert_eq!(db.number("SELECT count(*) FROM t2_b"), 0);
    let broken = Set::new().add("1_a", "SELECT nosuch;\n", "DROP TABLE t1_a;\n");
    let broken = table(broken, "2_b").build();
    let error = Runner::new(&broken).redo(&mut db.conn, Redo::All).unwrap_err();
    assert!(matches!(error, Error::Statement(_)), "{error}");
    assert_eq!(names(&error.outcome().unwrap().left), ["2_b", "1_a"]);
    assert!(db.has("t1_a") && db.has("t2_b"));
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn redo_of_what_left_the_set_is_refused() {
    let mut db = Database::new();
    db.run(&tables(&["1_a"]));
    let error = Runner::new(&tables(&[])).redo(&mut db.conn, Redo::All).unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::Gone(_))), "{error}");
}

#[test]
fn redo_takes_an_edited_migration_in() {
    let mut db = Database::new();
    db.run(&tables(&["1_a"]));
    let edited =
        Set::new().add("1_a", "CREATE TABLE t1_a (y TEXT);\n", "DROP TABLE t1_a;\n").build();
    let error = Runner::new(&edited).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().starts_with("applied and edited since: 1_a."), "{error}");
    assert!(matches!(edited.standing(&mut db.conn).unwrap(), Standing::Diverged { .. }));
    Runner::new(&edited).redo(&mut db.conn, Redo::Count(1)).unwrap();
    assert_eq!(edited.standing(&mut db.conn).unwrap(), Standing::UpToDate);
    assert_eq!(db.schema(), "CREATE TABLE t1_a (y TEXT)");
}

#[test]
fn what_somebody_applied_while_we_waited_stops_a_revert() {
    let mut db = Database::new();
    let old = tables(&["1_a"]);
    db.run(&old);
    let mut other = db.connect();
    let new = tables(&["1_a", "2_b"]);
    // The other one works between our plan and our lock.
    let mut blocker = db.connect();
    use diesel::connection::SimpleConnection as _;
    blocker.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut blocker = Some(blocker);
    let mut observer = |event: &migrate_runtime::Event<'_>| {
        if let migrate_runtime::Event::Waiting { .. } = event
            && let Some(mut blocker) = blocker.take()
        {
            blocker.batch_execute("ROLLBACK").unwrap();
            Runner::new(&new).run(&mut other).unwrap();
        }
    };
    let error =
        Runner::new(&old).observer(&mut observer).revert(&mut db.conn, Undo::All).unwrap_err();
    let Error::Moved { newer, .. } = error else { panic!("{error}") };
    assert_eq!(names(&newer), ["2_b"]);
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn two_who_revert_the_newest_at_once_revert_one() {
    let mut db = Database::new();
    let set = tables(&["1_a", "2_b"]);
    db.run(&set);
    let mut other = db.connect();
    let mut blocker = db.connect();
    use diesel::connection::SimpleConnection as _;
    blocker.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut blocker = Some(blocker);
    let mut observer = |event: &migrate_runtime::Event<'_>| {
        if let migrate_runtime::Event::Waiting { .. } = event
            && let Some(mut blocker) = blocker.take()
        {
            blocker.batch_execute("ROLLBACK").unwrap();
            Runner::new(&set).revert(&mut other, Undo::Count(1)).unwrap();
        }
    };
    let outcome =
        Runner::new(&set).observer(&mut observer).revert(&mut db.conn, Undo::Count(1)).unwrap();
    assert_eq!(outcome.reverted, []);
    assert_eq!(db.versions(), "1");
}
