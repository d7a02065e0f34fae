//! Which package, which directory, which database: options, configuration, environment.

use migrate_tests::server::CANARY;
use migrate_tests::{Builder, project};
use snapbox::str;

const FORMATS: [&str; 3] = ["human", "short", "json"];

fn app() -> Builder {
    project("app").table("1_users", "users")
}

#[test]
fn a_bare_directory_needs_no_crate() {
    let bare = app().without("Cargo.toml").without(".env").without("src").build();
    bare.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: there is no `Cargo.toml` here or above
  = help: outside a package, give `--dir DIR` and `--dialect DIALECT` or `--database-url URL`

"#]]);
    bare.migrate(["check", "--dir", "migrations"]).exits(2).stderr_is(str![[r#"
error: the SQL dialect is not known
  = help: give `--dialect`, or a database with `--database-url`

"#]]);
    bare.migrate(["check", "--dir", "migrations", "--dialect", "sqlite"]).succeeds();
    bare.migrate(["run", "--dir", "migrations", "--database-url", "sqlite:bare.db"]).succeeds();
    bare.migrate(["status", "--dir", "migrations"])
        .env("DATABASE_URL", "bare.db")
        .succeeds()
        .prints("1 applied");
    bare.migrate(["run", "--dir", "migrations", "--dialect", "sqlite"]).exits(2).stderr_is(str![[
        r#"
error: no database is given
  = help: set `DATABASE_URL` in the environment or in `.env`, or give `--database-url`

"#
    ]]);
}

#[test]
fn it_works_from_anywhere_in_the_crate() {
    let app = app().build();
    app.migrate(["check"]).within("src").succeeds();
    app.migrate(["check", "--manifest-path", "Cargo.toml"]).succeeds();
    app.migrate(["check", "--manifest-path", "gone/Cargo.toml"]).exits(2).stderr_is(str![[r#"
error: there is no file `gone/Cargo.toml`

"#]]);
    app.migrate(["check", "--manifest-path", "src"]).exits(2).stderr_is(str![[r#"
error: there is no file `src`

"#]]);
    app.write("migrations/2_typo/up.sql", "DORP TABLE users;\n");
    app.migrate(["check"]).within("src").exits(1).stderr_is(str![[r#"
error[syntax]: syntax error near `DORP`
 --> ../migrations/2_typo/up.sql:1:1
  |
1 | DORP TABLE users;
  | ^^^^ SQLite does not expect this here
  |
  = help: did you mean `DROP` instead of `DORP`?
  = note: `cargo migrate explain syntax` says more

error[missing-down]: this migration has no `down.sql`
 --> ../migrations/2_typo/up.sql:1:1
  |
1 | DORP TABLE users;
  | ^^^^^^^^^^^^^^^^^ nothing undoes this
  |
  = help: write `down.sql` beside it
  = help: if there is no way back, write `-- migrate: irreversible reason="…"` in `up.sql`
  = note: `cargo migrate explain missing-down` says more


"#]]);
}

#[test]
fn a_directory_that_is_none_is_reported() {
    let app = app().build();
    app.migrate(["check", "--dir", "migration"]).exits(1).stderr_is(str![[r#"
error: there is no migrations directory `migration`
  = help: `cargo migrate init` sets one up, `cargo migrate new NAME` makes the first migration; another place is configured as `dir` in `[package.metadata.migrate]`

"#]]);
    app.migrate(["check", "--dir", "Cargo.toml"]).exits(1).stderr_is(str![[r#"
error: cannot list `Cargo.toml`: not a directory

"#]]);
    app.migrate(["run", "--dir", "gone"]).exits(1);
    app.remove("migrations");
    app.migrate(["check"]).exits(1).stderr_is(str![[r#"
error: there is no migrations directory `migrations`
  = help: `cargo migrate init` sets one up, `cargo migrate new NAME` makes the first migration; another place is configured as `dir` in `[package.metadata.migrate]`

"#]]);
    assert!(!app.has("app.db"));
}

#[test]
fn mistakes_in_the_configuration_are_shown_at_their_place() {
    let with = |lines: &str| {
        app().cargo_toml(&format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[package.metadata.migrate]\n{lines}\n")).build()
    };
    with("dialect = \"sqlite\"\nurlenv = \"X\"").migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:7:1: `[package.metadata.migrate]` has no key `urlenv`; did you mean `url-env`?; it has `dir`, `dialect`, `server-version`, `url-env`, `url-parts`, `schema`, `lints`, `backup`, `runner`, `environments`, `databases`

"#]]);
    with("dialect = \"sqlit\"").migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:6:11: unknown dialect `sqlit`; did you mean `sqlite`?; known are sqlite, postgres, mysql

"#]]);
    with("dialect = 3").migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:6:11: `dialect` must be a text that is not empty

"#]]);
    with("dir = \"\"").migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:6:7: `dir` must be a text that is not empty

"#]]);
    with("[package.metadata.migrate.lints]\nmissing-dwon = \"warn\"")
        .migrate(["check"])
        .exits(2)
        .stderr_is(str![[r#"
error: Cargo.toml:7:1: there is no rule `missing-dwon`

"#]]);
    with("[package.metadata.migrate.lints]\nmissing-down = \"wran\"")
        .migrate(["check"])
        .exits(2)
        .stderr_is(str![[r#"
error: Cargo.toml:7:1: the level of `missing-down` cannot be changed: it is always wrong

"#]]);
    with("= nonsense").migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:6:1: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`

"#]]);
    let without = with("");
    without.remove(".env");
    without.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml: the SQL dialect is not known
  = help: write `[package.metadata.migrate]` and `dialect = "sqlite"`; without it, the one backend feature of the `diesel` dependency decides

"#]]);
    let lines = with("dialct = 1").migrate(["check", "--message-format=json"]).exits(2).json();
    assert_eq!(lines.len(), 1);
}

#[test]
fn the_server_has_to_be_one_of_the_dialect() {
    let with = |lines: &str| {
        app().without(".env").cargo_toml(&format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[package.metadata.migrate]\n{lines}\n")).build()
    };
    let mariadb = with("dialect = \"mysql\"\nserver-version = \"10.11\"");
    mariadb.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml:7:18: there is no MySQL 10.11; a version of MariaDB is written `mariadb-10.11`

"#]]);
    let open = with("server-version = \"15\"");
    open.migrate(["check", "--dialect", "mysql"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml: `server-version` does not fit: there is no MySQL 15; a version of MariaDB is written `mariadb-10.11`

"#]]);
    open.migrate(["check", "--dialect", "sqlite"]).succeeds();
    open.migrate(["check", "--database-url", "app.db"]).succeeds();
    let sqlite = ["check", "--dialect", "sqlite", "--server-version", "15"];
    open.migrate(sqlite).exits(2).stderr_is(str![[r#"
error: SQLite runs without a server: it has no version
  = help: leave `--server-version` out, or give another `--dialect`

"#]]);
    let bare = app().without("Cargo.toml").without(".env").build();
    let dir = ["check", "--dir", "migrations", "--dialect", "postgres"];
    bare.migrate([&dir[..], &["--server-version", "mariadb-10.11"]].concat()).exits(2).stderr_is(
        str![[r#"
error: `mariadb-10.11` is a version of MariaDB, and the dialect is PostgreSQL's
  = help: leave `--server-version` out, or give another `--dialect`

"#]],
    );
    bare.migrate([&dir[..], &["--server-version", "new"]].concat()).exits(2).stderr_is(str![[r#"
error: invalid value 'new' for '--server-version <V>': `new` is no version of a server; write it as `15`, `8.0` or `mariadb-10.11`

For more information, try '--help'.

"#]]);
}

#[test]
fn with_two_databases_it_asks_which() {
    let two = project("app")
        .cargo_toml("[package]\nname = \"app\"\n[package.metadata.migrate]\ndialect = \"sqlite\"\n[package.metadata.migrate.databases.main]\ndir = \"migrations\"\n[package.metadata.migrate.databases.audit]\ndir = \"audit\"\nurl-env = \"AUDIT_URL\"\n")
        .table("1_users", "users")
        .file("audit/1_log/up.sql", "CREATE TABLE log (id INTEGER);\n")
        .file("audit/1_log/down.sql", "DROP TABLE log;\n")
        .build();
    two.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: the package has several databases: say which
  = help: one of `--dir audit`, `--dir migrations`

"#]]);
    two.migrate(["run", "--dir", "audit"]).env("AUDIT_URL", "audit.db").succeeds();
    two.migrate(["run", "--dir", "migrations/"]).succeeds();
    two.migrate(["run", "--dir", "./audit"]).exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `AUDIT_URL` in the environment or in `.env`, or give `--database-url`

"#]]);
    two.migrate(["run", "--dir", "../audit"]).within("src").env("AUDIT_URL", "up.db").succeeds();
    assert!(two.has("audit.db") && two.has("app.db") && two.has("src/up.db"));
    assert_eq!(two.database().names(), ["users"]);
}

/// A virtual workspace with a package of each name; `configured` ones have migrations.
fn workspace(configured: &[&str], others: &[&str]) -> Builder {
    let mut workspace = project("workspace")
        .cargo_toml("[workspace]\nmembers = [\"*\"]\nexclude = [\"src\", \"migrations\"]\nresolver = \"3\"\n")
        .without("src");
    for name in configured.iter().chain(others) {
        let metadata = if configured.contains(name) {
            "[package.metadata.migrate]\ndialect = \"sqlite\"\n"
        } else {
            ""
        };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{metadata}"
        );
        workspace = workspace
            .file(format!("{name}/Cargo.toml"), manifest)
            .file(format!("{name}/src/lib.rs"), "")
            .file(
                format!("{name}/migrations/1_{name}/up.sql"),
                format!("CREATE TABLE {name} (id INTEGER);\n"),
            )
            .file(format!("{name}/migrations/1_{name}/down.sql"), format!("DROP TABLE {name};\n"));
    }
    workspace
}

#[test]
fn of_a_workspace_the_only_configured_package_is_meant() {
    let one = workspace(&["store"], &["web"]).build();
    one.migrate(["run"]).succeeds();
    assert_eq!(one.database().names(), ["store"]);
    one.migrate(["check", "-p", "store"]).succeeds();
    one.migrate(["check", "-p", "stroe"]).exits(2).stderr_is(str![[r#"
error: the workspace has no package `stroe`; did you mean `store`?

"#]]);
    one.migrate(["check", "-p", "web"]).succeeds().stdout_is(str![[r#"
1 migration checked: layout, order and SQLite syntax are sound; 1 proved reversible

"#]]);
}

#[test]
fn of_several_configured_packages_it_asks_which() {
    let two = workspace(&["store", "log"], &["web"]).build();
    two.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: several packages of this workspace have migrations: say which
  = help: one of `-p log`, `-p store`

"#]]);
    two.migrate(["check", "-p", "log"]).succeeds();
    two.migrate(["check"]).within("log").succeeds();
    let none = workspace(&[], &["web"]).build();
    none.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: no package of this workspace has migrations configured
  = help: say which package: `-p PACKAGE`, or write `[package.metadata.migrate]` in its Cargo.toml

"#]]);
}

#[test]
fn a_manifest_that_cargo_cannot_read_is_reported() {
    let broken = workspace(&["store"], &[]).file("web/Cargo.toml", "[package]\nnam = 3\n").build();
    broken.migrate(["check"]).exits(2).says("cargo cannot read the workspace");
}

#[test]
fn the_environment_goes_before_the_file() {
    let app = app().file(".env", "DATABASE_URL=from-file.db\n").build();
    app.migrate(["run"]).env("DATABASE_URL", "from-environment.db").succeeds();
    assert!(app.has("from-environment.db") && !app.has("from-file.db"));
    app.migrate(["run", "--database-url", "from-option.db"]).succeeds();
    assert!(app.has("from-option.db") && !app.has("from-file.db"));
    app.migrate(["run"]).within("src").succeeds();
    assert!(app.has("src/from-file.db"), "as every tool has it: relative to where it runs");
    app.migrate(["run"]).env("DATABASE_URL", "").exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `DATABASE_URL` in the environment or in `.env`, or give `--database-url`

"#]]);
}

#[test]
fn a_broken_env_file_never_shows_what_is_in_it() {
    let app =
        app().file(".env", format!("A=1\nDATABASE_URL=postgres://me:{CANARY} @host/x\n")).build();
    for format in FORMATS {
        app.migrate(["run", "-v", "--message-format", format]).exits(2).never_shows(CANARY);
    }
    app.migrate(["run"]).exits(2).stderr_is(str![[r#"
error: `.env:2` is not NAME=VALUE
  = help: put values with spaces or quotes into quotes

"#]]);
    app.migrate(["run"]).within("src").exits(2).stderr_is(str![[r#"
error: `../.env:2` is not NAME=VALUE
  = help: put values with spaces or quotes into quotes

"#]]);
    app.migrate(["check"]).succeeds();
    app.migrate(["run", "--database-url", "app.db"]).succeeds();
    app.write(".env", b"A=\xff\n");
    app.migrate(["run"]).exits(2).stderr_is(str![[r#"
error: cannot read `.env`: stream did not contain valid UTF-8

"#]]);
}

#[test]
fn no_address_is_shown_with_its_password() {
    let urls = [
        format!("postgres://me:{CANARY}@db/app"),
        format!("postgresql://db/app?password={CANARY}"),
        format!("mysql://me:{CANARY}@db/app"),
        format!("mariadb://me:{CANARY}@db/app"),
        format!("mssql://me:{CANARY}@db/app"),
        format!("POSTGRES://me:{CANARY}@db/app"),
        format!("me:{CANARY}@tcp(db:3306)/app"),
        format!("host=db user=me password={CANARY}"),
        format!("file:gone/app.db?password={CANARY}"),
    ];
    let app = app().build();
    let before = app.entries();
    for url in &urls {
        let dialect = if url.contains("mysql") { "mysql" } else { "postgres" };
        for format in FORMATS {
            for command in ["run", "status", "revert"] {
                let refused = |arguments: &[&str]| {
                    let common = [command, "-v", "--message-format", format];
                    let output = app
                        .migrate([&common, arguments].concat())
                        .env("DATABASE_URL", url)
                        .output();
                    output.never_shows(CANARY);
                };
                refused(&[]);
                refused(&["--dialect", dialect]);
                refused(&["--dir", "migrations", "--database-url", url]);
                refused(&[url]);
            }
        }
    }
    assert_eq!(app.entries(), before, "nor does it become the name of a file");
}

#[test]
fn it_says_which_address_is_meant() {
    let app = app().build();
    let on = |url: &str| app.migrate(["run", "--database-url", url]).exits(2);
    on("postgres://me:pw@db/app").stderr_is(str![[r#"
error: the migrations are written for SQLite, and the database is PostgreSQL
  = help: give the URL of a SQLite database, or other migrations with `--dir`

"#]]);
    on("mssql://me:pw@db/app").stderr_is(str![[r#"
error: databases of the scheme `mssql:` are not known; did you mean `mysql`?
  = help: known are `sqlite:`, `file:`, `postgres:`, `postgresql:`, `mysql:`, `mariadb:`, or a path

"#]]);
    on("postgre://me:pw@db/app").stderr_is(str![[r#"
error: databases of the scheme `postgre:` are not known; did you mean `postgres`?
  = help: known are `sqlite:`, `file:`, `postgres:`, `postgresql:`, `mysql:`, `mariadb:`, or a path

"#]]);
    on("host=db password=pw").stderr_is(str![[r#"
error: the database's URL has no scheme, and is no file either
  = help: begin it with one of `sqlite:`, `file:`, `postgres:`, `postgresql:`, `mysql:`, `mariadb:`; it is not shown, it may hold a password

"#]]);
    on("mysql:me:pw@db/app").stderr_is(str![[r#"
error: the database's URL has no `//` behind `mysql:`

"#]]);
    app.migrate(["run", "--dialect", "postgres"]).exits(2).stderr_is(str![[r#"
error: the migrations are written for PostgreSQL, and the database is SQLite
  = help: give the URL of a PostgreSQL database, or other migrations with `--dir`

"#]]);
    app.migrate(["check", "--dialect", "oracle"]).exits(2).stderr_is(str![[r#"
error: invalid value 'oracle' for '--dialect <DIALECT>': unknown dialect `oracle`; known are sqlite, postgres, mysql

For more information, try '--help'.

"#]]);
}
