//! Recording what something else has applied.
use std::time::Duration;

use super::run::{Run, entry};
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, PlanError};
use crate::history::History;
use crate::migrations::Migrations;
use crate::outcome::{Done, Named, Outcome};
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
    /// Writes the rows that are not there.
    pub(super) fn record(self, entries: Vec<Entry>) -> Result<Outcome, Error> {
        let written = self.rewrite(|run, history| run.write_new(history, entries.clone()))?;
        let done = |migration| Done { migration, took: Duration::ZERO };
        Ok(Outcome { applied: written.into_iter().map(done).collect(), ..Outcome::default() })
    }

    /// Rewrites the ledger in one transaction, under the lock, and leaves the connection's settings as
    /// they were.
    pub(super) fn rewrite(
        mut self,
        write: impl Fn(&mut Self, &History) -> Result<Vec<Named>, Error>,
    ) -> Result<Vec<Named>, Error> {
        let result = if C::SESSION_LOCK { self.held(&write) } else { self.write_all(&write) };
        let left = self.leave(result.is_ok());
        match (result, left) {
            (Ok(written), Ok(())) => Ok(written),
            (Err(error), _) | (Ok(_), Err(error)) => Err(self.with_outcome(error)),
        }
    }

    fn held(
        &mut self,
        write: &impl Fn(&mut Self, &History) -> Result<Vec<Named>, Error>,
    ) -> Result<Vec<Named>, Error> {
        self.take_lock()?;
        let history = self.reread();
        // Outside of all transactions, which this could end.
        let made = history.and_then(|history| self.ensure_ledger(&history));
        let result = made.and_then(|()| self.write_all(write));
        let unlocked = self.conn.unlock(&self.session);
        let written = result?;
        unlocked.map_err(|error| self.database_error("giving the lock back", error))?;
        Ok(written)
    }

    fn write_all(
        &mut self,
        write: &impl Fn(&mut Self, &History) -> Result<Vec<Named>, Error>,
    ) -> Result<Vec<Named>, Error> {
        // Somebody may be at work outside of transactions.
        let _exclusive = self.exclusive(None)?;
        self.lock()?;
        let written = match self.reread().and_then(|history| {
            if !C::SESSION_LOCK {
                self.ensure_ledger(&history)?;
            }
            write(self, &history)
        }) {
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
        Ok(written)
    }

    fn write_new(
        &mut self,
        history: &History,
        mut entries: Vec<Entry>,
    ) -> Result<Vec<Named>, Error> {
        entries.retain(|entry| !is_known(history, entry));
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
