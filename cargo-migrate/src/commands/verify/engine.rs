//! A real database that migrations are tried on.

use std::sync::atomic::{AtomicBool, Ordering};

use migrate_build::catalog::Live;
use migrate_build::{Dialect, Server};
use migrate_runtime::cli::wire::{Failed, Kind, fingerprint};
use migrate_runtime::{
    Error, Event, Goal, Migrations, Observer, Outcome, Runner, Step, Target, Undo,
};

use crate::commands::{failure, failure_of};
use crate::database::{self, Address, Connection, Scratch};
use crate::failure::Failure;
use crate::handover::{self, Handover, Listener, Recipe, Steps};

/// A scratch database, and the runner's work on it.
pub(super) struct Engine<'e> {
    model: &'e dyn Address,
    server: Server,
    /// What builds the program that runs what is in Rust.
    recipe: Option<Recipe>,
    stop: &'e AtomicBool,
    scratch: Scratch,
    /// The runner's.
    work: Connection,
    /// The looker's, which sees nothing of the session of the other; SQLite has one for both, because
    /// what is in memory belongs to its connection.
    look: Option<Connection>,
}

impl<'e> Engine<'e> {
    /// Makes a database beside the one at an address.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub(super) fn start(
        model: &'e dyn Address,
        server: Server,
        recipe: Option<Recipe>,
        stop: &'e AtomicBool,
    ) -> Result<Self, Failure> {
        let scratch = Scratch::beside(model)?;
        let (work, look) = open(&scratch, server)?;
        Ok(Self { model, server, recipe, stop, scratch, work, look })
    }

    /// Drops it.
    ///
    /// # Errors
    /// When it stays.
    pub(super) fn stop(self) -> Result<(), Failure> {
        // No server drops a database that somebody is connected to.
        let scratch = {
            let Self { scratch, work: _work, look: _look, .. } = self;
            scratch
        };
        scratch.remove()
    }

    /// What it holds.
    ///
    /// # Errors
    /// When that cannot be read.
    pub(super) fn live(&mut self) -> Result<Live, Failure> {
        self.look.as_mut().unwrap_or(&mut self.work).live(self.server)
    }

    /// Applies everything up to a version. What the database refuses is in the inner result.
    ///
    /// # Errors
    /// When the runner cannot work.
    pub(super) fn up(
        &mut self,
        migrations: &Migrations<'_>,
        version: &str,
    ) -> Result<Result<(), Failed>, Failure> {
        self.work_off(migrations, Goal::Run(Target::Version(version)))
    }

    /// Reverts the last one.
    ///
    /// # Errors
    /// As [`Self::up`].
    pub(super) fn down(
        &mut self,
        migrations: &Migrations<'_>,
    ) -> Result<Result<(), Failed>, Failure> {
        self.work_off(migrations, Goal::Revert(Undo::Count(1)))
    }

    /// Begins with a new database, and applies everything up to a version.
    ///
    /// # Errors
    /// When that fails, although it went well before.
    pub(super) fn renew(
        &mut self,
        migrations: &Migrations<'_>,
        version: &str,
    ) -> Result<(), Failure> {
        let scratch = Scratch::beside(self.model)?;
        (self.work, self.look) = open(&scratch, self.server)?;
        std::mem::replace(&mut self.scratch, scratch).remove()?;
        let done = self.up(migrations, version)?;
        done.map_err(|failed| failure_of(&failed, self.scratch.address()))
    }

    fn work_off(
        &mut self,
        migrations: &Migrations<'_>,
        goal: Goal<'_>,
    ) -> Result<Result<(), Failed>, Failure> {
        let mut runner = Runner::new(migrations).cancel_on(self.stop);
        let known = |error| failure(error, self.scratch.address());
        let plan = self.work.plan(&runner, goal).map_err(known)?;
        let done = match plan.has_code(migrations) {
            true => {
                let history = self.work.history().map_err(known)?;
                self.hand_over(migrations, Steps::new(plan.steps, migrations, history), goal)?
            }
            false => {
                let done: Result<Outcome, Error> = database::on!(&mut self.work, connection => {
                    runner.execute(&mut **connection, goal)
                });
                done.map_err(|error| Failed::from(&error))
            }
        };
        // Tells what the database refuses from what keeps the runner from working.
        match done {
            Ok(_) => Ok(Ok(())),
            Err(failed)
                if matches!(failed.kind, Kind::Refused | Kind::HalfWay)
                    && !self.stop.load(Ordering::Relaxed) =>
            {
                Ok(Err(failed))
            }
            Err(failed) => Err(failure_of(&failed, self.scratch.address())),
        }
    }

    fn hand_over(
        &self,
        migrations: &Migrations<'_>,
        steps: Steps<'_>,
        goal: Goal<'_>,
    ) -> Result<Result<Outcome, Failed>, Failure> {
        let handover = Handover {
            recipe: Recipe::required(self.recipe.as_ref())?,
            words: handover::words(goal),
            address: self.scratch.address(),
            fingerprint: fingerprint(migrations),
            stop: self.stop,
        };
        let mut no_backup = || Err("nobody asks for one".to_owned());
        handover.execute(steps, &mut Nobody, &mut no_backup)
    }
}

/// Who listens to a trial: what comes of it is told, not how it goes.
struct Nobody;

impl Observer for Nobody {
    fn event(&mut self, _: &Event<'_>) {}
}

impl Listener for Nobody {
    fn step_failed(&mut self, _: &Step<'_>, _: Option<usize>, _: &str) {}

    fn printed(&mut self, _: &[u8]) {}
}

fn open(scratch: &Scratch, server: Server) -> Result<(Connection, Option<Connection>), Failure> {
    let work = scratch.open()?;
    let look = match server.dialect {
        Dialect::Sqlite => None,
        _ => Some(scratch.open()?),
    };
    Ok((work, look))
}
