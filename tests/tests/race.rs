//! Many processes that start at once on one fresh database.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use migrate_build::Dialect;
use migrate_tests::{Program, Running};

const PROCESSES: usize = 16;
const ROUNDS: usize = 20;

/// Five migrations: whatever is done twice shows in the counter.
fn program(third: impl FnOnce(Program) -> Program) -> Program {
    let (up, down) = ("UPDATE counter SET n = n + 1;", "UPDATE counter SET n = n - 1;");
    let base = "CREATE TABLE counter (n); INSERT INTO counter VALUES (0);";
    let first = Program::of(Dialect::Sqlite).add("1_base", base, "DROP TABLE counter;");
    third(first.add("2_once", up, down)).add("4_once", up, down).add(
        "5_table",
        "CREATE TABLE last (x);",
        "DROP TABLE last;",
    )
}

const TWICE: &str = "UPDATE counter SET n = n + 1; VACUUM; UPDATE counter SET n = n + 1;";
const BACK: &str = "UPDATE counter SET n = n - 2;";

#[test]
fn everybody_succeeds_and_everything_is_done_once() {
    let program = program(|program| program.add_outside("3_outside", TWICE, BACK));
    for round in 0..ROUNDS {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("race.db");
        let all: Vec<Running> = (0..PROCESSES).map(|_| start(&program, &database, "run")).collect();
        for process in all {
            process.output().exits(0);
        }
        assert_done_once(&database);
        let files: Vec<_> =
            std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(files, ["race.db"], "round {round}");
    }
}

#[test]
fn beside_diesels_own_harness_nothing_is_done_twice_and_we_never_fail() {
    let program = program(|program| program.add("3_inside", &TWICE.replace("VACUUM;", ""), BACK));
    for _ in 0..ROUNDS {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("race.db");
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..PROCESSES / 4 {
            theirs.push(start(&program, &database, "diesel"));
            ours.push(start(&program, &database, "run"));
        }
        for process in ours {
            process.output().exits(0);
        }
        for process in theirs {
            // Whoever comes second may fail there: "database is locked", "already exists".
            let _ = process.output();
        }
        assert_done_once(&database);
    }
}

fn start(program: &Program, database: &Path, action: &str) -> Running {
    program.start(database.to_str().unwrap(), action).start()
}

fn assert_done_once(database: &Path) {
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    assert_eq!(number(&mut conn, "SELECT n FROM counter"), 4);
    assert_eq!(number(&mut conn, "SELECT count(*) FROM __diesel_schema_migrations"), 5);
    assert_eq!(
        number(&mut conn, "SELECT count(DISTINCT version) FROM __diesel_schema_migrations"),
        5
    );
}

fn number(conn: &mut SqliteConnection, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let row: Row = diesel::sql_query(format!("SELECT ({sql}) AS number")).get_result(conn).unwrap();
    row.number
}
