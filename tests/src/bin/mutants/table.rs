//! A line for each collection of statements.

use std::path::{Path, PathBuf};

use migrate_build::Dialect;
use migrate_build::sql;
use migrate_tests::mutants::{Judge, own_seeds, statements_of};

use crate::{Result, as_written, say, with_mistakes};

const HEAD: &str = "\
| statements of | no syntax errors | refused by us | mistakes that are syntax errors | let through by us | share |
|---|---|---|---|---|---|";

/// Prints the table as it is counted.
pub(crate) fn print(
    dialect: Dialect,
    seed_dirs: &[PathBuf],
    count: usize,
    judge: &mut dyn Judge,
) -> Result<()> {
    let parser = sql::parser(dialect)?;
    say(HEAD);
    line(dialect, "this repository", own_seeds(dialect, parser), count, judge)?;
    for dir in seed_dirs {
        let seeds = statements_of(std::slice::from_ref(dir), parser);
        line(dialect, &name(dir), seeds, count, judge)?;
    }
    Ok(())
}

fn name(dir: &Path) -> String {
    dir.file_name().unwrap_or(dir.as_os_str()).to_string_lossy().into_owned()
}

fn line(
    dialect: Dialect,
    name: &str,
    seeds: Vec<String>,
    count: usize,
    judge: &mut dyn Judge,
) -> Result<()> {
    let parser = sql::parser(dialect)?;
    let right = as_written(&seeds, parser, judge);
    let (_, broken) = with_mistakes(seeds, count, parser, judge);
    let let_through = broken.let_through.len();
    let share = 100.0 * let_through as f64 / broken.syntax.max(1) as f64;
    say(&format!(
        "| {}, {name} | {} | {} | {} | {let_through} | {share:.3} % |",
        dialect.title(),
        right.valid + right.other,
        right.wrongly_refused.len() + right.other_refused,
        broken.syntax,
    ));
    Ok(())
}
