//! Whether statements fit the transaction they run in.
//!
//! What SQLite refuses or passes over inside a transaction was tried on SQLite 3.40 and 3.53.

use super::Script;
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::sql::{Statement, StatementKind};

static TRANSACTION_CONTROL: Rule =
    rule!("transaction-control", Forbid, "a script that ends the transaction it runs in");
static NOT_IN_TRANSACTION: Rule =
    rule!("not-in-transaction", Forbid, "a statement that cannot run in a transaction, in one");
static IDLE_PRAGMA: Rule =
    rule!("idle-pragma", Warn, "a pragma that has no effect inside a transaction");

pub(super) static RULES: &[&Rule] = &[&TRANSACTION_CONTROL, &NOT_IN_TRANSACTION, &IDLE_PRAGMA];

const OPT_OUT: &str =
    "give it a migration of its own, with `run_in_transaction = false` in its `metadata.toml`";

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.settings.run_in_transaction {
        let wrapped = script.parsed.statements.iter();
        findings.extend(wrapped.filter_map(|statement| in_transaction(script, statement)));
    } else {
        own_transactions(script, findings);
    }
}

/// A statement inside the runner's transaction.
fn in_transaction(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    let finding = match &statement.kind {
        StatementKind::Begin => Diagnostic::new(
            &TRANSACTION_CONTROL,
            "`BEGIN` inside a migration that already runs in a transaction",
        )
        .help("leave `BEGIN` and `COMMIT` out: the whole migration is one transaction"),
        StatementKind::EndTransaction => Diagnostic::new(
            &TRANSACTION_CONTROL,
            "this ends the transaction that the migration runs in",
        )
        .note("what follows would run, and fail, outside: half a migration would stay")
        .help("leave it out: the whole migration is one transaction"),
        StatementKind::Vacuum => {
            Diagnostic::new(&NOT_IN_TRANSACTION, "`VACUUM` cannot run in a transaction")
                .help(OPT_OUT)
        }
        StatementKind::Pragma { name, sets } => pragma(name, *sets)?,
        _ => return None,
    };
    Some(finding.at(script.source, statement.span, ""))
}

fn pragma(name: &str, sets: bool) -> Option<Diagnostic> {
    match name {
        "wal_checkpoint" => {}
        "journal_mode" | "synchronous" if sets => {}
        "foreign_keys" if sets => {
            return Some(
                Diagnostic::new(&IDLE_PRAGMA, "`PRAGMA foreign_keys` has no effect in a transaction")
                    .note("enforcement is switched off for a migration that rebuilds a table, and checked before commit, without it")
                    .help("leave it out"),
            );
        }
        _ => return None,
    }
    let message = format!("`PRAGMA {name}` cannot run in a transaction");
    Some(Diagnostic::new(&NOT_IN_TRANSACTION, message).help(OPT_OUT))
}

/// A script outside a transaction: those that it opens, it closes; savepoints stand inside them.
fn own_transactions(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    let mut open: Option<&Statement> = None;
    for statement in &script.parsed.statements {
        let message = match (&statement.kind, open) {
            (StatementKind::Begin, None) => {
                open = Some(statement);
                continue;
            }
            (StatementKind::EndTransaction, Some(_)) => {
                open = None;
                continue;
            }
            (StatementKind::Begin, Some(_)) => "a transaction is open here already",
            (StatementKind::EndTransaction, None) => "no transaction is open here",
            (StatementKind::Savepoint, None) => {
                "a savepoint outside a transaction opens one that nothing closes"
            }
            _ => continue,
        };
        findings.push(Diagnostic::new(&TRANSACTION_CONTROL, message).at(
            script.source,
            statement.span,
            "",
        ));
    }
    if let Some(begin) = open {
        findings.push(
            Diagnostic::new(&TRANSACTION_CONTROL, "this transaction is never committed")
                .at(script.source, begin.span, "opened here")
                .help("write `COMMIT;` behind its last statement"),
        );
    }
}
