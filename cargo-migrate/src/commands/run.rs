//! `cargo migrate run`

use migrate_runtime::{Direction, Goal, Outcome, Plan, Target};
use serde_json::json;

use super::Work;
use crate::cli::{Options, Run};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(options: &Options, args: &Run, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let work = Work::prepare(options, reporter, args.lock_timeout)?
        .allow_out_of_order(args.allow_out_of_order);
    let target = match (&args.to, args.number) {
        (Some(version), _) => Target::Version(version),
        (None, Some(count)) => Target::Count(count),
        (None, None) => Target::All,
    };
    let goal = Goal::Run(target);
    if args.dry_run {
        // A database that does not exist yet has nothing applied; it is not made to find that out.
        let mut connection = work.open_or_empty()?;
        return work.dry_run(&mut connection, goal, reporter);
    }
    let mut connection = work.open()?;
    let outcome = work.execute(&mut connection, goal, reporter)?;
    reporter.result(&summary(&outcome));
    Ok(Exit::Success)
}

fn summary(outcome: &Outcome) -> String {
    let batch = outcome.batch.map_or_else(String::new, |batch| format!(" (batch {batch})"));
    match outcome.applied.len() {
        0 => "nothing to apply: the database is up to date".to_owned(),
        1 => format!("1 migration applied{batch}"),
        n => format!("{n} migrations applied{batch}"),
    }
}

/// What would be done, as SQL that can be read and piped.
pub(super) fn show_plan(plan: &Plan<'_>, reporter: &mut Reporter) {
    for unfinished in &plan.unfinished {
        reporter.result(&format!(
            "-- {} ({}): begun before, goes on behind statement {} of {}",
            unfinished.name, unfinished.direction, unfinished.next, unfinished.total
        ));
    }
    for step in &plan.steps {
        let way = if step.run_in_transaction() { "" } else { ", outside a transaction" };
        reporter.result(&format!("-- {} ({}{way})", step.name(), step.direction()));
        reporter.result(step.sql().trim_end());
        reporter.result("");
        reporter.object(&json!({
            "reason": "step", "direction": step.direction().as_str(), "version": step.version(),
            "name": step.name(), "statement": null, "of": step.statements().len(),
            "event": "planned", "sql": step.sql(),
        }));
    }
    let of = |direction| plan.steps.iter().filter(|step| step.direction() == direction).count();
    reporter.summarise("planned", plan.steps.len());
    match (of(Direction::Up), of(Direction::Down)) {
        (0, 0) if plan.unfinished.is_empty() => reporter.note("there is nothing to do"),
        (ups, 0) => reporter.note(&format!("{ups} to apply; nothing was changed")),
        (0, downs) => reporter.note(&format!("{downs} to revert; nothing was changed")),
        (ups, downs) => {
            reporter.note(&format!("{downs} to revert, {ups} to apply; nothing was changed"));
        }
    }
}
