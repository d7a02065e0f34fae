//! Settling what stands between the ledger and the set, without running anything.
use std::time::Duration;

use super::run::{Run, entry};
use crate::backend::{Backend, Entry};
use crate::error::{Error, PlanError};
use crate::history::{Applied, History};
use crate::migrations::{Down, Migration, Migrations};
use crate::outcome::Named;
use crate::process::now_ms;
use crate::step::Step;
use crate::version::resolve;

/// What is to be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair<'a> {
    /// This one is applied: somebody looked, or finished it by hand.
    Applied(&'a str),
    /// This one is not applied, nor any part of it.
    Reverted(&'a str),
    /// The files are right as they are now: of this one, or of all that were edited since.
    Checksums(Option<&'a str>),
    /// What has no files any more is forgotten: this one, or all.
    Missing(Option<&'a str>),
}

/// What is to be done about one migration.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    migration: Named,
    /// Its row in the ledger; it is written anew, or else taken out.
    entry: Option<Entry>,
    /// Whether the row stays as it is.
    keeps_row: bool,
    /// Whether the ledger is to give it its place, and its batch.
    is_new: bool,
}

/// What has to be done for it: nothing where it is so already.
pub(super) fn edits(
    migrations: &Migrations<'_>,
    history: &History,
    repair: Repair<'_>,
) -> Result<Vec<Edit>, PlanError> {
    let one = |given: &str| resolve(given, migrations, history);
    Ok(match repair {
        Repair::Applied(given) => applied(&one(given)?, migrations, history)?.into_iter().collect(),
        Repair::Reverted(given) => reverted(&one(given)?, history).into_iter().collect(),
        Repair::Checksums(given) => {
            let version = given.map(one).transpose()?;
            let mut edits = Vec::new();
            for applied in history.applied() {
                let Some(migration) = migrations.get(&applied.version) else { continue };
                let is_meant = match &version {
                    Some(version) => *version == applied.version,
                    // Of what Diesel applied nobody knows whether it was edited.
                    None => applied.record.is_some(),
                };
                if is_meant && differs(migration, applied) {
                    edits.push(accepted(migration, applied));
                }
            }
            edits
        }
        Repair::Missing(given) => {
            let version = given.map(one).transpose()?;
            let is_meant = |applied: &&Applied| {
                migrations.get(&applied.version).is_none()
                    && version.as_ref().is_none_or(|version| *version == applied.version)
            };
            let missing = history.applied().iter().filter(is_meant);
            missing.map(|applied| Edit::without_row(Named::from(applied))).collect()
        }
    })
}

impl Edit {
    fn without_row(migration: Named) -> Self {
        Self { migration, entry: None, keeps_row: false, is_new: false }
    }
}

fn applied(
    version: &str,
    migrations: &Migrations<'_>,
    history: &History,
) -> Result<Option<Edit>, PlanError> {
    let unfinished = history.unfinished().iter().find(|row| row.version == version);
    if let Some(applied) = history.get(version) {
        let keep = Edit { keeps_row: true, ..Edit::without_row(Named::from(applied)) };
        return Ok(unfinished.map(|_| keep));
    }
    let Some(migration) = migrations.get(version) else {
        let name = unfinished.map_or_else(|| version.to_owned(), |row| row.name.clone());
        return Err(PlanError::NotInSet(Named { version: version.to_owned(), name }));
    };
    let started_at = unfinished.map_or_else(now_ms, |row| row.started_at);
    Ok(Some(Edit {
        migration: Named::from(migration),
        entry: entry(&Step::Up(migration), 0, 0, started_at, Duration::ZERO),
        keeps_row: false,
        is_new: true,
    }))
}

fn reverted(version: &str, history: &History) -> Option<Edit> {
    let row = history.get(version).map(Named::from);
    let unfinished = history.unfinished().iter().find(|row| row.version == version);
    row.or_else(|| unfinished.map(Named::from)).map(Edit::without_row)
}

/// Whether the ledger has other texts of a migration than the files.
fn differs(migration: &Migration<'_>, applied: &Applied) -> bool {
    let Some(record) = &applied.record else { return true };
    let stored = record.down.as_ref().and_then(|down| down.checksum());
    let down = match &migration.down {
        Down::Script(script) => Some(script.checksum),
        Down::Irreversible(_) => None,
    };
    record.checksum != Some(migration.up.checksum) || stored != down
}

/// The row with the texts of the files, in its old place.
fn accepted(migration: &Migration<'_>, applied: &Applied) -> Edit {
    let made = |batch, order, started_at, took| {
        entry(&Step::Up(migration), batch, order, started_at, took)
    };
    let entry = match &applied.record {
        None => made(0, 0, now_ms(), Duration::ZERO),
        Some(record) => {
            let took = Duration::from_millis(record.duration_ms.try_into().unwrap_or(0));
            let entry = made(record.batch, record.order, record.started_at, took);
            entry.map(|entry| Entry { tool: record.tool.clone(), ..entry })
        }
    };
    Edit {
        migration: Named::from(migration),
        entry,
        keeps_row: false,
        is_new: applied.record.is_none(),
    }
}

impl<C: Backend> Run<'_, '_, C> {
    /// Does it, and says which migrations it was about.
    pub(super) fn repair(self, repair: Repair<'_>) -> Result<Vec<Named>, Error> {
        self.rewrite(|run, history| {
            let edits = edits(&run.migrations, history, repair)?;
            for edit in &edits {
                let written = run.write_edit(edit);
                written.map_err(|error| run.database_error("writing the ledger", error))?;
            }
            Ok(edits.into_iter().map(|edit| edit.migration).collect())
        })
    }

    fn write_edit(&mut self, edit: &Edit) -> diesel::QueryResult<()> {
        let version = &edit.migration.version;
        let entry = edit.entry.clone().map(|entry| match edit.is_new {
            true => Entry { batch: self.next_batch, order: self.order(), ..entry },
            false => entry,
        });
        let Self { conn, session, .. } = self;
        if !edit.keeps_row {
            conn.erase(session, std::slice::from_ref(version))?;
        }
        if let Some(entry) = entry {
            conn.record(session, &[entry])?;
        }
        conn.close_journal(session, version)
    }
}
