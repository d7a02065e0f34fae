//! SQL that does not parse, and SQL that only SQLite would take.

use migrate_build::{Dialect, Mode, Report};
use snapbox::{assert_data_eq, str};

use crate::{report_for, said_of};
use migrate_tests::migration_set::{Set, shown};

fn report_of(up: impl AsRef<[u8]>) -> Report {
    Set::new().file("1_a/up.sql", up).file("1_a/down.sql", "SELECT 'back';\n").report()
}

#[test]
fn a_syntax_error_has_a_file_a_line_and_a_column() {
    let up = "-- users come first\nCREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  email TEXT NOT NULL DEFUALT ''\n);\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `DEFUALT`
 --> migrations/1_a/up.sql:4:23
  |
4 |   email TEXT NOT NULL DEFUALT ''
  |                       ^^^^^^^ SQLite does not expect this here
  |
  = help: did you mean `DEFAULT` instead of `DEFUALT`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn columns_are_counted_in_characters() {
    let report = report_of("/* äöü € */ SELEC 'ß';\n");
    let line = migrate_build::render::short(&report.findings[0]);
    assert_eq!(line, "migrations/1_a/up.sql:1:13: error[syntax]: syntax error near `SELEC`");
}

#[test]
fn every_error_of_a_file_is_reported() {
    let up = "CREATE TABEL a (x);\nCREATE TABLE b (x);\nDORP TABLE b;\nINSERT INTO b VALUES (1;\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `TABEL`
 --> migrations/1_a/up.sql:1:8
  |
1 | CREATE TABEL a (x);
  |        ^^^^^ SQLite does not expect this here
  |
  = help: did you mean `TABLE` instead of `TABEL`?
  = note: `cargo migrate explain syntax` says more

error[syntax]: syntax error near `DORP`
 --> migrations/1_a/up.sql:3:1
  |
3 | DORP TABLE b;
  | ^^^^ SQLite does not expect this here
  |
  = help: did you mean `DROP` instead of `DORP`?
  = note: `cargo migrate explain syntax` says more

error[syntax]: this statement is not finished
 --> migrations/1_a/up.sql:4:23
  |
4 | INSERT INTO b VALUES (1;
  |                       ^ more is expected here
  |
  = help: is a `)` missing?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn a_semicolon_that_is_missing_is_asked_for() {
    assert_data_eq!(
        said_of("DROP TABLE a\nDROP TABLE b;\n"),
        str![[r#"
error[syntax]: syntax error near `DROP`
 --> migrations/1_a/up.sql:2:1
  |
2 | DROP TABLE b;
  | ^^^^ SQLite does not expect this here
  |
  = help: is a `;` missing before `DROP`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn strings_and_names_without_an_end() {
    assert_data_eq!(
        said_of("INSERT INTO t VALUES ('it is open);\nSELECT 1;\n"),
        str![[r#"
error[syntax]: the closing quote is missing
 --> migrations/1_a/up.sql:1:23
  |
1 | INSERT INTO t VALUES ('it is open);
  |                       ^^^^^^^^^^^^^
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_data_eq!(
        said_of("SELECT 1 AS \"name;\n"),
        str![[r#"
error[syntax]: the closing quote is missing
 --> migrations/1_a/up.sql:1:13
  |
1 | SELECT 1 AS "name;
  |             ^^^^^^
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_data_eq!(
        said_of("SELECT [name;\n"),
        str![[r#"
error[syntax]: the closing `]` is missing
 --> migrations/1_a/up.sql:1:8
  |
1 | SELECT [name;
  |        ^^^^^^
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn a_comment_without_an_end_inside_a_statement() {
    assert_data_eq!(
        said_of("CREATE TABLE t (a /* the first\n);\n"),
        str![[r#"
error[syntax]: this comment has no end
 --> migrations/1_a/up.sql:1:19
  |
1 | CREATE TABLE t (a /* the first
  |                   ^^^^^^^^^^^^ everything from here
  |
  = help: write `*/` where it ends
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn a_comment_without_an_end_hides_no_statements() {
    assert_data_eq!(
        said_of("DROP TABLE a; /* the last\nDROP TABLE b;\n"),
        str![[r#"
error[syntax]: this comment has no end
 --> migrations/1_a/up.sql:1:15
  |
1 | DROP TABLE a; /* the last
  |               ^^^^^^^^^^^ everything from here
  |
  = help: write `*/` where it ends
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_ne!(said_of("SELECT 1; /*/"), "");
}

#[test]
fn the_body_of_a_trigger_is_one_statement() {
    let trigger = "CREATE TRIGGER log AFTER UPDATE ON users BEGIN\n  INSERT INTO log VALUES (CASE WHEN new.id THEN 'a;b' END);\n  -- done;\n  DELETE FROM old;\nEND";
    let report = report_for(Dialect::Sqlite, &format!("{trigger};\nDROP TABLE x;\n"));
    assert_eq!(shown(&report), "");
    let up = &report.migrations[0].up;
    let texts: Vec<&str> =
        up.facts.statements.iter().map(|unit| up.source.slice(unit.span)).collect();
    assert_eq!(texts, [trigger, "DROP TABLE x"]);
}

#[test]
fn the_body_of_a_trigger_has_an_end() {
    let up = "CREATE TRIGGER log AFTER UPDATE ON users BEGIN\n  DELETE FROM old;\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: this statement is not finished
 --> migrations/1_a/up.sql:2:18
  |
2 |   DELETE FROM old;
  |                  ^ more is expected here
  |
  = help: the body of a trigger is `BEGIN …; END;`
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn an_error_inside_a_trigger_is_where_it_is() {
    let up = "CREATE TRIGGER log AFTER UPDATE ON users BEGIN\n  DELET FROM old;\nEND;\nSELECT 1;\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `DELET`
 --> migrations/1_a/up.sql:2:3
  |
2 |   DELET FROM old;
  |   ^^^^^ SQLite does not expect this here
  |
  = help: did you mean `DELETE` instead of `DELET`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn a_commit_in_the_middle_is_refused() {
    let up = "CREATE TABLE a (x);\nCOMMIT;\nCREATE TABLE b (x);\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[transaction-control]: this ends the transaction that the migration runs in
 --> migrations/1_a/up.sql:2:1
  |
2 | COMMIT;
  | ^^^^^^
  |
  = note: what follows would run, and fail, outside: half a migration would stay
  = help: leave it out: the whole migration is one transaction
  = note: `cargo migrate explain transaction-control` says more

"#]]
    );
}

#[test]
fn savepoints_inside_the_transaction_are_fine() {
    let up = "SAVEPOINT s;\nDELETE FROM t;\nROLLBACK TO s;\nRELEASE s;\n";
    assert_eq!(said_of(up), "");
}

#[test]
fn a_file_outside_transactions_may_have_its_own() {
    let report = Set::new()
        .table("0_t", "t")
        .file("1_a/up.sql", "VACUUM;\nBEGIN;\nDELETE FROM t;\nCOMMIT;\n")
        .file("1_a/down.sql", "SELECT 1;\n")
        .file("1_a/metadata.toml", "run_in_transaction = false\n")
        .report();
    assert_eq!(shown(&report), "");
    let modes: Vec<Mode> =
        report.migrations[1].up.facts.statements.iter().map(|unit| unit.mode).collect();
    assert_eq!(modes, [Mode::Alone, Mode::Begin, Mode::Normal, Mode::Commit]);
}

#[test]
fn commands_of_client_programs_are_no_sql() {
    assert_data_eq!(
        said_of("DELIMITER //\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END//\n"),
        str![[r#"
error[syntax]: this is not SQL
 --> migrations/1_a/up.sql:1:1
  |
1 | DELIMITER //
  | ^^^^^^^^^^^^
  |
  = help: `DELIMITER` is a command of the `mysql` program, not SQL: leave it out, statements are split where the grammar ends them
  = note: `cargo migrate explain syntax` says more

error[syntax]: syntax error near `/`
 --> migrations/1_a/up.sql:2:55
  |
2 | CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END//
  |                                                       ^ SQLite does not expect this here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    // Snapshots have no backslash.
    let said = said_of("\\connect app\nSELECT 1;\n");
    assert!(said.contains("1 | \\connect app\n  | ^^^^^^^^^^^^\n"), "{said}");
    assert!(said.contains("lines that begin with `\\` are commands of `psql`"), "{said}");
    assert_data_eq!(
        said_of(".mode csv\n.import a.csv a\n"),
        str![[r#"
error[syntax]: this is not SQL
 --> migrations/1_a/up.sql:1:1
  |
1 | .mode csv
  | ^^^^^^^^^
  |
  = help: lines that begin with `.` are commands of the `sqlite3` shell, not SQL: leave them out
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_data_eq!(
        said_of("SET search_path TO app;\n"),
        str![[r#"
error[syntax]: syntax error near `SET`
 --> migrations/1_a/up.sql:1:1
  |
1 | SET search_path TO app;
  | ^^^ SQLite does not expect this here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn a_comma_that_is_missing_is_seen_although_sqlite_takes_it_for_a_type() {
    assert_data_eq!(
        said_of("CREATE TABLE t (a INT b TEXT);\n"),
        str![[r#"
error[unknown-type]: SQLite takes `INT b TEXT` for the type of the column `a`
 --> migrations/1_a/up.sql:1:19
  |
1 | CREATE TABLE t (a INT b TEXT);
  |                   ^^^^^^^^^^ all of this is the type
  |
  = help: is a comma missing before `b`?
  = note: `cargo migrate explain unknown-type` says more

"#]]
    );
}

#[test]
fn a_misspelt_constraint_is_no_type() {
    assert_data_eq!(
        said_of("CREATE TABLE t (id INTEGER PRIMRY KEY, n TEXT UNIQE);\n"),
        str![[r#"
error[unknown-type]: SQLite takes `INTEGER PRIMRY KEY` for the type of the column `id`
 --> migrations/1_a/up.sql:1:20
  |
1 | CREATE TABLE t (id INTEGER PRIMRY KEY, n TEXT UNIQE);
  |                    ^^^^^^^^^^^^^^^^^^ all of this is the type
  |
  = help: did you mean `PRIMARY` instead of `PRIMRY`?
  = note: `cargo migrate explain unknown-type` says more

error[unknown-type]: SQLite takes `TEXT UNIQE` for the type of the column `n`
 --> migrations/1_a/up.sql:1:42
  |
1 | CREATE TABLE t (id INTEGER PRIMRY KEY, n TEXT UNIQE);
  |                                          ^^^^^^^^^^ all of this is the type
  |
  = help: did you mean `UNIQUE` instead of `UNIQE`?
  = note: `cargo migrate explain unknown-type` says more

"#]]
    );
}

#[test]
fn a_misspelt_column_is_no_name() {
    assert_data_eq!(
        said_of("ALTER TABLE t ADD COLUM x INT;\n"),
        str![[r#"
error[unknown-type]: SQLite takes `x INT` for the type of the column `COLUM`
 --> migrations/1_a/up.sql:1:25
  |
1 | ALTER TABLE t ADD COLUM x INT;
  |                         ^^^^^ all of this is the type
  |
  = help: did you mean `COLUMN` instead of `COLUM`?
  = note: `cargo migrate explain unknown-type` says more

"#]]
    );
}

#[test]
fn the_types_that_people_use_are_types() {
    let up = "CREATE TABLE t (a VARCHAR(255), b DOUBLE PRECISION, c UNSIGNED BIG INT, d MONEY,\n  e NUMERIC(10, 2), f CHARACTER VARYING(20), g TIMESTAMP WITH TIME ZONE, h, i JSON NOT NULL,\n  j INT UNSIGNED, k \"MONEY AMOUNT\", l NATIVE CHARACTER(70), m VARYING CHARACTER(255));\n";
    assert_eq!(said_of(up), "");
}

#[test]
fn line_ends_change_neither_checksum_nor_places() {
    let lf = "CREATE TABLE t (\n  id INTEGER PRIMARY KEY\n);\nCREATE TABLE u (a INT b INT);\n";
    let (unix, windows) = (report_of(lf), report_of(lf.replace('\n', "\r\n")));
    let checksum = |report: &Report| report.migrations[0].up.checksum;
    assert_eq!(checksum(&unix), checksum(&windows));
    assert_eq!(unix.migrations[0].up.facts, windows.migrations[0].up.facts);
    assert_eq!(shown(&unix), shown(&windows));
    assert_ne!(shown(&unix), "");
}

#[test]
fn a_mark_at_the_beginning_does_not_change_the_checksum() {
    let (plain, marked) = (report_of("SELECT 1;\n"), report_of("\u{feff}SELECT 1;\n"));
    assert_eq!(plain.migrations[0].up.checksum, marked.migrations[0].up.checksum);
    let rules: Vec<&str> = marked.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["byte-order-mark"], "and nothing else is said of it");
}

#[test]
fn a_space_that_is_none_is_made_visible() {
    assert_data_eq!(
        said_of("SELECT\u{a0}1;\n"),
        str![[r#"
error[syntax]: syntax error near `SELECT 1`
 --> migrations/1_a/up.sql:1:1
  |
1 | SELECT 1;
  | ^^^^^^^^ SQLite does not expect this here
  |
  = help: the invisible character U+00A0 stands here: replace it by a space
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}
