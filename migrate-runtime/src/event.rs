//! What a run tells while it works.
use std::time::Duration;

use crate::error::Error;
use crate::step::Step;

/// Something that happened in a run, or is about to. Nothing is printed anywhere in this crate:
/// whoever wants to see the work listens.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Somebody else holds the lock; said again before every pause.
    Waiting {
        /// For how long already.
        waited: Duration,
        /// Who holds it, where that can be found out.
        holder: Option<&'a str>,
    },
    /// The lock is held, and the history is read again under it.
    Locked {
        /// How long that took.
        waited: Duration,
    },
    /// Somebody else was in the way of a statement, which was rolled back with its transaction:
    /// that is tried again after a pause.
    Retrying {
        /// How many tries there were.
        tries: u32,
        /// How long the pause is.
        pause: Duration,
        /// Who was in the way, where that can be found out.
        holder: Option<&'a str>,
    },
    /// The connection was lost, and what was under way is looked for in another one.
    Reconnecting {
        /// How often that was tried in vain.
        attempts: u32,
    },
    /// What an earlier attempt at a statement has left in its way is removed first: an index that
    /// is not valid.
    Repairing {
        /// Of which migration.
        step: &'a Step<'a>,
        /// The statement's place in [`Step::statements`], from 0.
        statement: usize,
        /// The statement that removes it.
        removal: &'a str,
    },
    /// The database was copied, before anything in it is changed.
    BackedUp {
        /// Where the copy is.
        place: &'a str,
        /// How long it took.
        took: Duration,
    },
    /// The ledger's tables were made: this is the first run on this database.
    LedgerCreated,
    /// A migration outside of a transaction goes on where an earlier run stopped.
    Resumed {
        /// Which.
        step: &'a Step<'a>,
        /// How many of its statements were done.
        done: usize,
    },
    /// A migration begins.
    StepStarted {
        /// Which.
        step: &'a Step<'a>,
    },
    /// A statement is sent.
    StatementStarted {
        /// Of which migration.
        step: &'a Step<'a>,
        /// Its place in [`Step::statements`], from 0.
        statement: usize,
    },
    /// A statement was executed.
    StatementFinished {
        /// Of which migration.
        step: &'a Step<'a>,
        /// Its place in [`Step::statements`], from 0.
        statement: usize,
        /// How long it took.
        took: Duration,
    },
    /// All statements of a migration were executed and checked. In a transaction it lasts only
    /// when [`Committed`](Self::Committed) follows.
    StepFinished {
        /// Which.
        step: &'a Step<'a>,
        /// How long its statements took.
        took: Duration,
    },
    /// A migration failed.
    StepFailed {
        /// Which.
        step: &'a Step<'a>,
        /// Why.
        error: &'a Error,
    },
    /// The ledger is written.
    Recording,
    /// The transaction is about to be committed.
    Committing,
    /// The transaction is committed.
    Committed,
    /// The transaction was rolled back: nothing of it remains.
    RolledBack,
}

/// Listens to a run.
pub trait Observer {
    /// Called for each event, in order, on the thread of the run.
    fn event(&mut self, event: &Event<'_>);
}

impl<F: FnMut(&Event<'_>)> Observer for F {
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}
