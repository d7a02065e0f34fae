//! SIGKILL at every boundary of a run: the next run ends where an undisturbed one does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use migrate_build::Dialect;
use migrate_tests::Program;

/// All in transactions: two of them, because the third migration rebuilds a table and the second
/// one changes rows.
fn inside() -> Program {
    Program::of(Dialect::Sqlite)
        .add(
            "2026-01-01_base",
            "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT, old TEXT);
             CREATE TABLE messages (
                 id INTEGER PRIMARY KEY, room REFERENCES rooms (id) ON DELETE CASCADE
             );
             CREATE TABLE counter (n INTEGER NOT NULL);
             INSERT INTO rooms VALUES (1, 'lobby', 'x');
             INSERT INTO messages VALUES (1, 1);
             INSERT INTO messages VALUES (2, 1);
             INSERT INTO counter VALUES (0);",
            "DROP TABLE counter; DROP TABLE messages; DROP TABLE rooms;",
        )
        .add("2026-01-02_count", "UPDATE counter SET n = n + 1;", "UPDATE counter SET n = n - 1;")
        .add(
            "2026-01-03_rebuild",
            "CREATE TABLE rooms_new (id INTEGER PRIMARY KEY, name TEXT);
             INSERT INTO rooms_new SELECT id, name FROM rooms;
             DROP TABLE rooms;
             ALTER TABLE rooms_new RENAME TO rooms;",
            "ALTER TABLE rooms ADD COLUMN old TEXT;",
        )
}

/// With a migration outside of transactions that has every kind of statement.
fn outside() -> Program {
    inside()
        .add_outside(
            "2026-01-04_outside",
            "PRAGMA cache_size = 100;
             UPDATE counter SET n = n + 10;
             VACUUM;
             UPDATE counter SET n = n + 100;
             BEGIN;
             UPDATE counter SET n = n + 1000;
             INSERT INTO messages VALUES (3, 1);
             COMMIT;
             BEGIN;
             UPDATE counter SET n = 0;
             ROLLBACK;
             UPDATE counter SET n = n + 10000;",
            "UPDATE counter SET n = n - 10000;
             VACUUM;
             BEGIN;
             UPDATE counter SET n = n - 1000;
             DELETE FROM messages WHERE id = 3;
             END;
             UPDATE counter SET n = n - 110;",
        )
        .add(
            "2026-01-05_after",
            "UPDATE counter SET n = n + 100000;",
            "UPDATE counter SET n = n - 100000;",
        )
}

#[test]
fn a_run_in_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere(&inside(), "run");
    assert!(kills > 20, "only {kills} boundaries");
}

#[test]
fn a_run_with_a_migration_outside_of_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere(&outside(), "run");
    assert!(kills > 60, "only {kills} boundaries");
}

#[test]
fn a_revert_in_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere(&inside(), "revert");
    assert!(kills > 15, "only {kills} boundaries");
}

#[test]
fn a_revert_with_a_migration_outside_of_transactions_survives_a_kill_anywhere() {
    let kills = kill_everywhere(&outside(), "revert");
    assert!(kills > 40, "only {kills} boundaries");
}

/// Kills a run at its first event, another at its second, and so on until one survives; after each
/// kill runs again and compares. Returns how many were killed. A lock file may stay behind the
/// dead; it is nobody's lock, and in nobody's way.
fn kill_everywhere(program: &Program, action: &str) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let start = dir.path().join("start.db");
    if action == "revert" {
        program.start(start.to_str().unwrap(), "run").succeeds();
    } else {
        std::fs::write(&start, "").unwrap();
    }
    let undisturbed = dir.path().join("undisturbed.db");
    std::fs::copy(&start, &undisturbed).unwrap();
    program.start(undisturbed.to_str().unwrap(), action).succeeds();
    let wanted = dump(&undisturbed);

    for event in 1.. {
        let database = dir.path().join(format!("{event}.db"));
        std::fs::copy(&start, &database).unwrap();
        let run = program.start(database.to_str().unwrap(), action);
        let killed = run.arg(format!("die-at={event}")).output();
        if killed.code() == Some(0) {
            return event - 1;
        }
        let last = killed.is_killed();
        let again = program.start(database.to_str().unwrap(), action).output();
        assert_eq!(again.code(), Some(0), "after a kill at {last}: {}", again.stderr());
        assert_eq!(dump(&database), wanted, "after a kill at {last}");
    }
    unreachable!("a run has an end")
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
