//! Migrations that run outside of a transaction: journaled, repaired, resumed, or stopped with
//! words.
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use migrate_runtime::{Error, Event, HalfWay, HalfWayReason, Migrations, Runner, Standing, Undo};

use crate::db::{Db, end_run, name_of, set, text, versions_of};

const TWO_INDEXES: &str = "CREATE INDEX CONCURRENTLY users_x ON users (x);\n\
                           CREATE UNIQUE INDEX CONCURRENTLY users_y ON users (y);\n";
const NO_INDEX: &str = "DROP INDEX CONCURRENTLY users_y;\nDROP INDEX CONCURRENTLY users_x;\n";

fn indexes() -> Migrations<'static> {
    set().add_outside("1_indexes", TWO_INDEXES, NO_INDEX).build()
}

/// With a table of two rows.
fn with_users() -> Db {
    let mut db = Db::new();
    db.execute("CREATE TABLE users (x INT, y INT); INSERT INTO users VALUES (1, 1), (2, 2)");
    db
}

/// The indexes, with a question mark behind those that are not valid.
fn found(db: &mut Db) -> String {
    db.text(
        "SELECT string_agg(c.relname || CASE WHEN indisvalid THEN '' ELSE '?' END, ' ' ORDER BY \
         c.relname) FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid \
         WHERE indrelid = to_regclass('users')",
    )
}

fn stopped(db: &mut Db, set: &Migrations<'static>) -> Box<HalfWay> {
    match Runner::new(set).run(&mut db.conn) {
        Err(Error::HalfWay(half_way)) => half_way,
        other => panic!("{other:?}"),
    }
}

/// What a run leaves whose session was ended as it was about to send a statement: the journal has
/// its mark, and nobody knows.
fn cut_off(db: &mut Db, statement: usize, run: fn(Runner<'_>, &mut PgConnection) -> Error) {
    cut_off_in(db, &indexes(), statement, run);
}

fn cut_off_in(
    db: &mut Db,
    set: &Migrations<'static>,
    statement: usize,
    run: fn(Runner<'_>, &mut PgConnection) -> Error,
) {
    let mut conn = db.connect();
    let mut observer = |event: &Event<'_>| {
        if matches!(event, Event::StatementStarted { statement: at, .. } if *at == statement) {
            end_run(db);
        }
    };
    let error = run(Runner::new(set).observer(&mut observer), &mut conn);
    assert!(error.is_half_way(), "{error}");
    assert!(error.to_string().contains("looks whether that statement is done"), "{error}");
    let journal = "SELECT next || ' ' || started FROM __migrate_journal";
    assert_eq!(db.text(journal), format!("{statement} 1"));
}

fn up(mut runner: Runner<'_>, conn: &mut PgConnection) -> Error {
    runner.run(conn).unwrap_err()
}

fn down(mut runner: Runner<'_>, conn: &mut PgConnection) -> Error {
    runner.revert(conn, Undo::All).unwrap_err()
}

#[test]
fn indexes_are_built_and_dropped_concurrently_in_one_file() {
    let mut db = with_users();
    let outcome = db.run(&indexes());
    assert_eq!(versions_of(&outcome.applied), ["1"]);
    assert_eq!(found(&mut db), "users_x users_y");
    assert_eq!(db.text("SELECT count(*) FROM __migrate_journal"), "0");
    Runner::new(&indexes()).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(
        (found(&mut db), db.versions(), db.locks()),
        (String::new(), String::new(), "0".into())
    );
}

#[test]
fn every_statement_is_told_with_its_marks() {
    let mut db = with_users();
    let mut told = Vec::new();
    let mut observer = |event: &Event<'_>| told.push(name_of(event));
    Runner::new(&indexes()).observer(&mut observer).run(&mut db.conn).unwrap();
    let commit = ["Committing", "Committed"];
    let index = [&commit[..], &["StatementStarted", "StatementFinished"], &commit].concat();
    let expected = [
        &["Locked", "LedgerCreated", "Recording"],
        &commit[..],
        &["StepStarted"],
        &index,
        &index,
        &["StepFinished", "Recording"],
        &commit,
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn an_index_waits_for_old_transactions_for_as_long_as_it_takes() {
    let mut db = with_users();
    db.execute("SET statement_timeout = '1s'; SET lock_timeout = '1s'");
    let mut old = db.connect();
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM users").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(3000));
            old.batch_execute("COMMIT").unwrap();
        });
        db.run(&indexes());
    });
    assert_eq!(found(&mut db), "users_x users_y");
}

