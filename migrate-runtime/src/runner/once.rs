//! Statements that cannot run in a transaction and must not be repeated: the journal says when one
//! was sent, and what it leaves behind says whether it ran.
use std::time::Duration;

use super::outside::{Stop, Work};
use super::run::Run;
use crate::backend::{Backend, Progress, Sought};
use crate::error::{Error, Evidence};
use crate::step::Step;

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

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Looks for what a statement brings about.
    pub(super) fn look(&mut self, step: &Step<'_>, at: usize) -> Result<Seen, Error> {
        let mut evidence = Vec::new();
        for trace in step.traces(at) {
            let written = |(start, end): (u32, u32)| &step.sql()[start as usize..end as usize];
            let sought = Sought {
                object: trace.object,
                exists: trace.exists,
                name: written(trace.name),
                table: written(trace.table),
            };
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
        let all = |state| evidence.iter().all(|(found, _)| *found == Some(state));
        Ok(if evidence.is_empty() || !all(true) && !all(false) {
            Seen::Unclear(evidence.into_iter().map(|(_, evidence)| evidence).collect())
        } else if all(true) {
            Seen::Done
        } else {
            Seen::NotDone
        })
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
        match self.bare(&work.step, at) {
            Ok(took) => {
                self.mark(work, at, Progress { next: at + 1, started: false, done })?;
                Ok(took)
            }
            Err(stop) if matches!(stop.error, Error::ConnectionLost { .. }) => {
                Err(Stop { is_unsure: true, ..stop })
            }
            Err(stop) => {
                // Where a failed statement leaves a part of its work, the mark stays.
                if work.journal.started && self.look(&work.step, at).is_ok_and(|now| now == before)
                {
                    let done = work.journal.done;
                    self.mark(work, at, Progress { next: at, started: false, done })?;
                }
                Err(stop)
            }
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
