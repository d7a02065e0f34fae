//! Finishing what an earlier run began outside of a transaction and did not end.
use super::once::Seen;
use super::outside::{Work, half_way};
use super::run::Run;
use crate::backend::Backend;
use crate::error::{Error, HalfWayReason, Place};
use crate::history::History;
use crate::journal::{Resume, Unfinished, hash_of};
use crate::outcome::Named;
use crate::plan::Goal;
use crate::process;
use crate::step::{Direction, Step};

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Where it goes on; an error when it must not.
    pub(super) fn resume(
        &mut self,
        unfinished: &Unfinished,
        history: &History,
    ) -> Result<Work<'m>, Error> {
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
        let (mut next, mut repeat) = match Resume::of(unfinished, &step) {
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
        if unfinished.started {
            // What its names mean may depend on these (`USE`, `SET search_path`).
            for at in std::mem::take(&mut repeat) {
                self.bare(&step, at).map_err(|stop| stop.error)?;
            }
            // Under the lock nobody is at it any more: it ran, or it did not.
            match self.look(&step, next)? {
                Seen::Done => next += 1,
                Seen::NotDone => {}
                Seen::Unclear(evidence) => {
                    let place = Place::new(&step, directory, next);
                    return Err(half_way(
                        unfinished,
                        HalfWayReason::CannotTell { place, evidence },
                    ));
                }
            }
        }
        // What goes on belongs to the run that began it, and so does the rest.
        if unfinished.direction == Direction::Up {
            self.outcome.batch = Some(unfinished.batch);
        }
        let journal = Unfinished {
            next,
            started: false,
            total: step.statements().len(),
            done: hash_of(&step, next),
            runner: process::this(),
            ..unfinished.clone()
        };
        Ok(Work { step, journal, repeat })
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
}
