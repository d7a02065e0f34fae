//! Compares verdicts with the database itself, on directories of migrations.
//!
//! ```text
//! cargo run -p migrate-tests --bin corpus -- DIR… --dialect sqlite
//! cargo run -p migrate-tests --bin corpus -- DIR… --dialect sqlite --mutate
//! ```
//!
//! Fails when a verdict is wrong, or when the verifier refuses an `up.sql` that the database takes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use migrate_build::Dialect;
use migrate_tests::corpus::{
    Engine, Line, MariadbEngine, Outcome, PostgresEngine, SqliteEngine, TITLES, Tally, compare,
    load, mistakes,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Compares verdicts with the database itself.
#[derive(clap::Parser)]
struct Arguments {
    /// Directories of migrations.
    #[arg(required = true)]
    dirs: Vec<PathBuf>,
    /// Whose SQL they are.
    #[arg(long)]
    dialect: Dialect,
    /// Do not tell the verifier which server it is, as where no `server-version` is configured.
    #[arg(long)]
    any_version: bool,
    /// Print only the table, and what is wrong.
    #[arg(long)]
    table: bool,
    /// Make one mistake at a time in each `down.sql` that is proved, and say which are not caught.
    #[arg(long)]
    mutate: bool,
    /// No more mistakes than so many in each `down.sql`.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    count: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.mutate { mutate(&arguments) } else { judge(&arguments) };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn engine(arguments: &Arguments) -> Box<dyn Engine> {
    match arguments.dialect {
        Dialect::Sqlite => Box::new(SqliteEngine::new()),
        Dialect::Postgres => Box::new(PostgresEngine::new()),
        Dialect::Mysql if arguments.any_version => Box::new(MariadbEngine::new().of_any_version()),
        Dialect::Mysql => Box::new(MariadbEngine::new()),
    }
}

/// Whether nothing is wrong.
fn judge(arguments: &Arguments) -> Result<bool> {
    let mut engine = engine(arguments);
    let (mut rows, mut is_right) = (Vec::new(), true);
    for dir in &arguments.dirs {
        let mut tally = Tally::default();
        for line in compare(&load(dir)?, engine.as_mut()) {
            is_right &= !line.outcome.is_wrong();
            if !arguments.table || line.outcome.is_wrong() {
                print(&line);
            }
            tally.add(&line);
        }
        for (why, count) in &tally.unknown {
            say(&format!("unknown, {count} times: {why}"));
        }
        rows.push(format!("| {} | {tally} |", name(dir)));
    }
    say(&format!("| corpus | {} |", TITLES.join(" | ")));
    say(&format!("|---|{}", "---|".repeat(TITLES.len())));
    rows.iter().for_each(|row| say(row));
    Ok(is_right)
}

fn print(line: &Line) {
    let said = match &line.outcome {
        Outcome::Proved => "proved".to_owned(),
        Outcome::Refuted(why) => format!("refuted: {why}"),
        Outcome::Unknown(why) => format!("unknown: {why}"),
        Outcome::Apart(why) => format!("not compared: {why}"),
        Outcome::WronglyProved(why) => format!("WRONGLY PROVED: {why}"),
        Outcome::WronglyRefuted(why) => format!("WRONGLY REFUTED: {why}"),
        Outcome::UpRefusedByUs(why) => format!("WRONGLY REFUSED: {why}"),
        Outcome::UpRefusedByEngine(why) => format!("refused by the engine alone: {why}"),
        Outcome::UpRefused(why) => format!("refused by both: {why}"),
    };
    say(&format!("{}: {said}", line.name));
}

/// Whether all mistakes are caught, and nothing else.
fn mutate(arguments: &Arguments) -> Result<bool> {
    let mut engine = engine(arguments);
    let (mut rows, mut is_right) = (Vec::new(), true);
    for dir in &arguments.dirs {
        let came = mistakes(&load(dir)?, arguments.count, engine.as_mut());
        for (what, survivors) in [("proved", &came.survivors), ("refuted", &came.wrongly_refuted)] {
            is_right &= survivors.is_empty();
            for survivor in survivors {
                let down = survivor.down.trim();
                say(&format!("{}, wrongly {what}: {}\n{down}\n", survivor.name, survivor.why));
            }
        }
        let caught = came.refuted + came.unknown;
        rows.push(format!(
            "| {} | {} | {caught} | {} | {} | {} | {} |",
            name(dir),
            came.total,
            came.unknown,
            came.survivors.len(),
            came.harmless,
            came.wrongly_refuted.len(),
        ));
    }
    say("| corpus | mistakes | caught | of them unknown | survived | harmless | of them refuted |");
    say("|---|---|---|---|---|---|---|");
    rows.iter().for_each(|row| say(row));
    Ok(is_right)
}

/// The last parts of a path, as many as tell directories of migrations apart.
fn name(dir: &Path) -> String {
    let parts: Vec<String> = dir.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts[parts.len().saturating_sub(3)..].join("/")
}

/// A reader that has gone away is no reason to stop differently.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
