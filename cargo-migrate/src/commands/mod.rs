//! The commands: one file each.

mod check;
mod explain;
mod init;
mod new;
mod plan;
mod redo;
mod revert;
mod run;
mod status;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use migrate_build::Report;
use migrate_runtime::{Direction, Error, Goal, Migrations, Outcome, PlanError, Runner};

use crate::cli::{Cli, Command, Options};
use crate::database::{Address, Connection};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::signal::stop_flag;

/// Runs the command that was typed.
pub(crate) fn dispatch(cli: &Cli, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let options = &cli.options;
    match &cli.command {
        Command::Init(args) => init::run(options, args, reporter),
        Command::New(args) => new::run(options, args, reporter),
        Command::Check => check::run(options, reporter),
        Command::Run(args) => run::run(options, args, reporter),
        Command::Revert(args) => revert::run(options, args, reporter),
        Command::Redo(args) => redo::run(options, args, reporter),
        Command::Status(args) => status::run(options, args, reporter),
        Command::Explain(args) => explain::run(args, reporter),
    }
}

/// What a command that changes a database works with.
pub(crate) struct Work {
    report: Report,
    address: Address,
    lock_timeout: Duration,
    allow_out_of_order: bool,
    stop: Arc<AtomicBool>,
}

impl Work {
    /// Verifies the files, and stops at findings: nothing is run that `check` would refuse.
    pub(crate) fn prepare(
        options: &Options,
        reporter: &mut Reporter,
        lock_timeout: u64,
    ) -> Result<Self, Failure> {
        let environment = Environment::default();
        let project = Project::resolve(options, &environment)?;
        let address = Address::resolve(options, &environment, &project)?;
        let report = project.verify()?;
        check::show_findings(&report, reporter);
        if report.fails() {
            return Err(Failure::new("nothing was run: the migrations have findings"));
        }
        let lock_timeout = Duration::from_secs(lock_timeout);
        let stop = stop_flag()?;
        Ok(Self { report, address, lock_timeout, allow_out_of_order: false, stop })
    }

    pub(crate) fn allow_out_of_order(mut self, allow: bool) -> Self {
        self.allow_out_of_order = allow;
        self
    }

    /// The database. An SQLite file that does not exist is made when there is something to do in
    /// it: a mistake leaves nothing behind.
    pub(crate) fn open_for(&self, goal: Goal<'_>) -> Result<Connection, Failure> {
        if !self.address.is_missing() {
            return self.address.open();
        }
        let mut empty = self.address.open_or_empty()?;
        let has_work = crate::set::with_set(&self.report, |migrations| {
            let plan = empty.plan(&self.runner(migrations), goal);
            plan.map(|plan| !plan.is_empty()).map_err(|error| failure(error, &self.address))
        })?;
        if has_work { self.address.open() } else { Ok(empty) }
    }

    /// The database; an empty one in memory for an SQLite file that does not exist.
    pub(crate) fn open_or_empty(&self) -> Result<Connection, Failure> {
        self.address.open_or_empty()
    }

    /// Does it, and reports.
    pub(crate) fn execute(
        &self,
        connection: &mut Connection,
        goal: Goal<'_>,
        reporter: &mut Reporter,
    ) -> Result<Outcome, Failure> {
        crate::set::with_set(&self.report, |migrations| {
            let mut observer = reporter.steps();
            let mut runner = self.runner(migrations).observer(&mut observer);
            let result = connection.execute(&mut runner, goal);
            drop(observer);
            if let Some(outcome) = outcome_of(&result) {
                summarise(outcome, reporter);
            }
            if let Err(error) = &result {
                self.show_statement(error, reporter);
            }
            result.map_err(|error| failure(error, &self.address))
        })
    }

    /// Shows the statement that the database refused, in its file.
    fn show_statement(&self, error: &Error, reporter: &Reporter) {
        let Some((place, message)) = error.refused() else { return };
        let Some(statement) = place.statement.checked_sub(1) else { return };
        let is_up = place.direction == Direction::Up;
        let version = &place.migration.version;
        if let Some(finding) = self.report.failed_statement(version, is_up, statement, message) {
            reporter.finding(&finding);
        }
    }

    /// Shows the plan and its SQL.
    pub(crate) fn dry_run(
        &self,
        connection: &mut Connection,
        goal: Goal<'_>,
        reporter: &mut Reporter,
    ) -> Result<Exit, Failure> {
        crate::set::with_set(&self.report, |migrations| {
            let plan = connection.plan(&self.runner(migrations), goal);
            let plan = plan.map_err(|error| failure(error, &self.address))?;
            plan::show(&plan, reporter);
            Ok(Exit::Success)
        })
    }

    fn runner<'a>(&'a self, migrations: &Migrations<'a>) -> Runner<'a> {
        Runner::new(migrations)
            .lock_timeout(self.lock_timeout)
            .allow_out_of_order(self.allow_out_of_order)
            .cancel_on(&self.stop)
    }
}

fn outcome_of(result: &Result<Outcome, Error>) -> Option<&Outcome> {
    match result {
        Ok(outcome) => Some(outcome),
        Err(error) => error.outcome(),
    }
}

fn summarise(outcome: &Outcome, reporter: &mut Reporter) {
    reporter.summarise("applied", outcome.applied.len());
    reporter.summarise("reverted", outcome.reverted.len());
    reporter.summarise("left", outcome.left.len());
    reporter.summarise("batch", outcome.batch);
    reporter.summarise("failed", outcome.failed.as_ref().map(|failed| failed.name.clone()));
}

/// A runner's error, as the command line ends with it.
pub(crate) fn failure(error: Error, database: &Address) -> Failure {
    let exit = match &error {
        Error::Locked { .. } => Exit::Locked,
        error if error.is_half_way() => Exit::HalfWay,
        Error::Plan(PlanError::Unknown { .. }) => Exit::Usage,
        _ => Exit::Failure,
    };
    let failure = Failure::new(error.to_string()).exit(exit);
    let failure = match &error {
        Error::Locked { .. }
        | Error::ReadOnly { .. }
        | Error::DiskFull { .. }
        | Error::DiskFailed { .. }
        | Error::NotADatabase { .. }
        | Error::Ledger(_)
        | Error::Database { .. } => failure.note(format!("the database is {}", database.shown())),
        _ => failure,
    };
    let failure = match &error {
        Error::Locked { .. } => failure.help("`--lock-timeout SECONDS` waits longer"),
        Error::Plan(PlanError::OutOfOrder { .. }) => {
            failure.help("`--allow-out-of-order` applies them all the same")
        }
        Error::Plan(PlanError::Edited(_)) => {
            failure.help("where nobody else has it yet, `cargo migrate redo` applies the new text")
        }
        _ => failure,
    };
    match error.outcome().map_or(0, |outcome| outcome.left.len()) {
        0 => failure,
        n => failure.note(format!("{n} left to do: `cargo migrate status` shows where it stands")),
    }
}
