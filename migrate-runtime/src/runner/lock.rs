//! Locks: taking them, waiting for them, and the transactions that hold them.
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::failure::remaining;
use super::run::{Run, cancelled};
use crate::backend::{Backend, Fault};
use crate::error::Error;
use crate::event::Event;
use crate::step::{Direction, Step};

impl<C: Backend> Run<'_, '_, C> {
    /// What an error in it happened during.
    const BEGINNING: &'static str =
        if C::SESSION_LOCK { "beginning a transaction" } else { "taking the lock" };

    /// Takes the session's lock.
    pub(super) fn take_lock(&mut self) -> Result<(), Error> {
        let started = Instant::now();
        let taken = self.poll_for(
            |conn, session| match conn.try_lock(session) {
                Ok(true) => Some(Ok(())),
                Ok(false) => None,
                Err(error) if C::fault(&error) == Fault::Busy => None,
                Err(error) => Some(Err(error)),
            },
            |conn, session| conn.holder(Some(session), None),
        )?;
        taken.map_err(|error| self.database_error("taking the lock", error))?;
        self.tell(&Event::Locked { waited: started.elapsed() });
        Ok(())
    }

    /// Tries until nobody is in the way. The outer result is the run's (time is up, or it is to
    /// stop), the inner one the database's.
    pub(super) fn poll<T>(
        &mut self,
        mut attempt: impl FnMut(&mut C, &C::Session) -> QueryResult<T>,
    ) -> Result<QueryResult<T>, Error> {
        self.poll_for(
            |conn, session| match attempt(conn, session) {
                Err(error) if C::fault(&error) == Fault::Busy => None,
                result => Some(result),
            },
            |conn, session| conn.holder(Some(session), None),
        )
    }

    /// Tries until there is an answer.
    pub(super) fn poll_for<T>(
        &mut self,
        mut attempt: impl FnMut(&mut C, &C::Session) -> Option<T>,
        mut holder: impl FnMut(&mut C, &C::Session) -> Option<String>,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let mut held_by = None;
        let mut attempts = 0;
        loop {
            if let Some(answer) = attempt(self.conn, &self.session) {
                return Ok(answer);
            }
            let waited = started.elapsed();
            held_by = holder(self.conn, &self.session).or(held_by);
            if waited >= self.lock_timeout {
                return Err(Error::Locked { waited, holder: held_by, outcome: Box::default() });
            }
            if self.is_cancelled() {
                return Err(cancelled());
            }
            self.tell(&Event::Waiting { waited, holder: held_by.as_deref() });
            self.rest(C::pause(attempts).min(self.lock_timeout - waited))?;
            attempts += 1;
        }
    }

    /// Pauses; looks up now and then, whether it is to stop.
    pub(super) fn rest(&self, pause: Duration) -> Result<(), Error> {
        const LOOK_UP: Duration = Duration::from_millis(50);
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            sleep(left.min(LOOK_UP));
            if self.is_cancelled() {
                return Err(cancelled());
            }
        }
    }

    /// Opens a transaction that holds the lock.
    pub(super) fn lock(&mut self) -> Result<(), Error> {
        let started = Instant::now();
        self.begin()?;
        if !C::SESSION_LOCK {
            self.tell(&Event::Locked { waited: started.elapsed() });
        }
        Ok(())
    }

    /// The same without a word, for the small transactions within one migration.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        self.nothing_is_exposed = false;
        self.sent = (0, Instant::now());
        let begun = self.poll(C::begin)?;
        begun.map_err(|error| self.database_error(Self::BEGINNING, error))
    }

    /// The same, for a step that was planned under the session's lock; whether it is still to be
    /// done. Others run nothing meanwhile, but Diesel's own harness knows no lock.
    pub(super) fn begin_step(&mut self, step: &Step<'_>) -> Result<bool, Error> {
        self.nothing_is_exposed = false;
        self.sent = (0, Instant::now());
        let is_applied = step.direction() == Direction::Down;
        let begun =
            self.poll(|conn, session| conn.begin_step(session, step.version(), is_applied))?;
        begun.map_err(|error| self.database_error(Self::BEGINNING, error))
    }

    /// Commits. Where the transaction is the lock, waits for readers that are in the way; elsewhere
    /// a commit that failed has ended the transaction.
    pub(super) fn commit(&mut self) -> Result<QueryResult<()>, Error> {
        self.tell(&Event::Committing);
        let committed = if C::SESSION_LOCK {
            self.conn.commit(&self.session)
        } else {
            self.poll(|conn, session| conn.commit(session))?
        };
        if committed.is_ok() {
            self.tell(&Event::Committed);
        }
        Ok(committed)
    }

    /// Rolls back, for this error; another one where that did not take back all of it.
    pub(super) fn roll_back(&mut self, error: Error) -> Error {
        let rolled_back = self.conn.rollback(&self.session);
        self.tell(&Event::RolledBack);
        match rolled_back {
            Err(failure) if C::fault(&failure) == Fault::Remains => remaining(error),
            // Should even this fail, the database rolls back when the connection is closed; the
            // first error is the one to tell.
            _ => error,
        }
    }
}
