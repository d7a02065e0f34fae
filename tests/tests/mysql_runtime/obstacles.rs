//! The server stands in the way.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::mysql::MysqlConnection;
use migrate_runtime::{Error, History, Runner, Standing, Undo};
use migrate_tests::server::Mariadb;

use super::{applied, database, new_set, one, refused, run, tables};

#[test]
fn a_server_that_takes_no_writes_is_seen_before_anything_is_tried() {
    let server = Mariadb::start();
    let db = server.database();
    let conn = &mut db.connect();
    let set = one("CREATE TABLE a (id INT);\n");
    server.execute("SET GLOBAL read_only = ON");
    let error = run(conn, &set).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { at: None, .. }), "{error}");
    assert!(error.to_string().contains("a replica does not"), "{error}");
    let locked = db.statements().iter().any(|statement| statement.contains("GET_LOCK"));
    assert!(!locked, "nobody has to wait for what is refused anyway");

    // Who is allowed to write all the same, does.
    let admin = &mut server.admin();
    admin.batch_execute(&format!("USE {}", db.name())).unwrap();
    run(admin, &set).unwrap();
    assert_eq!(applied(conn), ["1"]);
    // With nothing to do, nobody asks.
    assert_eq!(run(conn, &set).unwrap().applied.len(), 0);
}

#[test]
fn a_session_that_takes_no_writes_is_refused() {
    let db = database();
    let conn = &mut db.connect();
    conn.batch_execute("SET SESSION TRANSACTION READ ONLY").unwrap();
    let error = run(conn, &one("CREATE TABLE a (id INT);\n")).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
}

#[test]
fn a_user_who_may_only_select_can_look() {
    let db = database();
    let user = format!("reader_{}", db.name());
    let server = db.server();
    server.execute(&format!("CREATE USER {user} IDENTIFIED BY 'secret'"));
    server.execute(&format!("GRANT SELECT ON {}.* TO {user}", db.name()));
    let url = format!("mysql://{user}:secret@127.0.0.1:{}/{}", server.port(), db.name());
    let conn = &mut MysqlConnection::establish(&url).unwrap();
    let first = new_set().add("1_one", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n");
    let two = new_set().add("1_one", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n");
    let two = two.add("2_two", "INSERT INTO a VALUES (1);\n", "DELETE FROM a;\n").migrations();
    let first = first.migrations();
    assert!(matches!(first.standing(conn).unwrap(), Standing::Behind { .. }));
    let message = refused(run(conn, &first));
    assert!(message.starts_with("creating the ledger: CREATE command denied to user"), "{message}");

    run(&mut db.connect(), &first).unwrap();
    assert_eq!(first.standing(conn).unwrap(), Standing::UpToDate);
    assert_eq!(applied(conn), ["1"]);
    // Nothing pending is no more than a look.
    assert_eq!(run(conn, &first).unwrap().applied.len(), 0);
    let message = refused(run(conn, &two));
    assert!(message.contains("command denied to user"), "{message}");
    assert_eq!(applied(conn), ["1"]);
    // It has kept nobody out.
    run(&mut db.connect(), &two).unwrap();
}

#[test]
fn a_server_that_speaks_another_language_is_understood() {
    let db = database();
    let conn = &mut db.connect();
    conn.batch_execute("SET lc_messages = 'de_DE'").unwrap();
    // A first run reads tables that are not there, which is an error in German.
    assert!(History::read(conn).unwrap().applied().is_empty());
    run(conn, &one("CREATE TABLE t (id INT);\n")).unwrap();

    let mut reader = db.connect();
    reader.batch_execute("START TRANSACTION; SELECT * FROM t").unwrap();
    let set = new_set()
        .add("1_one", "CREATE TABLE t (id INT);\n", "DO 1;\n")
        .add("2_two", "ALTER TABLE t ADD COLUMN c INT;\n", "DO 1;\n")
        .migrations();
    let brief = std::time::Duration::from_secs(1);
    let error = Runner::new(&set).lock_timeout(brief).run(conn).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");

    conn.batch_execute("START TRANSACTION").unwrap();
    let error = run(conn, &set).unwrap_err();
    assert!(matches!(error, Error::InTransaction), "{error}");
}

#[test]
fn what_the_server_would_not_take_in_one_piece_is_told_before_it_is_sent() {
    let server = Mariadb::start();
    server.execute("SET GLOBAL max_allowed_packet = 65536");
    let db = server.database();
    let conn = &mut db.connect();
    let long = "x".repeat(70_000);
    let set = one(&format!("CREATE TABLE a (t LONGTEXT);\nINSERT INTO a VALUES ('{long}');\n"));
    let error = run(conn, &set).unwrap_err();
    assert!(error.is_half_way());
    let message = error.to_string();
    assert!(message.contains("has 70025 bytes"), "{message}");
    assert!(message.contains("takes less than 65536 at once"), "{message}");
    assert!(message.contains("`max_allowed_packet`"), "{message}");
    // The connection is still good.
    assert_eq!(applied(conn), [""; 0]);

    // A way back of pieces that it takes, and which it would not take as a whole.
    let db = server.database();
    let conn = &mut db.connect();
    let half = "x".repeat(40_000);
    let down = format!("DO LENGTH('{half}');\nDO LENGTH('{half}');\nDROP TABLE a;\n");
    let set = new_set().add("1_a", "CREATE TABLE a (id INT);\n", &down).migrations();
    run(conn, &set).unwrap();
    let history = History::read(conn).unwrap();
    assert!(history.applied()[0].record.as_ref().unwrap().down.is_none());
    Runner::new(&set).revert(conn, Undo::All).unwrap();
    assert_eq!(tables(&db), [""; 0]);
}

#[test]
fn a_long_way_back_is_kept() {
    let db = database();
    let conn = &mut db.connect();
    let down = format!("DO LENGTH('{}');\nDROP TABLE a;\n", "ä".repeat(100_000));
    let set = new_set().add("1_a", "CREATE TABLE a (id INT);\n", &down).migrations();
    run(conn, &set).unwrap();
    let without = new_set().migrations();
    Runner::new(&without).revert(conn, Undo::All).unwrap();
    assert_eq!(tables(&db), [""; 0]);
}

#[test]
fn a_full_table_is_told_from_a_wrong_statement() {
    let db = database();
    let conn = &mut db.connect();
    db.sql("CREATE TABLE m (t CHAR(250)) ENGINE = MEMORY MAX_ROWS = 10;");
    conn.batch_execute("SET max_heap_table_size = 16384").unwrap();
    db.sql("DROP TABLE m;");
    let set = one("CREATE TABLE m (t CHAR(250)) ENGINE = MEMORY;\n\
         INSERT INTO m SELECT seq FROM seq_1_to_100000;\n");
    let message = refused(run(conn, &set));
    assert!(message.contains("no room is left"), "{message}");
}

#[test]
fn no_message_has_the_password() {
    let db = database();
    let conn = &mut db.connect();
    let set = one("CREATE USER 'x'@'localhost' IDENTIFIED BY 'canary-6f1d';\n");
    refused(run(conn, &set));
}
