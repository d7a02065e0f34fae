//! Compares a parser of ours with the database itself, on statements with one mistake each.
//!
//! ```text
//! cargo run -p migrate-tests --bin mutants -- --dialect postgres --count 20000 --show
//! ```
//!
//! - `--dialect NAME`: which parser; PostgreSQL and MariaDB are started for the purpose.
//! - `--seed-dir DIR`, any number of times: right statements of one's own, instead of ours.
//! - `--count N`: about so many mutants, as many of each statement; all of them without it.
//! - `--as-they-are`: the statements themselves are compared, and no mistake is made.
//! - `--show`: every disagreement.
//! - `--table`: one line for the statements of ours and one for each `DIR`: right statements that
//!   are refused, and mistakes that are let through.

mod table;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use migrate_build::Dialect;
use migrate_build::sql::{self, Parser};
use migrate_tests::mutants::{
    Judge, MariaDbJudge, PostgresJudge, SqliteJudge, Tally, Verdict, mutants, own_seeds, sample,
    statements_of,
};
use migrate_tests::server::{Mariadb, Postgres};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Arguments {
    dialect: Dialect,
    seed_dirs: Vec<PathBuf>,
    count: usize,
    as_they_are: bool,
    show: bool,
    table: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments> {
    let mut arguments = std::env::args().skip(1);
    let (mut dialect, mut seed_dirs, mut count) = (None, Vec::new(), usize::MAX);
    let (mut as_they_are, mut show, mut table) = (false, false, false);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{name}` needs a value"));
        match name.as_str() {
            "--dialect" => dialect = Some(value()?.parse::<Dialect>()?),
            "--seed-dir" => seed_dirs.push(PathBuf::from(value()?)),
            "--count" => count = value()?.parse()?,
            "--as-they-are" => as_they_are = true,
            "--show" => show = true,
            "--table" => table = true,
            _ => return Err(format!("there is no option `{name}`").into()),
        }
    }
    let dialect = dialect.ok_or("which `--dialect`?")?;
    Ok(Arguments { dialect, seed_dirs, count, as_they_are, show, table })
}

fn judge(dialect: Dialect) -> Result<Box<dyn Judge>> {
    Ok(match dialect {
        Dialect::Sqlite => Box::new(SqliteJudge::new("")),
        Dialect::Postgres => Box::new(PostgresJudge::new(Postgres::shared())),
        Dialect::Mysql => Box::new(MariaDbJudge::new(Mariadb::shared())),
    })
}

fn run() -> Result<()> {
    let arguments = arguments()?;
    let Arguments { dialect, count, as_they_are, show, .. } = arguments;
    let parser = sql::parser(dialect)?;
    let mut judge = judge(dialect)?;
    if arguments.table {
        return table::print(dialect, &arguments.seed_dirs, count, judge.as_mut());
    }
    let seeds = if arguments.seed_dirs.is_empty() {
        own_seeds(dialect, parser)
    } else {
        statements_of(&arguments.seed_dirs, parser)
    };
    let tally = if as_they_are {
        say(&format!("{}, {} statements", dialect.title(), seeds.len()));
        as_written(&seeds, parser, judge.as_mut())
    } else {
        let (right, tally) = with_mistakes(seeds, count, parser, judge.as_mut());
        say(&format!("{}, mistakes in {right} right statements", dialect.title()));
        tally
    };
    say(&tally.to_string());
    if show {
        list("let through", &tally.let_through);
        list("refused", &tally.wrongly_refused);
        list("said more than once", &tally.cascades);
    }
    Ok(())
}

/// What is said of statements.
fn as_written(seeds: &[String], parser: &dyn Parser, judge: &mut dyn Judge) -> Tally {
    let mut tally = Tally::default();
    seeds.iter().for_each(|seed| tally.judge(judge, parser, seed));
    tally
}

/// What is said of about so many mistakes in statements; and how many of these the database reads,
/// because the others are left out.
fn with_mistakes(
    mut seeds: Vec<String>,
    count: usize,
    parser: &dyn Parser,
    judge: &mut dyn Judge,
) -> (usize, Tally) {
    seeds.retain(|seed| !matches!(judge.judge(seed), Verdict::Syntax { .. }));
    let of_each = count.div_ceil(seeds.len().max(1));
    let mut tally = Tally::default();
    for mutant in seeds.iter().flat_map(|seed| sample(mutants(parser, seed), of_each)) {
        tally.judge(judge, parser, &mutant);
    }
    (seeds.len(), tally)
}

fn list(title: &str, cases: &[String]) {
    for case in cases {
        say(&format!("{title}: {case}"));
    }
}

/// A reader that has gone away is no reason to stop differently.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
