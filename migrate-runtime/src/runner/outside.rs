//! Work outside of transactions: a journal says how far it came, and a lock that dies with its
//! process says whether somebody is still at it.
use std::ops::Range;
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::reconnect::Flight;
use super::retry::Patience;
use super::run::{Run, cancelled, entry};
use crate::backend::{Backend, ExclusiveError, Fault, Progress};
use crate::code::Code;
use crate::error::{Error, Evidence, HalfWay, HalfWayReason, Place, StatementError};
use crate::event::Event;
use crate::journal::{Prefix, Unfinished, Unit, UnitKind, has_lasting, units};
use crate::migrations::Mode;
use crate::outcome::{Named, Outcome};
use crate::plan::Plan;
use crate::process;
use crate::step::{Direction, Step};

/// A step under way.
pub(super) struct Work<'m> {
    pub(super) step: Step<'m>,
    pub(super) journal: Unfinished,
    /// Statements that set up the session again, before it goes on.
    pub(super) repeat: Vec<usize>,
}

/// A unit did not succeed: at this statement, for this reason.
pub(super) struct Stop {
    pub(super) at: usize,
    pub(super) error: Error,
    /// What of it may be done all the same.
    pub(super) doubt: Option<Box<Doubt>>,
}

/// What may be done of a unit that did not succeed.
pub(super) enum Doubt {
    /// All of it or nothing: the connection was lost over it.
    Lost,
    /// Some of it is.
    Partly(Vec<Evidence>),
}

impl Stop {
    pub(super) fn new(at: usize, error: Error) -> Self {
        Self { at, error, doubt: None }
    }
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Runs the plan's first step, or finishes an unfinished one, and leaves in the plan what is to
    /// be done then.
    pub(super) fn outside(&mut self, plan: &mut Plan<'m>) -> Result<(), Error> {
        self.keep_foreign_keys(true)?;
        let exclusive = self.exclusive(plan.unfinished.first())?;
        let result = self.exclusively(plan);
        // The script may have switched them; the next migration must not notice.
        let kept = self.keep_foreign_keys(true);
        drop(exclusive);
        result.and(kept)
    }

    /// Waits until no other process works outside of transactions. Always taken before a
    /// transaction, never within one, so nobody waits in a circle.
    pub(super) fn exclusive(
        &mut self,
        unfinished: Option<&Unfinished>,
    ) -> Result<C::Exclusive, Error> {
        let holder = unfinished.and_then(Unfinished::pid).map(process::describe);
        let obtained =
            self.poll_for(|conn, _| conn.try_exclusive().transpose(), |_, _| holder.clone())?;
        obtained.map_err(|error| match error {
            ExclusiveError::Database(error) => {
                self.database_error("finding the database's file", error)
            }
            ExclusiveError::File(path, source) => Error::LockFile { path, source },
        })
    }

    fn exclusively(&mut self, plan: &mut Plan<'m>) -> Result<(), Error> {
        if !C::SESSION_LOCK {
            self.lock()?;
        }
        let work = match self.open(plan) {
            Ok(Some(work)) => work,
            Ok(None) => {
                let given_up = self.conn.rollback(&self.session);
                return given_up.map_err(|e| self.database_error("giving up the lock", e));
            }
            Err(error) => return Err(self.roll_back(error)),
        };
        let step = work.step.clone();
        self.carry_out(work)?;
        plan.unfinished.clear();
        plan.steps.retain(|left| {
            left.version() != step.version() || left.direction() != step.direction()
        });
        Ok(())
    }

