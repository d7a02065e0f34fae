//! A real package with a program that runs its migrations, built by real cargo.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_tests::{Builder, Invocation, Project, project};

/// What `docs/production.md` says that the program is.
pub(crate) const RUNNER: &str = "\
use migrate_runtime::{Migrations, embed_migrations};
static MIGRATIONS: Migrations = embed_migrations!();
fn main() -> std::process::ExitCode { migrate_runtime::cli::main(&MIGRATIONS) }
";

/// Where a migration in Rust stands.
pub(crate) const FILL: &str = "migrations/2026-01-02_fill/migration.rs";

/// The text of a migration in Rust; each way is an expression that has a connection `conn`.
pub(crate) fn in_rust(connection: &str, up: &str, down: &str) -> String {
    format!(
        "// migrate: assume(rows-only) reason=\"it fills a table\"\nuse diesel::prelude::*;\n\
         pub fn up(conn: &mut {connection}) -> QueryResult<()> {{\n    {up}\n}}\n\n\
         pub fn down(conn: &mut {connection}) -> QueryResult<()> {{\n    {down}\n}}\n"
    )
}

/// One that fills the table `users` with one row.
pub(crate) fn filling(connection: &str) -> String {
    let execute = |sql: &str| format!("diesel::sql_query({sql:?}).execute(conn).map(drop)");
    in_rust(connection, &execute(INSERT), &execute(DELETE))
}

pub(crate) const INSERT: &str = "INSERT INTO users (id, name) VALUES (1, 'Ada')";
pub(crate) const DELETE: &str = "DELETE FROM users";

/// A package for SQLite with a table `users` and a migration in Rust that fills it.
pub(crate) fn filled(name: &str) -> Builder {
    package(name, RUNNER).table("2026-01-01_users", "users").file(FILL, filling("SqliteConnection"))
}

/// The program of a package, written as the command line asks for it.
pub(crate) fn write_as_asked(app: &Project, stderr: &str) {
    let help = stderr.lines().filter_map(|line| line.trim_start().strip_prefix("= help: "));
    let mut help = help.map(str::to_owned);
    let path = help.next().unwrap();
    let path = path.strip_prefix('`').and_then(|text| text.split('`').next()).unwrap();
    app.write(path, help.collect::<Vec<_>>().join("\n"));
}

/// A package for SQLite whose program has this name: all are built into one directory.
pub(crate) fn package(name: &str, main: &str) -> Builder {
    package_for(name, "sqlite", &["sqlite-bundled"], main)
}

/// A package for a database, with these features of `migrate-runtime`.
pub(crate) fn package_for(name: &str, dialect: &str, features: &[&str], main: &str) -> Builder {
    let (runtime, build) = (checkout().join("migrate-runtime"), checkout().join("migrate-build"));
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [package.metadata.migrate]\ndialect = \"{dialect}\"\nrunner = \"{name}\"\n\
         [dependencies]\n\
         diesel = {{ version = \"2.3\", default-features = false, features = [\"{dialect}\"] }}\n\
         migrate-runtime = {{ path = {runtime:?}, features = {features:?} }}\n\
         [build-dependencies]\n\
         migrate-build = {{ path = {build:?}, features = [\"{dialect}\"] }}\n\
         [profile.dev]\ndebug = false\n[workspace]\n"
    );
    // The workspace's own versions: nothing is looked up or compiled that is not there.
    let lock = fs::read(checkout().join("Cargo.lock")).unwrap();
    let project = project(name).cargo_toml(&manifest).file("Cargo.lock", lock);
    let project = project.file("build.rs", "fn main() { migrate_build::verify(); }\n");
    project.file(format!("src/bin/{name}.rs"), main)
}

/// `cargo migrate …` in it; the words are separated by blanks.
pub(crate) fn migrate(app: &Project, line: &str) -> Invocation {
    let invocation = app.migrate(line.split_whitespace()).env("CARGO", env!("CARGO"));
    let invocation = invocation.env("CARGO_TARGET_DIR", target()).env("CARGO_NET_OFFLINE", "true");
    invocation.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_QUIET", "true")
}

/// Built packages share what they depend on, with each other and between runs of the tests.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates")
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
