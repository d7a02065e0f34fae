//! What PostgreSQL 15 refuses, each class by its statements, and what looks like it and is right.

use crate::sql::postgres::parse::{Error, parse};

/// Where a statement is refused, `⟨here⟩` put in; not in front of a space.
fn refused(text: &str) -> Option<String> {
    match parse(text, 0, |_, _, _| ()) {
        Ok(()) => None,
        Err(Error::Unexpected(at)) => {
            let (_, behind) = text.split_at(at as usize);
            let behind = behind.trim_start();
            let before = text.strip_suffix(behind)?;
            Some(format!("{before}⟨here⟩{behind}"))
        }
        Err(Error::Refused(_, message)) => Some(message),
    }
}

fn assert_refused(marked: &[&str]) {
    for marked in marked {
        let text = marked.replace("⟨here⟩", "");
        assert_eq!(refused(&text).as_deref(), Some(*marked));
    }
}

fn assert_read(texts: &[&str]) {
    for text in texts {
        assert_eq!(refused(text), None, "{text}");
    }
}

#[test]
fn a_constant_is_no_expression() {
    assert_refused(&[
        "FETCH FORWARD ⟨here⟩&& 5 FROM c",
        "MOVE ABSOLUTE ⟨here⟩ABSOLUTE -3 IN c",
        "FETCH RELATIVE ⟨here⟩1.5 FROM c",
        "SELECT a FROM t FETCH FIRST ⟨here⟩NOT 1 ROW ONLY",
        "SELECT a FROM t OFFSET 1 ⟨here⟩+ 1 ROWS",
        "SELECT a FROM t OFFSET 1⟨here⟩::int ROWS",
        "SET TIME ZONE -⟨here⟩'1.5'",
        "SET x TO -⟨here⟩y",
        "ANALYZE (a -⟨here⟩b) t",
        "VACUUM (a -⟨here⟩b) t",
        "CREATE SEQUENCE s INCREMENT -⟨here⟩x",
        "WITH RECURSIVE s AS (SELECT 1) CYCLE f SET o TO x ⟨here⟩DEFAULT false USING p SELECT 1",
        "ALTER INDEX i ALTER COLUMN ⟨here⟩0 SET STATISTICS 1000",
        "ALTER INDEX i ALTER COLUMN ⟨here⟩32768 SET STATISTICS 1000",
        "CREATE TABLE t (a int ARRAY[⟨here⟩])",
    ]);
    assert_read(&[
        "FETCH FORWARD -5 FROM c",
        "FETCH 5 c",
        "FETCH ALL c",
        "MOVE NEXT c",
        "SELECT a FROM t OFFSET -1 ROWS FETCH FIRST (1 + 1) ROWS ONLY",
        "SELECT a FROM t FETCH FIRST ROW ONLY",
        "SET TIME ZONE -1.5",
        "SET TIME ZONE 'UTC'",
        "SET TIME ZONE INTERVAL '1' HOUR",
        "VACUUM (PARALLEL -1, VERBOSE on) t",
        "CREATE SEQUENCE s INCREMENT BY -1 MINVALUE +5",
        "WITH RECURSIVE s AS (SELECT 1) CYCLE f SET o TO date '2000-01-01' DEFAULT NULL USING p SELECT 1",
        "ALTER INDEX i ALTER 1 SET STATISTICS 1000",
        "CREATE TABLE t (a int ARRAY[3], b int ARRAY, c int[])",
    ]);
}

#[test]
fn some_roles_are_postgresqls() {
    assert_refused(&[
        "CREATE ROLE ⟨here⟩\"none\"",
        "CREATE USER ⟨here⟩Public",
        "CREATE GROUP ⟨here⟩current_user",
        "ALTER ROLE ⟨here⟩NONE LOGIN",
        "ALTER ROLE ⟨here⟩public RENAME TO a",
        "ALTER ROLE a RENAME TO ⟨here⟩public",
        "GRANT ALL ON t TO a, ⟨here⟩none",
        "CREATE SCHEMA s AUTHORIZATION ⟨here⟩none",
        "DROP ROLE a, ⟨here⟩none",
    ]);
    assert_read(&[
        "SET ROLE NONE",
        "SET ROLE \"none\"",
        "GRANT ALL ON t TO public",
        "ALTER TABLE t OWNER TO current_role",
        "CREATE SCHEMA AUTHORIZATION CURRENT_ROLE",
        "CREATE ROLE \"Public\"",
    ]);
}

#[test]
fn publications_are_about_tables_and_schemas() {
    assert_refused(&[
        "CREATE PUBLICATION p FOR ⟨here⟩CURRENT_SCHEMA",
        "CREATE PUBLICATION p FOR TABLE a.b, ⟨here⟩CURRENT_SCHEMA",
        "CREATE PUBLICATION p FOR TABLES IN SCHEMA s, ⟨here⟩a.b",
        "CREATE PUBLICATION p FOR TABLES IN SCHEMA s ⟨here⟩WHERE (a = 1)",
        "ALTER PUBLICATION p ADD TABLES IN SCHEMA s, ⟨here⟩t (a, b)",
    ]);
    assert_read(&[
        "CREATE PUBLICATION p FOR TABLE a.b (c) WHERE (c = 1), d, TABLES IN SCHEMA s, CURRENT_SCHEMA",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "ALTER PUBLICATION p SET TABLES IN SCHEMA s, r, TABLE ONLY t",
        "ALTER PUBLICATION p DROP TABLE t, s.u",
    ]);
}

