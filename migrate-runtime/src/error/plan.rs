//! Why there is no plan.
use std::fmt::{self, Display, Formatter};

use super::display::List;
use super::{Damaged, Error, Place};
use crate::escape::Escaped;
use crate::outcome::Named;

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// These are applied, and their `up.sql` has been changed since.
    Edited(Vec<Named>),
    /// These are applied, and no longer in the set.
    Missing(Vec<Named>),
    /// These are applied, and newer than everything in the set: the program is older than the
    /// database.
    Ahead(Vec<Named>),
    /// These are pending, and older than what is applied.
    OutOfOrder {
        /// The late ones.
        pending: Vec<Named>,
        /// The newest applied version.
        newest: String,
    },
    /// No migration goes by this name.
    Unknown {
        /// What was asked for.
        given: String,
        /// What may have been meant, at most three.
        near: Vec<String>,
    },
    /// It is known, but not applied.
    NotApplied {
        /// What was asked for.
        given: String,
    },
    /// It cannot be reverted, on purpose.
    Irreversible {
        /// Which.
        migration: Named,
        /// The reason its author gave.
        reason: String,
    },
    /// It cannot be reverted: its files are gone, and the ledger kept no `down.sql`.
    NoDown(Named),
    /// These cannot be applied again: their files are gone.
    Gone(Vec<Named>),
    /// It is written in Rust, and this program only knows its file.
    Elsewhere(Named),
    /// A migration that runs in a transaction holds a statement that ends transactions or cannot
    /// run inside one.
    NotInTransaction(Place),
    /// The ledger holds what nobody wrote there.
    Ledger(Damaged),
    /// It is to be all or nothing, and cannot be one transaction.
    InPieces {
        /// Over which migration.
        at: Option<Named>,
        /// Why not.
        why: &'static str,
    },
    /// A history cannot begin there: these are applied, and newer.
    Beyond {
        /// Where it was to begin.
        first: Named,
        /// The newer ones.
        newer: Vec<Named>,
    },
    /// What is to be recorded is not in the set: nobody knows what it does.
    NotInSet(Named),
}

impl Display for PlanError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited(edited) => write!(
                f,
                "applied and edited since: {}. Put the files back as they were, and make the \
                 change in a new migration",
                List(edited)
            ),
            Self::Missing(missing) => write!(
                f,
                "applied, and no longer among the migrations: {}. Put the files back, or revert \
                 them: the database keeps their `down.sql`",
                List(missing)
            ),
            Self::Ahead(ahead) => write!(
                f,
                "this program is older than the database, which has {}. Start the newer program, \
                 or revert them with it",
                List(ahead)
            ),
            Self::OutOfOrder { pending, newest } => write!(
                f,
                "older than {}, which is applied already: {}. Give them a newer version, or \
                 allow the run to be out of order",
                Escaped(newest),
                List(pending)
            ),
            Self::Unknown { given, near } => {
                write!(f, "no migration is called `{}`", Escaped(given))?;
                for (at, name) in near.iter().enumerate() {
                    let before = if at == 0 { "; did you mean" } else { "," };
                    write!(f, "{before} `{}`", Escaped(name))?;
                }
                if near.is_empty() { Ok(()) } else { f.write_str("?") }
            }
            Self::NotApplied { given } => write!(
                f,
                "`{}` is not applied, so nothing can be reverted down to it",
                Escaped(given)
            ),
            Self::Irreversible { migration, reason } => {
                write!(f, "{migration} is irreversible: {}. Nothing was reverted", Escaped(reason))
            }
            Self::NoDown(migration) => write!(
                f,
                "{migration} cannot be reverted: it is not among the migrations, and the database \
                 keeps no `down.sql` of it. Put its files back"
            ),
            Self::Gone(gone) => write!(
                f,
                "not among the migrations, so they cannot be applied again: {}. Revert them \
                 instead",
                List(gone)
            ),
            Self::Elsewhere(migration) => write!(
                f,
                "{migration} is written in Rust: only a program that embeds it can run it"
            ),
            Self::NotInTransaction(place) => write!(
                f,
                "{place} cannot run in the transaction of its migration. Put it into a migration \
                 of its own with `run_in_transaction = false` in `metadata.toml`"
            ),
            Self::InPieces { at, why } => {
                f.write_str("this run cannot be all or nothing: ")?;
                if let Some(migration) = at {
                    write!(f, "{migration} ")?;
                }
                write!(f, "{why}. Nothing was changed")
            }
            Self::Beyond { first, newer } => write!(
                f,
                "the history cannot begin with {first}: newer ones are applied: {}. Nothing was \
                 recorded",
                List(newer)
            ),
            Self::NotInSet(migration) => write!(
                f,
                "{migration} is not among the migrations, so it cannot be recorded as applied. Put \
                 its files back"
            ),
            Self::Ledger(damaged) => damaged.fmt(f),
        }
    }
}

impl std::error::Error for PlanError {}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Ledger(damaged) => Self::Ledger(damaged),
            other => Self::Plan(other),
        }
    }
}

impl From<Damaged> for PlanError {
    fn from(error: Damaged) -> Self {
        Self::Ledger(error)
    }
}
