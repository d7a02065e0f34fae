//! `cargo migrate check`

use migrate_build::{Losses, Report};
use serde_json::json;

use super::since::Since;
use crate::cli::{Check, Options};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Check,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let mut project = Project::resolve(options, &Environment::default())?;
    if args.locked {
        project.levels.set("unsealed", "deny").map_err(Failure::usage)?;
    }
    let mut report = project.verify_all()?;
    let older = match &args.since {
        Some(revision) => Since::of(&project.dir, revision)?.drop_older(&mut report),
        None => 0,
    };
    show_findings(&report, reporter);
    if args.all {
        report.history.iter().for_each(|finding| reporter.finding(finding));
    }
    for migration in &report.migrations {
        let losses = migration.losses.clone().unwrap_or_default();
        show_losses(&migration.name, &losses, reporter);
        reporter.object(&json!({
            "reason": "migration",
            "version": migration.version.as_str(),
            "name": migration.name,
            "state": null,
            "verdict": migration.verdict.word(),
            "why": migration.verdict.why(),
            "loses": {"up": losses.up, "down": losses.down},
            "sealed": report.lock.get(&migration.version).is_some(),
        }));
    }
    let (errors, warnings) = report.errors_and_warnings();
    reporter.summarise("migrations", report.migrations.len());
    reporter.summarise("errors", errors);
    reporter.summarise("warnings", warnings);
    reporter.summarise("sealed", report.lock.sealed.len());
    reporter.summarise("findings_in_sealed", report.history.len());
    reporter.result(&summary(&report));
    if let Some(line) = history(&report, args.all) {
        reporter.result(&line);
    }
    if let Some(revision) = &args.since {
        reporter.summarise("findings_before", older);
        if let Some(older) = count(older, "finding") {
            reporter.result(&format!("{older} in what is as old as `{revision}`: not looked at"));
        }
    }
    if let Some(line) = data(&report) {
        reporter.result(&line);
    }
    Ok(if report.fails() { Exit::Failure } else { Exit::Success })
}

/// Prints the findings of a report.
pub(super) fn show_findings(report: &Report, reporter: &Reporter) {
    for finding in &report.findings {
        reporter.finding(finding);
    }
}

/// Prints what data a migration loses, where that is asked for.
fn show_losses(name: &str, losses: &Losses, reporter: &Reporter) {
    for (script, lost) in [("up.sql", &losses.up), ("down.sql", &losses.down)] {
        for lost in lost {
            reporter.detail(&format!("{name}/{script} loses {lost}"));
        }
    }
}

/// How much is found where it fails nothing any more.
fn history(report: &Report, is_shown: bool) -> Option<String> {
    let found = count(report.history.len(), "finding")?;
    let rest = if is_shown { "they fail nothing" } else { "`check --all` shows them" };
    Some(format!("{found} in sealed migrations: {rest}"))
}

/// How many scripts lose data where nobody expects it: on the way up.
fn data(report: &Report) -> Option<String> {
    let losses = report.migrations.iter().filter_map(|migration| migration.losses.as_ref());
    match losses.filter(|losses| !losses.up.is_empty()).count() {
        0 => None,
        1 => Some("1 `up.sql` loses rows or values (`-v` says which)".to_owned()),
        count => Some(format!("{count} `up.sql` lose rows or values (`-v` says which)")),
    }
}

/// What was looked at, what was found, and what is known of the ways back.
fn summary(report: &Report) -> String {
    let (errors, warnings) = report.errors_and_warnings();
    let found = [count(errors, "error"), count(warnings, "warning")].into_iter().flatten();
    let found: Vec<String> = found.collect();
    let total = report.migrations.len();
    let migrations = if total == 1 { "migration" } else { "migrations" };
    let found = if found.is_empty() {
        let of = if report.history.is_empty() { "" } else { " of what is not sealed" };
        format!("layout, order and {} syntax{of} are sound", report.server)
    } else {
        found.join(", ")
    };
    let ways_back = match report.tally().to_string() {
        none if none.is_empty() => none,
        tally => format!("; {tally}"),
    };
    format!("{total} {migrations} checked: {found}{ways_back}")
}

fn count(n: usize, what: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{n} {what}s")),
    }
}
