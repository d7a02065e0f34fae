//! What is said of `migration.rs` before anything is compiled.

use migrate_build::{Dialect, Down, Mode, Verdict};
use migrate_tests::migration_set::{Set, shown};
use snapbox::str;

const UP: &str = "pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {\n    Ok(())\n}\n";
const DOWN: &str = "pub fn down(conn: &mut SqliteConnection) -> QueryResult<()> {\n    Ok(())\n}\n";
const ROWS_ONLY: &str = "// migrate: assume(rows-only) reason=\"it fills a column\"\n";

/// A table, the code, and something that needs the table.
fn with(code: &str) -> Set {
    Set::new()
        .table("1_users", "users")
        .file("2_code/migration.rs", code)
        .file("3_gone/up.sql", "DROP TABLE users;\n")
        .file("3_gone/down.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);\n")
}

fn verdicts(set: &Set) -> Vec<&'static str> {
    let report = set.report();
    report.migrations.iter().map(|migration| migration.verdict.word()).collect()
}

fn said(code: &str, expected: impl snapbox::IntoData) {
    snapbox::assert_data_eq!(shown(&with(code).report()), expected);
}

#[test]
fn code_that_leaves_the_schema_alone_blurs_nothing() {
    let set = with(&format!("{ROWS_ONLY}{UP}{DOWN}"));
    assert_eq!(shown(&set.report()), "");
    assert_eq!(verdicts(&set), ["proved", "assumed", "proved"]);
    let report = set.report();
    assert_eq!(report.migrations[1].verdict, Verdict::Assumed("it fills a column".to_owned()));
}

