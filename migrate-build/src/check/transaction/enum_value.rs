//! PostgreSQL: a new value of an enum type, used before it is committed.
//!
//! Tried on PostgreSQL 15: error 55P04 for rows, defaults, checks, casts, views, indexes, `DO` blocks
//! and the bodies of SQL functions; none for the body of a PL/pgSQL function, and none for a text
//! that is not taken for the enum.

use super::super::Script;
use super::super::words::{Word, begins};
use super::is_transactional;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Rule, rule};
use crate::source::Span;
use crate::sql::{Kind, Statement, StatementKind};

pub(super) static ENUM_VALUE_USED: Rule = rule!(
    "enum-value-used-in-transaction",
    Deny,
    "a new value of an enum type, used in the transaction that adds it"
);

/// Statements that name values without making any.
const NAMING_ONLY: &[&[&str]] = &[&["alter", "type"], &["create", "type"], &["comment"]];

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.server.dialect != Dialect::Postgres {
        return;
    }
    for transaction in transactions(script) {
        for (at, statement) in transaction.iter().enumerate() {
            let StatementKind::AddEnumValue { value, .. } = &statement.kind else { continue };
            let (before, behind) = (&transaction[..at], &transaction[at + 1..]);
            // One that cannot run here has its finding already.
            if !is_transactional(statement) || is_usable(script, statement, before) {
                continue;
            }
            let used = behind.iter().find_map(|other| place_of(script, value, other));
            findings.extend(used.map(|used| {
                Diagnostic::new(
                    &ENUM_VALUE_USED,
                    format!("the new value `{value}` is used in the transaction that adds it"),
                )
                .at(script.source, used, "used here")
                .at(script.source, statement.span, "added here")
                .note("PostgreSQL refuses it: unsafe use of new value (55P04)")
                .help("add the value in a migration of its own, before this one")
            }));
        }
    }
}

/// The runs of statements that share a transaction: the runner's, or each of the script's own.
fn transactions<'s>(script: &Script<'s>) -> Vec<&'s [Statement]> {
    let statements = script.parsed.statements.as_slice();
    if script.settings.run_in_transaction {
        return vec![statements];
    }
    let opens = |statement: &Statement| statement.kind == StatementKind::Begin;
    let ends = |statement: &Statement| statement.kind == StatementKind::EndTransaction;
    let runs = statements.split(ends);
    runs.filter_map(|run| run.iter().position(opens).map(|begin| &run[begin..])).collect()
}

/// Whether the type is of the same transaction, which is enough since PostgreSQL 17: 16.14 was seen
/// to refuse the value, 17.0 to take it.
fn is_usable(script: &Script<'_>, added: &Statement, before: &[Statement]) -> bool {
    if script.server.version.is_none_or(|version| version.major < 17) {
        return false;
    }
    let words = script.words(added);
    let name = words.iter().skip(2).take_while(|word| !word.is("add"));
    let name: Vec<&str> = name.map(|word| word.text).collect();
    before.iter().any(|statement| {
        let words = script.words(statement);
        let created = words.iter().skip(2).map(|word| word.text);
        begins(&words, &["create", "type"]) && created.take(name.len()).eq(name.iter().copied())
    })
}

/// Where a statement has the value as a text.
fn place_of(script: &Script<'_>, value: &str, statement: &Statement) -> Option<Span> {
    let words = script.words(statement);
    if NAMING_ONLY.iter().any(|beginning| begins(&words, beginning)) {
        return None;
    }
    let runs_body = begins(&words, &["do"])
        || words.windows(2).any(|pair| pair[0].is("language") && pair[1].is("sql"));
    let find = |words: &[Word<'_>]| {
        words.iter().find(|word| text(word).as_deref() == Some(value)).map(|word| word.span)
    };
    let in_body = || words.iter().filter_map(body).find_map(|body| find(&script.words_of(body)));
    find(&words).or_else(|| if runs_body { in_body() } else { None })
}

/// The text that a constant stands for: `'it''s'`, also with a letter before the quote.
fn text(word: &Word<'_>) -> Option<String> {
    let quoted = Some(word.text).filter(|_| word.kind == Kind::String)?;
    let (_, quoted) = quoted.split_once('\'')?;
    Some(quoted.strip_suffix('\'')?.replace("''", "'"))
}

/// What stands between dollar quotes.
fn body(word: &Word<'_>) -> Option<Span> {
    let quoted = Some(word.text).filter(|_| word.kind == Kind::String)?;
    let tag = quoted.strip_prefix('$')?.find('$')? + 2;
    let tag = u32::try_from(tag).ok()?;
    Some(Span::new(word.span.start + tag, word.span.end.checked_sub(tag)?))
}
