//! SIGKILL at every event of a run: before and after the lock, before and after each statement,
//! before the ledger's row, before and after each commit.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use migrate_build::Dialect;
use migrate_tests::Program;
use migrate_tests::server::{Database, Mariadb, Postgres, Product, Server};

use crate::contents::contents;

/// How many runs go on at once, each on a database of its own.
const AT_ONCE: usize = 2;

/// Each in a transaction of its own.
fn inside() -> Program {
    Program::of(Dialect::Postgres)
        .add(
            "2026-01-01_base",
            "CREATE TABLE rooms (id INT PRIMARY KEY, name TEXT, old TEXT);
             CREATE INDEX rooms_name ON rooms (name);
             CREATE TABLE messages (id INT PRIMARY KEY, room INT REFERENCES rooms (id));
             CREATE TABLE counter (n INT NOT NULL);
             INSERT INTO rooms VALUES (1, 'lobby', 'x');
             INSERT INTO messages VALUES (1, 1), (2, 1);
             INSERT INTO counter VALUES (0);",
            "DROP TABLE counter; DROP TABLE messages; DROP TABLE rooms;",
        )
        .add("2026-01-02_count", "UPDATE counter SET n = n + 1;", "UPDATE counter SET n = n - 1;")
        .add(
            "2026-01-03_alter",
            "ALTER TABLE rooms ADD COLUMN topic TEXT;
             UPDATE rooms SET topic = name;
             ALTER TABLE rooms DROP COLUMN old;",
            "ALTER TABLE rooms ADD COLUMN old TEXT;
             ALTER TABLE rooms DROP COLUMN topic;",
        )
}

/// With a migration outside of transactions that has every kind of statement.
fn outside() -> Program {
    inside()
        .add_outside(
            "2026-01-04_outside",
            "SET work_mem = '8MB';
             UPDATE counter SET n = n + 10;
             CREATE INDEX CONCURRENTLY messages_room ON messages (room);
             VACUUM counter;
             DROP INDEX CONCURRENTLY rooms_name;
             BEGIN;
             UPDATE counter SET n = n + 100;
             INSERT INTO messages VALUES (3, 1);
             COMMIT;
             CREATE UNIQUE INDEX CONCURRENTLY rooms_topic ON rooms (topic);
             UPDATE counter SET n = n + 1000;",
            "UPDATE counter SET n = n - 1000;
             DROP INDEX CONCURRENTLY rooms_topic;
             BEGIN;
             UPDATE counter SET n = n - 100;
             DELETE FROM messages WHERE id = 3;
             END;
             CREATE INDEX CONCURRENTLY rooms_name ON rooms (name);
             DROP INDEX CONCURRENTLY messages_room;
             UPDATE counter SET n = n - 10;",
        )
        .add(
            "2026-01-05_after",
            "UPDATE counter SET n = n + 10000;",
            "UPDATE counter SET n = n - 10000;",
        )
}

/// What MySQL commits statement by statement, and what it does not.
fn mixed() -> Program {
    Program::of(Dialect::Mysql)
        .add(
            "2026-01-01_schema",
            "CREATE TABLE rooms (id INT PRIMARY KEY, name VARCHAR(20), old INT);
             CREATE TABLE messages (id INT PRIMARY KEY, room INT);
             ALTER TABLE messages ADD CONSTRAINT in_room FOREIGN KEY (room) REFERENCES rooms (id);
             CREATE TABLE counter (n INT NOT NULL);",
            "DROP TABLE counter; DROP TABLE messages; DROP TABLE rooms;",
        )
        .add(
            "2026-01-02_rows",
            "INSERT INTO rooms VALUES (1, 'lobby', 1);
             INSERT INTO messages VALUES (1, 1), (2, 1);
             INSERT INTO counter VALUES (1);
             UPDATE counter SET n = n + 1;",
            "DELETE FROM messages; DELETE FROM rooms; DELETE FROM counter;",
        )
        .add(
            "2026-01-03_both",
            "UPDATE counter SET n = n + 10;
             ALTER TABLE rooms ADD COLUMN topic VARCHAR(20);
             UPDATE rooms SET topic = name;
             CREATE INDEX rooms_topic ON rooms (topic);
             ALTER TABLE rooms DROP COLUMN old;
             UPDATE counter SET n = n + 100;",
            "ALTER TABLE rooms ADD COLUMN old INT;
             UPDATE rooms SET old = 1;
             UPDATE counter SET n = n - 100;
             DROP INDEX rooms_topic ON rooms;
             ALTER TABLE rooms DROP COLUMN topic;
             UPDATE counter SET n = n - 10;",
        )
        .add(
            "2026-01-04_routines",
            "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;
             UPDATE counter SET n = n + 999 + one();
             CREATE PROCEDURE count_up() UPDATE counter SET n = n + 1;
             CREATE TRIGGER counted BEFORE INSERT ON messages FOR EACH ROW SET NEW.room = 1;
             CREATE VIEW lobby AS SELECT id FROM messages WHERE room = 1;",
            "DROP VIEW lobby;
             DROP TRIGGER counted;
             DROP PROCEDURE count_up;
             UPDATE counter SET n = n - 999 - one();
             DROP FUNCTION one;",
        )
}

