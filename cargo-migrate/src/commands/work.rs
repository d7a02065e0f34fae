//! What the commands that change a database have in common.

mod handing_over;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use migrate_build::Report;
use migrate_runtime::cli::wire::{Failed, Refused};
use migrate_runtime::{
    Backend, Direction, Error, Goal, Migrations, Named, Observer, Outcome, Past, Repair, Runner,
};
use serde_json::json;

use super::{check, failure, failure_of, losses, plan, wait};
use crate::cli::{Consent, Copying, Options};
use crate::database::{self, Address, Connection};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handover::Recipe;
use crate::project::Project;
use crate::protection::Protection;
use crate::reporter::Reporter;
use crate::signal::stop_flag;

/// A copy of the database that is made before it is changed.
struct Backup {
    /// Where to, if not beside it.
    to: Option<PathBuf>,
}

/// What a plan comes to.
pub(crate) struct Ahead {
    /// Whether there is something to do.
    pub(crate) has_work: bool,
    /// What data is lost, each with the migration that loses it.
    pub(crate) losses: Vec<String>,
}

/// What a command that changes a database works with.
pub(crate) struct Work {
    report: Report,
    address: Box<dyn Address>,
    protection: Option<Protection>,
    lock_timeout: Duration,
    allow_out_of_order: bool,
    all_or_nothing: bool,
    backup: Option<Backup>,
    command: Option<String>,
    recipe: Option<Recipe>,
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
        let address = database::resolve(options, &environment, &project)?;
        let protection = Protection::of(options, &environment, &project, &*address)?;
        let report = project.verify()?;
        check::show_findings(&report, reporter);
        if report.fails() {
            return Err(Failure::new("nothing was run: the migrations have findings"));
        }
        let lock_timeout = Duration::from_secs(lock_timeout);
        Ok(Self {
            report,
            address,
            protection,
            lock_timeout,
            allow_out_of_order: false,
            all_or_nothing: false,
            backup: None,
            recipe: Recipe::of(&project, options),
            command: project.backup,
            stop: stop_flag()?,
        })
    }

    /// Where it is done.
    pub(crate) fn address(&self) -> &dyn Address {
        &*self.address
    }

    /// The protected environment that it is done in.
    pub(crate) fn protection(&self) -> Option<&Protection> {
        self.protection.as_ref()
    }

    /// Has it confirmed, in a protected environment, that `what` is meant.
    pub(crate) fn confirm(
        &self,
        what: &str,
        consent: &Consent,
        reporter: &Reporter,
    ) -> Result<(), Failure> {
        match &self.protection {
            Some(protection) => protection.confirm(what, consent, reporter),
            None => Ok(()),
        }
    }

    /// Looks what a plan comes to.
    pub(crate) fn look_ahead(
        &self,
        connection: &mut Connection,
        goal: Goal<'_>,
    ) -> Result<Ahead, Failure> {
        crate::set::with_set(&self.report, |migrations| {
            let plan = connection.plan(&self.runner(migrations), goal);
            let plan = plan.map_err(|error| failure(error, &*self.address))?;
            let losses = plan.steps.iter().flat_map(|step| losses::of(&self.report, step));
            Ok(Ahead { has_work: !plan.is_empty(), losses: losses.collect() })
        })
    }

    /// The migrations of the files.
    pub(crate) fn with_set<T>(
        &self,
        work: impl FnOnce(&Migrations<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        crate::set::with_set(&self.report, work)
    }

    /// Records what was never run.
    pub(crate) fn record(
        &self,
        connection: &mut Connection,
        past: &[Past<'_>],
        tool: &str,
    ) -> Result<(), Failure> {
        self.with_set(|migrations| {
            let mut runner = self.runner(migrations);
            let recorded: Result<Outcome, Error> = database::on!(connection, connection => {
                runner.record(&mut **connection, past, tool)
            });
            recorded.map(drop).map_err(|error| failure(error, &*self.address))
        })
    }

    /// Settles what stands between ledger and files; says which migrations that was about.
    pub(crate) fn repair(
        &self,
        connection: &mut Connection,
        choice: Repair<'_>,
    ) -> Result<Vec<Named>, Failure> {
        self.with_set(|migrations| {
            let mut runner = self.runner(migrations);
            let settled: Result<Vec<Named>, Error> = database::on!(connection, connection => {
                runner.repair(&mut **connection, choice)
            });
            settled.map_err(|error| failure(error, &*self.address))
        })
    }

    /// Waits for the database to answer; one that is missing counts as up when it is to be made.
    pub(crate) fn wait(
        &self,
        patience: Duration,
        is_to_be_made: bool,
        reporter: &Reporter,
    ) -> Result<(), Failure> {
        wait::until_up(&*self.address, patience, is_to_be_made, &self.stop, reporter)
    }

    /// Makes the database, unless it is there.
    pub(crate) fn create_database(&self, reporter: &Reporter) -> Result<(), Failure> {
        if let Some(made) = self.address.create()? {
            reporter.progress("Created", &made);
            reporter.object(&json!({ "reason": "database", "event": "created", "what": made }));
        }
        Ok(())
    }

    pub(crate) fn allow_out_of_order(mut self, allow: bool) -> Self {
        self.allow_out_of_order = allow;
        self
    }

    pub(crate) fn all_or_nothing(mut self, whole: bool) -> Self {
        self.all_or_nothing = whole;
        self
    }

    /// Has the database copied before it is changed, if that is asked for; in a protected environment
    /// unless it is refused. A file that does not exist yet holds nothing.
    pub(crate) fn back_up(mut self, copying: &Copying) -> Self {
        let unasked = self.protection.is_some() && !copying.no_backup;
        let to = copying.backup.clone().or_else(|| unasked.then_some(None));
        self.backup = to.filter(|_| !self.address.is_missing()).map(|to| Backup { to });
        self
    }

    /// The database. An SQLite file that does not exist is made when there is something to do in
    /// it: a mistake leaves nothing behind.
    pub(crate) fn open_for(&self, goal: Goal<'_>) -> Result<Connection, Failure> {
        if !self.address.is_missing() {
            return Ok(self.address.open()?);
        }
        let mut empty = self.address.open_or_empty()?;
        let has_work = crate::set::with_set(&self.report, |migrations| {
            let plan = empty.plan(&self.runner(migrations), goal);
            plan.map(|plan| !plan.is_empty()).map_err(|error| failure(error, &*self.address))
        })?;
        if has_work { Ok(self.address.open()?) } else { Ok(empty) }
    }

    /// The database; an empty one in memory for an SQLite file that does not exist.
    pub(crate) fn open_or_empty(&self) -> Result<Connection, Failure> {
        Ok(self.address.open_or_empty()?)
    }

    /// Does it, and reports.
    pub(crate) fn execute(
        &self,
        connection: &mut Connection,
        goal: Goal<'_>,
        reporter: &mut Reporter,
    ) -> Result<Outcome, Failure> {
        crate::set::with_set(&self.report, |migrations| {
            let handed = self.to_be_handed_over(connection, migrations, goal)?;
            let mut observer = reporter.steps();
            // Kept: the runner passes on the words alone.
            let mut refused = None;
            let mut back_up = |to: Option<&Path>| {
                let copied = self.address.back_up(to, self.command.as_deref());
                copied.map_err(|failure| {
                    let message = failure.message.clone();
                    refused = Some(failure);
                    message
                })
            };
            let mut backup =
                || back_up(self.backup.as_ref().and_then(|backup| backup.to.as_deref()));
            let result = match handed {
                Some(steps) => {
                    self.hand_over(migrations, steps, &mut observer, &mut backup, goal)?
                }
                None => {
                    let (observer, backup) = (&mut observer, &mut backup);
                    let done: Result<Outcome, Error> = database::on!(connection, connection => {
                        self.execute_on(&mut **connection, migrations, observer, backup, goal)
                    });
                    done.map_err(|error| Failed::from(&error))
                }
            };
            drop(observer);
            let outcome = match &result {
                Ok(outcome) => Some(outcome),
                Err(failed) => failed.outcome.as_deref(),
            };
            if let Some(outcome) = outcome {
                summarise(outcome, reporter);
            }
            if let Err(failed) = &result {
                self.show_statement(failed, reporter);
            }
            result.map_err(|failed| match refused {
                Some(refused) => {
                    let message = format!("nothing was run: {}", refused.message);
                    Failure { message, ..refused }
                }
                None => failure_of(&failed, &*self.address),
            })
        })
    }

    fn execute_on<C: Backend>(
        &self,
        connection: &mut C,
        migrations: &Migrations<'_>,
        observer: &mut dyn Observer,
        backup: &mut dyn FnMut() -> Result<String, String>,
        goal: Goal<'_>,
    ) -> Result<Outcome, Error> {
        let mut again = || database::again::<C>(&*self.address);
        let mut runner = self.runner(migrations).observer(observer).reconnect_with(&mut again);
        if self.backup.is_some() {
            runner = runner.backup_with(backup);
        }
        runner.execute(connection, goal)
    }

    /// Shows the statement that the database refused, in its file.
    fn show_statement(&self, failed: &Failed, reporter: &Reporter) {
        let Some(refused) = &failed.refused else { return };
        let Refused { version, direction, statement, message } = &**refused;
        let Some(statement) = statement.checked_sub(1) else { return };
        let is_up = *direction == Direction::Up;
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
            let plan = plan.map_err(|error| failure(error, &*self.address))?;
            plan::show(&plan, &self.report, reporter);
            Ok(Exit::Success)
        })
    }

    fn runner<'a>(&'a self, migrations: &Migrations<'a>) -> Runner<'a> {
        Runner::new(migrations)
            .lock_timeout(self.lock_timeout)
            .allow_out_of_order(self.allow_out_of_order)
            .all_or_nothing(self.all_or_nothing)
            .cancel_on(&self.stop)
    }
}

fn summarise(outcome: &Outcome, reporter: &mut Reporter) {
    reporter.summarise("applied", outcome.applied.len());
    reporter.summarise("reverted", outcome.reverted.len());
    reporter.summarise("left", outcome.left.len());
    reporter.summarise("batch", outcome.batch);
    reporter.summarise("failed", outcome.failed.as_ref().map(|failed| failed.name.clone()));
}
