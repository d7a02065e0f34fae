//! A process killed while the server works on its statement: the server goes on, and still holds the
//! lock of the run for it. The next run waits for the end of that, and starts no second one.

use diesel::connection::SimpleConnection as _;
use migrate_build::Dialect;
use migrate_tests::server::{Database, Gate, MariaDb, Mariadb, PostgreSql, Postgres, Product};
use migrate_tests::{Program, Running, wait_until};

const BASE: &str = "CREATE TABLE rooms (id INT PRIMARY KEY, name VARCHAR(20));
     CREATE TABLE counter (n INT NOT NULL);
     INSERT INTO counter VALUES (0);";
const COUNT: &str = "UPDATE counter SET n = n + 1;";

const CONCURRENTLY: &str = "CREATE INDEX CONCURRENTLY rooms_name ON rooms (name)";
const COPY: &str = "ALTER TABLE rooms ADD COLUMN topic INT, ALGORITHM=COPY";
const GATED: &str = "UPDATE counter SET n = n + wait_for_gate()";

/// Whatever is done twice shows in the counter.
fn program(dialect: Dialect, statement: &str) -> Program {
    let base = Program::of(dialect).add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;");
    let (up, down) = (format!("{statement}; {COUNT}"), "UPDATE counter SET n = 0;");
    let second = if statement == CONCURRENTLY {
        base.add_outside("2_statement", &up, down)
    } else {
        base.add("2_statement", &up, down)
    };
    second.add("3_after", COUNT, down)
}

/// A database with the first migration applied.
fn with_base<P: Product>(database: Database<P>) -> Database<P> {
    let dialect = P::DIALECT.parse().unwrap();
    let base = Program::of(dialect).add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;");
    base.start(&database.url(), "run").succeeds();
    database
}

#[test]
fn an_index_that_an_orphan_builds_to_the_end_is_not_built_again() {
    let database = with_base(Postgres::shared().database());
    let mut writer = database.connect();
    writer.batch_execute("BEGIN; LOCK TABLE rooms IN ROW EXCLUSIVE MODE").unwrap();
    let program = program(Dialect::Postgres, CONCURRENTLY);
    let next = killed_and_started_again(&database, &program, || is_building(&database));
    writer.batch_execute("COMMIT").unwrap();
    next.output().exits(0);

    assert!(is_valid(&database));
    assert_eq!(database.sql("SELECT n FROM counter;"), "2\n");
    // Unless all this took so long that the server saw that nobody waits for the index any more.
    let was_ended = log(&database).contains("connection to client lost");
    assert_eq!(times(&database, CONCURRENTLY), 1 + usize::from(was_ended));
}

#[test]
fn an_index_that_an_orphan_leaves_invalid_is_built_again() {
    let database = with_base(Postgres::shared().database());
    let mut writer = database.connect();
    writer.batch_execute("BEGIN; LOCK TABLE rooms IN ROW EXCLUSIVE MODE").unwrap();
    let program = program(Dialect::Postgres, CONCURRENTLY);
    let mut next = killed_and_started_again(&database, &program, || is_building(&database));
    // The writer is still in the way when the server sees that its client is gone.
    next.wait_for("Locked");
    assert!(log(&database).contains("connection to client lost"));
    assert!(!is_valid(&database));
    wait_until("the index goes", || times(&database, "DROP INDEX CONCURRENTLY") == 1);
    writer.batch_execute("COMMIT").unwrap();
    next.output().exits(0);

    assert!(is_valid(&database));
    assert_eq!(database.sql("SELECT n FROM counter;"), "2\n");
    assert_eq!(times(&database, CONCURRENTLY), 2);
}

#[test]
fn a_change_of_rows_that_an_orphan_makes_is_rolled_back_on_postgresql() {
    let database = with_base(Postgres::shared().database());
    let gate = Gate::closed(&database);
    let program = program(Dialect::Postgres, GATED);
    let is_at_it = || {
        database.sql(&format!("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = '{GATED}' AND state = 'active';")) == "1\n"
    };
    let next = killed_and_started_again(&database, &program, is_at_it);
    gate.open();
    next.output().exits(0);
    assert_eq!(database.sql("SELECT n FROM counter;"), "3\n");
    assert_eq!(times(&database, GATED), 2);
}

