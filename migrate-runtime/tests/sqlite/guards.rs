//! No row of a table that a migration does not name is lost.
use diesel::connection::SimpleConnection as _;
use migrate_runtime::{Error, Migrations, Redo, Runner, Undo};

use crate::builder::Set;
use crate::database::{Database, ROOMS, names, versions_of};

const REBUILD: &str = "\
CREATE TABLE rooms_new (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
INSERT INTO rooms_new SELECT id, name FROM rooms;
DROP TABLE rooms;
ALTER TABLE rooms_new RENAME TO rooms;
";

fn base() -> Set {
    Set::new().add("1_base", ROOMS, "DROP TABLE messages;\nDROP TABLE rooms;\n")
}

fn rebuilt() -> Migrations<'static> {
    base().add("2_rebuild", REBUILD, "ALTER TABLE rooms ADD COLUMN old_field TEXT;\n").build()
}

#[test]
fn the_textbook_rebuild_keeps_the_child_rows_whether_foreign_keys_are_on_or_off() {
    for foreign_keys in [0, 1] {
        let mut db = Database::new();
        db.execute(&format!("PRAGMA foreign_keys = {foreign_keys}"));
        db.run(&rebuilt());
        assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
        assert_eq!(db.number("SELECT foreign_keys FROM pragma_foreign_keys"), foreign_keys);
        assert_eq!(db.versions(), "1 2");
        // And again with the rows there from the start, as in production.
        Runner::new(&rebuilt()).redo(&mut db.conn, Redo::Count(1)).unwrap();
        assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
    }
}

#[test]
fn dropping_a_parent_with_a_cascade_is_refused_and_nothing_changes() {
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    db.run(&base().build());
    let set = base()
        .add("2_other", "CREATE TABLE other (x);\n", "DROP TABLE other;\n")
        .add("3_drop", "DROP TABLE rooms;\n", "CREATE TABLE rooms (id);\n")
        .build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::RowLoss(loss) = &error else { panic!("{error}") };
    assert_eq!((loss.table.as_str(), loss.lost, loss.before), ("messages", Some(2), Some(2)));
    assert_eq!(loss.migration.name, "3_drop");
    assert_eq!(names(&loss.outcome.left), ["2_other", "3_drop"]);
    assert!(error.to_string().contains("-- migrate: allow(row-loss) reason="), "{error}");
    assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
    assert!(db.has("rooms") && !db.has("other"));
    assert_eq!(db.versions(), "1");
}

#[test]
fn deleting_parents_is_refused_unless_the_children_are_named_or_it_is_allowed() {
    let delete = |text: &str| base().add("2_clear", text, "SELECT 1;\n").build();
    let run = |text: &str| {
        let mut db = Database::new();
        db.execute("PRAGMA foreign_keys = ON");
        db.run(&base().build());
        let result = Runner::new(&delete(text)).run(&mut db.conn);
        (result.is_ok(), db.number("SELECT count(*) FROM messages"))
    };
    assert_eq!(run("DELETE FROM rooms;\n"), (false, 2));
    assert_eq!(run("DELETE FROM Messages;\nDELETE FROM rooms;\n"), (true, 0));
    assert_eq!(
        run("-- migrate: allow(row-loss) reason=\"meant\"\nDELETE FROM rooms;\n"),
        (true, 0)
    );
}

#[test]
fn rows_that_a_trigger_deletes_are_missed_too_whatever_the_table_is_called() {
    for table in ["log", "odd \"name\"", "über-log", "[x", "it's"] {
        let quoted = format!("\"{}\"", table.replace('"', "\"\""));
        let mut db = Database::new();
        db.execute(&format!(
            "CREATE TABLE a (x); CREATE TABLE {quoted} (x); INSERT INTO a VALUES (1);
             INSERT INTO {quoted} VALUES (1), (2);
             CREATE TRIGGER t AFTER DELETE ON a BEGIN DELETE FROM {quoted} WHERE x = 2; END"
        ));
        let set = Set::new().add("1_a", "DELETE FROM a;\n", "SELECT 1;\n").build();
        let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
        let Error::RowLoss(loss) = error else { panic!("{error}") };
        assert_eq!((loss.table.as_str(), loss.lost, loss.before), (table, Some(1), Some(2)));
        assert_eq!(db.number(&format!("SELECT count(*) FROM {quoted}")), 2);
    }
}

#[test]
fn what_became_exposed_in_the_same_run_is_guarded() {
    let tables = "CREATE TABLE a (x);\nCREATE TABLE b (x);\nINSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);\n";
    let trigger = "CREATE TRIGGER t AFTER DELETE ON a BEGIN DELETE FROM b; END;\n";
    // With and without a guard of its own, and behind a migration that found nothing exposed.
    for second in [trigger.to_owned(), format!("UPDATE a SET x = 2;\n{trigger}")] {
        let mut db = Database::new();
        let set = Set::new()
            .add("1_tables", tables, "SELECT 1;\n")
            .add("2_look", "UPDATE a SET x = 3;\n", "SELECT 1;\n")
            .add("3_trigger", &second, "SELECT 1;\n")
            .add("4_look", "DELETE FROM a;\n", "SELECT 1;\n")
            .build();
        let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
        let Error::RowLoss(loss) = error else { panic!("{error}") };
        assert_eq!((loss.migration.name.as_str(), loss.table.as_str()), ("4_look", "b"));
    }
}

