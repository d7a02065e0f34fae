//! On PostgreSQL: a migration has a transaction, which is tried again when somebody is in its way.

use std::cell::Cell;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use migrate_runtime::{
    CodeResult, Error, HalfWayReason, MigrationHarness as _, Migrations, Runner, Undo,
    embed_migrations,
};
use migrate_tests::server::{Database, PostgreSql, Postgres};

static INSIDE: Migrations = embed_migrations!("fixtures/code/postgres/inside");
static OUTSIDE: Migrations = embed_migrations!("fixtures/code/postgres/outside");

type Act = fn(&mut PgConnection) -> CodeResult;

thread_local! {
    static ACT: Cell<Act> = const { Cell::new(rename) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// What the migration in Rust calls; the table is for the eyes of the verifier.
pub(crate) fn act(_: &str, conn: &mut PgConnection) -> CodeResult {
    CALLS.set(CALLS.get() + 1);
    ACT.get()(conn)
}

fn rename(conn: &mut PgConnection) -> CodeResult {
    Ok(conn.batch_execute("UPDATE users SET name = name || '!'")?)
}

fn database() -> Database<PostgreSql> {
    Postgres::shared().database()
}

fn run(conn: &mut PgConnection, set: &Migrations<'static>, act: Act) -> Result<usize, Error> {
    ACT.set(act);
    Runner::new(set).run(conn).map(|outcome| outcome.applied.len())
}

fn names(db: &Database<PostgreSql>) -> String {
    db.sql("SELECT string_agg(name, ' ' ORDER BY id) FROM users").trim().to_owned()
}

#[test]
fn code_runs_in_its_migration_s_transaction_and_back() {
    let db = database();
    let conn = &mut db.connect();
    let failing: Act = |conn| {
        conn.transaction(rename)?;
        Ok(conn.batch_execute("SELECT 1 / 0")?)
    };
    let message = run(conn, &INSIDE, failing).unwrap_err().to_string();
    assert!(
        message.contains("2_code/migration.rs:6:1") && message.contains("division by zero"),
        "{message}"
    );
    assert_eq!(names(&db), "ann bob", "the migration before it stays, and nothing of it does");
    let nested: Act = |conn| {
        conn.transaction(rename)?;
        let undone: QueryResult<()> = conn.transaction(|conn| {
            conn.batch_execute("DELETE FROM users")?;
            Err(DieselError::RollbackTransaction)
        });
        assert_eq!(undone, Err(DieselError::RollbackTransaction));
        Ok(())
    };
    assert_eq!(run(conn, &INSIDE, nested).unwrap(), 2);
    assert_eq!(names(&db), "ann! bob!");
    ACT.set(rename);
    Runner::new(&INSIDE).revert(conn, Undo::Count(2)).unwrap();
    assert_eq!(names(&db), "ann!! bob!!");
}

#[test]
fn a_panic_and_an_end_of_the_transaction_give_the_lock_back() {
    let db = database();
    let conn = &mut db.connect();
    let message = run(conn, &INSIDE, |_| panic!("nobody expected this")).unwrap_err().to_string();
    assert!(message.contains("the code panicked: nobody expected this"), "{message}");
    let ended = run(conn, &INSIDE, |conn| Ok(conn.batch_execute("COMMIT")?));
    let message = ended.unwrap_err().to_string();
    assert!(message.contains("the code ended the transaction that it ran in"), "{message}");
    assert_eq!(run(&mut db.connect(), &INSIDE, rename).unwrap(), 2, "another session may");
    conn.transaction(rename).expect("Diesel knows that no transaction is open");
}

#[test]
fn whoever_is_in_its_way_is_waited_for() {
    let db = database();
    let conn = &mut db.connect();
    ACT.set(rename);
    Runner::new(&INSIDE).run_to(conn, migrate_runtime::Target::Version("1")).unwrap();
    let mut other = db.connect();
    other.batch_execute("BEGIN; LOCK TABLE users").unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(3_000));
        other.batch_execute("COMMIT").unwrap();
    });
    CALLS.set(0);
    assert_eq!(run(conn, &INSIDE, rename).unwrap(), 2);
    holder.join().unwrap();
    assert!(CALLS.get() > 1, "it was rolled back and called again");
    assert_eq!(names(&db), "ann! bob!", "and done once");
}

#[test]
fn outside_of_transactions_it_is_never_repeated() {
    let db = database();
    let conn = &mut db.connect();
    let half: Act = |conn| {
        conn.transaction(rename)?;
        Err("the line is dead".into())
    };
    let error = run(conn, &OUTSIDE, half).unwrap_err();
    assert!(error.is_half_way() && error.to_string().contains("the line is dead"), "{error}");
    let error = run(conn, &OUTSIDE, rename).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::CannotTell { .. }), "{error}");
    assert_eq!(names(&db), "ann! bob!");
    db.execute("UPDATE __migrate_journal SET started = 0");
    run(conn, &OUTSIDE, rename).unwrap();
    assert_eq!(names(&db), "ann!! bob!!", "somebody has looked, and it was to be done again");
}

#[test]
fn diesels_own_harness_runs_it() {
    let db = database();
    let conn = &mut db.connect();
    ACT.set(|conn| conn.transaction(rename));
    assert_eq!(conn.run_pending_migrations(INSIDE).unwrap().len(), 3);
    assert_eq!(names(&db), "ann! bob!");
}
