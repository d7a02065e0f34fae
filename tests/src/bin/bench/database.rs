//! Applying and looking, against what SQLite's own shell takes for the same.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::{Result, Run, Sample, in_turn, process};
use crate::migrations::Kinds;
use crate::table::Line;
use crate::verify::cat;
use crate::{MANY, Places, migrations};

const ROUNDS: usize = 7;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let work = places.work.join("database");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let rebuilding = applied(places, &work.join("rebuilding"), Kinds::All)?;
    let plain = work.join("plain");
    let together = applied(places, &plain, Kinds::WithoutRebuilds)?;

    let (dir, ours) = (plain.join("migrations"), plain.join("ours.db"));
    let files = migrations::files(&dir)?;
    let [read, cat_time, status] =
        in_turn(ROUNDS, [shell_reads(&ours), cat(&files), tool_looks(places, &dir, &ours)])?;
    let mut lines = vec![
        together.line("`run` of 1,000, against `sqlite3` in one transaction"),
        rebuilding.line("the same, every eighth rebuilds a table"),
        Line::ratio("`status` of 1,000, against `sqlite3` and `cat`", status, read + cat_time, 1.5),
    ];
    if let Some(diesel) = &places.diesel {
        let runs = [tool_looks(places, &dir, &ours), diesel_looks(diesel, &dir, &ours)];
        let [status, list] = in_turn(ROUNDS, runs)?;
        lines.push(Line::ratio("`status`, against `diesel migration list`", status, list, 1.0));
    }
    Ok(lines)
}

/// What applying took: of ours, and of SQLite's shell.
struct Applied {
    ours: Sample,
    shell: Sample,
}

impl Applied {
    fn line(&self, what: &str) -> Line {
        Line::ratio(what, self.ours, self.shell, 1.3)
    }
}

fn applied(places: &Places, work: &Path, kinds: Kinds) -> Result<Applied> {
    let dir = work.join("migrations");
    migrations::write_kinds(&dir, MANY, kinds)?;
    let script = work.join("all.sql");
    fs::write(&script, migrations::one_script(&dir)?)?;
    let (ours, theirs) = (work.join("ours.db"), work.join("shell.db"));
    let [shell, ours] =
        in_turn(ROUNDS, [shell_applies(&script, &theirs), tool_applies(places, &dir, &ours)])?;
    Ok(Applied { ours, shell })
}

/// A database that is not there yet, with all that SQLite may have left beside it.
fn absent(database: &Path) -> Result<()> {
    for ending in ["", "-journal", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(ending);
        let path = PathBuf::from(path);
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn shell_applies<'r>(script: &'r Path, database: &'r Path) -> Run<'r> {
    Box::new(move || {
        absent(database)?;
        process(Command::new("sqlite3").arg("-bail").arg(database).stdin(File::open(script)?))
    })
}

fn shell_reads(database: &Path) -> Run<'_> {
    const READ: &str = "SELECT version, run_on FROM __diesel_schema_migrations ORDER BY version";
    Box::new(move || process(Command::new("sqlite3").arg(database).arg(READ)))
}

fn tool(places: &Places, dir: &Path, database: &Path) -> Command {
    let mut tool = Command::new(&places.tool);
    tool.arg("--dir").arg(dir).arg("--database-url").arg(database);
    tool
}

fn tool_applies<'r>(places: &'r Places, dir: &'r Path, database: &'r Path) -> Run<'r> {
    Box::new(move || {
        absent(database)?;
        process(tool(places, dir, database).arg("run"))
    })
}

fn tool_looks<'r>(places: &'r Places, dir: &'r Path, database: &'r Path) -> Run<'r> {
    Box::new(move || process(tool(places, dir, database).arg("status")))
}

fn diesel_looks<'r>(diesel: &'r Path, dir: &'r Path, database: &'r Path) -> Run<'r> {
    Box::new(move || {
        let mut command = Command::new(diesel);
        command.args(["migration", "list", "--migration-dir"]).arg(dir);
        process(command.arg("--database-url").arg(database))
    })
}
