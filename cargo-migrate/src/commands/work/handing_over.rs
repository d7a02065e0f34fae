//! What the package's own program does, because a migration is in Rust.

use migrate_runtime::cli::wire::{Failed, fingerprint};
use migrate_runtime::{Goal, Migrations, Outcome};

use super::Work;
use crate::commands::failure;
use crate::database::Connection;
use crate::failure::Failure;
use crate::handover::{self, Handover, Listener, Recipe, Steps};
use crate::set::has_code;

impl Work {
    /// The steps of a plan that the package's own program has to work off, because one of them is in
    /// Rust.
    pub(super) fn to_be_handed_over<'m>(
        &'m self,
        connection: &mut Connection,
        migrations: &'m Migrations<'m>,
        goal: Goal<'_>,
    ) -> Result<Option<Steps<'m>>, Failure> {
        if !has_code(&self.report) {
            return Ok(None);
        }
        let known = |error| failure(error, &*self.address);
        let plan = connection.plan(&self.runner(migrations), goal).map_err(known)?;
        if !plan.has_code(migrations) {
            return Ok(None);
        }
        // What cargo says of it comes before all that is said of the run.
        Recipe::required(self.recipe.as_ref())?.program()?;
        let history = connection.history().map_err(known)?;
        Ok(Some(Steps::new(plan.steps, migrations, history)))
    }

    /// Builds the program beforehand, if it may be needed: for who cannot go back later.
    pub(crate) fn make_ready(&self) -> Result<(), Failure> {
        match has_code(&self.report) {
            true => Recipe::required(self.recipe.as_ref())?.program().map(drop),
            false => Ok(()),
        }
    }

    /// Has the package's own program work it off.
    pub(super) fn hand_over(
        &self,
        migrations: &Migrations<'_>,
        steps: Steps<'_>,
        listener: &mut dyn Listener,
        backup: &mut handover::Backup<'_>,
        goal: Goal<'_>,
    ) -> Result<Result<Outcome, Failed>, Failure> {
        let recipe = Recipe::required(self.recipe.as_ref())?;
        let mut words = handover::words(goal);
        words.push(format!("--lock-timeout={}", self.lock_timeout.as_secs()));
        let flags = [
            (self.allow_out_of_order, "--allow-out-of-order"),
            (self.all_or_nothing, "--all-or-nothing"),
            (self.backup.is_some(), "--backup"),
        ];
        words.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.into()));
        let handover = Handover {
            recipe,
            words,
            address: &*self.address,
            fingerprint: fingerprint(migrations),
            stop: &self.stop,
        };
        handover.execute(steps, listener, backup)
    }
}