#[test]
fn an_index_that_fails_leaves_nothing_and_goes_on_once_it_can() {
    let mut db = with_users();
    db.execute("INSERT INTO users VALUES (3, 2)");
    let mut told = Vec::new();
    let mut observer = |event: &Event<'_>| {
        if let Event::Repairing { statement, removal, .. } = event {
            told.push(format!("{statement} {removal}"));
        }
    };
    let set = indexes();
    let error = Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert_eq!((half_way.done, half_way.of), (1, 2));
    assert!(error.to_string().contains("Key (y)=(2) is duplicated"), "{error}");
    assert_eq!(told, ["1 DROP INDEX CONCURRENTLY public.users_y"]);
    assert_eq!(found(&mut db), "users_x");
    assert_eq!(db.text("SELECT next || ' ' || started FROM __migrate_journal"), "1 0");
    assert!(matches!(set.standing(&mut db.conn).unwrap(), Standing::Unfinished { .. }));
    db.execute("DELETE FROM users WHERE x = 3");
    db.run(&set);
    assert_eq!(found(&mut db), "users_x users_y");
}

#[test]
fn an_index_that_somebody_left_half_built_is_built_anew() {
    let mut db = with_users();
    // As Diesel leaves it, or whoever tried by hand; and where the name of the index alone does not
    // lead.
    db.execute("CREATE SCHEMA \"App\"; ALTER TABLE users SET SCHEMA \"App\"");
    db.execute("INSERT INTO \"App\".users VALUES (3, 2)");
    let up = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS Users_Y ON \"App\".USERS (y)";
    db.conn.batch_execute(up).unwrap_err();
    db.execute("DELETE FROM \"App\".users WHERE x = 3");
    let set = set().add_outside("1_index", &format!("{up};\n"), "SELECT 1;\n").build();
    db.run(&set);
    db.execute("SET search_path = \"App\"");
    assert_eq!(found(&mut db), "users_y");
}

#[test]
fn an_index_that_somebody_is_building_is_waited_for() {
    let mut db = with_users();
    let mut old = db.connect();
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM users").unwrap();
    let mut builder = db.connect();
    let (waits, has_waited) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            builder.batch_execute("CREATE INDEX CONCURRENTLY users_x ON users (x)").unwrap();
        });
        let mut watch = db.connect();
        let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
        while text(&mut watch, invalid) == "0" {
            thread::sleep(Duration::from_millis(5));
        }
        scope.spawn(move || {
            let holder: String = has_waited.recv().unwrap();
            assert!(holder.starts_with("server process "), "{holder}");
            old.batch_execute("COMMIT").unwrap();
        });
        let up = TWO_INDEXES.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS");
        let set = set().add_outside("1_indexes", &up, NO_INDEX).build();
        let mut observer = |event: &Event<'_>| {
            if let Event::Waiting { holder: Some(holder), .. } = event {
                let _ = waits.send((*holder).to_owned());
            }
        };
        Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap();
    });
    assert_eq!(found(&mut db), "users_x users_y");
}

#[test]
fn cut_off_before_the_index_it_builds_it() {
    let mut db = with_users();
    cut_off(&mut db, 1, up);
    assert_eq!(found(&mut db), "users_x");
    let mut resumed = Vec::new();
    let mut observer = |event: &Event<'_>| {
        if let Event::Resumed { done, .. } = event {
            resumed.push(*done);
        }
    };
    Runner::new(&indexes()).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!((found(&mut db), resumed), ("users_x users_y".to_owned(), vec![1]));
}

#[test]
fn cut_off_within_the_index_it_builds_it_anew() {
    let mut db = with_users();
    cut_off(&mut db, 0, up);
    // What the server left when the backend went.
    db.execute("INSERT INTO users VALUES (1, 3)");
    db.conn.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY users_x ON users (x)").unwrap_err();
    assert_eq!(found(&mut db), "users_x?");
    db.run(&indexes());
    assert_eq!(found(&mut db), "users_x users_y");
}

#[test]
fn cut_off_behind_the_index_it_goes_on() {
    let mut db = with_users();
    cut_off(&mut db, 0, up);
    // The server went on without its client.
    db.execute("CREATE INDEX users_x ON users (x)");
    db.run(&indexes());
    assert_eq!((found(&mut db), db.versions()), ("users_x users_y".to_owned(), "1".to_owned()));
}

#[test]
fn cut_off_behind_the_drop_it_goes_on() {
    let mut db = with_users();
    db.run(&indexes());
    cut_off(&mut db, 0, down);
    db.execute("DROP INDEX users_y");
    Runner::new(&indexes()).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!((found(&mut db), db.versions()), (String::new(), String::new()));
}

