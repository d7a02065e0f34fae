//! What data a step loses.

use migrate_build::Report;
use migrate_runtime::{Direction, Step};

/// What a step of a plan loses, as far as its script is one of these migrations'. Of one that was not
/// looked at nobody knows.
pub(super) fn of(report: &Report, step: &Step<'_>) -> Vec<String> {
    let is_it = |version: &str| version == step.version();
    let found = report.migrations.iter().find(|migration| is_it(migration.version.as_str()));
    let losses = found.and_then(|migration| migration.losses.as_ref());
    let lost = match (losses, step) {
        (Some(losses), Step::Up(_)) => losses.up.as_slice(),
        (Some(losses), Step::Down(..)) => losses.down.as_slice(),
        _ => &[],
    };
    let way = if step.direction() == Direction::Up { "" } else { ", going back" };
    lost.iter().map(|what| format!("{}{way}: {what}", step.name())).collect()
}
