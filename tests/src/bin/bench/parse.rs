//! How fast each dialect's parser reads files, against `cat` of the same files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use migrate_build::sql;
use migrate_build::{Dialect, Source};
use walkdir::WalkDir;

use crate::measure::{Result, Run, call, in_turn};
use crate::table::Line;
use crate::verify::cat;
use crate::{MANY, Places};

const ROUNDS: usize = 15;

/// How often a file holds all the scripts, to see whether a file ten times as long takes ten times
/// as long.
const LONG: usize = 20;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for dialect in Dialect::ALL {
        let dir = places.work.join("parse").join(dialect.name());
        lines.extend(measure_dialect(places, dialect, &dir)?);
    }
    Ok(lines)
}

fn measure_dialect(places: &Places, dialect: Dialect, dir: &Path) -> Result<[Line; 2]> {
    let scripts = scripts(&places.root.join("tests/fixtures/seeds"), dialect)?;
    fs::create_dir_all(dir)?;
    let many = write(dir, scripts.iter().cycle().take(2 * MANY).cloned())?;
    let [parse_many, cat_many] = in_turn(ROUNDS, [parse(dialect, &many), cat(&many)])?;
    fs::remove_dir_all(dir)?;
    fs::create_dir_all(dir)?;
    let long = scripts.concat().repeat(LONG);
    let files = write(dir, [long.clone(), long.repeat(10)].into_iter())?;
    let [one, ten] = in_turn(7, [parse(dialect, &files[..1]), parse(dialect, &files[1..])])?;
    fs::remove_dir_all(dir)?;
    let title = dialect.title();
    let against_cat = format!("{title}: read and parse 2,000 files, against `cat`");
    let linear = format!("{title}: parse a file of {} KB against one of a tenth", long.len() / 100);
    Ok([Line::ratio(&against_cat, parse_many, cat_many, 3.0), Line::ratio(&linear, ten, one, 12.0)])
}

/// The seeds' scripts, each with an end.
fn scripts(seeds: &Path, dialect: Dialect) -> Result<Vec<String>> {
    let mut scripts = Vec::new();
    for entry in WalkDir::new(seeds).sort_by_file_name() {
        let entry = entry?;
        let path = entry.path();
        let is_in = |name: &str| path.components().any(|part| part.as_os_str() == name);
        if is_in(dialect.name())
            && is_in("migrations")
            && path.extension().is_some_and(|extension| extension == "sql")
        {
            scripts.push(fs::read_to_string(path)? + "\n;\n");
        }
    }
    if scripts.is_empty() { Err(format!("no scripts for {dialect}").into()) } else { Ok(scripts) }
}

fn write(dir: &Path, texts: impl Iterator<Item = String>) -> Result<Vec<PathBuf>> {
    let write = |(at, text): (usize, String)| {
        let path = dir.join(format!("{at:04}.sql"));
        fs::write(&path, text)?;
        Ok(path)
    };
    texts.enumerate().map(write).collect()
}

fn parse(dialect: Dialect, files: &[PathBuf]) -> Run<'_> {
    Box::new(move || {
        call(|| {
            let parser = sql::parser(dialect)?;
            for path in files {
                let source = Arc::new(Source::new(path, fs::read_to_string(path)?));
                let mut findings = Vec::new();
                let parsed = parser.parse(&source, None, &mut findings);
                if parsed.count != parsed.statements.len() || !findings.is_empty() {
                    return Err(format!("{:#?}", findings.first()).into());
                }
            }
            Ok(())
        })
    })
}
