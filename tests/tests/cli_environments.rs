//! Environments: which database each means, and what a protected one does not let pass.

use std::fs;
use std::os::unix::fs::symlink;

use migrate_tests::{Builder, Project, project};
use snapbox::str;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
    \n[package.metadata.migrate]\ndialect = \"sqlite\"\n\
    \n[package.metadata.migrate.environments.production]\n\
    url-env = \"PROD_DATABASE_URL\"\nprotected = true\n\
    \n[package.metadata.migrate.environments.staging]\nurl-env = \"STAGING_DATABASE_URL\"\n";

const ENV: &str =
    "DATABASE_URL=app.db\nPROD_DATABASE_URL=sqlite:prod.db\nSTAGING_DATABASE_URL=staging.db\n";

fn app() -> Builder {
    project("app").cargo_toml(MANIFEST).file(".env", ENV).table("1_users", "users")
}

/// With two migrations applied in production.
fn in_production() -> Project {
    let app = app().table("2_posts", "posts").build();
    app.migrate(["run", "-e", "production"]).succeeds();
    app
}

#[test]
fn each_environment_has_its_database() {
    let app = app().build();
    app.migrate(["run"]).succeeds();
    app.migrate(["run", "--env", "development"]).succeeds().prints("nothing to apply");
    app.migrate(["run", "-e", "staging"]).succeeds();
    app.migrate(["run", "--env=production"]).succeeds();
    for file in ["app.db", "staging.db", "prod.db"] {
        assert!(app.has(file), "{file}");
    }
    app.write(".env", "DATABASE_URL=app.db\n");
    app.migrate(["status", "-e", "production"]).exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `PROD_DATABASE_URL` in the environment or in `.env`, or give `--database-url`

"#]]);
}

