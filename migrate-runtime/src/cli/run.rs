//! Applying, by itself.
use super::arguments::Job;
use super::connect::{Connect, Target, Work};
use super::report::{self, Failure, Progress};
use crate::event::Event;
use crate::migrations::Migrations;
use crate::outcome::Outcome;
use crate::plan::{Goal, Target as Until};
use crate::runner::Runner;

/// Does what is asked for, and says what came of it.
pub(super) fn main(
    migrations: &Migrations<'static>,
    job: &Job<'_>,
    target: &Target,
) -> Result<(), Failure> {
    let outcome = target.open(Run { migrations, job })?;
    report::result(&summary(&outcome, job.goal));
    Ok(())
}

struct Run<'r> {
    migrations: &'r Migrations<'static>,
    job: &'r Job<'r>,
}

impl Work for Run<'_> {
    type Done = Outcome;

    fn with<C: Connect>(self, conn: &mut C, target: &Target) -> Result<Outcome, Failure> {
        let mut progress = Progress::default();
        let mut observer = |event: &Event<'_>| progress.show(event);
        let mut again = || target.connect::<C>();
        let runner = self.job.runner(self.migrations).observer(&mut observer);
        Ok(runner.reconnect_with(&mut again).execute(conn, self.job.goal)?)
    }
}

impl Job<'_> {
    /// A runner that goes about it as is asked for.
    pub(super) fn runner<'a>(&self, migrations: &Migrations<'a>) -> Runner<'a> {
        Runner::new(migrations)
            .lock_timeout(self.lock_timeout)
            .allow_out_of_order(self.allow_out_of_order)
            .all_or_nothing(self.all_or_nothing)
    }
}

fn summary(outcome: &Outcome, goal: Goal<'_>) -> String {
    let batch = outcome.batch.map_or_else(String::new, |batch| format!(" (batch {batch})"));
    match outcome.applied.len() {
        0 if goal == Goal::Run(Until::All) => {
            "nothing to apply: the database is up to date".to_owned()
        }
        0 => "nothing to apply".to_owned(),
        1 => format!("1 migration applied{batch}"),
        n => format!("{n} migrations applied{batch}"),
    }
}
