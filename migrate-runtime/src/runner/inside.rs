//! Work inside a transaction: all of a segment, its ledger rows included, or nothing.
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::guard::refuse_new;
use super::reconnect::Flight;
use super::retry::Patience;
use super::run::{Run, cancelled, entry, names_of};
use super::segment::Segment;
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, Violation};
use crate::event::Event;
use crate::migrations::ForeignKeys;
use crate::plan::{Goal, Plan};
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
    /// Runs the first segment of the plan; returns what is to be done then.
    pub(super) fn inside(&mut self, plan: &Plan<'m>) -> Result<Plan<'m>, Error> {
        let off = self.segment(plan).is_some_and(|segment| segment.foreign_keys_off);
        let mut patience = Patience::default();
        loop {
            self.keep_foreign_keys(!off)?;
            self.lock()?;
            let Halt { step, error } = match self.locked(plan, off) {
                Ok(rest) => return Ok(rest),
                Err(halt) => halt,
            };
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
    /// table outlasts it; what is done again goes into one with its revert, all or nothing.
    fn segment(&self, plan: &Plan<'m>) -> Option<Segment> {
        let one = C::SESSION_LOCK && !matches!(self.goal, Goal::Redo(_));
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

    fn locked(&mut self, planned: &Plan<'m>, foreign_keys_off: bool) -> Result<Plan<'m>, Halt<'m>> {
        let is_settled = self.is_settled && !matches!(self.goal, Goal::Redo(_));
        let (history, mut plan) = if is_settled && self.still_stands(planned)? {
            (None, planned.clone())
        } else {
            let (history, plan) = self.replan()?;
            (Some(history), plan)
        };
        // A step that only this transaction has found may be under way elsewhere: Diesel's harness
        // is kept from a step by the look whether it is due, which comes first.
        let is_fenced = history.is_none() || !is_settled;
        let segment = self.segment(&plan).filter(|s| {
            s.foreign_keys_off == foreign_keys_off && plan.unfinished.is_empty() && is_fenced
        });
        let Some(segment) = segment else {
            // Something else is to be done, or in another way, than it looked before the lock.
            let given_up = self.conn.rollback();
            given_up.map_err(|error| self.database_error("giving up the lock", error))?;
            return Ok(plan);
        };
        if let Some(history) = history {
            self.ensure_ledger(&history)?;
        }
        let rest = plan.steps.split_off(segment.length);
        let took = self.run_steps(&plan.steps)?;
        let steps: Vec<_> = plan.steps.into_iter().zip(took).collect();
        self.commit_segment(&steps).map_err(|error| match &steps[..] {
            [(step, _)] => Halt { step: Some(Box::new(step.clone())), error },
            // Whose fault it is, nobody knows.
            _ => Halt::from(error),
        })?;
        for (step, took) in &steps {
            self.count(step, *took);
        }
        self.outcome.left = names_of(&rest);
        Ok(Plan { unfinished: Vec::new(), steps: rest })
    }

    /// Whether a plan that was made under the session's lock holds for its next step. Others run
    /// nothing meanwhile, but Diesel's own harness knows no lock.
    fn still_stands(&mut self, plan: &Plan<'m>) -> Result<bool, Error> {
        let [step, ..] = &plan.steps[..] else { return Ok(false) };
        self.is_due(step)
    }

    /// Whether this step is still to be done.
    pub(super) fn is_due(&mut self, step: &Step<'_>) -> Result<bool, Error> {
        let applied = self.conn.is_applied(&self.session, step.version());
        let applied = applied.map_err(|error| self.database_error("reading the ledger", error))?;
        Ok(applied == (step.direction() == Direction::Down))
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
        written.map_err(|error| match error {
            // Diesel's harness takes no lock: it was at the same, and came first. What was done
            // twice is rolled back.
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
                if C::SESSION_LOCK =>
            {
                Error::Locked { waited: Duration::ZERO, holder: None, outcome: Box::default() }
            }
            error => self.database_error("writing the ledger", error),
        })
    }

    fn commit_segment(&mut self, steps: &[(Step<'m>, Duration)]) -> Result<(), Error> {
        let Err(error) = self.commit()? else { return Ok(()) };
        let names = || steps.iter().map(|(step, _)| step.named()).collect();
        match C::fault(&error) {
            Fault::ForeignKey => {
                // A deferred key speaks up only now, and does not say which row.
                let violations = self.violations()?;
                refuse_new(&[], violations, names)?;
            }
            Fault::Lost => {
                self.flight = Flight::new(steps.to_vec(), self.last_order());
                let outcome = Box::default();
                return Err(Error::CommitUnknown { migrations: names(), outcome });
            }
            _ => {}
        }
        Err(self.database_error("committing", error))
    }
}
