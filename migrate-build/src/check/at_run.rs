//! What only a run finds out. The rules stand here for those who explain, allow and show them.

use crate::rule::{Rule, rule};

/// Allowed by a directive; checked by the runner.
pub(crate) static ROW_LOSS: Rule =
    rule!("row-loss", Deny, "a migration that deletes rows of a table it does not name");
/// Shown by whoever ran the migration.
pub(crate) static FAILED_STATEMENT: Rule =
    rule!("failed-statement", Forbid, "a statement that the database refused");
/// Shown by whoever compared a live database.
pub(crate) static DRIFT: Rule =
    rule!("drift", Forbid, "a database that is not what its migrations make");

pub(super) static RULES: &[&Rule] = &[&ROW_LOSS, &FAILED_STATEMENT, &DRIFT];
