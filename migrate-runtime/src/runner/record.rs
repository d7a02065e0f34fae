//! Recording what something else has applied.
use std::time::Duration;

use super::run::{Run, entry};
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, PlanError};
use crate::history::History;
use crate::migrations::Migrations;
use crate::outcome::{Done, Named};
use crate::process::now_ms;
use crate::step::Step;

/// A migration of the set that something else than a runner has applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past<'a> {
    /// Its version, as the set has it.
    pub version: &'a str,
    /// Groups what was applied together. The ledger counts on from its last batch, so the first
    /// group is 0.
    pub batch: u32,
    /// When, in milliseconds since 1970; `None` where nobody knows: then it is now.
    pub applied_at: Option<i64>,
    /// How long it took.
    pub took: Duration,
}

/// The ledger's rows, in the same order. Their `batch` and `order` count from 0.
pub(super) fn entries(
    migrations: &Migrations<'_>,
    past: &[Past<'_>],
    tool: &str,
) -> Result<Vec<Entry>, PlanError> {
    let mut entries = Vec::with_capacity(past.len());
    for (past, order) in past.iter().zip(0..) {
        let Some(migration) = migrations.get(past.version) else {
            return Err(PlanError::Unknown { given: past.version.to_owned(), near: Vec::new() });
        };
        let at = past.applied_at.unwrap_or_else(now_ms);
        let entry = entry(&Step::Up(migration), past.batch.into(), order, at, past.took);
        entries.extend(entry.map(|entry| Entry { tool: tool.to_owned(), ..entry }));
    }
    Ok(entries)
}

/// Whether the ledger has a record of it.
pub(super) fn is_known(history: &History, entry: &Entry) -> bool {
    history.get(&entry.version).is_some_and(|applied| applied.record.is_some())
}

impl<C: Backend> Run<'_, '_, C> {
    /// Writes the rows that are not there, and leaves the connection's settings as they were.
    pub(super) fn record(mut self, entries: Vec<Entry>) -> Result<crate::Outcome, Error> {
        let result =
            if C::SESSION_LOCK { self.hold_record(entries) } else { self.write_all(entries) };
        let left = self.leave(result.is_ok());
        match result.and(left) {
            Ok(()) => Ok(self.outcome),
            Err(error) => Err(self.with_outcome(error)),
        }
    }

    fn hold_record(&mut self, entries: Vec<Entry>) -> Result<(), Error> {
        self.take_lock()?;
        let history = self.reread();
        // Outside of all transactions, which this could end.
        let made = history.and_then(|history| self.ensure_ledger(&history));
        let result = made.and_then(|()| self.write_all(entries));
        let unlocked = self.conn.unlock(&self.session);
        result?;
        unlocked.map_err(|error| self.database_error("giving the lock back", error))
    }

    /// In one transaction.
    fn write_all(&mut self, entries: Vec<Entry>) -> Result<(), Error> {
        self.lock()?;
        let written = match self.write_new(entries) {
            Ok(written) => written,
            Err(error) => return Err(self.roll_back(error)),
        };
        if let Err(error) = self.commit()? {
            let error = match C::fault(&error) {
                Fault::Lost => {
                    Error::CommitUnknown { migrations: written, outcome: Box::default() }
                }
                _ => self.database_error("committing", error),
            };
            return Err(self.roll_back(error));
        }
        let done = |migration| Done { migration, took: Duration::ZERO };
        self.outcome.applied = written.into_iter().map(done).collect();
        Ok(())
    }

    fn write_new(&mut self, mut entries: Vec<Entry>) -> Result<Vec<Named>, Error> {
        let history = self.reread()?;
        if !C::SESSION_LOCK {
            self.ensure_ledger(&history)?;
        }
        entries.retain(|entry| !is_known(&history, entry));
        for entry in &mut entries {
            entry.batch += self.next_batch;
            entry.order = self.order();
        }
        // Where Diesel has a row, both are written anew: one moment marks them as belonging together.
        let of_diesel = entries.iter().map(|entry| &entry.version);
        let of_diesel: Vec<String> =
            of_diesel.filter(|version| history.get(version).is_some()).cloned().collect();
        let Self { conn, session, .. } = self;
        let erased = conn.erase(session, &of_diesel);
        let written = erased.and_then(|()| conn.record(session, &entries));
        written.map_err(|error| self.database_error("writing the ledger", error))?;
        let names = entries.into_iter().map(|Entry { version, name, .. }| Named { version, name });
        Ok(names.collect())
    }
}
