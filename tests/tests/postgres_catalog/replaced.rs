//! What takes the place of something that is there, and has to be like it.

use diesel::prelude::*;
use migrate_tests::server::Postgres;
use migrate_tests::twins::{OnPostgres, Twins};

use crate::{BASE, agree_on};

#[test]
fn a_view_that_is_replaced_keeps_its_columns() {
    let first = "CREATE VIEW w AS SELECT id, u.name, count(*) AS n, length(email) \
                 FROM users u GROUP BY u.id";
    let others = [
        "SELECT id, name, count(*) AS n, length(email) FROM users WHERE age > 3 GROUP BY id",
        "SELECT u.id, name, count(email) AS n, length(email), age FROM users AS u GROUP BY id",
        "SELECT id, u.name, count(*) AS n FROM users u GROUP BY u.id",
        "SELECT id, u.name, length(email), count(*) AS n FROM users u GROUP BY u.id",
        "SELECT u.name, id, count(*) AS n, length(email) FROM users u GROUP BY u.id",
        "SELECT age, u.name, count(*) AS n, length(email) FROM users u GROUP BY u.id",
        "SELECT id, email AS name, count(*) AS n, length(email) FROM users u GROUP BY u.id",
        "SELECT id, u.name, concat(name) AS n, length(email) FROM users u GROUP BY u.id",
    ];
    let replaced = others.map(|other| format!("{first}; CREATE OR REPLACE VIEW w AS {other}"));
    agree_on(&replaced);
    agree_on(&[
        "CREATE VIEW w AS SELECT * FROM posts; ALTER TABLE posts ADD more INT; \
         CREATE OR REPLACE VIEW w AS SELECT * FROM posts; \
         CREATE OR REPLACE VIEW w AS SELECT p.id FROM posts p",
        "CREATE VIEW w AS SELECT title AS t, p.*, 1 AS one FROM posts AS p; \
         CREATE OR REPLACE VIEW w AS SELECT title AS t, p.*, 1 AS one, author AS by FROM posts p; \
         CREATE OR REPLACE VIEW w AS SELECT p.*, title AS t, 1 AS one, author AS by FROM posts p",
        "CREATE VIEW w AS SELECT title, p.* FROM posts AS p",
        "CREATE VIEW w AS SELECT p.id, u.id FROM posts p JOIN users u ON u.id = p.author",
        "CREATE VIEW w (a, b) AS SELECT p.id, u.id FROM posts p JOIN users u ON u.id = p.author",
        "CREATE VIEW w (a, b) AS SELECT id, title FROM posts; \
         CREATE OR REPLACE VIEW w AS SELECT id AS a, title AS b, author FROM posts; \
         CREATE OR REPLACE VIEW w (x, y, z) AS SELECT id, title, author FROM posts",
        "CREATE VIEW w AS SELECT id, age - 1 AS a, CASE WHEN feels = 'ok' THEN 1 ELSE 0 END FROM users; \
         CREATE OR REPLACE VIEW w AS \
         SELECT id, age * 2 AS a, CASE WHEN feels > 'sad' THEN 2 ELSE 3 END FROM users",
        "CREATE VIEW w AS SELECT * FROM users AS u (a, b); \
         CREATE OR REPLACE VIEW w AS SELECT * FROM users AS u (a, b)",
        "CREATE TYPE pair AS (x INT, y INT); CREATE TABLE pairs (of pair); \
         CREATE VIEW w AS SELECT (of).* FROM pairs; CREATE OR REPLACE VIEW w AS SELECT (of).* FROM pairs",
        r#"CREATE TABLE odd ("from" INT, "select" INT, a INT);
           CREATE VIEW w AS SELECT a, "from" FROM odd; CREATE VIEW v AS SELECT "select" FROM odd"#,
        // The view's column keeps the name of the table's.
        "CREATE VIEW w AS SELECT title FROM posts; ALTER TABLE posts RENAME title TO t; \
         CREATE OR REPLACE VIEW w AS SELECT t FROM posts; \
         CREATE OR REPLACE VIEW w AS SELECT t AS title FROM posts",
        "CREATE MATERIALIZED VIEW w AS SELECT id FROM posts; \
         CREATE OR REPLACE VIEW w AS SELECT id FROM posts",
        "CREATE VIEW w AS WITH z AS (SELECT id FROM posts) SELECT id FROM z; \
         CREATE OR REPLACE VIEW w AS SELECT author AS a FROM posts",
        "CREATE VIEW w AS SELECT id FROM posts UNION SELECT id FROM users; \
         CREATE OR REPLACE VIEW w AS SELECT 1 AS a UNION SELECT 2",
        "CREATE VIEW w AS SELECT DISTINCT ON (author) author, id FROM posts ORDER BY author; \
         CREATE OR REPLACE VIEW w AS SELECT DISTINCT author, id FROM posts",
    ]);
}

