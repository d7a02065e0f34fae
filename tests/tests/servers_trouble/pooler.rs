//! PgBouncer between runs and PostgreSQL.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::Dialect;
use migrate_tests::server::{Database, Gate, Pgbouncer, PostgreSql, Postgres};
use migrate_tests::{Program, wait_until};

const COUNT: &str = "UPDATE counter SET n = n + 1;";

/// The second one waits.
fn program() -> Program {
    let base = "CREATE TABLE counter (n INT NOT NULL); INSERT INTO counter VALUES (0);";
    let slow = "UPDATE counter SET n = n + wait_for_gate();";
    let down = "UPDATE counter SET n = 0;";
    let first = Program::of(Dialect::Postgres).add("1_base", base, "DROP TABLE counter;");
    first.add("2_slow", slow, down).add("3_more", COUNT, down).add("4_last", COUNT, down)
}

#[test]
fn runs_that_share_sessions_are_refused_or_do_no_harm_and_leave_nothing() {
    let server = Postgres::shared();
    let program = program();
    for connections in [1, 5] {
        let database = server.database();
        let gate = Gate::closed(&database);
        let pooler = Pgbouncer::before(server, connections);
        let url = database.url_on(pooler.port());
        let first = program.start(&url, "run").start();
        let at_it = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND state = 'active' AND query LIKE '%wait_for_gate()';";
        wait_until("the first is at it", || database.sql(at_it) == "1\n");
        let second = program.start(&url, "run").start();
        gate.open();
        for run in [first.output(), second.output()] {
            if run.code() != Some(0) {
                // Or it is given the session of the other one, just when that one has to end it.
                let is_told = [
                    "A pooler in transaction mode (PgBouncer",
                    "connection to the database was lost",
                ]
                .iter()
                .any(|reason| run.stderr().contains(reason));
                assert!(is_told, "{run:?}");
                run.exits(1);
            }
        }
        assert_nothing_is_left(&database, &pooler, connections);
        // What is left, if each was in the other's way, is not.
        program.start(&database.url(), "run").succeeds();
        assert_eq!(database.sql("SELECT n FROM counter;"), "3\n");
    }
}

#[test]
fn runs_with_sessions_of_their_own_wait_for_each_other() {
    let server = Postgres::shared();
    let database = server.database();
    Gate::closed(&database).open();
    let pooler = Pgbouncer::by_sessions(server, 2);
    let (program, url) = (program(), database.url_on(pooler.port()));
    let runs: Vec<_> = (0..4).map(|_| program.start(&url, "run").start()).collect();
    for run in runs {
        run.output().exits(0);
    }
    assert_eq!(database.sql("SELECT n FROM counter;"), "3\n");
    assert_nothing_is_left(&database, &pooler, 2);
}

/// Neither the lock of a run nor its settings, in any of the pooler's sessions.
fn assert_nothing_is_left(database: &Database<PostgreSql>, pooler: &Pgbouncer, connections: usize) {
    let locks = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                 WHERE locktype = 'advisory' AND datname = current_database();";
    // A session that was ended is gone a moment later.
    wait_until("the lock is given back", || database.sql(locks) == "0\n");
    let settings = "concat_ws(' ', current_setting('lock_timeout'),
        current_setting('statement_timeout'), current_setting('client_connection_check_interval'),
        current_setting('application_name'), current_setting('cargo_migrate.run', true))";
    // Each keeps its session, so that the next one is given another.
    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = PgConnection::establish(&database.url_on(pooler.port())).unwrap();
        client.batch_execute("BEGIN").unwrap();
        let found: String = diesel::select(sql::<Text>(settings)).get_result(&mut client).unwrap();
        assert_eq!(found.trim_end(), "0 0 0");
        clients.push(client);
    }
}
