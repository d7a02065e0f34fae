//! A run is cut off in the middle, and the next one finds out what is done.

use std::thread;
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::mysql::MysqlConnection;
use migrate_runtime::{Error, Event, HalfWayReason, Migrations, Runner};
use migrate_tests::server::Proxy;

use super::{Db, applied, database, new_set, one, refused, run, tables};

fn through(proxy: &Proxy, db: &Db) -> MysqlConnection {
    MysqlConnection::establish(&db.url_on(proxy.port())).unwrap()
}

/// What a client sends to have a prepared statement executed begins with this: here, the `COMMIT`.
const EXECUTE: &str = "\x17";

/// A run whose connection is cut when this is sent.
enum Cut {
    /// The server never hears of it.
    Before(&'static str),
    /// The server does it, and cannot say so.
    After(&'static str),
}

fn run_and_cut(db: &Db, set: &Migrations<'static>, cut: &Cut) -> Error {
    let proxy = Proxy::before(db.server().port());
    let mut conn = through(&proxy, db);
    match cut {
        Cut::Before(pattern) => proxy.cut_before(*pattern),
        Cut::After(pattern) => proxy.cut_after(*pattern),
    }
    run(&mut conn, set).unwrap_err()
}

const THREE: &str =
    "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\nCREATE TABLE c (id INT);\n";

#[test]
fn a_statement_that_was_done_is_not_done_again() {
    let db = database();
    let set = one(THREE);
    let error = run_and_cut(&db, &set, &Cut::After("CREATE TABLE b"));
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::ConnectionLost { .. }), "{error}");
    let before = db.statements().len();
    run(&mut db.connect(), &set).unwrap();
    let sent = db.statements().split_off(before);
    assert!(!sent.iter().any(|s| s.starts_with("CREATE TABLE b")), "{sent:?}");
    assert_eq!(tables(&db), ["a", "b", "c"]);
}

#[test]
fn a_statement_that_never_arrived_is_done_then() {
    let db = database();
    let set = one(THREE);
    let error = run_and_cut(&db, &set, &Cut::Before("CREATE TABLE b"));
    assert!(error.is_half_way(), "{error}");
    assert_eq!(tables(&db), ["a"]);
    run(&mut db.connect(), &set).unwrap();
    assert_eq!(tables(&db), ["a", "b", "c"]);
}

#[test]
fn a_statement_that_leaves_nothing_to_look_at_is_the_users_to_judge() {
    let db = database();
    let set = one("CREATE TABLE a (id INT);\nALTER TABLE a ADD UNIQUE (id);\n");
    run_and_cut(&db, &set, &Cut::After("ALTER TABLE"));
    let conn = &mut db.connect();
    let error = run(conn, &set).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::CannotTell { .. }), "{error}");
    assert!(error.to_string().contains("migrations/1_one/up.sql:2:1"), "{error}");
    assert_eq!(applied(conn), [""; 0]);
}

/// MariaDB drops the first table although there is no second.
#[test]
fn a_statement_that_was_done_in_part_is_shown_with_what_is_there() {
    let db = database();
    let conn = &mut db.connect();
    let set = one("CREATE TABLE a (id INT);\nDROP TABLE a, nosuch;\n");
    db.sql("CREATE TABLE b (id INT);");
    let partly = one("CREATE TABLE a (id INT);\nDROP TABLE b, nosuch;\n");
    run(conn, &partly).unwrap_err();
    // What was begun is not to be changed any more.
    let message = refused(run(conn, &set));
    assert!(message.contains("have been changed in migrations/1_one/up.sql"), "{message}");
    // Both are gone now: so it is done.
    run(conn, &partly).unwrap();
    assert_eq!(tables(&db), ["a"]);
}

/// What these are about.
const SCHEMA: &str = "CREATE TABLE t (id INT, old INT, INDEX i (id), CONSTRAINT k CHECK (id > 0));
    CREATE TABLE gone (id INT);
    CREATE VIEW w AS SELECT 1;
    CREATE TRIGGER h BEFORE INSERT ON gone FOR EACH ROW SET NEW.id = 1;";

