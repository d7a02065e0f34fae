//! What a run did.
use std::fmt;
use std::time::Duration;

use crate::escape::Escaped;

/// A migration by its two names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The version as the ledger has it.
    pub version: String,
    /// The directory's name; the version again when only the ledger knows it and recorded none.
    pub name: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.name).fmt(f)
    }
}

/// A migration that was applied or reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which one.
    pub migration: Named,
    /// How long its statements took.
    pub took: Duration,
}

/// What a run did. Only what is committed counts: a migration whose transaction was rolled back is
/// under `left` again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Applied, in order.
    pub applied: Vec<Done>,
    /// Reverted, in order.
    pub reverted: Vec<Done>,
    /// The one that failed.
    pub failed: Option<Named>,
    /// What the run was to do and did not: the failed one first.
    pub left: Vec<Named>,
    /// The number under which the ledger groups what this run applied.
    pub batch: Option<i64>,
}
