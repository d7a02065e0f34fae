//! The commands: one file each.

mod adopt;
pub(crate) mod ask;
mod baseline;
mod check;
mod completions;
mod deviation;
mod down;
mod drift;
mod explain;
mod init;
mod losses;
mod man;
mod new;
mod plan;
mod rebase;
mod redo;
mod repair;
mod reset;
mod restore;
mod revert;
mod run;
mod schema;
mod seal;
mod since;
mod status;
mod verify;
mod wait;
mod work;

use migrate_runtime::Error;
use migrate_runtime::cli::wire::{Failed, Kind};

use crate::cli::{Cli, Command, Format};
use crate::database::Address;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

use work::Work;

/// Runs the command that was typed.
pub(crate) fn dispatch(cli: &Cli, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let options = &cli.options;
    let finds = matches!(cli.command, Command::Check(_) | Command::Verify(_) | Command::Drift);
    if options.message_format == Format::Sarif && !finds {
        return Err(Failure::usage("only `check`, `verify` and `drift` write SARIF"));
    }
    match &cli.command {
        Command::Init(args) => init::run(options, args, reporter),
        Command::New(args) => new::run(options, args, reporter),
        Command::Check(args) => check::run(options, args, reporter),
        Command::Seal(args) => seal::run(options, args, reporter),
        Command::Rebase(args) => rebase::run(options, args, reporter),
        Command::Verify(args) => verify::run(options, args, reporter),
        Command::Down(args) => down::run(options, args, reporter),
        Command::Run(args) => run::run(options, args, reporter),
        Command::Revert(args) => revert::run(options, args, reporter),
        Command::Redo(args) => redo::run(options, args, reporter),
        Command::Reset(args) => reset::run(options, args, reporter),
        Command::Adopt(args) => adopt::run(options, args, reporter),
        Command::Baseline(args) => baseline::run(options, args, reporter),
        Command::Repair(args) => repair::run(options, args, reporter),
        Command::Restore(args) => restore::run(options, args, reporter),
        Command::Schema(args) => schema::run(options, args, reporter),
        Command::Status(args) => status::run(options, args, reporter),
        Command::Drift => drift::run(options, reporter),
        Command::Wait(args) => wait::run(options, args, reporter),
        Command::Explain(args) => explain::run(args, reporter),
        Command::Completions(args) => completions::run(args, reporter),
        Command::Man(args) => man::run(args, reporter),
    }
}

/// A runner's error, as the command line ends with it.
pub(crate) fn failure(error: Error, database: &dyn Address) -> Failure {
    failure_of(&Failed::from(&error), database)
}

/// The same of one that may have happened in another process.
fn failure_of(failed: &Failed, database: &dyn Address) -> Failure {
    let failure = Failure::new(failed.message.clone());
    let failure = match failed.kind {
        Kind::Locked => failure.exit(Exit::Locked),
        Kind::HalfWay => failure.exit(Exit::HalfWay),
        Kind::Unknown => failure.exit(Exit::Usage),
        Kind::Refused | Kind::OutOfOrder | Kind::Edited | Kind::Surroundings | Kind::Other => {
            failure
        }
    };
    let failure = match failed.kind {
        Kind::Locked | Kind::Surroundings => {
            failure.note(format!("the database is {}", database.shown()))
        }
        _ => failure,
    };
    let failure = match failed.kind {
        Kind::Locked => failure.help("`--lock-timeout SECONDS` waits longer"),
        Kind::OutOfOrder => failure.help("`--allow-out-of-order` applies them all the same"),
        Kind::Edited => {
            failure.help("where nobody else has it yet, `cargo migrate redo` applies the new text")
        }
        _ => failure,
    };
    match failed.outcome.as_ref().map_or(0, |outcome| outcome.left.len()) {
        0 => failure,
        n => failure.note(format!("{n} left to do: `cargo migrate status` shows where it stands")),
    }
}
