//! The catalog beside MariaDB: the same statements, one by one, and the same schema after each; and
//! where one of the two refuses a statement, so does the other.
#![cfg(unix)]

use std::fmt::Write as _;

use migrate_tests::twins::{OnMariadb, Twins};

fn agree_on(scripts: &[impl AsRef<str>]) {
    let mut wrong = String::new();
    for script in scripts.iter().map(AsRef::as_ref) {
        let mut twins = Twins::new(OnMariadb::new());
        twins.run(BASE).expect("the tables are right");
        if let Err(difference) = twins.run(script) {
            let _ = writeln!(wrong, "{difference}");
        } else if let Some(why) = twins.unclear {
            let _ = writeln!(wrong, "{script}\n  not followed: {why}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const BASE: &str = "
    CREATE TABLE users (
        id INTEGER PRIMARY KEY AUTO_INCREMENT,
        name VARCHAR(50) NOT NULL DEFAULT '',
        email VARCHAR(255) UNIQUE COLLATE utf8mb4_bin COMMENT 'where ''to'' write',
        age INT CHECK (age >= 0),
        CONSTRAINT named CHECK (length(name) < 100)
    ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;
    CREATE TABLE posts (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        author INT NOT NULL,
        title VARCHAR(100) CHARACTER SET latin1,
        body TEXT,
        shout VARCHAR(120) AS (concat(title, '!')) STORED,
        at DATETIME(3) DEFAULT NOW(3) ON UPDATE CURRENT_TIMESTAMP(3),
        PRIMARY KEY (id),
        KEY (title, at),
        FOREIGN KEY (author) REFERENCES users (id) ON DELETE CASCADE ON UPDATE RESTRICT
    ) DEFAULT CHARSET=utf8mb4 COMMENT='what is said';
    CREATE VIEW authors AS SELECT u.name FROM users AS u JOIN posts ON posts.author = u.id;
    CREATE TRIGGER count_posts AFTER INSERT ON posts FOR EACH ROW
        UPDATE users SET age = age + 1 WHERE id = NEW.author;
";

#[test]
fn keys_hold_the_beginnings_of_texts_alone() {
    let key = "CREATE TABLE t (a VARCHAR(30) NOT NULL, UNIQUE i (a(5)))";
    let types = [
        "INT",
        "ENUM('x')",
        "DECIMAL(10,2)",
        "TIMESTAMP",
        "BIT(9)",
        "INET6",
        "TEXT",
        "JSON",
        "BINARY(20)",
        "VARBINARY(5)",
        "CHAR(6)",
        "LONGBLOB",
    ];
    let scripts = types.map(|ty| format!("{key}; ALTER TABLE t MODIFY a {ty}"));
    agree_on(&scripts);
}

#[test]
fn what_the_server_may_do_without_a_word_is_not_followed() {
    for (script, why) in [
        (
            "CREATE TABLE t (a INT, n TEXT UNIQUE, \
             CONSTRAINT k FOREIGN KEY (a) REFERENCES users (id)); \
             ALTER TABLE t DROP CONSTRAINT k",
            "`DROP CONSTRAINT` may find nothing beside a unique key that is a hash: \
             `DROP FOREIGN KEY` and `DROP INDEX` do",
        ),
        (
            "CREATE TABLE t (a INT DEFAULT length(user()), b DATE DEFAULT CURRENT_DATE, \
             c INT DEFAULT (a + nothing))",
            "an expression may name what is no column of the table",
        ),
    ] {
        let mut twins = Twins::new(OnMariadb::new());
        twins.run(BASE).expect("the tables are right");
        let _ = twins.run(script);
        assert_eq!(twins.unclear, Some(why), "{script}");
    }
}

#[test]
fn what_counts_leads_a_key_but_where_the_engine_counts_within_it() {
    let scripts = ["InnoDB", "MyISAM"].map(|engine| {
        format!(
            "CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b INT, KEY (b, a)) ENGINE={engine};
             ALTER TABLE t DROP PRIMARY KEY; ALTER TABLE t DROP KEY b"
        )
    });
    agree_on(&scripts);
}

#[test]
fn unique_keys_are_hashes_as_long_as_they_have_to_be() {
    agree_on(&[
        "ALTER TABLE posts ADD UNIQUE whole (body); ALTER TABLE posts MODIFY body VARCHAR(20)",
        "ALTER TABLE posts ADD UNIQUE whole (body); ALTER TABLE posts ADD note INT; ALTER TABLE posts RENAME TO p",
        "CREATE TABLE a (x INT, y VARCHAR(9), UNIQUE k (y) USING HASH, KEY l (x) USING HASH); \
         ALTER TABLE a ALTER COLUMN x SET DEFAULT 3",
        "CREATE TABLE a (y VARCHAR(9), UNIQUE k (y) USING HASH); ALTER TABLE a COMMENT = 'x'",
        "CREATE TABLE a (x INT, y VARCHAR(9), UNIQUE k (y) USING HASH); CREATE INDEX i ON a (x)",
        "CREATE TABLE a (x INT, y VARCHAR(9), UNIQUE k (y) USING HASH); ALTER TABLE a RENAME COLUMN x TO z",
    ]);
}

#[test]
fn an_index_with_another_name_is_no_more_the_servers_own() {
    const KEY: &str =
        "CREATE TABLE a (x INT REFERENCES users (id)); ALTER TABLE a RENAME INDEX x TO v";
    agree_on(&[
        &format!("{KEY}; CREATE INDEX i ON a (x)"),
        &format!("{KEY}; ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES a (x)"),
    ]);
}

#[test]
fn a_column_that_is_there_gets_its_keys_all_the_same() {
    agree_on(&[
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INT UNIQUE CHECK (age > 3)",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS email VARCHAR(255) UNIQUE",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INT PRIMARY KEY",
        "CREATE TABLE a (x INT); ALTER TABLE a ADD COLUMN IF NOT EXISTS x INT PRIMARY KEY FIRST",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INT REFERENCES users (id)",
        "ALTER TABLE users ADD INDEX IF NOT EXISTS (age); ALTER TABLE users ADD INDEX IF NOT EXISTS (age)",
        "ALTER TABLE users ADD FOREIGN KEY IF NOT EXISTS (age) REFERENCES users (id); \
         ALTER TABLE users ADD FOREIGN KEY IF NOT EXISTS (age) REFERENCES users (id)",
    ]);
}

#[test]
fn queries_say_whose_column_they_mean() {
    agree_on(&[
        "CREATE VIEW v AS SELECT title FROM users JOIN posts ON users.id = author",
        "CREATE VIEW v AS SELECT id FROM users JOIN posts ON users.id = author",
        "CREATE VIEW v AS SELECT users.id FROM users, posts WHERE id = author",
        "CREATE VIEW v AS SELECT users.id FROM users, posts ORDER BY id",
        "CREATE VIEW v AS SELECT id FROM users JOIN posts USING (id)",
        "CREATE VIEW v AS SELECT a.name FROM users AS a JOIN users AS b ON a.id = b.age",
        "CREATE VIEW v AS SELECT name FROM users WHERE EXISTS (SELECT id FROM posts)",
        "CREATE VIEW v AS SELECT id FROM users UNION SELECT id FROM posts",
    ]);
}

#[test]
fn tables_are_made_and_dropped() {
    agree_on(&[
        "CREATE TABLE a (x INT)",
        "CREATE TABLE users (x INT)",
        "CREATE TABLE Users (x INT)",
        "CREATE TABLE IF NOT EXISTS users (x INT)",
        "CREATE TABLE authors (x INT)",
        "CREATE OR REPLACE TABLE posts (x INT)",
        "CREATE OR REPLACE TABLE users (x INT)",
        "CREATE TABLE a LIKE posts; ALTER TABLE a ADD KEY (author, id)",
        "CREATE TABLE a LIKE nosuch",
        "CREATE TABLE a LIKE authors",
        "CREATE TABLE a AS SELECT * FROM users; DROP TABLE a",
        "CREATE TABLE a SELECT * FROM nosuch",
        "CREATE TEMPORARY TABLE users (x INT); INSERT INTO users VALUES (1); DROP TABLE users;",
        "DROP TABLE posts",
        "DROP TABLE users",
        "DROP TABLE posts, users",
        "DROP TABLE nosuch",
        "DROP TABLE IF EXISTS nosuch, posts",
        "DROP TABLE authors",
        "DROP TABLE IF EXISTS authors",
        "DROP TABLE Users",
        "SET STATEMENT foreign_key_checks = 0 FOR CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES b (y)) COLLATE latin1_bin CHARSET latin1",
        "SET foreign_key_checks = 0; DROP TABLE users; CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES b (y))",
        "CREATE TABLE a (x INT, X INT)",
        "CREATE TABLE a (x INT) ENGINE=MyISAM ROW_FORMAT=DYNAMIC COMMENT 'it''s' CHARSET latin1 COLLATE latin1_bin",
        "CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES users (id)) ENGINE=MyISAM",
        "CREATE TABLE a (x INT) PARTITION BY HASH (x) PARTITIONS 4",
    ]);
}

#[test]
fn types_are_those_that_the_server_shows() {
    agree_on(&[
        "CREATE TABLE a (a INTEGER, b BOOL, c NUMERIC, d DEC(5), e REAL, f FLOAT(5), g FLOAT(30),
             h FLOAT(7,2), i DOUBLE PRECISION, k NCHAR(3), l NVARCHAR(4), m LONG, n LONG VARBINARY,
             o TEXT(100), p TEXT(70000), q BLOB(10), r CHAR, s VARCHAR(3) ASCII, t VARCHAR(3) UNICODE,
             u VARCHAR(3) BYTE, v YEAR, w FIXED(3,1), x INT1, y INT8 SIGNED, z MIDDLEINT)",
        "CREATE TABLE a (a INT(5) UNSIGNED ZEROFILL, b SERIAL, c SMALLINT UNSIGNED, d BIT, e BIT(7),
             f BINARY, g VARBINARY(10), h DATE, i TIME(2), j TIMESTAMP NULL, k DATETIME(6), l JSON,
             m UUID, n INET6, o GEOMETRY, p POINT NOT NULL, q ENUM('a', \"it's\", 'c '), r SET('x','y'))",
        "CREATE TABLE a (a CHARACTER VARYING(5), b NATIONAL VARCHAR(5), c CHAR(5) BINARY, d CHAR(5) CHARSET binary,
             e TEXT CHARACTER SET utf8 COLLATE utf8_unicode_ci, f VARCHAR(5) COLLATE 'latin1_bin')",
        "CREATE TABLE a (a INT DEFAULT '0', b DECIMAL(10,2) DEFAULT 1, c VARCHAR(5) DEFAULT 1, d BOOL DEFAULT TRUE,
             e FLOAT DEFAULT 1.50, f DOUBLE DEFAULT '2', g DATETIME DEFAULT '2000-01-01', h DATE DEFAULT '2000-01-01',
             i TIMESTAMP DEFAULT NOW(), k ENUM('a','b') DEFAULT 'a', m BIT(3) DEFAULT b'101', n TEXT DEFAULT 'x',
             p YEAR DEFAULT 2000, q VARCHAR(3) DEFAULT (upper('x')), r TIME DEFAULT '10:00', s INT DEFAULT -1,
             u INT DEFAULT (1+1), v TINYINT(1) DEFAULT FALSE, w INT UNSIGNED DEFAULT 5, y CHAR(3) DEFAULT NULL,
             z VARCHAR(20) DEFAULT 'it''s \\\\ \"q\"')",
        "CREATE TABLE a (a DECIMAL(5,2) DEFAULT -0.5, b DECIMAL(4,0) NOT NULL DEFAULT '12', c DATETIME(2) DEFAULT '2000-01-01 10:00:00',
             d DECIMAL(5,3) DEFAULT 0, e DOUBLE DEFAULT 0, f FLOAT DEFAULT '0.0', g BIGINT DEFAULT 00012)",
        "CREATE TABLE a (x INT COMMENT 'a' INVISIBLE, y INT AS (x + 1) VIRTUAL UNIQUE, z INT GENERATED ALWAYS AS (x * 2) PERSISTENT)",
        "CREATE TABLE a (x INT NULL PRIMARY KEY, y INT NOT NULL NULL, z INT UNIQUE KEY, w INT KEY)",
        "CREATE TABLE a (x INT NULL PRIMARY KEY, y INT NOT NULL NULL, z INT UNIQUE KEY)",
        "CREATE TABLE a (x TEXT, y VARCHAR(3) COLLATE utf8mb4_bin, z CHAR(5) CHARSET latin1 COLLATE latin1_bin, w CHAR(3) BINARY) CHARSET latin1",
    ]);
}

#[test]
fn keys_have_the_names_that_the_server_gives() {
    agree_on(&[
        "CREATE TABLE a (x INT UNIQUE, y INT, KEY (x), KEY (x, y), UNIQUE KEY (y), INDEX named (y DESC, x))",
        "CREATE TABLE a (x INT, KEY (x), KEY x (x))",
        "CREATE TABLE a (x INT, KEY (x), KEY (x), KEY x_2 (x))",
        "CREATE TABLE a (x INT, KEY (nosuch))",
        "CREATE TABLE a (x INT, KEY (x, x))",
        "CREATE TABLE a (x INT PRIMARY KEY, y INT PRIMARY KEY)",
        "CREATE TABLE a (x TEXT, y VARCHAR(10), KEY (x(10)), UNIQUE (x(20)), FULLTEXT (x), FULLTEXT f (y), KEY (y(10)), KEY (y(5)))",
        "CREATE TABLE a (x INT, y INT, CONSTRAINT c UNIQUE (x), CONSTRAINT d UNIQUE e (y), CONSTRAINT f PRIMARY KEY USING BTREE (y))",
        "CREATE TABLE a (x INT, KEY k (x) USING HASH COMMENT 'c' KEY_BLOCK_SIZE 4, KEY l (x) IGNORED)",
        "CREATE TABLE a (x INT AUTO_INCREMENT)",
        "CREATE TABLE a (x INT AUTO_INCREMENT, y INT, KEY (y, x))",
        "CREATE TABLE a (x INT AUTO_INCREMENT, y INT, KEY (x, y))",
        "CREATE INDEX i ON users (name, age)",
        "CREATE INDEX i ON users (nosuch)",
        "CREATE INDEX i ON nosuch (x)",
        "CREATE INDEX i ON authors (name)",
        "CREATE INDEX email ON users (name)",
        "CREATE INDEX IF NOT EXISTS email ON users (name)",
        "CREATE UNIQUE INDEX i USING BTREE ON users (name(10)) COMMENT 'x' ALGORITHM=INPLACE LOCK=NONE",
        "CREATE FULLTEXT INDEX i ON users (name)",
        "CREATE INDEX email ON posts (title)",
        "CREATE INDEX i ON posts (author)",
        "DROP INDEX email ON users",
        "DROP INDEX nosuch ON users",
        "DROP INDEX IF EXISTS nosuch ON users",
        "DROP INDEX author ON posts",
        "DROP INDEX `PRIMARY` ON posts",
    ]);
}

#[test]
fn foreign_keys_bring_their_index() {
    agree_on(&[
        "CREATE TABLE a (x INT REFERENCES users (id), y INT CONSTRAINT foo REFERENCES users (id), z INT, w INT,
             CONSTRAINT k FOREIGN KEY i (z) REFERENCES users (id), FOREIGN KEY j (w) REFERENCES users (id))",
        "CREATE TABLE a (x INT, y INT, FOREIGN KEY (x) REFERENCES users (id), KEY (x, y))",
        "CREATE TABLE a (x INT, y INT, KEY (x, y), FOREIGN KEY (x) REFERENCES users (id) ON DELETE SET NULL)",
        "CREATE TABLE a (x INT NOT NULL, FOREIGN KEY (x) REFERENCES users (id) ON DELETE SET NULL)",
        "CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES nosuch (id))",
        "CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES users (age))",
        "CREATE TABLE a (x BIGINT, FOREIGN KEY (x) REFERENCES users (id))",
        "CREATE TABLE a (x INT UNSIGNED, FOREIGN KEY (x) REFERENCES users (id))",
        "CREATE TABLE a (x INT, FOREIGN KEY (nosuch) REFERENCES users (id))",
        "CREATE TABLE a (x INT PRIMARY KEY, y INT, FOREIGN KEY (y) REFERENCES a (x))",
        "ALTER TABLE posts ADD INDEX z (author, id)",
        "ALTER TABLE posts ADD INDEX z (author, id); ALTER TABLE posts DROP INDEX z",
        "ALTER TABLE posts DROP FOREIGN KEY posts_ibfk_1",
        "ALTER TABLE posts DROP FOREIGN KEY posts_ibfk_1, DROP KEY author",
        "ALTER TABLE posts DROP FOREIGN KEY posts_ibfk_1, ADD FOREIGN KEY (author) REFERENCES users (id)",
        "ALTER TABLE posts DROP FOREIGN KEY nosuch",
        "ALTER TABLE posts DROP FOREIGN KEY IF EXISTS nosuch",
        "ALTER TABLE posts ADD CONSTRAINT mine FOREIGN KEY (author) REFERENCES users (id)",
        "ALTER TABLE posts ADD editor INT, ADD FOREIGN KEY (editor) REFERENCES users (id) ON DELETE SET NULL",
        "ALTER TABLE posts ADD editor INT REFERENCES users (id)",
        "ALTER TABLE posts DROP CONSTRAINT posts_ibfk_1",
        "ALTER TABLE posts DROP COLUMN author",
        "ALTER TABLE users DROP COLUMN id",
        "ALTER TABLE users MODIFY id INT, DROP PRIMARY KEY",
        "ALTER TABLE users CHANGE id nr INT AUTO_INCREMENT",
        "ALTER TABLE posts CHANGE author writer INT NOT NULL",
        "RENAME TABLE users TO people; ALTER TABLE posts RENAME articles",
        "RENAME TABLE users TO people, posts TO articles, people TO users",
        "RENAME TABLE users TO posts",
        "RENAME TABLE nosuch TO a",
        "RENAME TABLE IF EXISTS nosuch TO a",
        "RENAME TABLE authors TO writers; DROP VIEW writers",
        "ALTER TABLE authors RENAME writers",
    ]);
}

#[test]
fn tables_are_altered() {
    agree_on(&[
        "ALTER TABLE users ADD COLUMN town TEXT NOT NULL AFTER name, ADD first_one INT FIRST, ADD (p INT, q INT UNIQUE, KEY (p))",
        "ALTER TABLE users ADD name TEXT",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS name TEXT, DROP COLUMN IF EXISTS nosuch, MODIFY IF EXISTS nosuch INT",
        "ALTER TABLE users ADD x INT AFTER nosuch",
        "ALTER TABLE nosuch ADD COLUMN x INT",
        "ALTER TABLE IF EXISTS nosuch ADD COLUMN x INT",
        "ALTER TABLE authors ADD COLUMN x INT",
        "ALTER TABLE users DROP COLUMN email",
        "ALTER TABLE users DROP age, DROP nosuch",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE posts DROP COLUMN title",
        "ALTER TABLE posts DROP COLUMN shout, DROP COLUMN title",
        "ALTER TABLE posts DROP COLUMN at",
        "ALTER TABLE posts DROP COLUMN id",
        "CREATE TABLE a (x INT); ALTER TABLE a DROP COLUMN x",
        "CREATE TABLE a (x INT, y INT, z INT, UNIQUE (x, y), KEY (x, z), KEY (z)); ALTER TABLE a DROP z; ALTER TABLE a DROP x",
        "CREATE TABLE a (x INT, y INT, CHECK (x > 1), CHECK (x > y), CONSTRAINT c CHECK (y > 1)); ALTER TABLE a DROP y",
        "CREATE TABLE a (x INT, y INT, CONSTRAINT c CHECK (y > 1)); ALTER TABLE a DROP y",
        "ALTER TABLE users MODIFY name VARCHAR(20) NULL FIRST, MODIFY email TEXT",
        "ALTER TABLE users MODIFY email VARCHAR(10)",
        "ALTER TABLE users CHANGE COLUMN name title VARCHAR(60) DEFAULT 'x' AFTER email",
        "ALTER TABLE users CHANGE name email VARCHAR(60)",
        "ALTER TABLE users MODIFY id INT",
        "ALTER TABLE posts MODIFY id BIGINT UNSIGNED NULL",
        "ALTER TABLE users RENAME COLUMN name TO title",
        "ALTER TABLE users RENAME COLUMN nosuch TO x",
        "ALTER TABLE users RENAME COLUMN name TO age, RENAME COLUMN age TO name",
        "ALTER TABLE users ALTER age SET DEFAULT 5, ALTER COLUMN name DROP DEFAULT",
        "ALTER TABLE users ALTER age SET DEFAULT '7', ALTER nosuch SET DEFAULT 1",
        "CREATE TABLE a (x DECIMAL(5,2)); ALTER TABLE a ALTER x SET DEFAULT 1",
        "ALTER TABLE users ADD CHECK (age < 200), ADD CONSTRAINT CHECK (age <> 7), ADD CONSTRAINT old CHECK (age > 1)",
        "ALTER TABLE users ADD CONSTRAINT named CHECK (age > 1)",
        "ALTER TABLE users DROP CONSTRAINT named",
        "ALTER TABLE users DROP CONSTRAINT nosuch",
        "ALTER TABLE users DROP CONSTRAINT IF EXISTS nosuch",
        "ALTER TABLE users DROP CONSTRAINT email",
        "ALTER TABLE users MODIFY age INT CHECK (age > 3); ALTER TABLE users MODIFY age INT",
        "ALTER TABLE users ADD UNIQUE (name, age), ADD INDEX (age), ADD FULLTEXT INDEX words (name)",
        "ALTER TABLE users ADD PRIMARY KEY (name)",
        "ALTER TABLE users DROP PRIMARY KEY, ADD PRIMARY KEY (id)",
        "ALTER TABLE posts MODIFY id INT, DROP PRIMARY KEY; ALTER TABLE posts ADD PRIMARY KEY (title)",
        "ALTER TABLE posts DROP PRIMARY KEY",
        "ALTER TABLE users DROP INDEX email, ADD UNIQUE email (email, name)",
        "ALTER TABLE users RENAME INDEX email TO mail; ALTER TABLE users RENAME KEY nosuch TO x",
        "ALTER TABLE users RENAME INDEX email TO mail, ADD KEY mail (age)",
        "ALTER TABLE users ADD INDEX IF NOT EXISTS email (age), ADD INDEX IF NOT EXISTS other (age)",
        "ALTER TABLE users ENGINE=InnoDB, COMMENT='x', AUTO_INCREMENT=100 ROW_FORMAT=COMPRESSED, ALGORITHM=COPY, LOCK=SHARED",
        "ALTER TABLE posts DEFAULT CHARSET latin1, ADD x TEXT",
        "ALTER TABLE posts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "CREATE TABLE a (x TEXT, y TINYTEXT, z VARCHAR(10)) CHARSET utf8mb3; ALTER TABLE a CONVERT TO CHARSET utf8mb4",
        "ALTER TABLE users RENAME TO people, ADD x INT",
        "ALTER TABLE users RENAME posts",
        "ALTER TABLE users FORCE, RENAME TO users",
        "ALTER TABLE users ADD INDEX i (age), ADD INDEX j (name); ALTER TABLE users RENAME INDEX i TO j, RENAME INDEX j TO i",
        "ALTER TABLE posts ROW_FORMAT=COMPRESSED; ALTER TABLE posts ROW_FORMAT=DEFAULT, COMMENT '', STATS_PERSISTENT=DEFAULT",
        "ALTER TABLE users ADD y INT AS (age + 1)",
        "ALTER TABLE users ADD z INT AUTO_INCREMENT UNIQUE",
        "ALTER TABLE posts MODIFY at TIMESTAMP NULL",
    ]);
}

#[test]
fn views_triggers_and_programs_are_made_and_dropped() {
    agree_on(&[
        "CREATE VIEW v AS WITH c AS (SELECT 1 AS n), d AS (SELECT n FROM c) SELECT d.* FROM d, users",
        "CREATE VIEW authors AS SELECT 1",
        "CREATE OR REPLACE VIEW authors AS SELECT 1 AS one",
        "CREATE OR REPLACE VIEW users AS SELECT 1",
        "CREATE VIEW IF NOT EXISTS authors AS SELECT 1",
        "CREATE VIEW v AS SELECT * FROM nosuch",
        "CREATE SQL SECURITY INVOKER VIEW v (a) AS SELECT name FROM users WHERE age > 3 WITH CHECK OPTION",
        "DROP VIEW authors",
        "DROP VIEW users",
        "DROP VIEW IF EXISTS nosuch",
        "DROP VIEW nosuch",
        "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW SET NEW.age = 1",
        "CREATE TRIGGER t BEFORE UPDATE ON nosuch FOR EACH ROW SET @a = 1",
        "CREATE TRIGGER t BEFORE UPDATE ON authors FOR EACH ROW SET @a = 1",
        "CREATE TRIGGER count_posts BEFORE UPDATE ON users FOR EACH ROW SET @a = 1",
        "CREATE OR REPLACE TRIGGER count_posts BEFORE UPDATE ON posts FOR EACH ROW SET @a = 1",
        "CREATE TRIGGER IF NOT EXISTS count_posts BEFORE UPDATE ON users FOR EACH ROW SET @a = 1",
        "DROP TRIGGER count_posts",
        "DROP TRIGGER nosuch",
        "DROP TRIGGER IF EXISTS nosuch",
        "CREATE PROCEDURE p() SELECT 1; CREATE PROCEDURE P() SELECT 2",
        "CREATE PROCEDURE p() BEGIN SELECT 1; END; DROP PROCEDURE P; DROP PROCEDURE p",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1; CREATE PROCEDURE f() SELECT 1; DROP FUNCTION f",
        "CREATE OR REPLACE PROCEDURE p() SELECT 1; CREATE OR REPLACE PROCEDURE p() SELECT 2; DROP PROCEDURE IF EXISTS q",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM posts; DROP EVENT e",
        "CREATE SEQUENCE s START WITH 5; DROP SEQUENCE s",
        "CREATE SEQUENCE users",
        "CREATE SEQUENCE s; CREATE TABLE s (x INT); DROP TABLE s",
    ]);
}

#[test]
fn rows_are_about_tables_that_are_there() {
    agree_on(&[
        "INSERT INTO users (name, email) VALUES ('a', 'b'), ('c', 'd')",
        "INSERT INTO users (name, nosuch) VALUES ('a', 'b')",
        "INSERT INTO users (name) VALUES ('a', 'b')",
        "INSERT INTO nosuch VALUES (1)",
        "INSERT INTO users () VALUES ()",
        "INSERT INTO users VALUES (7, 'x', 'y', 3)",
        "INSERT INTO users VALUES (7, 'x')",
        "INSERT IGNORE INTO users SET name = 'a', age = 4 ON DUPLICATE KEY UPDATE name = 'b', age = 5",
        "INSERT INTO users SET nosuch = 1",
        "INSERT INTO users (name) SELECT title FROM posts WHERE title IS NOT NULL ON DUPLICATE KEY UPDATE name = 'x', age = 3",
        "INSERT INTO users (name) (SELECT title FROM nosuch)",
        "REPLACE users (id) VALUES (1)",
        "UPDATE users SET name = 'x', age = (SELECT count(*) FROM posts)",
        "UPDATE users u SET u.name = 'x' WHERE u.id = 3 ORDER BY id LIMIT 3",
        "UPDATE users SET nosuch = 1",
        "UPDATE nosuch SET x = 1",
        "UPDATE users u JOIN posts p ON p.author = u.id SET u.age = 1, p.title = 'x' WHERE p.id = 1",
        "UPDATE users u, nosuch n SET u.age = n.x",
        "DELETE FROM users WHERE id NOT IN (SELECT author FROM posts)",
        "DELETE FROM nosuch",
        "DELETE FROM users WHERE nosuch = 1",
        "DELETE FROM users WHERE (age > 1 AND nosuch IS NULL)",
        "DELETE FROM users WHERE age > 1 OR name LIKE 'x%' AND id BETWEEN 1 AND 3",
        "DELETE FROM users WHERE current_date < '2020-01-01' AND NOT id = 3 AND BINARY name = 'x'",
        "DELETE FROM users WHERE id IN (SELECT id FROM posts WHERE author = 3)",
        "DELETE FROM users WHERE _rowid = 3",
        "UPDATE users SET age = 1 WHERE nosuch <=> 1",
        "UPDATE users AS u SET u.age = 1 WHERE id = 3 AND `Age` <> 4",
        "DELETE u FROM users AS u JOIN posts p ON p.author = u.id WHERE p.id = 3",
        "DELETE FROM u USING users AS u LEFT JOIN posts p USING (id) WHERE p.id = 3",
        "TRUNCATE posts",
        "TRUNCATE TABLE nosuch",
        "SELECT trim(LEADING 'x' FROM name), extract(YEAR FROM at) FROM authors, (SELECT 1) AS one, posts",
        "SELECT * FROM users, nosuch",
        "SELECT * FROM (users CROSS JOIN posts) STRAIGHT_JOIN users AS v FORCE INDEX FOR JOIN (PRIMARY)",
        "SELECT * FROM users USE INDEX (email), posts WHERE users.id = 1 UNION SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 FROM dual",
        "SELECT count(*) INTO @n FROM users",
        "SELECT table_name FROM information_schema.tables LIMIT 1",
        "WITH old AS (SELECT id FROM users) SELECT * FROM old, posts",
    ]);
}

#[test]
fn a_seed_goes_up_and_down() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds");
    let migrations = seeds.join("rooms/mysql/migrations");
    let entries = std::fs::read_dir(migrations).expect("it is there");
    let mut migrations: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    migrations.sort();
    assert!(migrations.len() > 1, "too few to tell anything");
    let mut twins = Twins::new(OnMariadb::new());
    for migration in &migrations {
        for script in ["up.sql", "down.sql", "up.sql"] {
            let text = std::fs::read_to_string(migration.join(script)).expect("a script");
            twins.run(&text).unwrap_or_else(|difference| panic!("{difference}"));
        }
    }
}
