//! `init`: a crate that `cargo new` made is set up, and builds.

use std::path::Path;

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
    assert_eq!(written, ["changed", "created", "changed"], "{lines:?}");
    let extended = app.read("build.rs");
    assert!(
        extended.contains("proto") && extended.contains("migrate_build::verify()"),
        "{extended}"
    );
    assert_eq!(app.migrations(), ["1_users"]);
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
