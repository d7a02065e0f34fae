//! `check`: findings, for people, in one line each, and as rustc's JSON.

use std::path::Path;

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use migrate_tests::{Project, project};
use snapbox::str;

fn with_findings() -> Project {
    project("app")
        .table("2026-01-01-000000_create_users", "users")
        .migration(
            "2026-01-02-000000_typo",
            "CREATE TABLE posts (\n  id INTEGER,\n  título TEXT NOT NUL\n);\n",
            "DROP TABLE posts;\n",
        )
        .migration(
            "2026-01-03-000000_pragma",
            "PRAGMA foreign_keys = OFF;\nDROP TABLE users;\n",
            "-- nothing\n",
        )
        .file("migrations/stray.sql", "SELECT 1;\n")
        .build()
}

#[test]
fn people_see_the_sql() {
    with_findings().migrate(["check"]).exits(1).stdout_is(str![[r#"
3 migrations checked: 3 errors, 1 warning; 1 proved reversible, 1 refuted, 1 unknown
1 `up.sql` loses rows or values (`-v` says which)

"#]]).stderr_is(str![[r#"
error[flat-file]: an SQL file outside a migration's directory is never run
--> migrations/stray.sql
 = help: move it to `stray/up.sql`, and write the way back in `stray/down.sql`
 = note: `cargo migrate explain flat-file` says more

error[syntax]: syntax error near `NUL`
 --> migrations/2026-01-02-000000_typo/up.sql:3:19
  |
3 |   título TEXT NOT NUL
  |                   ^^^ SQLite does not expect this here
  |
  = help: did you mean `NULL` instead of `NUL`?
  = note: `cargo migrate explain syntax` says more

warning[idle-pragma]: `PRAGMA foreign_keys` has no effect in a transaction
 --> migrations/2026-01-03-000000_pragma/up.sql:1:1
  |
1 | PRAGMA foreign_keys = OFF;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: enforcement is switched off for a migration that rebuilds a table, and checked before commit, without it
  = help: leave it out
  = note: `cargo migrate explain idle-pragma` says more

error[empty-down]: `down.sql` holds only comments: it undoes nothing
 --> migrations/2026-01-03-000000_pragma/down.sql:1:1
  |
1 | -- nothing
  | ^^^^^^^^^^
  |
  = note: a revert would forget the migration and leave what it made
  = help: write the statements that undo `up.sql`
  = help: if there is no way back, write `-- migrate: irreversible reason="…"` in `up.sql` and remove `down.sql`
  = note: `cargo migrate explain empty-down` says more


"#]]);
}

#[test]
fn short_is_a_line_each() {
    with_findings().migrate(["check", "--message-format", "short"]).exits(1).stdout_is(str![[r#"
3 migrations checked: 3 errors, 1 warning; 1 proved reversible, 1 refuted, 1 unknown
1 `up.sql` loses rows or values (`-v` says which)

"#]]).stderr_is(str![[r#"
migrations/stray.sql: error[flat-file]: an SQL file outside a migration's directory is never run
migrations/2026-01-02-000000_typo/up.sql:3:19: error[syntax]: syntax error near `NUL`
migrations/2026-01-03-000000_pragma/up.sql:1:1: warning[idle-pragma]: `PRAGMA foreign_keys` has no effect in a transaction
migrations/2026-01-03-000000_pragma/down.sql:1:1: error[empty-down]: `down.sql` holds only comments: it undoes nothing

"#]]);
}

#[test]
fn tools_read_findings_as_rustc_s() {
    let app = with_findings();
    let output = app.migrate(["check", "--message-format", "json"]).exits(1).stderr_is(str![]);
    let lines = output.json();
    let findings = lines.iter().filter(|line| line["reason"] == "compiler-message");
    let findings: Vec<Diagnostic> = findings
        .map(|line| {
            serde_json::from_value(line["message"].clone()).expect("a diagnostic in rustc's shape")
        })
        .collect();
    assert_eq!(findings.len(), 4);

    let syntax = findings.iter().find(|d| d.code.as_ref().unwrap().code == "syntax").unwrap();
    assert_eq!(syntax.level, DiagnosticLevel::Error);
    let span = syntax.spans.iter().find(|span| span.is_primary).unwrap();
    assert_eq!(span.file_name, "migrations/2026-01-02-000000_typo/up.sql");
    let text = app.read(&span.file_name);
    let (start, end) = (span.byte_start as usize, span.byte_end as usize);
    let line = text.lines().nth(span.line_start - 1).unwrap();
    let column = line.chars().skip(span.column_start - 1).take(end - start).collect::<String>();
    assert_eq!(column, &text[start..end], "bytes and columns are of the same word");
    assert_eq!(span.text[0].text, line);
    assert!(syntax.rendered.as_ref().unwrap().contains("error[syntax]"));
    for finding in &findings {
        assert!(!finding.spans.is_empty() && finding.rendered.is_some(), "{}", finding.message);
    }
    let summary = lines.last().unwrap();
    assert_eq!((&summary["errors"], &summary["warnings"]), (&3.into(), &1.into()), "{summary}");
}

#[test]
fn warnings_alone_are_no_failure() {
    let app = project("app")
        .migration(
            "1_a",
            "PRAGMA foreign_keys = ON;\nCREATE TABLE a (id INTEGER);\n",
            "DROP TABLE a;\n",
        )
        .build();
    app.migrate(["check"]).succeeds().stdout_is(str![[r#"
1 migration checked: 1 warning; 1 proved reversible

"#]]).stderr_is(str![[r#"
warning[idle-pragma]: `PRAGMA foreign_keys` has no effect in a transaction
 --> migrations/1_a/up.sql:1:1
  |
1 | PRAGMA foreign_keys = ON;
  | ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: enforcement is switched off for a migration that rebuilds a table, and checked before commit, without it
  = help: leave it out
  = note: `cargo migrate explain idle-pragma` says more


"#]]);
    app.migrate(["run"]).succeeds();
    app.write(
        "Cargo.toml",
        app.read("Cargo.toml") + "[package.metadata.migrate.lints]\nidle-pragma = \"deny\"\n",
    );
    app.migrate(["check"]).exits(1);
    app.write("Cargo.toml", app.read("Cargo.toml").replace("deny", "allow"));
    app.migrate(["check"]).succeeds().stderr_is(str![]);
}

#[test]
fn what_is_irreversible_is_counted() {
    let app = project("app")
        .table("1_a", "a")
        .file(
            "migrations/2_b/up.sql",
            "-- migrate: irreversible reason=\"gone is gone\"\nDELETE FROM a;\n",
        )
        .build();
    app.migrate(["check"]).succeeds().stdout_is(str![[r#"
2 migrations checked: layout, order and SQLite syntax are sound; 1 proved reversible, 1 irreversible on purpose
1 `up.sql` loses rows or values (`-v` says which)

"#]]);
    let lines = app.migrate(["check", "--message-format=json"]).succeeds().json();
    assert_eq!(lines[1]["verdict"], "irreversible");
    assert_eq!(lines[1]["why"], "gone is gone");
}

#[test]
fn an_empty_directory_is_fine() {
    let app = project("app").file("migrations/.keep", "").build();
    app.migrate(["check"])
        .succeeds()
        .stdout_is(str![[r#"
0 migrations checked: layout, order and SQLite syntax are sound

"#]])
        .stderr_is(str![]);
    let lines = app.migrate(["check", "--message-format=json"]).succeeds().json();
    assert_eq!(lines.len(), 1);
}

#[test]
fn what_other_tools_let_through_is_caught() {
    let traps = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/traps");
    for (trap, dialect, code, rule) in [
        ("empty_down", "sqlite", 1, "error[empty-down]"),
        ("same_timestamp", "postgres", 1, "error[duplicate-version]"),
        ("pg_enum_add_value_in_tx", "postgres", 1, "error[enum-value-used-in-transaction]"),
        ("mysql_reserved_word", "mysql", 1, "`key` is a reserved word"),
        ("mysql_partial", "mysql", 1, "warning[mysql-implicit-commit]"),
        ("mysql_partial", "mysql", 1, "there is no table `no_such_table`"),
    ] {
        let dir = traps.join(trap).join(dialect).join("migrations");
        let bare = project("bare").without("Cargo.toml").without(".env").build();
        let check = bare.migrate(["check", "--dialect", dialect, "--dir"]).arg(&dir);
        check.exits(code).says(rule);
    }
}

#[test]
fn a_server_s_version_decides_what_can_run_in_a_transaction() {
    let reason = "-- migrate: irreversible reason=\"an enum type cannot lose a value\"\n";
    let up = format!("{reason}ALTER TYPE mood ADD VALUE 'sad';\n");
    let app = project("app")
        .cargo_toml("[package]\nname = \"app\"\n[package.metadata.migrate]\ndialect = \"postgres\"\nserver-version = \"11\"\n")
        .file("migrations/0_mood/up.sql", "CREATE TYPE mood AS ENUM ('ok');\n")
        .file("migrations/0_mood/down.sql", "DROP TYPE mood;\n")
        .file("migrations/1_add_sad/up.sql", up)
        .build();
    app.migrate(["check"]).exits(1).says("error[not-in-transaction]: `ALTER TYPE … ADD VALUE`");
    app.migrate(["check", "--server-version", "15"]).succeeds().stdout_is(str![[r#"
2 migrations checked: layout, order and PostgreSQL 15 syntax are sound; 1 proved reversible, 1 irreversible on purpose

"#]]);
}

#[test]
fn what_data_goes_is_said_to_those_who_ask() {
    let app = project("app")
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT);",
            "DROP TABLE users;",
        )
        .migration(
            "2_phone",
            "ALTER TABLE users DROP COLUMN phone;",
            "ALTER TABLE users ADD COLUMN phone TEXT;",
        )
        .build();
    app.migrate(["check", "-v"]).succeeds().stderr_is(str![[r#"
note: 1_users/down.sql loses the rows of `users`
note: 2_phone/up.sql loses the values of `users.phone`

"#]]);
}

#[test]
fn a_view_cannot_be_replaced_by_one_that_lacks_its_columns() {
    let app = project("app")
        .migration(
            "1_w",
            "CREATE TABLE w (a INT, b INT);\nCREATE VIEW v AS SELECT a FROM w;\n",
            "DROP VIEW v;\nDROP TABLE w;\n",
        )
        .migration(
            "2_b",
            "CREATE OR REPLACE VIEW v AS SELECT a, b FROM w;\n",
            "CREATE OR REPLACE VIEW v AS SELECT a FROM w;\n",
        )
        .build();
    app.migrate(["check", "--dialect", "postgres"]).exits(1).stderr_is(str![[r#"
error[refused-change]: the database refuses this: `CREATE OR REPLACE VIEW` keeps each column with its type and its place, and adds others behind them; drop the view first
 --> migrations/2_b/down.sql:1:24
  |
1 | CREATE OR REPLACE VIEW v AS SELECT a FROM w;
  |                        ^
  |
  = note: `cargo migrate explain refused-change` says more


"#]]);
}

#[test]
fn what_a_server_may_write_or_do_otherwise_is_unknown_and_not_refuted() {
    let app = project("app")
        .migration("1_t", "CREATE TABLE t (a INT);\n", "DROP TABLE t;\n")
        .migration(
            "2_v",
            "CREATE VIEW v AS SELECT a FROM t WHERE EXISTS (SELECT 1 FROM t);\n",
            "DROP VIEW v;\n",
        )
        // As `pg_dump` shows it.
        .migration(
            "3_none",
            "DROP VIEW v;\n",
            "CREATE VIEW v AS SELECT t.a FROM t WHERE (EXISTS (SELECT 1 FROM t t_1));\n",
        )
        .migration(
            "4_checks",
            "CREATE TABLE c (a FLOAT CHECK (a > 0), b BOOL CHECK (b));\n",
            "DROP TABLE c;\n",
        )
        // It stands behind the other one then.
        .migration(
            "5_check",
            "ALTER TABLE c DROP CONSTRAINT c_a_check;\n",
            "ALTER TABLE c ADD CONSTRAINT c_a_check CHECK ((a > (0)::double precision));\n",
        )
        .build();
    let check = ["check", "--dialect", "postgres", "--server-version", "15"];
    app.migrate(check).succeeds().prints("3 proved reversible, 2 unknown");

    // MariaDB makes an index for the key, or takes the unique one, which is a hash.
    let app = project("app")
        .migration(
            "1_t",
            "CREATE TABLE t (x TEXT, y INT, FOREIGN KEY (x) REFERENCES t (x), UNIQUE KEY k (x)) \
             ENGINE=MyISAM;\n",
            "DROP TABLE t;\n",
        )
        .migration("2_k", "ALTER TABLE t DROP KEY k;\n", "ALTER TABLE t ADD UNIQUE KEY k (x);\n")
        .build();
    let check = ["check", "--dialect", "mysql", "--server-version", "mariadb-10.11"];
    app.migrate(check).succeeds().prints("2 unknown");
}
