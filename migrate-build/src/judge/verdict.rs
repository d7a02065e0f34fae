//! What is known of a migration's way back.

use std::fmt;

/// What is known of a migration's way back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// `down.sql` undoes `up.sql`.
    Proved,
    /// It does not: what is wrong.
    Refuted(String),
    /// It cannot be told: why.
    Unknown(String),
    /// It cannot be told, and the author says that it does: why.
    Assumed(String),
    /// There is none, on purpose: why.
    Irreversible(String),
}

impl Verdict {
    /// One word for machines.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Refuted(_) => "refuted",
            Self::Unknown(_) => "unknown",
            Self::Assumed(_) => "assumed",
            Self::Irreversible(_) => "irreversible",
        }
    }

    /// Why it is that.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Proved => None,
            Self::Refuted(why)
            | Self::Unknown(why)
            | Self::Assumed(why)
            | Self::Irreversible(why) => Some(why),
        }
    }
}

/// How many there are of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// `down.sql` undoes `up.sql`.
    pub proved: usize,
    /// It does not.
    pub refuted: usize,
    /// It cannot be told.
    pub unknown: usize,
    /// The author's word is taken.
    pub assumed: usize,
    /// There is no way back, on purpose.
    pub irreversible: usize,
}

impl Tally {
    /// Counts verdicts.
    pub fn of<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Proved => &mut tally.proved,
                Verdict::Refuted(_) => &mut tally.refuted,
                Verdict::Unknown(_) => &mut tally.unknown,
                Verdict::Assumed(_) => &mut tally.assumed,
                Verdict::Irreversible(_) => &mut tally.irreversible,
            } += 1;
        }
        tally
    }
}

/// `3 proved reversible, 1 refuted`: those that there are.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.proved, "proved reversible"),
            (self.refuted, "refuted"),
            (self.unknown, "unknown"),
            (self.assumed, "assumed reversible"),
            (self.irreversible, "irreversible on purpose"),
        ];
        let said = counts.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said.map(|(count, what)| format!("{count} {what}")).collect();
        f.write_str(&said.join(", "))
    }
}
