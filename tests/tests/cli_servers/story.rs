//! The way of a migration, from its first line to production and back.

use migrate_tests::server::{Product, Server};
use snapbox::str;

use crate::{app, on_both};

on_both!(from_new_to_run_and_back, the_same_as_json, looking_changes_nothing, a_statement_fails);

fn from_new_to_run_and_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).build();
    app.migrate([
        "new",
        "create_users",
        "name:text!",
        "email:string!:unique",
        "--version",
        "2026-01-01-000000",
    ])
    .succeeds();
    app.migrate(["new", "add_phone_to_users", "phone:text", "--version", "2026-01-02-000000"])
        .succeeds();
    app.migrate(["check"]).succeeds().prints("2 migrations checked");
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
pending                                           2026-01-01-000000_create_users
pending                                           2026-01-02-000000_add_phone_to_users
2 pending

"#]]);
    app.migrate(["run", "-n1"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration applied (batch 1)

"#]])
        .stderr_is(str![[r#"
     Applied 2026-01-01-000000_create_users ([TOOK])

"#]]);
    app.migrate(["run"]).succeeds().stdout_is(str![[r#"
1 migration applied (batch 2)

"#]]);
    database
        .execute("INSERT INTO users (name, email, phone) VALUES ('Ada', 'ada@example.com', '1')");
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  2026-01-01-000000_create_users
applied          2  [TIME] [TOOK]  2026-01-02-000000_add_phone_to_users
2 applied

"#]]);
    app.migrate(["run"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]])
        .stderr_is(str![]);
    app.migrate(["redo"]).succeeds().stdout_is(str![[r#"
1 migration reverted and applied again

"#]]);
    app.migrate(["revert"]).succeeds().stdout_is(str![[r#"
1 migration reverted

"#]]);
    assert_eq!(database.sql("SELECT name, email FROM users;"), "Ada\tada@example.com\n");
    assert!(database.try_sql("SELECT phone FROM users;").is_err());
    app.migrate(["status", "--exit-code"]).exits(5);
    app.migrate(["revert", "--all"]).succeeds();
    assert!(database.try_sql("SELECT * FROM users;").is_err());
}

fn the_same_as_json<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").table("2_posts", "posts").build();
    let json = |command: &[&str]| {
        app.migrate(command.iter().copied().chain(["--message-format", "json"])).succeeds().json()
    };
    assert_eq!(json(&["run"]).last().unwrap()["applied"], 2);
    let status = json(&["status"]);
    assert_eq!((&status[0]["state"], &status[1]["state"]), (&"applied".into(), &"applied".into()));
    assert_eq!(json(&["revert", "--dry-run"])[0]["sql"], "DROP TABLE posts;");
    assert_eq!(json(&["redo", "--all"]).last().unwrap()["reverted"], 2);
}

fn looking_changes_nothing<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["status"]).succeeds().prints("1 pending");
    app.migrate(["run", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 1_users (up, proved)
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);


"#]]);
    app.migrate(["revert"]).succeeds().prints("nothing to revert");
    app.migrate(["wait"]).succeeds();
    for table in ["__diesel_schema_migrations", "__migrate_history"] {
        assert!(database.try_sql(&format!("SELECT * FROM {table};")).is_err(), "{table}");
    }
}

fn a_statement_fails<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database)
        .table("1_users", "users")
        .migration(
            "2_notes",
            "CREATE TABLE notes (id INTEGER);\n\nINSERT INTO notes VALUES ('x');\n",
            "DROP TABLE notes;\n",
        )
        .build();
    let failed = app.migrate(["run"]).output();
    let failed =
        failed.says("--> migrations/2_notes/up.sql:3:").says("INSERT INTO notes VALUES ('x');");
    // What MySQL has done it cannot take back.
    match P::DIALECT {
        "postgres" => {
            failed.exits(1);
            app.migrate(["status"]).succeeds().prints("1 applied, 1 pending");
        }
        _ => {
            failed.exits(4).says("cargo migrate");
            app.migrate(["status"]).succeeds().prints("1 applied, 1 unfinished");
        }
    }
    app.write(
        "migrations/2_notes/up.sql",
        "CREATE TABLE notes (id INTEGER);\n\nINSERT INTO notes VALUES (1);\n",
    );
    app.migrate(["run"]).succeeds();
    assert_eq!(database.sql("SELECT id FROM notes;"), "1\n");
}
