//! SIGKILL at every boundary of a run: the next run ends where an undisturbed one does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

const SIGKILL: i32 = 9;

#[test]
fn a_run_in_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere("inside", "run");
    assert!(kills > 20, "only {kills} boundaries");
}

#[test]
fn a_run_with_a_migration_outside_of_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere("outside", "run");
    assert!(kills > 60, "only {kills} boundaries");
}

#[test]
fn a_revert_in_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere("inside", "revert");
    assert!(kills > 15, "only {kills} boundaries");
}

#[test]
fn a_revert_with_a_migration_outside_of_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere("outside", "revert");
    assert!(kills > 40, "only {kills} boundaries");
}

/// Kills a run at its first event, another at its second, and so on until one survives; after each
/// kill runs again and compares. Returns how many were killed. A lock file may stay behind the
/// dead; it is nobody's lock, and in nobody's way.
fn kill_everywhere(set: &str, action: &str) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let start = dir.path().join("start.db");
    if action == "revert" {
        assert!(runner(set, &start, "run", None).success());
    } else {
        std::fs::write(&start, "").unwrap();
    }
    let undisturbed = dir.path().join("undisturbed.db");
    std::fs::copy(&start, &undisturbed).unwrap();
    assert!(runner(set, &undisturbed, action, None).success());
    let wanted = dump(&undisturbed);

    for event in 1.. {
        let database = dir.path().join(format!("{event}.db"));
        std::fs::copy(&start, &database).unwrap();
        let status = runner(set, &database, action, Some(event));
        if status.success() {
            return event - 1;
        }
        assert_eq!(status.signal(), Some(SIGKILL), "at event {event}: {status}");
        let again = runner(set, &database, action, None);
        assert!(again.success(), "after a kill at event {event}: {again}");
        assert_eq!(dump(&database), wanted, "after a kill at event {event}");
    }
    unreachable!("a run has an end")
}

fn runner(set: &str, database: &Path, action: &str, die_at: Option<usize>) -> ExitStatus {
    Command::new(env!("CARGO_BIN_EXE_crash-runner"))
        .arg(set)
        .arg(database)
        .arg(action)
        .args(die_at.map(|event| event.to_string()))
        .status()
        .unwrap()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

fn lines(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    lines.into_iter().map(|line| line.line.unwrap_or_default()).collect()
}

/// Schema and rows; of the ledger, all but times and batches (a second run is another batch).
fn dump(database: &Path) -> Vec<String> {
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let schema = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line \
                  FROM sqlite_master ORDER BY name";
    let mut dump = lines(&mut conn, schema);
    let tables =
        lines(&mut conn, "SELECT name AS line FROM sqlite_master WHERE type = 'table' ORDER BY 1");
    for table in tables {
        let columns = lines(
            &mut conn,
            &format!(
                "SELECT group_concat('quote(' || name || ')', ' || '','' || ') AS line \
                 FROM pragma_table_info('{table}') \
                 WHERE name NOT IN ('run_on', 'started_at', 'duration_ms', 'batch')"
            ),
        );
        let rows = format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", columns[0]);
        dump.extend(lines(&mut conn, &rows).into_iter().map(|row| format!("{table}: {row}")));
    }
    dump
}
