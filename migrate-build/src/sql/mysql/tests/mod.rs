mod grammar;
mod hint;
mod lex;
mod split;

use std::thread;

use super::*;
use crate::diagnostic::{Note, Place};
use crate::sql::{Mode, Name, Object, Statement, StatementKind};

fn read_for(text: &str, version: Option<&str>) -> (Parsed, Vec<Diagnostic>, Arc<Source>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let version = version.map(|version| version.parse().expect("a version"));
    let parsed = Mysql.parse(&source, version, &mut findings);
    (parsed, findings, source)
}

/// The only statement of a text that is right.
fn statement(text: &str) -> Statement {
    let (mut parsed, findings, _) = read_for(text, None);
    assert!(findings.is_empty(), "{text}: {}", findings[0].message);
    assert_eq!(parsed.statements.len(), 1, "{text}");
    parsed.statements.remove(0)
}

/// Of the only finding of a text: what it points at, what it says, and its help.
fn finding_for(text: &str, version: Option<&str>) -> (String, String, Option<String>) {
    let (_, mut findings, source) = read_for(text, version);
    assert_eq!(findings.len(), 1, "{text}");
    let finding = findings.remove(0);
    let Place::Text(_, span) = &finding.labels[0].place else { panic!("{text}: no place") };
    let help = finding.notes.iter().find_map(|note| match note {
        Note::Help(help) => Some(help.clone()),
        Note::Note(_) => None,
    });
    (source.slice(*span).to_owned(), finding.message, help)
}

/// A trace as text: `+column a of t`.
fn traces(text: &str) -> Vec<String> {
    let source = Source::new("up.sql", text);
    let name = |object| match object {
        Object::Relation => "relation",
        Object::Column => "column",
        Object::Index => "index",
        Object::Constraint => "constraint",
        Object::Trigger => "trigger",
        Object::Procedure => "procedure",
        Object::Function => "function",
        Object::Event => "event",
        Object::Database => "database",
    };
    let statement = statement(text);
    let all = statement.traces.iter().map(|trace| {
        let sign = if trace.exists { '+' } else { '-' };
        let table = trace.table.map(|at| format!(" of {}", source.slice(at))).unwrap_or_default();
        format!("{sign}{} {}{table}", name(trace.object), source.slice(trace.name))
    });
    all.collect()
}

#[test]
fn statements_are_what_they_do() {
    use StatementKind::{
        Alter, AlterTable, Begin, Code, Create, Delete, Drop, DropTable, EndTransaction, Insert,
        Maintenance, Other, RenameTable, Savepoint, Select, Session, Truncate, Update,
    };
    let name = Name::new;
    for (text, kind) in [
        ("DROP TABLE IF EXISTS A, `d`.`b.c`", DropTable { tables: vec![name("a"), name("b.c")] }),
        ("DROP TEMPORARY TABLE a", DropTable { tables: vec![name("a")] }),
        ("ALTER TABLE a RENAME TO d.b", RenameTable { table: name("a"), to: name("b") }),
        ("RENAME TABLE a TO b", RenameTable { table: name("a"), to: name("b") }),
        ("RENAME TABLE a TO b, c TO d", AlterTable),
        ("ALTER TABLE a RENAME b, ENGINE = InnoDB", AlterTable),
        ("ALTER TABLE a ADD b INT, ADD c INT", AlterTable),
        ("CREATE VIEW v AS SELECT 1", Create { temporary: false }),
        ("CREATE TEMPORARY SEQUENCE s", Create { temporary: true }),
        (
            "CREATE TRIGGER r AFTER DELETE ON t FOR EACH ROW DELETE FROM u",
            Create { temporary: false },
        ),
        ("ALTER DATABASE d CHARACTER SET utf8mb4", Alter),
        ("DROP PROCEDURE p", Drop),
        ("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1", Insert { replaces: false }),
        ("REPLACE INTO t SET a = 1", Insert { replaces: true }),
        ("LOAD DATA LOCAL INFILE 'f' REPLACE INTO TABLE t", Insert { replaces: true }),
        ("WITH x AS (SELECT 1) UPDATE t, x SET a = 1", Update),
        ("DELETE a, b FROM a JOIN b", Delete),
        ("TRUNCATE t", Truncate),
        ("(SELECT 1) UNION SELECT 2", Select),
        ("SHOW TABLES", Maintenance),
        ("EXPLAIN DELETE FROM t", Maintenance),
        ("START TRANSACTION READ ONLY", Begin),
        ("ROLLBACK", EndTransaction),
        ("ROLLBACK TO SAVEPOINT s", Savepoint),
        ("SET @a = 1", Session),
        ("CALL p", Code),
        ("EXECUTE IMMEDIATE 'DROP TABLE t'", Code),
        ("GRANT ALL ON *.* TO u", Other),
    ] {
        assert_eq!(statement(text).kind, kind, "{text}");
    }
}

