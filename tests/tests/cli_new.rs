#![cfg(unix)]
//! `new`: migrations that are there at once, whole, and in order.

use std::os::unix::fs::PermissionsExt as _;

use migrate_tests::{Invocation, Project, project};
use snapbox::str;

fn app() -> Project {
    project("app").file("migrations/.keep", "").build()
}

#[test]
fn twelve_at_once_get_twelve_versions() {
    for round in 0..5 {
        let app = app();
        let at_work: Vec<_> =
            (0..12).map(|n| app.migrate(["new", &format!("step_{n}")]).start()).collect();
        for one in at_work {
            let _ = one.output().exits(0);
        }
        let names = app.migrations();
        assert_eq!(names.len(), 13, "twelve and `.keep`, round {round}: {names:?}");
        let mut versions: Vec<&str> =
            names[1..].iter().map(|name| name.split('_').next().unwrap()).collect();
        assert!(
            versions.iter().all(|version| version.len() == "2026-01-01-000000".len()),
            "{versions:?}"
        );
        versions.dedup();
        assert_eq!(versions.len(), 12, "{versions:?}");
    }
}

#[test]
fn a_new_one_sorts_behind_the_newest_whatever_the_clock_says() {
    let app = app();
    app.table("2099-12-31-235959_far", "far");
    app.migrate(["new", "create_users", "name:text"]).succeeds();
    assert_eq!(app.migrations().last().unwrap(), "2100-01-01-000000_create_users");
    app.migrate(["check"]).succeeds();
}

