//! What is said of PostgreSQL's SQL that is none.

use migrate_build::Dialect;
use migrate_tests::migration_set::shown;
use snapbox::{assert_data_eq, str};

use crate::report_for;

fn said_of(up: &str) -> String {
    shown(&report_for(Dialect::Postgres, up))
}

#[test]
fn a_syntax_error_has_a_file_a_line_and_a_column() {
    let up = "-- users come first\nCREATE TABLE users (\n  id bigint PRIMARY KEY,\n  email text NOT NULL DEFUALT ''\n);\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `DEFUALT`
 --> migrations/1_a/up.sql:4:23
  |
4 |   email text NOT NULL DEFUALT ''
  |                       ^^^^^^^ PostgreSQL does not expect this here
  |
  = help: did you mean `DEFAULT` instead of `DEFUALT`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn every_statement_has_one_finding() {
    let up = "CREATE TABEL a (x int);\nCREATE TABLE b (x int);\nDORP TABLE b;\nINSERT INTO b VALUES (1;\nDROP TABLE;\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `TABEL`
 --> migrations/1_a/up.sql:1:8
  |
1 | CREATE TABEL a (x int);
  |        ^^^^^ PostgreSQL does not expect this here
  |
  = help: did you mean `TABLE` instead of `TABEL`?
  = note: `cargo migrate explain syntax` says more

error[syntax]: syntax error near `DORP`
 --> migrations/1_a/up.sql:3:1
  |
3 | DORP TABLE b;
  | ^^^^ PostgreSQL does not expect this here
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

error[syntax]: this statement is not finished
 --> migrations/1_a/up.sql:5:10
  |
5 | DROP TABLE;
  |          ^ more is expected here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn mistakes_in_code_are_found_in_it() {
    let up = "CREATE FUNCTION next(n int) RETURNS int LANGUAGE sql AS $$\n  SELEC n + 1;\n$$;\n";
    assert_data_eq!(
        said_of(up),
        str![[r#"
error[syntax]: syntax error near `SELEC`
 --> migrations/1_a/up.sql:2:3
  |
2 |   SELEC n + 1;
  |   ^^^^^ PostgreSQL does not expect this here
  |
  = help: did you mean `SELECT` instead of `SELEC`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn what_has_no_end_is_said_once() {
    assert_data_eq!(
        said_of("DO $body$ BEGIN\n  NULL;\nEND $bdy$;\nSELECT 1;\n"),
        str![[r#"
error[syntax]: the closing `$body$` is missing
 --> migrations/1_a/up.sql:1:4
  |
1 | DO $body$ BEGIN
  |    ^^^^^^^^^^^^ everything from here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_data_eq!(
        said_of("COMMENT ON TABLE t IS 'it is open;\nSELECT 1;\n"),
        str![[r#"
error[syntax]: the closing quote is missing
 --> migrations/1_a/up.sql:1:23
  |
1 | COMMENT ON TABLE t IS 'it is open;
  |                       ^^^^^^^^^^^^ everything from here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn commands_of_psql_are_not_sql() {
    assert_data_eq!(
        said_of("\\connect app\nCREATE TABLE t (id int);\n"),
        str![[r#"
error[syntax]: this is not SQL
 --> migrations/1_a/up.sql:1:1
  |
1 | /connect app
  | ^^^^^^^^^^^^
  |
  = help: lines that begin with `/` are commands of `psql`, not SQL: leave them out
  = note: `cargo migrate explain syntax` says more

"#]]
    );
    assert_data_eq!(
        said_of("DELIMITER //\nCREATE TABLE t (id int) //\n"),
        str![[r#"
error[syntax]: this is not SQL
 --> migrations/1_a/up.sql:1:1
  |
1 | DELIMITER //
  | ^^^^^^^^^^^^
  |
  = help: `DELIMITER` is a command of the `mysql` program, not SQL: leave it out, statements are split where the grammar ends them
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn rows_behind_a_copy_are_not_taken_for_sql() {
    assert_data_eq!(
        said_of("COPY users (id, name) FROM stdin;\n1\tO'Hara\n2\t$x$\n\\.\nSELEC 1;\n"),
        str![[r#"
error[syntax]: the rows of this `COPY` are read from the client, which has none
 --> migrations/1_a/up.sql:1:1
  |
1 | COPY users (id, name) FROM stdin;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write an `INSERT`, or let the program that migrates load the rows
  = note: `cargo migrate explain syntax` says more

error[syntax]: syntax error near `SELEC`
 --> migrations/1_a/up.sql:5:1
  |
5 | SELEC 1;
  | ^^^^^ PostgreSQL does not expect this here
  |
  = help: did you mean `SELECT` instead of `SELEC`?
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}
