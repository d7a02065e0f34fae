//! Ledgers that hold what nobody wrote there: an error that says what, and no panic.
use migrate_runtime::{Error, Event, History, Migrations, Runner, Undo};

use crate::db::{Db, one, set};

fn two() -> Migrations<'static> {
    set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build()
}

#[test]
fn values_of_a_wrong_kind_are_named() {
    let text = |column: &str| {
        format!(
            "ALTER TABLE __migrate_history ALTER {column} TYPE TEXT; UPDATE __migrate_history SET {column} = 'many'"
        )
    };
    let spoilt = [
        (text("ord"), "`ord`"),
        (text("batch"), "`batch`"),
        (text("started_at"), "`started_at`"),
        ("UPDATE __migrate_history SET checksum = 'v1:nonsense'".into(), "`checksum`"),
        ("UPDATE __migrate_history SET tokens = E'\\x1b[2J'".into(), "`tokens`"),
        (
            "INSERT INTO __migrate_journal VALUES ('1', 'left', '', 0, 0, 0, '', 0, '', 0)".into(),
            "`direction`",
        ),
        (
            "INSERT INTO __migrate_journal VALUES ('1', 'up', '', -1, 0, 0, '', 0, '', 0)".into(),
            "`next`",
        ),
        (
            "INSERT INTO __migrate_journal VALUES ('1', 'up', '', 0, 7, 0, '', 0, '', 0)".into(),
            "`started`",
        ),
        (
            "ALTER TABLE __diesel_schema_migrations DROP CONSTRAINT \
             __diesel_schema_migrations_pkey; INSERT INTO __diesel_schema_migrations SELECT * \
             FROM __diesel_schema_migrations"
                .into(),
            "twice",
        ),
    ];
    for (sql, column) in spoilt {
        let mut db = Db::new();
        db.run(&one());
        db.execute(&sql);
        let error = two().standing(&mut db.conn).unwrap_err();
        assert!(matches!(error, Error::Ledger(_)), "{sql}: {error}");
        assert!(error.to_string().contains(column), "{error}");
        Runner::new(&two()).run(&mut db.conn).unwrap_err();
        assert!(!db.has("b"));
    }
}

#[test]
fn tables_of_another_shape_are_refused_by_the_database() {
    for (sql, column) in [
        ("ALTER TABLE __diesel_schema_migrations DROP COLUMN run_on", "run_on"),
        ("ALTER TABLE __migrate_history DROP COLUMN ord", "ord"),
        (
            "DROP TABLE __migrate_journal; CREATE VIEW __migrate_journal AS SELECT 1 AS one",
            "version",
        ),
        ("ALTER TABLE __migrate_history ALTER version TYPE INT USING 1", "operator does not exist"),
    ] {
        let mut db = Db::new();
        db.run(&one());
        db.execute(sql);
        let error = two().standing(&mut db.conn).unwrap_err();
        assert!(matches!(error, Error::Database { .. }), "{sql}: {error}");
        let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
        assert!(error.to_string().contains(column), "{error}");
        assert!(!db.has("b"));
    }
}

#[test]
fn a_view_in_the_place_of_a_table_can_be_read_and_not_written() {
    let mut db = Db::new();
    db.run(&one());
    db.execute(
        "ALTER TABLE __diesel_schema_migrations RENAME TO behind; CREATE VIEW \
         __diesel_schema_migrations AS SELECT version, run_on::text || '!' AS run_on FROM behind",
    );
    // Another moment: our row is not about this one.
    assert_eq!(History::read(&mut db.conn).unwrap().applied()[0].record, None);
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().starts_with("beginning a transaction: cannot insert"), "{error}");
    assert!(!db.has("b"));
}

#[test]
fn other_types_further_columns_and_odd_names_do_not_disturb() {
    let mut db = Db::new();
    db.run(&one());
    db.execute(
        "ALTER TABLE __migrate_history ADD COLUMN mood TEXT;
         ALTER TABLE __diesel_schema_migrations ADD COLUMN mood TEXT;
         ALTER TABLE __migrate_journal ADD COLUMN mood TEXT;
         ALTER TABLE __diesel_schema_migrations ALTER version TYPE TEXT;
         ALTER TABLE __migrate_history ALTER batch TYPE NUMERIC, ALTER ord TYPE INT;
         INSERT INTO __diesel_schema_migrations (version, run_on) VALUES
         ('0''; DROP TABLE a; --', 'infinity'), (E'\\u202e\\\\', now()), ('', now())",
    );
    let history = History::read(&mut db.conn).unwrap();
    assert_eq!(history.applied().len(), 4);
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("no longer among the migrations"), "{error}");
    db.execute("DELETE FROM __diesel_schema_migrations WHERE version <> '1'");
    db.run(&two());
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn a_row_that_goes_or_comes_meanwhile_is_noticed() {
    let mut db = Db::new();
    db.run(&set().build());
    let mut other = db.connect();
    use diesel::connection::SimpleConnection as _;
    let mut done = false;
    let mut observer = |event: &Event<'_>| {
        // Between the first migration and the second, somebody records the second by hand.
        if matches!(event, Event::Committed) && !done {
            done = true;
            other
                .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('2')")
                .unwrap();
        }
    };
    let outcome = Runner::new(&two()).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!(outcome.applied.len(), 1);
    assert!(!db.has("b"));
    db.execute("DELETE FROM __diesel_schema_migrations; DELETE FROM __migrate_history");
    assert!(Runner::new(&two()).revert(&mut db.conn, Undo::All).unwrap().reverted.is_empty());
}

#[test]
fn a_database_without_an_encoding_may_hold_any_bytes() {
    let server = migrate_tests::server::Postgres::shared();
    let mut db = Db::on(server);
    let name = format!("{}_ascii", db.database.name());
    server.execute(&format!(
        "CREATE DATABASE {name} OWNER cargo_migrate TEMPLATE template0 ENCODING 'SQL_ASCII'"
    ));
    let directory = server.directory().to_str().unwrap().replace('/', "%2F");
    let url = format!("postgres://postgres@{directory}:{}/{name}", server.port());
    let mut conn = crate::db::establish(&url);
    std::mem::swap(&mut db.conn, &mut conn);
    db.run(&one());
    db.execute("SET client_encoding = 'SQL_ASCII'");
    db.execute("UPDATE __migrate_history SET name = convert_from('\\xff', 'SQL_ASCII')");
    let error = History::read(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("`name` of `__migrate_history` is not UTF-8"), "{error}");
    std::mem::swap(&mut db.conn, &mut conn);
    drop(conn);
    server.execute(&format!("DROP DATABASE {name}"));
}

#[test]
fn two_who_make_the_ledger_at_once_do_not_fail() {
    // Diesel takes no lock before it makes its table.
    let db = Db::new();
    let mut diesel = db.connect();
    let mut ours = db.connect();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            use diesel::connection::SimpleConnection as _;
            diesel.batch_execute("BEGIN").unwrap();
            diesel.batch_execute(::diesel::migration::CREATE_MIGRATIONS_TABLE).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(300));
            diesel.batch_execute("COMMIT").unwrap();
        });
        std::thread::sleep(std::time::Duration::from_millis(100));
        Runner::new(&one()).run(&mut ours).unwrap();
    });
}
