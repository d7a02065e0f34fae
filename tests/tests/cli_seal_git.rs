//! Sealed migrations on branches: what git merges, what is said of the order then, and what `rebase` and
//! `check --since` make of it.

use migrate_tests::{Project, project};
use serde_json::Value;
use snapbox::str;

/// A repository with one sealed migration.
fn repository() -> Project {
    let app = project("app").table("1_users", "users").file(".gitignore", "app.db\n").build();
    app.migrate(["seal"]).succeeds();
    git(&app, "init -q -b main");
    commit(&app);
    app
}

fn git(app: &Project, arguments: &str) {
    let person = "-c user.name=a -c user.email=a@example.org";
    app.shell(&format!("git {person} {arguments}")).succeeds();
}

fn commit(app: &Project) {
    git(app, "add -A");
    git(app, "commit -q -m Work");
}

/// A branch off the main one, with what is done there.
fn branch(app: &Project, name: &str, work: impl FnOnce()) {
    git(app, &format!("checkout -q -b {name} main"));
    work();
    commit(app);
}

fn add_and_seal(app: &Project, directory: &str, table: &str) {
    app.table(directory, table);
    app.migrate(["seal"]).succeeds();
}

#[test]
fn two_branches_that_seal_merge_without_a_conflict_and_the_order_is_looked_at() {
    for (first, second) in [("posts", "likes"), ("likes", "posts")] {
        let app = repository();
        branch(&app, "posts", || add_and_seal(&app, "2_posts", "posts"));
        branch(&app, "likes", || {
            add_and_seal(&app, "3_likes", "likes");
            add_and_seal(&app, "4_tags", "tags");
        });
        git(&app, &format!("checkout -q {first}"));
        git(&app, &format!("merge -q --no-edit {second}"));
        app.migrate(["check", "--message-format", "short"]).exits(1).says(
            "error[sealed-apart]: `3_likes` was sealed right behind `1_users`: `2_posts`, which is \
             to run between them, was sealed apart from it",
        );
        app.migrate(["seal"]).exits(1).says("error[sealed-apart]");
        app.migrate(["seal", "--accept", "3"]).succeeds();
        app.migrate(["check", "--locked"]).succeeds();
    }
}

#[test]
fn branches_that_seal_the_same_meet_again() {
    let app = repository();
    branch(&app, "release", || {
        add_and_seal(&app, "2_posts", "posts");
        add_and_seal(&app, "3_likes", "likes");
    });
    branch(&app, "other", || {
        add_and_seal(&app, "2_posts", "posts");
        app.table("4_tags", "tags");
    });
    git(&app, "merge -q --no-edit release");
    app.migrate(["check"]).succeeds();
    app.migrate(["seal"]).succeeds().prints("sealed       4_tags");
    app.migrate(["check", "--locked"]).succeeds();
}

#[test]
fn an_older_line_and_a_new_one_change_side_by_side() {
    let app = repository();
    branch(&app, "comment", || {
        let up = app.read("migrations/1_users/up.sql");
        app.write("migrations/1_users/up.sql", format!("-- Everybody.\n{up}"));
        app.migrate(["seal"]).succeeds();
    });
    branch(&app, "posts", || add_and_seal(&app, "2_posts", "posts"));
    git(&app, "merge -q --no-edit comment");
    // Git keeps what both sides say of the first, which differs in a comment alone.
    app.migrate(["check"]).succeeds();
    app.migrate(["seal"]).succeeds();
    app.migrate(["check", "--locked"]).succeeds().stderr_is("");
}

#[test]
fn two_branches_that_seal_for_the_first_time_merge_too() {
    let app = project("app").table("1_users", "users").build();
    git(&app, "init -q -b main");
    commit(&app);
    branch(&app, "posts", || add_and_seal(&app, "2_posts", "posts"));
    branch(&app, "likes", || {
        app.migrate(["seal"]).succeeds();
        app.table("3_likes", "likes");
    });
    git(&app, "merge -q --no-edit posts");
    app.migrate(["check"]).succeeds();
    app.migrate(["seal"]).succeeds();
    app.migrate(["check", "--locked"]).succeeds();
}

