//! The way of a migration, from its first line to production and back.

use migrate_tests::project;
use snapbox::str;

#[test]
fn from_new_to_run_and_back() {
    let app = project("app").without(".env").build();
    let migrate = |arguments: &[&str]| app.migrate(arguments).env("DATABASE_URL", "app.db");

    migrate(&[
        "new",
        "create_users",
        "name:text!",
        "email:text!:unique",
        "--version",
        "2026-01-01-000000",
    ])
    .succeeds()
    .stdout_is(str![[r#"
created migrations/2026-01-01-000000_create_users/up.sql
created migrations/2026-01-01-000000_create_users/down.sql

"#]])
    .stderr_is(str![]);
    migrate(&["new", "add_phone_to_users", "phone:text", "--version", "2026-01-02-000000"])
        .succeeds();

    migrate(&["check"])
        .succeeds()
        .stdout_is(str![[r#"
2 migrations checked: layout, order and SQLite syntax are sound; 2 proved reversible

"#]])
        .stderr_is(str![]);

    migrate(&["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
pending                                           2026-01-01-000000_create_users
pending                                           2026-01-02-000000_add_phone_to_users
2 pending

"#]])
        .stderr_is(str![]);
    assert!(!app.has("app.db"), "looking makes no database");

    migrate(&["run"])
        .succeeds()
        .stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]])
        .stderr_is(str![[r#"
     Applied 2026-01-01-000000_create_users ([TOOK])
     Applied 2026-01-02-000000_add_phone_to_users ([TOOK])

"#]]);
    assert_eq!(app.database().names(), ["users", "users_email_key"]);

    migrate(&["status"])
        .succeeds()
        .stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  2026-01-01-000000_create_users
applied          1  [TIME] [TOOK]  2026-01-02-000000_add_phone_to_users
2 applied

"#]])
        .stderr_is(str![]);
    migrate(&["run"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]])
        .stderr_is(str![]);

    migrate(&["revert"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration reverted

"#]])
        .stderr_is(str![[r#"
    Reverted 2026-01-02-000000_add_phone_to_users ([TOOK])

"#]]);
    assert_eq!(app.database().versions(), ["20260101000000"]);

    migrate(&["redo"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration reverted and applied again

"#]])
        .stderr_is(str![[r#"
    Reverted 2026-01-01-000000_create_users ([TOOK])
     Applied 2026-01-01-000000_create_users ([TOOK])

"#]]);
    migrate(&["redo", "--all"]).succeeds().stdout_is(str![[r#"
1 migration reverted and applied again

"#]]);
    migrate(&["revert", "--all"]).succeeds().stdout_is(str![[r#"
1 migration reverted

"#]]);
    migrate(&["revert"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to revert

"#]])
        .stderr_is(str![]);
    migrate(&["redo"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to redo

"#]])
        .stderr_is(str![]);
    assert!(app.database().names().is_empty());
}

#[test]
fn the_same_story_as_json() {
    let app = project("app").table("1_users", "users").table("2_posts", "posts").build();
    let json = |command: &[&str]| {
        app.migrate(command.iter().copied().chain(["--message-format", "json"]))
            .succeeds()
            .stderr_is(str![])
    };

    let check = json(&["check"]).stdout_is(str![[r#"
{"reason":"migration","version":"1","name":"1_users","state":null,"verdict":"proved","why":null,"loses":{"up":[],"down":["the rows of `users`"]},"sealed":false}
{"reason":"migration","version":"2","name":"2_posts","state":null,"verdict":"proved","why":null,"loses":{"up":[],"down":["the rows of `posts`"]},"sealed":false}
{"reason":"summary","migrations":2,"errors":0,"warnings":0,"sealed":0,"findings_in_sealed":0,"exit":0}

"#]]);
    assert_eq!(check.json().len(), 3);
    let _ = json(&["run"]).stdout_is(str![[r#"
{"reason":"step","direction":"up","version":"1","name":"1_users","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"up","version":"1","name":"1_users","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"step","direction":"up","version":"2","name":"2_posts","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"up","version":"2","name":"2_posts","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"transaction","event":"committed"}
{"reason":"summary","applied":2,"reverted":0,"left":0,"batch":1,"failed":null,"exit":0}

"#]]).json();
    let _ = json(&["run"])
        .stdout_is(str![[r#"
{"reason":"summary","applied":0,"reverted":0,"left":0,"batch":null,"failed":null,"exit":0}

"#]])
        .json();
    let _ = json(&["status"]).stdout_is(str![[r#"
{"reason":"migration","version":"1","name":"1_users","state":"applied","verdict":"proved","why":null,"batch":1,"applied_at":"[TIME]","duration_ms":[TOOK],"notes":[]}
{"reason":"migration","version":"2","name":"2_posts","state":"applied","verdict":"proved","why":null,"batch":1,"applied_at":"[TIME]","duration_ms":[TOOK],"notes":[]}
{"reason":"summary","applied":2,"baselined":0,"pending":0,"unfinished":0,"out_of_order":0,"modified":0,"missing":0,"exit":0}

"#]]).json();
    let _ = json(&["redo"]).stdout_is(str![[r#"
{"reason":"step","direction":"down","version":"2","name":"2_posts","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"down","version":"2","name":"2_posts","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"step","direction":"up","version":"2","name":"2_posts","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"up","version":"2","name":"2_posts","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"transaction","event":"committed"}
{"reason":"summary","applied":1,"reverted":1,"left":0,"batch":2,"failed":null,"exit":0}

"#]]).json();
    let _ = json(&["revert", "--dry-run"]).stdout_is(str![[r#"
{"reason":"step","direction":"down","version":"2","name":"2_posts","statement":null,"of":1,"event":"planned","sql":"DROP TABLE posts;","verdict":"proved","why":null,"loses":["the rows of `posts`"]}
{"reason":"summary","planned":1,"exit":0}

"#]]).json();
    let _ = json(&["revert", "--batch"]).stdout_is(str![[r#"
{"reason":"step","direction":"down","version":"2","name":"2_posts","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"down","version":"2","name":"2_posts","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"transaction","event":"committed"}
{"reason":"summary","applied":0,"reverted":1,"left":0,"batch":null,"failed":null,"exit":0}

"#]]).json();
    let _ = json(&["revert"]).stdout_is(str![[r#"
{"reason":"step","direction":"down","version":"1","name":"1_users","statement":1,"of":1,"event":"started"}
{"reason":"step","direction":"down","version":"1","name":"1_users","statement":1,"of":1,"event":"finished","duration_ms":[TOOK]}
{"reason":"transaction","event":"committed"}
{"reason":"summary","applied":0,"reverted":1,"left":0,"batch":null,"failed":null,"exit":0}

"#]]).json();
}

#[test]
fn cargo_starts_it_with_its_name() {
    let app = project("app").table("1_users", "users").build();
    let directly = app.migrate(["check"]).succeeds();
    let by_cargo = app.migrate(["migrate", "check"]).succeeds();
    assert_eq!(directly.stdout(), by_cargo.stdout());
}

#[test]
fn verbose_shows_the_statements_and_quiet_only_the_result() {
    let app = project("app").table("1_users", "users").table("2_posts", "posts").build();
    app.migrate(["run", "-n1", "-v"]).succeeds().stderr_is(str![[r#"
   Executing CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT) (1_users, 1 of 1)
     Applied 1_users ([TOOK])

"#]]);
    app.migrate(["run", "-q"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration applied (batch 2)

"#]])
        .stderr_is(str![]);
    app.migrate(["revert", "-q", "--dry-run"]).succeeds().stderr_is(str![""]);
    app.migrate(["status", "-q"]).succeeds().stderr_is(str![]);
}