/// Each of these leaves something else behind.
const STATEMENTS: [&str; 20] = [
    "CREATE TABLE `new` (id INT)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE UNIQUE INDEX j ON t (id)",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1",
    "CREATE PROCEDURE p() SELECT 1",
    "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SELECT 1",
    "CREATE SEQUENCE s",
    "ALTER TABLE t ADD COLUMN c INT",
    "ALTER TABLE t DROP COLUMN Old",
    "ALTER TABLE t RENAME COLUMN old TO young",
    "ALTER TABLE t CHANGE old young INT",
    "ALTER TABLE `t` ADD CONSTRAINT l CHECK (id > 0)",
    "ALTER TABLE t DROP CONSTRAINT K",
    "ALTER TABLE t ADD COLUMN c INT, DROP COLUMN old, ADD INDEX j (id)",
    "RENAME TABLE t TO u",
    "DROP INDEX I ON t",
    "DROP TABLE `gone`",
    "DROP VIEW w",
    "DROP TRIGGER h",
];

#[test]
fn whatever_a_statement_leaves_behind_is_found_or_missed() {
    for statement in STATEMENTS {
        let set = one(&format!("{SCHEMA}\n{statement};\nDO 1;\n"));
        for cut in [Cut::Before(statement), Cut::After(statement)] {
            let db = database();
            let error = run_and_cut(&db, &set, &cut);
            assert!(error.is_half_way(), "{statement}: {error}");
            let before = db.statements().len();
            run(&mut db.connect(), &set).unwrap_or_else(|error| panic!("{statement}: {error}"));
            let sent = db.statements().split_off(before);
            let was_sent = sent.iter().any(|sent| sent == statement);
            assert_eq!(was_sent, matches!(cut, Cut::Before(_)), "{statement}: {sent:?}");
        }
    }
}

#[test]
fn a_database_that_a_script_makes_is_found_too() {
    let db = database();
    let name = format!("{}_more", db.name());
    let set = one(&format!("CREATE DATABASE {name};\nDO 1;\n"));
    run_and_cut(&db, &set, &Cut::After("CREATE DATABASE"));
    run(&mut db.connect(), &set).unwrap();
    db.execute(&format!("DROP DATABASE {name}"));
}

#[test]
fn what_is_looked_for_in_a_database_that_the_script_has_chosen_is_looked_for_there() {
    for cut in [Cut::Before("DROP TABLE there"), Cut::After("DROP TABLE there")] {
        let (db, neighbour) = (database(), database());
        neighbour.sql("CREATE TABLE there (id INT);");
        let set = one(&format!(
            "CREATE TABLE here (id INT);\nUSE {};\nDROP TABLE there;\n",
            neighbour.name()
        ));
        run_and_cut(&db, &set, &cut);
        run(&mut db.connect(), &set).unwrap();
        assert_eq!(tables(&neighbour), [""; 0]);
    }
}

#[test]
fn a_run_with_another_connection_finds_out_by_itself() {
    for arrives in [true, false] {
        let db = database();
        let set = new_set()
            .add("1_a", THREE, "DO 1;\n")
            .add("2_b", "INSERT INTO a VALUES (1);\n", "DO 1;\n")
            .add("3_c", "INSERT INTO a VALUES (2);\n", "DO 1;\n")
            .migrations();
        let cut = |proxy: &Proxy, statement| {
            if arrives { proxy.cut_after(statement) } else { proxy.cut_before(statement) }
        };
        let proxy = Proxy::before(db.server().port());
        let mut conn = through(&proxy, &db);
        let mut connect = || MysqlConnection::establish(&db.url_on(proxy.port()));
        cut(&proxy, "CREATE TABLE b");
        let (mut is_second, mut was_cut) = (false, false);
        let mut observer = |event: &Event<'_>| {
            // The second migration has a transaction of its own.
            match event {
                Event::StepStarted { step } => is_second = step.version() == "2",
                Event::Committing if is_second && !std::mem::replace(&mut was_cut, true) => {
                    cut(&proxy, EXECUTE);
                }
                _ => {}
            }
        };
        let mut runner = Runner::new(&set).reconnect_with(&mut connect).observer(&mut observer);
        assert_eq!(runner.run(&mut conn).unwrap().applied.len(), 3, "{arrives}");
        assert_eq!(tables(&db), ["a", "b", "c"]);
        assert_eq!(db.sql("SELECT * FROM a ORDER BY id;"), "1\n2\n");
    }
}

