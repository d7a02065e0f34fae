//! What SQLite's pragmas do in a transaction, tried on SQLite 3.40 and 3.53.

use super::not_in_transaction;
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::sql::{Statement, StatementKind};

pub(super) static IDLE_PRAGMA: Rule =
    rule!("idle-pragma", Warn, "a pragma that has no effect inside a transaction");

/// The finding for a pragma in a transaction, without its place.
pub(super) fn inside(statement: &Statement, elsewhere: &str) -> Option<Diagnostic> {
    let StatementKind::Pragma { name, sets } = &statement.kind else { return None };
    match name.as_str() {
        "wal_checkpoint" => {}
        "journal_mode" | "synchronous" if *sets => {}
        "foreign_keys" if *sets => {
            return Some(
                Diagnostic::new(&IDLE_PRAGMA, "`PRAGMA foreign_keys` has no effect in a transaction")
                    .note("enforcement is switched off for a migration that rebuilds a table, and checked before commit, without it")
                    .help("leave it out"),
            );
        }
        _ => return None,
    }
    Some(not_in_transaction(&format!("PRAGMA {name}"), elsewhere))
}
