//! After a connection was lost over a commit, or over a statement that must not be repeated, nobody
//! knows what came of it but the database.
use std::any::{Any, TypeId};
use std::time::{Duration, Instant};

use diesel::ConnectionResult;

use super::failure::hindered;
use super::run::Run;
use crate::backend::{Backend, Terms, backoff};
use crate::error::{Error, HalfWayReason};
use crate::event::Event;
use crate::history::History;
use crate::plan::Plan;
use crate::process;
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
        match (lost.downcast_mut::<C>(), self()) {
            (Some(lost), Ok(new)) => {
                *lost = new;
                true
            }
            _ => false,
        }
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
    /// Whether this failure leaves something unknown that another connection could find out.
    pub(super) fn can_resolve(&self, error: &Error) -> bool {
        let is_unknown = match error {
            Error::CommitUnknown { .. } => true,
            Error::HalfWay(half_way) => {
                matches!(half_way.reason, HalfWayReason::ConnectionLost { .. })
            }
            _ => false,
        };
        C::SESSION_LOCK && is_unknown && self.reconnect.is_some() && self.reconnected < TIMES
    }

    /// Connects again, takes the lock again, which the lost session may still have, and looks what
    /// is done; the plan for what is left.
    pub(super) fn resolve(&mut self, error: Error) -> Result<Plan<'m>, Error> {
        self.reconnected += 1;
        if !self.connect_again()? {
            return Err(error);
        }
        let terms = Terms { run: process::unique(), lock_timeout: self.lock_timeout };
        let entered = self.conn.enter(&terms);
        self.session = entered.map_err(|obstacle| hindered(self.conn, obstacle))?;
        self.take_lock()?;
        if let Some(flight) = self.flight.take() {
            let ledger = self.conn.read_ledger(Some(&self.session));
            let ledger = ledger.map_err(|e| self.database_error("reading the ledger", e))?;
            if flight.has_arrived(&History::from_ledger(ledger)?) {
                for (step, took) in &flight.steps {
                    self.count(step, *took);
                }
            }
        }
        self.settle()
    }

    /// Tries for as long as the run waits for a lock: a server that went down comes up again.
    fn connect_again(&mut self) -> Result<bool, Error> {
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
