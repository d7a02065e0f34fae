//! `cargo migrate redo`

use migrate_runtime::{Goal, Redo as Which};

use super::Work;
use crate::cli::{Options, Redo};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Redo,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let work = Work::prepare(options, reporter, args.lock_timeout)?;
    let which = if args.all { Which::All } else { Which::Count(args.number.unwrap_or(1)) };
    if args.dry_run {
        let mut connection = work.open_or_empty()?;
        return work.dry_run(&mut connection, Goal::Redo(which), reporter);
    }
    let what = match args.copying.no_backup {
        true => "migrations are reverted and applied again, without a backup",
        false => "migrations are reverted and applied again",
    };
    work.confirm(what, &args.consent, reporter)?;
    let work = work.back_up(&args.copying);
    let mut connection = work.open_or_empty()?;
    let outcome = work.execute(&mut connection, Goal::Redo(which), reporter)?;
    reporter.result(&match outcome.applied.len() {
        0 => "nothing to redo".to_owned(),
        1 => "1 migration reverted and applied again".to_owned(),
        n => format!("{n} migrations reverted and applied again"),
    });
    Ok(Exit::Success)
}
