//! Work inside a transaction: all of a segment, its ledger rows included, or nothing.
use std::time::Duration;

use super::guard::refuse_new;
use super::reconnect::Flight;
use super::retry::Patience;
use super::run::{Run, cancelled, entry};
use super::segment::Segment;
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, Violation};
use crate::event::Event;
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

/// A transaction did not succeed: over this step, for this reason.
struct Halt<'m> {
    step: Option<Box<Step<'m>>>,
    error: Error,
}

impl From<Error> for Halt<'_> {
    fn from(error: Error) -> Self {
        Self { step: None, error }
    }
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Runs the first segment of the plan, and leaves in it what is to be done then.
    pub(super) fn inside(&mut self, plan: &mut Plan<'m>) -> Result<(), Error> {
        let off = self.segment(plan).is_some_and(|segment| segment.foreign_keys_off);
        let is_settled = self.is_settled && !self.is_whole();
        let mut patience = Patience::default();
        loop {
            self.keep_foreign_keys(!off)?;
            let result = match plan.steps.first() {
                Some(step) if is_settled => match self.begin_step(step)? {
                    true => self.perform(plan, 1),
                    // Diesel's harness may be at the next one: that is begun in its own transaction.
                    false => return self.replan().map(|(_, rest)| *plan = rest),
                },
                _ => {
                    self.lock()?;
                    self.locked(plan, off)
                }
            };
            let Err(Halt { step, error }) = result else { return Ok(()) };
            if !C::SESSION_LOCK || !matches!(error, Error::Locked { .. }) {
                if let Some(step) = &step {
                    self.failed(step, &error);
                }
                return Err(self.roll_back(error));
            }
            let paused = match self.roll_back(error) {
                Error::Locked { .. } => {
                    let at = self.sent.0;
                    let statement = step.as_ref().map(|step| step.text(&step.statements()[at]));
                    self.pause(&mut patience, statement)
                }
                error => Err(error),
            };
            if let Err(error) = paused {
                if let Some(step) = &step {
                    self.failed(step, &error);
                }
                return Err(error);
            }
        }
    }

    /// What the next transaction is for. With a session's lock one migration, so that no lock on a
    /// table outlasts it; or all of them.
    fn segment(&self, plan: &Plan<'m>) -> Option<Segment> {
        let one = C::SESSION_LOCK && !self.is_whole();
        let steps = if one { &plan.steps[..plan.steps.len().min(1)] } else { &plan.steps };
        Segment::first(steps, self.enforced)
    }

    /// Has foreign keys as the connection has them, or off.
    pub(super) fn keep_foreign_keys(&mut self, keep: bool) -> Result<(), Error> {
        if !self.enforced {
            return Ok(());
        }
        let switched = self.conn.enforce_foreign_keys(keep);
        switched.map_err(|error| self.database_error("switching foreign keys", error))
    }

    /// Plans again under the lock of the transaction, and runs what is the first segment then.
    fn locked(&mut self, plan: &mut Plan<'m>, foreign_keys_off: bool) -> Result<(), Halt<'m>> {
        let (history, found) = self.replan()?;
        *plan = found;
        let segment = self
            .segment(plan)
            .filter(|s| s.foreign_keys_off == foreign_keys_off && plan.unfinished.is_empty());
        let Some(segment) = segment else {
            // Something else is to be done, or in another way, than it looked before the lock.
            let given_up = self.conn.rollback(&self.session);
            given_up.map_err(|error| self.database_error("giving up the lock", error))?;
            return Ok(());
        };
        self.refuse_pieces(plan, segment.length).map_err(Error::from)?;
        self.ready(&history)?;
        self.perform(plan, segment.length)
    }

    /// Runs the first so many steps in the open transaction, and commits.
    fn perform(&mut self, plan: &mut Plan<'m>, length: usize) -> Result<(), Halt<'m>> {
        let steps = &plan.steps[..length];
        let took = self.run_steps(steps)?;
        self.commit_segment(steps, &took).map_err(|error| match steps {
            [step] => Halt { step: Some(Box::new(step.clone())), error },
            // Whose fault it is, nobody knows.
            _ => Halt::from(error),
        })?;
        for (step, took) in plan.steps.drain(..length).zip(took) {
            self.count(&step, took);
        }
        Ok(())
    }

    fn run_steps(&mut self, steps: &[Step<'m>]) -> Result<Vec<Duration>, Halt<'m>> {
        let mut violations = None;
        if steps.iter().any(|step| step.foreign_keys() == ForeignKeys::Off) {
            violations = Some(self.violations()?);
        }
        let mut records = Records::default();
        let mut times = Vec::with_capacity(steps.len());
        for step in steps {
            self.tell(&Event::StepStarted { step });
            let started_at = now_ms();
            let took = self
                .run_step(step, violations.as_mut())
                .map_err(|error| Halt { step: Some(Box::new(step.clone())), error })?;
            self.tell(&Event::StepFinished { step, took });
            self.note(&mut records, step, started_at, took);
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

    fn note(&mut self, records: &mut Records, step: &Step<'m>, started_at: i64, took: Duration) {
        match step.direction() {
            Direction::Down => records.erased.push(step.version().to_owned()),
            Direction::Up => {
                let (batch, order) = (self.batch(), self.order());
                records.entries.extend(entry(step, batch, order, started_at, took));
            }
        }
    }

    /// Reverts first: what is done again was erased before.
    fn write(&mut self, records: &Records) -> Result<(), Error> {
        self.tell(&Event::Recording);
        let Self { conn, session, .. } = self;
        let reclaimed = conn.reclaim(session);
        let erased = reclaimed.and_then(|()| conn.erase(session, &records.erased));
        let written = erased.and_then(|()| conn.record(session, &records.entries));
        written.map_err(|error| self.database_error("writing the ledger", error))
    }

    fn commit_segment(&mut self, steps: &[Step<'m>], took: &[Duration]) -> Result<(), Error> {
        let Err(error) = self.commit()? else { return Ok(()) };
        let names = || steps.iter().map(Step::named).collect();
        match C::fault(&error) {
            Fault::ForeignKey => {
                // A deferred key speaks up only now, and does not say which row.
                let violations = self.violations()?;
                refuse_new(&[], violations, names)?;
            }
            Fault::Lost => {
                let steps = steps.iter().cloned().zip(took.iter().copied()).collect();
                self.flight = Flight::new(steps, self.last_order());
                let outcome = Box::default();
                return Err(Error::CommitUnknown { migrations: names(), outcome });
            }
            _ => {}
        }
        Err(self.database_error("committing", error))
    }
}
