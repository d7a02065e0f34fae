use super::*;
use crate::diagnostic::{Note, Place};
use crate::sql::{Mode, Name, Object, StatementKind};

fn read_for(text: &str, version: Option<&str>) -> (Parsed, Vec<Diagnostic>, Arc<Source>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let version = version.map(|version| version.parse().expect("a version"));
    let parsed = Postgres.parse(&source, version, &mut findings);
    (parsed, findings, source)
}

/// The only statement of a text that is right.
fn statement_for(text: &str, version: Option<&str>) -> Statement {
    let (mut parsed, findings, _) = read_for(text, version);
    assert!(findings.is_empty(), "{text}: {}", findings[0].message);
    assert_eq!(parsed.statements.len(), 1, "{text}");
    parsed.statements.remove(0)
}

fn statement(text: &str) -> Statement {
    statement_for(text, None)
}

/// Of the only finding of a text: what it points at, what it says, and its help.
fn finding(text: &str) -> (String, String, Option<String>) {
    let (_, mut findings, source) = read_for(text, None);
    assert_eq!(findings.len(), 1, "{text}");
    let finding = findings.remove(0);
    let Place::Text(_, span) = &finding.labels[0].place else { panic!("{text}: no place") };
    let help = finding.notes.iter().find_map(|note| match note {
        Note::Help(help) => Some(help.clone()),
        Note::Note(_) => None,
    });
    (source.slice(*span).to_owned(), finding.message, help)
}

#[test]
fn statements_are_what_they_do() {
    use StatementKind::{
        Alter, AlterTable, Begin, Code, Create, CreateTable, Delete, Drop, DropTable,
        EndTransaction, Insert, Maintenance, Other, RenameTable, Savepoint, Select, Session,
        Truncate, Update, Vacuum,
    };
    let name = |text: &str| Name::folded(text);
    let table =
        |table: &str, temporary| CreateTable { table: name(table), temporary, columns: Vec::new() };
    for (text, kind) in [
        ("CREATE TABLE s.\"T\" ()", table("T", false)),
        ("CREATE TEMP TABLE T AS SELECT 1", table("t", true)),
        ("CREATE TABLE pg_temp.t ()", table("t", true)),
        ("SELECT 1 INTO TEMP t", table("t", true)),
        ("SELECT 1 INTO t", table("t", false)),
        ("DROP TABLE IF EXISTS A, s.b CASCADE", DropTable { tables: vec![name("a"), name("b")] }),
        ("ALTER TABLE s.a RENAME TO b", RenameTable { table: name("a"), to: name("b") }),
        ("ALTER TABLE a RENAME b TO c", AlterTable),
        ("ALTER INDEX i RENAME TO j", Alter),
        ("CREATE TEMP VIEW v AS SELECT 1", Create { temporary: true }),
        ("CREATE INDEX ON t (a)", Create { temporary: false }),
        ("CREATE FUNCTION pg_temp.f() RETURNS int RETURN 1", Create { temporary: true }),
        ("DROP VIEW v", Drop),
        ("TRUNCATE a, b", Truncate),
        ("INSERT INTO t VALUES (1)", Insert { replaces: false }),
        ("WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone", Delete),
        ("WITH new AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM new", Update),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", Update),
        ("EXPLAIN ANALYZE DELETE FROM t", Delete),
        ("EXPLAIN SELECT 1", Maintenance),
        ("(SELECT 1) UNION VALUES (2)", Select),
        ("DO $$ BEGIN NULL; END $$", Code),
        ("CALL p()", Code),
        ("VACUUM", Vacuum),
        ("REINDEX TABLE t", Maintenance),
        ("SET LOCAL lock_timeout = 0", Session),
        ("GRANT SELECT ON t TO u", Other),
        ("COMMENT ON TABLE t IS 'x'", Other),
        ("START TRANSACTION READ ONLY", Begin),
        ("END", EndTransaction),
        ("ABORT", EndTransaction),
        ("PREPARE TRANSACTION 'x'", EndTransaction),
        ("ROLLBACK TO s", Savepoint),
    ] {
        assert_eq!(statement(text).kind, kind, "{text}");
    }
}

