//! Measures what the project promises to be fast at, against a yardstick in the same run.
//!
//! `sh tests/bench.sh` builds what is measured and calls this; BENCHMARKS.md tells what the figures
//! mean. Arguments name the parts to measure: `verify`, `parse`, `build-script`, `database`,
//! `postgres`, `memory`, `embedding`, `tools`; none means all.

mod build_script;
mod database;
mod embedding;
mod generated;
mod measure;
mod memory;
mod migrations;
mod parse;
mod postgres;
mod table;
mod tools;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use measure::Result;
use table::{HEAD, Line};

/// How many migrations "many" are.
const MANY: usize = 1000;

/// Where everything is.
struct Places {
    /// The checkout.
    root: PathBuf,
    /// `target/release/cargo-migrate`.
    tool: PathBuf,
    /// A directory of our own.
    work: PathBuf,
    /// Diesel's command line, if there is one.
    diesel: Option<PathBuf>,
    /// Where Knex and Sequelize are installed, if they are.
    node: Option<PathBuf>,
}

type Part = fn(&Places) -> Result<Vec<Line>>;

const PARTS: [(&str, Part); 8] = [
    ("verify", verify::measure),
    ("parse", parse::measure),
    ("build-script", build_script::measure),
    ("database", database::measure),
    ("postgres", postgres::measure),
    ("memory", memory::measure),
    ("embedding", embedding::measure),
    ("tools", tools::measure),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &[String]) -> Result<()> {
    if let Some(unknown) = wanted.iter().find(|w| PARTS.iter().all(|(name, _)| w != name)) {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no part `{unknown}`: {}", names.join(", ")).into());
    }
    let places = places()?;
    say(HEAD);
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            for line in measure(&places)? {
                say(&line.to_string());
            }
        }
    }
    Ok(())
}

/// A reader that has gone away is no reason to stop differently.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn places() -> Result<Places> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?.to_owned();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let tool = target.join("release/cargo-migrate");
    if !tool.is_file() {
        return Err(format!("`{}` is missing: start `sh tests/bench.sh`", tool.display()).into());
    }
    let work = target.join("bench");
    std::fs::create_dir_all(&work)?;
    let diesel = target.join("bench-tools/bin/diesel");
    let node = target.join("bench-tools/node");
    Ok(Places {
        root,
        tool,
        work,
        diesel: diesel.is_file().then_some(diesel),
        node: node.join("node_modules").is_dir().then_some(node),
    })
}
