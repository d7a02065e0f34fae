//! The ledger's tables are not as they should be, or not to be seen.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::mysql::MysqlConnection;
use migrate_runtime::{Error, History, Runner, Standing, Undo};

use super::{applied, database, new_set, one, refused, run, tables};

#[test]
fn tables_of_another_shape_are_an_error_and_no_panic() {
    const SHAPES: [&str; 7] = [
        "CREATE TABLE __diesel_schema_migrations (x INT); INSERT INTO __diesel_schema_migrations VALUES (1);",
        "CREATE VIEW __diesel_schema_migrations AS SELECT 1 AS one;",
        "CREATE TABLE gone (version INT, run_on INT);
         CREATE VIEW __diesel_schema_migrations AS SELECT * FROM gone; DROP TABLE gone;",
        "CREATE TABLE __migrate_history (version TEXT, run_on BLOB);",
        "CREATE TABLE __migrate_journal (version INT);",
        "CREATE TABLE __migrate_journal (version TEXT, direction TEXT, name TEXT, next TEXT,
             started TEXT, total TEXT, done TEXT, batch TEXT, runner TEXT, started_at TEXT);
         INSERT INTO __migrate_journal (version) VALUES ('1');",
        "CREATE TABLE __migrate_journal (version BLOB, direction JSON, name ENUM('a'), next DOUBLE,
             started BIT(3), total DATE, done GEOMETRY, batch YEAR, runner SET('a'), started_at TIME);
         INSERT INTO __migrate_journal VALUES
             (x'ff', '[]', 'a', 1.5, b'1', now(), point(1, 2), 2000, 'a', now());",
    ];
    for shape in SHAPES {
        let db = database();
        db.sql(shape);
        let conn = &mut db.connect();
        let error = History::read(conn).unwrap_err();
        assert!(matches!(error, Error::Database { .. } | Error::Ledger(_)), "{shape}: {error}");
        refused(run(conn, &one("CREATE TABLE a (id INT);\n")));
        // The connection is still good.
        conn.batch_execute("DO 1").unwrap();
    }
}

#[test]
fn rows_that_nobody_wrote_are_named() {
    const DAMAGES: [(&str, &str); 3] = [
        ("UPDATE __migrate_history SET checksum = 'x'", "`checksum`"),
        ("UPDATE __migrate_history SET tokens = 'zz'", "`tokens`"),
        (
            "ALTER TABLE __migrate_history MODIFY ord TEXT; UPDATE __migrate_history SET ord = 'x'",
            "`ord`",
        ),
    ];
    for (damage, column) in DAMAGES {
        let db = database();
        let conn = &mut db.connect();
        run(conn, &one("CREATE TABLE a (id INT);\n")).unwrap();
        db.sql(&format!("{damage};"));
        let error = History::read(conn).unwrap_err();
        assert!(matches!(error, Error::Ledger(_)), "{error}");
        assert!(error.to_string().contains(column), "{error}");
    }
}

#[test]
fn a_stored_script_that_does_not_fit_its_map_is_not_executed() {
    for damage in [
        "down = 'DROP'",
        "down_map = ''",
        // A statement of no length: Diesel hands it to a client library that crashes over it.
        "down_map = replace(down_map, '0.12.', '0.0.')",
    ] {
        let db = database();
        let conn = &mut db.connect();
        let set =
            new_set().add("1_a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n").migrations();
        run(conn, &set).unwrap();
        db.sql(&format!("UPDATE __migrate_history SET {damage};"));
        let without = new_set().migrations();
        let error = Runner::new(&without).revert(conn, Undo::All).unwrap_err();
        assert!(matches!(error, Error::Ledger(_)), "{damage}: {error}");
        assert_eq!(tables(&db), ["a"]);
    }
}

#[test]
fn what_diesel_applied_without_us_counts_and_versions_keep_their_case() {
    let db = database();
    db.sql(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)
             CHARACTER SET latin1 COLLATE latin1_swedish_ci;
         INSERT INTO __diesel_schema_migrations (version) VALUES ('A'), ('1');",
    );
    let conn = &mut db.connect();
    assert_eq!(applied(conn), ["1", "A"]);
    let history = History::read(conn).unwrap();
    assert!(history.applied().iter().all(|applied| applied.record.is_none()));
    assert!(history.get("a").is_none());
}

#[test]
fn who_may_only_read_sees_the_standing_and_no_more() {
    let db = database();
    let set = one("CREATE TABLE a (id INT);\n");
    let (server, name) = (db.server(), db.name());
    let user = format!("'reader_{name}'@'127.0.0.1'");
    server.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY 'canary-6f1d-reader'; GRANT SELECT ON {name}.* TO {user}"
    ));
    let port = server.port();
    let url = format!("mysql://reader_{name}:canary-6f1d-reader@127.0.0.1:{port}/{name}");
    let conn = &mut MysqlConnection::establish(&url).unwrap();

    // Before the first run, and after it.
    assert!(matches!(set.standing(conn).unwrap(), Standing::Behind { .. }));
    let message = refused(run(conn, &set));
    assert!(message.contains("CREATE command denied"), "{message}");
    run(&mut db.connect(), &set).unwrap();
    assert_eq!(set.standing(conn).unwrap(), Standing::UpToDate);
    assert_eq!(run(conn, &set).unwrap().applied.len(), 0);
}

#[test]
fn who_may_not_see_the_ledger_is_told_so_and_not_that_it_is_empty() {
    let db = database();
    run(&mut db.connect(), &one("CREATE TABLE a (id INT);\n")).unwrap();
    let (server, name) = (db.server(), db.name());
    let user = format!("'blind_{name}'@'127.0.0.1'");
    server.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY 'canary-6f1d-blind'; GRANT SELECT ON {name}.a TO {user}"
    ));
    let port = server.port();
    let url = format!("mysql://blind_{name}:canary-6f1d-blind@127.0.0.1:{port}/{name}");
    let conn = &mut MysqlConnection::establish(&url).unwrap();
    let error = History::read(conn).unwrap_err();
    assert!(error.to_string().contains("SELECT command denied"), "{error}");
}