#[test]
fn a_run_in_transactions_survives_a_kill_anywhere_on_postgresql() {
    every_kill_is_survived(Postgres::shared(), &inside(), "run", 20);
}

#[test]
fn a_revert_in_transactions_survives_a_kill_anywhere_on_postgresql() {
    every_kill_is_survived(Postgres::shared(), &inside(), "revert", 20);
}

#[test]
fn a_run_with_a_migration_outside_of_transactions_survives_a_kill_anywhere_on_postgresql() {
    every_kill_is_survived(Postgres::shared(), &outside(), "run", 60);
}

#[test]
fn a_revert_with_a_migration_outside_of_transactions_survives_a_kill_anywhere_on_postgresql() {
    every_kill_is_survived(Postgres::shared(), &outside(), "revert", 60);
}

#[test]
fn a_run_survives_a_kill_anywhere_on_mariadb() {
    every_kill_is_survived(Mariadb::shared(), &mixed(), "run", 60);
}

#[test]
fn a_revert_survives_a_kill_anywhere_on_mariadb() {
    every_kill_is_survived(Mariadb::shared(), &mixed(), "revert", 60);
}

/// And the next run can always tell what is done.
fn every_kill_is_survived<P: Product>(
    server: &Server<P>,
    program: &Program,
    action: &str,
    at_least: usize,
) {
    let tally = kill_everywhere(server, program, action);
    assert!(tally.half_way.is_empty() && tally.kills >= at_least, "{tally:?}");
    for event in ["Locked", "StatementStarted", "StatementFinished", "Recording", "Committing"] {
        assert!(tally.at.contains(event), "{event}: {tally:?}");
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Tally {
    /// How many runs were killed.
    kills: usize,
    /// The names of the events that they were killed at.
    at: BTreeSet<String>,
    /// The events after which the next run could not tell what was done, and said so.
    half_way: Vec<String>,
}

/// Kills a run at its first event, another at its second, and so on until one survives; after each
/// kill runs again and compares.
fn kill_everywhere<P: Product>(server: &Server<P>, program: &Program, action: &str) -> Tally {
    let start = server.database();
    if action == "revert" {
        program.start(&start.url(), "run").succeeds();
    }
    let undisturbed = start.copy();
    program.start(&undisturbed.url(), action).succeeds();
    let wanted = contents(&undisturbed);

    let tally = Mutex::new(Tally::default());
    let (next, end) = (AtomicUsize::new(1), AtomicUsize::new(usize::MAX));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let event = next.fetch_add(1, Ordering::Relaxed);
                    if event >= end.load(Ordering::Relaxed) {
                        return;
                    }
                    let database = start.copy();
                    if !kill_at(event, &database, program, action, &wanted, &tally) {
                        end.fetch_min(event, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    assert_eq!(tally.kills + 1, end.into_inner(), "each up to the last: {tally:?}");
    tally
}

/// Whether the run got as far as this event.
fn kill_at<P: Product>(
    event: usize,
    database: &Database<P>,
    program: &Program,
    action: &str,
    wanted: &str,
    tally: &Mutex<Tally>,
) -> bool {
    let url = database.url();
    let run = program.start(&url, action).arg(format!("die-at={event}")).output();
    if run.code() == Some(0) {
        return false;
    }
    let last = format!("{event}: {}", run.is_killed());
    let again = program.start(&url, action).output();
    let is_half_way = again.code() == Some(4);
    if is_half_way {
        assert!(again.stderr().contains(".sql:"), "it names no statement: {}", again.stderr());
    } else {
        assert_eq!(again.code(), Some(0), "after a kill at {last}: {}", again.stderr());
        assert_eq!(contents(database), wanted, "after a kill at {last}");
    }
    let mut tally = tally.lock().unwrap();
    tally.kills += 1;
    let name = run.is_killed().split(' ').next().unwrap_or_default();
    tally.at.insert(name.to_owned());
    tally.half_way.extend(is_half_way.then_some(last));
    true
}
