//! `down`: the way back, written from what `up.sql` does to the schema.

use std::fs;
use std::path::Path;

use migrate_build::{Dialect, Server, Verdict};
use migrate_tests::migration_set::verify;
use migrate_tests::{Project, project};
use snapbox::str;

fn without_ways_back() -> Project {
    project("app")
        .file(
            "migrations/1_users/up.sql",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT);\nCREATE INDEX users_name ON users (name);\n",
        )
        .file(
            "migrations/2_more/up.sql",
            "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, buyer INT REFERENCES users (id));\nALTER TABLE users DROP COLUMN age;\nALTER TABLE users RENAME TO people;\n",
        )
        .build()
}

#[test]
fn a_way_back_is_written_and_proved() {
    let app = without_ways_back();
    app.migrate(["down", "1"]).succeeds().stdout_is(str![[r#"
created migrations/1_users/down.sql

"#]]);
    app.migrate(["down"])
        .succeeds()
        .stdout_is(str![[r#"
created migrations/2_more/down.sql

"#]])
        .stderr_is(str![[r#"
note: the values of `users.age` cannot come back

"#]]);
    snapbox::assert_data_eq!(
        app.read("migrations/2_more/down.sql"),
        str![[r#"
ALTER TABLE people RENAME TO users;
ALTER TABLE users ADD COLUMN age INT;
DROP TABLE "order";

"#]]
    );
    app.migrate(["check"]).succeeds().prints("2 proved reversible");
    app.migrate(["run"]).succeeds();
    app.migrate(["revert", "--all"]).succeeds();
    assert_eq!(app.database().names(), [""; 0]);
}

#[test]
fn a_renamed_column_gets_its_name_back_with_its_values() {
    for (dialect, create) in [
        ("sqlite", "CREATE TABLE t (a INTEGER UNIQUE, b TEXT);"),
        ("postgres", "CREATE TABLE t (a INTEGER UNIQUE NULLS NOT DISTINCT, b TEXT);"),
        ("mysql", "CREATE TABLE t (a INTEGER UNIQUE, b TEXT);"),
    ] {
        let rename = "ALTER TABLE t RENAME COLUMN a TO c;\nALTER TABLE t RENAME COLUMN c TO d;\n";
        let app = project("app")
            .file("m/1_t/up.sql", create)
            .file("m/1_t/down.sql", "DROP TABLE t;\n")
            .file("m/2_names/up.sql", format!("{rename}ALTER TABLE t ADD COLUMN a TEXT;\n"))
            .build();
        app.migrate(["down", "--dir", "m", "--dialect", dialect]).succeeds();
        assert_eq!(
            app.read("m/2_names/down.sql"),
            "ALTER TABLE t DROP COLUMN a;\nALTER TABLE t RENAME COLUMN d TO a;\n",
            "{dialect}"
        );
        let check = app.migrate(["check", "--dir", "m", "--dialect", dialect]);
        check.succeeds().prints("2 proved reversible");
    }
}

#[test]
fn keys_of_postgresql_come_back_with_all_that_was_said_of_them() {
    let app = project("app")
        .file(
            "m/1_t/up.sql",
            "CREATE TABLE t (a INT, b INT, r int4range, CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a) \
             INCLUDE (b) WITH (fillfactor = 70), UNIQUE (a, b) DEFERRABLE INITIALLY DEFERRED, \
             EXCLUDE USING gist (r WITH &&) WHERE (a > 1));",
        )
        .file("m/1_t/down.sql", "DROP TABLE t;\n")
        .file(
            "m/2_away/up.sql",
            "ALTER TABLE t DROP CONSTRAINT k, DROP CONSTRAINT t_a_b_key, DROP CONSTRAINT t_r_excl;\n",
        )
        .build();
    app.migrate(["down", "--dir", "m", "--dialect", "postgres"]).succeeds();
    snapbox::assert_data_eq!(
        app.read("m/2_away/down.sql"),
        str![[r#"
ALTER TABLE t ADD CONSTRAINT k UNIQUE nulls not distinct (a) include(b) with(fillfactor = 70);
ALTER TABLE t ADD CONSTRAINT t_a_b_key UNIQUE (a, b) deferrable initially deferred;
ALTER TABLE t ADD CONSTRAINT t_r_excl EXCLUDE using gist (r with &&) where(a > 1);

"#]]
    );
    let check = app.migrate(["check", "--dir", "m", "--dialect", "postgres"]);
    check.succeeds().prints("2 proved reversible");
}

#[test]
fn what_is_there_is_replaced_only_when_asked() {
    let app = without_ways_back();
    app.write("migrations/2_more/down.sql", "SELECT 1;\n");
    app.migrate(["down", "2"]).exits(2).stderr_is(str![[r#"
error: migrations/2_more/down.sql is there already
  = help: `--force` replaces it

"#]]);
    assert_eq!(app.read("migrations/2_more/down.sql"), "SELECT 1;\n");
    app.migrate(["down", "2", "--force"]).succeeds().prints("replaced migrations/2_more/down.sql");
    app.migrate(["down", "1"]).succeeds();
    app.migrate(["check"]).succeeds().prints("2 proved reversible");
}

#[test]
fn what_cannot_be_undone_for_certain_is_said() {
    let app = project("app")
        .table("1_users", "users")
        .file("migrations/2_rows/up.sql", "UPDATE users SET name = 'x';\n")
        .file("migrations/3_copy/up.sql", "CREATE TABLE copy AS SELECT * FROM users;\n")
        .file(
            "migrations/4_away/up.sql",
            "DROP TABLE copy;\nCREATE TABLE notes (id INTEGER PRIMARY KEY);\n",
        )
        .file("migrations/5_wrong/up.sql", "DROP TABLE nosuch;\n")
        .build();
    for version in ["2", "4", "5"] {
        app.migrate(["down", version]).exits(1);
    }
    app.migrate(["down", "2"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: nothing of 2_rows can be undone for certain
  = help: write `down.sql` by hand

"#]]);
    app.migrate(["down", "5"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: nothing of 5_wrong can be undone for certain
  = note: `up.sql` cannot be applied: see `cargo migrate check`
  = help: write `down.sql` by hand

"#]]);
    assert!(!app.has("migrations/2_rows/down.sql"));
    assert_eq!(app.read("migrations/4_away/down.sql"), "DROP TABLE notes;\n");
    app.migrate(["down", "4", "--force"])
        .exits(1)
        .stdout_is(str![[r#"
replaced migrations/4_away/down.sql

"#]])
        .stderr_is(str![[r#"
note: the rows of `copy` cannot come back
error: migrations/4_away/down.sql does not undo everything yet
  = note: `down.sql` does not make the table `copy` again

"#]]);
    app.migrate(["down", "6"]).exits(2).stderr_is(str![[r#"
error: there is no migration `6`; did you mean `1`?

"#]]);
}

/// Every migration of every seed, on every database: its own way back is not looked at.
#[test]
fn what_is_written_for_the_seeds_is_proved() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds");
    let mut written = 0;
    for seed in fs::read_dir(seeds).expect("the seeds") {
        for dialect in Dialect::ALL {
            let from =
                seed.as_ref().expect("a seed").path().join(dialect.name()).join("migrations");
            if !from.exists() {
                continue;
            }
            let app = project("bare").without("Cargo.toml").without(".env").build();
            for migration in fs::read_dir(&from).expect("the migrations") {
                let migration = migration.expect("a migration");
                let name = migration.file_name().into_string().expect("a text");
                let up = fs::read_to_string(migration.path().join("up.sql")).expect("its SQL");
                app.write(format!("m/{name}/up.sql"), &up);
            }
            let versions = fs::read_dir(&from).expect("the migrations").map(|migration| {
                let name = migration.expect("a migration").file_name();
                name.to_string_lossy().split('_').next().expect("a version").to_owned()
            });
            for version in versions {
                app.migrate(["down", "--dir", "m", "--dialect", dialect.name(), &version])
                    .succeeds();
                written += 1;
            }
            let report = verify(&app.path("m"), Server::any(dialect));
            let proved =
                |migration: &migrate_build::Migration| migration.verdict == Verdict::Proved;
            assert!(report.migrations.iter().all(proved), "{}", from.display());
        }
    }
    assert_eq!(written, 25);
}