#[test]
fn a_value_of_an_enumeration_is_kept() {
    let added = |text| statement(text).kind;
    let value = |value: &str| StatementKind::AddEnumValue {
        name: Name::folded("mood"),
        value: value.to_owned(),
    };
    assert_eq!(
        added("ALTER TYPE s.Mood ADD VALUE IF NOT EXISTS 'it''s' BEFORE 'x'"),
        value("it's")
    );
    assert_eq!(added("ALTER TYPE mood ADD VALUE E'\\x41'"), value("A"));
}

#[test]
fn columns_have_names_and_types() {
    let text = "CREATE TABLE t (\"A b\" timestamp(3) with time zone, b s.\"T\"[], Exclude int, PRIMARY KEY (b))";
    let StatementKind::CreateTable { columns, .. } = statement(text).kind else { panic!("{text}") };
    let columns: Vec<_> =
        columns.iter().map(|column| (&*column.written, column.type_words.join(" "))).collect();
    assert_eq!(
        columns,
        [
            ("\"A b\"", "timestamp with time zone".to_owned()),
            ("b", "s \"T\"".to_owned()),
            ("Exclude", "int".to_owned()),
        ]
    );
}

#[test]
fn what_cannot_run_in_a_transaction_says_so() {
    let modes = [
        (
            Mode::Alone,
            &[
                "VACUUM FULL t",
                "REINDEX INDEX CONCURRENTLY i",
                "REINDEX (CONCURRENTLY) TABLE t",
                "REINDEX SCHEMA s",
                "REINDEX DATABASE d",
                "REINDEX SYSTEM d",
                "CLUSTER",
                "CLUSTER VERBOSE",
                "ALTER SYSTEM SET work_mem = '1MB'",
                "DISCARD ALL",
                "ALTER DATABASE d SET TABLESPACE x",
                "DROP DATABASE IF EXISTS d",
                "DROP INDEX CONCURRENTLY IF EXISTS i",
                "DROP TABLESPACE IF EXISTS x",
                "DROP SUBSCRIPTION IF EXISTS s",
                "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
                "ALTER SUBSCRIPTION s SET PUBLICATION p",
            ][..],
        ),
        (
            Mode::Once,
            &[
                "CREATE INDEX CONCURRENTLY i ON t (a)",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
                "CREATE INDEX CONCURRENTLY ON t (a)",
                "DROP INDEX CONCURRENTLY i",
                "CREATE DATABASE d",
                "DROP DATABASE d",
                "CREATE TABLESPACE x LOCATION '/x'",
                "DROP TABLESPACE x",
                "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot)",
                "DROP SUBSCRIPTION s",
                "ALTER SUBSCRIPTION s ADD PUBLICATION p",
                "COMMIT PREPARED 'x'",
                "ROLLBACK PREPARED 'x'",
            ],
        ),
        (
            Mode::Normal,
            &[
                "CREATE INDEX i ON t (a)",
                "DROP INDEX i",
                "REINDEX TABLE t",
                "REINDEX (CONCURRENTLY off) TABLE t",
                "REINDEX (VERBOSE) INDEX i",
                "CLUSTER t",
                "CLUSTER t USING i",
                "CLUSTER i ON t",
                "ALTER DATABASE d SET work_mem = '1MB'",
                "ALTER TABLE t DETACH PARTITION p",
                "ALTER TABLE t DETACH PARTITION p FINALIZE",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = off)",
                "ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh = false)",
                "ALTER SUBSCRIPTION s DISABLE",
                "ALTER TYPE e ADD VALUE 'x'",
                "DO $$ BEGIN COMMIT; END $$",
                "CALL p()",
                "SAVEPOINT s",
            ],
        ),
    ];
    for (mode, texts) in modes {
        for text in texts {
            assert_eq!(statement(text).mode, mode, "{text}");
        }
    }
}