#[test]
fn columns_have_names_and_types() {
    let kind = statement(
        "CREATE TABLE t (`id` BIGINT UNSIGNED PRIMARY KEY, KEY k (n), n VARCHAR(20) NOT NULL)",
    )
    .kind;
    let StatementKind::CreateTable { table, temporary, columns } = kind else {
        panic!("it is a table")
    };
    let words = |at: usize| columns[at].type_words.join(" ");
    assert_eq!((table.as_str(), temporary, columns.len()), ("t", false, 2));
    assert_eq!((columns[0].written.as_str(), words(0)), ("`id`", "BIGINT UNSIGNED".to_owned()));
    assert_eq!((columns[1].written.as_str(), words(1)), ("n", "VARCHAR ( 20 )".to_owned()));

    let text = "ALTER TABLE t ADD COLUMN b ENUM('x', 'y') AFTER a";
    let added = statement(text);
    let StatementKind::AddColumn { column } = &added.kind else { panic!("it adds a column") };
    let source = Source::new("up.sql", text);
    let span = Mysql.type_span(&source, added.span, column).expect("a type");
    assert_eq!(source.slice(span), "ENUM('x', 'y')");
}

#[test]
fn what_can_be_repeated_is_told_from_what_cannot() {
    for (mode, texts) in [
        (
            Mode::Alone,
            &[
                "CREATE TABLE IF NOT EXISTS t (a INT)",
                "CREATE OR REPLACE TABLE t (a INT)",
                // It was there before, so its being there shows nothing.
                "CREATE OR REPLACE TABLE t AS SELECT 1",
                "CREATE OR REPLACE VIEW v AS SELECT 1",
                "CREATE INDEX IF NOT EXISTS i ON t (a)",
                "CREATE OR REPLACE INDEX i ON t (a)",
                "DROP TABLE IF EXISTS t",
                "DROP INDEX IF EXISTS i ON t",
                "TRUNCATE TABLE t",
                "ALTER TABLE t MODIFY a BIGINT NOT NULL, COMMENT = 'c'",
                "ALTER TABLE t CHANGE a A BIGINT",
                "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT, DROP COLUMN IF EXISTS b",
                "ALTER TABLE t ALTER a SET DEFAULT 1, ORDER BY a, FORCE",
                "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4",
                "ALTER VIEW v AS SELECT 2",
                "ANALYZE TABLE t",
                "OPTIMIZE TABLE t",
                "GRANT SELECT ON d.* TO u@localhost",
                "CREATE USER IF NOT EXISTS u",
                "ALTER USER u IDENTIFIED BY 'x'",
                "SET PASSWORD = 'x'",
                "LOCK TABLES t WRITE, u AS v READ LOCAL",
                "UNLOCK TABLES",
                "FLUSH PRIVILEGES",
            ][..],
        ),
        (
            Mode::Once,
            &[
                "CREATE TABLE IF NOT EXISTS t AS SELECT 1",
                "ALTER TABLE t ADD COLUMN a INT, MODIFY b INT",
                "ALTER TABLE t CHANGE a b INT",
                "ALTER TABLE t DROP PARTITION p",
                "ALTER TABLE t ADD INDEX (a)",
                "CREATE USER u",
                "REVOKE SELECT ON d.* FROM u",
                "CALL p(1)",
                "EXECUTE s USING @a",
                "BEGIN NOT ATOMIC SELECT 1; END",
            ],
        ),
        (
            Mode::Normal,
            &[
                "INSERT INTO t VALUES (1)",
                "SELECT * FROM t",
                "SELECT 1 INTO OUTFILE 'f'",
                "DO SLEEP(1)",
                "SAVEPOINT s",
                "SHOW TABLES",
                "CHECKSUM TABLE t",
                "SET GLOBAL max_connections = 5",
            ],
        ),
        (
            Mode::Session,
            &[
                "SET @a = 1",
                "SET foreign_key_checks = 0, GLOBAL max_connections = 5",
                "SET NAMES utf8mb4",
                "SET @@session.sql_mode = ''",
                "USE d",
                "PREPARE s FROM @a",
                "SELECT count(*) INTO @n FROM t",
            ],
        ),
        (Mode::Temporary, &["CREATE TEMPORARY TABLE t (a INT)", "DROP TEMPORARY TABLE t"]),
        (Mode::Begin, &["BEGIN", "START TRANSACTION"]),
        (Mode::Commit, &["COMMIT", "ROLLBACK AND CHAIN"]),
    ] {
        for text in texts {
            assert_eq!(statement(text).mode, mode, "{text}");
        }
    }
}

