//! A history that is not that of the files: listed, and left alone until told.

use snapbox::str;

use crate::{FOUR, PHONE, POSTS, Scripts, USERS, app_after};

/// One was renamed, one is gone, and one came in between.
const OTHERS: &Scripts = &[
    ("20240101090000_create_people", USERS.0, USERS.1),
    ("20240102100000_create_notes", POSTS.0, POSTS.1),
    ("20240103090000_add_phone_to_users", PHONE.0, PHONE.1),
];

#[test]
fn what_does_not_match_is_listed_and_nothing_is_changed() {
    let app = app_after("knex", OTHERS);
    let before = app.bytes("app.db");
    app.migrate(["adopt"])
        .exits(1)
        .stdout_is(str![[r#"
in doubt       20240101090000_create_people: it ran as `20240101090000_create_users.js`
matches        20240103090000_add_phone_to_users
only in table  20240102090000_create_posts.js
only on disk   20240102100000_create_notes
Knex's `knex_migrations` and the files: 1 match, 1 in doubt, 1 only in the table, 1 only on disk

"#]])
        .stderr_is(str![[r#"
error: nothing was taken over: the history and the files do not match
  = help: bring them together, or take what matches with `--yes`

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}

#[test]
fn what_matches_is_taken_when_told() {
    let app = app_after("knex", OTHERS);
    app.migrate(["adopt", "--yes"]).succeeds().prints("2 migrations of Knex taken over");
    app.migrate(["status"]).succeeds().prints("2 applied, 1 out-of-order");
}

#[test]
fn files_of_another_project_are_not_taken_for_these() {
    let app = app_after("knex", &[("20230101_a", USERS.0, USERS.1)]);
    for arguments in [&["adopt"][..], &["adopt", "--yes"]] {
        app.migrate(arguments).exits(1).says("no row of `knex_migrations` matches a file");
    }
    assert_eq!(
        app.database().texts("SELECT name FROM sqlite_master WHERE name GLOB '[_][_]*'"),
        Vec::<String>::new()
    );
}

#[test]
fn a_dry_run_shows_the_same_and_changes_nothing() {
    let app = app_after("knex", FOUR);
    let before = app.bytes("app.db");
    app.migrate(["adopt", "--dry-run"])
        .succeeds()
        .prints("matches        20240101090000_create_users")
        .says("note: 3 to take over; nothing was changed");
    assert_eq!(app.bytes("app.db"), before);
    app_after("knex", OTHERS).migrate(["adopt", "--dry-run"]).exits(1);
    app_after("knex", OTHERS).migrate(["adopt", "--dry-run", "--yes"]).succeeds();
}

#[test]
fn programs_learn_the_same() {
    let app = app_after("knex", OTHERS);
    let lines = app.migrate(["adopt", "--message-format", "json"]).exits(1).json();
    let said: Vec<String> = lines
        .iter()
        .map(|line| {
            format!("{} {} {}", line["match"], line["name"], line["source"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        said,
        [
            "matched 20240101090000_create_people 20240101090000_create_users.js",
            "matched 20240103090000_add_phone_to_users 20240103090000_add_phone_to_users.js",
            "only-in-table null 20240102090000_create_posts.js",
            "only-on-disk 20240102100000_create_notes null",
            "null null null"
        ]
    );
    assert_eq!(
        (&lines[0]["doubt"], &lines[1]["doubt"]),
        (&"name".into(), &serde_json::Value::Null)
    );
    assert!(lines[..2].iter().all(|line| line["recorded"] == false));
}

#[test]
fn what_stands_half_way_is_finished_first() {
    let app = app_after("knex", FOUR);
    app.migrate(["adopt"]).succeeds();
    app.database().execute(
        "INSERT INTO __migrate_journal VALUES
         ('20260105090000', 'up', '20260105090000_create_tags', 0, 0, 1, '0', 3, 'x', 0)",
    );
    app.migrate(["adopt"]).exits(1).stderr_is(str![[r#"
error: nothing was taken over: 20260105090000_create_tags stands half way
  = help: `cargo migrate status` says where; `cargo migrate run` finishes it

"#]]);
}

#[test]
fn who_is_locked_out_waits_and_says_so() {
    let app = app_after("knex", FOUR);
    let mut other = app.database();
    other.execute("BEGIN IMMEDIATE");
    app.migrate(["adopt", "--lock-timeout", "0"]).exits(3);
}
