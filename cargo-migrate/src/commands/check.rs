//! `cargo migrate check`

use migrate_build::{Down, Report};
use serde_json::json;

use crate::cli::Options;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;

pub(super) fn run(options: &Options, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let report = project.verify()?;
    show_findings(&report, reporter);
    for migration in &report.migrations {
        let irreversible = match &migration.down {
            Down::Irreversible(reason) => Some(reason),
            _ => None,
        };
        reporter.object(&json!({
            "reason": "migration",
            "version": migration.version.as_str(),
            "name": migration.name,
            "state": null,
            "verdict": irreversible.map(|_| "irreversible"),
            "why": irreversible,
        }));
    }
    let (errors, warnings) = report.errors_and_warnings();
    reporter.summarise("migrations", report.migrations.len());
    reporter.summarise("errors", errors);
    reporter.summarise("warnings", warnings);
    reporter.result(&summary(&report));
    Ok(if report.fails() { Exit::Failure } else { Exit::Success })
}

/// Prints the findings of a report.
pub(super) fn show_findings(report: &Report, reporter: &Reporter) {
    for finding in &report.findings {
        reporter.finding(finding);
    }
}

/// What was looked at and what was found. It claims no more than was done: ordered and parsed.
fn summary(report: &Report) -> String {
    let (errors, warnings) = report.errors_and_warnings();
    let found = [count(errors, "error"), count(warnings, "warning")].into_iter().flatten();
    let found: Vec<String> = found.collect();
    let total = report.migrations.len();
    let migrations = if total == 1 { "migration" } else { "migrations" };
    if !found.is_empty() {
        return format!("{total} {migrations} checked: {}", found.join(", "));
    }
    let ways = |down: fn(&Down) -> bool| report.migrations.iter().filter(|m| down(&m.down)).count();
    let irreversible = ways(|down| matches!(down, Down::Irreversible(_)));
    let irreversible = match irreversible {
        0 => String::new(),
        n => format!("; {n} irreversible on purpose"),
    };
    let sql = report.server;
    format!("{total} {migrations} checked: layout, order and {sql} syntax are sound{irreversible}")
}

fn count(n: usize, what: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{n} {what}s")),
    }
}
