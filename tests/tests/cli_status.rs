#![cfg(unix)]
//! `status`, and what stands against a run when files and database no longer fit together.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use migrate_tests::{Invocation, Project, program, project};
use snapbox::str;

fn two_tables() -> Project {
    project("app").table("1_users", "users").table("2_posts", "posts").build()
}

#[test]
fn scripts_can_ask_whether_something_is_pending() {
    let app = two_tables();
    app.migrate(["status", "--exit-code"]).exits(5).stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
pending                                           1_users
pending                                           2_posts
2 pending

"#]]);
    assert!(!app.has("app.db"), "looking makes no database");
    app.migrate(["run", "-n1"]).succeeds();
    app.migrate(["status", "--exit-code", "-q"]).exits(5);
    app.migrate(["status"]).succeeds();
    app.migrate(["run"]).succeeds();
    app.migrate(["status", "--exit-code"]).succeeds();
    let lines = app.migrate(["status", "--message-format=json"]).succeeds().json();
    assert_eq!(lines.last().unwrap()["applied"], 2);
}

#[test]
fn verdicts_are_shown_and_why_they_are_not_proved() {
    let app = project("app")
        .table("1_users", "users")
        .migration("2_copy", "CREATE TABLE copy AS SELECT * FROM users;\nCREATE TABLE twin AS SELECT 1;\n", "DROP TABLE copy;\nDROP TABLE twin;\n")
        .migration(
            "3_again",
            "DROP TABLE copy;\n",
            "CREATE TABLE copy AS SELECT id FROM users;\n",
        )
        .migration(
            "4_tested",
            "DROP TABLE twin;\n",
            "-- migrate: assume(reversible) reason=\"tested by hand\"\nCREATE TABLE twin AS SELECT 1;\n",
        )
        .migration("5_more", "ALTER TABLE users ADD COLUMN town TEXT;\n", "SELECT 1;\n")
        .file("migrations/6_gone/up.sql", "-- migrate: irreversible reason=\"for good\"\nDELETE FROM users;\n")
        .build();
    app.migrate(["status", "--verdicts"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  VERDICT       MIGRATION
pending                                           proved        1_users
pending                                           proved        2_copy
pending                                           unknown       3_again
pending                                           assumed       4_tested
pending                                           refuted       5_more
pending                                           irreversible  6_gone
6 pending
2 proved reversible, 1 refuted, 1 unknown, 1 assumed reversible, 1 irreversible on purpose

"#]])
        .stderr_is(str![[r#"
note: 3_again: unknown: `copy` is made from a query or by a module: its columns are not known
note: 4_tested: assumed: tested by hand
note: 5_more: refuted: `down.sql` does not bring the table `users` back as it was: the column `town` stays
note: 6_gone: irreversible: for good
note: the files have 1 error: see `cargo migrate check`

"#]]);
    let lines = app.migrate(["status", "--message-format=json"]).succeeds().json();
    let verdicts: Vec<_> = lines.iter().filter_map(|line| line["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["proved", "proved", "unknown", "assumed", "refuted", "irreversible"]);
}

#[test]
fn a_way_back_that_holds_nothing_or_no_sql_has_a_verdict() {
    let app = project("app")
        .table("1_users", "users")
        .migration("2_town", "ALTER TABLE users ADD COLUMN town TEXT;\n", "-- nothing yet\n")
        .migration("3_fill", "UPDATE users SET town = 'Rome';\n", "-- nothing to undo\n")
        .migration("4_index", "CREATE INDEX towns ON users (town);\n", "DORP INDEX towns;\n")
        .migration("5_later", "-- nothing yet\n", "DROP TABLE users;\n")
        .build();
    let lines = app.migrate(["status", "--message-format=json"]).succeeds().json();
    let verdicts: Vec<_> = lines
        .iter()
        .filter_map(|line| Some((line["verdict"].as_str()?, line["why"].as_str().unwrap_or(""))))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("proved", ""),
            ("refuted", "`down.sql` is empty"),
            ("proved", ""),
            ("refuted", "`down.sql` cannot be applied"),
            ("refuted", "`down.sql` does not make the table `users` again"),
        ]
    );
}

#[test]
fn without_migrations_there_is_nothing_to_show() {
    let app = project("app").file("migrations/.keep", "").build();
    app.migrate(["status", "--exit-code"])
        .succeeds()
        .stdout_is(str![[r#"
no migrations

"#]])
        .stderr_is(str![]);
    app.migrate(["run"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]])
        .stderr_is(str![]);
    assert!(!app.has("app.db"), "and none is made for it");
}

#[test]
fn looking_at_a_database_that_cannot_be_written_works() {
    let app = two_tables();
    app.migrate(["run", "-n1"]).succeeds();
    let before = app.bytes("app.db");
    for url in ["file:app.db?mode=ro", "file:app.db?immutable=1", "sqlite://app.db?mode=ro"] {
        app.migrate(["status", "--database-url", url]).succeeds().prints("1 applied, 1 pending");
        app.migrate(["run", "--dry-run", "--database-url", url])
            .succeeds()
            .prints("CREATE TABLE posts");
    }
    app.migrate(["run", "--database-url", "file:app.db?mode=ro"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: the database cannot be written in 2_posts (up) at migrations/2_posts/up.sql:1:1 (statement 1 of 1). Check the permissions of the file and of its directory, and that the connection is not opened read-only
  = note: the database is `app.db`
  = note: 1 left to do: `cargo migrate status` shows where it stands

"#]]);
    app.migrate(["revert", "--database-url", "file:app.db?mode=ro"]).exits(1).stderr_is(str![[r#"
error: the database cannot be written in 1_users (down) at migrations/1_users/down.sql:1:1 (statement 1 of 1). Check the permissions of the file and of its directory, and that the connection is not opened read-only
  = note: the database is `app.db`
  = note: 1 left to do: `cargo migrate status` shows where it stands

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}

/// Sets the permissions of a file or directory.
fn permit(app: &Project, path: &str, mode: u32) {
    fs::set_permissions(app.path(path), Permissions::from_mode(mode)).expect("it is ours");
}

/// The command as a user whom permissions hold. Root is none, and becomes `nobody`, who needs a
/// program that he can reach.
fn unprivileged(app: &Project, arguments: &str) -> Invocation {
    app.write("secret", "");
    permit(app, "secret", 0o000);
    if fs::read(app.path("secret")).is_err() {
        return app.shell(&format!("$MIGRATE {arguments}"));
    }
    if !app.has("cargo-migrate") {
        fs::copy(program(), app.path("cargo-migrate")).expect("a copy");
    }
    permit(app, ".", 0o755);
    app.shell(&format!(
        "setpriv --reuid 65534 --regid 65534 --clear-groups ./cargo-migrate {arguments}"
    ))
}

#[test]
fn permissions_are_enough_or_named() {
    let app = two_tables();
    app.migrate(["run", "-n1"]).succeeds();
    app.write("data/app.db", app.bytes("app.db"));
    let run =
        |arguments: &str| unprivileged(&app, arguments).env("DATABASE_URL", "data/app.db").output();
    permit(&app, "data/app.db", 0o444);
    permit(&app, "data", 0o555);
    let _ = run("status").exits(0).prints("1 applied, 1 pending");
    let _ = run("run").exits(1).says("the database cannot be written");
    permit(&app, "data", 0o777);
    let _ = run("run").exits(1).says("the database cannot be written");
    permit(&app, "data/app.db", 0o666);
    permit(&app, "data", 0o555);
    let _ = run("run").exits(1).says("the database cannot be written");
    permit(&app, "data/app.db", 0o000);
    let _ = run("status").exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: cannot open `data/app.db`: Permission denied (os error 13)
  = help: check the path, and the permissions of the file and of its directory

"#]]);
    permit(&app, "data", 0o000);
    let _ = run("status").exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: cannot open `data/app.db`: Permission denied (os error 13)
  = help: check the path, and the permissions of the file and of its directory

"#]]);
    let _ = run("run").exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: cannot open `data/app.db`: Permission denied (os error 13)
  = help: check the path, and the permissions of the file and of its directory

"#]]);
    permit(&app, "data", 0o755);
    permit(&app, "data/app.db", 0o644);
    assert_eq!(app.bytes("data/app.db"), app.bytes("app.db"));
}

#[test]
fn what_diesel_applied_is_known_and_it_says_so() {
    let app = two_tables();
    let files = FileBasedMigrations::from_path(app.path("migrations")).unwrap();
    app.database().connection().run_next_migration(files).unwrap();
    let before = app.bytes("app.db");

    app.migrate(["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied             [TIME]          1_users
pending                                           2_posts
1 applied, 1 pending

"#]])
        .stderr_is(str![[r#"
note: 1 was applied by Diesel: whether the files changed since, nobody knows

"#]]);
    assert_eq!(app.bytes("app.db"), before, "looking adds no tables");
    app.migrate(["run"]).succeeds().stdout_is(str![[r#"
1 migration applied (batch 1)

"#]]);
    app.migrate(["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied             [TIME]          1_users
applied          1  [TIME] [TOOK]  2_posts
2 applied

"#]])
        .stderr_is(str![[r#"
note: 1 was applied by Diesel: whether the files changed since, nobody knows

"#]]);
    let lines = app.migrate(["status", "--message-format=json"]).succeeds().json();
    assert_eq!(lines[0]["notes"][0], "checksum-unknown");
    assert!(lines[0]["applied_at"].as_str().unwrap().ends_with('Z'), "{}", lines[0]);

    // And Diesel goes on with what we applied.
    let files = FileBasedMigrations::from_path(app.path("migrations")).unwrap();
    assert!(!app.database().connection().has_pending_migration(files.clone()).unwrap());
    app.database().connection().revert_all_migrations(files).unwrap();
    app.migrate(["status"]).succeeds().prints("2 pending");
    app.migrate(["run"]).succeeds();
    app.migrate(["revert", "--all"]).succeeds();
}

#[test]
fn an_edited_migration_is_refused() {
    let app = two_tables();
    app.migrate(["run", "-n1"]).succeeds();
    let before = app.bytes("app.db");
    app.write(
        "migrations/1_users/up.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT);\n",
    );
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
modified         1  [TIME] [TOOK]  1_users
pending                                           2_posts
1 pending, 1 modified

"#]]).stderr_is(str![[r#"
note: modified: an applied `up.sql` was edited; put its text back, and write a new migration for the change

"#]]);
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: applied and edited since: 1_users. Put the files back as they were, and make the change in a new migration
  = help: where nobody else has it yet, `cargo migrate redo` applies the new text

"#]]);
    app.migrate(["run", "--dry-run"]).exits(1).stdout_is(str![]);
    assert_eq!(app.bytes("app.db"), before);

    // On the machine of its author it is simply applied again.
    app.migrate(["redo"]).succeeds();
    assert!(app.database().schema().contains("nick"));
    app.migrate(["run"]).succeeds();
}

#[test]
fn an_edited_comment_is_not() {
    let app = two_tables();
    app.migrate(["run", "-n1"]).succeeds();
    let up = "-- People.\n\nCREATE TABLE users\n  (id INTEGER PRIMARY KEY, name TEXT);\n";
    app.write("migrations/1_users/up.sql", up);
    app.write("migrations/1_users/down.sql", "DROP TABLE IF EXISTS users;\n");
    app.migrate(["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_users
pending                                           2_posts
1 applied, 1 pending

"#]])
        .stderr_is(str![[r#"
note: 1_users: comments of `up.sql` were edited since
note: 1_users: `down.sql` was edited since; a revert runs the new one

"#]]);
    app.migrate(["run"]).succeeds().stdout_is(str![[r#"
1 migration applied (batch 2)

"#]]);
}

#[test]
fn a_migration_without_its_files_is_refused() {
    let app = two_tables();
    app.table("3_tags", "tags");
    app.migrate(["run", "-n2"]).succeeds();
    app.remove("migrations/1_users");
    let before = app.bytes("app.db");
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
missing          1  [TIME] [TOOK]  1_users
applied          1  [TIME] [TOOK]  2_posts
pending                                           3_tags
1 applied, 1 pending, 1 missing

"#]]).stderr_is(str![[r#"
note: missing: applied, but the files are gone; put them back, or revert with the `down.sql` that the database kept

"#]]);
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: applied, and no longer among the migrations: 1_users. Put the files back, or revert them: the database keeps their `down.sql`

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}

#[test]
fn an_older_one_that_comes_late_is_refused_unless_it_is_allowed() {
    let app = project("app").table("1_users", "users").table("3_posts", "posts").build();
    app.migrate(["run"]).succeeds();
    app.table("2_tags", "tags");
    let before = app.bytes("app.db");
    app.migrate(["status", "--exit-code"]).exits(5).stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_users
out-of-order                                      2_tags
applied          1  [TIME] [TOOK]  3_posts
2 applied, 1 out-of-order

"#]]).stderr_is(str![[r#"
note: out-of-order: older than what is applied; give it a newer version, or `cargo migrate run --allow-out-of-order`

"#]]);
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: older than 3, which is applied already: 2_tags. Give them a newer version, or allow the run to be out of order
  = help: `--allow-out-of-order` applies them all the same

"#]]);
    assert_eq!(app.bytes("app.db"), before);
    app.migrate(["run", "--allow-out-of-order"]).succeeds();
    assert_eq!(app.database().names(), ["posts", "tags", "users"]);
    app.migrate(["revert"]).succeeds().stderr_is(str![[r#"
    Reverted 2_tags ([TOOK])

"#]]);
}

#[test]
fn a_database_newer_than_the_files_is_refused() {
    let app = two_tables();
    app.migrate(["run"]).succeeds();
    app.remove("migrations/2_posts");
    let before = app.bytes("app.db");
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: this program is older than the database, which has 2_posts. Start the newer program, or revert them with it

"#]]);
    app.migrate(["status", "--exit-code"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_users
missing          1  [TIME] [TOOK]  2_posts
1 applied, 1 missing

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}

#[test]
fn findings_are_no_reason_not_to_look() {
    let app = two_tables();
    app.migrate(["run"]).succeeds();
    app.migration("3_typo", "CREATE TABEL tags;\n", "DROP TABLE tags;\n");
    app.migrate(["status", "--verdicts"]).succeeds().says("note: the files have 1 error: see");
    app.write("migrations/3_typo/up.slq", "");
    app.migrate(["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_users
applied          1  [TIME] [TOOK]  2_posts
pending                                           3_typo
2 applied, 1 pending

"#]])
        .stderr_is(str![[r#"
note: the files have 1 error: see `cargo migrate check`

"#]]);
}
