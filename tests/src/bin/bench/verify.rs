//! How fast files are read and verified, against `cat` of the same files.

use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_build::layout::Directory;
use migrate_build::{Cache, Dialect, Levels, Server, verify_directory};

use crate::measure::{Result, Run, Sample, call, in_turn, process};
use crate::memory::peak;
use crate::migrations::{self, Kinds};
use crate::table::Line;
use crate::{MANY, Places};

const ROUNDS: usize = 15;

/// What the migrations of a dialect are made of, and how many times as long as `cat` may take.
const DIALECTS: [(Dialect, Kinds, f64); 3] = [
    (Dialect::Sqlite, Kinds::All, 6.0),
    (Dialect::Postgres, Kinds::Postgres, 6.0),
    (Dialect::Mysql, Kinds::Mysql, 6.0),
];

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (dialect, kinds, limit) in DIALECTS {
        lines.extend(of_dialect(places, dialect, kinds, limit)?);
    }
    Ok(lines)
}

fn of_dialect(places: &Places, dialect: Dialect, kinds: Kinds, limit: f64) -> Result<Vec<Line>> {
    let [dir, ten_dir] = ["verify", "verify-10"].map(|name| places.work.join(name));
    migrations::write_kinds(&dir, MANY, kinds)?;
    let many = migrations::files(&dir)?;
    migrations::write_kinds(&ten_dir, 10 * MANY, kinds)?;
    let ten = migrations::files(&ten_dir)?;
    let tool = |dir| Box::new(move || process(&mut check(places, dialect, dir)));
    let [cat_one, library, tool_one] =
        in_turn(ROUNDS, [cat(&many), in_process(&dir, dialect, MANY), tool(&dir)])?;
    let [_, library_ten, tool_ten] =
        in_turn(7, [cat(&ten), in_process(&ten_dir, dialect, 10 * MANY), tool(&ten_dir)])?;
    let memory = peak(&mut check(places, dialect, &dir))?;
    let bytes: u64 = many.iter().map(|file| Ok(file.metadata()?.len())).sum::<Result<u64>>()?;
    std::fs::remove_dir_all(&ten_dir)?;
    let name = dialect.title();
    let what = |what: &str| format!("{name}: {what}");
    Ok(vec![
        Line::ratio(
            &what("verify 1,000 migrations, library call, against `cat`"),
            library,
            cat_one,
            limit,
        ),
        Line::ratio(
            &what("`cargo-migrate check` of them, against `cat`"),
            tool_one,
            cat_one,
            limit,
        ),
        Line::ratio(
            &what("10,000 migrations against 1,000, library call"),
            library_ten,
            library,
            12.0,
        ),
        Line::ratio(&what("10,000 migrations against 1,000, `check`"), tool_ten, tool_one, 12.0),
        Line::seen(&what("peak memory of `check` of 1,000, beside the SQL"), memory, bytes),
    ])
}

/// One `cat` process for all files.
pub(crate) fn cat(files: &[PathBuf]) -> Run<'_> {
    Box::new(move || process(Command::new("cat").args(files)))
}

fn in_process(dir: &Path, dialect: Dialect, count: usize) -> Run<'_> {
    Box::new(move || -> Result<Sample> {
        call(|| {
            let directory = Directory::load(dir, dir)?;
            let levels = Levels::default();
            let report =
                verify_directory(directory, server(dialect)?, &levels, &mut Cache::default())?;
            if report.migrations.len() != count || report.tally().proved != count {
                return Err(format!("{:#?}", report.findings.first()).into());
            }
            Ok(())
        })
    })
}

fn check(places: &Places, dialect: Dialect, dir: &Path) -> Command {
    let mut command = Command::new(&places.tool);
    command.args(["check", "--dialect", dialect.name(), "--dir"]).arg(dir);
    if let Some(version) = version(dialect) {
        command.args(["--server-version", version]);
    }
    command
}

/// Whose SQL it is: MySQL and MariaDB do not make foreign keys of the same words.
fn server(dialect: Dialect) -> Result<Server> {
    let version = version(dialect).and_then(|version| version.parse().ok());
    Ok(Server::new(dialect, version)?)
}

fn version(dialect: Dialect) -> Option<&'static str> {
    (dialect == Dialect::Mysql).then_some("mariadb-10.11")
}
