//! What can go wrong with another program.

use std::fs;
use std::path::Path;
use std::process::Command;

use migrate_tests::{Project, Running, wait_until};
use snapbox::str;

use crate::krate::{FILL, RUNNER, filled, in_rust, migrate, package, write_as_asked};

#[test]
fn a_program_that_is_not_there_is_asked_for() {
    let app = filled("not-there").without("src/bin").build();
    let manifest = app.read("Cargo.toml").replace("runner = \"not-there\"\n", "");
    app.write("Cargo.toml", manifest);
    let run = migrate(&app, "run").exits(2);
    let run = run.stderr_is(str![[r#"
error: nothing was run: migrations in Rust are run by a binary of the package, and `not-there` has none named `runner`
  = help: `src/bin/runner.rs` is to be:
  = help: use migrate_runtime::{Migrations, embed_migrations};
  = help: static MIGRATIONS: Migrations = embed_migrations!();
  = help: fn main() -> std::process::ExitCode { migrate_runtime::cli::main(&MIGRATIONS) }

"#]]);
    migrate(&app, "status").succeeds().prints("2 pending");
    write_as_asked(&app, run.stderr());
    migrate(&app, "run").succeeds().prints("2 migrations applied");
    // Outside of the package nobody knows where to build it.
    let run = migrate(&app, "redo --dir migrations --dialect sqlite").exits(2);
    run.stderr_is(str![[r#"
error: nothing was run: migrations in Rust are run by a binary of their package
  = help: run the command in the package, without `--dialect` and `--dir`

"#]]);
}

#[test]
fn each_database_may_have_a_program_of_its_own() {
    let app = package("several", "").file("migrations/main/1_a/up.sql", "SELECT 1;\n").build();
    let databases = "[package.metadata.migrate.databases.main]\ndir = \"migrations/main\"\n\
                     [package.metadata.migrate.databases.cache]\ndir = \"migrations/cache\"\n\
                     runner = \"several-cache\"\n[dependencies]";
    app.write("Cargo.toml", app.read("Cargo.toml").replace("[dependencies]", databases));
    app.write("migrations/main/1_a/down.sql", "SELECT 1;\n");
    let up = in_rust("SqliteConnection", "let _ = conn; Ok(())", "let _ = conn; Ok(())");
    app.write("migrations/cache/1_b/migration.rs", up);
    let run = migrate(&app, "run --dir migrations/cache").exits(2);
    let run = run.says("has none named `several-cache`");
    write_as_asked(&app, run.stderr());
    migrate(&app, "run --dir migrations/cache").succeeds().prints("1 migration applied");
}

#[test]
fn a_program_that_cannot_be_built_runs_nothing() {
    let app = filled("not-built").file("src/bin/not-built.rs", "fn main() { 1 }\n").build();
    let run = migrate(&app, "run").exits(1);
    run.says("error[E0308]: mismatched types").says("nothing was run: `not-built` cannot be built");
    let run = migrate(&app, "run --message-format json").exits(1);
    assert_eq!(run.json()[0]["error"], "nothing was run: `not-built` cannot be built");
    let run = migrate(&app, "run").env("CARGO", "/nowhere/cargo").exits(1);
    run.says("cannot build `not-built`: cargo cannot be started: No such file");
    // Nor is anything dropped that it could not make again.
    app.database().execute("CREATE TABLE mine (id INTEGER)");
    migrate(&app, "reset --yes").exits(1);
    assert_eq!(app.database().names(), ["mine"]);
}

#[test]
fn a_program_that_does_something_else_is_found_out() {
    let else_done = "fn main() { println!(\"hello\"); }\n";
    let app = filled("something-else").file("src/bin/something-else.rs", else_done).build();
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
hello
error: the binary `something-else` does not run migrations: it ended with exit status: 0
  = help: `src/bin/something-else.rs` is to be:
  = help: use migrate_runtime::{Migrations, embed_migrations};
  = help: static MIGRATIONS: Migrations = embed_migrations!();
  = help: fn main() -> std::process::ExitCode { migrate_runtime::cli::main(&MIGRATIONS) }

"#]]);
    let newer = "fn main() { println!(\"\\u{1}cargo-migrate\\thello\\t99\\t0\"); \
                 std::thread::sleep(std::time::Duration::from_secs(600)); }\n";
    app.write("src/bin/something-else.rs", newer);
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
error: the binary `something-else` and this `cargo migrate` do not understand each other: one has another version of `migrate-runtime`
  = help: let both have the same version

"#]]);
    let strange = "fn main() { println!(\"\\u{1}cargo-migrate\\tbye\"); }\n";
    app.write("src/bin/something-else.rs", strange);
    migrate(&app, "run").exits(1).says("does not run migrations: it says else");
    // One that carries another set.
    app.write("src/bin/something-else.rs", RUNNER.replace("!()", "!(\"others\")"));
    app.write("others/2026-01-01_others/up.sql", "CREATE TABLE others (id INTEGER);\n");
    app.write("others/2026-01-01_others/down.sql", "DROP TABLE others;\n");
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
warning: use of deprecated constant `MIGRATIONS::_::NEW_MIGRATIONS_GO_UNNOTICED`: without a build script, a new migration goes unnoticed until a Rust file changes: add a `build.rs` with `fn main() { migrate_build::verify() }`
 --> src/bin/something-else.rs:2:33
  |
2 | static MIGRATIONS: Migrations = embed_migrations!("others");
  |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: `#[warn(deprecated)]` on by default
  = note: this warning originates in the macro `$crate::__embed` which comes from the expansion of the macro `embed_migrations` (in Nightly builds, run with -Z macro-backtrace for more info)

error: nothing was run: the binary `something-else` carries other migrations than these
  = help: let its `embed_migrations!` name their directory, and its build script verify it

"#]]);
    migrate(&app, "status").succeeds().prints("2 pending");
}

#[test]
fn a_program_that_says_nothing_is_given_up() {
    let silent = "fn main() { std::thread::sleep(std::time::Duration::from_secs(600)); }\n";
    let app = filled("silent").file("src/bin/silent.rs", silent).build();
    let run = migrate(&app, "run").exits(1);
    run.says("the binary `silent` does not run migrations: it says nothing");
}

#[test]
fn a_program_that_cannot_be_understood_is_ended() {
    let main = RUNNER.replace(
        "migrate_runtime::cli::main(&MIGRATIONS)",
        "use migrate_runtime::cli::wire; print!(\"{}\", wire::hello(&MIGRATIONS)); \
         println!(\"{}step-danced\\t1\\tup\", wire::MARK); loop {}",
    );
    let app = filled("babbles").file("src/bin/babbles.rs", main).build();
    migrate(&app, "run").exits(1).stderr_is(str![[r#"
error: what the binary `babbles` says cannot be read; it was ended
  = help: `cargo migrate status` shows where it stands; what a transaction held is rolled back, and the next run goes on

"#]]);
}

#[test]
fn what_it_prints_is_passed_on() {
    let main = RUNNER.replace("{ migrate", "{ println!(\"starting\"); migrate");
    let up = "println!(\"filling\"); print!(\"it was \"); let _ = conn; Ok(())";
    let up = in_rust("SqliteConnection", up, "let _ = conn; Ok(())");
    let once = "-- migrate: irreversible reason=\"what for\"\nCREATE TABLE tags (id INTEGER);\n";
    let app = filled("prints").file("src/bin/prints.rs", main).file(FILL, up);
    let app = app.file("migrations/2026-01-03_once/up.sql", once).build();
    let run = migrate(&app, "run --message-format json").succeeds();
    let _ = run.json();
    run.stderr_is("starting\nfilling\nit was ");
}

/// A run in a migration of so many statements, each of which takes a moment; and the program that is
/// at it.
fn at_work(app: &Project, statements: usize) -> (Running, u32) {
    let one = "INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n;\n";
    let up = format!("CREATE TABLE numbers (i INTEGER);\n{}", one.repeat(statements));
    app.migration("2026-01-01-1_long", &up, "DROP TABLE numbers;\n");
    at_its_second_statement(app)
}

fn at_its_second_statement(app: &Project) -> (Running, u32) {
    let mut run = migrate(app, "run --message-format json").start();
    run.wait_for("\"statement\":2,\"of\"");
    let child = child_of(run.pid());
    (run, child)
}

fn child_of(parent: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    children.trim().parse().expect("it has one child")
}

/// The group of processes to which a terminal's Ctrl-C goes (`proc_pid_stat(5)`).
fn group_of(process: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let behind_name = stat.rsplit(')').next().unwrap().to_owned();
    behind_name.split_whitespace().nth(2).unwrap().to_owned()
}

fn is_gone(process: u32) -> bool {
    !Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn it_stops_when_we_are_told_to() {
    let app = filled("stops").build();
    let (run, child) = at_work(&app, 2000);
    assert_ne!(group_of(child), group_of(run.pid()), "Ctrl-C goes to one of them");
    run.signal("INT");
    let stopped = run.output().exits(1);
    let _ = stopped.json();
    stopped.stderr_is(str![[r#"
error: stopped on request: what was under way is rolled back
  = note: 3 left to do: `cargo migrate status` shows where it stands

"#]]);
    assert!(is_gone(child));
    migrate(&app, "status").succeeds().prints("3 pending");
    // A second signal ends both at once, whatever the database is at.
    let endless = "INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;\n";
    let up = format!("CREATE TABLE numbers (i INTEGER);\n{endless}");
    app.migration("2026-01-01-1_long", &up, "DROP TABLE numbers;\n");
    let (run, child) = at_its_second_statement(&app);
    run.signal("TERM");
    run.signal("INT");
    let _ = run.output().exits(1);
    wait_until("the program is gone as well", || is_gone(child));
    migrate(&app, "status").succeeds().prints("3 pending");
}

#[test]
fn its_end_in_the_middle_of_it_is_told() {
    let app = filled("is-killed").build();
    let (run, child) = at_work(&app, 2000);
    let killed = Command::new("kill").args(["-s", "KILL", &child.to_string()]).status();
    assert!(killed.unwrap().success());
    let ended = run.output().exits(4);
    let _ = ended.json();
    ended.stderr_is(str![[r#"
error: the binary `is-killed` ended in the middle of its work, with signal: 9 (SIGKILL)
  = help: `cargo migrate status` shows where it stands; what a transaction held is rolled back, and the next run goes on

"#]]);
    migrate(&app, "status").succeeds().prints("3 pending");
    // As a migration may do it that ends the program itself.
    app.remove("migrations/2026-01-01-1_long");
    let up =
        in_rust("SqliteConnection", "let _ = conn; std::process::exit(0)", "let _ = conn; Ok(())");
    app.write(FILL, up);
    migrate(&app, "run").exits(4).says("in the middle of its work, with exit status: 0");
    migrate(&app, "status").succeeds().prints("2 pending");
}
