//! Databases and roles that may do less: what only looks works, what writes is refused in words and
//! before it waits for anything.
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use migrate_runtime::{Error, Event, History, Runner, Standing, Undo};
use migrate_tests::server::Postgres;

use crate::db::{Db, establish, one, set, text};

/// A role that has this password and nothing else, and a connection as this role.
fn as_role(db: &Db, role: &str) -> PgConnection {
    let name = format!("{role}_{}", db.database.name());
    let create = format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'");
    db.as_superuser().batch_execute(&create).unwrap();
    let (port, database) = (db.database.server().port(), db.database.name());
    establish(&format!("postgres://{name}:secret@127.0.0.1:{port}/{database}"))
}

fn grant(db: &mut Db, grant: &str, role: &str) {
    let name = format!("{role}_{}", db.database.name());
    db.execute(&format!("{grant} TO {name}"));
}

fn two() -> migrate_runtime::Migrations<'static> {
    set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build()
}

#[test]
fn a_role_that_may_only_select_can_look() {
    let mut db = Db::new();
    let mut conn = as_role(&db, "reader");
    assert!(matches!(one().standing(&mut conn).unwrap(), Standing::Behind { .. }));
    db.run(&one());
    let error = one().standing(&mut conn).unwrap_err();
    assert!(error.to_string().contains("permission denied for table"), "{error}");
    grant(&mut db, "GRANT SELECT ON ALL TABLES IN SCHEMA public", "reader");
    assert_eq!(one().standing(&mut conn).unwrap(), Standing::UpToDate);
    let history = History::read(&mut conn).unwrap();
    assert_eq!(history.applied()[0].name(), "1_a");
    // Nothing pending is no more than a look.
    assert!(Runner::new(&one()).run(&mut conn).unwrap().applied.is_empty());

    let error = Runner::new(&two()).run(&mut conn).unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert_eq!((db.locks(), db.versions()), ("0".to_owned(), "1".to_owned()));
}

#[test]
fn a_role_that_may_not_create_says_what_it_lacks() {
    let mut db = Db::new();
    let mut conn = as_role(&db, "guest");
    let error = Runner::new(&one()).run(&mut conn).unwrap_err().to_string();
    assert!(
        error.starts_with("creating the ledger: permission denied for schema public"),
        "{error}"
    );
    // One that owns nothing but may do all that a migration needs, gets on.
    grant(&mut db, "GRANT CREATE ON SCHEMA public", "guest");
    Runner::new(&one()).run(&mut conn).unwrap();
    Runner::new(&one()).revert(&mut conn, Undo::All).unwrap();
}

#[test]
fn a_standby_shows_where_it_stands_and_is_not_migrated() {
    let primary = Postgres::start();
    let mut db = Db::on(&primary);
    db.run(&one());
    let standby = Postgres::standby(&primary);
    let directory = standby.directory().to_str().unwrap().replace('/', "%2F");
    let (port, name) = (standby.port(), db.database.name());
    let mut conn = establish(&format!("postgres://postgres@{directory}:{port}/{name}"));
    assert_eq!(one().standing(&mut conn).unwrap(), Standing::UpToDate);
    assert!(Runner::new(&one()).run(&mut conn).unwrap().applied.is_empty());
    refused_at_once(&mut conn);
}

#[test]
fn a_session_that_may_not_write_is_refused_before_it_waits() {
    let mut db = Db::new();
    db.run(&one());
    db.execute("SET default_transaction_read_only = on");
    assert_eq!(one().standing(&mut db.conn).unwrap(), Standing::UpToDate);
    // Somebody else has the lock: that does not matter any more.
    let mut other = db.connect();
    let mut refused = false;
    let mut observer = |event: &Event<'_>| {
        if matches!(event, Event::StepStarted { .. }) {
            refused_at_once(&mut db.conn);
            refused = true;
        }
    };
    Runner::new(&two()).observer(&mut observer).run(&mut other).unwrap();
    assert!(refused);
}

fn refused_at_once(conn: &mut PgConnection) {
    let set = set().add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n");
    let set = set.add("9_z", "CREATE TABLE z (x INT);\n", "DROP TABLE z;\n").build();
    let started = Instant::now();
    let error = Runner::new(&set).run(conn).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { at: None, .. }), "{error}");
    assert!(error.to_string().contains("not to a standby"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_transaction_that_only_reads_is_good_enough_to_look() {
    let mut db = Db::new();
    for run in [false, true] {
        if run {
            db.run(&one());
        }
        let standing = db
            .conn
            .build_transaction()
            .read_only()
            .serializable()
            .run(|conn| {
                let standing = one().standing(conn).unwrap();
                // Nothing that it asked has ended the transaction.
                assert_eq!(text(conn, "SELECT 1"), "1");
                QueryResult::Ok(standing)
            })
            .unwrap();
        assert_eq!(standing == Standing::UpToDate, run);
    }
}

#[test]
fn a_statement_that_finds_the_transaction_read_only_says_so() {
    let mut db = Db::new();
    let up = "SET TRANSACTION READ ONLY;\nCREATE TABLE a (x INT);\n";
    let set = set().add("1_a", up, "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::ReadOnly { at: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!(place.line, 2);
}

#[test]
fn what_only_speaks_like_postgresql_is_refused() {
    let mut db = Db::new();
    db.run(&one());
    db.execute(
        "CREATE SCHEMA other;
         CREATE FUNCTION other.version() RETURNS text LANGUAGE sql AS
         $$ SELECT 'CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)'::text $$;
         SET search_path = other, pg_catalog, public",
    );
    let refused = |db: &mut Db| {
        let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("this is CockroachDB, not PostgreSQL"), "{error}");
        assert!(!db.has("b"));
    };
    refused(&mut db);
    // It may not even understand the question.
    db.execute(
        "CREATE FUNCTION other.sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'unknown function: sha256'; END $$",
    );
    refused(&mut db);
    // PostgreSQL itself, spoilt like this, says what is wrong.
    db.execute("DROP FUNCTION other.version()");
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("preparing the connection: unknown function"), "{error}");
}