    /// Under both locks: looks what there is to do, and writes it into the journal.
    fn open(&mut self, plan: &mut Plan<'m>) -> Result<Option<Work<'m>>, Error> {
        let (history, found) = self.replan()?;
        *plan = found;
        let work = match (history.unfinished().first(), plan.steps.first()) {
            (Some(unfinished), _) => self.resume(unfinished, &history)?,
            (None, Some(step)) if !step.is_inside() => {
                let journal = Unfinished {
                    version: step.version().to_owned(),
                    name: step.name().to_owned(),
                    direction: step.direction(),
                    next: 0,
                    started: false,
                    total: step.statements().len(),
                    batch: match step.direction() {
                        Direction::Up => self.batch(),
                        // A revert takes rows out of the ledger; it groups none.
                        Direction::Down => 0,
                    },
                    started_at: process::now_ms(),
                    done: Prefix::default().0,
                    runner: process::this(),
                };
                Work { step: step.clone(), journal, repeat: Vec::new() }
            }
            (None, _) => return Ok(None),
        };
        if C::SESSION_LOCK {
            // Only now: where somebody else's statement is looked for, a question that the database
            // does not understand must not end the transaction.
            if !self.begin_step(&work.step)? {
                return Ok(None);
            }
        }
        self.ready(&history)?;
        self.tell(&Event::Recording);
        let opened = self.conn.open_journal(&self.session, &work.journal);
        opened.map_err(|error| self.database_error("writing the journal", error))?;
        self.commit()?.map_err(|error| self.database_error("committing", error))?;
        if work.journal.next > 0 {
            self.tell(&Event::Resumed { step: &work.step, done: work.journal.next });
        }
        self.tell(&Event::StepStarted { step: &work.step });
        Ok(Some(work))
    }

    fn carry_out(&mut self, mut work: Work<'m>) -> Result<(), Error> {
        let mut took = Duration::ZERO;
        if let Err(stop) = self.units(&mut work, &mut took) {
            let error = self.stopped(&work, stop);
            self.failed(&work.step, &error);
            return Err(error);
        }
        self.tell(&Event::StepFinished { step: &work.step, took });
        self.begin()?;
        if let Err(error) = self.close(&work, took) {
            return Err(self.roll_back(error));
        }
        self.count(&work.step, took);
        Ok(())
    }

    fn units(&mut self, work: &mut Work<'m>, took: &mut Duration) -> Result<(), Stop> {
        for at in std::mem::take(&mut work.repeat) {
            *took += self.retrying(&work.step, |run| run.bare(&work.step, at))?;
        }
        for unit in units(&work.step, work.journal.next) {
            let at = unit.statements.start;
            if self.is_cancelled() {
                return Err(Stop::new(at, cancelled()));
            }
            let done = unit.statements.clone().fold(Prefix(work.journal.done), |prefix, at| {
                prefix.and(&work.step, &work.step.statements()[at])
            });
            *took += self.unit(work, &unit, done.0)?;
            work.journal.next = unit.statements.end;
            work.journal.done = done.0;
        }
        Ok(())
    }

    /// Does one unit and moves the journal behind it.
    fn unit(&mut self, work: &mut Work<'m>, unit: &Unit, done: u64) -> Result<Duration, Stop> {
        let at = unit.statements.start;
        let last = unit.statements.end - 1;
        let progress = Progress { next: last + 1, started: false, done };
        let step = &work.step;
        let mut took = Duration::ZERO;
        match unit.kind {
            UnitKind::Wrapped => {
                took += self.retrying(step, |run| run.wrapped(step, at, progress))?;
            }
            UnitKind::Once if C::SESSION_LOCK || step.code().is_some() => {
                took += self.once(work, at, done)?
            }
            UnitKind::Bare(Mode::Commit) | UnitKind::Open => {
                let message = "the transaction is not both opened and closed in this file";
                return Err(Stop::new(at, self.unbalanced(step, at, message)));
            }
            UnitKind::Once | UnitKind::Bare(_) => {
                let sent = self.retrying(step, |run| {
                    run.clear(step, at)?;
                    run.bare(step, at)
                });
                if sent.is_err() {
                    // The first error is the one to tell.
                    let _ = self.clear(step, at);
                }
                took += sent?;
                self.advance(step, last, progress)?;
            }
            UnitKind::Group { commits } => {
                took += self.retrying(step, |run| run.group(step, at..last, commits, progress))?;
            }
        }
        Ok(took)
    }

    /// Does again from its beginning what is a transaction and was rolled back, because somebody
    /// was in the way.
    pub(super) fn retrying<T>(
        &mut self,
        step: &Step<'m>,
        mut work: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let mut patience = Patience::default();
        loop {
            match work(self) {
                Err(Stop { at, error: error @ Error::Locked { .. }, .. }) if C::SESSION_LOCK => {
                    let paused = match self.roll_back(error) {
                        Error::Locked { .. } => {
                            let text = step.text(&step.statements()[at]);
                            self.pause(&mut patience, Some(text))
                        }
                        error => Err(error),
                    };
                    paused.map_err(|error| Stop::new(at, error))?;
                }
                result => return result,
            }
        }
    }

    /// A transaction of the script's own.
    fn group(
        &mut self,
        step: &Step<'m>,
        statements: Range<usize>,
        commits: bool,
        progress: Progress,
    ) -> Result<Duration, Stop> {
        let mut took = Duration::ZERO;
        let last = statements.end;
        for at in statements {
            took += self.bare(step, at)?;
        }
        // Within the script's own transaction, so that both last or neither.
        if commits {
            self.advance(step, last, progress)?;
        }
        took += self.bare(step, last)?;
        if !commits {
            self.advance(step, last, progress)?;
        }
        Ok(took)
    }

    /// A statement in a transaction with its line in the journal.
    fn wrapped(
        &mut self,
        step: &Step<'m>,
        at: usize,
        progress: Progress,
    ) -> Result<Duration, Stop> {
        self.begin().map_err(|error| Stop::new(at, error))?;
        let took = self.guarded(step, |run| {
            run.statement(step, at).map_err(|error| run.statement_error(step, at, &error))
        });
        let took = took.map_err(|error| Stop::new(at, error))?;
        self.advance(step, at, progress)?;
        match self.commit() {
            Ok(Ok(())) => Ok(took),
            Ok(Err(error)) => {
                let is_lost = C::fault(&error) == Fault::Lost;
                let doubt = is_lost.then(|| Box::new(Doubt::Lost));
                Err(Stop { at, error: self.statement_error(step, at, &error), doubt })
            }
            Err(error) => Err(Stop::new(at, error)),
        }
    }

    /// A statement on its own; waits for whoever is in its way.
    pub(super) fn bare(&mut self, step: &Step<'m>, at: usize) -> Result<Duration, Stop> {
        self.tell(&Event::StatementStarted { step, statement: at });
        let started = Instant::now();
        let text = step.text(&step.statements()[at]);
        let sent = match step.code() {
            Some(code) => Ok(self.call(code, text)),
            None => self.send(text),
        };
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(Stop::new(at, self.statement_error(step, at, &error)));
            }
            Err(error) => return Err(Stop::new(at, error)),
        }
        let took = started.elapsed();
        self.tell(&Event::StatementFinished { step, statement: at, took });
        Ok(took)
    }

    /// Where nobody waits for long, whoever called this tries again.
    fn send(&mut self, text: &str) -> Result<QueryResult<()>, Error> {
        if !C::SESSION_LOCK {
            return self.poll(|conn, session| conn.execute(session, text));
        }
        self.sent.1 = Instant::now();
        let ready = self.conn.before_bare(&self.session, text);
        Ok(ready.and_then(|()| self.conn.execute(&self.session, text)))
    }

    /// Never tried again: what code has done outside of transactions stays.
    fn call(&mut self, code: Code, text: &str) -> QueryResult<()> {
        self.sent.1 = Instant::now();
        self.conn.before_bare(&self.session, text)?;
        self.conn.call(&self.session, code, text, false)
    }

    pub(super) fn advance(
        &mut self,
        step: &Step<'m>,
        last: usize,
        progress: Progress,
    ) -> Result<(), Stop> {
        let version = step.version();
        let advanced = if C::SESSION_LOCK {
            Ok(self.conn.advance_journal(&self.session, version, progress))
        } else {
            self.poll(|conn, session| conn.advance_journal(session, version, progress))
        };
        let error = match advanced {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => self.database_error("writing the journal", error),
            Err(error) => error,
        };
        Err(Stop::new(last, error))
    }

    fn close(&mut self, work: &Work<'m>, took: Duration) -> Result<(), Error> {
        self.tell(&Event::Recording);
        let Work { step, journal, .. } = work;
        let order = self.order();
        let Self { conn, session, .. } = self;
        let reclaimed = conn.reclaim(session);
        let written = reclaimed.and_then(|()| {
            match entry(step, journal.batch, order, journal.started_at, took) {
                Some(entry) => conn.record(session, &[entry]),
                None => conn.erase(session, &[step.version().to_owned()]),
            }
        });
        let written = written.and_then(|()| conn.close_journal(session, step.version()));
        written.map_err(|error| self.database_error("writing the ledger", error))?;
        self.commit()?.map_err(|error| match C::fault(&error) {
            Fault::Lost => {
                self.flight = Flight::new(vec![(step.clone(), took)], self.last_order());
                Error::CommitUnknown { migrations: vec![step.named()], outcome: Box::default() }
            }
            _ => self.database_error("committing", error),
        })
    }

    /// Cleans up behind a unit that did not succeed. When nothing lasting is done, no trace stays.
    fn stopped(&mut self, work: &Work<'m>, Stop { at, error, doubt }: Stop) -> Error {
        let error = self.roll_back(error);
        let Work { step, journal, .. } = work;
        let place = Place::new(step, self.migrations.directory, at);
        if let Some(Doubt::Lost) = doubt.as_deref() {
            return half_way(journal, HalfWayReason::ConnectionLost { place });
        }
        if !journal.started && !has_lasting(step, journal.next) {
            // A row that cannot be removed does no harm: the next run starts from the top.
            let _ = self.poll(|conn, session| conn.close_journal(session, step.version()));
            return error;
        }
        let (place, message) = match error {
            Error::Cancelled { outcome, .. } => {
                return Error::Cancelled { half_way: Some(Box::new(place)), outcome };
            }
            Error::ConnectionLost { .. } => {
                return half_way(journal, HalfWayReason::ConnectionLost { place });
            }
            Error::Statement(error) => (error.place, error.message),
            other => (place, other.to_string()),
        };
        let reason = match doubt.map(|doubt| *doubt) {
            Some(Doubt::Partly(evidence)) => HalfWayReason::Partly { place, message, evidence },
            _ => HalfWayReason::Failed { place, message },
        };
        half_way(journal, reason)
    }

    fn unbalanced(&self, step: &Step<'m>, at: usize, message: &str) -> Error {
        Error::Statement(Box::new(StatementError {
            place: Place::new(step, self.migrations.directory, at),
            message: message.to_owned(),
            outcome: Outcome::default(),
        }))
    }
}

pub(super) fn half_way(unfinished: &Unfinished, reason: HalfWayReason) -> Error {
    Error::HalfWay(Box::new(HalfWay {
        migration: Named { version: unfinished.version.clone(), name: unfinished.name.clone() },
        direction: unfinished.direction,
        done: unfinished.next,
        of: unfinished.total,
        reason,
        outcome: Outcome::default(),
    }))
}
