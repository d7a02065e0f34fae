//! Migrations are applied, recorded and reverted.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::mysql::MysqlConnection;
use migrate_runtime::{Direction, Error, HalfWayReason, Redo, Runner, Standing, Target, Undo};
use migrate_tests::server::Proxy;

use super::{applied, database, new_set, one, refused, run, tables};

fn library() -> migrate_runtime::Migrations<'static> {
    new_set()
        .add(
            "2026-01-01-000000_authors",
            "CREATE TABLE authors (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL);\n",
            "DROP TABLE authors;\n",
        )
        .add(
            "2026-01-02-000000_first_authors",
            "INSERT INTO authors VALUES (1, 'Ilse'), (2, 'Ürsula');\n",
            "DELETE FROM authors;\n",
        )
        .add(
            "2026-01-03-000000_books",
            "CREATE TABLE books (author INT NOT NULL);\n\
             CREATE INDEX books_author ON books (author);\n\
             INSERT INTO books SELECT id FROM authors;\n",
            "DROP TABLE books;\n",
        )
        .migrations()
}

#[test]
fn a_set_is_applied_recorded_and_taken_back() {
    let db = database();
    let conn = &mut db.connect();
    let set = library();
    assert!(matches!(set.standing(conn).unwrap(), Standing::Behind { .. }));
    assert_eq!(tables(&db), [""; 0], "a look at the standing makes nothing");

    let outcome = run(conn, &set).unwrap();
    assert_eq!(outcome.applied.len(), 3);
    assert_eq!(set.standing(conn).unwrap(), Standing::UpToDate);
    assert_eq!(applied(conn), ["20260101000000", "20260102000000", "20260103000000"]);
    assert_eq!(tables(&db), ["authors", "books"]);
    assert_eq!(db.sql("SELECT * FROM books ORDER BY author;"), "1\n2\n");

    let history = migrate_runtime::History::read(conn).unwrap();
    let records: Vec<_> = history.applied().iter().map(|a| a.record.as_ref().unwrap()).collect();
    assert_eq!(records.iter().map(|record| record.order).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(records.iter().all(|record| record.batch == 1 && record.down.is_some()));
    assert_eq!(records[2].name, "2026-01-03-000000_books");

    let reverted = Runner::new(&set).revert(conn, Undo::Count(2)).unwrap();
    assert_eq!(reverted.reverted.len(), 2);
    assert_eq!(db.sql("SELECT count(*) FROM authors;"), "0\n");
    assert_eq!(tables(&db), ["authors"]);
    assert_eq!(Runner::new(&set).run_to(conn, Target::Count(1)).unwrap().applied.len(), 1);
    let redone = Runner::new(&set).redo(conn, Redo::All).unwrap();
    assert_eq!((redone.reverted.len(), redone.applied.len()), (2, 2));
    assert_eq!(db.sql("SELECT count(*) FROM authors;"), "2\n");
    assert_eq!(db.sql("SELECT count(*) FROM __migrate_journal;"), "0\n");
}

#[test]
fn what_the_ledger_kept_is_enough_to_revert() {
    let db = database();
    let conn = &mut db.connect();
    run(conn, &library()).unwrap();
    let without = new_set().migrations();
    Runner::new(&without).revert(conn, Undo::All).unwrap();
    assert_eq!(tables(&db), [""; 0]);
}

/// What a program costs that starts often and finds nothing to do. Diesel prepares whatever it
/// reads rows from, which makes two round trips of one statement.
#[test]
fn nothing_to_do_is_one_statement() {
    let db = database();
    run(&mut db.connect(), &library()).unwrap();
    let proxy = Proxy::before(db.server().port());
    let conn = &mut MysqlConnection::establish(&db.url_on(proxy.port())).unwrap();
    let before = proxy.round_trips();
    run(conn, &library()).unwrap();
    assert_eq!(proxy.round_trips() - before, 2);

    let before = db.statements().len();
    assert_eq!(library().standing(conn).unwrap(), Standing::UpToDate);
    let statements = db.statements().split_off(before);
    assert_eq!(statements.len(), 1);
    assert!(statements[0].starts_with("SELECT"), "{}", statements[0]);
}

/// One database for each customer, and one connection that goes from one to the next. A statement
/// that stays prepared stays with the database that it was prepared in.
#[test]
fn a_connection_that_goes_from_database_to_database_finds_each_ones_ledger() {
    let databases = [database(), database(), database()];
    let conn = &mut databases[0].connect();
    for (db, names) in databases.iter().zip([["1_a", "2_b"], ["3_c", "4_d"], ["5_e", "6_f"]]) {
        conn.batch_execute(&format!("USE {}", db.name())).unwrap();
        assert_eq!(applied(conn), [""; 0]);
        let set = names.iter().fold(new_set(), |set, name| {
            set.add(name, &format!("CREATE TABLE `{name}` (id INT);\n"), "DO 1;\n")
        });
        assert_eq!(run(conn, &set.migrations()).unwrap().applied.len(), 2);
        assert_eq!(applied(conn), names.map(|name| &name[..1]));
        assert_eq!(tables(db), names);
    }
}

#[test]
fn a_migration_of_rows_alone_is_done_whole_or_not_at_all() {
    let db = database();
    let conn = &mut db.connect();
    db.sql("CREATE TABLE t (id INT PRIMARY KEY);");
    let set =
        one("INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (1);\n");
    let error = run(conn, &set).unwrap_err();
    assert!(matches!(error, Error::Statement(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "1_one (up) failed at migrations/1_one/up.sql:3:1 (statement 3 of 3): Duplicate entry '1' \
         for key 'PRIMARY'. It was rolled back: nothing of it remains. Mend the statement and run \
         again"
    );
    assert_eq!(db.sql("SELECT count(*) FROM t;"), "0\n");
    assert_eq!(applied(conn), [""; 0]);
    assert_eq!(db.sql("SELECT count(*) FROM __migrate_journal;"), "0\n");
}

#[test]
fn what_a_table_without_transactions_keeps_is_not_said_to_be_rolled_back() {
    let db = database();
    let conn = &mut db.connect();
    db.sql(
        "CREATE TABLE old (id INT PRIMARY KEY) ENGINE = MyISAM;
         CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);",
    );
    let set =
        one("INSERT INTO old VALUES (1);\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (1);\n");
    let error = run(conn, &set).unwrap_err();
    let Error::RolledBackInPart { at: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!(place.statement, 3);
    assert_eq!(
        error.to_string(),
        "failed in 1_one (up) at migrations/1_one/up.sql:3:1 (statement 3 of 3): Duplicate entry \
         '1' for key 'PRIMARY'. Tables without transactions (MyISAM, Aria, MEMORY) keep what was \
         written there; all else was rolled back. Take that back by hand, mend the statement, and \
         run again. With `ENGINE = InnoDB` a table has transactions"
    );
    assert_eq!(db.sql("SELECT count(*) FROM old; SELECT count(*) FROM t;"), "1\n1\n");
    assert!(error.is_half_way());

    // What somebody is in the way of is not tried again either: it would be written twice.
    let mut other = db.connect();
    other.batch_execute("START TRANSACTION; UPDATE t SET id = 5").unwrap();
    let set = one("INSERT INTO old VALUES (2);\nUPDATE t SET id = 6;\n");
    conn.batch_execute("SET innodb_lock_wait_timeout = 1").unwrap();
    let error = run(conn, &set).unwrap_err();
    assert!(matches!(error, Error::RolledBackInPart { .. }), "{error}");
    assert_eq!(db.sql("SELECT count(*) FROM old;"), "2\n");
}

#[test]
fn a_migration_of_the_schema_that_fails_says_what_is_done_and_goes_on_when_it_is_mended() {
    let db = database();
    let conn = &mut db.connect();
    let broken = new_set().add(
        "1_a",
        "CREATE TABLE a (id INT);\n\
         CREATE TABLE b LIKE nosuch;\n\
         CREATE TABLE c (id INT);\n",
        "DROP TABLE a, b, c;\n",
    );
    let error = run(conn, &broken.migrations()).unwrap_err();
    assert!(error.is_half_way());
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert_eq!((half_way.done, half_way.of, half_way.direction), (1, 3, Direction::Up));
    let HalfWayReason::Failed { place, message } = &half_way.reason else { panic!("{error}") };
    assert_eq!((place.line, place.statement), (2, 2));
    assert!(message.contains("nosuch"), "{message}");
    assert_eq!(tables(&db), ["a"]);
    assert_eq!(applied(conn), [""; 0]);

    let mended = new_set().add(
        "1_a",
        "CREATE TABLE a (id INT);\n\
         CREATE TABLE b (id BIGINT);\n\
         CREATE TABLE c (id INT);\n",
        "DROP TABLE a, b, c;\n",
    );
    let mended = mended.migrations();
    assert!(matches!(mended.standing(conn).unwrap(), Standing::Unfinished { .. }));
    let before = db.statements().len();
    run(conn, &mended).unwrap();
    let sent = db.statements().split_off(before);
    assert!(!sent.iter().any(|s| s.starts_with("CREATE TABLE a")), "it was done already: {sent:?}");
    assert_eq!(tables(&db), ["a", "b", "c"]);
    assert_eq!(mended.standing(conn).unwrap(), Standing::UpToDate);
}

#[test]
fn a_first_statement_that_fails_leaves_no_trace() {
    let db = database();
    let conn = &mut db.connect();
    let message = refused(run(conn, &one("CREATE TABLE a LIKE nosuch;\nDO 1;\n")));
    assert!(message.contains("migrations/1_one/up.sql:1:1 (statement 1 of 2)"), "{message}");
    assert!(message.contains("nothing of it remains"), "{message}");
    assert_eq!(db.sql("SELECT count(*) FROM __migrate_journal;"), "0\n");
}

#[test]
fn rows_between_statements_of_the_schema_are_written_with_the_journal_or_not_at_all() {
    let db = database();
    let conn = &mut db.connect();
    let script = |third: &str| {
        one(&format!(
            "CREATE TABLE a (id INT PRIMARY KEY);\n\
             INSERT INTO a VALUES (1), (2);\n\
             {third};\n\
             CREATE TABLE b (id INT);\n"
        ))
    };
    let error = run(conn, &script("INSERT INTO a VALUES (3), (1)")).unwrap_err();
    let Error::HalfWay(half_way) = error else { panic!("{error}") };
    assert_eq!(half_way.done, 2);
    assert_eq!(db.sql("SELECT count(*) FROM a;"), "2\n");
    run(conn, &script("INSERT INTO a VALUES (3)")).unwrap();
    assert_eq!(db.sql("SELECT count(*) FROM a;"), "3\n");
    assert_eq!(tables(&db), ["a", "b"]);
}

#[test]
fn a_revert_that_stops_half_way_goes_on_as_a_revert() {
    let db = database();
    let conn = &mut db.connect();
    let set = |down| new_set().add("1_a", "CREATE TABLE a (id INT);\n", down).migrations();
    run(conn, &set("DROP TABLE a;\nDROP TABLE nosuch;\n")).unwrap();
    let broken = set("DROP TABLE a;\nDROP TABLE nosuch;\n");
    let error = Runner::new(&broken).revert(conn, Undo::All).unwrap_err();
    assert!(error.is_half_way(), "{error}");
    assert!(refused(run(conn, &broken)).contains("cargo migrate revert"));
    let mended = set("DROP TABLE a;\nDO 1;\n");
    Runner::new(&mended).revert(conn, Undo::All).unwrap();
    assert_eq!(applied(conn), [""; 0]);
}

#[test]
fn bodies_results_and_odd_names_pass() {
    let db = database();
    let conn = &mut db.connect();
    run(
        conn,
        &one("CREATE TABLE `sel``ect` (id INT);\n\
             CREATE PROCEDURE fill() BEGIN SELECT 1; SELECT 'two' FROM `sel``ect`; \
                 INSERT INTO `sel``ect` VALUES (1), (2); END;\n\
             CREATE TRIGGER more BEFORE INSERT ON `sel``ect` FOR EACH ROW \
                 BEGIN SET NEW.id = NEW.id + 10; END;\n\
             CALL fill();\n\
             SELECT * FROM `sel``ect`;\n\
             CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;\n\
             CREATE EVENT later ON SCHEDULE EVERY 1 YEAR DO SELECT 1;\n"),
    )
    .unwrap();
    assert_eq!(db.sql("SELECT * FROM `sel``ect`;"), "11\n12\n");
    assert_eq!(applied(conn), ["1"]);
}
