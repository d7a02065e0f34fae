//! What the package's own program does, because a migration is in Rust.

use std::path::Path;

use migrate_runtime::cli::wire::{Failed, fingerprint};
use migrate_runtime::{Goal, Migrations, Outcome, Redo, Target, Undo};

use super::Work;
use crate::commands::failure;
use crate::database::Connection;
use crate::failure::Failure;
use crate::handover::{self, Handover, Listener, Recipe, Steps};

impl Work {
    /// The steps of a plan that the package's own program has to work off, because one of them is in
    /// Rust.
    pub(super) fn is_handed_over<'m>(
        &'m self,
        connection: &mut Connection,
        migrations: &'m Migrations<'m>,
        goal: Goal<'_>,
    ) -> Result<Option<Steps<'m>>, Failure> {
        if !self.has_code() {
            return Ok(None);
        }
        let known = |error| failure(error, &*self.address);
        let plan = connection.plan(&self.runner(migrations), goal).map_err(known)?;
        if !plan.has_code(migrations) {
            return Ok(None);
        }
        let history = connection.history().map_err(known)?;
        Ok(Some(Steps::new(plan.steps, migrations, history)))
    }

    /// Whether a migration is in Rust.
    fn has_code(&self) -> bool {
        self.report.migrations.iter().any(|migration| migration.up.is_rust())
    }

    /// Builds the program beforehand, if it may be needed: for who cannot go back later.
    pub(crate) fn make_ready(&self) -> Result<(), Failure> {
        if self.has_code() { self.program().map(drop) } else { Ok(()) }
    }

    /// The program, built once.
    fn program(&self) -> Result<(&Recipe, &Path), Failure> {
        let recipe = self.recipe.as_ref().ok_or_else(|| {
            Failure::usage(
                "nothing was run: migrations in Rust are run by a binary of their package",
            )
            .help("run the command in the package, without `--dialect` and `--dir`")
        })?;
        if let Some(program) = self.program.get() {
            return Ok((recipe, program));
        }
        let built = recipe.build()?;
        Ok((recipe, self.program.get_or_init(|| built)))
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
        let (recipe, program) = self.program()?;
        let mut words = words(goal);
        words.push(format!("--lock-timeout={}", self.lock_timeout.as_secs()));
        let flags = [
            (self.allow_out_of_order, "--allow-out-of-order"),
            (self.all_or_nothing, "--all-or-nothing"),
            (self.backup.is_some(), "--backup"),
        ];
        words.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.into()));
        let handover = Handover {
            recipe,
            program,
            words,
            address: &*self.address,
            fingerprint: fingerprint(migrations),
            stop: &self.stop,
        };
        handover.execute(steps, listener, backup)
    }
}

/// What is to be done, as `migrate_runtime::cli` reads it.
fn words(goal: Goal<'_>) -> Vec<String> {
    let (verb, option) = match goal {
        Goal::Run(target) => match target {
            Target::All => ("run", None),
            Target::Count(count) => ("run", Some(format!("--number={count}"))),
            Target::Version(version) => ("run", Some(format!("--to={version}"))),
        },
        Goal::Revert(undo) => match undo {
            Undo::Count(count) => ("revert", Some(format!("--number={count}"))),
            Undo::To(version) => ("revert", Some(format!("--to={version}"))),
            Undo::Batch => ("revert", Some("--batch".to_owned())),
            Undo::All => ("revert", Some("--all".to_owned())),
        },
        Goal::Redo(Redo::Count(count)) => ("redo", Some(format!("--number={count}"))),
        Goal::Redo(Redo::All) => ("redo", Some("--all".to_owned())),
    };
    ["handover".to_owned(), verb.to_owned()].into_iter().chain(option).collect()
}