#[test]
fn the_tables_behind_a_full_text_table_belong_to_it() {
    let mut db = Database::new();
    db.execute(
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, body TEXT);
         CREATE VIRTUAL TABLE found USING fts5(body);
         INSERT INTO posts VALUES (1, 'a'); INSERT INTO found (rowid, body) VALUES (1, 'a');
         CREATE TRIGGER t AFTER DELETE ON posts BEGIN DELETE FROM found WHERE rowid = old.id; END",
    );
    db.run(&Set::new().add("1_a", "DELETE FROM posts;\n", "SELECT 1;\n").build());
    assert_eq!(db.number("SELECT count(*) FROM found"), 0);
}

#[test]
fn a_revert_is_guarded_too_also_one_from_the_ledger() {
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    let set = base().add("2_a", "SELECT 1;\n", "DELETE FROM rooms;\n").build();
    db.run(&set);
    for set in [set, base().build()] {
        let error = Runner::new(&set).revert(&mut db.conn, Undo::Count(1)).unwrap_err();
        assert!(matches!(error, Error::RowLoss(_)), "{error}");
        assert_eq!(db.number("SELECT count(*) FROM messages"), 2);
    }
}

#[test]
fn a_rebuild_that_loses_parents_is_refused_with_the_rows_that_hang_in_the_air() {
    let mut db = Database::new();
    let careless = REBUILD.replace("FROM rooms;", "FROM rooms WHERE id > 1;");
    let set = base().add("2_rebuild", &careless, "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::ForeignKeys(violations) = &error else { panic!("{error}") };
    assert_eq!(violations.count, 2);
    assert_eq!(names(&violations.migrations), ["2_rebuild"]);
    assert!(error.to_string().contains("`messages` row 1 → `rooms`, `messages` row 2"), "{error}");
    // The first migration was in a transaction of its own: it changes rows, this one rebuilds.
    assert_eq!(violations.outcome.applied.len() + violations.outcome.left.len(), 2);
}

#[test]
fn violations_that_were_there_before_do_not_stop_a_rebuild() {
    let mut db = Database::new();
    db.run(&base().build());
    db.execute("PRAGMA foreign_keys = OFF; INSERT INTO messages VALUES (9, 99, 'orphan')");
    db.execute("PRAGMA foreign_keys = ON");
    let outcome = db.run(&rebuilt());
    assert_eq!(versions_of(&outcome.applied), ["2"]);
    assert_eq!(db.number("SELECT count(*) FROM messages"), 3);
}

#[test]
fn a_key_that_was_broken_before_does_not_stop_a_rebuild_and_a_newly_broken_one_does() {
    let broken =
        "CREATE TABLE p (x); CREATE TABLE c (y REFERENCES p (x)); INSERT INTO c VALUES (1);";
    let mut db = Database::new();
    db.run(&base().build());
    db.execute("PRAGMA foreign_keys = OFF");
    db.execute(broken);
    db.run(&rebuilt());
    assert_eq!(db.versions(), "1 2");

    let mut db = Database::new();
    let breaks = REBUILD.replace("id INTEGER PRIMARY KEY NOT NULL", "id INTEGER NOT NULL");
    let set = base().add("2_rebuild", &breaks, "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("foreign key mismatch"), "{error}");
}

#[test]
fn a_deferred_key_that_fails_at_commit_is_named() {
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    let set = Set::new()
        .add(
            "1_a",
            "CREATE TABLE p (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);\n\
             INSERT INTO c VALUES (7);\n",
            "DROP TABLE c;\nDROP TABLE p;\n",
        )
        .build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::ForeignKeys(violations) = error else { panic!("{error}") };
    assert_eq!((violations.rows[0].table.as_str(), violations.rows[0].rowid), ("c", Some(1)));
    assert!(!db.has("c"));
}

#[test]
fn what_changes_rows_and_what_rebuilds_do_not_share_a_transaction() {
    let mut db = Database::new();
    db.execute("PRAGMA foreign_keys = ON");
    db.run(&base().build());
    // With enforcement off this delete would leave the messages behind; with it on during the
    // rebuild, the rebuild would delete them.
    let set = base()
        .add("2_rebuild", REBUILD, "SELECT 1;\n")
        .add("3_clear", "DELETE FROM rooms;\n-- messages\n", "SELECT 1;\n")
        .add("4_clear", "DELETE FROM messages WHERE 0;\nDELETE FROM rooms;\n", "SELECT 1;\n")
        .build();
    let mut commits = 0;
    let mut observer = |event: &migrate_runtime::Event<'_>| {
        commits += usize::from(matches!(event, migrate_runtime::Event::Committed));
    };
    let error = Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::RowLoss(_)), "{error}");
    assert_eq!(versions_of(&error.outcome().unwrap().applied), ["2"]);
    assert_eq!(names(&error.outcome().unwrap().left), ["3_clear", "4_clear"]);
    assert_eq!(commits, 1);
    assert_eq!(db.number("SELECT batch FROM __migrate_history WHERE version = '2'"), 2);
    db.conn.batch_execute("SELECT 1").unwrap();
}
