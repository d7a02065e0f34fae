//! `cargo migrate run`

use std::time::Duration;

use migrate_runtime::{Goal, Outcome, Target};

use super::Work;
use super::work::Ahead;
use crate::cli::{Options, Run};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(options: &Options, args: &Run, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let work = Work::prepare(options, reporter, args.lock_timeout)?
        .allow_out_of_order(args.allow_out_of_order)
        .all_or_nothing(args.all_or_nothing);
    if let Some(seconds) = args.wait {
        work.wait(Duration::from_secs(seconds), args.create_database, reporter)?;
    }
    if args.create_database {
        work.create_database(reporter)?;
    }
    let target = match (&args.to, args.number) {
        (Some(version), _) => Target::Version(version),
        (None, Some(count)) => Target::Count(count),
        // What stands half way is finished first, whatever the target.
        (None, None) if args.resume => Target::Count(0),
        (None, None) => Target::All,
    };
    let goal = Goal::Run(target);
    if args.dry_run {
        // A database that does not exist yet has nothing applied; it is not made to find that out.
        let mut connection = work.open_or_empty()?;
        return work.dry_run(&mut connection, goal, reporter);
    }
    let work = work.back_up(&args.copying);
    let mut connection = work.open_for(goal)?;
    if work.protection().is_some() {
        let ahead = work.look_ahead(&mut connection, goal)?;
        confirm(&work, &ahead, args, reporter)?;
    }
    let outcome = work.execute(&mut connection, goal, reporter)?;
    reporter.result(&match outcome.applied.is_empty() && args.resume {
        true => "nothing to resume: nothing stands half way".to_owned(),
        false => summary(&outcome, target),
    });
    Ok(Exit::Success)
}

/// Has it confirmed what a run in a protected environment cannot take back.
fn confirm(work: &Work, ahead: &Ahead, args: &Run, reporter: &Reporter) -> Result<(), Failure> {
    for loss in &ahead.losses {
        reporter.warning(&format!("data goes: {loss}"));
    }
    let what = match (ahead.losses.is_empty(), args.copying.no_backup && ahead.has_work) {
        (true, false) => return Ok(()),
        (true, true) => "this run goes without a backup",
        (false, false) => "this run loses data",
        (false, true) => "this run loses data, and goes without a backup",
    };
    work.confirm(what, &args.consent, reporter)
}

pub(super) fn summary(outcome: &Outcome, target: Target<'_>) -> String {
    let batch = outcome.batch.map_or_else(String::new, |batch| format!(" (batch {batch})"));
    match outcome.applied.len() {
        0 if target == Target::All => "nothing to apply: the database is up to date".to_owned(),
        0 => "nothing to apply".to_owned(),
        1 => format!("1 migration applied{batch}"),
        n => format!("{n} migrations applied{batch}"),
    }
}
