//! `drift`: the database beside what its applied migrations make.

use migrate_tests::{Project, project};
use snapbox::str;

fn applied() -> Project {
    let app = project("app")
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n\
             CREATE INDEX users_name ON users (name);\n",
            "DROP TABLE users;\n",
        )
        .migration("2_view", "CREATE VIEW names AS SELECT name FROM users;\n", "DROP VIEW names;\n")
        .table("3_pending", "pending")
        .build();
    app.migrate(["run", "-n2"]).succeeds();
    app
}

#[test]
fn where_there_is_none_a_line_says_so() {
    applied().migrate(["drift"]).succeeds().stderr_is(str![]).stdout_is(str![[r#"
no drift: the database is what its 2 applied migrations make

"#]]);
    let empty = project("app").table("1_users", "users").build();
    empty.migrate(["drift"]).succeeds().stderr_is(str![]).stdout_is(str![[r#"
no drift: no migration is applied, and the database is empty

"#]]);
    assert!(!empty.has("app.db"), "who looks makes nothing");
}

#[test]
fn what_was_changed_by_hand_is_found() {
    let app = applied();
    app.database().execute(
        "ALTER TABLE users ADD COLUMN vip INT;
         DROP INDEX users_name;
         DROP VIEW names;
         CREATE VIEW names AS SELECT id, name FROM users;
         CREATE TABLE notes (text TEXT);
         CREATE INDEX notes_text ON notes (text);",
    );
    let output = app.migrate(["drift"]).exits(1);
    output.stdout_is(str![[r#"
drift: 4 differences from what the 2 applied migrations make

"#]]).stderr_is(str![[r#"
error[drift]: the view `names` differs in the database: the definition
 --> migrations/2_view/up.sql:1:1
  |
1 | CREATE VIEW names AS SELECT name FROM users;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ last changed here
  |
  = note: the definition: by the migrations `as select name from users`, in the database `as select id, name from users`
  = help: change it back, or write a migration that changes it
  = note: `cargo migrate explain drift` says more

error[drift]: the database has the table `notes`, which no applied migration makes
 |
 = help: drop it, or write a migration that makes it
 = note: `cargo migrate explain drift` says more

error[drift]: the table `users` differs in the database: the column `vip`
 --> migrations/1_users/up.sql:1:1
  |
1 | CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ last changed here
  |
  = note: the column `vip`: by the migrations nothing, in the database `vip INT`
  = help: change it back, or write a migration that changes it
  = note: `cargo migrate explain drift` says more

error[drift]: the database has no index `users_name`
 --> migrations/1_users/up.sql:2:1
  |
2 | CREATE INDEX users_name ON users (name);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ made here
  |
  = help: make it again as it was, or write a migration that drops it
  = note: `cargo migrate explain drift` says more


"#]]);
}

#[test]
fn the_same_as_json() {
    let app = applied();
    app.database().execute("ALTER TABLE users ADD COLUMN vip INT; DROP VIEW names");
    let lines = app.migrate(["drift", "--message-format", "json"]).exits(1).json();
    let drift: Vec<_> = lines.iter().filter(|line| line["reason"] == "drift").collect();
    assert_eq!((&drift[0]["kind"], &drift[0]["name"]), (&"missing".into(), &"names".into()));
    assert_eq!((&drift[1]["kind"], &drift[1]["name"]), (&"differs".into(), &"users".into()));
    assert_eq!(drift[1]["parts"][0]["found"], "vip INT");
    let summary = lines.last().expect("a summary");
    assert_eq!((&summary["drift"], &summary["differences"]), (&true.into(), &2.into()));
    let found = lines.iter().filter(|line| line["message"]["code"]["code"] == "drift");
    assert_eq!(found.count(), 2);
}

#[test]
fn what_is_not_known_is_not_called_right() {
    let app = applied();
    app.remove("migrations/2_view");
    app.write(
        "migrations/1_users/up.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n\
         CREATE INDEX users_name ON users (name, id);\n",
    );
    app.migrate(["drift"]).exits(1).stdout_is(str![[r#"
drift, or what is not known: 2 differences from what the 2 applied migrations make

"#]]).stderr_is(str![[r#"
error[drift]: the database has the view `names`, which no applied migration makes
 |
 = help: drop it, or write a migration that makes it
 = note: it may come from what is not known: see the warnings
 = note: `cargo migrate explain drift` says more

error[drift]: the index `users_name` differs in the database: the definition
 --> migrations/1_users/up.sql:2:1
  |
2 | CREATE INDEX users_name ON users (name, id);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ last changed here
  |
  = note: the definition: by the migrations `INDEX ON users (name, id)`, in the database `INDEX ON users (name)`
  = help: change it back, or write a migration that changes it
  = note: `cargo migrate explain drift` says more

warning: 1_users was edited since it was applied: it counts as it is now
warning: 2_view is applied, and its files are gone: what it made is not known

"#]]);
}

#[test]
fn what_is_not_followed_is_named() {
    let app = project("app")
        .migration(
            "1_copy",
            "CREATE TABLE a (x INT);\nCREATE TABLE b AS SELECT * FROM a;\n\
             CREATE VIRTUAL TABLE words USING fts5(word);\n",
            "DROP TABLE words;\nDROP TABLE b;\nDROP TABLE a;\n",
        )
        .build();
    app.migrate(["run"]).succeeds();
    app.migrate(["drift"])
        .succeeds()
        .stdout_is(str![[r#"
it is not known whether there is drift: nothing differs of what can be compared

"#]])
        .stderr_is(str![[r#"
warning: the table `b` is made from a query or by a module: what it is made of is not compared
warning: the table `words` is made from a query or by a module: what it is made of is not compared

"#]]);
    let lines = app.migrate(["drift", "--message-format", "json"]).succeeds().json();
    assert_eq!(lines.last().expect("a summary")["drift"], serde_json::Value::Null);
}
