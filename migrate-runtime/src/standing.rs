//! How a database stands to a set: the check for start-up and readiness probes.
use crate::backend::Backend;
use crate::error::Error;
use crate::history::History;
use crate::migrations::Migrations;
use crate::outcome::Named;
use crate::plan::is_ahead;
use crate::runner::refuse_dialect;
use crate::status::State;

/// How a database stands to a set of migrations; of several that are true, the gravest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Everything is applied, and as it stands in the set.
    UpToDate,
    /// These are pending.
    Behind {
        /// In the order in which they would be applied.
        pending: Vec<Named>,
    },
    /// The database has newer migrations than the set: this program is older than the database.
    Ahead {
        /// What is applied and newer than everything in the set.
        applied: Vec<Named>,
    },
    /// Set and database have gone different ways.
    Diverged {
        /// Applied, and changed in the set since.
        edited: Vec<Named>,
        /// Applied, and no longer in the set.
        missing: Vec<Named>,
        /// Pending, and older than what is applied.
        out_of_order: Vec<Named>,
    },
    /// These were begun outside of a transaction and not ended: another process is at it, or died
    /// over it.
    Unfinished {
        /// Which.
        migrations: Vec<Named>,
    },
}

impl Migrations<'_> {
    /// How the database stands to this set. Reads only: no table is made, no lock taken, no
    /// setting changed; a connection that cannot write is enough. One statement.
    ///
    /// # Errors
    /// The database cannot be read, or the ledger holds what nobody wrote there; or the set is
    /// written for another database.
    pub fn standing<C: Backend>(&self, conn: &mut C) -> Result<Standing, Error> {
        refuse_dialect::<C>(self)?;
        Ok(Standing::of(self, &History::read(conn)?))
    }
}

impl Standing {
    /// The same from a history that was read already.
    #[must_use]
    pub fn of(migrations: &Migrations<'_>, history: &History) -> Self {
        let status = history.status(migrations);
        let in_state = |state| -> Vec<Named> {
            let found = status.iter().filter(|status| status.state == state);
            found.map(|status| status.migration.clone()).collect()
        };
        if !history.unfinished().is_empty() {
            let named = history.unfinished().iter().map(|unfinished| Named {
                version: unfinished.version.clone(),
                name: unfinished.name.clone(),
            });
            return Self::Unfinished { migrations: named.collect() };
        }
        let edited = in_state(State::Modified);
        let (ahead, missing): (Vec<_>, Vec<_>) = in_state(State::Missing)
            .into_iter()
            .partition(|missing| is_ahead(migrations, &missing.version));
        let out_of_order = in_state(State::OutOfOrder);
        let pending = in_state(State::Pending);
        if !edited.is_empty() || !missing.is_empty() {
            Self::Diverged { edited, missing, out_of_order }
        } else if !ahead.is_empty() {
            Self::Ahead { applied: ahead }
        } else if !out_of_order.is_empty() {
            Self::Diverged { edited, missing, out_of_order }
        } else if !pending.is_empty() {
            Self::Behind { pending }
        } else {
            Self::UpToDate
        }
    }
}
