//! `seal` and `check` beside `migrations.lock`: what is released stays as it is, and what was wrong with
//! it fails nothing.

use std::fs;

use migrate_tests::{Project, project};
use snapbox::str;

/// Two migrations, sealed.
fn sealed() -> Project {
    let app = project("app").table("1_users", "users").table("2_posts", "posts").build();
    app.migrate(["seal"]).succeeds();
    app
}

fn lock(app: &Project) -> String {
    app.read("migrations/migrations.lock")
}

fn edit_users(app: &Project) {
    app.write(
        "migrations/1_users/up.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);",
    );
}

#[test]
fn what_is_sealed_is_named_once() {
    let app = project("app").table("1_users", "users").table("2_posts", "posts").build();
    app.migrate(["seal"])
        .succeeds()
        .stdout_is(str![[r#"
sealed       1_users
sealed       2_posts
2 sealed

"#]])
        .stderr_is(str![[r#"
       Wrote migrations/.gitattributes
       Wrote migrations/migrations.lock

"#]]);
    let text = lock(&app);
    assert_eq!(app.read("migrations/.gitattributes"), "migrations.lock merge=union\n");

    app.migrate(["seal"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to seal: all of 2 are sealed already

"#]])
        .stderr_is(str![]);
    assert_eq!(lock(&app), text);
    app.migrate(["check", "--locked"]).succeeds().stderr_is(str![]);
    app.migrate(["run"]).succeeds();
}

#[test]
fn a_seal_ends_where_it_is_told_to() {
    let app = project("app").table("1_a", "a").table("2_b", "b").table("3_c", "c").build();
    app.migrate(["seal", "--to", "2"]).succeeds();
    app.migrate(["seal", "--to", "1"]).succeeds().stdout_is(str![[r#"
nothing to seal: all of 2 are sealed already

"#]]);
    app.migrate(["check"]).succeeds();
    app.migrate(["check", "--locked"]).exits(1).stderr_is(str![[r#"
error[unsealed]: `3_c` is not sealed
--> migrations/3_c
 = help: `cargo migrate seal` seals it
 = note: `cargo migrate explain unsealed` says more


"#]]);
    app.migrate(["seal", "--to", "30"]).exits(2).stderr_is(str![[r#"
error: nothing was sealed: there is no migration `30`; did you mean `3`?

"#]]);
    let lines = app.migrate(["seal", "--message-format", "json"]).succeeds().json();
    assert_eq!((&lines[0]["event"], &lines[0]["name"]), (&"sealed".into(), &"3_c".into()));
    assert_eq!(lines[1]["sealed"], 3);
    app.migrate(["check", "--locked"]).succeeds();
}

#[test]
fn without_a_lock_file_nothing_is_locked() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["check", "--locked"]).exits(1).says("nothing is sealed: there is no lock file");
    let none = project("app").file("migrations/.keep", "").build();
    none.migrate(["check", "--locked"]).succeeds();
    none.migrate(["seal"]).succeeds().stdout_is(str![[r#"
there is nothing to seal

"#]]);
    assert!(!none.has("migrations/migrations.lock"));
}

#[test]
fn an_edit_stops_everything_until_it_is_undone_or_accepted() {
    let app = sealed();
    let text = app.read("migrations/1_users/up.sql");
    edit_users(&app);
    let finding =
        "error[edited-sealed]: `1_users` is sealed, and its `up.sql` says something else now";
    app.migrate(["check"]).exits(1).says(finding);
    app.migrate(["run"]).exits(1).says(finding);
    app.migrate(["seal"])
        .exits(1)
        .says(finding)
        .says("error: nothing was sealed: sealed migrations are not as they were sealed");
    app.write("migrations/1_users/up.sql", &text);
    app.migrate(["check", "--locked"]).succeeds();

    edit_users(&app);
    app.migrate(["seal", "--accept", "1"]).succeeds().stdout_is(str![[r#"
sealed anew  1_users
2 sealed

"#]]);
    app.migrate(["check", "--locked"]).succeeds();
}

#[test]
fn comments_and_white_space_may_change() {
    let app = sealed();
    let text = app.read("migrations/1_users/up.sql");
    app.write("migrations/1_users/up.sql", format!("-- Who has signed up.\n\n{text}"));
    app.migrate(["check", "--locked"]).succeeds().stderr_is(str![[r#"
warning[edited-comment]: only comments and white space differ from what was sealed
--> migrations/1_users/up.sql
 = help: `cargo migrate seal` seals them as they are
 = note: `cargo migrate explain edited-comment` says more


"#]]);
    app.migrate(["seal"]).succeeds().prints("sealed anew  1_users");
    app.migrate(["check", "--locked"]).succeeds().stderr_is(str![]);
    // Other line ends are no edit at all.
    app.write(
        "migrations/2_posts/up.sql",
        app.read("migrations/2_posts/up.sql").replace('\n', "\r\n"),
    );
    app.migrate(["check", "--locked"]).succeeds().stderr_is(str![]);
}

#[test]
fn what_is_gone_renamed_or_new_in_between_is_accepted_one_by_one() {
    let app = sealed();
    app.table("3_likes", "likes");
    app.migrate(["seal"]).succeeds();
    fs::rename(app.path("migrations/1_users"), app.path("migrations/1_people")).unwrap();
    app.remove("migrations/2_posts");
    app.table("2.5_tags", "tags");
    app.migrate(["seal", "--accept", "2"])
        .exits(1)
        .says("error[renamed-sealed]")
        .says("error[inserted-before-sealed]");
    let all = ["seal", "--accept", "1", "--accept", "2", "--accept", "2.5"];
    app.migrate(all).succeeds().stdout_is(str![[r#"
sealed       2.5_tags
sealed anew  1_people
forgotten    2_posts
3 sealed

"#]]);
    app.migrate(["check", "--locked"]).succeeds();
    app.migrate(["seal", "--accept", "9"]).exits(2).says("there is no migration `9`");
}

#[test]
fn a_newcomer_is_sealed_when_it_is_right() {
    let app = sealed();
    app.migration("3_likes", "CREATE TABLE likes (id INTEGER);\n", "SELECT 1;\n");
    app.migrate(["seal"])
        .exits(1)
        .says("error[irreversible]")
        .says("error: nothing was sealed: there are findings in `3_likes`");
    app.migrate(["seal", "--to", "2"]).succeeds();
    app.migrate(["seal", "--with-findings"]).succeeds();
    // What cannot be read cannot be sealed, whatever is said.
    app.write("migrations/4_tags/down.sql", "DROP TABLE tags;\n");
    app.migrate(["seal", "--with-findings"])
        .exits(1)
        .says("nothing is known of what cannot be read");
}

#[test]
fn findings_in_sealed_migrations_are_counted_and_fail_nothing() {
    let app = project("app")
        .migration("1_users", "CREATE TABLE users (id INTEGER PRIMARY KEY);\n", "SELECT 1;\n")
        .migration("2_posts", "CREATE TABLE posts (id INTEGER) nonsense;\n", "DROP TABLE posts;\n")
        .file("migrations/3_tags/up.sql", "CREATE TABLE tags (id INTEGER);\n")
        .build();
    app.migrate(["check"]).exits(1);
    app.migrate(["seal", "--with-findings"]).succeeds();
    app.migrate(["check", "--locked"]).succeeds().stdout_is(str![[r#"
3 migrations checked: layout, order and SQLite syntax of what is not sealed are sound; 1 refuted, 2 unknown
3 findings in sealed migrations: `check --all` shows them

"#]]).stderr_is(str![]);
    app.migrate(["check", "--all"])
        .succeeds()
        .says("warning[irreversible]")
        .says("warning[syntax]")
        .says("warning[missing-down]");
    let lines = app.migrate(["check", "--message-format", "json"]).succeeds().json();
    let summary = lines.last().unwrap();
    assert_eq!((&summary["findings_in_sealed"], &summary["errors"]), (&3.into(), &0.into()));
    assert!(lines.iter().all(|line| line["reason"] != "compiler-message"));

    // Newcomers are held to everything.
    app.migration("4_likes", "CREATE TABLE likes (id INTEGER);\n", "SELECT 1;\n");
    app.migrate(["check"]).exits(1).says("error[irreversible]");
}

#[test]
fn what_could_not_be_read_is_still_sent_to_the_database() {
    let app = project("app")
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER);\nCREATE TABLE broken (;\nCREATE TABLE posts (id INTEGER);\n",
            "DROP TABLE users;\n",
        )
        .build();
    app.migrate(["seal", "--with-findings"]).succeeds();
    app.migrate(["check"]).succeeds();
    app.migrate(["run"]).exits(1).says("up.sql:2:");
}

#[test]
fn a_lock_file_that_is_not_understood_stops_everything() {
    let app = sealed();
    let good = lock(&app);
    app.write("migrations/migrations.lock", good.clone() + "=======\n");
    app.migrate(["check", "--message-format", "short"]).exits(1).stderr_is(str![[r#"
migrations/migrations.lock:5:1: error[bad-lock]: a merge has left its marks

"#]]);
    app.migrate(["seal"]).exits(1).says("nothing was sealed: the lock file cannot be read");
    app.write("migrations/migrations.lock", b"\xff".as_slice());
    app.migrate(["check"]).exits(1).says("error[not-utf8]");
    app.migrate(["seal"]).exits(1).says("nothing was sealed: the lock file cannot be read");
    app.write("migrations/migrations.lock", good);
    app.migrate(["check"]).succeeds();
}

#[test]
fn names_that_no_line_could_hold_are_not_sealed() {
    let app = project("app").table("1 a_users", "users").table("#2_posts", "posts").build();
    app.migrate(["seal"]).exits(1).says("the lock file cannot hold the name `#2_posts`");
    let app = project("app").table("1 a_users", "users").table("2_posts", "posts").build();
    app.migrate(["seal"]).exits(1).says("the lock file cannot hold the name `2_posts`");
}

#[test]
fn attributes_that_are_there_stay() {
    let app =
        project("app").table("1_a", "a").file("migrations/.gitattributes", "*.sql text").build();
    app.migrate(["seal"]).succeeds();
    let both = "*.sql text\nmigrations.lock merge=union\n";
    assert_eq!(app.read("migrations/.gitattributes"), both);
    app.write("migrations/.gitattributes", "migrations.lock -merge\n");
    app.table("2_b", "b");
    app.migrate(["seal"]).succeeds();
    assert_eq!(app.read("migrations/.gitattributes"), "migrations.lock -merge\n");
}
