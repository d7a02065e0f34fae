//! Diesel's own harness and this runner take turns on one database.
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use migrate_runtime::{
    History, MigrationHarness as _, Migrations, Note, Runner, Standing, State, Undo,
};

use crate::db::{Db, set, versions_of};

fn three() -> Migrations<'static> {
    set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add_outside(
            "2_b",
            "CREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE INDEX CONCURRENTLY a_y ON a (x);\n",
            "DROP INDEX CONCURRENTLY a_y;\nDROP INDEX CONCURRENTLY a_x;\n",
        )
        .add("3_c", "CREATE TABLE c (x INT);\n", "DROP TABLE c;\n")
        .build()
}

#[test]
fn diesel_runs_the_set_and_several_statements_outside_of_transactions() {
    let mut db = Db::new();
    let applied = db.conn.run_pending_migrations(three()).unwrap();
    assert_eq!(applied.len(), 3);
    assert!(db.has("a_x") && db.has("a_y") && db.has("c"));
    assert_eq!(three().standing(&mut db.conn).unwrap(), Standing::UpToDate);
    let history = History::read(&mut db.conn).unwrap();
    let status = history.status(&three());
    assert!(status.iter().all(|status| status.state == State::Applied));
    assert!(status.iter().all(|status| status.notes == [Note::ChecksumUnknown]));
    db.conn.revert_all_migrations(three()).unwrap();
    assert!(!db.has("a"));
}

#[test]
fn they_take_turns() {
    let mut db = Db::new();
    db.conn.run_next_migration(three()).unwrap();
    let outcome = db.run(&three());
    assert_eq!(versions_of(&outcome.applied), ["2", "3"]);
    db.conn.revert_last_migration(three()).unwrap();
    assert!(matches!(three().standing(&mut db.conn).unwrap(), Standing::Behind { .. }));
    // What Diesel applies again has a row of ours that is stale, and is not believed.
    db.conn.run_pending_migrations(three()).unwrap();
    assert_eq!(db.text("SELECT count(*) FROM __migrate_history"), "2");
    let history = History::read(&mut db.conn).unwrap();
    assert_eq!(history.get("3").unwrap().record, None);
    assert!(history.get("2").unwrap().record.is_some());
    let outcome = Runner::new(&three()).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["3", "2", "1"]);
    let outcome = db.run(&three());
    assert_eq!((versions_of(&outcome.applied), outcome.batch), (vec!["1", "2", "3"], Some(1)));
}

#[test]
fn the_table_is_the_one_that_diesel_makes() {
    let described = "SELECT string_agg(column_name || ' ' || data_type || coalesce('(' || \
                     character_maximum_length || ')', '') || ' ' || is_nullable || ' ' || \
                     coalesce(column_default, ''), ', ' ORDER BY ordinal_position) \
                     FROM information_schema.columns \
                     WHERE table_name = '__diesel_schema_migrations'";
    let mut ours = Db::new();
    ours.run(&three());
    let mut theirs = Db::new();
    theirs.execute(CREATE_MIGRATIONS_TABLE);
    assert_eq!(ours.text(described), theirs.text(described));
}

#[test]
fn moments_are_compared_whatever_the_style_of_dates() {
    let mut db = Db::new();
    db.run(&three());
    db.execute(
        "SET datestyle = 'German, DMY'; SET timezone = 'Asia/Tokyo'; SET extra_float_digits = 0",
    );
    let history = History::read(&mut db.conn).unwrap();
    assert!(history.applied().iter().all(|applied| applied.record.is_some()));
    let run_on = &history.applied()[0].run_on;
    assert_eq!((run_on.len() > 19, &run_on[4..5], &run_on[10..11]), (true, "-", " "), "{run_on}");
    Runner::new(&three()).revert(&mut db.conn, Undo::All).unwrap();
    // In another time zone, the time that is written is the same.
    db.run(&three());
    let off = "SELECT max(abs(extract(epoch FROM run_on - now() AT TIME ZONE 'UTC'))) < 60 \
               FROM __diesel_schema_migrations";
    assert_eq!(db.text(off), "true");
}
