//! After a connection was lost over a commit, or over a statement that must not be repeated, nobody
//! knows what came of it but the database.
use std::any::{Any, TypeId};
use std::time::{Duration, Instant};

use diesel::ConnectionResult;

use super::run::{Run, enter};
use crate::backend::{Backend, backoff};
use crate::error::{Error, HalfWayReason};
use crate::event::Event;
use crate::history::History;
use crate::step::{Direction, Step};

/// How often a run connects again.
const TIMES: u32 = 5;

/// Makes connections of one type.
pub(super) trait Reconnect {
    /// Of which.
    fn makes(&self) -> TypeId;
    /// Puts a new connection in the place of a lost one; false when there is none.
    fn replace(&mut self, lost: &mut dyn Any) -> bool;
}

impl<C: Backend, F: FnMut() -> ConnectionResult<C>> Reconnect for F {
    fn makes(&self) -> TypeId {
        TypeId::of::<C>()
    }

    fn replace(&mut self, lost: &mut dyn Any) -> bool {
        // Why it failed is not told: such messages hold whole addresses, passwords included.
        let Some(lost) = lost.downcast_mut::<C>() else { return false };
        let Ok(new) = self() else { return false };
        *lost = new;
        true
    }
}

/// What a commit is under way for.
pub(super) struct Flight<'m> {
    /// The steps, and how long each took.
    steps: Vec<(Step<'m>, Duration)>,
    mark: Mark,
}

/// What the ledger shows when it came through.
enum Mark {
    /// The migration that was applied last, with this order.
    Applied { version: String, order: i64 },
    /// This one is gone.
    Erased { version: String },
}

impl<'m> Flight<'m> {
    /// Of steps with this outcome: what was applied, in order, and otherwise what was reverted.
    pub(super) fn new(steps: Vec<(Step<'m>, Duration)>, last_order: i64) -> Option<Self> {
        let is_up = |(step, _): &&(Step<'m>, Duration)| step.direction() == Direction::Up;
        let version = |(step, _): &(Step<'m>, Duration)| step.version().to_owned();
        let mark = match steps.iter().rev().find(is_up) {
            Some(up) => Mark::Applied { version: version(up), order: last_order },
            None => Mark::Erased { version: version(steps.last()?) },
        };
        Some(Self { steps, mark })
    }

    /// Whether it arrived: a transaction does as a whole.
    fn has_arrived(&self, history: &History) -> bool {
        match &self.mark {
            Mark::Applied { version, order } => {
                let applied = history.get(version).and_then(|applied| applied.record.as_ref());
                applied.is_some_and(|record| record.order == *order)
            }
            Mark::Erased { version } => history.get(version).is_none(),
        }
    }
}

impl<'m, C: Backend> Run<'_, 'm, C> {
    /// Whether another connection could go on after this failure: where nobody knows what is done it
    /// finds out, and elsewhere nothing is.
    pub(super) fn can_reconnect(&self, error: &Error) -> bool {
        let times = match error {
            Error::CommitUnknown { .. } | Error::ConnectionLost { at: None, .. } => TIMES,
            // Should it be the statement that takes the server down, twice is enough.
            Error::ConnectionLost { at: Some(_), .. } => 1,
            Error::HalfWay(half_way) => match half_way.reason {
                HalfWayReason::ConnectionLost { .. } => TIMES,
                _ => return false,
            },
            _ => return false,
        };
        C::SESSION_LOCK && self.reconnect.is_some() && self.reconnected < times
    }

    /// Connects again. The lock is to be taken again, too; the lost session may still have it.
    pub(super) fn reconnect(&mut self, error: Error) -> Result<(), Error> {
        self.reconnected += 1;
        if !self.connect_again()? {
            self.reconnected = TIMES;
            return Err(error);
        }
        if !matches!(error, Error::ConnectionLost { .. }) {
            self.doubt = Some(error);
        }
        self.session = enter(self.conn, self.lock_timeout)?;
        Ok(())
    }

    /// Takes into the outcome what was being committed when the connection was lost, if it arrived.
    pub(super) fn land(&mut self, history: &History) {
        if let Some(flight) = self.flight.take()
            && flight.has_arrived(history)
        {
            for (step, took) in &flight.steps {
                self.count(step, *took);
            }
        }
    }

    /// Tries for as long as the run waits for a lock: a server that went down comes up again.
    pub(super) fn connect_again(&mut self) -> Result<bool, Error> {
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            self.tell(&Event::Reconnecting { attempts });
            let Some(reconnect) = &mut self.reconnect else { return Ok(false) };
            if reconnect.replace(self.conn) {
                return Ok(true);
            }
            let left = self.lock_timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            let pause = backoff(Duration::from_millis(250), Duration::from_secs(5), attempts);
            self.rest(pause.min(left))?;
            attempts += 1;
        }
    }
}
