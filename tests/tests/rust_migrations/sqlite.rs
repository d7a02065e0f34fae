//! On SQLite: a run is one transaction.

use std::cell::Cell;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Text};
use migrate_runtime::{
    All, Code, CodeResult, Down, Error, HalfWayReason, History, Migration, MigrationHarness as _,
    Migrations, PlanError, Runner, Standing, Undo, embed_migrations,
};

static INSIDE: Migrations = embed_migrations!("fixtures/code/sqlite/inside");
static OUTSIDE: Migrations = embed_migrations!("fixtures/code/sqlite/outside");
static GUARDED: Migrations = embed_migrations!("fixtures/code/sqlite/guarded");

type Act = fn(&mut SqliteConnection) -> CodeResult;

thread_local! {
    static ACT: Cell<Act> = const { Cell::new(rename) };
}

/// What the migration in Rust calls; the table is for the eyes of the verifier.
pub(crate) fn act(_: &str, conn: &mut SqliteConnection) -> CodeResult {
    ACT.get()(conn)
}

fn rename(conn: &mut SqliteConnection) -> CodeResult {
    Ok(conn.batch_execute("UPDATE users SET name = name || '!'")?)
}

fn database() -> SqliteConnection {
    SqliteConnection::establish(":memory:").unwrap()
}

fn run(conn: &mut SqliteConnection, set: &Migrations<'static>, act: Act) -> Result<usize, Error> {
    ACT.set(act);
    Runner::new(set).run(conn).map(|outcome| outcome.applied.len())
}

/// The message of a run that fails, and leaves nothing.
#[track_caller]
fn refused(act: Act) -> String {
    let conn = &mut database();
    let message = run(conn, &INSIDE, act).unwrap_err().to_string();
    assert_eq!(tables(conn), 0, "{message}");
    assert_eq!(run(conn, &INSIDE, rename).unwrap(), 3, "it can be run again behind: {message}");
    assert_eq!(names(conn), "ann! bob!");
    message
}

fn one<T>(conn: &mut SqliteConnection, sql: &str) -> T
where
    T: diesel::deserialize::FromSql<Text, diesel::sqlite::Sqlite> + 'static,
{
    #[derive(QueryableByName)]
    struct Row<T: diesel::deserialize::FromSql<Text, diesel::sqlite::Sqlite> + 'static> {
        #[diesel(sql_type = Text)]
        value: T,
    }
    diesel::sql_query(format!("SELECT ({sql}) AS value")).get_result::<Row<T>>(conn).unwrap().value
}

fn names(conn: &mut SqliteConnection) -> String {
    one(conn, "SELECT group_concat(name, ' ') FROM users")
}

/// How many tables there are but for the ledger's.
fn tables(conn: &mut SqliteConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = "SELECT count(*) AS count FROM sqlite_schema
               WHERE type = 'table' AND name NOT GLOB '__*'";
    diesel::sql_query(sql).get_result::<Row>(conn).unwrap().count
}

#[test]
fn code_runs_between_the_others_and_back() {
    let conn = &mut database();
    assert_eq!(run(conn, &INSIDE, rename).unwrap(), 3);
    assert_eq!(names(conn), "ann! bob!");
    let history = History::read(conn).unwrap();
    let record = history.get("2").unwrap().record.clone().unwrap();
    assert_eq!((record.name.as_str(), record.down), ("2_code", None));
    assert!(matches!(INSIDE.standing(conn).unwrap(), Standing::UpToDate));

    ACT.set(|conn| Ok(conn.batch_execute("UPDATE users SET name = rtrim(name, '!')")?));
    let outcome = Runner::new(&INSIDE).revert(conn, Undo::Count(2)).unwrap();
    assert_eq!(outcome.reverted.len(), 2);
    assert_eq!((names(conn).as_str(), tables(conn)), ("ann bob", 1));
}

#[test]
fn whatever_fails_in_code_leaves_nothing_of_the_run() {
    let diesels = refused(|conn| {
        rename(conn)?;
        Ok(conn.batch_execute("INSERT INTO users VALUES (1, 'twice')")?)
    });
    assert!(
        diesels.contains("inside/2_code/migration.rs:6:1")
            && diesels.contains("UNIQUE constraint failed: users.id"),
        "{diesels}"
    );
    let own = refused(|conn| {
        rename(conn)?;
        Err("bob has no mail address".into())
    });
    assert!(own.contains("bob has no mail address"), "{own}");
    let panic = refused(|conn| {
        rename(conn)?;
        panic!("nobody expected this")
    });
    assert!(panic.contains("the code panicked: nobody expected this"), "{panic}");
}

#[test]
fn its_own_transactions_are_a_part_of_the_run_s() {
    let conn = &mut database();
    let act: Act = |conn| {
        conn.transaction(rename)?;
        let undone: QueryResult<()> = conn.transaction(|conn| {
            conn.batch_execute("DELETE FROM users")?;
            Err(DieselError::RollbackTransaction)
        });
        assert_eq!(undone, Err(DieselError::RollbackTransaction));
        Ok(())
    };
    run(conn, &INSIDE, act).unwrap();
    assert_eq!(names(conn), "ann! bob!");
    conn.transaction(rename).expect("Diesel knows that no transaction is open");
}

