//! A plan, for `--dry-run`.

use migrate_build::render::{escape, is_unprintable};
use migrate_build::{Report, Verdict};
use migrate_runtime::{Direction, Plan, Step};
use serde_json::json;

use super::losses;
use crate::reporter::Reporter;

/// Shows what would be done, as SQL that can be read and piped.
pub(super) fn show(plan: &Plan<'_>, report: &Report, reporter: &mut Reporter) {
    let mut exact = true;
    for step in &plan.steps {
        let done = done(plan, step);
        let sql = if step.code().is_some() { in_comments(step) } else { sql_behind(step, done) };
        let (verdict, lost) = (verdict(report, step), losses::lost(report, step));
        reporter.result(&format!("-- {}", title(step, done, verdict)));
        for what in lost.unwrap_or_default() {
            reporter.result(&format!("-- data goes: {}", escape(what)));
        }
        reporter.result(&sql);
        reporter.result("");
        exact &= !sql.chars().any(|c| is_unprintable(c) && !matches!(c, '\n' | '\r' | '\t'));
        reporter.object(&json!({
            "reason": "step", "direction": step.direction().as_str(), "version": step.version(),
            "name": step.name(), "statement": (done > 0).then_some(done + 1),
            "of": step.statements().len(), "event": "planned", "sql": sql,
            "verdict": verdict.map(Verdict::word), "why": verdict.and_then(Verdict::why), "loses": lost,
        }));
    }
    let elsewhere = plan.unfinished.iter().filter(|unfinished| {
        !plan.steps.iter().any(|step| {
            step.version() == unfinished.version && step.direction() == unfinished.direction
        })
    });
    for unfinished in elsewhere {
        reporter.note(&format!(
            "{} ({}) stands half way, behind statement {} of {}: it is finished first",
            unfinished.name, unfinished.direction, unfinished.next, unfinished.total
        ));
    }
    if !exact {
        reporter.note(
            "control characters in the SQL are escaped here; `--message-format json` has it exactly",
        );
    }
    reporter.summarise("planned", plan.steps.len());
    reporter.note(&summary(plan));
}

fn summary(plan: &Plan<'_>) -> String {
    let of = |direction| plan.steps.iter().filter(|step| step.direction() == direction).count();
    match (of(Direction::Up), of(Direction::Down)) {
        (0, 0) if plan.unfinished.is_empty() => "there is nothing to do".to_owned(),
        (ups, 0) => format!("{ups} to apply; nothing was changed"),
        (0, downs) => format!("{downs} to revert; nothing was changed"),
        (ups, downs) => format!("{downs} to revert, {ups} to apply; nothing was changed"),
    }
}

/// How many of a step's statements an earlier run has done.
fn done(plan: &Plan<'_>, step: &Step<'_>) -> usize {
    let begun = plan.unfinished.iter().find(|unfinished| {
        unfinished.version == step.version() && unfinished.direction == step.direction()
    });
    begun.map_or(0, |unfinished| unfinished.next)
}

/// What is known of a migration's way back; nothing where its files are gone.
fn verdict<'r>(report: &'r Report, step: &Step<'_>) -> Option<&'r Verdict> {
    let mut migrations = report.migrations.iter();
    let found = migrations.find(|migration| migration.version.as_str() == step.version());
    found.map(|migration| &migration.verdict)
}

fn title(step: &Step<'_>, done: usize, verdict: Option<&Verdict>) -> String {
    let way = if step.run_in_transaction() { "" } else { ", outside a transaction" };
    let verdict = verdict.map_or_else(String::new, |verdict| format!(", {}", verdict.word()));
    let title = format!("{} ({}{way}{verdict})", step.name(), step.direction());
    match done {
        0 => title,
        _ => format!("{title}: goes on behind statement {done} of {}", step.statements().len()),
    }
}

/// What is written in Rust, so that who pipes the SQL reads it and no database does.
fn in_comments(step: &Step<'_>) -> String {
    let functions = step.statements().iter().flat_map(|function| step.text(function).lines());
    let lines: Vec<String> = functions.map(|line| format!("-- {line}")).collect();
    lines.join("\n")
}

/// The script behind its first `done` statements. The last one ends in `;` even where the file has
/// none: another script may follow.
fn sql_behind(step: &Step<'_>, done: usize) -> String {
    let (sql, statements) = (step.sql(), step.statements());
    let start = match done {
        0 => 0,
        _ => statements.get(done).map_or(sql.len(), |statement| statement.start as usize),
    };
    let end = statements.last().map_or(sql.len(), |statement| statement.end as usize).max(start);
    let rest = &sql[end..];
    let semicolon = if end == start || rest.trim_start().starts_with(';') { "" } else { ";" };
    format!("{}{semicolon}{}", &sql[start..end], rest.trim_end())
}