#[test]
fn a_view_of_which_the_columns_are_not_known_is_not_taken_to_keep_them() {
    let database = Postgres::shared().database();
    let mut connection = PgConnection::establish(&database.url()).expect("a connection");
    for (old, new) in [
        (
            "SELECT id, length(title) AS n FROM posts",
            "SELECT id, length(title) + 1 AS n FROM posts",
        ),
        // The server calls both as the second.
        ("SELECT trim(title) FROM posts", "SELECT btrim(title) FROM posts"),
        ("SELECT title AS \"from\" FROM posts", "SELECT title AS \"from\", id FROM posts"),
        ("SELECT * FROM posts p, users u (a, b)", "SELECT * FROM posts p, users u (a, b) LIMIT 1"),
        ("SELECT n FROM generate_series(1, 2) AS n", "SELECT n FROM generate_series(1, 9) AS n"),
        ("WITH z AS (SELECT 1 AS a) SELECT a FROM z", "WITH z AS (SELECT 2 AS a) SELECT a FROM z"),
    ] {
        let mut twins = Twins::new(OnPostgres::begin(&mut connection));
        twins.run(BASE).expect("the tables are right");
        let _ = twins.run(&format!("CREATE VIEW w AS {old}; CREATE OR REPLACE VIEW w AS {new}"));
        let why = "whether the view keeps the names and types of its columns is not followed";
        assert_eq!(twins.unclear, Some(why), "{new}");
    }
}

#[test]
fn a_routine_that_is_replaced_keeps_what_calls_rely_on() {
    let first = "CREATE FUNCTION k(a INT, b TEXT = 'x') RETURNS INT LANGUAGE sql AS 'SELECT 1'";
    let others = [
        "k(a INTEGER, b TEXT = 'y') RETURNS int4 STABLE LANGUAGE sql AS 'SELECT 2'",
        "k(a INT = 1, b TEXT = 'x') RETURNS INT STRICT LANGUAGE sql AS $$ SELECT 3 $$",
        "k(a INT, b TEXT) RETURNS INT LANGUAGE sql AS 'SELECT 1'",
        "k(a INT, b TEXT = 'x') RETURNS BIGINT LANGUAGE sql AS 'SELECT 1::bigint'",
        "k(a INT, b TEXT = 'x') RETURNS SETOF INT LANGUAGE sql AS 'SELECT 1'",
        "k(a INT) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'returns' $$",
    ];
    let replaced = others.map(|other| format!("{first}; CREATE OR REPLACE FUNCTION {other}"));
    agree_on(&replaced);
    agree_on(&[
        &format!("{first}; CREATE OR REPLACE PROCEDURE k(a INT, b TEXT) LANGUAGE sql AS ''"),
        "CREATE FUNCTION k() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; \
         CREATE OR REPLACE FUNCTION k() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$; \
         CREATE OR REPLACE FUNCTION k() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ]);
}
