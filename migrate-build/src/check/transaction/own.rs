//! A script outside a transaction: those that it opens, it closes; savepoints stand inside them, and
//! nothing that cannot.

use super::super::Script;
use super::super::words::begins;
use super::{TRANSACTION_CONTROL, autocommit, commits, refused_inside};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Rule, rule};
use crate::sql::{Statement, StatementKind};

pub(super) static OUTSIDE_TRANSACTION: Rule = rule!(
    "outside-transaction",
    Warn,
    "a statement for the rest of a transaction, where there is none"
);

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
            (StatementKind::EndTransaction, Some(_)) => {
                findings.extend(goes_on(script, statement));
                open = None;
            }
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
            _ => findings.extend(outside(script, statement)),
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

/// The end of a transaction that is more than that. SQLite has no such words.
fn goes_on(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    let words = script.words(statement);
    let says = |word| words.windows(2).any(|pair| pair[1].is(word) && !pair[0].is("no"));
    let (message, help) = if says("chain") {
        (
            "`AND CHAIN` opens the next transaction, and the runner does not know of it",
            "open it with a `BEGIN` of its own",
        )
    } else if says("release") {
        ("`RELEASE` closes the connection, and ends the run with it", "leave it out")
    } else {
        return None;
    };
    let finding = Diagnostic::new(&TRANSACTION_CONTROL, message);
    Some(finding.at(script.source, statement.span, "").help(help))
}

/// What a savepoint does outside of transactions, tried on each.
fn idle_savepoint(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "a savepoint outside a transaction opens one that nothing closes",
        Dialect::Postgres => "a savepoint outside a transaction is refused",
        Dialect::Mysql => "a savepoint outside a transaction has no effect",
    }
}

/// What PostgreSQL gives back or sets back when the transaction ends.
const PASSING: &[&[&str]] =
    &[&["set", "local"], &["set", "constraints"], &["set", "transaction"], &["lock"]];

/// A statement that stands alone, and whose effect is over when the next one begins.
fn outside(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    if script.server.dialect != Dialect::Postgres {
        return autocommit(script, statement);
    }
    let words = script.words(statement);
    PASSING.iter().find(|beginning| begins(&words, beginning))?;
    let title = script.title(statement);
    Some(
        Diagnostic::new(
            &OUTSIDE_TRANSACTION,
            format!("`{title}` holds to the end of a transaction, and there is none here"),
        )
        .at(script.source, statement.span, "")
        .help("open one: `BEGIN;` before it, and `COMMIT;` behind what it is for")
        .help("a setting for the rest of the script is `SET …`, without `LOCAL`"),
    )
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