#[test]
fn what_a_statement_leaves_behind_is_named() {
    for (text, expected) in [
        ("CREATE TABLE `d`.t (a INT)", &["+relation `d`.t"][..]),
        ("CREATE TABLE t AS SELECT 1", &["+relation t"]),
        ("DROP TABLE a, b", &["-relation a", "-relation b"]),
        ("CREATE VIEW v AS SELECT 1", &["+relation v"]),
        ("RENAME TABLE a TO b", &["-relation a", "+relation b"]),
        ("ALTER TABLE a RENAME TO b", &["+relation b", "-relation a"]),
        ("ALTER TABLE t ADD (a INT, b INT, KEY k (a))", &["+column a of t", "+column b of t"]),
        (
            "ALTER TABLE t ADD a INT, DROP b, MODIFY c INT, ADD COLUMN IF NOT EXISTS d INT",
            &["+column a of t", "-column b of t"],
        ),
        ("ALTER TABLE t CHANGE a b INT, CHANGE c c INT", &["-column a of t", "+column b of t"]),
        ("ALTER TABLE t RENAME COLUMN a TO b", &["-column a of t", "+column b of t"]),
        (
            "ALTER TABLE t RENAME u, ADD a INT, DROP INDEX i",
            &["+relation u", "+column a of u", "-index i of t", "-relation t"],
        ),
        (
            "ALTER TABLE t ADD INDEX i (a), ADD UNIQUE KEY j (a), ADD FULLTEXT k (a), DROP KEY l",
            &["+index i of t", "+index j of t", "+index k of t", "-index l of t"],
        ),
        ("ALTER TABLE t RENAME INDEX i TO j", &["-index i of t", "+index j of t"]),
        (
            "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY i (a) REFERENCES u (b), DROP FOREIGN KEY f",
            &["+constraint c of t", "-constraint f of t"],
        ),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", &["+constraint c of t"]),
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", &["+constraint c of t"]),
        // The name of the index is that of the constraint, tried on MariaDB 10.11.
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE i (a)", &["+constraint i of t"]),
        ("ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a)", &["+constraint PRIMARY of t"]),
        (
            "ALTER TABLE t DROP PRIMARY KEY, DROP CHECK c",
            &["-constraint PRIMARY of t", "-constraint c of t"],
        ),
        ("CREATE UNIQUE INDEX i ON d.t (a)", &["+index i of d.t"]),
        ("DROP INDEX `PRIMARY` ON t", &["-index `PRIMARY` of t"]),
        ("CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", &["+trigger r"]),
        ("CREATE PROCEDURE p() BEGIN DROP TABLE t; END", &["+procedure p"]),
        ("CREATE FUNCTION f() RETURNS INT RETURN 1", &["+function f"]),
        ("DROP FUNCTION f", &["-function f"]),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t", &["+event e"]),
        ("ALTER EVENT e RENAME TO f", &["-event e", "+event f"]),
        ("CREATE DATABASE d", &["+database d"]),
        ("DROP SCHEMA d", &["-database d"]),
        ("CREATE SEQUENCE s", &["+relation s"]),
    ] {
        assert_eq!(traces(text), expected, "{text}");
    }
}

