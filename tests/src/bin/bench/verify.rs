//! How fast files are read and verified, against `cat` of the same files.

use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_build::layout::Directory;
use migrate_build::{Cache, Dialect, Levels, Server, verify_directory};

use crate::measure::{Result, Run, Sample, call, in_turn, process};
use crate::table::Line;
use crate::{MANY, Places, migrations};

const ROUNDS: usize = 15;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let dir = places.work.join("verify");
    migrations::write(&dir, MANY)?;
    let many = migrations::files(&dir)?;
    let ten_dir = places.work.join("verify-10");
    migrations::write(&ten_dir, 10 * MANY)?;
    let ten = migrations::files(&ten_dir)?;
    let [cat_one, library, tool] =
        in_turn(ROUNDS, [cat(&many), in_process(&dir, MANY), check(&places.tool, &dir)])?;
    let [_, library_ten, tool_ten] =
        in_turn(7, [cat(&ten), in_process(&ten_dir, 10 * MANY), check(&places.tool, &ten_dir)])?;
    std::fs::remove_dir_all(&ten_dir)?;
    Ok(vec![
        Line::ratio("verify 1,000 migrations, library call, against `cat`", library, cat_one, 3.0),
        Line::ratio("`cargo-migrate check` of them, against `cat`", tool, cat_one, 3.0),
        Line::ratio("10,000 migrations against 1,000, library call", library_ten, library, 12.0),
        Line::ratio("10,000 migrations against 1,000, `check`", tool_ten, tool, 12.0),
    ])
}

/// One `cat` process for all files.
pub(crate) fn cat(files: &[PathBuf]) -> Run<'_> {
    Box::new(move || process(Command::new("cat").args(files)))
}

fn in_process(dir: &Path, count: usize) -> Run<'_> {
    Box::new(move || -> Result<Sample> {
        call(|| {
            let directory = Directory::load(dir, dir)?;
            let levels = Levels::default();
            let report = verify_directory(
                directory,
                Server::any(Dialect::Sqlite),
                &levels,
                &mut Cache::default(),
            )?;
            if report.migrations.len() != count || !report.findings.is_empty() {
                return Err(format!("{:#?}", report.findings.first()).into());
            }
            Ok(())
        })
    })
}

fn check<'r>(tool: &'r Path, dir: &'r Path) -> Run<'r> {
    Box::new(move || {
        process(Command::new(tool).args(["check", "--dialect", "sqlite", "--dir"]).arg(dir))
    })
}
