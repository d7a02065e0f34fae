//! Trying again what somebody was in the way of.
//!
//! Where the lock of a run is the session's, a statement waits only briefly for other people's
//! locks: whoever comes after it waits behind it. So it is rolled back, the others pass, and it is
//! tried again.
use std::time::Duration;

use super::run::Run;
use crate::backend::{Backend, backoff};
use crate::error::Error;
use crate::event::Event;

const TRIES: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What has gone into trying so far.
#[derive(Default)]
pub(super) struct Patience {
    tries: u32,
    waited: Duration,
}

impl<C: Backend> Run<'_, '_, C> {
    /// Pauses before the next try; [`Error::Locked`] when there is to be none. What was tried is
    /// rolled back already.
    pub(super) fn pause(
        &mut self,
        patience: &mut Patience,
        statement: Option<&str>,
    ) -> Result<(), Error> {
        patience.tries += 1;
        patience.waited += self.sent.1.elapsed();
        let holder = self.conn.holder(Some(&self.session), statement);
        let left = self.lock_timeout.saturating_sub(patience.waited);
        if patience.tries >= TRIES || left.is_zero() {
            let waited = patience.waited;
            return Err(Error::Locked { waited, holder, outcome: Box::default() });
        }
        let pause = backoff(FIRST_PAUSE, LONGEST_PAUSE, patience.tries - 1).min(left);
        let tries = patience.tries;
        self.tell(&Event::Retrying { tries, pause, holder: holder.as_deref() });
        patience.waited += pause;
        self.rest(pause)
    }
}
