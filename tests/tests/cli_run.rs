//! `run`: how far, and what it shows before.

use migrate_tests::{Database, Project, project};
use snapbox::str;

fn three_tables() -> Project {
    project("app")
        .table("2026-01-01-000000_create_users", "users")
        .table("2026-01-02-000000_create_posts", "posts")
        .table("2026-01-03-000000_create_tags", "tags")
        .build()
}

#[test]
fn as_many_as_asked_for() {
    let app = three_tables();
    app.migrate(["run", "-n", "1"]).succeeds().stdout_is(str![[r#"
1 migration applied (batch 1)

"#]]);
    assert_eq!(app.database().names(), ["users"]);
    app.migrate(["run", "-n", "0"]).succeeds().stdout_is(str![[r#"
nothing to apply

"#]]);
    app.migrate(["run", "--number", "9"]).succeeds().stdout_is(str![[r#"
2 migrations applied (batch 2)

"#]]);
    assert_eq!(app.database().names(), ["posts", "tags", "users"]);
}

#[test]
fn up_to_a_version_however_it_is_written() {
    for version in ["2026-01-02-000000", "20260102000000", "2026-01-02-000000_create_posts"] {
        let app = three_tables();
        app.migrate(["run", "--to", version]).succeeds();
        assert_eq!(app.database().versions(), ["20260101000000", "20260102000000"], "{version}");
        app.migrate(["run", "--to", "2026-01-01-000000"])
            .succeeds()
            .stdout_is(str![[r#"
nothing to apply

"#]])
            .stderr_is(str![]);
    }
}

#[test]
fn an_unknown_version_is_a_mistake_and_the_near_ones_are_named() {
    let app = three_tables();
    app.migrate(["run", "--to", "2026-01-02-000001"]).exits(2).stderr_is(str![[r#"
error: no migration is called `2026-01-02-000001`; did you mean `2026-01-02-000000_create_posts`, `2026-01-01-000000_create_users`, `2026-01-03-000000_create_tags`?

"#]]);
    app.migrate(["run", "--to", "create_post"]).exits(2).stderr_is(str![[r#"
error: no migration is called `create_post`; did you mean `2026-01-02-000000_create_posts`?

"#]]);
    app.migrate(["run", "--to", "nonsense"]).exits(2).stderr_is(str![[r#"
error: no migration is called `nonsense`

"#]]);
    app.migrate(["run", "--to", ""]).exits(2).stderr_is(str![[r#"
error: no migration is called ``

"#]]);
    assert!(!app.has("app.db"), "a mistake makes no database");
}

#[test]
fn options_that_contradict_each_other_are_a_mistake() {
    let app = three_tables();
    app.migrate(["run", "--to", "2026-01-02-000000", "-n", "1"]).exits(2).stderr_is(str![[r#"
error: the argument '--to <V>' cannot be used with '--number <N>'

Usage: cargo migrate run --to <V>

For more information, try '--help'.

"#]]);
    app.migrate(["run", "-n", "-1"]).exits(2).stderr_is(str![[r#"
error: unexpected argument '-1' found

Usage: cargo migrate run [OPTIONS]

For more information, try '--help'.

"#]]);
    app.migrate(["run", "-q", "-v"]).exits(2).stderr_is(str![[r#"
error: the argument '--quiet' cannot be used with '--verbose'

Usage: cargo migrate run --quiet

For more information, try '--help'.

"#]]);
}

#[test]
fn a_dry_run_prints_sql_that_runs_and_changes_nothing() {
    let app = three_tables();
    app.migration(
        "2026-01-04-000000_no_comma",
        "-- The last statement has no semicolon.\nINSERT INTO tags (name) VALUES ('a;b');\nCREATE INDEX tags_name ON tags (name)",
        "DROP INDEX tags_name; DELETE FROM tags",
    );
    app.table("2026-01-05-000000_create_likes", "likes");
    let dry = app
        .migrate(["run", "--dry-run"])
        .succeeds()
        .stdout_is(str![[r#"
-- 2026-01-01-000000_create_users (up, proved)
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);

-- 2026-01-02-000000_create_posts (up, proved)
CREATE TABLE posts (id INTEGER PRIMARY KEY, name TEXT);

-- 2026-01-03-000000_create_tags (up, proved)
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);

-- 2026-01-04-000000_no_comma (up, proved)
-- The last statement has no semicolon.
INSERT INTO tags (name) VALUES ('a;b');
CREATE INDEX tags_name ON tags (name);

-- 2026-01-05-000000_create_likes (up, proved)
CREATE TABLE likes (id INTEGER PRIMARY KEY, name TEXT);


"#]])
        .stderr_is(str![[r#"
note: 5 to apply; nothing was changed

"#]]);
    assert!(!app.has("app.db"), "the file is not even made");

    let mut by_hand = Database::open(&app.path("by-hand.db"));
    by_hand.execute(dry.stdout());
    app.migrate(["run"]).succeeds();
    assert_eq!(by_hand.schema(), app.database().schema());
    assert_eq!(by_hand.texts("SELECT name FROM tags"), ["a;b"]);

    let before = app.bytes("app.db");
    let dry = app.migrate(["revert", "--all", "--dry-run"]).succeeds();
    assert_eq!(app.bytes("app.db"), before);
    by_hand.execute(dry.stdout());
    assert_eq!(by_hand.names(), [""; 0]);

    app.migrate(["run", "--dry-run"]).succeeds().stdout_is(str![]).stderr_is(str![[r#"
note: there is nothing to do

"#]]);
}

#[test]
fn a_dry_run_says_what_runs_outside_of_a_transaction() {
    let app = project("app")
        .migration("1_compact", "VACUUM;\n", "SELECT 1;\n")
        .file("migrations/1_compact/metadata.toml", "run_in_transaction = false\n")
        .build();
    app.migrate(["run", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 1_compact (up, outside a transaction, proved)
VACUUM;


"#]]);
    app.migrate(["run"]).succeeds();
}

#[test]
fn a_failing_statement_leaves_nothing_behind() {
    let app = three_tables();
    app.migrate(["run", "-n1"]).succeeds();
    app.migration(
        "2026-01-04-000000_fill_tags",
        "INSERT INTO tags (id) VALUES (1);\n\n  INSERT INTO tags (id, name)\n  SELECT 1, 'twice';\n",
        "DELETE FROM tags;\n",
    );
    app.table("2026-01-05-000000_create_likes", "likes");
    let before = app.bytes("app.db");

    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
     Applied 2026-01-02-000000_create_posts ([TOOK])
     Applied 2026-01-03-000000_create_tags ([TOOK])
 Rolled back what this transaction held: it is as before
error[failed-statement]: UNIQUE constraint failed: tags.id
 --> migrations/2026-01-04-000000_fill_tags/up.sql:3:3
  |
3 | /   INSERT INTO tags (id, name)
4 | |   SELECT 1, 'twice';
  | |___________________^ statement 2 of 2
  |
  = note: `cargo migrate explain failed-statement` says more

error: 2026-01-04-000000_fill_tags (up) failed at migrations/2026-01-04-000000_fill_tags/up.sql:3:3 (statement 2 of 2): UNIQUE constraint failed: tags.id. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 4 left to do: `cargo migrate status` shows where it stands

"#]]);
    assert_eq!(app.bytes("app.db"), before, "all was rolled back");
    app.migrate(["run", "--message-format=short"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
     Applied 2026-01-02-000000_create_posts ([TOOK])
     Applied 2026-01-03-000000_create_tags ([TOOK])
 Rolled back what this transaction held: it is as before
migrations/2026-01-04-000000_fill_tags/up.sql:3:3: error[failed-statement]: UNIQUE constraint failed: tags.id
error: 2026-01-04-000000_fill_tags (up) failed at migrations/2026-01-04-000000_fill_tags/up.sql:3:3 (statement 2 of 2): UNIQUE constraint failed: tags.id. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 4 left to do: `cargo migrate status` shows where it stands

"#]]);
    let lines = app.migrate(["run", "--message-format=json"]).exits(1).json();
    let last = lines.last().unwrap();
    assert_eq!(last["applied"], 0);
    assert_eq!(last["left"], 4);
    assert_eq!(last["failed"], "2026-01-04-000000_fill_tags");
    assert!(last["error"].as_str().unwrap().contains("up.sql:3:3"), "{last}");

    app.migration(
        "2026-01-04-000000_fill_tags",
        "INSERT INTO tags (id) VALUES (1);\n",
        "DELETE FROM tags;\n",
    );
    app.migrate(["run"]).succeeds();
    assert_eq!(app.database().names(), ["likes", "posts", "tags", "users"]);
}

#[test]
fn outside_of_a_transaction_a_failure_stops_half_way_and_the_next_run_goes_on() {
    let up = "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\nINSERT INTO a SELECT json('{');\nCREATE TABLE c (id INTEGER);\n";
    let app = project("app")
        .table("1_users", "users")
        .migration("2_by_hand", up, "DROP TABLE c;\nDROP TABLE b;\nDROP TABLE a;\n")
        .file("migrations/2_by_hand/metadata.toml", "run_in_transaction = false\n")
        .table("3_posts", "posts")
        .build();

    app.migrate(["run"]).exits(4).stdout_is(str![]).stderr_is(str![[r#"
     Applied 1_users ([TOOK])
error[failed-statement]: malformed JSON
 --> migrations/2_by_hand/up.sql:3:1
  |
3 | INSERT INTO a SELECT json('{');
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 3 of 4
  |
  = note: `cargo migrate explain failed-statement` says more

error: 2_by_hand (up) stands half way, without a transaction to roll back: 2 of 4 statements are done, the next one failed at migrations/2_by_hand/up.sql:3:1 (statement 3 of 4): malformed JSON. Mend it, or what follows it, and run again: the run goes on with statement 3; applied before that: 1_users
  = note: 2 left to do: `cargo migrate status` shows where it stands

"#]]);
    assert_eq!(app.database().names(), ["a", "b", "users"]);
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_users
unfinished                                        2_by_hand
pending                                           3_posts
1 applied, 1 pending, 1 unfinished

"#]]).stderr_is(str![[r#"
note: unfinished: it stopped half way, or another process is at it; `cargo migrate run` goes on where it stopped, or waits

"#]]);
    app.migrate(["revert"]).exits(4).stderr_is(str![[r#"
error: 2_by_hand (up) stands half way, without a transaction to roll back: 2 of 4 statements are done. Finish it with `cargo migrate run` first
  = note: 1 left to do: `cargo migrate status` shows where it stands

"#]]);
    let lines = app.migrate(["run", "--message-format=json"]).exits(4).stdout_is(str![[r##"
{"reason":"transaction","event":"committed"}
{"reason":"step","direction":"up","version":"2","name":"2_by_hand","statement":3,"of":4,"event":"started"}
{"reason":"transaction","event":"rolled-back"}
{"reason":"step","direction":"up","version":"2","name":"2_by_hand","statement":3,"of":4,"event":"failed","message":"2_by_hand (up) stands half way, without a transaction to roll back: 2 of 4 statements are done, the next one failed at migrations/2_by_hand/up.sql:3:1 (statement 3 of 4): malformed JSON. Mend it, or what follows it, and run again: the run goes on with statement 3"}
{"reason":"compiler-message","package_id":"migrations","target":{"kind":["custom-build"],"crate_types":["bin"],"name":"migrations","src_path":"migrations/2_by_hand/up.sql"},"message":{"$message_type":"diagnostic","message":"malformed JSON","code":{"code":"failed-statement","explanation":"# failed-statement\n\nThe database refused a statement when the migration ran.\n\nLayout, order and syntax were sound, so it is the database's state that the statement does not fit: a\ntable that is not there or is there already, a constraint that rows break, a value of the wrong type.\nWhat becomes of the rest depends on the migration:\n\n- Inside a transaction, the usual case, the migration is rolled back, and nothing is recorded of it. On\n  SQLite that holds for everything that the run did.\n- Outside of one (`run_in_transaction = false`, and on MySQL and MariaDB every migration that changes the\n  schema), the statements before it stay, and a journal says how far it came. The next run goes on with\n  the statement that failed.\n\n## What to do\n\nMend the statement, or what it stumbled over, and run again. `cargo migrate status` shows where the\ndatabase stands. In a migration that stands half way, leave the statements before it as they are: they\nhave been executed.\n"},"level":"error","spans":[{"file_name":"migrations/2_by_hand/up.sql","byte_start":58,"byte_end":88,"line_start":3,"line_end":3,"column_start":1,"column_end":31,"is_primary":true,"text":[{"text":"INSERT INTO a SELECT json('{');","highlight_start":1,"highlight_end":31}],"label":"statement 3 of 4","suggested_replacement":null,"suggestion_applicability":null,"expansion":null}],"children":[],"rendered":"error[failed-statement]: malformed JSON\n --> migrations/2_by_hand/up.sql:3:1\n  |\n3 | INSERT INTO a SELECT json('{');\n  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 3 of 4\n  |\n  = note: `cargo migrate explain failed-statement` says more\n"}}
{"reason":"summary","applied":0,"reverted":0,"left":2,"batch":1,"failed":"2_by_hand","error":"2_by_hand (up) stands half way, without a transaction to roll back: 2 of 4 statements are done, the next one failed at migrations/2_by_hand/up.sql:3:1 (statement 3 of 4): malformed JSON. Mend it, or what follows it, and run again: the run goes on with statement 3","exit":4}

"##]]).json();
    assert_eq!(lines.last().unwrap()["exit"], 4);

    app.migration(
        "2_by_hand",
        &up.replace("SELECT json('{')", "VALUES (1)"),
        "DROP TABLE c;\nDROP TABLE b;\nDROP TABLE a;\n",
    );
    app.migrate(["run", "--dry-run"])
        .succeeds()
        .stdout_is(str![[r#"
-- 2_by_hand (up, outside a transaction, proved): goes on behind statement 2 of 4
INSERT INTO a VALUES (1);
CREATE TABLE c (id INTEGER);

-- 3_posts (up, proved)
CREATE TABLE posts (id INTEGER PRIMARY KEY, name TEXT);


"#]])
        .stderr_is(str![[r#"
note: 2 to apply; nothing was changed

"#]]);
    app.migrate(["run"])
        .succeeds()
        .stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]])
        .stderr_is(str![[r#"
    Resuming 2_by_hand behind statement 2
     Applied 2_by_hand ([TOOK])
     Applied 3_posts ([TOOK])

"#]]);
    assert_eq!(app.database().names(), ["a", "b", "c", "posts", "users"]);
    assert_eq!(app.database().texts("SELECT id FROM a"), ["1"]);
}

#[test]
fn nothing_runs_that_check_would_refuse() {
    let app = three_tables();
    app.migration(
        "2026-01-04-000000_typo",
        "CREATE TABEL likes (id INTEGER);\n",
        "DROP TABLE likes;\n",
    );
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error[syntax]: syntax error near `TABEL`
 --> migrations/2026-01-04-000000_typo/up.sql:1:8
  |
1 | CREATE TABEL likes (id INTEGER);
  |        ^^^^^ SQLite does not expect this here
  |
  = help: did you mean `TABLE` instead of `TABEL`?
  = note: `cargo migrate explain syntax` says more

error: nothing was run: the migrations have findings

"#]]);
    assert!(!app.has("app.db"));
}
