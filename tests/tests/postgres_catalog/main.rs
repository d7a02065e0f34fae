//! The catalog beside PostgreSQL: the same statements, one by one, and the same schema after each;
//! and where one of the two refuses a statement, so does the other.

mod replaced;

use std::fmt::Write as _;

use diesel::prelude::*;
use migrate_tests::server::Postgres;
use migrate_tests::twins::{OnPostgres, Twins};

fn agree_on(scripts: &[impl AsRef<str>]) {
    let database = Postgres::shared().database();
    let mut connection = PgConnection::establish(&database.url()).expect("a connection");
    let mut wrong = String::new();
    for script in scripts.iter().map(AsRef::as_ref) {
        let mut twins = Twins::new(OnPostgres::begin(&mut connection));
        if let Err(difference) = twins.run(BASE).and_then(|()| twins.run(script)) {
            let _ = writeln!(wrong, "{difference}");
        } else if let Some(why) = twins.unclear {
            let _ = writeln!(wrong, "{script}\n  not followed: {why}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const BASE: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE users (
        id SERIAL PRIMARY KEY,
        name VARCHAR(100) NOT NULL DEFAULT '' CHECK (name <> 'root'),
        email TEXT UNIQUE,
        age INT CHECK (age >= 0),
        feels mood NOT NULL DEFAULT 'ok'::mood,
        made TIMESTAMPTZ DEFAULT now(),
        CONSTRAINT named CHECK (length(name) < 100 AND age < 200)
    );
    CREATE TABLE posts (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        author INTEGER NOT NULL REFERENCES users ON DELETE CASCADE ON UPDATE SET NULL,
        title TEXT,
        size INT GENERATED ALWAYS AS (length(title)) STORED,
        tags TEXT[] NOT NULL DEFAULT '{}',
        UNIQUE (author, title) DEFERRABLE INITIALLY DEFERRED
    );
    CREATE INDEX ON posts (author, title DESC);
    CREATE VIEW authors AS SELECT u.name FROM users AS u;
    CREATE FUNCTION count_posts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE users SET age = age + 1 WHERE id = NEW.author; RETURN NEW; END $$;
    CREATE TRIGGER count_posts AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION count_posts();
    COMMENT ON TABLE users IS 'people';
    COMMENT ON COLUMN users.name IS 'what they are called';
";

#[test]
fn queries_say_whose_column_they_mean() {
    agree_on(&[
        "CREATE VIEW v AS SELECT title FROM users JOIN posts ON users.id = author",
        "CREATE VIEW v AS SELECT id FROM users JOIN posts ON users.id = author",
        "CREATE VIEW v AS SELECT users.id FROM users, posts WHERE id = author",
        "CREATE VIEW v AS SELECT users.id FROM users, posts ORDER BY id",
        "CREATE VIEW v AS SELECT users.id AS x FROM users, posts GROUP BY x",
        "CREATE VIEW v AS SELECT id FROM users JOIN posts USING (id)",
        "CREATE VIEW v AS SELECT id FROM users NATURAL JOIN posts",
        "CREATE VIEW v AS SELECT name FROM users AS a JOIN users AS b ON a.id = b.age",
        "CREATE VIEW v AS SELECT a.name FROM users AS a JOIN users AS b ON a.id = b.age",
        "CREATE VIEW v AS SELECT name FROM users WHERE EXISTS (SELECT id FROM posts)",
        "CREATE VIEW v AS SELECT name FROM users WHERE EXISTS (SELECT id FROM posts, users AS u)",
        "CREATE VIEW v AS SELECT id FROM users UNION SELECT id FROM posts",
        "CREATE VIEW v AS WITH q AS (SELECT id AS i FROM users) SELECT id FROM q JOIN posts ON i = id",
        "CREATE VIEW v AS SELECT DISTINCT ON (id) users.id FROM users JOIN posts ON users.id = author",
        "CREATE TABLE a (date DATE, id INT); CREATE TABLE b (date DATE); \
         CREATE VIEW v AS SELECT '2020-01-01'::text::date, CAST(a.date AS date) AS x FROM a, b",
        "CREATE TABLE a (date DATE); CREATE TABLE b (date DATE); \
         CREATE VIEW v AS SELECT '2020-01-01'::date AS x, date '2020-01-01' AS y FROM a, b",
        "CREATE VIEW v AS SELECT p.id FROM posts AS p, LATERAL (SELECT id FROM users WHERE id = author) AS u",
        "CREATE VIEW v AS SELECT id FROM users CROSS JOIN posts",
    ]);
}

#[test]
fn tables_are_made_and_dropped() {
    agree_on(&[
        "CREATE TABLE a (x INT)",
        "CREATE TABLE \"A b\" (\"x y\" NUMERIC(10), z FLOAT8 DEFAULT -1, PRIMARY KEY (z, \"x y\"))",
        "CREATE TABLE users (x INT)",
        "CREATE TABLE IF NOT EXISTS users (x INT)",
        "CREATE TABLE authors (x INT)",
        "CREATE TABLE posts_pkey (x INT)",
        "CREATE TABLE mood (x INT)",
        "CREATE TABLE a (x INT, x TEXT)",
        "CREATE TABLE a (x nosuch)",
        "CREATE TABLE a (x INT REFERENCES nosuch)",
        "CREATE TABLE a (x INT REFERENCES users (nosuch))",
        "CREATE TABLE a (x INT REFERENCES users (age))",
        "CREATE TABLE a (x TEXT REFERENCES users)",
        "CREATE TABLE a (x TEXT REFERENCES users (id))",
        "CREATE TABLE a (x NUMERIC REFERENCES users)",
        "CREATE TABLE a (x BIGINT REFERENCES users, y VARCHAR(3) REFERENCES users (email))",
        "CREATE TABLE a (x NUMERIC PRIMARY KEY); CREATE TABLE b (y BIGINT REFERENCES a)",
        "CREATE TABLE a (x mood PRIMARY KEY); CREATE TABLE b (y mood REFERENCES a)",
        "CREATE TABLE a (x mood PRIMARY KEY); CREATE TABLE b (y TEXT REFERENCES a)",
        "CREATE TABLE a (x TEXT PRIMARY KEY); CREATE TABLE b (y mood REFERENCES a)",
        "CREATE TYPE m2 AS ENUM ('sad'); CREATE TABLE a (x mood PRIMARY KEY); CREATE TABLE b (y m2 REFERENCES a)",
        "CREATE DOMAIN whole AS INT; CREATE TABLE a (x whole PRIMARY KEY); CREATE TABLE b (y INT REFERENCES a)",
        "CREATE TABLE a (x DATE PRIMARY KEY); CREATE TABLE b (y TIMESTAMPTZ(3) REFERENCES a)",
        "CREATE TABLE a (x UUID PRIMARY KEY, y INT REFERENCES a)",
        "CREATE TABLE a (x UUID PRIMARY KEY, y UUID REFERENCES a)",
        "CREATE TABLE a (x TEXT REFERENCES users (email), y INT, FOREIGN KEY (y) REFERENCES users)",
        "ALTER TABLE users RENAME TO mood",
        "ALTER VIEW authors RENAME TO mood",
        "ALTER TYPE mood RENAME TO users",
        "ALTER TYPE mood RENAME TO users_pkey",
        "CREATE SCHEMA s; CREATE TYPE s.users AS ENUM ('a'); ALTER TABLE users SET SCHEMA s",
        "CREATE SCHEMA s; CREATE TABLE s.mood (x INT); ALTER TYPE mood SET SCHEMA s",
        "CREATE TYPE users_pkey AS ENUM ('a')",
        "CREATE TYPE users_id_seq AS ENUM ('a')",
        "CREATE TYPE users_pkey AS (x INT)",
        "CREATE DOMAIN users_pkey AS TEXT",
        "CREATE TYPE users AS ENUM ('a')",
        "ALTER INDEX users_pkey RENAME TO mood",
        "CREATE INDEX mood ON users (age)",
        "CREATE TEMP TABLE users (x INT); ALTER TABLE users RENAME TO t; ALTER TABLE t RENAME x TO y; DROP TABLE t; ALTER TABLE users ADD z INT",
        "CREATE TABLE a (x INT UNIQUE, UNIQUE (x))",
        "CREATE TABLE a (x INT UNIQUE PRIMARY KEY, CONSTRAINT k UNIQUE (x))",
        "CREATE TABLE a (x INT CONSTRAINT p PRIMARY KEY, CONSTRAINT k UNIQUE (x))",
        "CREATE TABLE a (x INT UNIQUE, CONSTRAINT k UNIQUE (x), CONSTRAINT l UNIQUE (x))",
        "CREATE TABLE a (x INT UNIQUE, UNIQUE (x) DEFERRABLE, UNIQUE NULLS NOT DISTINCT (x), UNIQUE (x) INCLUDE (x))",
        "CREATE TABLE a (x INT PRIMARY KEY DEFERRABLE, UNIQUE (x), UNIQUE (x) DEFERRABLE)",
        "CREATE TABLE a (x INT, EXCLUDE (x WITH =), EXCLUDE (x WITH =), UNIQUE (x), EXCLUDE (x WITH =) WHERE (x > 1), EXCLUDE USING hash (x WITH =))",
        "CREATE TABLE a (x INT, UNIQUE (x), UNIQUE (x) WITH (fillfactor = 70))",
        "ALTER TABLE users ADD UNIQUE (age), ADD UNIQUE (age), ADD up INT UNIQUE PRIMARY KEY",
        "ALTER TABLE posts ADD up INT UNIQUE CONSTRAINT one UNIQUE, ADD UNIQUE (up)",
        "CREATE TABLE a (x INT, y INT, UNIQUE (x), UNIQUE (x, y), CHECK (x > y), CHECK (x > 1), CHECK (x > 2), EXCLUDE USING btree (y WITH =))",
        "CREATE TABLE a (x INT PRIMARY KEY, y INT, PRIMARY KEY (y))",
        "CREATE TABLE a (x INT, PRIMARY KEY (nosuch))",
        "CREATE TABLE a (x SMALLSERIAL, y BIGSERIAL, z INT GENERATED BY DEFAULT AS IDENTITY (START WITH 7))",
        "CREATE UNLOGGED TABLE a (x CHAR, y BIT(3), z TIMESTAMP(3), w TIME WITH TIME ZONE, v INTERVAL, u CHARACTER VARYING, t DOUBLE PRECISION[][])",
        "CREATE TABLE a (x JSONB NOT NULL DEFAULT '{}'::jsonb, y UUID DEFAULT gen_random_uuid(), z DATE DEFAULT CURRENT_DATE, w TEXT COLLATE \"C\", v VARCHAR DEFAULT NULL::character varying)",
        "CREATE TABLE a (x INT) WITH (fillfactor = 70)",
        "CREATE TABLE a (x INT NOT NULL) PARTITION BY RANGE (x)",
        "CREATE TEMP TABLE users (x INT); INSERT INTO users VALUES (1); DROP TABLE users;",
        "CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb SERIAL UNIQUE, cc INT REFERENCES users CHECK (cc > 1))",
        "CREATE TABLE users_age (x INT CHECK (x > 0)); ALTER TABLE users_age RENAME TO a; ALTER TABLE users ADD CHECK (age > 1), ADD CHECK (age > 2)",
        "CREATE TABLE a (x INT); CREATE TABLE b_seq (x INT); CREATE TABLE b (seq INT); CREATE TABLE c (x SERIAL); CREATE TABLE c_y (x SERIAL)",
        "CREATE TABLE \"bigint\" (x int); CREATE TABLE other (y bigint); DROP TABLE \"bigint\"",
        "DROP TABLE posts",
        "DROP TABLE nosuch",
        "DROP TABLE IF EXISTS nosuch",
        "DROP TABLE authors",
        "DROP TABLE USERS",
        "DROP TABLE users CASCADE",
        "DROP VIEW authors; DROP TABLE users, posts",
        "DROP VIEW authors; DROP TABLE users",
    ]);
}

#[test]
fn indexes_and_views_are_made_and_dropped() {
    agree_on(&[
        "CREATE INDEX i ON users (name)",
        "CREATE UNIQUE INDEX i ON users (lower(name), email ASC NULLS LAST) WHERE age > 3",
        "CREATE INDEX ON users (lower(name)); CREATE INDEX ON users (lower(name)); CREATE INDEX ON users ((age + 1))",
        "CREATE INDEX ON users (name, age) INCLUDE (email)",
        "CREATE INDEX ON users ((age IN (1, 2))); CREATE INDEX ON users ((NOT (age > 1)))",
        "CREATE FUNCTION one(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x'; CREATE INDEX ON users (public.one(age))",
        "CREATE INDEX i ON users USING gin (to_tsvector('english', name))",
        "CREATE INDEX i ON users USING hash (name)",
        "CREATE INDEX i ON users (nosuch)",
        "CREATE INDEX i ON nosuch (x)",
        "CREATE INDEX i ON authors (name)",
        "CREATE INDEX users_pkey ON users (name)",
        "CREATE INDEX IF NOT EXISTS users_pkey ON users (name)",
        "CREATE INDEX posts ON users (name)",
        "DROP INDEX posts_author_title_idx",
        "DROP INDEX users_pkey",
        "DROP INDEX nosuch",
        "DROP INDEX IF EXISTS nosuch",
        "DROP INDEX users",
        "CREATE UNIQUE INDEX i ON users (age); CREATE TABLE a (x INT REFERENCES users (age)); DROP INDEX i",
        "CREATE UNIQUE INDEX i ON users (age); CREATE TABLE a (x INT REFERENCES users (age)); DROP INDEX i CASCADE",
        "ALTER INDEX posts_author_title_idx RENAME TO i",
        "ALTER INDEX users_pkey RENAME TO pk",
        "CREATE VIEW v AS WITH c (n) AS (SELECT 1) SELECT n FROM c, users",
        "CREATE VIEW authors AS SELECT 1",
        "CREATE OR REPLACE VIEW authors AS SELECT name FROM users WHERE age > 3",
        "CREATE OR REPLACE VIEW users AS SELECT 1 AS x",
        "CREATE VIEW v AS SELECT * FROM nosuch",
        "CREATE VIEW v AS SELECT extract(day FROM made) FROM users, LATERAL generate_series(1, age) AS g (n)",
        "CREATE MATERIALIZED VIEW m AS SELECT name FROM users; CREATE UNIQUE INDEX ON m (name); DROP MATERIALIZED VIEW m",
        "CREATE VIEW v AS SELECT * FROM authors; DROP VIEW authors",
        "CREATE VIEW v AS SELECT * FROM authors; DROP VIEW authors CASCADE",
        "CREATE VIEW v AS SELECT * FROM authors; ALTER VIEW authors RENAME TO w",
        "DROP VIEW authors",
        "DROP VIEW users",
        "DROP VIEW nosuch",
        "DROP MATERIALIZED VIEW authors",
    ]);
}

#[test]
fn columns_are_altered() {
    agree_on(&[
        "ALTER TABLE users ADD COLUMN town TEXT NOT NULL DEFAULT 'x' CHECK (town <> ''), ADD up INT REFERENCES posts (id) UNIQUE",
        "ALTER TABLE users ADD name TEXT",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS name TEXT",
        "ALTER TABLE users ADD COLUMN n SERIAL",
        "ALTER TABLE nosuch ADD COLUMN x INT",
        "ALTER TABLE IF EXISTS nosuch ADD COLUMN x INT",
        "ALTER TABLE users ADD COLUMN x INT, DROP COLUMN made",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE users DROP COLUMN name CASCADE",
        "ALTER TABLE users DROP COLUMN age",
        "ALTER TABLE users DROP COLUMN email, DROP COLUMN feels",
        "ALTER TABLE users DROP COLUMN id",
        "ALTER TABLE users DROP COLUMN id CASCADE",
        "CREATE TABLE a (b INT UNIQUE, c INT, CONSTRAINT d FOREIGN KEY (b) REFERENCES a (b)); ALTER TABLE a DROP COLUMN b",
        "CREATE TABLE a (b INT UNIQUE, c INT, CONSTRAINT d FOREIGN KEY (c) REFERENCES a (b)); ALTER TABLE a DROP COLUMN b",
        "ALTER TABLE users DROP COLUMN nosuch",
        "ALTER TABLE users DROP COLUMN IF EXISTS nosuch",
        "ALTER TABLE posts DROP COLUMN title",
        "ALTER TABLE posts DROP COLUMN title CASCADE",
        "ALTER TABLE posts DROP COLUMN author",
        "ALTER TABLE posts DROP COLUMN id",
        "ALTER TABLE users ALTER COLUMN age TYPE BIGINT, ALTER email SET NOT NULL, ALTER COLUMN name DROP DEFAULT",
        "ALTER TABLE users ALTER COLUMN email SET DATA TYPE VARCHAR(30) USING email::varchar",
        "ALTER TABLE users ALTER COLUMN name TYPE TEXT",
        "CREATE TABLE a (t TEXT, n INT, b BOOLEAN, d DATE, j JSON); ALTER TABLE a ALTER t TYPE INT; ALTER TABLE a ALTER t TYPE INT USING t::int; ALTER TABLE a ALTER n TYPE BOOLEAN; ALTER TABLE a ALTER b TYPE INT; ALTER TABLE a ALTER n TYPE NUMERIC(3, 1); ALTER TABLE a ALTER n TYPE smallint; ALTER TABLE a ALTER d TYPE TIMESTAMPTZ; ALTER TABLE a ALTER d TYPE INT; ALTER TABLE a ALTER d TYPE DATE; ALTER TABLE a ALTER j TYPE JSONB; ALTER TABLE a ALTER j TYPE VARCHAR(9); ALTER TABLE a ALTER j TYPE JSON; ALTER TABLE a ALTER j TYPE UUID",
        "ALTER TABLE posts ALTER COLUMN title TYPE VARCHAR(3)",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER t TYPE INT",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER t TYPE INT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER s TYPE TEXT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER i TYPE TEXT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER i TYPE INT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER n TYPE INT",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER n TYPE TEXT; ALTER TABLE a ALTER t TYPE VARCHAR(9)",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER n TYPE TEXT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER n TYPE BIGINT[]",
        "CREATE TABLE a (t TEXT[], n INT[], s TEXT, i INT); ALTER TABLE a ALTER n TYPE BOOLEAN[]",
        "ALTER TABLE users ALTER COLUMN id DROP NOT NULL",
        "ALTER TABLE users ALTER COLUMN name DROP NOT NULL, ALTER COLUMN name SET DEFAULT 'y'",
        "ALTER TABLE users ALTER COLUMN nosuch SET NOT NULL",
        "ALTER TABLE posts ALTER COLUMN size DROP EXPRESSION",
        "ALTER TABLE users ALTER COLUMN age DROP EXPRESSION",
        "ALTER TABLE posts ALTER COLUMN id TYPE INT; ALTER TABLE users ALTER COLUMN id TYPE BIGINT",
        "CREATE VIEW v AS SELECT posts.title FROM posts JOIN users ON posts.author = users.id; ALTER TABLE posts DROP COLUMN id; ALTER TABLE posts DROP COLUMN title",
        "CREATE TABLE a (d TIMESTAMP, n INT, CHECK (int4(n) > 1)); CREATE INDEX i ON a (date(d) DESC) WHERE date(d) > '2020-01-01'; ALTER TABLE a ALTER COLUMN d TYPE DATE; ALTER TABLE a ALTER d TYPE TIMESTAMP; CREATE INDEX ON a (int4(n)); CREATE INDEX ON a ((int4(n)))",
        "ALTER TABLE posts ALTER COLUMN id DROP IDENTITY",
        "ALTER TABLE posts ALTER COLUMN id SET GENERATED BY DEFAULT",
        "ALTER TABLE posts ALTER COLUMN id SET DEFAULT 3",
        "ALTER TABLE users ALTER COLUMN age SET NOT NULL; ALTER TABLE users ALTER COLUMN age ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE users ALTER COLUMN age ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE posts RENAME COLUMN title TO heading",
        "ALTER TABLE users RENAME COLUMN id TO nr",
        "ALTER TABLE users RENAME name TO title",
        "ALTER TABLE users RENAME COLUMN nosuch TO x",
        "ALTER TABLE users RENAME COLUMN name TO age",
    ]);
}

#[test]
fn columns_are_told_from_tables_that_are_called_so() {
    const A: &str = "CREATE TABLE a (a INT, b INT); CREATE TABLE b (c INT);";
    agree_on(
        &[
            "CREATE VIEW v AS SELECT b FROM a WHERE EXISTS (SELECT 1 FROM a); ALTER TABLE a DROP COLUMN a",
            "CREATE VIEW v AS SELECT a.b FROM a; ALTER TABLE a DROP COLUMN a CASCADE",
            "CREATE VIEW v AS SELECT a.a FROM a; ALTER TABLE a DROP COLUMN a CASCADE",
            "CREATE VIEW v AS SELECT b FROM a; ALTER TABLE a DROP COLUMN b CASCADE",
            "CREATE VIEW v AS SELECT x.b, y.c FROM a x JOIN b y ON true; ALTER TABLE a RENAME COLUMN a TO z",
            "CREATE VIEW v AS SELECT b FROM a; ALTER TABLE a RENAME TO z; ALTER TABLE z RENAME TO a",
        ]
        .map(|script| format!("{A} {script}"))
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>(),
    );
}

#[test]
fn sequences_belong_to_columns() {
    agree_on(&[
        "DROP SEQUENCE posts_id_seq",
        "DROP SEQUENCE posts_id_seq CASCADE",
        "DROP SEQUENCE users_id_seq",
        "DROP SEQUENCE users_id_seq CASCADE",
        "ALTER SEQUENCE posts_id_seq OWNED BY NONE",
        "ALTER SEQUENCE users_id_seq OWNED BY NONE; DROP TABLE users CASCADE",
        "CREATE SCHEMA s; ALTER SEQUENCE users_id_seq SET SCHEMA s",
        "CREATE SCHEMA s; ALTER SEQUENCE users_id_seq OWNED BY NONE; ALTER SEQUENCE users_id_seq SET SCHEMA s",
        "CREATE UNLOGGED TABLE a (x SERIAL, y INT GENERATED ALWAYS AS IDENTITY); ALTER TABLE a ADD z SERIAL; \
         ALTER TABLE a SET LOGGED; CREATE UNLOGGED SEQUENCE q START 5; ALTER TABLE a SET UNLOGGED",
    ]);
}

#[test]
fn domains_are_made_and_dropped() {
    agree_on(&[
        "CREATE DOMAIN word AS VARCHAR(5) DEFAULT 'x' CHECK (VALUE <> '') NOT NULL CHECK (length(VALUE) > 1)",
        "CREATE DOMAIN word AS TEXT COLLATE \"C\" NULL CONSTRAINT b CHECK (VALUE <> '') CONSTRAINT a CHECK (VALUE > '')",
        "CREATE DOMAIN word AS TEXT CONSTRAINT a CHECK (VALUE <> '') CONSTRAINT a CHECK (VALUE > '')",
        "CREATE DOMAIN word AS VARCHAR(5) DEFAULT 'x'; CREATE TABLE a (x word DEFAULT NULL, y word); \
         ALTER TABLE a ALTER y SET DEFAULT NULL; ALTER TABLE a ALTER x DROP DEFAULT",
        "CREATE DOMAIN word AS CHAR(3) DEFAULT NULL; CREATE TABLE a (x CHAR(3) DEFAULT NULL, y NUMERIC(5, 2)); \
         ALTER TABLE a ALTER y SET DEFAULT NULL::NUMERIC, ADD z TEXT DEFAULT (NULL::VARCHAR(3))",
        "CREATE DOMAIN word AS TEXT CHECK (VALUE <> ''); ALTER DOMAIN word RENAME TO other; \
         CREATE TABLE word (a INT, b INT, CHECK (a > b))",
        "CREATE TABLE word (a INT, b INT, CHECK (a > b)); ALTER TABLE word RENAME TO other; \
         CREATE DOMAIN word AS TEXT CHECK (VALUE <> ''); DROP DOMAIN word; CREATE DOMAIN word AS INT CHECK (VALUE > 1)",
        "CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1'; CREATE DOMAIN n AS INT CHECK (VALUE > one()); \
         DROP FUNCTION one",
    ]);
}

#[test]
fn tables_and_constraints_are_altered() {
    agree_on(&[
        "ALTER TABLE posts RENAME TO articles",
        "ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME CONSTRAINT users_pkey TO people_pkey",
        "ALTER TABLE users RENAME TO posts",
        "ALTER TABLE users RENAME TO posts_pkey",
        "ALTER TABLE nosuch RENAME TO a",
        "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 3) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c",
        "ALTER TABLE users ADD CONSTRAINT named CHECK (age > 3)",
        "ALTER TABLE users ADD CHECK (age > 3), ADD UNIQUE (age), ADD FOREIGN KEY (age) REFERENCES posts (id) DEFERRABLE",
        "ALTER TABLE users ADD PRIMARY KEY (age)",
        "ALTER TABLE users ADD UNIQUE (nosuch)",
        "ALTER TABLE users DROP CONSTRAINT users_age_check, DROP CONSTRAINT named",
        "ALTER TABLE users DROP CONSTRAINT users_email_key",
        "ALTER TABLE users DROP CONSTRAINT users_pkey",
        "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE",
        "ALTER TABLE posts DROP CONSTRAINT posts_pkey, ADD CONSTRAINT posts_pkey PRIMARY KEY (id, author)",
        "ALTER TABLE posts DROP CONSTRAINT posts_author_fkey, ADD FOREIGN KEY (author) REFERENCES users (id) ON DELETE SET NULL",
        "ALTER TABLE users DROP CONSTRAINT nosuch",
        "ALTER TABLE users DROP CONSTRAINT IF EXISTS nosuch",
        "ALTER TABLE users RENAME CONSTRAINT named TO called",
        "ALTER TABLE users RENAME CONSTRAINT named TO users_pkey",
        "ALTER TABLE posts ALTER CONSTRAINT posts_author_fkey DEFERRABLE INITIALLY DEFERRED",
        "CREATE UNIQUE INDEX i ON users (age); ALTER TABLE users ADD CONSTRAINT one_age UNIQUE USING INDEX i",
        "CREATE TABLE a (x INT); CREATE UNIQUE INDEX i ON a (x); ALTER TABLE a ADD PRIMARY KEY USING INDEX i",
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON users FOR SELECT USING (age > 3); ALTER TABLE users DISABLE ROW LEVEL SECURITY; ALTER POLICY p ON users RENAME TO q; DROP POLICY q ON users",
        "CREATE POLICY p ON users FOR SELECT USING (age > 3); ALTER TABLE users DROP COLUMN age",
        "CREATE SCHEMA s; ALTER TABLE posts SET SCHEMA s; ALTER TABLE s.posts RENAME TO p; DROP TABLE s.p",
        "ALTER TABLE users SET SCHEMA nosuch",
    ]);
}

#[test]
fn types_and_sequences_are_altered() {
    agree_on(&[
        "CREATE TYPE mood AS ENUM ('x')",
        "CREATE TYPE t AS ENUM (); CREATE TYPE c AS (x INT, y mood[], z VARCHAR(3)); CREATE DOMAIN d AS TEXT NOT NULL CHECK (VALUE <> ''); CREATE TABLE a (x t, y c, z d)",
        "CREATE TYPE c AS (x nosuch)",
        "ALTER TYPE mood RENAME TO temper",
        "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
        "ALTER TYPE mood RENAME VALUE 'nosuch' TO 'fine'",
        "ALTER TYPE mood ADD VALUE 'happy'; ALTER TYPE mood ADD VALUE 'mad' BEFORE 'ok'; ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok' AFTER 'sad'; ALTER TYPE mood ADD VALUE 'ok'; ALTER TYPE mood ADD VALUE 'x' AFTER 'nosuch'",
        "DROP TYPE mood",
        "DROP TYPE mood CASCADE",
        "DROP TYPE IF EXISTS nosuch",
        "CREATE SEQUENCE s; CREATE TABLE a (x BIGINT DEFAULT nextval('s')); DROP SEQUENCE s",
        "CREATE SEQUENCE s; CREATE TABLE a (x BIGINT DEFAULT nextval('s')); DROP SEQUENCE s CASCADE",
        "CREATE SEQUENCE s START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1; CREATE TABLE a (x BIGINT); ALTER SEQUENCE s OWNED BY a.x; ALTER TABLE ONLY a ALTER COLUMN x SET DEFAULT nextval('s'::regclass); ALTER SEQUENCE s RENAME TO t; DROP TABLE a",
        "CREATE SEQUENCE s AS INT INCREMENT -1 MINVALUE -5 MAXVALUE 10 CYCLE; ALTER SEQUENCE s OWNED BY NONE; ALTER SEQUENCE s OWNED BY users.nosuch",
        "DROP SEQUENCE users_id_seq",
        "ALTER TABLE users DROP COLUMN id CASCADE; CREATE SEQUENCE users_id_seq",
    ]);
}

#[test]
fn functions_and_triggers_come_and_go() {
    agree_on(&[
        "CREATE FUNCTION f(a INT, TEXT DEFAULT 'x', OUT b DOUBLE PRECISION) LANGUAGE sql IMMUTABLE STRICT AS 'SELECT 1.0::float8'; DROP FUNCTION f(INTEGER, VARCHAR); DROP FUNCTION f(int4, text)",
        "CREATE FUNCTION f() RETURNS SETOF users LANGUAGE sql STABLE AS $$ SELECT * FROM users $$; DROP TABLE posts; DROP VIEW authors; DROP TABLE users",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; DROP FUNCTION f",
        "CREATE FUNCTION count_posts() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
        "CREATE OR REPLACE FUNCTION count_posts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN RETURN NULL; END $$",
        "DROP FUNCTION count_posts()",
        "DROP FUNCTION count_posts() CASCADE",
        "DROP FUNCTION IF EXISTS nosuch(int)",
        "DROP FUNCTION nosuch(int)",
        "ALTER FUNCTION count_posts() RENAME TO counted",
        "CREATE FUNCTION f(x mood) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; DROP TYPE mood",
        "CREATE FUNCTION two(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2'; CREATE INDEX i ON users (two(age)); ALTER TABLE users ADD CONSTRAINT c CHECK (two(age) > 1); DROP FUNCTION two(int)",
        "CREATE FUNCTION two(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2'; CREATE INDEX i ON users (two(age)); ALTER TABLE users ADD CONSTRAINT c CHECK (two(age) > 1), ALTER age SET DEFAULT two(1); DROP FUNCTION two(int) CASCADE",
        "CREATE PROCEDURE p(x int) LANGUAGE sql AS $$ DELETE FROM users $$; DROP FUNCTION p(int); DROP PROCEDURE p",
        "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0'); DROP AGGREGATE total(int)",
        "CREATE TRIGGER t BEFORE UPDATE OF name ON users FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE PROCEDURE count_posts(); ALTER TABLE users DROP COLUMN name CASCADE",
        "CREATE TRIGGER t BEFORE UPDATE OF age ON users FOR EACH ROW EXECUTE PROCEDURE count_posts(); ALTER TABLE users DROP COLUMN age",
        "CREATE TRIGGER count_posts AFTER INSERT ON users EXECUTE FUNCTION count_posts(); ALTER TRIGGER count_posts ON users RENAME TO other; DROP TRIGGER count_posts ON users",
        "CREATE TRIGGER count_posts AFTER INSERT ON posts EXECUTE FUNCTION count_posts()",
        "CREATE OR REPLACE TRIGGER count_posts AFTER DELETE ON posts EXECUTE FUNCTION count_posts()",
        "CREATE TRIGGER t AFTER INSERT ON nosuch EXECUTE FUNCTION count_posts()",
        "CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION nosuch()",
        "ALTER TABLE posts RENAME TO p; DROP TRIGGER count_posts ON p",
        "DROP TRIGGER count_posts ON users",
        "DROP TRIGGER IF EXISTS nosuch ON users",
        "CREATE RULE r AS ON DELETE TO users DO INSTEAD NOTHING; ALTER TABLE users RENAME TO people; DROP RULE r ON people",
    ]);
}

#[test]
fn schemas_extensions_and_comments_are_followed() {
    agree_on(&[
        "CREATE SCHEMA s; CREATE TABLE s.users (id SERIAL PRIMARY KEY, up INT REFERENCES s.users); CREATE VIEW s.v AS SELECT * FROM users; DROP SCHEMA s",
        "CREATE SCHEMA s; CREATE TABLE s.t (id SERIAL PRIMARY KEY, x mood); CREATE TYPE s.mood AS ENUM (); ALTER TABLE users ADD y s.mood; DROP SCHEMA s CASCADE",
        "CREATE SCHEMA IF NOT EXISTS public; CREATE SCHEMA public",
        "CREATE TABLE nosuch.t (x INT)",
        "CREATE SCHEMA s; SET search_path TO s, public; CREATE TABLE t (x INT REFERENCES users); CREATE TABLE posts (x INT); CREATE INDEX ON posts (x); DROP TABLE posts; CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$ SELECT 'ok'::mood $$; SET search_path = public; SELECT * FROM t",
        "CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE a (x citext, y citext[]); CREATE EXTENSION citext",
        "CREATE EXTENSION pg_trgm; CREATE INDEX i ON users USING gin (name gin_trgm_ops); DROP INDEX i; DROP EXTENSION pg_trgm; DROP EXTENSION pg_trgm",
        "COMMENT ON TABLE users IS NULL; COMMENT ON COLUMN users.age IS 'years'; COMMENT ON COLUMN users.nosuch IS 'x'; COMMENT ON CONSTRAINT named ON users IS 'c'; COMMENT ON FUNCTION count_posts() IS 'counts'; COMMENT ON TYPE mood IS 'm'; COMMENT ON INDEX users_pkey IS 'i'; COMMENT ON VIEW authors IS 'v'; COMMENT ON TRIGGER count_posts ON posts IS 't'",
        "COMMENT ON TABLE nosuch IS 'x'",
        "COMMENT ON CONSTRAINT named ON users IS 'c'; ALTER TABLE users RENAME CONSTRAINT named TO n; ALTER TABLE users RENAME COLUMN name TO called; ALTER TABLE users RENAME TO people; ALTER TABLE people DROP CONSTRAINT n; DROP TABLE people CASCADE",
        "ALTER TABLE users DROP COLUMN name CASCADE; DROP TABLE users CASCADE",
        "CREATE STATISTICS st ON name, age FROM users; ALTER TABLE users DROP COLUMN age",
        "CREATE TABLE a (x INT); CREATE TABLE b (y INT) INHERITS (a); DROP TABLE a",
    ]);
}

#[test]
fn rows_are_about_tables_that_are_there() {
    agree_on(&[
        "INSERT INTO users (name, email) VALUES ('a', 'b'), ('c', 'd') ON CONFLICT (email) DO UPDATE SET name = 'x'",
        "INSERT INTO users (name, nosuch) VALUES ('a', 'b')",
        "INSERT INTO users (name) VALUES ('a', 'b')",
        "INSERT INTO users VALUES (1, 'a')",
        "INSERT INTO nosuch VALUES (1)",
        "INSERT INTO posts (author, title) SELECT id, name FROM users WHERE id IN (SELECT author FROM posts)",
        "INSERT INTO posts (author) SELECT id FROM nosuch",
        "UPDATE users SET name = 'x', age = (SELECT count(*) FROM posts)",
        "UPDATE users SET nosuch = 1",
        "UPDATE users u SET (name, age) = ('x', 2) FROM posts AS p WHERE p.author = u.id",
        "UPDATE nosuch SET x = 1",
        "DELETE FROM ONLY users USING posts WHERE posts.author = users.id",
        "DELETE FROM nosuch",
        "WITH old AS (SELECT id FROM users) DELETE FROM posts WHERE author IN (SELECT id FROM old)",
        "SELECT * FROM authors, (SELECT 1) AS one LEFT JOIN posts ON true WHERE 1 IS DISTINCT FROM 2",
        "SELECT * FROM nosuch",
        "SELECT * FROM pg_class, information_schema.tables",
        "DELETE FROM users WHERE nosuch = 1",
        "DELETE FROM users WHERE users.nosuch = 1",
        "DELETE FROM users WHERE posts.id = 1",
        "UPDATE users SET age = nosuch WHERE age IN (1, 2)",
        "UPDATE users SET age = posts.size FROM posts WHERE posts.author = users.nosuch",
        "UPDATE users SET age = posts.size FROM posts WHERE posts.author = other.id",
        "UPDATE users SET age = size FROM posts WHERE posts.author = users.id",
        "SELECT nosuch",
        "SELECT int",
        "SELECT name FROM users WHERE age IN (1, nosuch)",
        "SELECT users, (users).name, ctid FROM users",
        "SELECT CASE WHEN age > 1 THEN name ELSE email END FROM users WHERE current_user <> name AND age BETWEEN 1 AND id",
        "CREATE FUNCTION shown(users) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$; SELECT users.shown FROM users",
        "TRUNCATE TABLE posts",
        "TRUNCATE nosuch",
        "SET timezone = 'UTC'",
    ]);
}