#[test]
fn what_shows_nothing_is_not_named() {
    for text in [
        // Made anew under its name: it is there before and after.
        "ALTER TABLE t DROP INDEX i, ADD INDEX `I` (a, b)",
        "RENAME TABLE a TO x, b TO a, x TO b",
        // The server chooses a name.
        "ALTER TABLE t ADD INDEX (a)",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (b)",
        "CREATE USER u",
    ] {
        assert_eq!(statement(text).mode, Mode::Once, "{text}");
        assert_eq!(traces(text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(
        traces("ALTER TABLE t DROP INDEX i, ADD INDEX i (a, b), ADD c INT"),
        ["+column c of t"]
    );
}

#[test]
fn names_are_folded_and_unquoted() {
    let names = |text| Mysql.names(text);
    assert_eq!(
        names("DELETE FROM `My``T`.Users WHERE 'no' = \"no\" -- nor this\n/*!50100 AND Ä */"),
        ["and", "delete", "from", "my`t", "users", "where", "ä"]
    );
}

#[test]
fn what_only_other_servers_understand_is_said_when_the_server_is_known() {
    for (text, server, place) in [
        ("INSERT INTO t VALUES (1) RETURNING id", "8.0", Some("RETURNING")),
        ("INSERT INTO t VALUES (1) RETURNING id", "mariadb-10.4", Some("RETURNING")),
        ("INSERT INTO t VALUES (1) RETURNING id", "mariadb-10.5", None),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT", "8.0", Some("IF")),
        ("ALTER TABLE t ADD INDEX ((a + 1))", "8.0", None),
        ("ALTER TABLE t ADD INDEX ((a + 1))", "mariadb-10.11", Some("(")),
        ("ALTER TABLE t RENAME COLUMN a TO b", "5.7", Some("COLUMN")),
        ("ALTER TABLE t RENAME COLUMN a TO b", "8.0", None),
        ("SELECT a -> '$.x' FROM t", "mariadb-10.11", Some("->")),
        ("CREATE OR REPLACE PROCEDURE p() SELECT 1", "8.0", Some("PROCEDURE")),
        ("CREATE OR REPLACE TABLE t (a INT)", "8.4", Some("OR")),
        ("BEGIN NOT ATOMIC SELECT 1; END", "8.0", Some("BEGIN")),
        ("CREATE TABLE t (a UUID)", "mariadb-10.6", Some("UUID")),
        ("CREATE TABLE t (a INT DEFAULT (1 + 1))", "8.0", None),
        ("CREATE TABLE t (a INT DEFAULT 1 + 1)", "8.0", Some("1")),
        ("CREATE PROCEDURE p() BEGIN SELECT 1 EXCEPT SELECT 2; END", "5.7", Some("EXCEPT")),
    ] {
        let (_, findings, _) = read_for(text, Some(server));
        assert_eq!(findings.len(), usize::from(place.is_some()), "{text} for {server}");
        assert!(read_for(text, None).1.is_empty(), "{text}");
        if let Some(place) = place {
            assert_eq!(findings[0].rule.id, "newer-server", "{text}");
            assert_eq!(finding_for(text, Some(server)).0, place, "{text} for {server}");
        }
    }
}

#[test]
fn words_are_reserved_where_they_are() {
    let refused = |text: &str, server| !read_for(text, server).1.is_empty();
    for (word, server, reserved) in [
        ("rank", None, false),
        ("rank", Some("8.0"), true),
        ("rank", Some("5.7"), false),
        ("rank", Some("mariadb-10.11"), false),
        ("offset", Some("mariadb-10.11"), true),
        ("offset", Some("8.0"), false),
        ("order", None, true),
    ] {
        let text = format!("CREATE TABLE t ({word} INT)");
        assert_eq!(refused(&text, server), reserved, "{word} for {server:?}");
        assert!(!refused(&format!("CREATE TABLE t (`{word}` INT)"), server), "{word}");
    }
}

#[test]
fn what_is_not_understood_is_said() {
    for text in ["XA START 'x'", "HANDLER t OPEN", "PURGE BINARY LOGS TO 'x'"] {
        let (parsed, findings, _) = read_for(text, None);
        assert_eq!(findings[0].rule.id, "not-understood", "{text}");
        assert_eq!(parsed.statements[0].mode, Mode::Once, "{text}");
    }
    let (_, findings, _) = read_for("XB START 'x'", None);
    assert_eq!(findings[0].rule.id, "syntax");
}

#[test]
fn nothing_exhausts_the_stack() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let nests = [20_000, 100_000].into_iter().flat_map(|depth| {
        [
            format!("SELECT {}", nested("(", "1", ")", depth)),
            format!("SELECT {}", "(".repeat(depth)),
            format!("SELECT {}", nested("CASE WHEN 1 THEN ", "1", " END", depth)),
            format!("SELECT {}", nested("abs(", "1", ")", depth)),
            format!("SELECT * FROM {}", nested("(SELECT * FROM ", "t", ") x", depth)),
            format!("CREATE PROCEDURE p() {}", nested("BEGIN ", "", "END; ", depth)),
            format!("CREATE PROCEDURE p() {}", nested("IF 1 THEN ", "DO 1;", " END IF;", depth)),
            format!("CREATE TABLE t (a INT CHECK ({}))", nested("(", "a", ")", depth)),
        ]
    });
    let depth = 20_000;
    let chains = [
        format!("SELECT {}1", "NOT ".repeat(depth)),
        format!("SELECT {}1", "- ".repeat(depth)),
        format!("SELECT 1{}", " + 1".repeat(depth)),
        format!("DELETE FROM t WHERE a = 1{}", " OR a = 1".repeat(depth)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(depth)),
        format!("SELECT 1 FROM t{}", " JOIN t".repeat(depth)),
        format!("INSERT INTO t VALUES (1){}", ", (1)".repeat(depth)),
    ];
    let texts: Vec<String> = nests.chain(chains).collect();
    let read = move || {
        for text in texts {
            let (_, findings, _) = read_for(&text, None);
            assert!(findings.len() <= 1, "{}", &text[..60]);
            for finding in findings {
                let expected = ["too-deep", "syntax"].contains(&finding.rule.id);
                assert!(expected, "{}: {}", &text[..60], finding.message);
            }
        }
    };
    let thread = thread::Builder::new().stack_size(512 * 1024).spawn(read);
    thread.expect("a new thread").join().expect("no panic");
}

#[test]
fn an_edited_comment_is_no_other_statement() {
    let tokens = |text| read_for(text, None).0.tokens;
    assert_eq!(tokens("SELECT 1 -- a\n"), tokens("SELECT /* b */ 1"));
    assert_ne!(tokens("SELECT 1"), tokens("SELECT /*! + */ 1"));
}

#[test]
fn directives_are_read() {
    let (parsed, findings, _) =
        read_for("-- migrate: irreversible reason=\"x\"\nDROP TABLE t", None);
    assert_eq!((parsed.directives.len(), findings.len()), (1, 0));
}
