//! What a database says of a migration, and what the files say.

use migrate_build::compare::Deviation;
use migrate_build::{Migration, Verdict};
use migrate_runtime::cli::wire::Failed;

/// What a database says of a migration.
pub(super) enum Ruling {
    /// `down.sql` undoes `up.sql`, which can be applied again behind it.
    Holds,
    /// It does not: what is another.
    Leaves(Vec<Deviation>),
    /// The database refuses one of the scripts.
    Refused(When, Box<Failed>),
    /// Behind `down.sql`, `up.sql` makes another schema.
    Otherwise(Vec<Deviation>),
    /// There is no way back, on purpose: why.
    Irreversible(String),
    /// One before it was refused.
    NotTried,
}

/// Which of the scripts was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Up,
    Down,
    UpAgain,
}

impl Ruling {
    /// One word for people.
    pub(super) const fn shown(&self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Irreversible(_) => "irreversible",
            Self::Refused(When::Up, _) => "refused",
            Self::NotTried => "not tried",
            Self::Leaves(_) | Self::Refused(..) | Self::Otherwise(_) => "does not hold",
        }
    }

    /// One word for machines.
    pub(super) fn word(&self) -> String {
        self.shown().replace(' ', "-")
    }

    /// Whether all is well.
    pub(super) const fn is_good(&self) -> bool {
        matches!(self, Self::Holds | Self::Irreversible(_))
    }

    /// What a verdict from the files says that the database does not; nothing where it is about rows
    /// or rights, of which the files know nothing.
    pub(super) fn contradicts(&self, verdict: &Verdict) -> Option<&'static str> {
        match (self, verdict) {
            (Self::Leaves(_) | Self::Otherwise(_), Verdict::Proved) => {
                Some("by the files, `down.sql` undoes `up.sql`, and in the database it does not")
            }
            (Self::Holds, Verdict::Refuted(_)) => {
                Some("by the files, `down.sql` does not undo `up.sql`, and in the database it does")
            }
            _ => None,
        }
    }
}

/// A migration that was tried.
pub(super) struct Tried<'m> {
    pub(super) migration: &'m Migration,
    pub(super) ruling: Ruling,
    /// What the files and the database do not agree on behind `up.sql`.
    pub(super) disagreement: Vec<Deviation>,
}

impl Tried<'_> {
    /// Whether what the files say and what the database says cannot both be right.
    pub(super) fn is_disagreement(&self) -> bool {
        !self.disagreement.is_empty() || self.ruling.contradicts(&self.migration.verdict).is_some()
    }
}
