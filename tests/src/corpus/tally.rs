//! How often.

use std::collections::BTreeMap;
use std::fmt;

use super::{Line, Outcome};

/// How many migrations came to what.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: [usize; 9],
    /// Why the verifier could not tell, and how often.
    pub unknown: BTreeMap<String, usize>,
}

/// The counts, in their order.
pub const TITLES: [&str; 9] = [
    "agree proved",
    "agree refuted",
    "unknown",
    "not compared",
    "both refuse up",
    "WRONGLY PROVED",
    "WRONGLY REFUTED",
    "up refused by us alone",
    "up refused by the engine alone",
];

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, line: &Line) {
        if let Outcome::Unknown(why) = &line.outcome {
            *self.unknown.entry(why.clone()).or_default() += 1;
        }
        self.counts[place(&line.outcome)] += 1;
    }

    /// How many came to the same.
    #[must_use]
    pub fn of(&self, outcome: &Outcome) -> usize {
        self.counts[place(outcome)]
    }
}

fn place(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Proved => 0,
        Outcome::Refuted(_) => 1,
        Outcome::Unknown(_) => 2,
        Outcome::Apart(_) => 3,
        Outcome::UpRefused(_) => 4,
        Outcome::WronglyProved(_) => 5,
        Outcome::WronglyRefuted(_) => 6,
        Outcome::UpRefusedByUs(_) => 7,
        Outcome::UpRefusedByEngine(_) => 8,
    }
}

/// The cells of a table's row.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<String> = self.counts.iter().map(ToString::to_string).collect();
        f.write_str(&cells.join(" | "))
    }
}
