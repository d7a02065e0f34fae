//! Diesel's own runner on the same files and the same database.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::migration::MigrationSource;
use diesel::mysql::Mysql;
use migrate_runtime::{Event, History, MigrationHarness as _, Runner, Standing, Undo};

use super::{applied, database, new_set, one, run, tables};

fn set(count: usize) -> migrate_runtime::Migrations<'static> {
    let names = ["1_a", "2_b", "3_c"];
    names[..count]
        .iter()
        .fold(new_set(), |set, name| {
            let table = &name[2..];
            set.add(
                name,
                &format!("CREATE TABLE {table} (id INT);\nINSERT INTO {table} VALUES (1);\n"),
                &format!("DROP TABLE {table};\n"),
            )
        })
        .migrations()
}

#[test]
fn both_take_turns_on_one_database() {
    let db = database();
    let conn = &mut db.connect();
    conn.run_pending_migrations(set(1)).unwrap();
    assert!(History::read(conn).unwrap().applied()[0].record.is_none());

    assert_eq!(run(conn, &set(2)).unwrap().applied.len(), 1);
    assert!(!conn.has_pending_migration(set(2)).unwrap());
    conn.run_pending_migrations(set(3)).unwrap();
    assert_eq!(set(3).standing(conn).unwrap(), Standing::UpToDate);
    assert_eq!(applied(conn), ["1", "2", "3"]);

    // Each takes back what the other did.
    conn.revert_last_migration(set(3)).unwrap();
    conn.revert_last_migration(set(3)).unwrap();
    assert_eq!(applied(conn), ["1"]);
    Runner::new(&set(3)).revert(conn, Undo::All).unwrap();
    assert_eq!(tables(&db), [""; 0]);
    run(conn, &set(3)).unwrap();
    assert_eq!(tables(&db), ["a", "b", "c"]);
}

/// It knows no lock; but where there is a transaction, it cannot write the same version meanwhile.
#[test]
fn diesel_cannot_record_what_is_being_applied() {
    let db = database();
    db.sql("CREATE TABLE t (id INT);");
    run(&mut db.connect(), &set(1)).unwrap();
    let both = new_set()
        .add("1_a", "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\n", "DROP TABLE a;\n")
        .add("2_rows", "INSERT INTO t VALUES (1);\n", "DELETE FROM t;\n")
        .migrations();
    let mut other = db.connect();
    other.batch_execute("SET innodb_lock_wait_timeout = 1").unwrap();
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementStarted { .. } = event {
            let error = other.run_pending_migrations(both).unwrap_err().to_string();
            assert!(error.contains("Lock wait timeout exceeded"), "{error}");
        }
    };
    Runner::new(&both).observer(&mut observer).run(&mut db.connect()).unwrap();
    assert_eq!(db.sql("SELECT count(*) FROM t;"), "1\n");
    assert!(!other.has_pending_migration(both).unwrap());
}

#[test]
fn diesel_names_the_statement_that_failed() {
    let db = database();
    let conn = &mut db.connect();
    let broken = one("CREATE TABLE a (id INT);\nCREATE TABLE b LIKE nosuch;\n");
    let error = conn.run_pending_migrations(broken).unwrap_err().to_string();
    assert!(error.contains("migrations/1_one/up.sql:2:1 (statement 2 of 2)"), "{error}");
}

#[test]
fn the_ledger_is_diesels_own() {
    let (ours, theirs) = (database(), database());
    run(&mut ours.connect(), &set(1)).unwrap();
    theirs.connect().run_pending_migrations(set(1)).unwrap();
    let table = |db: &super::Db| db.sql("SHOW CREATE TABLE __diesel_schema_migrations;");
    assert_eq!(table(&ours), table(&theirs));
    let names: Vec<String> = MigrationSource::<Mysql>::migrations(&set(2))
        .unwrap()
        .iter()
        .map(|migration| migration.name().to_string())
        .collect();
    assert_eq!(names, ["1_a", "2_b"]);
    // Diesel's connection is as it was.
    ours.connect().transaction::<_, diesel::result::Error, _>(|_| Ok(())).unwrap();
}

#[test]
fn rows_that_diesel_changes_at_the_same_time_are_changed_once() {
    let db = database();
    let conn = &mut db.connect();
    db.sql("CREATE TABLE counter (n INT); INSERT INTO counter VALUES (0);");
    let nothing = "UPDATE counter SET n = n;\n";
    run(conn, &new_set().add("1_none", nothing, nothing).migrations()).unwrap();

    let count = "UPDATE counter SET n = n + 1;\n";
    let set = new_set().add("1_none", nothing, nothing).add("2_count", count, nothing);
    let migrations = set.migrations();
    let mut diesel = db.connect();
    // Where gaps are not locked, nothing keeps Diesel out.
    conn.batch_execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").unwrap();
    let mut told = Vec::new();
    let mut observer = |event: &Event<'_>| match event {
        // The run has looked, and found that it is pending.
        Event::StatementStarted { .. } => {
            assert_eq!(diesel.run_pending_migrations(migrations).unwrap().len(), 1);
        }
        Event::Retrying { holder, .. } => told.push(holder.map(str::to_owned)),
        _ => {}
    };
    let outcome = Runner::new(&migrations).observer(&mut observer).run(conn).unwrap();
    // Nobody is in the way any more: nobody is named.
    assert_eq!((outcome.applied.len(), told), (0, vec![None]));
    assert_eq!(db.sql("SELECT n FROM counter;"), "1\n");
}