#[test]
fn a_drop_that_left_an_index_without_use_is_done_again() {
    let mut db = with_users();
    db.run(&indexes());
    cut_off(&mut db, 0, down);
    // What an interrupted drop leaves; at will, only a superuser makes one.
    let spoil = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_y'::regclass";
    db.as_superuser().batch_execute(spoil).unwrap();
    assert_eq!(found(&mut db), "users_x users_y?");
    Runner::new(&indexes()).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(found(&mut db), "");
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    let mut db = with_users();
    let script = "CREATE TABLE first (x INT);\nREINDEX TABLE CONCURRENTLY users;\n";
    let set = set().add_outside("1_a", script, "DROP TABLE first;\n").build();
    cut_off_in(&mut db, &set, 1, up);
    let half_way = stopped(&mut db, &set);
    let HalfWayReason::CannotTell { place, evidence } = &half_way.reason else {
        panic!("{half_way}")
    };
    assert_eq!((place.statement, evidence.len()), (2, 0));
    let said = half_way.to_string();
    assert!(said.contains("cut off in migrations/1_a/up.sql:2:1 (statement 2 of 2)"), "{said}");
    assert!(said.contains("nothing in the database shows"), "{said}");
    // What it says is to be done, does it: both ways.
    assert!(said.contains("If it is done, set `next` to 2 and `started` to 0"), "{said}");
    db.execute("UPDATE __migrate_journal SET started = 0");
    let sent = "REINDEX TABLE CONCURRENTLY users";
    let count = |db: &Db| db.database.statements().iter().filter(|text| *text == sent).count();
    let before = count(&db);
    db.run(&set);
    assert_eq!((count(&db) - before, db.versions()), (1, "1".to_owned()));
}

#[test]
fn what_was_done_by_hand_is_not_done_again() {
    let mut db = with_users();
    let script = "REINDEX TABLE CONCURRENTLY users;\nCREATE TABLE last (x INT);\n";
    let set = set().add_outside("1_a", script, "DROP TABLE last;\n").build();
    cut_off_in(&mut db, &set, 0, up);
    stopped(&mut db, &set);
    db.execute("UPDATE __migrate_journal SET next = 1, started = 0");
    db.run(&set);
    assert!(!db.database.statements().iter().any(|text| text.starts_with("REINDEX")));
    assert!(db.has("last"));
}

#[test]
fn what_was_looked_for_is_named() {
    let mut db = with_users();
    let name = "too.many.parts.here";
    let script = format!("DROP INDEX CONCURRENTLY {name};\n");
    let set = set().add_outside("1_a", &script, "SELECT 1;\n").build();
    cut_off_in(&mut db, &set, 0, up);
    let said = stopped(&mut db, &set).to_string();
    assert!(said.contains(&format!("index `{name}` cannot be looked for")), "{said}");
}

#[test]
fn a_statement_that_was_sent_must_not_be_edited() {
    let mut db = with_users();
    cut_off(&mut db, 1, up);
    let edited = TWO_INDEXES.replace("UNIQUE ", "");
    let edited = set().add_outside("1_indexes", &edited, NO_INDEX).build();
    assert!(matches!(stopped(&mut db, &edited).reason, HalfWayReason::Changed { .. }));
}

#[test]
fn a_table_in_use_is_waited_for_statement_by_statement() {
    let mut db = with_users();
    let mut reader = db.connect();
    let script = "CREATE TABLE a (x INT);\nALTER TABLE users ADD COLUMN z INT;\nBEGIN;\n\
                  INSERT INTO a VALUES (1);\nLOCK TABLE users;\nCOMMIT;\nVACUUM FULL users;\n";
    let set = set().add_outside("1_a", script, "SELECT 1;\n").build();
    db.execute("SET lock_timeout = '100ms'");
    let (mut held, mut retries) = (Vec::new(), 0);
    let mut observer = |event: &Event<'_>| match event {
        Event::StatementStarted { statement: at @ (1 | 4 | 6), .. } if !held.contains(at) => {
            reader.batch_execute("BEGIN; SELECT * FROM users").unwrap();
            held.push(*at);
        }
        Event::Retrying { .. } => {
            reader.batch_execute("COMMIT").unwrap();
            retries += 1;
        }
        _ => {}
    };
    Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!((held, retries), (vec![1, 4, 6], 3));
    assert_eq!(db.text("SELECT count(*) FROM a"), "1");
}

#[test]
fn a_lock_that_the_script_gives_back_is_missed() {
    let mut db = with_users();
    let script = "CREATE TABLE a (x INT);\nDISCARD ALL;\nVACUUM users;\n";
    let set = set().add_outside("1_a", script, "DROP TABLE a;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    assert!(error.to_string().contains("take that out"), "{error}");
    assert!(!db.database.statements().iter().any(|text| text.starts_with("VACUUM")));
}
