//! `init`: a crate that `cargo new` made is set up, and builds.

use std::path::Path;

use migrate_tests::server::{Postgres, USER};
use migrate_tests::{Invocation, Project, project};
use snapbox::str;

const MANIFEST: &str = "[package]\nname = \"fresh\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\n[workspace]\n";

fn fresh() -> Project {
    project("fresh")
        .cargo_toml(MANIFEST)
        .without(".env")
        .without("src")
        .file("src/main.rs", MAIN)
        .build()
}

const MAIN: &str = r#"
use diesel::{Connection, SqliteConnection};
use migrate_runtime::{Migrations, Runner, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!();

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let outcome = Runner::new(&MIGRATIONS).run(&mut conn).unwrap();
    println!("{} applied", outcome.applied.len());
}
"#;

fn init(app: &Project, arguments: &[&str]) -> Invocation {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let common = ["init", "--crates", checkout.to_str().expect("a path in UTF-8")];
    // What the workspace was built from is on this machine: nothing else is looked up.
    app.migrate([&common, arguments].concat()).env("CARGO_NET_OFFLINE", "true")
}

#[test]
fn a_fresh_crate_is_set_up_once_and_builds() {
    let app = fresh();
    init(&app, &[]).succeeds().stdout_is(str![[r#"
changed Cargo.toml
created Cargo.lock
created build.rs
created migrations/.keep

"#]]).stderr_is(str![[r#"
     Calling cargo add diesel@2 --features sqlite --manifest-path [ROOT]/Cargo.toml
     Calling cargo add migrate-runtime --path [CHECKOUT]/migrate-runtime --features sqlite-bundled --manifest-path [ROOT]/Cargo.toml
     Calling cargo add migrate-build --path [CHECKOUT]/migrate-build --build --features sqlite --manifest-path [ROOT]/Cargo.toml
note: `cargo migrate new create_users name:text!` makes the first migration

"#]]);
    let manifest = app.read("Cargo.toml");
    for line in [
        "[package.metadata.migrate]\ndialect = \"sqlite\"",
        "\ndiesel = ",
        "\nmigrate-runtime = ",
        "\nmigrate-build = ",
    ] {
        assert!(manifest.contains(line), "{line} is not in\n{manifest}");
    }

    let files = ["Cargo.toml", "Cargo.lock", "build.rs", "migrations/.keep", "src/main.rs"];
    let before = files.map(|file| app.bytes(file));
    init(&app, &[])
        .succeeds()
        .stdout_is(str![[r#"
everything is set up already

"#]])
        .stderr_is(str![]);
    let again = init(&app, &["--message-format=json"]).succeeds().json();
    assert_eq!(again.len(), 1, "{again:?}");
    assert_eq!(files.map(|file| app.bytes(file)), before, "a second run changes nothing");

    app.migrate(["new", "create_users", "name:text!"]).succeeds();
    app.migrate(["check"]).succeeds();
    let cargo = |command: &str| {
        app.shell(&format!("cargo {command} --offline --quiet"))
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates"))
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
    };
    cargo("run").succeeds().stdout_is(str![[r#"
1 applied

"#]]);
}

#[test]
fn what_is_there_is_extended_and_never_overwritten() {
    let app = fresh();
    let script = "fn main() {\n    println!(\"cargo::rerun-if-changed=proto\");\n}\n";
    app.write("build.rs", script);
    app.table("1_users", "users");
    let lines = init(&app, &["--message-format=json"]).succeeds().json();
    let written: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(written, ["changed", "created", "changed", "sealed"], "{lines:?}");
    let extended = app.read("build.rs");
    assert!(
        extended.contains("proto") && extended.contains("migrate_build::verify()"),
        "{extended}"
    );
    assert_eq!(app.migrations(), [".gitattributes", "1_users", "migrations.lock"]);
}

#[test]
fn a_crate_is_set_up_for_a_server() {
    let app = fresh();
    init(&app, &["--dialect", "postgres", "--server-version", "15"]).succeeds().stderr_is(str![[r#"
     Calling cargo add diesel@2 --features postgres --manifest-path [ROOT]/Cargo.toml
     Calling cargo add migrate-runtime --path [CHECKOUT]/migrate-runtime --features postgres --manifest-path [ROOT]/Cargo.toml
     Calling cargo add migrate-build --path [CHECKOUT]/migrate-build --build --features postgres --manifest-path [ROOT]/Cargo.toml
note: `cargo migrate new create_users name:text!` makes the first migration

"#]]);
    let manifest = app.read("Cargo.toml");
    assert!(manifest.contains("dialect = \"postgres\"\nserver-version = \"15\"\n"), "{manifest}");
    // What the crate says itself need not be typed again.
    init(&app, &[]).succeeds().prints("everything is set up already");
    app.migrate(["new", "create_users", "name:text!"]).succeeds();
    app.migrate(["check"]).succeeds();
    init(&app, &["--dialect", "mysql"]).exits(2).stderr_is(str![[r#"
error: `[ROOT]/Cargo.toml` is set up with `dialect = "postgres"`, not with `mysql`
  = help: change it there by hand if that is what you mean

"#]]);
    init(&fresh(), &["--dialect", "mysql", "--server-version", "15"]).exits(2).stderr_is(str![[
        r#"
error: there is no MySQL 15; a version of MariaDB is written `mariadb-10.11`

"#
    ]]);
}

#[test]
fn a_server_s_version_is_asked_for_where_somebody_can_answer() {
    let database = Postgres::shared().database();
    let on_terminal = |app: &Project, arguments: &str, answers: &str| {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        // `script` is a terminal for what it runs.
        let line = format!(
            "script -qec \"$MIGRATE init --color never --crates {} {arguments}\" /dev/null",
            checkout.display()
        );
        app.shell(&line)
            .env("CARGO_NET_OFFLINE", "true")
            .env("DATABASE_URL", database.url())
            .input(answers.to_owned())
    };
    let says = |app: &Project, line: &str| {
        assert!(app.read("Cargo.toml").contains(line), "{}", app.read("Cargo.toml"));
    };
    let app = fresh();
    on_terminal(&app, "", "\n15\n")
        .succeeds()
        .prints("Which database: sqlite, postgres, mysql? [postgres]")
        .prints("The oldest PostgreSQL it has to run on, as `15`; `15` answers now? [any]");
    says(&app, "dialect = \"postgres\"\nserver-version = \"15\"\n");
    let app = fresh();
    on_terminal(&app, "", "sqlite\n").succeeds();
    says(&app, "dialect = \"sqlite\"\n");
    let app = fresh();
    on_terminal(&app, "--dialect mysql", "\n")
        .succeeds()
        .prints("as `8.0` or `mariadb-10.11`? [any]");
    assert!(!app.read("Cargo.toml").contains("server-version"));
    let app = fresh();
    on_terminal(&app, "", "oracle\n").exits(2).prints("unknown dialect `oracle`");
    on_terminal(&app, "--dialect postgres", "new\n").exits(2).prints("is no version of a server");
    assert_eq!(app.read("Cargo.toml"), MANIFEST);
    on_terminal(&app, "--yes", "").succeeds();
    says(&app, "dialect = \"postgres\"\n");
}

#[test]
fn where_it_cannot_be_done_nothing_is_written() {
    let nowhere = project("x").without("Cargo.toml").without(".env").build();
    nowhere.migrate(["init"]).exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: there is no `Cargo.toml` here or above
  = help: outside a package, give `--dir DIR` and `--dialect DIALECT` or `--database-url URL`

"#]]);
    let broken = project("x").cargo_toml("[package\n").build();
    broken.migrate(["init"]).exits(2).stderr_is(str![[r#"
error: cargo cannot read the workspace: unclosed table, expected `]`
 --> Cargo.toml:1:9
  |
1 | [package
  |         ^

"#]]);
    let app = fresh();
    app.migrate(["init", "--crates", "gone"])
        .env("CARGO_NET_OFFLINE", "true")
        .exits(1)
        .stdout_is(str![]);
    assert_eq!(app.read("Cargo.toml"), MANIFEST, "what came before the failure is undone");
    assert_eq!(app.entries(), ["Cargo.toml", "src"]);
}

/// Puts the command line on the path of a shell, as it is installed.
const INSTALLED: &str =
    "mkdir -p bin && ln -sf \"$MIGRATE\" bin/cargo-migrate && PATH=$PWD/bin:$PATH && ";

#[test]
fn a_container_and_a_workflow_are_set_up_once() {
    let app = fresh();
    init(&app, &["--docker", "--github"]).succeeds().prints(
        "created migrations/.keep\ncreated docker-entrypoint.sh\n\
         created .github/workflows/migrations.yml\n",
    );
    init(&app, &["--docker", "--github"]).succeeds().prints("everything is set up already");
    app.write("docker-entrypoint.sh", "mine");
    init(&app, &["--docker"]).succeeds().prints("everything is set up already");
    assert_eq!(app.read("docker-entrypoint.sh"), "mine");
    snapbox::assert_data_eq!(
        app.read(".github/workflows/migrations.yml"),
        str![[r#"
# Verifies the migrations of each change: the files, and every way back on a real database. What is found
# stands beside the lines that it is about.
name: Migrations

on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

jobs:
  migrations:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo install cargo-migrate --version 0.1.0 --locked
      - run: cargo migrate check --locked --message-format github
      - run: cargo migrate verify --message-format github

"#]]
    );
}

#[test]
fn a_workflow_stands_at_the_top_and_names_the_crate() {
    let app = fresh();
    app.write(".git/HEAD", "");
    app.write("services/api/Cargo.toml", MANIFEST);
    app.write("services/api/src/main.rs", MAIN);
    let manifest =
        ["--manifest-path", "services/api/Cargo.toml", "--github", "--dialect", "postgres"];
    init(&app, &[&manifest[..], &["--server-version", "15"]].concat()).succeeds();
    snapbox::assert_data_eq!(
        app.read(".github/workflows/migrations.yml"),
        str![[r##"
# Verifies the migrations of each change: the files, and every way back on a real database. What is found
# stands beside the lines that it is about.
name: Migrations

on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

jobs:
  migrations:
    runs-on: ubuntu-latest
    services:
      database:
        image: postgres:15
        env:
          POSTGRES_PASSWORD: password
        ports: ["5432:5432"]
        options: >-
          --health-cmd "pg_isready" --health-interval 5s --health-timeout 5s --health-retries 10
    env:
      DATABASE_URL: postgres://postgres:password@127.0.0.1:5432/postgres
    steps:
      - uses: actions/checkout@v4
      - run: cargo install cargo-migrate --version 0.1.0 --locked --no-default-features --features postgres
      - run: cargo migrate check --locked --message-format github --manifest-path services/api/Cargo.toml
      - run: cargo migrate verify --message-format github --manifest-path services/api/Cargo.toml

"##]]
    );
    app.remove(".github");
    app.write("services/api/Cargo.toml", MANIFEST);
    let manifest = ["--manifest-path", "services/api/Cargo.toml", "--github", "--dialect", "mysql"];
    init(&app, &[&manifest[..], &["--server-version", "mariadb-10.11"]].concat()).succeeds();
    let workflow = app.read(".github/workflows/migrations.yml");
    assert!(workflow.contains("image: mariadb:10.11\n"), "{workflow}");
    assert!(workflow.contains("DATABASE_URL: mysql://root:password@127.0.0.1:3306/app\n"));
}

/// The steps of a workflow that call the command line.
fn steps(app: &Project) -> Vec<String> {
    let workflow = app.read(".github/workflows/migrations.yml");
    let steps = workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: "));
    steps.filter(|step| step.starts_with("cargo migrate")).map(str::to_owned).collect()
}

#[test]
fn what_a_workflow_runs_finds_what_is_wrong() {
    let database = Postgres::shared().database();
    database.server().execute(&format!("ALTER ROLE {USER} CREATEDB"));
    let app = fresh();
    init(&app, &["--github", "--dialect", "postgres"]).succeeds();
    app.migrate(["new", "create_users", "name:text!"]).succeeds();
    app.migrate(["seal"]).succeeds();
    let run =
        |step: &str| app.shell(&format!("{INSTALLED}{step}")).env("DATABASE_URL", database.url());
    let all = steps(&app);
    assert_eq!(all.len(), 2, "{all:?}");
    for step in &all {
        run(step).succeeds();
    }
    app.migration(
        "99999999999999_view",
        "CREATE VIEW v AS SELECT name FROM user;\n",
        "DROP VIEW v;\n",
    );
    run(&all[0]).exits(1).prints("::error file=migrations/99999999999999_view/up.sql,line=1,");
}

#[test]
fn four_containers_start_at_once_and_one_migrates() {
    let database = Postgres::shared().database();
    let app = fresh();
    init(&app, &["--docker", "--dialect", "postgres", "--server-version", "15"]).succeeds();
    app.migrate(["new", "create_users", "name:text!"]).succeeds();
    app.shell(&format!("{INSTALLED} true")).succeeds();
    let replicas: Vec<_> = (0..4)
        .map(|_| {
            app.shell("PATH=$PWD/bin:$PATH ./docker-entrypoint.sh echo started")
                .env("DATABASE_URL", database.url())
                .env("MIGRATIONS_DIR", "migrations")
                .start()
        })
        .collect();
    let applied = replicas.into_iter().map(|replica| replica.output().exits(0).prints("started"));
    let applied = applied.filter(|output| output.stderr().contains("Applied")).count();
    assert_eq!(applied, 1);
    assert_eq!(database.sql("SELECT count(*) FROM __migrate_history"), "1\n");
    // One that cannot migrate does not start.
    app.migration("99999999999999_more", "CREATE TABLE users (id INT);\n", "DROP TABLE users;\n");
    app.shell("PATH=$PWD/bin:$PATH ./docker-entrypoint.sh echo started")
        .env("DATABASE_URL", database.url())
        .env("MIGRATIONS_DIR", "migrations")
        .exits(1)
        .never_shows("started");
}

#[test]
fn what_a_crate_brings_along_is_sealed_as_it_is() {
    let app = fresh();
    for number in 1..=300 {
        // Every third has a way back that is none.
        let (table, undo) = (format!("t{number}"), number % 3 != 0);
        let down = if undo { format!("DROP TABLE {table};\n") } else { "SELECT 1;\n".to_owned() };
        let up = format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY);\n");
        app.migration(format!("{number:04}_{table}"), &up, &down);
    }
    let set_up = init(&app, &["--yes"]).succeeds();
    let said = set_up.prints("300 sealed").prints("created build.rs");
    assert!(!said.stdout().contains("0001_t1"), "one line for all: {}", said.stdout());
    app.migrate(["check", "--locked"]).succeeds().prints("100 findings in sealed migrations");

    let lock = app.read("migrations/migrations.lock");
    app.migration("0301_new", "CREATE TABLE new (id INTEGER);\n", "SELECT 1;\n");
    init(&app, &["--yes"]).succeeds().prints("everything is set up already");
    assert_eq!(app.read("migrations/migrations.lock"), lock);
    app.migrate(["check"]).exits(1).says("0301_new").says("error[irreversible]");
}

#[test]
fn what_cannot_be_sealed_keeps_no_crate_from_being_set_up() {
    let app = fresh();
    app.table("1_a", "a");
    app.table("1_b", "b");
    init(&app, &["--yes"]).succeeds().says("warning: nothing was sealed: there are findings in");
    assert!(!app.has("migrations/migrations.lock"));
    app.remove("migrations/1_b");
    app.migrate(["seal"]).succeeds();
}
