//! Recording what something else has applied.
use std::time::Duration;

use migrate_runtime::{Error, History, Past, PlanError, Runner, State, Undo};

use crate::builder::Set;
use crate::database::{Database, versions_of};

fn three() -> migrate_runtime::Migrations<'static> {
    Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n")
        .add("3_c", "CREATE TABLE c (x);\n", "DROP TABLE c;\n")
        .build()
}

fn past(version: &str, batch: u32) -> Past<'_> {
    let took = Duration::from_millis(7);
    Past { version, batch, applied_at: Some(1_700_000_000_123), took }
}

#[test]
fn what_is_recorded_counts_as_applied_and_nothing_was_run() {
    let mut db = Database::new();
    let outcome =
        Runner::new(&three()).record(&mut db.conn, &[past("1", 0), past("2", 1)], "knex").unwrap();
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    assert_eq!(db.schema(), "");
    assert_eq!(
        db.text(
            "SELECT group_concat(name || ' ' || batch || ' ' || ord || ' ' || started_at || ' ' \
             || duration_ms || ' ' || tool, '; ') FROM __migrate_history"
        ),
        "1_a 1 1 1700000000123 7 knex; 2_b 2 2 1700000000123 7 knex"
    );
    let history = History::read(&mut db.conn).unwrap();
    let states: Vec<State> = history.status(&three()).iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Applied, State::Applied, State::Pending]);
    assert_eq!(history.status(&three())[0].notes, []);
}

#[test]
fn the_next_run_counts_on_and_a_revert_of_the_batch_takes_one_group() {
    let mut db = Database::new();
    db.execute("CREATE TABLE a (x); CREATE TABLE b (x);");
    Runner::new(&three()).record(&mut db.conn, &[past("1", 0), past("2", 1)], "knex").unwrap();
    assert_eq!(db.run(&three()).batch, Some(3));
    for left in ["1 2", "1"] {
        Runner::new(&three()).revert(&mut db.conn, Undo::Batch).unwrap();
        assert_eq!(db.versions(), left);
    }
    assert_eq!(db.schema(), "CREATE TABLE a (x)");
}

#[test]
fn what_has_a_record_is_left_alone() {
    let mut db = Database::new();
    db.run(&three());
    let before = db.number("SELECT total_changes()");
    let outcome = Runner::new(&three()).record(&mut db.conn, &[past("2", 0)], "knex").unwrap();
    assert_eq!(outcome.applied, []);
    assert_eq!(db.number("SELECT total_changes()"), before);
}

#[test]
fn what_diesel_applied_gets_its_record() {
    let mut db = Database::new();
    use diesel::migration::MigrationConnection as _;
    db.conn.setup().unwrap();
    db.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('1'), ('2')");
    let outcome = Runner::new(&three()).record(&mut db.conn, &[past("1", 0)], "diesel").unwrap();
    assert_eq!(versions_of(&outcome.applied), ["1"]);
    assert_eq!(db.versions(), "1 2");
    let history = History::read(&mut db.conn).unwrap();
    let recorded = |version| history.get(version).unwrap().record.as_ref();
    assert_eq!(recorded("1").map(|record| record.tool.as_str()), Some("diesel"));
    assert_eq!(recorded("2"), None);
}

#[test]
fn a_version_that_is_not_in_the_set_stops_all() {
    let mut db = Database::new();
    let refused = Runner::new(&three()).record(&mut db.conn, &[past("1", 0), past("4", 0)], "knex");
    assert!(matches!(refused, Err(Error::Plan(PlanError::Unknown { given, .. })) if given == "4"));
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn who_is_locked_out_writes_nothing() {
    let mut db = Database::new();
    let mut other = Database::connect(&db);
    use diesel::connection::SimpleConnection as _;
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = Runner::new(&three()).lock_timeout(Duration::from_millis(100)).record(
        &mut db.conn,
        &[past("1", 0)],
        "knex",
    );
    assert!(matches!(refused, Err(Error::Locked { .. })), "{refused:?}");
    assert!(!db.has("__migrate_history"));
}