#[test]
fn rows_that_were_not_committed_are_written_again() {
    let db = database();
    let set = one("CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nDROP TABLE IF EXISTS n;\n");
    let error = run_and_cut(&db, &set, &Cut::After("INSERT INTO a"));
    assert!(error.is_half_way(), "{error}");
    run(&mut db.connect(), &set).unwrap();
    assert_eq!(db.sql("SELECT * FROM a;"), "1\n");
}

#[test]
fn a_commit_without_an_answer_is_neither_repeated_nor_reported_as_a_failure() {
    let db = database();
    let conn = &mut db.connect();
    db.sql("CREATE TABLE a (id INT);");
    let set = new_set()
        .add("1_one", "INSERT INTO a VALUES (1);\n", "DO 1;\n")
        .add("2_two", "INSERT INTO a VALUES (2);\n", "DO 1;\n")
        .migrations();
    let proxy = Proxy::before(db.server().port());
    let mut observer = |event: &Event<'_>| {
        if let Event::Committing = event {
            proxy.cut_after(EXECUTE);
        }
    };
    let mut lost = through(&proxy, &db);
    let error = Runner::new(&set).observer(&mut observer).run(&mut lost).unwrap_err();
    let Error::CommitUnknown { migrations, .. } = &error else { panic!("{error}") };
    assert_eq!(migrations[0].name, "1_one");
    assert_eq!(run(conn, &set).unwrap().applied.len(), 1);
    assert_eq!(db.sql("SELECT * FROM a ORDER BY id;"), "1\n2\n");
}

#[test]
fn who_comes_after_a_client_that_died_waits_for_its_last_statement() {
    let db = database();
    let set = one("CREATE TABLE a (id INT);\nCREATE TABLE b AS SELECT SLEEP(2) AS s;\nDO 1;\n");
    let proxy = Proxy::before(db.server().port());
    let conn = &mut through(&proxy, &db);
    thread::scope(|scope| {
        let mut cut = |event: &Event<'_>| {
            if matches!(event, Event::StatementStarted { statement: 1, .. }) {
                let proxy = &proxy;
                scope.spawn(move || {
                    thread::sleep(Duration::from_millis(500));
                    proxy.cut_all();
                });
            }
        };
        Runner::new(&set).observer(&mut cut).run(conn).unwrap_err();
    });

    let mut waits = 0;
    let mut observer = |event: &Event<'_>| {
        waits += u32::from(matches!(event, Event::Waiting { .. }));
    };
    Runner::new(&set).observer(&mut observer).run(&mut db.connect()).unwrap();
    assert!(waits > 0);
    assert_eq!(tables(&db), ["a", "b"]);
}

#[test]
fn a_connection_that_is_killed_in_a_statement_leaves_it_undone() {
    let db = database();
    let set = one("CREATE TABLE a (id INT);\nCREATE TABLE b AS SELECT SLEEP(1) AS s;\nDO 1;\n");
    let conn = &mut db.connect();
    thread::scope(|scope| {
        let mut kill = |event: &Event<'_>| {
            if matches!(event, Event::StatementStarted { statement: 1, .. }) {
                scope.spawn(|| {
                    thread::sleep(Duration::from_millis(300));
                    let id = db.sql(
                        "SELECT id FROM information_schema.processlist
                         WHERE info LIKE 'CREATE TABLE b%';",
                    );
                    db.connect().batch_execute(&format!("KILL {id}")).unwrap();
                });
            }
        };
        let error = Runner::new(&set).observer(&mut kill).run(conn).unwrap_err();
        let Error::HalfWay(half_way) = &error else { panic!("{error}") };
        assert!(matches!(half_way.reason, HalfWayReason::ConnectionLost { .. }), "{error}");
    });
    run(&mut db.connect(), &set).unwrap();
    assert_eq!(tables(&db), ["a", "b"]);
}
