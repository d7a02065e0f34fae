//! What the database says, also to those who may only read.
use migrate_runtime::{Event, History, Note, Runner, Standing, State};

use crate::builder::Set;
use crate::database::{Database, names};

fn two() -> migrate_runtime::Migrations<'static> {
    Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n")
        .build()
}

#[test]
fn an_empty_database_is_behind_and_stays_empty() {
    let mut db = Database::new();
    db.execute("VACUUM");
    let standing = two().standing(&mut db.connect_read_only()).unwrap();
    let Standing::Behind { pending } = standing else { panic!("{standing:?}") };
    assert_eq!(names(&pending), ["1_a", "2_b"]);
    assert_eq!(db.number("SELECT count(*) FROM sqlite_master"), 0);
}

#[test]
fn a_read_only_connection_is_enough_to_look() {
    let mut db = Database::new();
    db.run(&two());
    let mut conn = db.connect_read_only();
    assert_eq!(two().standing(&mut conn).unwrap(), Standing::UpToDate);
    // Nothing to do needs no right to write either.
    assert_eq!(Runner::new(&two()).run(&mut conn).unwrap().applied, []);
}

#[test]
fn diesels_table_alone_is_history_enough() {
    let mut db = Database::new();
    use diesel::migration::MigrationConnection as _;
    db.conn.setup().unwrap();
    db.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('1')");
    let history = History::read(&mut db.connect_read_only()).unwrap();
    let status = history.status(&two());
    assert_eq!(
        (status[0].state, &status[0].notes[..]),
        (State::Applied, &[Note::ChecksumUnknown][..])
    );
    assert_eq!(status[1].state, State::Pending);
    assert!(!db.has("__migrate_history"));
}

#[test]
fn the_ledger_is_made_by_the_first_run_that_writes() {
    let mut db = Database::new();
    use diesel::migration::MigrationConnection as _;
    db.conn.setup().unwrap();
    db.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('1'), ('2')");
    Runner::new(&two()).run(&mut db.conn).unwrap();
    assert!(!db.has("__migrate_history"));
    let set = Set::new()
        .add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n")
        .add("3_c", "CREATE TABLE c (x);\n", "DROP TABLE c;\n")
        .build();
    let mut created = 0;
    let mut observer = |event: &Event<'_>| {
        created += usize::from(matches!(event, Event::LedgerCreated));
    };
    Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!(created, 1);
    assert!(db.has("__migrate_history") && db.has("__migrate_journal"));
    assert_eq!(db.number("SELECT count(*) FROM __migrate_history"), 1);
}

#[test]
fn a_record_holds_what_was_run() {
    let mut db = Database::new();
    let set = two();
    db.run(&set);
    let history = History::read(&mut db.conn).unwrap();
    let record = history.get("2").unwrap().record.clone().unwrap();
    assert_eq!(record.name, "2_b");
    assert_eq!(record.checksum, Some(set.all[1].up.checksum));
    assert_eq!(record.tokens, Some(set.all[1].up.tokens));
    assert_eq!((record.batch, record.order), (1, 2));
    assert!(record.started_at > 1_600_000_000_000, "{}", record.started_at);
    assert!(record.tool.starts_with("migrate-runtime "), "{}", record.tool);
    let down = record.down.unwrap().decode().unwrap();
    assert_eq!((down.sql.as_str(), down.statements.len()), ("DROP TABLE b;\n", 1));
    assert_eq!(down.guard.unwrap(), ["b", "drop", "table"]);
}

#[test]
fn a_reader_waits_for_a_writer_that_is_just_committing() {
    use diesel::connection::SimpleConnection as _;
    let mut db = Database::new();
    db.run(&two());
    let mut writer = db.connect();
    writer.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let handle = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        writer.batch_execute("COMMIT").unwrap();
    });
    assert_eq!(two().standing(&mut db.conn).unwrap(), Standing::UpToDate);
    handle.join().unwrap();
}

#[test]
fn a_database_in_utf_16_is_read_like_any_other() {
    let mut db = Database::new();
    db.execute("PRAGMA encoding = 'UTF-16'");
    db.run(&two());
    assert_eq!(two().standing(&mut db.conn).unwrap(), Standing::UpToDate);
    let history = History::read(&mut db.conn).unwrap();
    assert_eq!(history.applied()[1].name(), "2_b");
    Runner::new(&Set::new().build()).revert(&mut db.conn, migrate_runtime::Undo::All).unwrap();
    assert_eq!(db.schema(), "");
}