#[test]
fn marks_of_a_conflict_are_named_and_both_sides_are_right() {
    let app = repository();
    app.remove("migrations/.gitattributes");
    commit(&app);
    // A seal would write it again.
    let seal = |directory: &str, table: &str| {
        add_and_seal(&app, directory, table);
        app.remove("migrations/.gitattributes");
    };
    branch(&app, "posts", || seal("2_posts", "posts"));
    branch(&app, "likes", || seal("3_likes", "likes"));
    app.shell("git -c user.name=a -c user.email=a@example.org merge -q posts").exits(1);
    app.migrate(["check"]).exits(1).says("error[bad-lock]: a merge has left its marks");
    app.shell("sed -i -e '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' migrations/migrations.lock")
        .succeeds();
    app.migrate(["check"]).exits(1).says("error[sealed-apart]");
}

#[test]
fn a_branch_that_comes_late_is_moved_behind_the_others() {
    let app = repository();
    branch(&app, "late", || {
        app.table("2026-01-02-000000_tags", "tags");
        app.migration(
            "2026-01-03-000000_tag_users",
            "ALTER TABLE users ADD COLUMN tag INTEGER;\n",
            "ALTER TABLE users DROP COLUMN tag;\n",
        );
    });
    git(&app, "checkout -q main");
    add_and_seal(&app, "2999-01-01-000000_posts", "posts");
    commit(&app);
    git(&app, "merge -q --no-edit late");
    app.table("2999-06-01-000000_likes", "likes");
    app.migrate(["check"]).exits(1).says(
        "error[inserted-before-sealed]: `2026-01-02-000000_tags` is new, and sorts before \
         `2999-01-01-000000_posts`, which is sealed",
    );
    app.migrate(["rebase", "--dry-run"]).succeeds().stdout_is(str![[r#"
would move  2026-01-02-000000_tags
        to  2999-06-01-000001_tags
would move  2026-01-03-000000_tag_users
        to  2999-06-01-000002_tag_users
2 would be moved; nothing was changed

"#]]);
    let json = ["rebase", "--dry-run", "--message-format", "json"];
    let lines = app.migrate(json).succeeds().json();
    let moved = |line: &&Value| line["reason"] == "moved" && line["dry_run"] == true;
    assert_eq!(lines.iter().filter(moved).count(), 2, "{lines:?}");
    assert!(app.has("migrations/2026-01-02-000000_tags"));
    app.migrate(["rebase"]).succeeds().stdout_is(str![[r#"
moved  2026-01-02-000000_tags
   to  2999-06-01-000001_tags
moved  2026-01-03-000000_tag_users
   to  2999-06-01-000002_tag_users
2 moved; all is sound in the new order

"#]]).stderr_is(str![[r#"
note: a database that has one of them already knows it by its old version: revert it there with the files as they were, before it runs anew

"#]]);
    app.migrate(["check"]).succeeds();
    app.migrate(["rebase"]).succeeds().stdout_is(str![[r#"
nothing to move: every new migration is behind the sealed ones

"#]]);
    app.migrate(["run"]).succeeds();
}

#[test]
fn what_does_not_fit_behind_the_others_is_said() {
    let app = repository();
    let users = app.read("migrations/1_users/up.sql");
    app.migration("3_no_users", "DROP TABLE users;\n", &users);
    app.migrate(["seal"]).succeeds();
    app.migration(
        "2_email",
        "ALTER TABLE users ADD COLUMN email TEXT;\n",
        "ALTER TABLE users DROP COLUMN email;\n",
    );
    let rebase = app.migrate(["rebase"]).exits(1).prints("moved  2_email\n   to  4_email");
    rebase
        .says("there is no table `users`")
        .says("error: they are moved, and do not fit there yet");
}

#[test]
fn nothing_moves_where_nothing_is_sealed_or_nothing_follows() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["rebase"]).succeeds().prints("nothing to move: nothing is sealed");
    app.table("v2_posts", "posts");
    app.migrate(["seal"]).succeeds();
    app.table("v1_likes", "likes");
    app.migrate(["rebase"]).exits(1).says("nothing was moved: the newest version is `v2`");
    assert!(app.has("migrations/v1_likes"));
    app.write("migrations/migrations.lock", "x\n");
    app.migrate(["rebase"]).exits(1).says("the lock file cannot be read");
}

#[test]
fn an_edit_is_shown_beside_what_git_has() {
    let app = project("app")
        .cargo_toml(
            "[package]\nname = \"app\"\n[package.metadata.migrate]\ndialect = \"postgres\"\n",
        )
        .migration(
            "1_role",
            "-- A role.\nCREATE ROLE app LOGIN\n    PASSWORD 'first-secret';\n",
            "DROP ROLE app;\n",
        )
        .build();
    git(&app, "init -q -b main");
    commit(&app);
    app.migrate(["seal", "--with-findings"]).succeeds();
    commit(&app);
    app.write(
        "migrations/1_role/up.sql",
        "-- A role.\nCREATE ROLE app LOGIN\n    PASSWORD 'other-secret';\n",
    );
    let check = app.migrate(["check"]).exits(1).stderr_is(str![[r#"
error[edited-sealed]: `1_role` is sealed, and its `up.sql` says something else now
 --> migrations/1_role/up.sql:3:1
  |
3 |     PASSWORD **************;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this was something else
  |
  = note: sealed as:
              PASSWORD **************;
  = note: databases have run what was sealed, and do not run it again
  = help: put it back as it was, and write what is to change into a new migration
  = help: if it has to change all the same: `cargo migrate seal --accept 1`
  = note: `cargo migrate explain edited-sealed` says more


"#]]);
    check.never_shows("first-secret").never_shows("other-secret");
}

#[test]
fn only_what_is_newer_than_a_revision_is_looked_at() {
    let app = project("app")
        .migration("1_old", "CREATE TABLE old (id INTEGER);\n", "SELECT 1;\n")
        .migration("2_mended", "CREATE TABLE mended (id INTEGER);\n", "SELECT 1;\n")
        .build();
    git(&app, "init -q -b main");
    commit(&app);
    app.migrate(["check", "--since", "main"]).succeeds().stdout_is(str![[r#"
2 migrations checked: layout, order and SQLite syntax are sound; 2 refuted
2 findings in what is as old as `main`: not looked at

"#]]);
    let json = ["check", "--since", "main", "--message-format", "json"];
    let summary = app.migrate(json).succeeds().json().pop().unwrap();
    assert_eq!((&summary["findings_before"], &summary["errors"]), (&2.into(), &0.into()));
    git(&app, "checkout -q -b work");
    app.migration("3_new", "CREATE TABLE new (id INTEGER);\n", "SELECT 1;\n");
    let known = app.migrate(["check", "--since", "main"]).exits(1);
    known.says("3_new/down.sql").never_shows("1_old");
    commit(&app);
    app.write("migrations/2_mended/down.sql", "SELECT 2;\n");
    let changed = app.migrate(["check", "--since", "main"]).exits(1);
    changed.says("3_new/down.sql").says("2_mended/down.sql").never_shows("1_old");
    app.remove("migrations/3_new");
    git(&app, "checkout -q main -- migrations/2_mended");
    // What is wrong with the files and their order is wrong whenever it came.
    app.write("migrations/stray.sql", "SELECT 1;\n");
    app.migrate(["check", "--since", "main"]).exits(1).says("error[flat-file]");
}

#[test]
fn a_revision_has_to_be_one() {
    let app = repository();
    app.migrate(["check", "--since", "v9"]).exits(2).stderr_is(str![[r#"
error: git knows no revision `v9`
  = help: a shallow clone may lack it: `git fetch` gets it

"#]]);
    app.migrate(["check", "--since=--all"]).exits(2).says("git knows no revision `--all`");
    let elsewhere = project("app").table("1_a", "a").build();
    elsewhere.migrate(["check", "--since", "main"]).exits(2).stderr_is(str![[r#"
error: `--since` needs a git work tree, and this is none

"#]]);
    elsewhere
        .migrate(["check", "--since", "main"])
        .env("PATH", "")
        .exits(1)
        .says("cannot start git");
}
