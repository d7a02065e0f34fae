//! What SQLite takes when a table or a view is made, and refuses when rows are written or read: each
//! finding is tried on SQLite itself, and so is that there is none.

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};
use migrate_tests::migration_set::Set;

const BASE: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, age INT);
    CREATE TABLE pairs (a INT, b INT, c INT, PRIMARY KEY (a, b));
    CREATE TABLE bare (x INT);
    CREATE UNIQUE INDEX some_ages ON users (age) WHERE age > 0;
    CREATE UNIQUE INDEX bc ON pairs (b, c);
";

/// Whether a rule finds something in a script behind the tables.
fn finds(rule: &str, script: &str) -> bool {
    let set = Set::new()
        .file("1_base/up.sql", format!("-- migrate: irreversible reason=\"tried\"\n{BASE}"))
        .file("2_tried/up.sql", format!("-- migrate: irreversible reason=\"tried\"\n{script}"));
    let report = set.report();
    let others: Vec<&str> =
        report.findings.iter().map(|it| it.rule.id).filter(|id| *id != rule).collect();
    assert!(others.is_empty(), "{script}: {others:?}");
    report.findings.iter().any(|finding| finding.rule.id == rule)
}

/// Whether SQLite refuses a statement behind a script.
fn refuses(script: &str, statement: &str) -> bool {
    let mut connection = SqliteConnection::establish(":memory:").expect("a database");
    connection.batch_execute("PRAGMA foreign_keys = ON").expect("a pragma");
    connection.batch_execute(&format!("{BASE}{script}")).expect("SQLite takes it");
    connection.batch_execute(statement).is_err()
}

#[test]
fn a_foreign_key_refers_to_a_key() {
    for script in [
        "CREATE TABLE t (x REFERENCES users)",
        "CREATE TABLE t (x REFERENCES users (id))",
        "CREATE TABLE t (x REFERENCES users (email))",
        "CREATE TABLE t (x REFERENCES users (age))",
        "CREATE TABLE t (x REFERENCES users (name))",
        "CREATE TABLE t (x REFERENCES users (name)); CREATE UNIQUE INDEX names ON users (name)",
        "CREATE UNIQUE INDEX names ON users (name); CREATE TABLE t (x REFERENCES users (name)); DROP INDEX names",
        "CREATE TABLE t (x REFERENCES pairs)",
        "CREATE TABLE t (x REFERENCES pairs (a))",
        "CREATE TABLE t (x, y, FOREIGN KEY (x, y) REFERENCES pairs)",
        "CREATE TABLE t (x, y, FOREIGN KEY (x, y) REFERENCES pairs (b, a))",
        "CREATE TABLE t (x, y, FOREIGN KEY (x, y) REFERENCES pairs (c, b))",
        "CREATE TABLE t (x, y, FOREIGN KEY (x, y) REFERENCES pairs (a, c))",
        "CREATE TABLE t (x REFERENCES bare)",
        "CREATE TABLE t (x REFERENCES nosuch)",
        "CREATE TABLE t (x REFERENCES later); CREATE TABLE later (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (x INTEGER PRIMARY KEY, y REFERENCES t)",
        "CREATE TABLE t (x TEXT, y REFERENCES t (x))",
    ] {
        // One row of nothing but what the key is about: a row that is not there is another error.
        let wrong = refuses(script, "PRAGMA foreign_key_check")
            || refuses(script, "DELETE FROM t")
            || script.contains("nosuch");
        assert_eq!(finds("foreign-key-mismatch", script), wrong, "{script}");
    }
    let nowhere = "CREATE TABLE t (x REFERENCES nosuch)";
    assert!(refuses(nowhere, "INSERT INTO t VALUES (1)"));
}

#[test]
fn a_table_that_is_referred_to_may_come_later() {
    let right = |set: Set| set.report().findings.is_empty();
    let reason = "-- migrate: irreversible reason=\"tried\"\n";
    let posts = Set::new()
        .file("1_posts/up.sql", format!("{reason}CREATE TABLE posts (author REFERENCES users)"));
    let users = format!("{reason}CREATE TABLE users (id INTEGER PRIMARY KEY)");
    let both = posts.file("2_users/up.sql", users);
    assert!(right(both));
    let gone = Set::new()
        .file("1_users/up.sql", format!("{reason}CREATE TABLE users (id INTEGER PRIMARY KEY)"))
        .file("2_posts/up.sql", format!("{reason}CREATE TABLE posts (author REFERENCES users)"))
        .file("3_gone/up.sql", format!("{reason}DROP TABLE users"));
    let report = gone.report();
    let labels: Vec<&str> =
        report.findings[0].labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(labels, ["in this table", "`users` goes here"]);
}

#[test]
fn a_query_says_whose_column_it_means() {
    for script in [
        "CREATE VIEW v AS SELECT name FROM users JOIN pairs ON a = id",
        "CREATE VIEW v AS SELECT name FROM users AS u JOIN users AS w ON u.id = w.age",
        "CREATE VIEW v AS SELECT u.name FROM users AS u JOIN users AS w ON u.id = w.age",
        "CREATE VIEW v AS SELECT u.name FROM users AS u JOIN users AS w ON id = 1",
        "CREATE VIEW v AS SELECT name FROM users JOIN users AS w USING (name)",
        "CREATE VIEW v AS SELECT name FROM users NATURAL JOIN users AS w",
        "CREATE VIEW v AS SELECT u.name AS name FROM users AS u, users AS w ORDER BY name",
        "CREATE VIEW v AS SELECT name FROM users WHERE id IN (SELECT age FROM users)",
        "CREATE VIEW v AS SELECT name FROM users WHERE id IN (SELECT age FROM users, users AS w)",
        "CREATE VIEW v AS SELECT name FROM users UNION SELECT x FROM bare",
        "CREATE VIEW v AS SELECT x FROM users, bare; ALTER TABLE users ADD COLUMN x",
    ] {
        assert_eq!(
            finds("ambiguous-column", script),
            refuses(script, "SELECT * FROM v"),
            "{script}"
        );
    }
}

#[test]
fn a_statement_says_whose_column_it_means() {
    for (script, is_wrong) in [
        ("INSERT INTO bare SELECT id FROM users", false),
        ("INSERT INTO bare SELECT id FROM users, users AS w", true),
        ("UPDATE users SET name = name", false),
        ("UPDATE users SET name = age FROM bare WHERE x = id", false),
        ("UPDATE users SET name = w.age FROM users AS w WHERE id = 1", true),
        ("DELETE FROM users WHERE id IN (SELECT age FROM users AS w)", false),
    ] {
        assert_eq!(refuses("", script), is_wrong, "{script}");
        assert_eq!(finds("ambiguous-column", script), is_wrong, "{script}");
    }
}
