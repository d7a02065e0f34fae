//! A script outside a transaction: those that it opens, it closes; savepoints stand inside them, and
//! nothing that cannot.

use super::super::Script;
use super::{TRANSACTION_CONTROL, commits, refused_inside};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::sql::{Statement, StatementKind};

const OUTSIDE: &str = "write it before `BEGIN` or behind `COMMIT`";

/// A transaction that a script has opened.
struct Open<'s> {
    begin: &'s Statement,
    /// A statement has committed it, and a finding says so.
    is_committed: bool,
}

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    let mut open: Option<Open<'_>> = None;
    let control = |message: &str, statement: &Statement| {
        let finding = Diagnostic::new(&TRANSACTION_CONTROL, message);
        finding.at(script.source, statement.span, "")
    };
    for statement in &script.parsed.statements {
        match (&statement.kind, &mut open) {
            (StatementKind::Begin, None) => {
                open = Some(Open { begin: statement, is_committed: false });
            }
            (StatementKind::EndTransaction, Some(_)) => open = None,
            (StatementKind::Begin, Some(_)) => {
                findings.push(control("a transaction is open here already", statement));
            }
            (StatementKind::EndTransaction, None) => {
                findings.push(control("no transaction is open here", statement));
            }
            (StatementKind::Savepoint, None) => {
                findings.push(control(idle_savepoint(script.server.dialect), statement));
            }
            (_, Some(transaction)) => inside(script, statement, transaction, findings),
            _ => {}
        }
    }
    if let Some(Open { begin, .. }) = open {
        findings.push(
            Diagnostic::new(&TRANSACTION_CONTROL, "this transaction is never committed")
                .at(script.source, begin.span, "opened here")
                .help("write `COMMIT;` behind its last statement"),
        );
    }
}

/// What a savepoint does outside of transactions, tried on each.
fn idle_savepoint(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "a savepoint outside a transaction opens one that nothing closes",
        Dialect::Postgres => "a savepoint outside a transaction is refused",
        Dialect::Mysql => "a savepoint outside a transaction has no effect",
    }
}

/// A statement inside a transaction of the script's own.
fn inside(
    script: &Script<'_>,
    statement: &Statement,
    transaction: &mut Open<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    if let Some(refused) = refused_inside(script, statement, OUTSIDE) {
        findings.push(refused.at(script.source, transaction.begin.span, "opened here"));
    } else if commits(script, statement) && !transaction.is_committed {
        transaction.is_committed = true;
        let title = script.title(statement);
        findings.push(
            Diagnostic::new(
                &TRANSACTION_CONTROL,
                format!("`{title}` commits the transaction that is open here"),
            )
            .at(script.source, statement.span, "committed here")
            .at(script.source, transaction.begin.span, "opened here")
            .note("a `ROLLBACK` behind it would take back nothing that stands before it")
            .help(OUTSIDE),
        );
    }
}