#[test]
fn the_version_can_be_chosen_once() {
    let app = app();
    let new = |version: &str, name: &str| app.migrate(["new", name, "--version", version]);
    new("0001", "create_users").succeeds().stdout_is(str![[r#"
created migrations/0001_create_users/up.sql
created migrations/0001_create_users/down.sql

"#]]);
    new("0001", "create_posts").exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: version `0001` is taken: by `0001_create_users`, dashes and case apart
  = help: choose another one, or leave out `--version`

"#]]);
    new("00-01", "create_posts").exits(2).stderr_is(str![[r#"
error: version `0001` is taken: by `0001_create_users`, dashes and case apart
  = help: choose another one, or leave out `--version`

"#]]);
    new("a_b", "create_posts").exits(2).stderr_is(str![[r#"
error: `--version a_b`: `_` ends a version
  = help: use letters, digits, `-` and `.`, as in `2026-01-05-090000` or `0042`

"#]]);
    new("", "create_posts").exits(2).stderr_is(str![[r#"
error: `--version `: it is empty
  = help: use letters, digits, `-` and `.`, as in `2026-01-05-090000` or `0042`

"#]]);
    assert_eq!(app.migrations(), [".keep", "0001_create_users"]);
}

#[test]
fn a_script_can_be_taken_from_a_file_or_from_standard_input() {
    let app = app();
    app.write("dump.sql", "CREATE TABLE t (id INTEGER);\n");
    app.migrate(["new", "take_over", "--from", "dump.sql", "--version", "1"])
        .succeeds()
        .stdout_is(str![[r#"
created migrations/1_take_over/up.sql
created migrations/1_take_over/down.sql

"#]])
        .stderr_is(str![]);
    assert_eq!(app.read("migrations/1_take_over/up.sql"), "CREATE TABLE t (id INTEGER);\n");
    app.migrate(["new", "x", "--from", "gone.sql"]).exits(1).stderr_is(str![[r#"
error: could not read `gone.sql`: No such file or directory (os error 2)

"#]]);
    app.migrate(["new", "x", "--from", "migrations"]).exits(1).stderr_is(str![[r#"
error: could not read `migrations`: Is a directory (os error 21)

"#]]);
}

#[test]
fn what_has_no_way_back_says_why() {
    let app = app();
    app.migrate(["new", "forget_logs", "--irreversible", "the rows are gone", "--version", "1"])
        .succeeds()
        .stdout_is(str![[r#"
created migrations/1_forget_logs/up.sql

"#]])
        .stderr_is(str![[r#"
note: the name fits no template: write the SQL into the files

"#]]);
    assert!(
        app.read("migrations/1_forget_logs/up.sql")
            .contains("-- migrate: irreversible reason=\"the rows are gone\"")
    );
    assert!(!app.has("migrations/1_forget_logs/down.sql"));
    app.migrate(["new", "x", "--irreversible", ""]).exits(2).stderr_is(str![[r#"
error: `--irreversible`: the reason is empty
  = help: say in one line why there is no way back

"#]]);
    app.migrate(["new", "x", "--irreversible", "a\nb"]).exits(2).stderr_is(str![[r#"
error: `--irreversible`: the reason holds a line break or another character that cannot be seen
  = help: say in one line why there is no way back

"#]]);
}

#[test]
fn mistakes_in_columns_are_named() {
    let app = app();
    let new = |arguments: &[&str]| app.migrate([&["new"], arguments].concat()).exits(2);
    new(&["create_users", "name:txet"]).stderr_is(str![[r#"
error: column `name:txet`: unknown type `txet`
  = help: did you mean `text`?

"#]]);
    new(&["create_users", "name"]).stderr_is(str![[r#"
error: nothing says of which type `name` is
  = help: give it one: `cargo migrate new create_users name:text`
  = help: or bring SQL of your own: `--from FILE`

"#]]);
    new(&["create_users", "a:text", "a:text"]).stderr_is(str![[r#"
error: column `a` is given twice

"#]]);
    new(&[""]).stderr_is(str![[r#"
error: the migration has no name
  = help: say what it does, as in `cargo migrate new create_users`

"#]]);
    new(&["../escape"]).stderr_is(str![[r#"
error: the migration name `../escape` holds a character that cannot stand in it: `.`
  = help: use letters, digits and `_`, as in `create_users`

"#]]);
    new(&[]).stderr_is(str![[r#"
error: the following required arguments were not provided:
  <NAME>

Usage: cargo migrate new <NAME> [COLUMN]...

For more information, try '--help'.

"#]]);
    assert_eq!(app.migrations(), [".keep"]);
}

#[test]
fn each_database_has_its_own_words() {
    let app = app();
    let new = |dialect: &str, arguments: &[&str]| {
        let dir = format!("{dialect}-migrations");
        let all = [&["new", "--dialect", dialect, "--dir", &dir], arguments].concat();
        app.migrate(all).succeeds()
    };
    for (dialect, line) in [
        ("sqlite", "id INTEGER PRIMARY KEY NOT NULL,"),
        ("postgres", "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"),
        ("mysql", "id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"),
    ] {
        new(dialect, &["create_users", "email:text!", "--version", "1"]);
        let up = app.read(&format!("{dialect}-migrations/1_create_users/up.sql"));
        assert_eq!(up.lines().nth(1).map(str::trim), Some(line));
    }
    // What cannot run in a transaction says so in a third file.
    new("postgres", &["add_index_to_users", "email", "--version", "2"]).stdout_is(str![[r#"
created postgres-migrations/2_add_index_to_users/up.sql
created postgres-migrations/2_add_index_to_users/down.sql
created postgres-migrations/2_add_index_to_users/metadata.toml

"#]]);
    let metadata = app.read("postgres-migrations/2_add_index_to_users/metadata.toml");
    assert!(metadata.ends_with("\nrun_in_transaction = false\n"), "{metadata}");
}

/// With an editor that writes its arguments into a file, and ends with this code.
fn with_editor(app: &Project, variable: &str, code: i32) -> Invocation {
    let editor = app.path("editor.sh");
    app.write("editor.sh", format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > edited.txt\nexit {code}\n"));
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    app.migrate(["new", "free_hand", "--version", "1", "--edit"])
        .env(variable, format!("{} --wait", editor.display()))
}

#[test]
fn the_files_are_opened_in_the_editor() {
    for variable in ["VISUAL", "EDITOR"] {
        let app = app();
        with_editor(&app, variable, 0)
            .succeeds()
            .stdout_is(str![[r#"
created migrations/1_free_hand/up.sql
created migrations/1_free_hand/down.sql

"#]])
            .stderr_is(str![""]);
        let edited = app.read("edited.txt");
        let edited: Vec<&str> = edited.lines().collect();
        assert_eq!(edited[0], "--wait");
        assert!(
            edited[1].ends_with("1_free_hand/up.sql")
                && edited[2].ends_with("1_free_hand/down.sql"),
            "{edited:?}"
        );
    }
}

#[test]
fn an_editor_that_fails_leaves_the_files() {
    let app = app();
    with_editor(&app, "EDITOR", 3).exits(1).stderr_is(str![[r#"
error: the editor `[ROOT]/editor.sh` ended with exit status: 3

"#]]);
    assert!(app.has("migrations/1_free_hand/up.sql"));
    let new = || app.migrate(["new", "more", "--edit"]);
    new().exits(2).stderr_is(str![[r#"
error: the files were created, but neither `VISUAL` nor `EDITOR` is set

"#]]);
    new().env("VISUAL", " ").exits(2).says("neither `VISUAL` nor `EDITOR`");
    new().env("VISUAL", " ").env("EDITOR", "true").succeeds();
    new().env("EDITOR", "/gone/editor").exits(1).stderr_is(str![[r#"
error: cannot start the editor `/gone/editor`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn programs_are_told_what_was_made() {
    let app = app();
    let lines = app.migrate(["new", "create_users", "--version", "1", "--message-format=json"]).succeeds().stdout_is(str![[r#"
{"reason":"created","version":"1","name":"1_create_users","files":["[ROOT]/migrations/1_create_users/up.sql","[ROOT]/migrations/1_create_users/down.sql"]}
{"reason":"summary","exit":0}

"#]]).stderr_is(str![]).json();
    assert_eq!(lines.len(), 2);
}