#[test]
fn calls_have_only_the_clauses_of_their_place() {
    assert_refused(&[
        "SELECT * FROM rank() OVER (⟨here⟩ORDER BY a)",
        "SELECT * FROM ROWS FROM (rank() OVER (⟨here⟩ORDER BY a))",
        "SELECT * FROM f() FILTER (⟨here⟩WHERE a)",
        "SELECT * FROM f() WITHIN ⟨here⟩GROUP (ORDER BY a)",
        "SELECT f(a ORDER BY a) ⟨here⟩WITHIN GROUP (ORDER BY b)",
        "SELECT f(DISTINCT a) ⟨here⟩WITHIN GROUP (ORDER BY b)",
        "SELECT * FROM t TABLESAMPLE system (⟨here⟩)",
        "SELECT * FROM xmltable(⟨here⟩NOT '/a' PASSING x COLUMNS a int)",
        "SELECT * FROM xmltable('/a' PASSING ⟨here⟩&& x COLUMNS a int)",
        "SELECT * FROM xmltable('/a' PASSING x COLUMNS a int PATH ⟨here⟩NOT 'b')",
    ]);
    assert_read(&[
        "SELECT * FROM f() over (a)",
        "SELECT * FROM ROWS FROM (f(), g()) WITH ORDINALITY",
        "SELECT rank() OVER (ORDER BY a), f(a ORDER BY a), f(0.5) WITHIN GROUP (ORDER BY a)",
        "SELECT * FROM t TABLESAMPLE system (3) REPEATABLE (1)",
        "SELECT * FROM xmltable('/a' PASSING BY REF x COLUMNS a int PATH 'b' || 'c')",
    ]);
}

#[test]
fn statements_have_all_their_parts_once() {
    assert_refused(&[
        "ALTER TABLE rename⟨here⟩",
        "ALTER FUNCTION f(int)⟨here⟩",
        "ALTER PROCEDURE f(int)⟨here⟩",
        "ALTER ROUTINE f(int)⟨here⟩",
        "VACUUM ANALYZE ⟨here⟩(t)",
        "CREATE STATISTICS s ⟨here⟩FROM t",
        "CREATE TABLE t (a int GENERATED ⟨here⟩BY DEFAULT AS (1) STORED)",
        "CREATE TRIGGER g BEFORE UPDATE OR UPDATE OF a ⟨here⟩ON t EXECUTE FUNCTION f()",
        "MERGE INTO t USING s ON a = b WHEN NOT MATCHED THEN INSERT VALUES (1)⟨here⟩, (2)",
        "SELECT a FROM t ORDER BY a FETCH FIRST 1 ROW ⟨here⟩WITH TIES FOR UPDATE SKIP LOCKED",
        "CREATE INDEX i ON t (a, ⟨here⟩NULLS LAST)",
        "SELECT * FROM ONLY ⟨here⟩user",
        "CREATE AGGREGATE a (BASETYPE = int, SFUNC = f, ⟨here⟩TYPE = int)",
        "SELECT E'⟨here⟩\\udc00'",
    ]);
    assert_read(&[
        "ALTER TABLE rename RENAME TO t",
        "ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b",
        "ALTER FUNCTION f(int) STRICT",
        "VACUUM (ANALYZE) t",
        "VACUUM ANALYZE t (a)",
        "ANALYZE (VERBOSE) t",
        "CREATE TRIGGER g BEFORE INSERT OR UPDATE OF a OR DELETE ON t EXECUTE FUNCTION f()",
        "SELECT a FROM t ORDER BY a FETCH FIRST 1 ROW WITH TIES FOR UPDATE NOWAIT",
        "CREATE INDEX i ON t (nulls, a NULLS LAST)",
        "SELECT * FROM user, current_date",
        "CREATE AGGREGATE a (BASETYPE = int, SFUNC = f, STYPE = int)",
        "CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int, PARALLEL = safe)",
    ]);
}

#[test]
fn what_squawk_refuses_is_read() {
    assert_read(&[
        "CREATE TABLE t (exclude int, b int, EXCLUDE USING gist (b WITH =))",
        "CREATE TABLE t (a int, exclude text NOT NULL)",
        "ALTER TABLE t ADD exclude int",
        "CREATE TABLE t (LIKE int)",
        "SELECT (SELECT FROM t), (SELECT)",
        "SELECT CASE WHEN (SELECT FROM t) THEN 1 END",
        "SELECT a IN (SELECT 1) ISNULL, b NOT IN (1, 2) NOTNULL",
    ]);
    assert_refused(&[
        "CREATE TABLE t (a int, EXCLUDE USING gist (a ⟨here⟩NOT WITH =))",
        "CREATE TABLE t (a int, EXCLUDE USING gist (a ⟨here⟩, WITH =))",
        "SELECT a IN ⟨here⟩ROW (1, 2)",
        "SELECT a IN ⟨here⟩b",
        "SELECT (1, ⟨here⟩SELECT)",
    ]);
}
