//! Statements inside the transaction of the runner.

use super::super::Script;
use super::{TRANSACTION_CONTROL, commits, refused_inside};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::sql::{Statement, StatementKind};

const OPT_OUT: &str =
    "give it a migration of its own, with `run_in_transaction = false` in its `metadata.toml`";

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    let committing = script.parsed.statements.iter().find(|other| commits(script, other));
    for statement in &script.parsed.statements {
        let finding = match (&statement.kind, committing) {
            (StatementKind::Begin | StatementKind::EndTransaction, _) => control(script, statement),
            (StatementKind::Savepoint, Some(other)) => lost_savepoint(script, statement, other),
            _ => match refused_inside(script, statement, OPT_OUT) {
                Some(finding) => finding,
                None => continue,
            },
        };
        findings.push(finding);
    }
}

/// The finding for a statement that opens or ends a transaction.
fn control(script: &Script<'_>, statement: &Statement) -> Diagnostic {
    let title = script.title(statement);
    let finding = if script.server.dialect == Dialect::Mysql {
        Diagnostic::new(
            &TRANSACTION_CONTROL,
            format!("`{title}` in a migration whose transactions the runner opens and ends"),
        )
        .note(format!(
            "statements that change only rows share one; {} commits with every other",
            script.server.title()
        ))
        .help("leave it out")
    } else if statement.kind == StatementKind::Begin {
        Diagnostic::new(
            &TRANSACTION_CONTROL,
            format!("`{title}` inside a migration that already runs in a transaction"),
        )
        .help("leave `BEGIN` and `COMMIT` out: the whole migration is one transaction")
    } else {
        Diagnostic::new(
            &TRANSACTION_CONTROL,
            "this ends the transaction that the migration runs in",
        )
        .note("what follows would run, and fail, outside: half a migration would stay")
        .help("leave it out: the whole migration is one transaction")
    };
    finding.at(script.source, statement.span, "")
}

/// MySQL: where a statement commits, each runs on its own, and no savepoint outlives one.
fn lost_savepoint(script: &Script<'_>, statement: &Statement, other: &Statement) -> Diagnostic {
    let title = script.title(other);
    Diagnostic::new(&TRANSACTION_CONTROL, "a savepoint has no effect in this migration")
        .at(script.source, statement.span, "")
        .at(script.source, other.span, format!("`{title}` commits, and ends all savepoints"))
        .help("leave it out, or give the statements that change rows a migration of their own")
}
