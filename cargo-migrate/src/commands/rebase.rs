//! `cargo migrate rebase`

use std::fs;

use migrate_build::Report;
use serde_json::json;

use super::check::show_findings;
use crate::cli::{Options, Rebase};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lock_file;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::scaffold::Successor;

/// A migration and its new name.
struct Move {
    from: String,
    to: String,
}

pub(super) fn run(
    options: &Options,
    args: &Rebase,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let alone = lock_file::alone(&project)?;
    let report = project.verify()?;
    if report.lock.is_there() && !report.lock.is_readable() {
        show_findings(&report, reporter);
        return Err(Failure::new("nothing was moved: the lock file cannot be read"));
    }
    let moves = plan(&report)?;
    if !args.dry_run {
        carry_out(&project, &moves)?;
    }
    drop(alone);
    for Move { from, to } in &moves {
        let word = if args.dry_run { "would move" } else { "moved" };
        reporter.result(&format!("{word}  {from}\n{:>1$}  {to}", "to", word.len()));
        reporter.object(&json!({
            "reason": "moved", "from": from, "to": to, "dry_run": args.dry_run,
        }));
    }
    reporter.summarise("moved", if args.dry_run { 0 } else { moves.len() });
    if moves.is_empty() {
        reporter.result(match report.lock.newest() {
            Some(_) => "nothing to move: every new migration is behind the sealed ones",
            None => "nothing to move: nothing is sealed",
        });
        return Ok(Exit::Success);
    }
    if args.dry_run {
        reporter.result(&format!("{} would be moved; nothing was changed", moves.len()));
        return Ok(Exit::Success);
    }
    reporter.note(
        "a database that has one of them already knows it by its old version: revert it there with \
         the files as they were, before it runs anew",
    );
    let report = project.verify()?;
    show_findings(&report, reporter);
    let (errors, warnings) = report.errors_and_warnings();
    reporter.summarise("errors", errors);
    reporter.summarise("warnings", warnings);
    if report.fails() {
        return Err(Failure::new("they are moved, and do not fit there yet"));
    }
    reporter.result(&format!("{} moved; all is sound in the new order", moves.len()));
    Ok(Exit::Success)
}

/// What sorts before the newest sealed one and is not sealed goes behind all others, in its order.
fn plan(report: &Report) -> Result<Vec<Move>, Failure> {
    let Some(newest) = report.lock.newest() else { return Ok(Vec::new()) };
    let versions = report.migrations.iter().map(|migration| &migration.version);
    let versions = versions.chain(report.lock.sealed.iter().map(|sealed| &sealed.version));
    let mut successor = Successor::of(versions.map(|version| version.as_str().to_owned()));
    let late = report.migrations.iter().filter(|migration| {
        migration.version < newest.version && report.lock.get(&migration.version).is_none()
    });
    late.map(|migration| {
        let from = migration.name.clone();
        let version = successor.next().map_err(|error| {
            Failure::new(format!("nothing was moved: {}", error.message()))
                .help("rename the directories yourself, so that they sort behind all others")
        })?;
        let to = match from.split_once('_') {
            Some((_, name)) => format!("{version}_{name}"),
            None => version,
        };
        Ok(Move { from, to })
    })
    .collect()
}

/// All of them or none.
fn carry_out(project: &Project, moves: &[Move]) -> Result<(), Failure> {
    for (done, Move { from, to }) in moves.iter().enumerate() {
        let (old, new) = (project.dir.join(from), project.dir.join(to));
        let result = match fs::symlink_metadata(&new) {
            Ok(_) => Err(std::io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&old, &new),
        };
        if let Err(error) = result {
            for Move { from, to } in &moves[..done] {
                // The error that brought us here is the one to tell.
                let _ = fs::rename(project.dir.join(to), project.dir.join(from));
            }
            let (from, to) = (project.shown.join(from), project.shown.join(to));
            return Err(Failure::new(format!(
                "nothing was moved: cannot rename `{}` to `{}`: {error}",
                from.display(),
                to.display()
            )));
        }
    }
    Ok(())
}
