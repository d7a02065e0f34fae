//! On MariaDB: code that changes rows alone has a transaction, other code has none.

use std::cell::Cell;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use migrate_runtime::{
    CodeResult, Error, HalfWayReason, Migrations, Mode, Runner, Undo, embed_migrations,
};
use migrate_tests::server::{Database, MariaDb, Mariadb};

static INSIDE: Migrations = embed_migrations!("fixtures/code/mysql/inside");
static OUTSIDE: Migrations = embed_migrations!("fixtures/code/mysql/outside");
static SCHEMA: Migrations = embed_migrations!("fixtures/code/mysql/schema");

type Act = fn(&mut MysqlConnection) -> CodeResult;

thread_local! {
    static ACT: Cell<Act> = const { Cell::new(rename) };
}

/// What the migration in Rust calls; the table is for the eyes of the verifier.
pub(crate) fn act(_: &str, conn: &mut MysqlConnection) -> CodeResult {
    ACT.get()(conn)
}

fn rename(conn: &mut MysqlConnection) -> CodeResult {
    Ok(conn.batch_execute("UPDATE users SET name = concat(name, '!')")?)
}

fn database() -> Database<MariaDb> {
    Mariadb::shared().database()
}

fn run(conn: &mut MysqlConnection, set: &Migrations<'static>, act: Act) -> Result<usize, Error> {
    ACT.set(act);
    Runner::new(set).run(conn).map(|outcome| outcome.applied.len())
}

fn names(db: &Database<MariaDb>) -> String {
    db.sql("SELECT group_concat(name ORDER BY id SEPARATOR ' ') FROM users").trim().to_owned()
}

#[test]
fn code_that_changes_rows_has_a_transaction() {
    let db = database();
    let conn = &mut db.connect();
    let failing: Act = |conn| {
        conn.transaction(rename)?;
        Err("bob has no mail address".into())
    };
    let message = run(conn, &INSIDE, failing).unwrap_err().to_string();
    assert!(
        message.contains("2_code/migration.rs:6:1") && message.contains("no mail address"),
        "{message}"
    );
    assert_eq!(names(&db), "ann bob");
    assert_eq!(run(conn, &INSIDE, |conn| conn.transaction(rename)).unwrap(), 2);
    assert_eq!(names(&db), "ann! bob!");
    ACT.set(rename);
    Runner::new(&INSIDE).revert(conn, Undo::Count(2)).unwrap();
    assert_eq!(names(&db), "ann!! bob!!");
}

#[test]
fn a_statement_about_the_schema_ends_it_which_is_noticed() {
    let db = database();
    let ends: Act = |conn| Ok(conn.batch_execute("CREATE TABLE surprise (id INT)")?);
    let message = run(&mut db.connect(), &INSIDE, ends).unwrap_err().to_string();
    assert!(message.contains("the code ended the transaction that it ran in"), "{message}");
}

#[test]
fn code_of_which_nothing_is_said_runs_outside_and_is_never_repeated() {
    assert_eq!(SCHEMA.get("2").unwrap().up.statements[0].mode, Mode::Once);
    for set in [&SCHEMA, &OUTSIDE] {
        let db = database();
        let conn = &mut db.connect();
        let half: Act = |conn| {
            conn.batch_execute("CREATE TABLE surprise (id INT)")?;
            Err("the line is dead".into())
        };
        let error = run(conn, set, half).unwrap_err();
        assert!(error.is_half_way() && error.to_string().contains("the line is dead"), "{error}");
        let error = run(conn, set, rename).unwrap_err();
        let Error::HalfWay(half_way) = &error else { panic!("{error}") };
        assert!(matches!(half_way.reason, HalfWayReason::CannotTell { .. }), "{error}");
        assert_eq!(names(&db), "ann bob");
        db.sql("UPDATE __migrate_journal SET next = 1, started = 0");
        assert_eq!(run(conn, set, rename).unwrap(), 2);
        assert_eq!(names(&db), "ann bob", "somebody has looked, and it was done");
    }
}