#[test]
fn what_is_for_the_session_is_told_from_what_is_for_the_transaction() {
    for text in [
        "SET lock_timeout = '2s'",
        "SET SESSION statement_timeout TO 0",
        "SET ROLE r",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "RESET ALL",
        "LISTEN c",
        "PREPARE p AS SELECT 1",
        "DISCARD TEMP",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "SELECT pg_catalog.set_config('search_path', '', false)",
    ] {
        assert_eq!(statement(text).mode, Mode::Session, "{text}");
    }
    for text in [
        "SET LOCAL lock_timeout = '2s'",
        "SET LOCAL ROLE r",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET CONSTRAINTS ALL DEFERRED",
        "DECLARE c CURSOR FOR SELECT 1",
        "SELECT set_config('search_path', '', true)",
    ] {
        assert_eq!(statement(text).mode, Mode::Normal, "{text}");
    }
    assert_eq!(statement("CREATE TEMP TABLE t ()").mode, Mode::Temporary);
    assert_eq!(statement("BEGIN").mode, Mode::Begin);
    assert_eq!(statement("ROLLBACK").mode, Mode::Commit);
}

#[test]
fn a_value_could_not_be_added_in_a_transaction_before_postgresql_12() {
    let mode = |text, version| statement_for(text, Some(version)).mode;
    assert_eq!(mode("ALTER TYPE e ADD VALUE 'x'", "11"), Mode::Once);
    assert_eq!(mode("ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'", "11"), Mode::Alone);
    assert_eq!(mode("ALTER TYPE e RENAME VALUE 'x' TO 'y'", "11"), Mode::Normal);
    assert_eq!(mode("ALTER TYPE e ADD VALUE 'x'", "12"), Mode::Normal);
}

#[test]
fn what_a_statement_leaves_is_named_as_it_is_written() {
    let traces = |text: &str| {
        let text = format!("SELECT 1; {text}");
        let (parsed, _, source) = read_for(&text, None);
        let traces = parsed.statements[1].traces.iter();
        let written = |span| source.slice(span).to_owned();
        traces
            .map(|trace| {
                (trace.object, trace.exists, written(trace.name), trace.table.map(written))
            })
            .collect::<Vec<_>>()
    };
    let table = |name: &str| Some(name.to_owned());
    assert_eq!(
        traces("CREATE INDEX CONCURRENTLY \"I\" ON ONLY s.t (a)"),
        [(Object::Index, true, "\"I\"".to_owned(), table("s.t"))]
    );
    assert_eq!(
        traces("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)"),
        [(Object::Index, true, "i".to_owned(), table("t"))]
    );
    assert_eq!(traces("CREATE INDEX CONCURRENTLY ON t (a)"), []);
    assert_eq!(
        traces("DROP INDEX CONCURRENTLY s.i"),
        [(Object::Index, false, "s.i".to_owned(), None)]
    );
    assert_eq!(
        traces("REINDEX INDEX CONCURRENTLY s.i"),
        [(Object::Index, true, "s.i".to_owned(), None)]
    );
    assert_eq!(
        traces("REINDEX (CONCURRENTLY) TABLE t"),
        [(Object::Relation, true, "t".to_owned(), None)]
    );
    assert_eq!(traces("REINDEX SCHEMA CONCURRENTLY s"), []);
    assert_eq!(traces("CREATE DATABASE d"), [(Object::Database, true, "d".to_owned(), None)]);
    assert_eq!(traces("DROP DATABASE d"), [(Object::Database, false, "d".to_owned(), None)]);
}

#[test]
fn names_are_those_of_the_text_and_of_the_code_in_it() {
    let names = |text| Postgres.names(text);
    assert_eq!(
        names("DELETE FROM S.\"Users\" WHERE a = 'T'"),
        ["Users", "a", "delete", "from", "s", "where"]
    );
    assert_eq!(names("DO $x$ DELETE FROM logs; $x$"), ["delete", "do", "from", "logs"]);
}

