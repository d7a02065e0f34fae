//! A migration that has to wait for a table, and the others who want that table meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use migrate_build::Dialect;
use migrate_runtime::{Backend, Event, Runner};
use migrate_tests::Program;
use migrate_tests::server::{Database, Mariadb, Postgres, Product, Server};

#[test]
fn readers_wait_behind_one_attempt_at_most_on_postgresql() {
    let attempt = Duration::from_millis(400);
    readers_wait_behind_one_attempt_at_most(
        Postgres::shared(),
        Dialect::Postgres,
        "SET lock_timeout = 400",
        attempt,
    );
}

#[test]
fn readers_wait_behind_one_attempt_at_most_on_mariadb() {
    // The server counts in whole seconds.
    let attempt = Duration::from_secs(1);
    let setting = "SET lock_wait_timeout = 1";
    readers_wait_behind_one_attempt_at_most(Mariadb::shared(), Dialect::Mysql, setting, attempt);
}

/// As the session's settings limit an attempt.
fn readers_wait_behind_one_attempt_at_most<P: Product>(
    server: &Server<P>,
    dialect: Dialect,
    setting: &str,
    attempt: Duration,
) where
    P::Connection: Backend,
{
    let database = server.database();
    database.execute("CREATE TABLE rooms (id INT)");
    let alter = "ALTER TABLE rooms ADD COLUMN name INT;";
    let program = Program::of(dialect).add("1_name", alter, "ALTER TABLE rooms DROP COLUMN name;");
    let set = program.migrations();

    let mut in_the_way = database.connect();
    in_the_way.batch_execute("BEGIN").unwrap();
    in_the_way.batch_execute("SELECT * FROM rooms").unwrap();
    let is_over = AtomicBool::new(false);
    let (longest, told) = thread::scope(|scope| {
        let reader = scope.spawn(|| longest_read(&database, &is_over));
        let mut told = Vec::new();
        let mut observer = |event: &Event<'_>| {
            if let Event::Retrying { tries, .. } = event {
                told.push(*tries);
                if *tries == 2 {
                    in_the_way.batch_execute("COMMIT").unwrap();
                }
            }
        };
        let mut conn = database.connect();
        conn.batch_execute(setting).unwrap();
        let result = Runner::new(&set).observer(&mut observer).run(&mut conn);
        is_over.store(true, Ordering::Relaxed);
        result.unwrap();
        (reader.join().unwrap(), told)
    });
    assert_eq!(told, [1, 2]);
    assert!(longest > attempt / 2, "the reader was never behind the migration: {longest:?}");
    assert!(longest < attempt * 3, "{longest:?}");
    assert_eq!(database.sql("SELECT count(name) FROM rooms;"), "0\n");
}

#[test]
fn whoever_never_lets_go_ends_the_run_and_not_the_traffic_on_postgresql() {
    whoever_never_lets_go_ends_the_run_and_not_the_traffic(Postgres::shared(), Dialect::Postgres);
}

#[test]
fn whoever_never_lets_go_ends_the_run_and_not_the_traffic_on_mariadb() {
    whoever_never_lets_go_ends_the_run_and_not_the_traffic(Mariadb::shared(), Dialect::Mysql);
}

fn whoever_never_lets_go_ends_the_run_and_not_the_traffic<P: Product>(
    server: &Server<P>,
    dialect: Dialect,
) {
    let database = server.database();
    database.execute("CREATE TABLE rooms (id INT)");
    let alter = "ALTER TABLE rooms ADD COLUMN name INT;";
    let program = Program::of(dialect).add("1_name", alter, "ALTER TABLE rooms DROP COLUMN name;");
    let mut in_the_way = database.connect();
    in_the_way.batch_execute("BEGIN").unwrap();
    in_the_way.batch_execute("SELECT * FROM rooms").unwrap();
    let is_over = AtomicBool::new(false);
    let longest = thread::scope(|scope| {
        let reader = scope.spawn(|| longest_read(&database, &is_over));
        let run = program.start(&database.url(), "run").arg("lock-timeout=5000").output();
        is_over.store(true, Ordering::Relaxed);
        run.exits(3).says("the database is locked: waited");
        reader.join().unwrap()
    });
    // Two seconds an attempt, and there were several.
    assert!(longest > Duration::from_secs(1), "never behind the migration: {longest:?}");
    assert!(longest < Duration::from_secs(4), "{longest:?}");
    assert_eq!(database.sql("SELECT count(*) FROM __diesel_schema_migrations;"), "0\n");
    in_the_way.batch_execute("COMMIT").unwrap();
    program.start(&database.url(), "run").succeeds();
}

/// How long a read of the table lasted at most.
fn longest_read<P: Product>(database: &Database<P>, is_over: &AtomicBool) -> Duration {
    let mut reader = database.connect();
    let mut longest = Duration::ZERO;
    while !is_over.load(Ordering::Relaxed) {
        let started = Instant::now();
        reader.batch_execute("SELECT * FROM rooms").unwrap();
        longest = longest.max(started.elapsed());
    }
    longest
}
