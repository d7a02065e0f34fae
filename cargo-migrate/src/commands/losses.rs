//! What data a step loses.

use migrate_build::{Migration, Report};
use migrate_runtime::{Direction, Step};

/// What the script of a step loses; nothing where nobody knows: its files are gone, or it was not
/// looked at.
pub(super) fn lost<'r>(report: &'r Report, step: &Step<'_>) -> Option<&'r [String]> {
    let by_version = |migration: &Migration| migration.version.as_str().cmp(step.version());
    let found = report.migrations.binary_search_by(by_version).ok()?;
    let losses = report.migrations[found].losses.as_ref()?;
    match step {
        Step::Up(_) => Some(&losses.up),
        Step::Down(..) => Some(&losses.down),
        Step::Stored { .. } => None,
    }
}

/// The same, as sentences that say whose they are.
pub(super) fn of(report: &Report, step: &Step<'_>) -> Vec<String> {
    let way = if step.direction() == Direction::Up { "" } else { ", going back" };
    let Some(lost) = lost(report, step) else {
        return vec![format!("{}{way}: nobody has looked what", step.name())];
    };
    lost.iter().map(|what| format!("{}{way}: {what}", step.name())).collect()
}