#[test]
fn a_misspelt_keyword_is_named() {
    for (text, place, meant) in [
        ("SELEC 1;", "SELEC", "did you mean `SELECT` instead of `SELEC`?"),
        ("CREATE TABEL x (id int);", "TABEL", "did you mean `TABLE` instead of `TABEL`?"),
        ("DROP TABEL x;", "TABEL", "did you mean `TABLE` instead of `TABEL`?"),
        ("CREATE UNIQUE INDXE i ON t (a);", "INDXE", "did you mean `INDEX` instead of `INDXE`?"),
        ("SELECT 1 FROM t WERE x = 1;", "x", "did you mean `WHERE` instead of `WERE`?"),
        (
            "CREATE TABLE u (id int, email text NOT NULL DEFUALT '');",
            "DEFUALT",
            "did you mean `DEFAULT` instead of `DEFUALT`?",
        ),
        ("CREATE TABLE t (a int NOT NUL);", "NUL", "did you mean `NULL` instead of `NUL`?"),
    ] {
        let (found, message, help) = finding(text);
        assert_eq!(found, place, "{text}");
        assert_eq!(message, format!("syntax error near `{place}`"), "{text}");
        assert_eq!(help.as_deref(), Some(meant), "{text}");
    }
}

#[test]
fn mistakes_in_the_body_of_a_function_are_found_where_they_are() {
    let text = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELCT 2 $$;";
    let (found, _, help) = finding(text);
    assert_eq!(found, "SELCT");
    assert_eq!(help.as_deref(), Some("did you mean `SELECT` instead of `SELCT`?"));
    let (found, message, _) =
        finding("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT (1'");
    assert_eq!((&*found, &*message), ("1", "this statement is not finished"));
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    for (text, meant) in [
        ("SELECT 1\nSELECT 2;", "is a `;` missing before `SELECT`?"),
        ("CREATE TABLE t (id INT PRIMARY KEY\n  name TEXT);", "is a comma missing before `name`?"),
        ("CREATE TABLE t (a INT,);", "is the comma before `)` one too many?"),
        ("INSERT INTO t VALUES (1;", "is a `)` missing?"),
        ("SELECT a, FROM t;", "is the comma before `FROM` one too many?"),
        ("INSERT INTO t VALUES ('it's me');", "a quote inside a string is written twice: `''`"),
        (
            "CREATE TABLE order (id INT);",
            "`order` is a reserved word: as a name, write `\"order\"`",
        ),
    ] {
        assert_eq!(finding(text).2.as_deref(), Some(meant), "{text}");
    }
}

#[test]
fn what_is_not_closed_is_one_finding() {
    for (text, place, message) in [
        ("SELECT 'a;\nSELECT 1;", "'a;", "the closing quote is missing"),
        ("SELECT \"a;\nSELECT 1;", "\"a;", "the closing quote is missing"),
        ("DO $f$ BEGIN\nEND $$;", "$f$ BEGIN", "the closing `$f$` is missing"),
        ("SELECT 1 /* /* */;\nSELECT 1;", "/* /* */;", "this comment has no end"),
    ] {
        let (found, said, _) = finding(text);
        assert_eq!((&*found, &*said), (place, message), "{text}");
    }
}

#[test]
fn commands_of_shells_are_not_sql() {
    for (text, place, says) in [
        ("DELIMITER //\nSELECT 1;", "DELIMITER //", "`mysql`"),
        ("\\d users\n;", "\\d users", "`psql`"),
        (".tables\n;", ".tables", "`sqlite3`"),
    ] {
        let (found, message, help) = finding(text);
        assert_eq!((&*found, &*message), (place, "this is not SQL"), "{text}");
        assert!(help.is_some_and(|help| help.contains(says)), "{text}");
    }
}

