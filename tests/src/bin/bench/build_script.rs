//! A build script that verifies, as cargo builds it: without optimisation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::generated::{Workspace, succeed};
use crate::measure::{Result, Run, in_turn, process};
use crate::table::Line;
use crate::verify::cat;
use crate::{MANY, Places, migrations};

const ROUNDS: usize = 11;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let workspace = Workspace::new(places, "build-script", &["app"])?;
    let package = workspace.dir.join("app");
    let build = places.root.join("migrate-build");
    workspace.file(
        "app/Cargo.toml",
        &format!(
            "[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [package.metadata.migrate]\ndialect = \"sqlite\"\n\n\
             [build-dependencies]\nmigrate-build = {{ path = {build:?}, features = [\"sqlite\"] }}\n"
        ),
    )?;
    workspace.file("app/build.rs", "fn main() {\n    migrate_build::verify();\n}\n")?;
    workspace.file("app/src/lib.rs", "")?;
    let dir = package.join("migrations");
    migrations::write(&dir, MANY)?;
    succeed(&mut workspace.cargo_build())?;
    let script = newest_script(&workspace.dir)?;

    let files = migrations::files(&dir)?;
    let out = workspace.dir.join("out");
    let [cat_time, first] = in_turn(ROUNDS, [cat(&files), cold(&script, &package, &out)])?;

    let warm = workspace.dir.join("warm");
    empty(&warm)?;
    process(&mut command(&script, &package, &warm))?;
    let added = migrations::write_one(&dir, MANY)?;
    let [cat_again, next] = in_turn(ROUNDS, [cat(&files), after(&script, &package, &warm, &out)])?;
    fs::remove_dir_all(added)?;

    Ok(vec![
        Line::ratio(
            "build script, first verification of 1,000, against `cat`",
            first,
            cat_time,
            40.0,
        ),
        Line::ratio(
            "build script, one migration added to 1,000, against `cat`",
            next,
            cat_again,
            8.0,
        ),
        unchanged(&workspace)?,
    ])
}

/// The build script, called as cargo calls it.
fn command(script: &Path, package: &Path, out: &Path) -> Command {
    let mut command = Command::new(script);
    command.current_dir(package).env("CARGO_MANIFEST_DIR", package).env("OUT_DIR", out);
    command
}

fn empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    Ok(fs::create_dir_all(dir)?)
}

fn cold<'r>(script: &'r Path, package: &'r Path, out: &'r Path) -> Run<'r> {
    Box::new(move || {
        empty(out)?;
        process(&mut command(script, package, out))
    })
}

/// With what a run before the change left in its directory.
fn after<'r>(script: &'r Path, package: &'r Path, warm: &'r Path, out: &'r Path) -> Run<'r> {
    Box::new(move || {
        empty(out)?;
        for entry in fs::read_dir(warm)? {
            let entry = entry?;
            fs::copy(entry.path(), out.join(entry.file_name()))?;
        }
        process(&mut command(script, package, out))
    })
}

/// A second `cargo build` does not start the script: cargo says `Fresh`, and the script's output is
/// as old as before.
fn unchanged(workspace: &Workspace) -> Result<Line> {
    succeed(&mut workspace.cargo_build())?;
    let before = outputs(&workspace.dir)?;
    let said = succeed(workspace.cargo_build().arg("-v"))?;
    let is_fresh = said.lines().any(|line| line.trim_start().starts_with("Fresh app "));
    let is_idle = is_fresh && !said.contains("Running") && outputs(&workspace.dir)? == before;
    let seen = if is_idle { "nothing of ours ran" } else { "the script ran" };
    Ok(Line::fact("`cargo build` with nothing changed", seen, "nothing of ours ran"))
}

/// The outputs of build scripts of `app`, and when they were written.
fn outputs(dir: &Path) -> Result<Vec<(PathBuf, SystemTime)>> {
    let mut found = Vec::new();
    for path in of_app(dir)? {
        let output = path.join("output");
        if output.is_file() {
            found.push((output.clone(), fs::metadata(&output)?.modified()?));
        }
    }
    found.sort();
    Ok(found)
}

fn newest_script(dir: &Path) -> Result<PathBuf> {
    let mut found = Vec::new();
    for path in of_app(dir)? {
        let script = path.join("build-script-build");
        if script.is_file() {
            found.push((fs::metadata(&script)?.modified()?, script));
        }
    }
    found.sort();
    let (_, script) = found.pop().ok_or("cargo built no build script")?;
    Ok(script)
}

fn of_app(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir.join("target/debug/build"))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("app-") {
            found.push(entry.path());
        }
    }
    Ok(found)
}