#[test]
fn a_change_of_rows_that_an_orphan_makes_is_rolled_back_on_mariadb() {
    let database = with_base(Mariadb::shared().database());
    let gate = Gate::closed(&database);
    let program = program(Dialect::Mysql, GATED);
    let next =
        killed_and_started_again(&database, &program, || is_in(&database, "DO SLEEP(0.01)", "%"));
    gate.open();
    next.output().exits(0);
    assert_eq!(database.sql("SELECT n FROM counter;"), "3\n");
    assert_eq!(times(&database, GATED), 2);
}

#[test]
fn a_table_that_an_orphan_changes_is_not_changed_again() {
    let database = with_base(Mariadb::shared().database());
    let mut reader = database.connect();
    reader.batch_execute("START TRANSACTION; SELECT * FROM rooms").unwrap();
    let program = program(Dialect::Mysql, COPY);
    let waits = || is_in(&database, COPY, "Waiting for table metadata lock");
    let next = killed_and_started_again(&database, &program, waits);
    reader.batch_execute("COMMIT").unwrap();
    next.output().exits(0);
    assert_altered_once(&database);
}

#[test]
fn a_table_that_an_orphan_copies_is_not_copied_again() {
    let database = with_base(Mariadb::shared().database());
    database.sql("INSERT INTO rooms SELECT seq, 'a room as others are' FROM seq_1_to_400000;");
    let program = program(Dialect::Mysql, COPY);
    let copies = || is_in(&database, COPY, "copy to tmp table");
    killed_and_started_again(&database, &program, copies).output().exits(0);
    assert_altered_once(&database);
    assert_eq!(times(&database, COPY), 1);
}

fn assert_altered_once(database: &Database<MariaDb>) {
    let columns = database.sql("SHOW COLUMNS FROM rooms LIKE 'topic';");
    assert_eq!(columns, "topic\tint(11)\tYES\t\tNULL\t\n");
    assert_eq!(database.sql("SELECT n FROM counter;"), "2\n");
}

/// Kills a run while the server works on its statement, and starts the next at once, which waits.
fn killed_and_started_again<P: Product>(
    database: &Database<P>,
    program: &Program,
    is_at_it: impl Fn() -> bool,
) -> Running {
    let run = program.start(&database.url(), "run").start();
    wait_until("the server is at it", is_at_it);
    run.signal("KILL");
    let _ = run.output().is_killed();
    let mut next = program.start(&database.url(), "run").start();
    next.wait_for("Waiting");
    next
}

/// How often a statement was sent.
fn times<P: Product>(database: &Database<P>, statement: &str) -> usize {
    database.statements().iter().filter(|sent| sent.starts_with(statement)).count()
}

fn is_building(database: &Database<PostgreSql>) -> bool {
    let waiting = "SELECT count(*) FROM pg_stat_progress_create_index \
                   WHERE datname = current_database() AND phase LIKE 'waiting for writers%';";
    database.sql(waiting) == "1\n"
}

fn is_valid(database: &Database<PostgreSql>) -> bool {
    database.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'rooms_name'::regclass;")
        == "t\n"
}

/// What the server's log has of this database.
fn log(database: &Database<PostgreSql>) -> String {
    let log = std::fs::read(database.server().directory().join("log")).unwrap();
    let log = String::from_utf8_lossy(&log);
    let here = format!("] {} ", database.name());
    log.lines().filter(|line| line.contains(&here)).collect::<Vec<_>>().join("\n")
}

/// Whether a connection executes a statement, and is in this state.
fn is_in(database: &Database<MariaDb>, statement: &str, state: &str) -> bool {
    database.sql(&format!(
        "SELECT count(*) FROM information_schema.processlist \
         WHERE db = database() AND info = '{statement}' AND state LIKE '{state}';"
    )) == "1\n"
}
