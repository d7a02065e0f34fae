//! What a run needs of a connection, and how it leaves it.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_runtime::Error;

use super::{applied, database, new_set, one, refused, run, tables};

#[derive(QueryableByName)]
struct Settings {
    #[diesel(sql_type = Text)]
    settings: String,
}

fn settings(conn: &mut MysqlConnection) -> String {
    let sql = "SELECT CONCAT_WS(' ', DATABASE(), @@sql_mode, @@lock_wait_timeout, \
        @@innodb_lock_wait_timeout, @@foreign_key_checks, @@unique_checks, @@time_zone, \
        @@autocommit, @@max_statement_time, @@collation_connection, \
        @@character_set_results) AS settings";
    diesel::sql_query(sql).get_result::<Settings>(conn).unwrap().settings
}

#[test]
fn a_lenient_session_is_strict_while_migrations_run_and_loses_no_value() {
    let db = database();
    db.sql("CREATE TABLE t (name VARCHAR(50)); INSERT INTO t VALUES ('abcdefgh');");
    let conn = &mut db.connect();
    conn.batch_execute("SET sql_mode = ''").unwrap();
    let message = refused(run(conn, &one("ALTER TABLE t MODIFY name VARCHAR(3);\n")));
    assert!(message.contains("Data truncated"), "{message}");
    assert_eq!(db.sql("SELECT name FROM t;"), "abcdefgh\n");
    assert!(settings(conn).contains("  "), "lenient again: {}", settings(conn));

    // Who wants it lenient says so in the script.
    run(conn, &one("SET sql_mode = '';\nALTER TABLE t MODIFY name VARCHAR(3);\n")).unwrap();
    assert_eq!(db.sql("SELECT name FROM t;"), "abc\n");
}

#[test]
fn what_a_script_sets_ends_with_it() {
    let db = database();
    let conn = &mut db.connect();
    let before = settings(conn);
    let set = new_set()
        .add(
            "1_a",
            "SET foreign_key_checks = 0;\nSET sql_mode = 'ANSI_QUOTES';\n\
             SET time_zone = '+05:00';\nSET NAMES latin1;\n\
             CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES parent (id));\n\
             CREATE TABLE parent (id INT PRIMARY KEY);\n",
            "DO 1;\n",
        )
        .add("2_b", "INSERT INTO child VALUES (7);\n", "DO 1;\n")
        .migrations();
    let error = run(conn, &set).unwrap_err();
    assert!(error.to_string().contains("foreign key constraint fails"), "{error}");
    assert_eq!(applied(conn), ["1"]);
    assert_eq!(settings(conn), before);
}

#[test]
fn an_open_transaction_is_left_to_its_owner() {
    let db = database();
    db.sql("CREATE TABLE t (id INT);");
    let conn = &mut db.connect();
    conn.batch_execute("START TRANSACTION; INSERT INTO t VALUES (1)").unwrap();
    let error = run(conn, &one("CREATE TABLE a (id INT);\n")).unwrap_err();
    assert!(matches!(error, Error::InTransaction), "{error}");
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!(db.sql("SELECT count(*) FROM t;"), "0\n");
    assert_eq!(tables(&db), ["t"]);
}

#[test]
fn a_connection_that_is_always_in_a_transaction_is_refused() {
    let db = database();
    let conn = &mut db.connect();
    conn.batch_execute("SET autocommit = 0").unwrap();
    let message = refused(run(conn, &one("CREATE TABLE a (id INT);\n")));
    assert!(message.contains("`SET autocommit = 1`"), "{message}");
}

#[test]
fn a_connection_without_a_database_is_refused() {
    let db = database();
    let (server, _) = db.url().rsplit_once('/').map(|(s, n)| (s.to_owned(), n.to_owned())).unwrap();
    let conn = &mut MysqlConnection::establish(&server).unwrap();
    let message = refused(run(conn, &one("CREATE TABLE a (id INT);\n")));
    assert!(message.contains("name one in its address"), "{message}");
}

#[test]
fn a_set_for_another_database_is_refused() {
    let db = database();
    let mut set = one("CREATE TABLE a (id INT);\n");
    set.dialect = migrate_runtime::Dialect::Postgres;
    let message = refused(run(&mut db.connect(), &set));
    assert!(message.contains("PostgreSQL") && message.contains("MySQL"), "{message}");
}
