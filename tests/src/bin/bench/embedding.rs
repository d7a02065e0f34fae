//! What embedding costs an application: time to build it again, and bytes in its release binary.
//! Against the same application with `diesel_migrations` alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::generated::{Workspace, succeed};
use crate::measure::{Result, Run, in_turn, process};
use crate::table::Line;
use crate::{MANY, Places, migrations};

const ROUNDS: usize = 9;

/// The applications: of ours and of Diesel's, with two and with many migrations.
const OURS: [&str; 2] = ["ours-few", "ours-many"];
const THEIRS: [&str; 2] = ["diesel-few", "diesel-many"];
const FEW: usize = 2;

const OUR_MAIN: &str = r#"use diesel::prelude::*;
use migrate_runtime::{Migrations, Runner};

static MIGRATIONS: Migrations<'static> = migrate_runtime::embed_migrations!();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut conn = SqliteConnection::establish("app.db")?;
    Runner::new(&MIGRATIONS).run(&mut conn)?;
    Ok(())
}
"#;

const THEIR_MAIN: &str = r#"use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut conn = SqliteConnection::establish("app.db")?;
    conn.run_pending_migrations(MIGRATIONS)?;
    Ok(())
}
"#;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let members = [OURS, THEIRS].concat();
    let workspace = Workspace::new(places, "embedding", &members)?;
    for (at, count) in [FEW, MANY].into_iter().enumerate() {
        ours(&workspace, places, OURS[at], count)?;
        theirs(&workspace, THEIRS[at], count)?;
    }
    let mut lines = rebuilds(&workspace)?;
    for (at, count) in ["2", "1,000"].into_iter().enumerate() {
        let what = format!("release binary with {count} migrations, against Diesel's");
        let (ours, theirs) = (size(&workspace, OURS[at])?, size(&workspace, THEIRS[at])?);
        lines.push(Line::growth(&what, ours, theirs, 150_000));
    }
    Ok(lines)
}

const DIESEL: &str = "\
diesel = { version = \"2.3\", default-features = false, features = [\"sqlite\"] }
libsqlite3-sys = { version = \"*\", features = [\"bundled\"] }
";

fn ours(workspace: &Workspace, places: &Places, name: &str, count: usize) -> Result<()> {
    let (runtime, build) = (places.root.join("migrate-runtime"), places.root.join("migrate-build"));
    workspace.file(
        &format!("{name}/Cargo.toml"),
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{DIESEL}\
             migrate-runtime = {{ path = {runtime:?}, features = [\"macros\", \"sqlite-bundled\"] }}\n\n\
             [build-dependencies]\nmigrate-build = {{ path = {build:?}, features = [\"sqlite\"] }}\n"
        ),
    )?;
    workspace
        .file(&format!("{name}/build.rs"), "fn main() {\n    migrate_build::verify();\n}\n")?;
    workspace.file(&format!("{name}/src/main.rs"), OUR_MAIN)?;
    migrations::write(&workspace.dir.join(name).join("migrations"), count)
}

fn theirs(workspace: &Workspace, name: &str, count: usize) -> Result<()> {
    workspace.file(
        &format!("{name}/Cargo.toml"),
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{DIESEL}diesel_migrations = \"2.3\"\n"
        ),
    )?;
    // As Diesel's documentation advises, so that new migrations are noticed.
    workspace.file(
        &format!("{name}/build.rs"),
        "fn main() {\n    println!(\"cargo:rerun-if-changed=migrations\");\n}\n",
    )?;
    workspace.file(&format!("{name}/src/main.rs"), THEIR_MAIN)?;
    migrations::write(&workspace.dir.join(name).join("migrations"), count)
}

fn rebuilds(workspace: &Workspace) -> Result<Vec<Line>> {
    let (ours, theirs) = (OURS[1], THEIRS[1]);
    let touched = |name: &'static str| rebuild(workspace, name, main_of(workspace, name));
    let [diesel_touch, our_touch] = in_turn(ROUNDS, [touched(theirs), touched(ours)])?;
    let edited = |name: &'static str| -> Result<Run<'_>> {
        Ok(rebuild(workspace, name, a_script_of(workspace, name)?))
    };
    let [diesel_edit, our_edit] = in_turn(ROUNDS, [edited(theirs)?, edited(ours)?])?;
    let what = "build again with 1,000 embedded";
    Ok(vec![
        Line::ratio(
            &format!("{what}, `main.rs` changed, against Diesel's"),
            our_touch,
            diesel_touch,
            1.3,
        ),
        Line::ratio(
            &format!("{what}, one `up.sql` changed, against Diesel's"),
            our_edit,
            diesel_edit,
            1.3,
        ),
    ])
}

fn main_of(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.dir.join(name).join("src/main.rs")
}

/// One from the middle.
fn a_script_of(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let files = migrations::files(&workspace.dir.join(name).join("migrations"))?;
    files.get(MANY).cloned().ok_or_else(|| "there are too few migrations".into())
}

/// A build after a comment more in a file: `-- …` in SQL, `// …` in Rust.
fn rebuild<'r>(workspace: &'r Workspace, name: &'r str, file: PathBuf) -> Run<'r> {
    let mark = if file.ends_with("main.rs") { "//" } else { "--" };
    let mut edits = 0;
    Box::new(move || {
        edits += 1;
        add_line(&file, &format!("{mark} edit {edits}"))?;
        process(workspace.cargo_build().args(["-p", name]))
    })
}

fn add_line(file: &Path, line: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    Ok(fs::write(file, format!("{text}{line}\n"))?)
}

fn size(workspace: &Workspace, name: &str) -> Result<u64> {
    succeed(workspace.cargo_build().args(["--release", "-p", name]))?;
    Ok(fs::metadata(workspace.dir.join("target/release").join(name))?.len())
}
