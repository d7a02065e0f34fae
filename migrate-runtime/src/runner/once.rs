//! Statements that cannot run in a transaction and must not be repeated: the journal says when one
//! was sent, and what it leaves behind says whether it ran.
use std::cell::RefCell;
use std::time::Duration;

use super::outside::{Doubt, Stop, Work};
use super::run::Run;
use crate::backend::{Backend, Progress, Remains, Sought};
use crate::error::{Error, Evidence};
use crate::event::Event;
use crate::step::Step;

const CLEARING: &str = "removing what an earlier attempt has left";

/// What the traces of a statement show.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It has run.
    Done,
    /// It has not.
    NotDone,
    /// Nothing certain: some are there and some are not, or there are none.
    Unclear(Vec<Evidence>),
}

impl From<Vec<(Option<bool>, Evidence)>> for Seen {
    /// Of traces that are there, are not there, or cannot be looked for.
    fn from(traces: Vec<(Option<bool>, Evidence)>) -> Self {
        let all = |state| traces.iter().all(|(found, _)| *found == Some(state));
        if traces.is_empty() || !all(true) && !all(false) {
            Self::Unclear(traces.into_iter().map(|(_, evidence)| evidence).collect())
        } else if all(true) {
            Self::Done
        } else {
            Self::NotDone
        }
    }
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Looks for what a statement brings about.
    pub(super) fn look(&mut self, step: &Step<'_>, at: usize) -> Result<Seen, Error> {
        let mut evidence = Vec::new();
        for trace in step.traces(at) {
            let sought = Sought::new(step, trace);
            let found = self.conn.look(&self.session, sought);
            let found = found.map_err(|e| self.database_error("looking what is done", e))?;
            evidence.push((
                found,
                Evidence {
                    object: sought.object,
                    name: sought.name.to_owned(),
                    table: sought.table.to_owned(),
                    is_there: found.map(|found| found == sought.exists),
                },
            ));
        }
        Ok(Seen::from(evidence))
    }

    /// Sends one, and moves the journal behind it. `done` is the hash with it.
    pub(super) fn once(
        &mut self,
        work: &mut Work<'m>,
        at: usize,
        done: u64,
    ) -> Result<Duration, Stop> {
        let before = self.look(&work.step, at).map_err(|error| Stop::new(at, error))?;
        // One whose work is done already is refused or does nothing: no harm in sending it again.
        if before != Seen::Done {
            self.mark(work, at, Progress { next: at, started: true, done })?;
        }
        let step = &work.step;
        let is_code = step.code().is_some();
        let sent = match is_code {
            true => self.bare(step, at),
            false => self.retrying(step, |run| {
                run.clear(step, at)?;
                run.bare(step, at)
            }),
        };
        match sent {
            Ok(took) => {
                self.mark(work, at, Progress { next: at + 1, started: false, done })?;
                Ok(took)
            }
            Err(stop) if matches!(stop.error, Error::ConnectionLost { .. }) => {
                Err(Stop { doubt: Some(Box::new(Doubt::Lost)), ..stop })
            }
            // Of several statements some may be done.
            Err(stop) if is_code => {
                Err(Stop { doubt: Some(Box::new(Doubt::Partly(Vec::new()))), ..stop })
            }
            Err(stop) => {
                // What is left is in the next attempt's way too, and costs every writer; but the
                // first error is the one to tell.
                let _ = self.clear(&work.step, at);
                Err(self.unmark(work, stop, &before))
            }
        }
    }

    /// Takes the mark back from a statement that failed; unless it has left a part of its work.
    fn unmark(&mut self, work: &mut Work<'m>, stop: Stop, before: &Seen) -> Stop {
        let at = stop.at;
        if !work.journal.started {
            return stop;
        }
        match self.look(&work.step, at) {
            Ok(now) if now == *before => {
                let done = work.journal.done;
                // A mark that stays makes the next run look.
                let _ = self.mark(work, at, Progress { next: at, started: false, done });
                stop
            }
            Ok(Seen::Unclear(evidence)) => {
                Stop { doubt: Some(Box::new(Doubt::Partly(evidence))), ..stop }
            }
            _ => stop,
        }
    }

    /// Removes what an earlier attempt has left in a statement's way; waits for whoever is still
    /// at it.
    pub(super) fn clear(&mut self, step: &Step<'_>, at: usize) -> Result<(), Stop> {
        for trace in step.traces(at) {
            let sought = Sought::new(step, trace);
            while let Some(removal) = self.useless(sought).map_err(|error| Stop::new(at, error))? {
                self.tell(&Event::Repairing { step, statement: at, removal: &removal });
                let ready = self.conn.before_bare(&self.session, &removal);
                let removed = ready.and_then(|()| self.conn.execute(&self.session, &removal));
                removed.map_err(|e| Stop::new(at, self.database_error(CLEARING, e)))?;
            }
        }
        Ok(())
    }

    /// The statement that removes something useless, if there is such a thing.
    fn useless(&mut self, sought: Sought<'_>) -> Result<Option<String>, Error> {
        let builder = RefCell::new(None);
        let found = self.poll_for(
            |conn, _| match conn.remains(sought) {
                Ok(Remains::UnderWork { by }) => {
                    builder.replace(Some(by));
                    None
                }
                found => Some(found),
            },
            |_, _| builder.borrow().clone(),
        )?;
        match found.map_err(|error| self.database_error(CLEARING, error))? {
            Remains::Useless { removal } => Ok(Some(removal)),
            Remains::None | Remains::UnderWork { .. } => Ok(None),
        }
    }

    fn mark(&mut self, work: &mut Work<'m>, at: usize, progress: Progress) -> Result<(), Stop> {
        self.begin().map_err(|error| Stop::new(at, error))?;
        self.advance(&work.step, at, progress)?;
        let committed = self.commit().map_err(|error| Stop::new(at, error))?;
        committed.map_err(|error| Stop::new(at, self.database_error("committing", error)))?;
        work.journal.started = progress.started;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::Object;

    #[test]
    fn only_traces_that_agree_tell_anything() {
        let seen = |found: &[Option<bool>]| {
            let trace = |(at, found): (usize, &Option<bool>)| {
                let name = at.to_string();
                let table = String::new();
                (*found, Evidence { object: Object::Index, name, table, is_there: *found })
            };
            Seen::from(found.iter().enumerate().map(trace).collect::<Vec<_>>())
        };
        assert_eq!(seen(&[Some(true), Some(true)]), Seen::Done);
        assert_eq!(seen(&[Some(false)]), Seen::NotDone);
        assert_eq!(seen(&[]), Seen::Unclear(Vec::new()));
        for unclear in [[Some(true), Some(false)], [Some(true), None], [None, None]] {
            let Seen::Unclear(evidence) = seen(&unclear) else { panic!("{unclear:?}") };
            assert_eq!(evidence.len(), 2);
        }
    }
}
