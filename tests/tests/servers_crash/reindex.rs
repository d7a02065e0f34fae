//! `REINDEX CONCURRENTLY` that was cut off or failed: what it leaves goes away.

use diesel::connection::SimpleConnection as _;
use migrate_build::Dialect;
use migrate_tests::server::{Database, PostgreSql, Postgres};
use migrate_tests::{Program, wait_until};

const BASE: &str = "CREATE TABLE rooms (id INT PRIMARY KEY, name VARCHAR(20));
     CREATE INDEX rooms_name ON rooms (name);";

fn program(reindex: &str) -> Program {
    Program::of(Dialect::Postgres).add("1_base", BASE, "DROP TABLE rooms;").add_outside(
        "2_again",
        &format!("{reindex};"),
        "-- Nothing to take back.\nSELECT 1;",
    )
}

/// The indexes of the table that are of no use.
fn invalid(database: &Database<PostgreSql>) -> String {
    database.sql(
        "SELECT count(*) FROM pg_index WHERE indrelid = to_regclass('rooms') AND NOT indisvalid;",
    )
}

/// Starts the program, and ends its work with this function of the server's when there are this many
/// indexes in the making; gives the database and what the program said.
fn ended(reindex: &str, by: &str, made: &str) -> (Database<PostgreSql>, Program, String) {
    let database = Postgres::shared().database();
    let program = program(reindex);
    Program::of(Dialect::Postgres)
        .add("1_base", BASE, "DROP TABLE rooms;")
        .start(&database.url(), "run")
        .succeeds();
    // The new indexes are there, and wait for this transaction before they are used.
    let mut old = database.connect();
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM rooms").unwrap();
    let run = program.start(&database.url(), "run").start();
    wait_until("the indexes are made", || invalid(&database) == made);
    let at_it =
        format!("pg_stat_activity WHERE query = '{reindex}' AND datname = current_database()");
    database.sql(&format!("SELECT {by}(pid) FROM {at_it};"));
    // To remove an index waits for it just as well.
    drop(old);
    let output = run.output().exits(1);
    (database, program, output.stderr().to_owned())
}

#[test]
fn what_one_that_was_cut_off_has_left_is_removed_by_the_next_run() {
    for (reindex, made) in [
        ("REINDEX TABLE CONCURRENTLY rooms", "2\n"),
        ("REINDEX INDEX CONCURRENTLY rooms_name", "1\n"),
    ] {
        let (database, program, said) = ended(reindex, "pg_terminate_backend", made);
        assert!(said.contains("connection to the database was lost"), "{said}");
        assert_eq!(invalid(&database), made, "{reindex}");
        let next = program.start(&database.url(), "run").succeeds();
        assert!(next.stdout().contains("Repairing"), "{}", next.stdout());
        assert_eq!(invalid(&database), "0\n", "{reindex}");
        let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'rooms'::regclass;";
        assert_eq!(database.sql(indexes), "2\n");
    }
}

#[test]
fn one_that_fails_leaves_nothing() {
    let reindex = "REINDEX (CONCURRENTLY) TABLE public.rooms";
    let (database, _, said) = ended(reindex, "pg_cancel_backend", "2\n");
    assert!(said.contains("canceling statement due to user request"), "{said}");
    assert_eq!(invalid(&database), "0\n");
}