#[test]
fn of_other_code_nothing_is_known() {
    let set = with(&format!("{UP}\n{DOWN}"));
    assert_eq!(verdicts(&set), ["proved", "unknown", "unknown"]);
    said(
        &format!("{UP}\n{DOWN}"),
        str![[r#"
warning[unproved]: it cannot be told whether `down` undoes `up`: what is written in Rust is not read
 --> migrations/2_code/migration.rs:1:1
  |
1 | pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not followed
  |
  = help: if it changes rows and leaves the schema alone, write `// migrate: assume(rows-only) reason="…"`
  = help: if you have tested it, write `// migrate: assume(reversible) reason="…"`
  = note: `cargo migrate explain unproved` says more

warning[unproved]: it cannot be told whether `down.sql` undoes `up.sql`: `users`: what it was is not known, since a statement before was not followed
 --> migrations/3_gone/down.sql:1:1
  |
1 | CREATE TABLE users (id INTEGER PRIMARY KEY);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not followed
  |
  = help: if you have tested it, write `-- migrate: assume(reversible) reason="…"` in `down.sql`
  = note: `cargo migrate explain unproved` says more

"#]],
    );
}

#[test]
fn a_way_without_a_function_is_missing() {
    said(
        &format!("{ROWS_ONLY}{DOWN}"),
        str![[r#"
error[missing-up]: this migration has no `pub fn up`
 --> migrations/2_code/migration.rs:1:1
  |
1 | // migrate: assume(rows-only) reason="it fills a column"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `pub fn up(conn: &mut SqliteConnection) -> QueryResult<()>`
  = note: `cargo migrate explain missing-up` says more

"#]],
    );
    said(
        &format!("{ROWS_ONLY}{UP}"),
        str![[r#"
error[missing-down]: this migration has no `fn down`
 --> migrations/2_code/migration.rs:1:1
  |
1 | // migrate: assume(rows-only) reason="it fills a column"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing undoes this
  |
  = help: write `fn down` beside it
  = help: if there is no way back, write `// migrate: irreversible reason="…"` in it
  = note: `cargo migrate explain missing-down` says more

"#]],
    );
}

#[test]
fn a_private_function_is_no_way() {
    let private = format!("{ROWS_ONLY}{UP}{DOWN}").replace("pub fn", "fn");
    said(
        &private,
        str![[r#"
error[missing-up]: `fn up` is private, so that no program can call it
 --> migrations/2_code/migration.rs:2:1
  |
2 | fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `pub fn up`
  = note: `cargo migrate explain missing-up` says more

error[missing-down]: `fn down` is private, so that no program can call it
 --> migrations/2_code/migration.rs:5:1
  |
5 | fn down(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `pub fn down`
  = note: `cargo migrate explain missing-down` says more

"#]],
    );
}

#[test]
fn there_is_no_way_back_or_there_is_one() {
    let irreversible = "// migrate: irreversible reason=\"for good\"\n";
    let set = with(&format!("{irreversible}{ROWS_ONLY}{UP}"));
    assert_eq!(shown(&set.report()), "");
    assert!(matches!(set.report().migrations[1].down, Down::Irreversible(_)));
    said(
        &format!("{irreversible}{ROWS_ONLY}{UP}{DOWN}"),
        str![[r#"
error[idle-irreversible]: `migration.rs` says that there is no way back, and `fn down` is there
 --> migrations/2_code/migration.rs:1:1
  |
1 | // migrate: irreversible reason="for good"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove one of the two
  = note: `cargo migrate explain idle-irreversible` says more

"#]],
    );
}

#[test]
fn directives_in_rust_are_read_as_those_in_sql() {
    said(
        &format!("// migrate: asume(rows-only)\n{ROWS_ONLY}{UP}{DOWN}"),
        str![[r#"
error[bad-directive]: there is no directive `asume`; did you mean `assume`?
 --> migrations/2_code/migration.rs:1:1
  |
1 | // migrate: asume(rows-only)
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `// migrate: irreversible reason="…"`, `// migrate: allow(RULE) reason="…"`, `// migrate: assume(reversible) reason="…"` or `// migrate: assume(rows-only) reason="…"`
  = note: `cargo migrate explain bad-directive` says more

"#]],
    );
    let allowed = format!("// migrate: allow(unproved) reason=\"tested\"\n{UP}{DOWN}");
    let found = shown(&with(&allowed).report());
    assert!(!found.contains("2_code"), "it is about the function below it: {found}");
    let unused = format!("{ROWS_ONLY}{UP}// migrate: allow(unproved) reason=\"tested\"\n{DOWN}");
    said(
        &unused,
        str![[r#"
warning[unused-allow]: this `allow(unproved)` silences nothing
 --> migrations/2_code/migration.rs:5:1
  |
5 | // migrate: allow(unproved) reason="tested"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove it, or put it on or above the statement that it is about
  = note: `cargo migrate explain unused-allow` says more

"#]],
    );
}

#[test]
fn a_file_with_nearly_the_name_is_noticed() {
    let set =
        Set::new().table("1_users", "users").file("1_users/migrations.rs", format!("{UP}{DOWN}"));
    snapbox::assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[unexpected-file]: nothing reads `migrations.rs`
--> migrations/1_users/migrations.rs
 = help: did you mean `migration.rs`?
 = note: `cargo migrate explain unexpected-file` says more

"#]]
    );
}

/// A `DO` block is code, too.
#[test]
fn sql_that_cannot_be_read_may_leave_the_schema_alone_as_well() {
    let fill = "DO $$ BEGIN EXECUTE 'UPDATE users SET id = id'; END $$;\n";
    let set = |directive: &str| {
        Set::new()
            .table("1_users", "users")
            .file("2_fill/up.sql", format!("{directive}{fill}"))
            .file("2_fill/down.sql", "SELECT 1;\n")
            .file("4_perhaps/up.sql", "CREATE TABLE IF NOT EXISTS notes (id INT);\n")
            .file("4_perhaps/down.sql", "DROP TABLE notes;\n")
            .table("5_posts", "posts")
            .file("3_gone/up.sql", "DROP TABLE users;\n")
            .file("3_gone/down.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);\n")
    };
    let verdicts = |set: &Set| -> Vec<&'static str> {
        let report = set.report_for(Dialect::Postgres);
        report.migrations.iter().map(|migration| migration.verdict.word()).collect()
    };
    let silent = ["proved", "unknown", "unknown", "unknown", "proved"];
    assert_eq!(verdicts(&set("")), silent, "what is made behind it alone is known");
    let told = set("-- migrate: assume(rows-only) reason=\"it fills a column\"\n");
    assert_eq!(verdicts(&told), ["proved", "assumed", "proved", "proved", "proved"]);
}

#[test]
fn how_it_runs_depends_on_the_database_and_the_settings() {
    let mode = |dialect, code: &str, settings: &str| {
        let set = Set::new()
            .file("1_code/migration.rs", code)
            .file("1_code/metadata.toml", format!("run_in_transaction = {settings}\n"));
        set.report_for(dialect).migrations[0].up.facts.statements[0].mode
    };
    let (told, silent) = (format!("{ROWS_ONLY}{UP}{DOWN}"), format!("{UP}{DOWN}"));
    for dialect in Dialect::ALL {
        assert_eq!(mode(dialect, &told, "true"), Mode::Normal, "{dialect}");
        assert_eq!(mode(dialect, &told, "false"), Mode::Once, "{dialect}");
        let is_mysql = dialect == Dialect::Mysql;
        let expected = if is_mysql { Mode::Once } else { Mode::Normal };
        assert_eq!(mode(dialect, &silent, "true"), expected, "{dialect}");
    }
}
