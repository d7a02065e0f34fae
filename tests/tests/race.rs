//! Many processes that start at once on one fresh database.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

use std::path::Path;
use std::process::{Child, Command, Stdio};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

const PROCESSES: usize = 16;
const ROUNDS: usize = 20;

#[test]
fn everybody_succeeds_and_everything_is_done_once() {
    for round in 0..ROUNDS {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("race.db");
        let all: Vec<Child> = (0..PROCESSES).map(|_| start("race", &database, "run")).collect();
        for child in all {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "round {round}: {said}");
        }
        assert_done_once(&database);
        let files: Vec<_> =
            std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(files, ["race.db"], "round {round}");
    }
}

#[test]
fn beside_diesels_own_harness_nothing_is_done_twice_and_we_never_fail() {
    for round in 0..ROUNDS {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("race.db");
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..PROCESSES / 4 {
            theirs.push(start("race-inside", &database, "diesel"));
            ours.push(start("race-inside", &database, "run"));
        }
        for child in ours {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "round {round}: {said}");
        }
        for child in theirs {
            // Whoever comes second may fail there: "database is locked", "already exists".
            child.wait_with_output().unwrap();
        }
        assert_done_once(&database);
    }
}

fn start(set: &str, database: &Path, action: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crash-runner"))
        .arg(set)
        .arg(database)
        .arg(action)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
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
