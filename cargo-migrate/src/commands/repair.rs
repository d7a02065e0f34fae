//! `cargo migrate repair`

use migrate_runtime::{Note, Repair as Choice, State, Status};
use serde_json::json;

use super::{Work, failure};
use crate::cli::{Options, Repair};
use crate::database;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::set::with_set;

pub(super) fn run(
    options: &Options,
    args: &Repair,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let Some((choice, event)) = chosen(args) else { return look(options, reporter) };
    let work = Work::prepare(options, reporter, args.lock_timeout)?;
    work.confirm("the ledger is rewritten", &args.consent, reporter)?;
    let mut connection = work.open_or_empty()?;
    let settled = work.repair(&mut connection, choice)?;
    for migration in &settled {
        reporter.progress("Settled", &format!("{}: {}", migration.name, done(event)));
        reporter.object(&json!({
            "reason": "ledger", "event": event,
            "version": migration.version, "name": migration.name,
        }));
    }
    reporter.summarise("settled", settled.len());
    reporter.result(&match settled.len() {
        0 => "nothing to settle: it is so already".to_owned(),
        1 => format!("1 migration {}", done(event)),
        n => format!("{n} migrations {}", done(event)),
    });
    Ok(Exit::Success)
}

/// What is to be settled, and the word for it.
fn chosen(args: &Repair) -> Option<(Choice<'_>, &'static str)> {
    let Repair { mark_applied, mark_reverted, accept_checksums, drop_missing, .. } = args;
    if let Some(version) = mark_applied {
        return Some((Choice::Applied(version), "applied"));
    }
    if let Some(version) = mark_reverted {
        return Some((Choice::Reverted(version), "reverted"));
    }
    if let Some(version) = accept_checksums {
        return Some((Choice::Checksums(version.as_deref()), "accepted"));
    }
    let version = drop_missing.as_ref()?;
    Some((Choice::Missing(version.as_deref()), "dropped"))
}

fn done(event: &str) -> &'static str {
    match event {
        "applied" => "marked as applied",
        "reverted" => "marked as not applied",
        "accepted" => "taken as the files have it",
        _ => "forgotten",
    }
}

/// Says what there is to settle. Reads only.
fn look(options: &Options, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::resolve(options, &environment)?;
    let address = database::resolve(options, &environment, &project)?;
    let report = project.verify()?;
    let history = address.open_or_empty()?.history().map_err(|error| failure(error, &*address))?;
    let count = with_set(&report, |migrations| {
        let rows = history.status(migrations);
        let unsettled = rows.iter().filter_map(|row| Some((row, trouble(row)?)));
        let unsettled: Vec<_> = unsettled.collect();
        for (row, (state, what)) in &unsettled {
            reporter.result(&format!("{}: {what}", row.migration.name));
            reporter.object(&json!({
                "reason": "ledger", "event": "unsettled", "state": state,
                "version": row.migration.version, "name": row.migration.name,
            }));
        }
        Ok(unsettled.len())
    })?;
    reporter.summarise("unsettled", count);
    if count == 0 {
        reporter.result("nothing to settle");
        return Ok(Exit::Success);
    }
    Ok(Exit::Failure)
}

/// What is wrong with a migration, and what settles it.
fn trouble(row: &Status<'_>) -> Option<(&'static str, String)> {
    let version = &row.migration.version;
    match row.state {
        State::Unfinished => Some((
            "unfinished",
            format!(
                "unfinished: it stopped half way; `cargo migrate run --resume` goes on, or once you \
                 have looked, `--mark-applied {version}` or `--mark-reverted {version}`"
            ),
        )),
        State::Modified => Some((
            "modified",
            format!(
                "modified: `up.sql` was edited since it was applied; put its text back, or \
                 `--accept-checksums {version}`"
            ),
        )),
        State::Missing => Some((
            "missing",
            format!(
                "missing: applied, and its files are gone; put them back, revert it, or \
                 `--drop-missing {version}`"
            ),
        )),
        State::Applied | State::Baselined if row.notes.contains(&Note::DownEdited) => Some((
            "down-edited",
            format!(
                "`down.sql` was edited since it was applied; `--accept-checksums {version}` has the \
                 ledger keep the new one"
            ),
        )),
        _ => None,
    }
}
