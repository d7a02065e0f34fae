//! `verify`: the ways back, tried on a database of their own.

use migrate_tests::{Project, project};
use snapbox::str;

/// One migration of each kind.
fn of_each_kind() -> Project {
    project("app")
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n",
            "DROP TABLE users;\n",
        )
        .migration(
            "2_index",
            "ALTER TABLE users ADD COLUMN age INT;\nCREATE INDEX users_name ON users (name);\n",
            "ALTER TABLE users DROP COLUMN age;\n",
        )
        .migration(
            "3_rows",
            "INSERT INTO users VALUES (1, 'Ada', 36);\n",
            "UPDATE users SET name = '' WHERE id = 1;\n",
        )
        .migration(
            "4_age",
            "ALTER TABLE users DROP COLUMN age;\n",
            "ALTER TABLE users ADD COLUMN age TEXT;\n",
        )
        .file(
            "migrations/5_away/up.sql",
            "-- migrate: irreversible reason=\"who needs names\"\nDROP TABLE users;\n",
        )
        .migration(
            "6_wrong",
            "CREATE TABLE x (a INT);\nINSERT INTO x VALUES (json('{'));\n",
            "DROP TABLE x;\n",
        )
        .table("7_posts", "posts")
        .build()
}

#[test]
fn every_migration_goes_up_and_down_and_up_again() {
    let app = of_each_kind();
    app.migrate(["verify"]).exits(1).stdout_is(str![[r#"
holds          1_users
does not hold  2_index
does not hold  3_rows
does not hold  4_age
irreversible   5_away: who needs names
refused        6_wrong
not tried      7_posts
7 migrations tried on SQLite: 1 holds, 3 do not hold, 1 refused, 1 irreversible on purpose, 1 not tried; nothing contradicts the files

"#]]).stderr_is(str![[r#"
error[irreversible]: in the database, `down.sql` leaves the index `users_name` behind
 --> migrations/2_index/down.sql:1:1
  |
1 | ALTER TABLE users DROP COLUMN age;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: `cargo migrate explain irreversible` says more

error[failed-statement]: UNIQUE constraint failed: users.id
 --> migrations/3_rows/up.sql:1:1
  |
1 | INSERT INTO users VALUES (1, 'Ada', 36);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 1 of 1
  |
  = note: that is so when `up.sql` is applied again behind `down.sql`; the schema is as it was: look for rows that `down.sql` leaves
  = note: `cargo migrate explain failed-statement` says more

error[irreversible]: in the database, `down.sql` does not bring the table `users` back as it was: the column `age`
 --> migrations/4_age/down.sql:1:1
  |
1 | ALTER TABLE users ADD COLUMN age TEXT;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: the column `age`: before `age INT`, behind it `age TEXT`
  = note: `cargo migrate explain irreversible` says more

error[failed-statement]: malformed JSON
 --> migrations/6_wrong/up.sql:2:1
  |
2 | INSERT INTO x VALUES (json('{'));
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 2 of 2
  |
  = note: the scratch database holds nothing but what the migrations before this one make: what a person or another tool made in yours is not there
  = note: `cargo migrate explain failed-statement` says more


"#]]);
    assert!(!app.has("app.db"), "the project's own database was touched");
}

#[test]
fn the_same_as_json() {
    let lines = of_each_kind().migrate(["verify", "--message-format", "json"]).exits(1).json();
    let of = |field: &str| -> Vec<String> {
        let migrations = lines.iter().filter(|line| line["reason"] == "migration");
        migrations.map(|line| line[field].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(
        of("engine"),
        [
            "holds",
            "does-not-hold",
            "does-not-hold",
            "does-not-hold",
            "irreversible",
            "refused",
            "not-tried"
        ]
    );
    assert_eq!(
        of("verdict"),
        ["proved", "refuted", "proved", "refuted", "irreversible", "proved", "proved"]
    );
    let age = lines.iter().find(|line| line["version"] == "4").expect("the fourth");
    assert_eq!(age["differences"][0]["name"], "users");
    assert_eq!(age["differences"][0]["parts"][0]["expected"], "age INT");
    assert_eq!(age["differences"][0]["parts"][0]["found"], "age TEXT");
    let summary = lines.last().expect("a summary");
    assert_eq!((&summary["does_not_hold"], &summary["disagreements"]), (&3.into(), &0.into()));
}

#[test]
fn what_holds_is_told_in_a_line_each() {
    let app = project("app").table("1_users", "users").table("2_posts", "posts").build();
    app.migrate(["verify"]).succeeds().stderr_is(str![]).stdout_is(str![[r#"
holds          1_users
holds          2_posts
2 migrations tried on SQLite: 2 hold; nothing contradicts the files

"#]]);
}

#[test]
fn what_the_files_cannot_tell_the_database_does() {
    let app = project("app")
        .migration("1_a", "CREATE TABLE a (x INT, y INT);\n", "DROP TABLE a;\n")
        .migration(
            "2_remade",
            "CREATE TABLE b AS SELECT x FROM a;\nDROP TABLE a;\nALTER TABLE b RENAME TO a;\n",
            "CREATE TABLE b AS SELECT x, NULL AS y FROM a;\nDROP TABLE a;\nALTER TABLE b RENAME TO a;\n",
        )
        .build();
    app.migrate(["verify"]).exits(1).stdout_is(str![[r#"
holds          1_a
does not hold  2_remade
2 migrations tried on SQLite: 1 holds, 1 does not hold; nothing contradicts the files, which do not tell of 1

"#]]).stderr_is(str![[r#"
error[irreversible]: in the database, `down.sql` does not bring the table `a` back as it was: the column `y`
 --> migrations/2_remade/down.sql:1:1
  |
1 | CREATE TABLE b AS SELECT x, NULL AS y FROM a;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: the column `y`: before `y INT`, behind it `y`
  = note: `cargo migrate explain irreversible` says more


"#]]);
}

#[test]
fn a_way_back_that_the_database_refuses_does_not_stop_the_rest() {
    let app = project("app")
        .table("1_users", "users")
        .migration(
            "2_notes",
            "CREATE TABLE notes (id INTEGER);\n",
            "DROP TABLE notes;\nINSERT INTO users VALUES (1, json('{'));\n",
        )
        .table("3_posts", "posts")
        .build();
    app.migrate(["verify"])
        .exits(1)
        .stdout_is(str![[r#"
holds          1_users
does not hold  2_notes
holds          3_posts
3 migrations tried on SQLite: 2 hold, 1 does not hold; nothing contradicts the files

"#]])
        .stderr_is(str![[r#"
error[failed-statement]: malformed JSON
 --> migrations/2_notes/down.sql:2:1
  |
2 | INSERT INTO users VALUES (1, json('{'));
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 2 of 2
  |
  = note: `cargo migrate explain failed-statement` says more


"#]]);
}

#[test]
fn rows_that_vanish_are_not_a_statement_s_fault() {
    let app = project("app")
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE posts (author INT REFERENCES users (id) ON DELETE CASCADE);\n\
             INSERT INTO users VALUES (1);\nINSERT INTO posts VALUES (1);\n",
            "DROP TABLE posts;\nDROP TABLE users;\n",
        )
        .migration("2_away", "DELETE FROM users;\n", "UPDATE users SET id = 1;\n")
        .build();
    app.migrate(["verify"]).exits(1).stderr_is(str![[r#"
error: 2_away (up) would have deleted 1 of 1 rows of table `posts`, which it does not name; everything was rolled back. Rows go this way by `ON DELETE CASCADE` or a trigger. If that is meant, name the table in the script, or write `-- migrate: allow(row-loss) reason="…"` in it

"#]]).stdout_is(str![[r#"
holds          1_users
refused        2_away
2 migrations tried on SQLite: 1 holds, 1 refused; nothing contradicts the files

"#]]);
}

#[test]
fn only_some_are_tried() {
    let app = of_each_kind();
    app.migrate(["verify", "1", "5"]).succeeds().stderr_is(str![]).stdout_is(str![[r#"
holds          1_users
irreversible   5_away: who needs names
2 migrations tried on SQLite: 1 holds, 1 irreversible on purpose; nothing contradicts the files

"#]]);
    app.migrate(["verify", "8"]).exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: there is no migration `8`; did you mean `1`?

"#]]);
}

#[test]
fn what_cannot_be_run_is_not_tried() {
    let app = project("app").migration("1_a", "CREATE TABL a (x);\n", "DROP TABLE a;\n").build();
    app.migrate(["verify"])
        .exits(1)
        .stdout_is(str![])
        .says("migrations/1_a/up.sql:1:")
        .says("error: nothing was tried: the migrations have findings");
    let app = project("app").file("migrations/.keep", "").build();
    app.migrate(["verify"]).succeeds().stderr_is(str![]).stdout_is(str![[r#"
0 migrations tried on SQLite

"#]]);
}
