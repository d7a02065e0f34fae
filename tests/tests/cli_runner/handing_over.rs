//! For `cargo migrate`, which builds it and shows what it does as its own work.

use migrate_tests::server::{AWKWARD_USER, Mariadb, Postgres, Product, Server};
use migrate_tests::{Database, Output};
use serde_json::Value;
use snapbox::str;

use crate::krate::{
    DELETE, FILL, INSERT, RUNNER, filled, filling, in_rust, migrate, package, package_for,
};

#[test]
fn what_is_done_is_shown_as_ever() {
    let app = filled("shown-as-ever").table("2026-01-03_posts", "posts").build();
    let run = migrate(&app, "run -n 2 -v").succeeds();
    run.stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]])
        .stderr_is(str![[r#"
   Executing CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT) (2026-01-01_users, 1 of 1)
     Applied 2026-01-01_users ([TOOK])
   Executing pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> { (2026-01-02_fill, 1 of 1)
     Applied 2026-01-02_fill ([TOOK])

"#]]);
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
    // What is not in Rust needs no program.
    app.write("src/bin/shown-as-ever.rs", "it cannot be built");
    migrate(&app, "run").succeeds().stdout_is(str![[r#"
1 migration applied (batch 2)

"#]]);
    migrate(&app, "run").succeeds().stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]]);
    app.write("src/bin/shown-as-ever.rs", RUNNER);
    let redo = migrate(&app, "redo --all").succeeds();
    redo.stdout_is(str![[r#"
3 migrations reverted and applied again

"#]])
        .stderr_is(str![[r#"
    Reverted 2026-01-03_posts ([TOOK])
    Reverted 2026-01-02_fill ([TOOK])
    Reverted 2026-01-01_users ([TOOK])
     Applied 2026-01-01_users ([TOOK])
     Applied 2026-01-02_fill ([TOOK])
     Applied 2026-01-03_posts ([TOOK])

"#]]);
    let revert = migrate(&app, "revert --to 2026-01-01").succeeds();
    revert
        .stdout_is(str![[r#"
2 migrations reverted

"#]])
        .stderr_is(str![[r#"
    Reverted 2026-01-03_posts ([TOOK])
    Reverted 2026-01-02_fill ([TOOK])

"#]]);
    assert_eq!(app.database().names(), ["users"]);
    // Whose files are gone is taken back by what the ledger kept.
    migrate(&app, "run").succeeds();
    app.remove("migrations/2026-01-03_posts");
    let revert = migrate(&app, "revert --batch").succeeds();
    revert
        .stdout_is(str![[r#"
2 migrations reverted

"#]])
        .stderr_is(str![[r#"
    Reverted 2026-01-03_posts ([TOOK])
    Reverted 2026-01-02_fill ([TOOK])

"#]]);
    let reset = migrate(&app, "reset --yes").succeeds();
    reset
        .stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]])
        .stderr_is(str![[r#"
     Dropped `app.db`
     Applied 2026-01-01_users ([TOOK])
     Applied 2026-01-02_fill ([TOOK])

"#]]);
}

#[test]
fn a_package_of_a_workspace_is_named_from_its_root() {
    let app = filled("one-of-two").build();
    app.write("server/Cargo.toml", app.read("Cargo.toml").replace("[workspace]\n", ""));
    for part in ["build.rs", "src", "migrations"] {
        std::fs::rename(app.path(part), app.path("server").join(part)).unwrap();
    }
    app.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"server\", \"other\"]\n");
    app.write("other/Cargo.toml", "[package]\nname = \"other\"\nedition = \"2024\"\n");
    app.write("other/src/lib.rs", "");
    migrate(&app, "run -p one-of-two").succeeds().stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]]);
    // The URL in `.env` is one for where the command was called.
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
    migrate(&app, "revert -p one-of-two").succeeds().stdout_is(str![[r#"
1 migration reverted

"#]]);
    assert_eq!(app.database().texts("SELECT name FROM users"), [] as [&str; 0]);
}

#[test]
fn programs_read_the_same_lines() {
    let there = filled("the-same-lines").table("2026-01-03_posts", "posts").build();
    let here = package("all-in-sql", "").table("2026-01-01_users", "users");
    let here = here.migration("2026-01-02_fill", INSERT, DELETE);
    let here = here.table("2026-01-03_posts", "posts").build();
    for line in ["run -n 2", "run", "redo --all", "revert --all", "run --backup=copy.db", "run"] {
        let line = format!("{line} --message-format json");
        let here = without_times(&migrate(&here, &line).succeeds());
        assert_eq!(without_times(&migrate(&there, &line).succeeds()), here, "{line}");
    }
}

fn without_times(output: &Output) -> Vec<Value> {
    let mut lines = output.json();
    for line in &mut lines {
        if line.get("duration_ms").is_some() {
            line["duration_ms"] = Value::Null;
        }
    }
    lines
}

#[test]
fn a_backup_is_made_here_under_its_lock() {
    let app = package("backed-up", RUNNER).table("2026-01-01_users", "users").build();
    migrate(&app, "run").succeeds();
    app.write(FILL, filling("SqliteConnection"));
    let run = migrate(&app, "run --backup=Cargo.toml").exits(1);
    run.stderr_is(str![[r#"
error: nothing was run: cannot write `Cargo.toml`: it is there already, and nothing is overwritten

"#]]);
    migrate(&app, "status").succeeds().prints("1 pending");
    migrate(&app, "run --backup=copy.db").succeeds().says("Backed up copy.db (");
    assert_eq!(Database::open(&app.path("copy.db")).texts("SELECT count(*) FROM users"), ["0"]);
    let noted = "SELECT name FROM __migrate_history WHERE version LIKE 'backup %'";
    assert_eq!(app.database().texts(noted), ["copy.db"]);
}

#[test]
fn a_failure_there_is_one_here() {
    let twice = format!("{INSERT};\n{INSERT};\n");
    let app = filled("a-failure").migration("2026-01-03_again", &twice, "DELETE FROM users;\n");
    let app = app.build();
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
     Applied 2026-01-01_users ([TOOK])
     Applied 2026-01-02_fill ([TOOK])
 Rolled back what this transaction held: it is as before
error[failed-statement]: UNIQUE constraint failed: users.id
 --> migrations/2026-01-03_again/up.sql:1:1
  |
1 | INSERT INTO users (id, name) VALUES (1, 'Ada');
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 1 of 2
  |
  = note: `cargo migrate explain failed-statement` says more

error: 2026-01-03_again (up) failed at migrations/2026-01-03_again/up.sql:1:1 (statement 1 of 2): UNIQUE constraint failed: users.id. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 3 left to do: `cargo migrate status` shows where it stands

"#]]);
    app.remove("migrations/2026-01-03_again");
    let up = format!("diesel::sql_query({INSERT:?}).execute(conn)?;\n    Err(diesel::NotFound)");
    app.write(FILL, in_rust("SqliteConnection", &up, "let _ = conn; Ok(())"));
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
     Applied 2026-01-01_users ([TOOK])
 Rolled back what this transaction held: it is as before
error[failed-statement]: Record not found
 --> migrations/2026-01-02_fill/migration.rs:3:1
  |
3 | pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 1 of 1
  |
  = note: `cargo migrate explain failed-statement` says more

error: 2026-01-02_fill (up) failed at migrations/2026-01-02_fill/migration.rs:3:1 (statement 1 of 1): Record not found. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 2 left to do: `cargo migrate status` shows where it stands

"#]]);
    app.write("migrations/2026-01-02_fill/metadata.toml", "run_in_transaction = false\n");
    migrate(&app, "run").exits(4).says("2026-01-02_fill (up) stands half way, without");
    migrate(&app, "status").succeeds().prints("1 applied, 1 unfinished");
}

#[test]
fn a_protected_environment_asks_before_anything_is_built() {
    let app = filled("protected").build();
    let manifest = app.read("Cargo.toml");
    let environment = "[package.metadata.migrate.environments.production]\nprotected = true\n\
                       url-env = \"PRODUCTION_URL\"\n[dependencies]";
    app.write("Cargo.toml", manifest.replace("[dependencies]", environment));
    let there = |line: &str| migrate(&app, line).env("PRODUCTION_URL", "app.db");
    there("run -e production").succeeds();
    app.write("src/bin/protected.rs", "it cannot be built");
    let revert = there("revert -e production").exits(2);
    revert.says("migrations are reverted in the protected environment `production`: not without");
    app.write("src/bin/protected.rs", RUNNER);
    there("revert -e production --yes --confirm production").succeeds();
    migrate(&app, "status").succeeds().prints("1 applied, 1 pending");
}

#[test]
fn ways_back_are_tried_as_well() {
    let execute = |sql: &str| format!("diesel::sql_query({sql:?}).execute(conn).map(drop)");
    let refused = in_rust("SqliteConnection", "let _ = conn; Ok(())", &execute("DELETE FROM gone"));
    let made = execute("CREATE TABLE tags (id INTEGER)");
    let left = in_rust("SqliteConnection", &made, "let _ = conn; Ok(())");
    let left = left.replace("// migrate: assume(rows-only) reason=\"it fills a table\"\n", "");
    let app = filled("tried").file("migrations/2026-01-03_refused/migration.rs", refused);
    let app = app.file("migrations/2026-01-04_left/migration.rs", left).build();
    let verify = migrate(&app, "verify").env("TMPDIR", app.root()).exits(1);
    verify.stdout_is(str![[r#"
holds          2026-01-01_users
holds          2026-01-02_fill
does not hold  2026-01-03_refused
does not hold  2026-01-04_left
4 migrations tried on SQLite: 2 hold, 2 do not hold; nothing contradicts the files, which do not tell of 3

"#]]).stderr_is(str![[r#"
error[failed-statement]: no such table: gone
 --> migrations/2026-01-03_refused/migration.rs:7:1
  |
7 | pub fn down(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ statement 1 of 1
  |
  = note: `cargo migrate explain failed-statement` says more

error[irreversible]: in the database, `down` leaves the table `tags` behind
 --> migrations/2026-01-04_left/migration.rs:6:1
  |
6 | pub fn down(conn: &mut SqliteConnection) -> QueryResult<()> {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: `cargo migrate explain irreversible` says more


"#]]);
    let kept = app.entries().into_iter().filter(|name| name.starts_with("migrate_verify"));
    assert_eq!(kept.collect::<Vec<_>>(), [""; 0]);
    let verify = migrate(&app, "verify --dir migrations --dialect sqlite").exits(2);
    verify.says("migrations in Rust are run by a binary of their package");
}

#[test]
fn servers_are_reached_without_a_password_in_sight() {
    fn reached<P: Product>(name: &str, connection: &str, server: &Server<P>) {
        let database = server.database();
        let app = package_for(name, P::DIALECT, &[P::DIALECT], RUNNER);
        let app = app.table("2026-01-01_users", "users").file(FILL, filling(connection)).build();
        let there = |line: &str| migrate(&app, line).env("DATABASE_URL", database.awkward_url());
        server.execute(&match P::DIALECT {
            "postgres" => format!("ALTER ROLE \"{AWKWARD_USER}\" CREATEDB"),
            _ => format!("GRANT ALL ON *.* TO '{AWKWARD_USER}'@'127.0.0.1'"),
        });
        there("run").succeeds().prints("2 migrations applied");
        there("verify").succeeds().prints("2 hold");
        there("redo").succeeds();
        there("revert --all").succeeds();
    }
    reached("on-postgresql", "PgConnection", Postgres::shared());
    let mariadb = Mariadb::shared();
    reached("on-mariadb", "MysqlConnection", mariadb);
    // A name that Diesel's URL cannot say.
    mariadb.execute("CREATE DATABASE `t_a b`");
    let app = package_for("on-mariadb", "mysql", &["mysql"], RUNNER);
    let app = app.table("2026-01-01_users", "users").file(FILL, filling("MysqlConnection")).build();
    migrate(&app, "run").env("DATABASE_URL", mariadb.url("t_a b")).succeeds();
    migrate(&app, "status")
        .env("DATABASE_URL", mariadb.url("t_a b"))
        .succeeds()
        .prints("2 applied");
}
