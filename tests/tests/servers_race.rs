//! Many processes that start at once on one fresh database of a server: all succeed, everything is
//! done once, and none of them dies of a deadlock.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use migrate_build::Dialect;
use migrate_runtime::Backend;
use migrate_tests::server::{Database, Mariadb, Postgres, Product, Server};
use migrate_tests::{Program, Running};

const STARTERS: [usize; 3] = [2, 8, 32];
const ROUNDS: usize = 20;
/// How many rounds go on at once, each on a database of its own: most of the time the starters wait.
const AT_ONCE: usize = 2;

const ONCE: &str = "UPDATE c SET n = n + 1;";
const BACK: &str = "UPDATE c SET n = n - 1;";

const BASE: &str = "CREATE TABLE c (n INT NOT NULL); INSERT INTO c VALUES (0);";

/// A table, with a counter that shows whatever is done twice.
fn base(dialect: Dialect) -> Program {
    Program::of(dialect).add("1_base", BASE, "DROP TABLE c;")
}

/// Five migrations; the third one is the caller's.
fn program(dialect: Dialect, third: impl FnOnce(Program) -> Program) -> Program {
    third(base(dialect).add("2_once", ONCE, BACK)).add("4_once", ONCE, BACK).add(
        "5_table",
        "CREATE TABLE last (id INT);",
        "DROP TABLE last;",
    )
}

#[test]
fn everybody_succeeds_and_everything_is_done_once_on_postgresql() {
    // One's own, because of what is asked of it at the end.
    let server = Postgres::start();
    let program = program(Dialect::Postgres, |program| {
        let index = format!("CREATE INDEX CONCURRENTLY c_n ON c (n); {ONCE}");
        program.add_outside("3_index", &index, &format!("DROP INDEX CONCURRENTLY c_n; {BACK}"))
    });
    race(&server, &program, |database| {
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'c_n'::regclass;";
        assert_eq!(database.sql(valid), "t\n");
    });
    let log = fs::read(server.directory().join("log")).unwrap();
    assert!(!String::from_utf8_lossy(&log).contains("deadlock detected"));
}

#[test]
fn everybody_succeeds_and_everything_is_done_once_on_mariadb() {
    let server = Mariadb::start();
    let program = program(Dialect::Mysql, |program| {
        let index = format!("ALTER TABLE c ADD COLUMN m INT; {ONCE} CREATE INDEX c_n ON c (n);");
        let back = format!("DROP INDEX c_n ON c; {BACK} ALTER TABLE c DROP COLUMN m;");
        program.add("3_index", &index, &back)
    });
    race(&server, &program, |database| {
        assert_eq!(database.sql("SHOW INDEX FROM c;").lines().count(), 1);
    });
    let deadlocks = server.database().sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks';");
    assert_eq!(deadlocks, "Innodb_deadlocks\t0\n");
}

fn race<P: Product>(server: &Server<P>, program: &Program, check: impl Fn(&Database<P>) + Sync) {
    in_rounds(STARTERS.repeat(ROUNDS), |starters| {
        let database = server.database();
        for process in start(&database, program, "run", starters) {
            process.output().exits(0);
        }
        assert_done_once(&database);
        check(&database);
    });
}

#[test]
fn whoever_looks_meanwhile_gets_an_answer_on_postgresql() {
    whoever_looks_meanwhile_gets_an_answer(Postgres::shared(), Dialect::Postgres);
}

#[test]
fn whoever_looks_meanwhile_gets_an_answer_on_mariadb() {
    whoever_looks_meanwhile_gets_an_answer(Mariadb::shared(), Dialect::Mysql);
}

/// Replicas of a service that migrate when they start, and others that only look: at a ledger that
/// is not there, that is just made, and that grows.
fn whoever_looks_meanwhile_gets_an_answer<P: Product>(server: &Server<P>, dialect: Dialect)
where
    P::Connection: Backend,
{
    let program = program(dialect, |program| program.add("3_once", ONCE, BACK));
    let set = program.migrations();
    in_rounds(vec![4; ROUNDS], |starters| {
        let database = server.database();
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        set.standing(&mut database.connect()).unwrap();
                    }
                });
            }
            let replicas = start(&database, &program, "run", starters);
            let ends: Vec<_> = replicas.into_iter().map(Running::output).collect();
            is_over.store(true, Ordering::Relaxed);
            for end in ends {
                end.exits(0);
            }
        });
        assert_done_once(&database);
    });
}

#[test]
fn beside_diesels_own_harness_nothing_is_done_twice_on_postgresql() {
    let program = program(Dialect::Postgres, |program| program.add("3_once", ONCE, BACK));
    beside_diesels_own_harness(Postgres::shared(), &program, |_| {});
}

/// Diesel's harness takes no lock, and MySQL commits each statement about a schema: where two make
/// the same table, the second one has to stop. With rows nobody has to.
#[test]
fn beside_diesels_own_harness_no_rows_are_changed_twice_on_mariadb() {
    let rows = base(Dialect::Mysql).add("2_once", ONCE, BACK).add("3_once", ONCE, BACK);
    let rows = rows.add("4_once", ONCE, BACK).add("5_none", "UPDATE c SET n = n;", BACK);
    beside_diesels_own_harness(Mariadb::shared(), &rows, |database| {
        base(Dialect::Mysql).start(&database.url(), "run").succeeds();
    });
}

fn beside_diesels_own_harness<P: Product>(
    server: &Server<P>,
    program: &Program,
    prepare: impl Fn(&Database<P>) + Sync,
) {
    in_rounds(vec![4; ROUNDS], |starters| {
        let database = server.database();
        prepare(&database);
        let theirs = start(&database, program, "diesel", starters);
        let ours = start(&database, program, "run", starters);
        for process in ours {
            process.output().exits(0);
        }
        for process in theirs {
            // Whoever comes second may fail there: "already exists", "duplicate key".
            let _ = process.output();
        }
        assert_done_once(&database);
    });
}

fn start<P: Product>(
    database: &Database<P>,
    program: &Program,
    action: &str,
    starters: usize,
) -> Vec<Running> {
    let url = database.url();
    (0..starters).map(|_| program.start(&url, action).start()).collect()
}

/// Calls `round` with each of these, some at once.
fn in_rounds(all: Vec<usize>, round: impl Fn(usize) + Sync) {
    let left = Mutex::new(all);
    let next = || left.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(starters) = next() {
                    round(starters);
                }
            });
        }
    });
}

fn assert_done_once<P: Product>(database: &Database<P>) {
    assert_eq!(database.sql("SELECT n FROM c;"), "3\n");
    let versions = database.sql("SELECT version FROM __diesel_schema_migrations ORDER BY version;");
    assert_eq!(versions, "1\n2\n3\n4\n5\n");
}
