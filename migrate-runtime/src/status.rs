//! The state of every migration, as `status` shows it.
use crate::history::{Applied, History};
use crate::migrations::{Down, Migration, Migrations};
use crate::outcome::Named;
use crate::plan::is_edited;

/// One migration's state.
#[derive(Clone, Debug)]
pub struct Status<'h> {
    /// Which migration.
    pub migration: Named,
    /// Its state.
    pub state: State,
    /// What is worth saying beside it.
    pub notes: Vec<Note>,
    /// Its row in the history, when it is applied.
    pub applied: Option<&'h Applied>,
}

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not applied; the next run applies it.
    Pending,
    /// Applied.
    Applied,
    /// Recorded as applied, and never run: the history begins behind it.
    Baselined,
    /// Applied, and `up.sql` has been changed since.
    Modified,
    /// Applied, and not in the set.
    Missing,
    /// Not applied, and older than one that is.
    OutOfOrder,
    /// Begun outside of a transaction and not ended.
    Unfinished,
}

/// A remark on an applied migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// Only comments or white space of `up.sql` differ from what was applied.
    CommentsEdited,
    /// Diesel applied it, so nothing tells whether `up.sql` has been changed since.
    ChecksumUnknown,
    /// `down.sql` is not the one that was there when it was applied.
    DownEdited,
}

impl History {
    /// The state of every migration of a set, and of those that are only in the database, applied
    /// or begun: ascending by version.
    #[must_use]
    pub fn status<'h>(&'h self, migrations: &Migrations<'_>) -> Vec<Status<'h>> {
        let in_set = migrations.all.iter().map(|migration| self.status_of(migration));
        let missing =
            self.applied().iter().filter(|applied| migrations.get(&applied.version).is_none()).map(
                |applied| Status {
                    migration: Named::from(applied),
                    state: self.unfinished_or(&applied.version, State::Missing),
                    notes: Vec::new(),
                    applied: Some(applied),
                },
            );
        let begun = self.unfinished().iter().filter(|unfinished| {
            migrations.get(&unfinished.version).is_none() && self.get(&unfinished.version).is_none()
        });
        let begun = begun.map(|unfinished| Status {
            migration: Named::from(unfinished),
            state: State::Unfinished,
            notes: Vec::new(),
            applied: None,
        });
        let mut all: Vec<Status<'h>> = in_set.chain(missing).chain(begun).collect();
        all.sort_unstable_by(|a, b| a.migration.version.cmp(&b.migration.version));
        all
    }

    fn status_of(&self, migration: &Migration<'_>) -> Status<'_> {
        let applied = self.get(migration.version);
        let (state, notes) = match applied {
            Some(applied) if is_edited(migration, applied) => (State::Modified, Vec::new()),
            Some(applied) if applied.is_baselined() => {
                (State::Baselined, notes(migration, applied))
            }
            Some(applied) => (State::Applied, notes(migration, applied)),
            None if self.newest_version().is_some_and(|newest| migration.version < newest) => {
                (State::OutOfOrder, Vec::new())
            }
            None => (State::Pending, Vec::new()),
        };
        Status {
            migration: Named::from(migration),
            state: self.unfinished_or(migration.version, state),
            notes,
            applied,
        }
    }

    fn unfinished_or(&self, version: &str, state: State) -> State {
        let is_it = self.unfinished().iter().any(|unfinished| unfinished.version == version);
        if is_it { State::Unfinished } else { state }
    }
}

fn notes(migration: &Migration<'_>, applied: &Applied) -> Vec<Note> {
    let record = applied.record.as_ref();
    let checksum = record.and_then(|record| record.checksum);
    let mut notes = Vec::new();
    match checksum {
        None => notes.push(Note::ChecksumUnknown),
        Some(checksum) if checksum != migration.up.checksum => notes.push(Note::CommentsEdited),
        Some(_) => {}
    }
    let stored = record.and_then(|record| record.down.as_ref()).and_then(|down| down.checksum());
    if let (Some(stored), Down::Script(script)) = (stored, &migration.down)
        && stored != script.checksum
    {
        notes.push(Note::DownEdited);
    }
    notes
}
