//! The server killed while it works for a run, and started again: the run ends and says why, the
//! next one does what is left.

use diesel::connection::SimpleConnection as _;
use migrate_build::Dialect;
use migrate_tests::server::{Database, Gate, Mariadb, Postgres, Product, Server};
use migrate_tests::{Program, Running, wait_until};

const BASE: &str = "CREATE TABLE rooms (id INT PRIMARY KEY);
     CREATE TABLE counter (n INT NOT NULL);
     INSERT INTO counter VALUES (0);";
const COUNT: &str = "UPDATE counter SET n = n + 1;";

/// A program whose second migration has this between others, outside of transactions if need be.
fn program(dialect: Dialect, statement: &str, outside: bool) -> Program {
    let down = "UPDATE counter SET n = 0;";
    let (name, second) = ("2_second", format!("{COUNT} {statement}; {COUNT}"));
    let base = Program::of(dialect).add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;");
    if outside { base.add_outside(name, &second, down) } else { base.add(name, &second, down) }
        .add("3_third", COUNT, down)
}

/// A run on a database of its own, as far as the statement that the server does not get done.
struct Story<P: Product> {
    database: Database<P>,
    program: Program,
    run: Running,
    gate: Option<Gate<P>>,
}

impl<P: Product> Story<P> {
    /// Until one of the server's connections is as this condition says.
    fn begin(server: &Server<P>, program: Program, prepare: &[&str], is_at_it: &str) -> Self {
        let database = server.database();
        let first = Program::of(P::DIALECT.parse().unwrap());
        first
            .add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;")
            .start(&database.url(), "run")
            .succeeds();
        let gate = Gate::closed(&database);
        for statement in prepare {
            database.execute(statement);
        }
        let run = program.start(&database.url(), "run").start();
        wait_until(is_at_it, || {
            database.sql(&format!("SELECT count(*) FROM {is_at_it};")) == "1\n"
        });
        Self { database, program, run, gate: Some(gate) }
    }

    /// Once the server is killed, the run ends with this code, and says this.
    fn ends(self, code: i32, said: &str) -> (Database<P>, Program) {
        self.run.output().exits(code).says(said);
        self.program.start(&self.database.url(), "run").exits(1);
        (self.database, self.program)
    }
}

/// The server is there again, and the gate is gone with the session that kept it shut.
fn is_done_by_the_next_run<P: Product>((database, program): (Database<P>, Program)) -> Database<P> {
    program.start(&database.url(), "run").succeeds();
    assert_eq!(database.sql("SELECT n FROM counter;"), "3\n");
    let versions = database.sql("SELECT version FROM __diesel_schema_migrations ORDER BY 1;");
    assert_eq!(versions, "1\n2\n3\n");
    assert_eq!(database.sql("SELECT count(*) FROM __migrate_journal;"), "0\n");
    database
}

#[test]
fn a_killed_postgresql_is_gone_on_with() {
    let server = Postgres::start();
    let at = |sql: &str| {
        format!(
            "pg_stat_activity WHERE state = 'active' AND datname = current_database() \
             AND query LIKE '{sql}%'"
        )
    };
    let gated = "UPDATE counter SET n = n * wait_for_gate()";
    let program_of = |statement, outside| program(Dialect::Postgres, statement, outside);
    let in_statement = Story::begin(&server, program_of(gated, false), &[], &at(gated));

    let at_commit = [
        "CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql
         AS 'BEGIN PERFORM wait_for_gate(); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION wait_at_commit()",
    ];
    let insert = program_of("INSERT INTO rooms VALUES (1)", false);
    // `COMMIT` travels behind the ledger's rows, and those behind a proof.
    let in_commit =
        Story::begin(&server, insert, &at_commit, &at("EXECUTE \"migrate_step_reclaim"));

    let slow = [
        "CREATE FUNCTION is_one(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql
         AS 'BEGIN RETURN $1 = wait_for_gate(); END'",
        "INSERT INTO rooms VALUES (1)",
    ];
    let index = "CREATE INDEX CONCURRENTLY one_room ON rooms (id) WHERE is_one(id)";
    let in_index = Story::begin(&server, program_of(index, true), &slow, &at(index));

    server.stop_immediate();
    let in_statement = in_statement.ends(1, "the connection to the database was lost in 2_second (up) at migrations/2_second/up.sql:1:31");
    let in_commit = in_commit.ends(1, "either done and recorded, or untouched");
    let in_index = in_index.ends(4, "the connection was lost at migrations/2_second/up.sql:1:31");
    server.restart();
    is_done_by_the_next_run(in_statement);
    is_done_by_the_next_run(in_commit);
    let index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'one_room'::regclass;";
    assert_eq!(in_index.0.sql(index), "f\n");
    is_done_by_the_next_run(in_index);
}

#[test]
fn a_killed_mariadb_is_gone_on_with() {
    let server = Mariadb::start();
    let at = |column: &str, what: &str| {
        format!("information_schema.processlist WHERE db = database() AND {column} = '{what}'")
    };
    let at_gate = at("info", "DO SLEEP(0.01)");
    let rows = "UPDATE counter SET n = n * wait_for_gate()";
    let rows = || program(Dialect::Mysql, rows, false);
    let in_rows = Story::begin(&server, rows(), &[], &at_gate);
    let table = "CREATE TABLE copy AS SELECT n * wait_for_gate() AS n FROM counter";
    let in_table = Story::begin(&server, program(Dialect::Mysql, table, false), &[], &at_gate);

    server.stop_immediate();
    let in_rows = in_rows.ends(1, "the connection to the database was lost in 2_second");
    let in_table = in_table.ends(4, "the connection was lost at migrations/2_second/up.sql:1:31");
    server.restart();
    is_done_by_the_next_run(in_rows);
    let database = is_done_by_the_next_run(in_table);
    assert_eq!(database.sql("SELECT n FROM copy;"), "1\n");

    // Once more: a backup keeps the commit from being done.
    let mut in_commit = Story::begin(&server, rows(), &[], &at_gate);
    let mut backup = server.admin();
    for stage in ["START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"] {
        backup.batch_execute(&format!("BACKUP STAGE {stage}")).unwrap();
    }
    in_commit.gate.take().unwrap().open();
    let commits = at("state", "Waiting for backup lock");
    wait_until("it commits", || {
        in_commit.database.sql(&format!("SELECT count(*) FROM {commits};")) == "1\n"
    });
    server.stop_immediate();
    let in_commit = in_commit.ends(1, "either done and recorded, or untouched");
    server.restart();
    is_done_by_the_next_run(in_commit);
}