#[test]
fn a_mistyped_environment_names_the_nearest() {
    let app = app().build();
    app.migrate(["run", "-e", "prodction"]).exits(2).stderr_is(str![[r#"
error: there is no environment `prodction`; did you mean `production`?
  = help: configured are `production`, `staging`

"#]]);
    let bare = ["run", "--dir", "migrations", "--dialect", "sqlite", "-e", "production"];
    project("app").table("1_users", "users").build().migrate(bare).exits(2).stderr_is(str![[r#"
error: there is no environment `production`
  = help: write `[package.metadata.migrate.environments.NAME]` in Cargo.toml

"#]]);
    assert!(!app.has("app.db"));
}

#[test]
fn nothing_is_taken_back_without_a_confirmation() {
    let app = in_production();
    app.migrate(["revert", "-e", "production"]).exits(2).stderr_is(str![[r#"
error: migrations are reverted in the protected environment `production`: not without a confirmation
  = help: there is no terminal to ask on; `--yes --confirm production` says it beforehand

"#]]);
    for half in [&["--yes"][..], &["--confirm", "production"]] {
        app.migrate([&["revert", "-e", "production"], half].concat()).exits(2);
        app.migrate([&["redo", "-e", "production"], half].concat()).exits(2);
    }
    let other = ["revert", "-e", "production", "--yes", "--confirm", "staging"];
    app.migrate(other).exits(2).stderr_is(str![[r#"
error: nothing was done: the environment is `production`, not `staging`

"#]]);
    app.migrate(["status", "-e", "production"]).succeeds().prints("2 applied");
    // A look is free.
    app.migrate(["revert", "-e", "production", "--dry-run"]).succeeds();
    let confirmed = ["--yes", "--confirm", "production"];
    app.migrate([&["redo", "-e", "production"], &confirmed[..]].concat()).succeeds();
    app.migrate([&["revert", "-e", "production"], &confirmed[..]].concat()).succeeds();
    app.migrate(["status", "-e", "production"]).succeeds().prints("1 applied");
}

#[test]
fn a_protected_database_is_never_dropped() {
    let app = in_production();
    let reset = ["reset", "-e", "production", "--yes", "--force"];
    app.migrate(reset).exits(2).stderr_is(str![[r#"
error: nothing was dropped: `prod.db` is that of the protected environment `production`
  = help: where it is meant all the same, drop and make the database by hand

"#]]);
    app.migrate(["reset", "--yes", "--database-url", "./prod.db"]).exits(2);
    app.migrate(["status", "-e", "production"]).succeeds().prints("2 applied");
}

#[test]
fn the_database_decides_however_it_is_named() {
    let app = in_production();
    symlink("prod.db", app.path("soft.db")).unwrap();
    fs::hard_link(app.path("prod.db"), app.path("hard.db")).unwrap();
    let absolute = app.path("prod.db");
    let absolute = absolute.to_str().unwrap();
    let uri = format!("file://{absolute}");
    for url in
        ["prod.db", "./src/../prod.db", absolute, &uri, "sqlite://prod.db", "soft.db", "hard.db"]
    {
        app.migrate(["revert", "--database-url", url]).exits(2).says("environment `production`");
        let staging = ["revert", "-e", "staging", "--yes", "--database-url", url];
        app.migrate(staging).exits(2).says("environment `production`");
        // Not even where no configuration is asked for.
        let bare = ["revert", "--dir", "migrations", "--dialect", "sqlite", "--database-url", url];
        app.migrate(bare).exits(2).says("environment `production`");
        app.migrate(["revert"]).env("DATABASE_URL", url).exits(2);
        app.migrate(["revert", "-e", "staging"]).env("STAGING_DATABASE_URL", url).exits(2);
    }
    app.migrate(["status", "-e", "production"]).succeeds().prints("2 applied");
    // Another one is free.
    app.migrate(["run"]).succeeds();
    app.migrate(["revert"]).succeeds();
}

#[test]
fn a_database_of_another_kind_is_none_of_its_business() {
    let app = app().build();
    app.migrate(["run"]).env("PROD_DATABASE_URL", "postgres://db:port/app").succeeds();
    app.migrate(["revert"]).env("PROD_DATABASE_URL", "postgres://db/app").succeeds();
}

#[test]
fn a_run_that_loses_data_is_confirmed() {
    let app = in_production();
    app.migration(
        "3_less",
        "ALTER TABLE users DROP COLUMN name;\n",
        "ALTER TABLE users ADD COLUMN name TEXT;\n",
    );
    app.migrate(["run", "-e", "production"]).exits(2).stderr_is(str![[r#"
warning: data goes: 3_less: the values of `users.name`
error: this run loses data in the protected environment `production`: not without a confirmation
  = help: there is no terminal to ask on; `--yes --confirm production` says it beforehand

"#]]);
    app.migrate(["seal"]).succeeds();
    app.migrate(["run", "-e", "production"]).exits(2).says("data goes: 3_less");
    // What loses nothing needs no confirmation.
    app.migrate(["run", "-e", "production", "--to", "2"]).succeeds();
    app.migrate(["run"]).succeeds();
    app.migrate(["run", "-e", "production", "--yes", "--confirm", "production"]).succeeds();
}

#[test]
fn on_a_terminal_the_name_is_typed() {
    let app = in_production();
    // `script` is a terminal for what it runs.
    let on_terminal = |arguments: &str, answers: &str| {
        let line = format!(
            "script -qec \"$MIGRATE revert -e production --color never {arguments}\" /dev/null"
        );
        app.shell(&line).input(answers)
    };
    on_terminal("", "n\n").exits(1).prints("Go on? [y/N]").prints("error: nothing was done");
    on_terminal("--yes", "\n").exits(2).prints("the environment is `production`, not ``");
    on_terminal("", "y\nprod\n").exits(2).prints("not `prod`");
    on_terminal("--yes", "production\n").succeeds().prints("1 migration reverted");
    on_terminal("", "y\nproduction\n").succeeds().prints("1 migration reverted");
}

#[test]
fn a_workspace_protects_all_that_is_in_it() {
    let root = "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n\
        [workspace.metadata.migrate.environments.production]\n\
        url-env = \"PROD_DATABASE_URL\"\nprotected = true\n";
    let member = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [package.metadata.migrate]\ndialect = \"sqlite\"\n";
    let all = project("root")
        .cargo_toml(root)
        .file(".env", ENV)
        .file("app/Cargo.toml", member)
        .file("app/src/lib.rs", "")
        .file("app/migrations/1_users/up.sql", "CREATE TABLE users (id INTEGER);\n")
        .file("app/migrations/1_users/down.sql", "DROP TABLE users;\n")
        .build();
    let url = ["--database-url", "prod.db"];
    all.migrate(["run", "-e", "production"]).succeeds();
    all.migrate([&["revert"], &url[..]].concat()).exits(2).says("environment `production`");
    let bare = ["revert", "--dir", "app/migrations", "--dialect", "sqlite"];
    all.migrate([&bare[..], &url].concat()).exits(2).says("environment `production`");
}
