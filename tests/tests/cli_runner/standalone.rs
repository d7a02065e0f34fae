//! By itself, as in a container that holds neither cargo nor the migrations' files.

use migrate_build::Dialect;
use migrate_tests::server::{Mariadb, Postgres, Product, Server};
use migrate_tests::{Database, Program};
use snapbox::str;
use tempfile::TempDir;

fn program(dialect: Dialect) -> Program {
    let table = |name: &str| format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY);");
    let program = ["users", "posts", "tags"].into_iter().enumerate();
    program.fold(Program::of(dialect), |program, (at, name)| {
        let directory = format!("2026-01-0{}_{name}", at + 1);
        program.add(&directory, &table(name), &format!("DROP TABLE {name};"))
    })
}

#[test]
fn it_applies_what_is_pending_and_shows_what_there_is() {
    let (program, dir) = (program(Dialect::Sqlite), TempDir::new().unwrap());
    let file = dir.path().join("app.db");
    let url = format!("sqlite:{}", file.display());
    program.standalone(&url, "status").succeeds().stdout_is(str![[r#"
pending      2026-01-01_users
pending      2026-01-02_posts
pending      2026-01-03_tags
3 pending

"#]]);
    assert!(!file.exists(), "who only looks makes nothing");
    let done = program.standalone(&url, "run -n 1").succeeds();
    done.stderr_is(str![[r#"
     Applied 2026-01-01_users ([TOOK])

"#]])
        .stdout_is(str![[r#"
1 migration applied (batch 1)

"#]]);
    program.standalone(&url, "status").succeeds().stdout_is(str![[r#"
applied      2026-01-01_users
pending      2026-01-02_posts
pending      2026-01-03_tags
1 applied, 2 pending

"#]]);
    program.standalone(&url, "run --to 2026-01-02").succeeds();
    let done = program.standalone(&url, "").succeeds();
    done.stdout_is(str![[r#"
1 migration applied (batch 3)

"#]]);
    let done = program.standalone(&url, "run").succeeds();
    done.stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]])
        .stderr_is("");
    assert_eq!(Database::open(&file).names(), ["posts", "tags", "users"]);
}

#[test]
fn it_runs_on_a_server() {
    fn runs<P: Product>(server: &Server<P>) {
        let (program, database) = (program(P::DIALECT.parse().unwrap()), server.database());
        let url = database.awkward_url();
        program.standalone(&url, "run -n 2").succeeds().prints("2 migrations applied");
        program.standalone(&url, "status").succeeds().prints("2 applied, 1 pending");
        program.standalone(&url, "").succeeds().prints("1 migration applied (batch 2)");
    }
    runs(Postgres::shared());
    runs(Mariadb::shared());
}

#[test]
fn encryption_that_is_asked_for_is_insisted_on() {
    let (program, database) = (program(Dialect::Mysql), Mariadb::shared().database());
    let url = format!("{}?ssl_ca=/dev/null", database.url());
    let run = program.standalone(&url, "run").exits(1);
    run.says("names: the connection is not encrypted, and the URL wants it to be");
}

#[test]
fn a_failure_says_where_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let url = dir.path().join("app.db").display().to_string();
    let program = program(Dialect::Sqlite).add(
        "2026-01-04_fill",
        "INSERT INTO users VALUES (1);\nINSERT INTO users VALUES (1);",
        "DELETE FROM users;",
    );
    program.standalone(&url, "run").exits(1).stderr_is(str![[r#"
     Applied 2026-01-01_users ([TOOK])
     Applied 2026-01-02_posts ([TOOK])
     Applied 2026-01-03_tags ([TOOK])
 Rolled back what this transaction held: it is as before
error: 2026-01-04_fill (up) failed at migrations/2026-01-04_fill/up.sql:2:1 (statement 2 of 2): UNIQUE constraint failed: users.id. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 4 left to do: `status` shows where it stands

"#]]);
    program.standalone(&url, "status").succeeds().prints("4 pending");
}

#[test]
fn the_codes_are_those_of_the_command_line() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("app.db");
    let url = file.display().to_string();
    let program = program(Dialect::Sqlite).add_outside(
        "2026-01-04_half",
        "INSERT INTO users VALUES (1);\nINSERT INTO users VALUES (1);",
        "DELETE FROM users;",
    );
    program
        .standalone(&url, "run --to 2026-01-09")
        .exits(2)
        .says("no migration is called `2026-01-09`");
    program
        .standalone(&url, "run --all-or-nothing")
        .exits(1)
        .says("this run cannot be all or nothing");
    program.standalone(&url, "run -n 3").succeeds();
    let mut other = Database::open(&file);
    other.execute("BEGIN IMMEDIATE");
    program.standalone(&url, "--lock-timeout 0").exits(3).says("`--lock-timeout SECONDS` waits");
    other.execute("ROLLBACK");
    program.standalone(&url, "run").exits(4).says("1 of 2 statements are done");
    program.standalone(&url, "status").succeeds().prints("3 applied, 1 unfinished");
}

#[test]
fn an_older_program_stays_away_and_a_late_migration_is_told() {
    let dir = TempDir::new().unwrap();
    let url = dir.path().join("app.db").display().to_string();
    program(Dialect::Sqlite).standalone(&url, "run").succeeds();
    let older = Program::of(Dialect::Sqlite).add("2026-01-01_users", "SELECT 1;", "SELECT 1;");
    older.standalone(&url, "run").exits(1);
    older.standalone(&url, "status").succeeds().prints("1 modified, 2 missing");
    let late = program(Dialect::Sqlite).add("2026-01-02-1_late", "SELECT 1;", "SELECT 1;");
    let run = late.standalone(&url, "run").exits(1);
    run.says("`--allow-out-of-order` applies them all the same");
    late.standalone(&url, "status").succeeds().prints("3 applied, 1 out-of-order");
    late.standalone(&url, "--allow-out-of-order").succeeds().prints("1 migration applied");
}

#[test]
fn what_is_typed_wrong_is_refused() {
    let program = program(Dialect::Sqlite);
    program.standalone("app.db", "rnu").exits(2).stderr_is(str![[r#"
error: there is no command `rnu`
  = help: `--help` says what there is

"#]]);
    for line in ["revert", "redo", "reset", "run --backup", "run --dry-run", "handover"] {
        program.standalone("app.db", line).exits(2);
    }
    program.standalone("", "--help").succeeds().prints("Usage: runner [run] [OPTIONS]");
    program.standalone("", "run --help").succeeds().prints("Usage: runner [run] [OPTIONS]");
    program.standalone("", "--version").succeeds().prints("migrate-runtime ");
}

#[test]
fn a_database_that_cannot_be_had_is_told_without_its_password() {
    let (sqlite, postgres) = (program(Dialect::Sqlite), program(Dialect::Postgres));
    sqlite.standalone("", "run").exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `DATABASE_URL`

"#]]);
    let run = sqlite.standalone("postgres://me:hunter2@db/app", "run").exits(2);
    run.never_shows("hunter2").says("is that of no SQLite database");
    let run = sqlite.standalone("gone/app.db", "run").exits(1);
    run.says("cannot open the database that `DATABASE_URL` names: ");
    for url in ["host=db password=hunter2", "postgres://me:hun#hunter2@db", "me:hunter2@tcp(db)/a"]
    {
        postgres.standalone(url, "run").exits(2).never_shows("hunter2");
    }
    let run = postgres.standalone("postgres://me:hunter2@127.0.0.1:1/app", "status").exits(1);
    run.never_shows("hunter2").says("cannot connect to the database that `DATABASE_URL` names");
}

#[test]
fn what_is_handed_over_waits_for_a_word() {
    let (dir, program) = (TempDir::new().unwrap(), program(Dialect::Sqlite));
    let file = dir.path().join("app.db");
    let url = file.display().to_string();
    let handed = program.standalone(&url, "handover run").exits(1);
    assert!(handed.stdout().starts_with("\u{1}cargo-migrate\thello\t1\t"), "{}", handed.stdout());
    assert_eq!((handed.stdout().lines().count(), file.exists()), (1, false));
    let handed = program.standalone("gone/app.db", "handover run").input("start\n").exits(1);
    handed.prints("\u{1}cargo-migrate\tfailed\tsurroundings\tcannot open the database that");
}
