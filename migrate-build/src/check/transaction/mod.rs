//! Whether statements fit the transaction they run in.

mod enum_value;
mod implicit_commit;
mod inside;
mod own;
mod pragma;

use super::Script;
use super::words::{Word, begins};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Rule, rule};
use crate::sql::{Mode, Statement, StatementKind};

static TRANSACTION_CONTROL: Rule =
    rule!("transaction-control", Forbid, "a script that ends the transaction it runs in");
static NOT_IN_TRANSACTION: Rule =
    rule!("not-in-transaction", Forbid, "a statement that cannot run in a transaction, in one");

pub(super) static RULES: &[&Rule] = &[
    &TRANSACTION_CONTROL,
    &NOT_IN_TRANSACTION,
    &pragma::IDLE_PRAGMA,
    &enum_value::ENUM_VALUE_USED,
    &own::OUTSIDE_TRANSACTION,
    &implicit_commit::IMPLICIT_COMMIT,
];

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.settings.run_in_transaction {
        inside::check(script, findings);
        implicit_commit::check(script, findings);
    } else {
        own::check(script, findings);
    }
    enum_value::check(script, findings);
}

/// Whether a statement commits whatever is open: MySQL's, where others are refused.
fn commits(script: &Script<'_>, statement: &Statement) -> bool {
    script.server.dialect == Dialect::Mysql && !is_transactional(statement)
}

fn is_transactional(statement: &Statement) -> bool {
    !matches!(statement.mode, Mode::Alone | Mode::Once)
}

/// The finding for MySQL's other way to begin and end transactions, which runs through a whole
/// session: phpMyAdmin writes it at the top of what it exports.
fn autocommit(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    if script.server.dialect != Dialect::Mysql || statement.kind != StatementKind::Session {
        return None;
    }
    let words = script.words(statement);
    let is_autocommit =
        |word: &Word<'_>| word.text.trim_start_matches('@').eq_ignore_ascii_case("autocommit");
    if !begins(&words, &["set"]) || !words.iter().any(is_autocommit) {
        return None;
    }
    let message = "`autocommit` decides what is a transaction, and that is the runner's part";
    Some(
        Diagnostic::new(&TRANSACTION_CONTROL, message)
            .at(script.source, statement.span, "")
            .help("leave it out"),
    )
}

/// The finding for a statement that the database refuses, or passes over, in a transaction.
/// `elsewhere` says where it can stand.
fn refused_inside(
    script: &Script<'_>,
    statement: &Statement,
    elsewhere: &str,
) -> Option<Diagnostic> {
    let finding = match script.server.dialect {
        Dialect::Mysql => return autocommit(script, statement),
        Dialect::Sqlite if is_transactional(statement) => pragma::inside(statement, elsewhere)?,
        _ if is_transactional(statement) => return None,
        _ => not_in_transaction(&script.title(statement), elsewhere),
    };
    let finding = match statement.kind {
        StatementKind::AddEnumValue { .. } => {
            finding.note(format!("PostgreSQL 12 can; this has to run on {}", script.server))
        }
        _ => finding,
    };
    Some(finding.at(script.source, statement.span, ""))
}

fn not_in_transaction(title: &str, elsewhere: &str) -> Diagnostic {
    let message = format!("`{title}` cannot run in a transaction");
    Diagnostic::new(&NOT_IN_TRANSACTION, message).help(elsewhere)
}
