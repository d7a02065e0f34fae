//! The catalog beside SQLite: the same statements, one by one, and the same schema after each; and
//! where one of the two refuses a statement, so does the other.

use std::fmt::Write as _;
use std::sync::Arc;

use migrate_build::catalog::{Application, Catalog};
use migrate_build::{Dialect, Source, sql};
use migrate_tests::twins::{OnSqlite, Twins};

fn agree_on(scripts: &[&str]) {
    let mut wrong = String::new();
    for script in scripts {
        let mut twins = Twins::new(OnSqlite::new());
        twins.run(BASE).expect("the tables are right");
        if let Err(difference) = twins.run(script) {
            let _ = writeln!(wrong, "{difference}");
        } else if let Some(why) = twins.unclear {
            let _ = writeln!(wrong, "{script}\n  it cannot be told: {why}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The catalog does not say what the last statement of each does; what it says before is so.
fn cannot_tell(scripts: &[&str]) {
    for script in scripts {
        let mut twins = Twins::new(OnSqlite::new());
        twins.run(BASE).expect("the tables are right");
        assert_eq!(twins.run(script), Ok(()));
        assert!(twins.unclear.is_some(), "{script}");
    }
}

const BASE: &str = "
    CREATE TABLE users (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        email VARCHAR(255) UNIQUE COLLATE NOCASE,
        age INT CHECK (age >= 0),
        CONSTRAINT named CHECK (length(name) < 100)
    );
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY,
        author INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE ON UPDATE SET NULL,
        title TEXT,
        body TEXT GENERATED ALWAYS AS (title || '!') VIRTUAL,
        FOREIGN KEY (title) REFERENCES users DEFERRABLE INITIALLY DEFERRED
    ) STRICT;
    CREATE INDEX posts_author ON posts (author, title COLLATE NOCASE DESC) WHERE title <> 'x';
    CREATE VIEW authors (who) AS SELECT u.name FROM users AS u JOIN posts ON posts.author = u.id;
    CREATE TRIGGER count_posts AFTER INSERT ON posts WHEN NEW.title IS NOT NULL BEGIN
        UPDATE users SET age = age + 1 WHERE id = NEW.author;
    END;
";

#[test]
fn tables_are_made_and_dropped() {
    agree_on(&[
        "CREATE TABLE a (x)",
        "CREATE TABLE \"A b\" (\"x y\" TEXT, [z] \"odd type\" (3, 4) DEFAULT -1, PRIMARY KEY (z, \"x y\" DESC)) WITHOUT ROWID",
        "CREATE TABLE users (x)",
        "CREATE TABLE IF NOT EXISTS users (x)",
        "CREATE TABLE authors (x)",
        "CREATE TABLE posts_author (x)",
        "CREATE TABLE a AS SELECT * FROM users",
        "CREATE TABLE a AS SELECT * FROM nosuch",
        "CREATE TEMP TABLE users (x); INSERT INTO users VALUES (1); DROP TABLE users;",
        "CREATE TEMP TABLE users (x); ALTER TABLE users RENAME TO t; ALTER TABLE t RENAME COLUMN x TO y; \
         DROP TABLE t; ALTER TABLE users ADD COLUMN z INT",
        "DROP TABLE posts",
        "DROP TABLE nosuch",
        "DROP TABLE IF EXISTS nosuch",
        "DROP TABLE authors",
        "DROP TABLE USERS",
        "CREATE TABLE a (x DEFAULT (1 + 2), y DEFAULT CURRENT_TIMESTAMP, z DEFAULT 'a', w BLOB DEFAULT x'00')",
        "CREATE TABLE a (x INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE, y NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT FAIL)",
        "CREATE TABLE a (x, y AS (x + 1) STORED, CHECK (x > y))",
        "CREATE VIRTUAL TABLE v USING fts5(x)",
    ]);
}

#[test]
fn indexes_views_and_triggers_are_made_and_dropped() {
    agree_on(&[
        "CREATE INDEX i ON users (name)",
        "CREATE UNIQUE INDEX i ON users (lower(name), email ASC)",
        "CREATE INDEX i ON users (nosuch)",
        "CREATE INDEX i ON nosuch (x)",
        "CREATE INDEX i ON authors (who)",
        "CREATE INDEX posts_author ON users (name)",
        "CREATE INDEX IF NOT EXISTS posts_author ON users (name)",
        "CREATE INDEX users ON posts (title)",
        "DROP INDEX posts_author",
        "DROP INDEX nosuch",
        "DROP INDEX IF EXISTS nosuch",
        "DROP INDEX users",
        "CREATE VIEW v AS WITH c (n) AS (SELECT 1), d AS (SELECT n FROM c) SELECT * FROM d, users",
        "CREATE VIEW authors AS SELECT 1",
        "CREATE VIEW IF NOT EXISTS users AS SELECT 1",
        "CREATE VIEW v AS SELECT * FROM nosuch",
        "DROP VIEW authors",
        "DROP VIEW users",
        "DROP VIEW nosuch",
        "CREATE TRIGGER t INSTEAD OF DELETE ON authors BEGIN SELECT 1; END; DROP VIEW authors;",
        "CREATE TRIGGER t BEFORE UPDATE OF name, age ON users FOR EACH ROW BEGIN DELETE FROM posts; END",
        "CREATE TRIGGER t AFTER DELETE ON nosuch BEGIN SELECT 1; END",
        "CREATE TRIGGER count_posts AFTER DELETE ON users BEGIN SELECT 1; END",
        "CREATE TRIGGER IF NOT EXISTS count_posts AFTER DELETE ON users BEGIN SELECT 1; END",
        "DROP TRIGGER count_posts",
        "DROP TRIGGER nosuch",
        "DROP TRIGGER IF EXISTS nosuch",
    ]);
}

#[test]
fn tables_are_altered() {
    agree_on(&[
        "ALTER TABLE posts RENAME TO articles",
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE users RENAME TO posts",
        "ALTER TABLE users RENAME TO posts_author",
        "ALTER TABLE nosuch RENAME TO a",
        "ALTER TABLE authors RENAME TO a",
        "ALTER TABLE users ADD COLUMN town TEXT NOT NULL DEFAULT 'x' CHECK (town <> '') REFERENCES posts (id)",
        "ALTER TABLE users ADD name TEXT",
        "ALTER TABLE users ADD COLUMN x INTEGER PRIMARY KEY",
        "ALTER TABLE users ADD COLUMN x UNIQUE",
        "ALTER TABLE nosuch ADD COLUMN x",
        "ALTER TABLE authors ADD COLUMN x",
        "ALTER TABLE posts RENAME COLUMN title TO heading",
        "ALTER TABLE users RENAME COLUMN id TO nr",
        "ALTER TABLE users RENAME name TO title",
        "ALTER TABLE users RENAME COLUMN nosuch TO x",
        "ALTER TABLE users RENAME COLUMN name TO age",
        "ALTER TABLE users DROP COLUMN id",
        "ALTER TABLE users DROP COLUMN email",
        "ALTER TABLE users DROP COLUMN nosuch",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE posts DROP COLUMN body",
        "ALTER TABLE posts DROP COLUMN title",
        "DROP TRIGGER count_posts; ALTER TABLE users DROP COLUMN age",
        "CREATE TABLE a (x); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x, y REFERENCES users); ALTER TABLE a DROP y",
        "CREATE TABLE a (x, y); CREATE INDEX i ON a (x) WHERE y > 1; ALTER TABLE a DROP COLUMN y",
    ]);
}

#[test]
fn a_table_is_rebuilt() {
    agree_on(&["DROP VIEW authors; DROP TRIGGER count_posts;
        CREATE TABLE new_users (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO new_users (id, name) SELECT id, name FROM users;
        DROP TABLE users;
        ALTER TABLE new_users RENAME TO users;"]);
}

#[test]
fn rows_are_about_tables_that_are_there() {
    agree_on(&[
        "INSERT INTO users (name, email) VALUES ('a', 'b'), ('c', 'd')",
        "INSERT INTO users (name, nosuch) VALUES ('a', 'b')",
        "INSERT INTO users (name) VALUES ('a', 'b')",
        "INSERT INTO nosuch VALUES (1)",
        "INSERT INTO posts VALUES (1, 2, 'x')",
        "INSERT INTO posts VALUES (1, 2)",
        "INSERT INTO posts (id, author) SELECT id, age FROM users WHERE id IN (SELECT id FROM posts)",
        "INSERT INTO posts (id, author) SELECT id, age FROM nosuch",
        "UPDATE users SET name = 'x', age = (SELECT count(*) FROM posts)",
        "UPDATE users SET nosuch = 1",
        "UPDATE OR IGNORE users SET (name, age) = ('x', 2)",
        "UPDATE nosuch SET x = 1",
        "DELETE FROM users WHERE id NOT IN (SELECT author FROM posts)",
        "DELETE FROM nosuch",
        "WITH old AS (SELECT id FROM users) DELETE FROM posts WHERE author IN old",
        "SELECT * FROM authors, (SELECT 1) AS one LEFT JOIN posts ON 1 WHERE 1 IS DISTINCT FROM 2",
        "SELECT * FROM nosuch",
        "SELECT * FROM users, nosuch",
        "SELECT * FROM json_each('[1]')",
        "SELECT * FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n)",
        "REPLACE INTO users (id) VALUES (1)",
        "INSERT INTO users DEFAULT VALUES",
        "DELETE FROM sqlite_sequence",
    ]);
}

#[test]
fn names_follow_into_views_and_triggers() {
    agree_on(&[
        "CREATE VIEW v AS SELECT users.name, posts.title AS name FROM users JOIN posts ON users.id = author;
         ALTER TABLE users RENAME COLUMN name TO called",
        "CREATE VIEW v AS SELECT u.id, p.id FROM users u, posts AS p WHERE p.title > 'id';
         ALTER TABLE users RENAME COLUMN id TO nr",
        "CREATE VIEW v AS SELECT name FROM users WHERE id IN (SELECT id FROM posts);
         ALTER TABLE posts RENAME COLUMN id TO nr",
        "CREATE TABLE a (a, lower, [end]); CREATE VIEW v AS SELECT a.a, lower(a.lower) FROM a;
         ALTER TABLE a RENAME TO b",
        "CREATE TABLE a (a, lower); CREATE VIEW v AS SELECT a.a, lower(a.lower) FROM a;
         ALTER TABLE a RENAME COLUMN lower TO low",
        "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT x FROM a UNION SELECT title FROM posts;
         ALTER TABLE a RENAME x TO z",
        "CREATE TABLE a (name); CREATE TRIGGER t AFTER UPDATE OF name ON users WHEN old.name > new.name
         BEGIN INSERT INTO a (name) SELECT new.name WHERE new.id > 1; UPDATE users SET name = 'name'; END;
         ALTER TABLE users RENAME name TO called",
        "CREATE TABLE a (x CHECK (x <> \"x\" AND length(x) > 1)); ALTER TABLE a RENAME x TO length",
        "CREATE TABLE a (x, y, CHECK (x > y)); CREATE INDEX i ON a (abs(x)) WHERE y COLLATE nocase > 'x';
         ALTER TABLE a RENAME x TO z; ALTER TABLE a RENAME COLUMN y TO nocase",
        "ALTER TABLE users RENAME COLUMN name TO NAME",
        "CREATE TABLE a (x, y CHECK (x IN (\"Y\", \"it's\"))); ALTER TABLE a RENAME x TO z",
        "CREATE TABLE a (\"order\", [x y]); ALTER TABLE a RENAME \"order\" TO [group]",
        "CREATE TABLE a AS SELECT * FROM users; ALTER TABLE a RENAME TO b",
        "CREATE TABLE a (a); CREATE TABLE b (x); CREATE TRIGGER t AFTER INSERT ON a BEGIN
         INSERT INTO b (x) VALUES (new.a); END; ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO d",
        "CREATE TABLE a (x, a); CREATE VIEW v AS SELECT x FROM a WHERE x IN a; ALTER TABLE a RENAME a TO b",
        "CREATE TABLE a (x); CREATE VIEW v AS SELECT count(*) AS a FROM a; ALTER TABLE a RENAME TO b",
        "CREATE VIEW v AS SELECT (WITH users AS (SELECT id FROM posts) SELECT max(id) FROM users) AS x;
         ALTER TABLE posts RENAME TO articles",
    ]);
    cannot_tell(&[
        "CREATE VIEW v AS SELECT id, (WITH users AS (SELECT 1 AS y) SELECT y FROM users) FROM users;
         ALTER TABLE users RENAME TO people",
    ]);
}

#[test]
fn a_quoted_name_is_a_text_until_a_column_is_called_so() {
    agree_on(&[
        "CREATE INDEX i ON users (\"nosuch\")",
        "CREATE TABLE a AS SELECT * FROM users; CREATE INDEX i ON a (\"nosuch\" > 0)",
        "ALTER TABLE users ADD COLUMN x INT CHECK (\"nosuch\" > 0)",
        "CREATE TABLE a (x, CHECK (\"y\" > 0 OR 'z' > 0)); ALTER TABLE a ADD COLUMN z; ALTER TABLE a ADD COLUMN y",
    ]);
    cannot_tell(&[
        "CREATE TABLE a (x, CHECK (\"y\" > 0)); ALTER TABLE a RENAME COLUMN x TO y",
        "CREATE TABLE a (x); ALTER TABLE a ADD COLUMN y CHECK (\"z\" > x); ALTER TABLE a DROP COLUMN y",
    ]);
}

#[test]
fn no_table_is_altered_while_a_view_is_broken() {
    agree_on(&[
        "CREATE VIEW v AS SELECT * FROM nosuch; ALTER TABLE users RENAME TO people",
        "CREATE VIEW v AS SELECT * FROM nosuch; ALTER TABLE posts RENAME COLUMN title TO heading",
        "CREATE VIEW v AS SELECT * FROM nosuch; ALTER TABLE posts DROP COLUMN body",
        "CREATE VIEW v AS SELECT * FROM nosuch; ALTER TABLE posts ADD COLUMN more TEXT",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM nosuch; END;
         ALTER TABLE posts RENAME COLUMN title TO heading",
        "CREATE TABLE new (id INTEGER PRIMARY KEY, name); DROP TABLE users; ALTER TABLE new RENAME TO users",
        "PRAGMA legacy_alter_table = ON; DROP TRIGGER count_posts;
         CREATE TABLE new (id INTEGER PRIMARY KEY, x); CREATE VIEW v AS SELECT * FROM gone;
         ALTER TABLE new RENAME TO newer",
        "CREATE VIEW v AS SELECT x FROM a; CREATE VIEW w AS SELECT x FROM v; CREATE TABLE a (x);
         ALTER TABLE posts RENAME TO articles; DROP TABLE a; ALTER TABLE articles RENAME TO posts",
    ]);
    cannot_tell(&[
        "CREATE VIEW v AS SELECT nosuch FROM users; ALTER TABLE posts RENAME TO articles",
        "CREATE VIEW v AS SELECT x FROM (SELECT x AS x FROM users); ALTER TABLE posts DROP COLUMN body",
        "CREATE VIEW v AS SELECT x FROM (SELECT abs(x) AS x FROM users); ALTER TABLE posts DROP COLUMN body",
        "CREATE VIEW v AS SELECT x.id FROM users; ALTER TABLE posts DROP COLUMN body",
        "CREATE VIEW v AS SELECT * FROM w; CREATE VIEW w AS SELECT * FROM v; ALTER TABLE posts RENAME TO a",
        "CREATE VIEW v AS SELECT \"nosuch\" FROM users; ALTER TABLE posts DROP COLUMN body",
        "CREATE VIEW v AS SELECT name FROM users; CREATE VIEW w AS SELECT name FROM v;
         ALTER TABLE users RENAME name TO called",
        "CREATE VIEW v AS SELECT name AS title FROM users ORDER BY title;
         CREATE VIEW w AS SELECT id AS x FROM users ORDER BY x; ALTER TABLE users RENAME age TO x",
        "CREATE TABLE a AS SELECT * FROM users; ALTER TABLE a RENAME name TO x",
        "CREATE TABLE a (first); CREATE VIEW v AS SELECT first FROM a ORDER BY first NULLS FIRST;
         ALTER TABLE a RENAME first TO last",
        "PRAGMA legacy_alter_table = ON; ALTER TABLE users RENAME TO people",
        "CREATE TABLE a ([x y], z); CREATE VIEW v AS SELECT \"x y\" FROM a; ALTER TABLE a DROP [x y]",
        "CREATE TRIGGER t AFTER INSERT ON posts BEGIN INSERT INTO posts (id) VALUES (1)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title; END; ALTER TABLE posts RENAME TO articles",
        "CREATE TABLE a (x, [end], CHECK (CASE WHEN x THEN 1 ELSE 0 END)); ALTER TABLE a DROP COLUMN [end]",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql",
    ]);
}

/// How many problems a script has.
fn problems(catalog: &mut Catalog, script: &str) -> usize {
    let source = Arc::new(Source::new("up.sql", script));
    let parser = sql::parser(Dialect::Sqlite).expect("it is compiled in");
    let parsed = parser.parse(&source, None, &mut Vec::new());
    Application::new(catalog, &source).script(&parsed.statements).len()
}

#[test]
fn what_is_broken_is_so_again_after_going_back() {
    let mut catalog = Catalog::default();
    let sound = "CREATE TABLE a (x); CREATE TABLE b (x); CREATE VIEW v AS SELECT x FROM a;
                 ALTER TABLE b RENAME TO c";
    assert_eq!(problems(&mut catalog, sound), 0);
    let before = catalog.mark();
    assert_eq!(problems(&mut catalog, "DROP TABLE a; ALTER TABLE c RENAME TO b"), 1);
    let broken = catalog.mark();
    assert_eq!(problems(&mut catalog, "CREATE TABLE a (x); ALTER TABLE c RENAME TO b"), 0);
    catalog.rewind(broken);
    assert_eq!(problems(&mut catalog, "ALTER TABLE c RENAME TO b"), 1);
    assert_eq!(problems(&mut catalog, "ALTER TABLE c RENAME TO b"), 1);
    catalog.rewind(before);
    assert_eq!(problems(&mut catalog, "ALTER TABLE c RENAME TO b"), 0);
}

#[test]
fn a_column_goes_with_what_is_written_behind_it_alone() {
    agree_on(&[
        "CREATE TABLE a (x, y, CHECK (x > 0)); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x, y CHECK (x > y)); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x, y CHECK (x > y)); ALTER TABLE a DROP COLUMN y",
        "CREATE TABLE a (x, y CHECK (y > 'x')); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x, y, FOREIGN KEY (y) REFERENCES users); ALTER TABLE a DROP COLUMN y",
        "CREATE TABLE a (x, y REFERENCES users); ALTER TABLE a RENAME y TO z; ALTER TABLE a DROP z",
        "CREATE TABLE a (x, [end], CHECK (CASE WHEN x THEN 1 ELSE 0 END)); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x, y AS (x + 1)); ALTER TABLE a DROP COLUMN x",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE posts SET title = 'x'; END;
         CREATE TABLE a (x, y); CREATE TRIGGER r AFTER INSERT ON a BEGIN UPDATE a SET y = 'x'; END;
         ALTER TABLE a DROP COLUMN y",
        "CREATE TABLE a (x, y); CREATE TRIGGER r AFTER INSERT ON a WHEN new.y > 1 BEGIN SELECT 1; END;
         ALTER TABLE a DROP COLUMN y",
        "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT y FROM a; ALTER TABLE a RENAME y TO z;
         ALTER TABLE a DROP COLUMN z",
    ]);
    cannot_tell(&[
        "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT \"y\" FROM a; ALTER TABLE a DROP COLUMN y",
        "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT [y] FROM a; ALTER TABLE a RENAME y TO z;
         ALTER TABLE a DROP COLUMN z",
        "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT y FROM a; ALTER TABLE a RENAME y TO [z];
         ALTER TABLE a DROP COLUMN z",
    ]);
}

#[test]
fn tables_that_cannot_be_are_not_made() {
    agree_on(&[
        "CREATE TABLE a (x VARCHAR(20)) STRICT",
        "CREATE TABLE a (x) STRICT",
        "CREATE TABLE a (x INT, y ANY) STRICT",
        "ALTER TABLE posts ADD COLUMN more",
        "CREATE TABLE a (x) WITHOUT ROWID",
        "CREATE TABLE a (x PRIMARY KEY, y PRIMARY KEY)",
        "CREATE TABLE a (x, UNIQUE (y))",
        "CREATE TABLE a (x, FOREIGN KEY (y) REFERENCES users)",
        "CREATE TABLE IF NOT EXISTS users (x) WITHOUT ROWID",
    ]);
}

#[test]
fn columns_that_nothing_has_are_not_read() {
    agree_on(&[
        "SELECT nosuch",
        "SELECT nosuch FROM users",
        "SELECT x.name FROM users",
        "SELECT users.nosuch FROM users",
        "UPDATE users SET name = nosuch",
        "DELETE FROM users WHERE nosuch = 1",
        "DELETE FROM users WHERE rowid = 1 AND true AND \"nosuch\" = 'x'",
        "INSERT INTO posts (id, author) SELECT id, nosuch FROM users",
        "INSERT INTO posts (id, author) SELECT id FROM users",
        "INSERT INTO posts SELECT * FROM users",
        "INSERT INTO posts (id, author, title) SELECT id, age, CASE WHEN age THEN 'a' END FROM users AS u",
        "UPDATE users SET name = (SELECT p.title FROM posts p WHERE p.author = users.id ORDER BY p.id DESC LIMIT 1)",
        "WITH c (n) AS (SELECT id FROM users) SELECT n FROM c WHERE n IN (SELECT author FROM posts)",
        "SELECT key, value FROM json_each('[1]')",
        "SELECT name AS who, count(*) OVER w FROM users GROUP BY who WINDOW w AS (PARTITION BY age ORDER BY id)",
        "INSERT INTO users (id, name) SELECT 1, 'a' WHERE true ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        "SELECT CAST(age AS unsigned big int), name COLLATE binary FROM users INDEXED BY sqlite_autoindex_users_1",
        "CREATE TEMP TABLE users (other); SELECT other FROM users",
    ]);
}