#[test]
fn what_it_does_to_the_run_s_transaction_is_noticed() {
    let message = run(&mut database(), &INSIDE, |conn| Ok(conn.batch_execute("COMMIT")?));
    let message = message.unwrap_err().to_string();
    assert!(message.contains("the code ended the transaction that it ran in"), "{message}");
    let left_open = refused(|conn| {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        Ok(<AnsiTransactionManager as TransactionManager<_>>::begin_transaction(conn)?)
    });
    assert!(left_open.contains("the code left a transaction open"), "{left_open}");
}

#[test]
fn tables_that_it_does_not_name_keep_their_rows() {
    let conn = &mut database();
    conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    let error = Runner::new(&GUARDED).run(conn).unwrap_err();
    assert!(matches!(error, Error::RowLoss(_)), "{error}");
    assert!(error.to_string().contains("`posts`"), "{error}");
}

#[test]
fn outside_of_transactions_it_has_its_own_and_is_never_repeated() {
    let conn = &mut database();
    let half: Act = |conn| {
        conn.transaction(rename)?;
        Err("the line is dead".into())
    };
    let error = run(conn, &OUTSIDE, half).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    let message = error.to_string();
    assert!(message.contains("the line is dead") && message.contains("migration.rs"), "{message}");
    assert_eq!(names(conn), "ann! bob!", "what it has committed stays");

    let error = run(conn, &OUTSIDE, rename).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::CannotTell { .. }), "{error}");
    assert_eq!(names(conn), "ann! bob!", "nobody knows how far it came");

    conn.batch_execute("UPDATE __migrate_journal SET next = 1, started = 0").unwrap();
    run(conn, &OUTSIDE, rename).unwrap();
    assert_eq!((names(conn).as_str(), tables(conn)), ("ann! bob!", 2));
}

#[test]
fn outside_of_transactions_it_leaves_none_open() {
    let conn = &mut database();
    let error = run(conn, &OUTSIDE, |conn| {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        <AnsiTransactionManager as TransactionManager<_>>::begin_transaction(conn)?;
        rename(conn)
    });
    let message = error.unwrap_err().to_string();
    assert!(message.contains("the code left a transaction open"), "{message}");
    assert_eq!(names(conn), "ann bob", "it was rolled back");
    conn.transaction(rename).expect("and is not open any more");
}

#[test]
fn diesels_own_harness_runs_it() {
    let conn = &mut database();
    ACT.set(|conn| conn.transaction(rename));
    assert_eq!(conn.run_pending_migrations(INSIDE).unwrap().len(), 3);
    assert_eq!(names(conn), "ann! bob!");
    conn.revert_last_migration(INSIDE).unwrap();
    conn.revert_last_migration(INSIDE).unwrap();
    assert_eq!(names(conn), "ann!! bob!!");
    ACT.set(|_| Err("not today".into()));
    let message = conn.run_pending_migrations(INSIDE).unwrap_err().to_string();
    assert!(message.contains("migration.rs:6:1") && message.contains("not today"), "{message}");
}

#[test]
fn a_program_that_only_has_its_file_does_nothing() {
    let mut all: Vec<Migration<'static>> = INSIDE.all.to_vec();
    all[1].up.code = Some(Code::Elsewhere);
    let elsewhere = Migrations { all: All::of(&all), ..INSIDE };
    let conn = &mut database();
    let error = Runner::new(&elsewhere).run(conn).unwrap_err();
    assert!(matches!(&error, Error::Plan(PlanError::Elsewhere(named)) if named.version == "2"));
    assert!(error.to_string().contains("2_code is written in Rust"), "{error}");
    assert_eq!(tables(conn), 0, "nor what stands before it");
    assert!(conn.run_pending_migrations(all_of(&elsewhere)).is_err());
}

/// The same set for as long as the process.
fn all_of(set: &Migrations<'_>) -> Migrations<'static> {
    let all: Vec<Migration<'static>> = INSIDE
        .all
        .into_iter()
        .zip(set.all)
        .map(|(ours, theirs)| {
            let mut migration = *ours;
            migration.up.code = theirs.up.code;
            migration
        })
        .collect();
    Migrations { all: All::of(all.leak()), ..INSIDE }
}

#[test]
fn without_its_file_it_cannot_be_taken_back() {
    let conn = &mut database();
    run(conn, &INSIDE, rename).unwrap();
    let left: Vec<Migration<'static>> =
        INSIDE.all.into_iter().copied().filter(|migration| migration.version != "2").collect();
    let without = Migrations { all: All::of(&left), ..INSIDE };
    let error = Runner::new(&without).revert(conn, Undo::Count(2)).unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::NoDown(_))), "{error}");
    assert!(matches!(INSIDE.get("2").unwrap().down, Down::Script(_)));
}
