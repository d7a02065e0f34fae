//! Ledgers that somebody else wrote into: a message, never a panic.
use migrate_runtime::{Error, Migrations, Runner, Undo};

use crate::builder::Set;
use crate::database::Database;

fn one() -> Migrations<'static> {
    Set::new().add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n").build()
}

fn two() -> Migrations<'static> {
    Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n")
        .build()
}

#[test]
fn values_of_a_wrong_kind_are_named() {
    let spoilt = [
        ("UPDATE __migrate_history SET ord = 'many'", "`ord`"),
        ("UPDATE __migrate_history SET batch = 1.5", "`batch`"),
        ("UPDATE __migrate_history SET name = x'ff00'", "`name`"),
        ("UPDATE __migrate_history SET checksum = 'v1:nonsense'", "`checksum`"),
        ("UPDATE __migrate_history SET tokens = 'nonsense'", "`tokens`"),
        ("UPDATE __migrate_history SET started_at = x'00'", "`started_at`"),
        (
            "INSERT INTO __migrate_journal VALUES ('1', 'left', '', 0, 0, 0, '', 0, '', 0)",
            "`direction`",
        ),
        ("INSERT INTO __migrate_journal VALUES ('1', 'up', '', -1, 0, 0, '', 0, '', 0)", "`next`"),
        (
            "INSERT INTO __migrate_journal VALUES ('1', 'up', '', 0, 2, 0, '', 0, '', 0)",
            "`started`",
        ),
    ];
    for (sql, column) in spoilt {
        let mut db = Database::new();
        db.run(&one());
        db.execute(sql);
        let error = two().standing(&mut db.conn).unwrap_err();
        assert!(matches!(error, Error::Ledger(_)), "{error}");
        assert!(error.to_string().contains(column), "{error}");
        Runner::new(&two()).run(&mut db.conn).unwrap_err();
        assert!(!db.has("b"));
    }
}

#[test]
fn a_stored_down_that_was_tampered_with_is_not_run() {
    let tampered = [
        "UPDATE __migrate_history SET down_map = 'junk'",
        "UPDATE __migrate_history SET down_map = x'ff'",
        "UPDATE __migrate_history SET down = ''",
        "UPDATE __migrate_history SET down = 'ü' WHERE 1",
        "UPDATE __migrate_history SET down_map = replace(down_map, '.12.', '.99.')",
    ];
    for sql in tampered {
        let mut db = Database::new();
        db.run(&one());
        db.execute(sql);
        let error = Runner::new(&Set::new().build()).revert(&mut db.conn, Undo::All).unwrap_err();
        assert!(matches!(error, Error::Ledger(_)), "{sql}: {error}");
        assert!(db.has("a"));
    }
    // Whoever has the file does not need it.
    let mut db = Database::new();
    db.run(&one());
    db.execute(tampered[0]);
    Runner::new(&one()).revert(&mut db.conn, Undo::All).unwrap();
    assert!(!db.has("a"));
}

#[test]
fn further_columns_and_tables_do_not_disturb() {
    let mut db = Database::new();
    db.run(&one());
    db.execute(
        "ALTER TABLE __migrate_history ADD COLUMN mood TEXT;
         ALTER TABLE __diesel_schema_migrations ADD COLUMN mood TEXT;
         ALTER TABLE __migrate_journal ADD COLUMN mood TEXT",
    );
    db.run(&two());
    assert_eq!(db.versions(), "1 2");
}

#[test]
fn a_ledger_of_another_shape_is_an_error() {
    let mut db = Database::new();
    db.execute("CREATE TABLE __migrate_history (other TEXT)");
    db.execute("CREATE TABLE __diesel_schema_migrations (version TEXT, run_on TEXT)");
    let error = one().standing(&mut db.conn).unwrap_err();
    assert!(error.to_string().starts_with("reading the ledger: no such column"), "{error}");
}

#[test]
fn a_view_in_the_place_of_the_table_is_read() {
    let mut db = Database::new();
    db.execute("CREATE TABLE a (x)");
    db.execute(
        "CREATE VIEW __diesel_schema_migrations AS \
         SELECT '1' AS version, '2026-01-01 00:00:00' AS run_on",
    );
    assert_eq!(one().standing(&mut db.conn).unwrap(), migrate_runtime::Standing::UpToDate);
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("because it is a view"), "{error}");
    assert!(!db.has("b"));
}

#[test]
fn a_version_that_stands_there_twice_is_said() {
    let mut db = Database::new();
    db.execute(
        "CREATE TABLE __diesel_schema_migrations (version TEXT, run_on TEXT);
         INSERT INTO __diesel_schema_migrations VALUES ('1', ''), ('1', '')",
    );
    let error = one().standing(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("holds `1` twice"), "{error}");
}

#[test]
fn versions_that_are_sql_or_escape_sequences_are_data() {
    let mut db = Database::new();
    db.run(&one());
    db.execute(
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('0''); DROP TABLE a; --')",
    );
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err().to_string();
    assert!(error.contains("DROP TABLE a"), "{error}");
    db.execute(
        "UPDATE __diesel_schema_migrations SET version = char(27) || '[2J' WHERE version <> '1'",
    );
    let error = Runner::new(&two()).run(&mut db.conn).unwrap_err().to_string();
    assert!(error.contains("\\u{1b}[2J") && !error.contains('\u{1b}'), "{error}");
    assert!(db.has("a"));
}

#[test]
fn a_database_that_is_none_says_so() {
    let db = Database::new();
    std::fs::write(db.path(), "this is a text file, and not a short one either".repeat(100))
        .unwrap();
    let mut conn = db.connect();
    let error = one().standing(&mut conn).unwrap_err();
    assert!(matches!(error, Error::NotADatabase { .. }), "{error}");
    let error = Runner::new(&one()).run(&mut conn).unwrap_err();
    assert!(error.to_string().contains("not a usable database"), "{error}");
}

#[test]
fn a_database_with_a_torn_page_says_so() {
    let mut db = Database::new();
    db.run(&one());
    let path = db.path();
    drop(db.connect());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let error = two().standing(&mut db.connect()).unwrap_err();
    assert!(matches!(error, Error::NotADatabase { .. }), "{error}");
}
