//! Work inside a transaction: all of a segment, its ledger rows included, or nothing.
use std::time::Duration;

use super::guard::refuse_new;
use super::run::{Run, cancelled, database_error, entry, names_of};
use super::segment::Segment;
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, Violation};
use crate::event::Event;
use crate::history::History;
use crate::migrations::ForeignKeys;
use crate::plan::Plan;
use crate::process::now_ms;
use crate::step::{Direction, Step};

/// What a transaction writes into the ledger at its end.
#[derive(Default)]
struct Records {
    entries: Vec<Entry>,
    erased: Vec<String>,
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Runs the first segment of the plan; returns what is to be done then.
    pub(super) fn inside(&mut self, plan: &Plan<'m>) -> Result<Plan<'m>, Error> {
        let enforced = self.enforced;
        let off = Segment::first(&plan.steps, enforced).is_some_and(|s| s.foreign_keys_off);
        self.keep_foreign_keys(!off)?;
        self.lock()?;
        match self.locked(off) {
            Ok(rest) => Ok(rest),
            Err(error) => Err(self.roll_back(error)),
        }
    }

    /// Has foreign keys as the connection has them, or off.
    pub(super) fn keep_foreign_keys(&mut self, keep: bool) -> Result<(), Error> {
        if !self.enforced {
            return Ok(());
        }
        let switched = self.conn.enforce_foreign_keys(keep);
        switched.map_err(|error| database_error(self.conn, "switching foreign keys", error))
    }

    fn locked(&mut self, foreign_keys_off: bool) -> Result<Plan<'m>, Error> {
        let (history, mut plan) = self.replan()?;
        let segment = Segment::first(&plan.steps, self.enforced)
            .filter(|s| s.foreign_keys_off == foreign_keys_off && plan.unfinished.is_empty());
        let Some(segment) = segment else {
            // Something else is to be done, or in another way, than it looked before the lock.
            let given_up = self.conn.rollback();
            given_up.map_err(|error| database_error(self.conn, "giving up the lock", error))?;
            return Ok(plan);
        };
        self.ensure_ledger(&history)?;
        let rest = plan.steps.split_off(segment.length);
        let took = self.run_steps(&plan.steps, &history)?;
        self.commit_segment(&plan.steps)?;
        for (step, took) in plan.steps.iter().zip(took) {
            self.count(step, took);
        }
        self.outcome.left = names_of(&rest);
        Ok(Plan { unfinished: Vec::new(), steps: rest })
    }

    fn run_steps(&mut self, steps: &[Step<'m>], history: &History) -> Result<Vec<Duration>, Error> {
        let mut violations = None;
        if steps.iter().any(|step| step.foreign_keys() == ForeignKeys::Off) {
            violations = Some(self.violations()?);
        }
        let mut records = Records::default();
        let mut times = Vec::with_capacity(steps.len());
        for step in steps {
            self.tell(&Event::StepStarted { step });
            let started_at = now_ms();
            let took = match self.run_step(step, violations.as_mut()) {
                Ok(took) => took,
                Err(error) => {
                    self.failed(step, &error);
                    return Err(error);
                }
            };
            self.tell(&Event::StepFinished { step, took });
            self.note(&mut records, history, step, started_at, took);
            times.push(took);
        }
        self.write(&records)?;
        Ok(times)
    }

    fn run_step(
        &mut self,
        step: &Step<'m>,
        violations: Option<&mut Vec<Violation>>,
    ) -> Result<Duration, Error> {
        let took = self.guarded(step, |run| {
            let mut took = Duration::ZERO;
            for at in 0..step.statements().len() {
                if run.is_cancelled() {
                    return Err(cancelled());
                }
                match run.statement(step, at) {
                    Ok(time) => took += time,
                    Err(error) => return Err(run.statement_error(step, at, &error)),
                }
            }
            Ok(took)
        })?;
        if let Some(before) = violations
            && step.foreign_keys() == ForeignKeys::Off
        {
            let now = self.violations()?;
            refuse_new(before, now.clone(), || vec![step.named()])?;
            *before = now;
        }
        Ok(took)
    }

    fn note(
        &mut self,
        records: &mut Records,
        history: &History,
        step: &Step<'m>,
        started_at: i64,
        took: Duration,
    ) {
        match step.direction() {
            Direction::Down => records.erased.push(step.version().to_owned()),
            Direction::Up => {
                let batch = self.batch(history);
                let before = i64::try_from(records.entries.len()).unwrap_or(i64::MAX);
                let order = history.next_order().saturating_add(before);
                records.entries.extend(entry(step, batch, order, started_at, took));
            }
        }
    }

    /// Reverts first: what is done again was erased before.
    fn write(&mut self, records: &Records) -> Result<(), Error> {
        self.tell(&Event::Recording);
        let erased = self.conn.erase(&records.erased);
        let written = erased.and_then(|()| self.conn.record(&records.entries));
        written.map_err(|error| database_error(self.conn, "writing the ledger", error))
    }

    fn commit_segment(&mut self, steps: &[Step<'m>]) -> Result<(), Error> {
        let Err(error) = self.commit()? else { return Ok(()) };
        if C::fault(&error) == Fault::ForeignKey {
            // A deferred key speaks up only now, and does not say which row.
            let violations = self.violations()?;
            refuse_new(&[], violations, || names_of(steps))?;
        }
        Err(database_error(self.conn, "committing", error))
    }
}
