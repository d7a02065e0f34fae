//! The table of results.

use std::fmt;
use std::time::Duration;

use crate::measure::Sample;

/// One line: something measured, and what it is compared with.
pub(crate) struct Line {
    what: String,
    ours: String,
    baseline: String,
    wall: Option<f64>,
    cpu: Option<f64>,
    goal: String,
    limit: Option<f64>,
}

impl Line {
    /// A ratio of two times, and the greatest that it is to be.
    pub(crate) fn ratio(what: &str, ours: Sample, baseline: Sample, limit: f64) -> Self {
        let ratio =
            |ours: Duration, theirs: Duration| Some(ours.as_secs_f64() / theirs.as_secs_f64());
        Self {
            what: what.to_owned(),
            ours: time(ours),
            baseline: time(baseline),
            wall: ratio(ours.wall, baseline.wall),
            cpu: ratio(ours.cpu, baseline.cpu),
            goal: format!("≤ {limit}"),
            limit: Some(limit),
        }
    }

    /// A size in bytes, and the greatest that it is to be.
    pub(crate) fn growth(what: &str, ours: u64, baseline: u64, limit: i64) -> Self {
        let growth = ours.cast_signed() - baseline.cast_signed();
        Self {
            what: format!("{what}: {:+} KB", growth / 1000),
            ours: format!("{} KB", ours / 1000),
            baseline: format!("{} KB", baseline / 1000),
            wall: None,
            cpu: None,
            goal: format!("≤ {} KB: {}", limit / 1000, verdict(growth <= limit)),
            limit: None,
        }
    }

    /// A size in bytes, and how many times another one it may be.
    pub(crate) fn size(what: &str, ours: u64, of: u64, limit: u64) -> Self {
        let tenths = ours * 10 / of;
        Self {
            what: format!("{what}: {}.{} times", tenths / 10, tenths % 10),
            ours: format!("{} MB", ours / 1_000_000),
            baseline: format!("{} MB", of / 1_000_000),
            wall: None,
            cpu: None,
            goal: format!("≤ {limit} times: {}", verdict(ours <= limit * of)),
            limit: None,
        }
    }

    /// A size in bytes beside another, with no goal.
    pub(crate) fn seen(what: &str, ours: u64, of: u64) -> Self {
        Self {
            what: what.to_owned(),
            ours: format!("{} MB", ours / 1_000_000),
            baseline: format!("{} KB", of / 1000),
            wall: None,
            cpu: None,
            goal: "-".to_owned(),
            limit: None,
        }
    }

    /// Something that holds or does not.
    pub(crate) fn fact(what: &str, seen: &str, goal: &str) -> Self {
        Self {
            what: what.to_owned(),
            ours: seen.to_owned(),
            baseline: "-".to_owned(),
            wall: None,
            cpu: None,
            goal: format!("{goal}: {}", verdict(seen == goal)),
            limit: None,
        }
    }
}

fn time(sample: Sample) -> String {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!("{:.1} ({:.1}) ms", ms(sample.wall), ms(sample.cpu))
}

const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio =
            |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |r| format!("{r:.2}"));
        let goal = match (self.limit, self.wall) {
            (Some(limit), Some(wall)) => format!("{}: {}", self.goal, verdict(wall <= limit)),
            _ => self.goal.clone(),
        };
        write!(
            f,
            "| {} | {} | {} | {} | {} | {goal} |",
            self.what,
            self.ours,
            self.baseline,
            ratio(self.wall),
            ratio(self.cpu)
        )
    }
}

/// The head of the table.
pub(crate) const HEAD: &str = "\
| what | ours: wall (CPU) | against: wall (CPU) | ratio, wall | ratio, CPU | goal (wall) |
|---|---|---|---|---|---|";