#[test]
fn rows_that_follow_a_copy_are_not_read() {
    let text = "COPY t (a) FROM stdin;\n1\t'it\n\\.\nSELECT 1;";
    let (found, message, help) = finding(text);
    assert_eq!(found, "COPY t (a) FROM stdin");
    assert_eq!(message, "the rows of this `COPY` are read from the client, which has none");
    assert!(help.is_some_and(|help| help.contains("INSERT")));
    assert_eq!(read_for(text, None).0.statements.len(), 1, "what stands behind them is");
    assert_eq!(finding("COPY t TO STDOUT;").0, "COPY t TO STDOUT");
    statement("COPY t FROM '/tmp/stdin'");
}

#[test]
fn what_only_newer_servers_understand_is_said_when_the_server_is_known() {
    for (text, since, place) in [
        ("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)", 18, "VIRTUAL"),
        ("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2))", 18, "ALWAYS AS (a * 2)"),
        ("ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID", 18, "CONSTRAINT n"),
        ("ALTER TABLE t ADD PRIMARY KEY (a, b WITHOUT OVERLAPS)", 18, "WITHOUT OVERLAPS"),
        ("ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED", 18, "NOT ENFORCED"),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING *", 17, "RETURNING *"),
        ("ALTER TABLE t ALTER a SET EXPRESSION AS (b + 1)", 17, "SET EXPRESSION AS (b + 1)"),
        ("SELECT * FROM (SELECT 1)", 16, "(SELECT 1)"),
        ("SELECT 0x1F", 16, "0x1F"),
        ("SELECT 1_000", 16, "1_000"),
        ("GRANT a TO b WITH INHERIT TRUE", 16, "INHERIT TRUE"),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", 15, "MERGE"),
        ("CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT", 15, "NULLS NOT DISTINCT"),
        ("CREATE VIEW v WITH (security_invoker = on) AS SELECT 1", 15, "security_invoker"),
        ("CREATE OR REPLACE TRIGGER t BEFORE INSERT ON u EXECUTE FUNCTION f()", 14, "OR REPLACE"),
        ("CREATE FUNCTION f() RETURNS int RETURN 1", 14, "RETURN 1"),
        ("SELECT 1 FROM t GROUP BY ALL", 19, "GROUP BY ALL"),
        ("SELECT 1 FROM t GROUP BY ALL a, ROLLUP (b)", 14, "GROUP BY ALL a, ROLLUP (b)"),
        ("ALTER TABLE t ALTER a DROP EXPRESSION", 13, "DROP EXPRESSION"),
        ("REINDEX TABLE CONCURRENTLY t", 12, "TABLE CONCURRENTLY t"),
    ] {
        let older = (since - 1).to_string();
        let (_, findings, source) = read_for(text, Some(&older));
        assert_eq!(findings.len(), 1, "{text}");
        assert_eq!(findings[0].rule.id, "newer-server", "{text}");
        let Place::Text(_, span) = &findings[0].labels[0].place else { panic!("{text}") };
        assert_eq!(source.slice(*span), place, "{text}");
        let note = Note::Note(format!("PostgreSQL understands it since {since}"));
        assert_eq!(findings[0].notes[0], note, "{text}");
        for server in [None, Some(&*since.to_string())] {
            assert!(read_for(text, server).1.is_empty(), "{text} for {server:?}");
        }
    }
}

#[test]
fn what_servers_always_understood_is_never_newer() {
    for text in [
        "CREATE TABLE t (a int CONSTRAINT n NOT NULL, b serial, UNIQUE (a))",
        "SELECT * FROM (SELECT 1) AS s, (VALUES (1)) v, f(), (t CROSS JOIN u)",
        "SELECT json_object('{a,b}'), json_value(a, '$'), system_user FROM t GROUP BY a",
        "CREATE TRIGGER t BEFORE INSERT ON u EXECUTE PROCEDURE f()",
        "GRANT a TO b WITH ADMIN OPTION",
        "CREATE UNLOGGED TABLE t (a int DEFAULT 10)",
        "ALTER TABLE t RENAME COLUMN a TO b",
    ] {
        assert!(read_for(text, Some("10")).1.is_empty(), "{text}");
    }
}
