//! Work outside of transactions: a journal says how far it came, and a lock that dies with its
//! process says whether somebody is still at it.
use std::time::Duration;

use diesel::QueryResult;

use super::run::{Run, cancelled, database_error, entry, names_of};
use crate::backend::{Backend, ExclusiveError};
use crate::error::{Error, HalfWay, HalfWayReason, Place, StatementError};
use crate::event::Event;
use crate::history::History;
use crate::journal::{Prefix, Resume, Unfinished, Unit, UnitKind, has_lasting, hash_of, units};
use crate::migrations::Mode;
use crate::outcome::{Named, Outcome};
use crate::plan::{Goal, Plan};
use crate::process;
use crate::step::{Direction, Step};

/// A step under way.
struct Work<'m> {
    step: Step<'m>,
    journal: Unfinished,
    /// Statements that set up the session again, before it goes on.
    repeat: Vec<usize>,
    order: i64,
}

/// A unit did not succeed: at this statement, for this reason.
struct Stop {
    at: usize,
    error: Error,
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Runs the plan's first step, or finishes an unfinished one; returns what is to be done then.
    pub(super) fn outside(&mut self, plan: &Plan<'m>) -> Result<Plan<'m>, Error> {
        self.keep_foreign_keys(true)?;
        let exclusive = self.exclusive(plan.unfinished.first())?;
        let result = self.exclusively();
        // The script may have switched them; the next migration must not notice.
        let kept = self.keep_foreign_keys(true);
        drop(exclusive);
        let rest = result?;
        kept.map(|()| rest)
    }

    /// Waits until no other process works outside of transactions. Always taken before a
    /// transaction, never within one, so nobody waits in a circle.
    fn exclusive(&mut self, unfinished: Option<&Unfinished>) -> Result<C::Exclusive, Error> {
        let holder = unfinished.and_then(Unfinished::pid).map(process::describe);
        let obtained =
            self.poll_for(|conn| conn.try_exclusive().transpose(), |_| holder.clone())?;
        obtained.map_err(|error| match error {
            ExclusiveError::Database(error) => {
                database_error(self.conn, "finding the database's file", error)
            }
            ExclusiveError::File(path, source) => Error::LockFile { path, source },
        })
    }

    fn exclusively(&mut self) -> Result<Plan<'m>, Error> {
        self.lock()?;
        let (work, plan) = match self.open() {
            Ok((Some(work), plan)) => (work, plan),
            Ok((None, plan)) => {
                let given_up = self.conn.rollback();
                given_up.map_err(|e| database_error(self.conn, "giving up the lock", e))?;
                return Ok(plan);
            }
            Err(error) => return Err(self.roll_back(error)),
        };
        let is_this = |step: &Step<'_>| {
            step.version() == work.step.version() && step.direction() == work.step.direction()
        };
        let rest: Vec<Step<'m>> =
            plan.steps.iter().filter(|step| !is_this(step)).cloned().collect();
        self.carry_out(work)?;
        self.outcome.left = names_of(&rest);
        Ok(Plan { unfinished: Vec::new(), steps: rest })
    }

    /// Under both locks: looks what there is to do, and writes it into the journal.
    fn open(&mut self) -> Result<(Option<Work<'m>>, Plan<'m>), Error> {
        let (history, plan) = self.replan()?;
        let work = match (history.unfinished().first(), plan.steps.first()) {
            (Some(unfinished), _) => self.resume(unfinished, &history)?,
            (None, Some(step)) if !step.run_in_transaction() => {
                let journal = Unfinished {
                    version: step.version().to_owned(),
                    name: step.name().to_owned(),
                    direction: step.direction(),
                    next: 0,
                    total: step.statements().len(),
                    batch: match step.direction() {
                        Direction::Up => self.batch(&history),
                        // A revert takes rows out of the ledger; it groups none.
                        Direction::Down => 0,
                    },
                    started_at: process::now_ms(),
                    done: Prefix::default().0,
                    runner: process::this(),
                };
                let order = history.next_order();
                Work { step: step.clone(), journal, repeat: Vec::new(), order }
            }
            (None, _) => return Ok((None, plan)),
        };
        self.ensure_ledger(&history)?;
        self.tell(&Event::Recording);
        let opened = self.conn.open_journal(&work.journal);
        opened.map_err(|error| database_error(self.conn, "writing the journal", error))?;
        self.commit()?.map_err(|error| database_error(self.conn, "committing", error))?;
        if work.journal.next > 0 {
            self.tell(&Event::Resumed { step: &work.step, done: work.journal.next });
        }
        self.tell(&Event::StepStarted { step: &work.step });
        Ok((Some(work), plan))
    }

    fn resume(&mut self, unfinished: &Unfinished, history: &History) -> Result<Work<'m>, Error> {
        let fits = match self.goal {
            Goal::Run(_) => unfinished.direction == Direction::Up,
            Goal::Revert(_) => unfinished.direction == Direction::Down,
            Goal::Redo(_) => true,
        };
        if !fits {
            return Err(half_way(unfinished, HalfWayReason::OtherDirection));
        }
        let Some(step) = self.step_of(unfinished, history)? else {
            return Err(half_way(unfinished, HalfWayReason::Gone));
        };
        let directory = self.migrations.directory;
        let (next, repeat) = match Resume::of(unfinished, &step) {
            Resume::From { next, repeat } => (next, repeat),
            Resume::Lost(at) => {
                let place = Place::new(&step, directory, at);
                return Err(half_way(unfinished, HalfWayReason::SessionLost { place }));
            }
            Resume::Changed => {
                let path = step.path(directory);
                return Err(half_way(unfinished, HalfWayReason::Changed { path }));
            }
        };
        // What goes on belongs to the run that began it, and so does the rest.
        if unfinished.direction == Direction::Up {
            self.outcome.batch = Some(unfinished.batch);
        }
        let journal = Unfinished {
            next,
            total: step.statements().len(),
            done: hash_of(&step, next),
            runner: process::this(),
            ..unfinished.clone()
        };
        Ok(Work { step, journal, repeat, order: history.next_order() })
    }

    fn step_of(
        &self,
        unfinished: &Unfinished,
        history: &History,
    ) -> Result<Option<Step<'m>>, Error> {
        let migration = self.migrations.get(&unfinished.version);
        Ok(match (unfinished.direction, migration) {
            (Direction::Up, migration) => migration.map(Step::Up),
            (Direction::Down, Some(migration)) => Step::down(migration).ok(),
            (Direction::Down, None) => {
                let record = history.get(&unfinished.version).and_then(|a| a.record.as_ref());
                match record.and_then(|record| record.down.as_ref()) {
                    None => None,
                    Some(down) => Some(Step::Stored {
                        migration: Named {
                            version: unfinished.version.clone(),
                            name: unfinished.name.clone(),
                        },
                        script: down.decode()?,
                    }),
                }
            }
        })
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
            *took += self.bare(&work.step, at)?;
        }
        for unit in units(&work.step, work.journal.next) {
            let at = unit.statements.start;
            if self.is_cancelled() {
                return Err(Stop { at, error: cancelled() });
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
    fn unit(&mut self, work: &Work<'m>, unit: &Unit, done: u64) -> Result<Duration, Stop> {
        let step = &work.step;
        let at = unit.statements.start;
        let last = unit.statements.end - 1;
        let mut took = Duration::ZERO;
        match unit.kind {
            UnitKind::Wrapped => {
                self.begin().map_err(|error| Stop { at, error })?;
                took += self.guarded_statement(step, at)?;
                self.advance(work, last, done)?;
                match self.commit() {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        return Err(Stop { at, error: self.statement_error(step, at, &error) });
                    }
                    Err(error) => return Err(Stop { at, error }),
                }
            }
            UnitKind::Bare(Mode::Commit) | UnitKind::Open => {
                let message = "the transaction is not both opened and closed in this file";
                return Err(Stop { at, error: self.unbalanced(step, at, message) });
            }
            UnitKind::Bare(_) => {
                took += self.bare(step, at)?;
                self.advance(work, last, done)?;
            }
            UnitKind::Group { commits } => {
                for at in at..last {
                    took += self.bare(step, at)?;
                }
                // Within the script's own transaction, so that both last or neither.
                if commits {
                    self.advance(work, last, done)?;
                }
                took += self.bare(step, last)?;
                if !commits {
                    self.advance(work, last, done)?;
                }
            }
        }
        Ok(took)
    }

    fn guarded_statement(&mut self, step: &Step<'m>, at: usize) -> Result<Duration, Stop> {
        let done = self.guarded(step, |run| {
            run.statement(step, at).map_err(|error| run.statement_error(step, at, &error))
        });
        done.map_err(|error| Stop { at, error })
    }

    /// A statement on its own; waits for whoever is in its way.
    fn bare(&mut self, step: &Step<'m>, at: usize) -> Result<Duration, Stop> {
        self.tell(&Event::StatementStarted { step, statement: at });
        let started = std::time::Instant::now();
        let text = step.text(&step.statements()[at]);
        match self.poll(|conn| conn.batch_execute(text)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(Stop { at, error: self.statement_error(step, at, &error) });
            }
            Err(error) => return Err(Stop { at, error }),
        }
        let took = started.elapsed();
        self.tell(&Event::StatementFinished { step, statement: at, took });
        Ok(took)
    }

    fn advance(&mut self, work: &Work<'m>, last: usize, done: u64) -> Result<(), Stop> {
        let version = work.step.version();
        let advanced: Result<QueryResult<()>, Error> =
            self.poll(|conn| conn.advance_journal(version, last + 1, done));
        let error = match advanced {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => database_error(self.conn, "writing the journal", error),
            Err(error) => error,
        };
        Err(Stop { at: last, error })
    }

    fn close(&mut self, work: &Work<'m>, took: Duration) -> Result<(), Error> {
        self.tell(&Event::Recording);
        let Work { step, journal, order, .. } = work;
        let written = match entry(step, journal.batch, *order, journal.started_at, took) {
            Some(entry) => self.conn.record(&[entry]),
            None => self.conn.erase(&[step.version().to_owned()]),
        };
        let written = written.and_then(|()| self.conn.close_journal(step.version()));
        written.map_err(|error| database_error(self.conn, "writing the ledger", error))?;
        self.commit()?.map_err(|error| database_error(self.conn, "committing", error))
    }

    /// Cleans up behind a unit that did not succeed. When nothing lasting is done, no trace stays.
    fn stopped(&mut self, work: &Work<'m>, Stop { at, error }: Stop) -> Error {
        let error = self.roll_back(error);
        let Work { step, journal, .. } = work;
        if !has_lasting(step, journal.next) {
            // A row that cannot be removed does no harm: the next run starts from the top.
            let _ = self.poll(|conn| conn.close_journal(step.version()));
            return error;
        }
        let place = Place::new(step, self.migrations.directory, at);
        let message = match error {
            Error::Cancelled { outcome, .. } => {
                return Error::Cancelled { half_way: Some(Box::new(place)), outcome };
            }
            Error::Statement(error) => error.message,
            other => other.to_string(),
        };
        half_way(journal, HalfWayReason::Failed { place, message })
    }

    fn unbalanced(&self, step: &Step<'m>, at: usize, message: &str) -> Error {
        Error::Statement(Box::new(StatementError {
            place: Place::new(step, self.migrations.directory, at),
            message: message.to_owned(),
            outcome: Outcome::default(),
        }))
    }
}

fn half_way(unfinished: &Unfinished, reason: HalfWayReason) -> Error {
    Error::HalfWay(Box::new(HalfWay {
        migration: Named { version: unfinished.version.clone(), name: unfinished.name.clone() },
        direction: unfinished.direction,
        done: unfinished.next,
        of: unfinished.total,
        reason,
        outcome: Outcome::default(),
    }))
}
