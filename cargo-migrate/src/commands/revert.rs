//! `cargo migrate revert`

use migrate_runtime::{Goal, Outcome, Undo};

use super::Work;
use crate::cli::{Options, Revert};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Revert,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let work = Work::prepare(options, reporter, args.lock_timeout)?;
    let undo = match &args.to {
        Some(version) => Undo::To(version),
        None if args.batch => Undo::Batch,
        None if args.all => Undo::All,
        None => Undo::Count(args.number.unwrap_or(1)),
    };
    let goal = Goal::Revert(undo);
    if args.dry_run {
        let mut connection = work.open_or_empty()?;
        return work.dry_run(&mut connection, goal, reporter);
    }
    let what = match args.copying.no_backup {
        true => "migrations are reverted, without a backup",
        false => "migrations are reverted",
    };
    work.confirm(what, &args.consent, reporter)?;
    let work = work.back_up(&args.copying);
    let mut connection = work.open_or_empty()?;
    let outcome = work.execute(&mut connection, goal, reporter)?;
    reporter.result(&summary(&outcome));
    Ok(Exit::Success)
}

fn summary(outcome: &Outcome) -> String {
    match outcome.reverted.len() {
        0 => "nothing to revert".to_owned(),
        1 => "1 migration reverted".to_owned(),
        n => format!("{n} migrations reverted"),
    }
}
