//! What PostgreSQL's errors are about, and what may have been meant.

use std::borrow::Cow;
use std::sync::Arc;

use super::lex::{dollar_tag, lexemes, words};
use super::parse::Error;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::sql::hint::{Grammar, client_command, is_one_of};
use crate::sql::syntax;
use crate::sql::token::{Kind, Token};

static GRAMMAR: Grammar = Grammar {
    title: "PostgreSQL",
    keywords: KEYWORDS,
    reserved: Cow::Borrowed(RESERVED),
    statement_words: STATEMENT_WORDS,
    quote: '"',
    tokens: |text| lexemes(text).map(|lexeme| lexeme.token).collect(),
};

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ABORT", "ACCESS", "ADD", "AFTER", "AGGREGATE", "ALL", "ALTER", "ALWAYS", "ANALYZE", "AND",
    "ANY", "ARRAY", "AS", "ASC", "ATTACH", "AUTHORIZATION", "BEFORE", "BEGIN", "BETWEEN", "BIGINT",
    "BOOLEAN", "BY", "CALL", "CASCADE", "CASE", "CAST", "CHARACTER", "CHECK", "CLUSTER", "COALESCE",
    "COLLATE", "COLUMN", "COMMENT", "COMMIT", "CONCURRENTLY", "CONFLICT", "CONSTRAINT", "COPY",
    "CREATE", "CROSS", "DATABASE", "DEFAULT", "DEFERRABLE", "DEFERRED", "DELETE", "DESC", "DETACH",
    "DISABLE", "DISTINCT", "DOMAIN", "DROP", "EACH", "ELSE", "ENABLE", "END", "ENUM", "EXCEPT",
    "EXCLUDE", "EXECUTE", "EXISTS", "EXPLAIN", "EXTENSION", "FILTER", "FIRST", "FOR", "FORCE",
    "FOREIGN", "FROM", "FULL", "FUNCTION", "GENERATED", "GRANT", "GROUP", "HAVING", "IDENTITY",
    "IF", "ILIKE", "IMMEDIATE", "IMMUTABLE", "IN", "INCLUDE", "INCREMENT", "INDEX", "INHERITS",
    "INITIALLY", "INNER", "INSERT", "INSTEAD", "INTEGER", "INTERSECT", "INTERVAL", "INTO", "IS",
    "ISNULL", "JOIN", "KEY", "LANGUAGE", "LAST", "LATERAL", "LEFT", "LEVEL", "LIKE", "LIMIT",
    "LOCK", "MATCH", "MATERIALIZED", "MERGE", "NATURAL", "NOT", "NOTHING", "NOTNULL", "NULL",
    "NULLS", "NUMERIC", "OF", "OFFSET", "ON", "ONLY", "OPERATOR", "OR", "ORDER", "OUTER", "OVER",
    "OWNED", "OWNER", "PARTITION", "POLICY", "PRIMARY", "PROCEDURE", "PUBLICATION", "RECURSIVE",
    "REFERENCES", "REFRESH", "REINDEX", "RENAME", "REPLACE", "RESTART", "RESTRICT", "RETURNING",
    "RETURNS", "REVOKE", "RIGHT", "ROLE", "ROLLBACK", "ROW", "ROWS", "SAVEPOINT", "SCHEMA",
    "SECURITY", "SELECT", "SEQUENCE", "SET", "SMALLINT", "STABLE", "START", "STATISTICS",
    "STORED", "STRICT", "SUBSCRIPTION", "TABLE", "TABLESPACE", "TEMP", "TEMPORARY", "THEN",
    "TIMESTAMP", "TO", "TRANSACTION", "TRIGGER", "TRUNCATE", "TYPE", "UNION", "UNIQUE", "UNLOGGED",
    "UPDATE", "USING", "VACUUM", "VALIDATE", "VALUE", "VALUES", "VARCHAR", "VARYING", "VIEW",
    "VOLATILE", "WHEN", "WHERE", "WINDOW", "WITH", "WITHOUT", "ZONE",
];

/// Reserved words that people do not mean when they write something near to them
/// (`pg_get_keywords()` of PostgreSQL 15 says which there are).
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ANALYSE", "ASYMMETRIC", "BINARY", "BOTH", "COLLATION", "CURRENT_CATALOG", "CURRENT_DATE",
    "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DO",
    "FALSE", "FETCH", "FREEZE", "LEADING", "LOCALTIME", "LOCALTIMESTAMP", "OVERLAPS", "PLACING",
    "SESSION_USER", "SIMILAR", "SOME", "SYMMETRIC", "TABLESAMPLE", "TRAILING", "TRUE", "USER",
    "VARIADIC", "VERBOSE",
];

#[rustfmt::skip]
const STATEMENT_WORDS: &[&str] = &[
    "ALTER", "ANALYZE", "BEGIN", "CALL", "CLUSTER", "COMMENT", "COMMIT", "COPY", "CREATE", "DELETE",
    "DROP", "EXECUTE", "EXPLAIN", "GRANT", "INSERT", "LOCK", "MERGE", "REFRESH", "REINDEX",
    "REVOKE", "ROLLBACK", "SAVEPOINT", "SELECT", "SET", "TRUNCATE", "UPDATE", "VACUUM", "VALUES",
    "WITH",
];

/// What may stand between `CREATE`, `ALTER` or `DROP` and the word for what is made, changed or
/// dropped.
#[rustfmt::skip]
const ADJECTIVES: &[&str] = &[
    "OR", "REPLACE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "UNIQUE", "RECURSIVE",
    "MATERIALIZED", "FOREIGN", "EVENT", "TRUSTED", "PROCEDURAL", "CONSTRAINT", "ACCESS", "DEFAULT",
    "TEXT", "SEARCH", "LARGE", "DATA",
];

/// The finding for a statement that does not parse.
pub(super) fn describe(source: &Arc<Source>, statement: Span, error: Error) -> Diagnostic {
    if let Some(finding) = client_command(source, statement) {
        return finding;
    }
    match error {
        Error::Unexpected(at) => {
            let text = source.slice(statement);
            if let Some(body) = body_around(text, at) {
                let body = Span::new(statement.start + body.start, statement.start + body.end);
                let at = statement.start + at - body.start;
                return describe(source, body, Error::Unexpected(at));
            }
            let last = words(text).last().map_or(0, |token| token.span.end);
            if at >= last {
                return GRAMMAR.unfinished(source, statement);
            }
            let at = if is_first(text, at) { misfit(text) } else { at };
            GRAMMAR.unexpected(source, statement, statement.start + at)
        }
        Error::Refused(span, message) => {
            let place = Span::new(statement.start + span.start, statement.start + span.end);
            if message.ends_with("is a reserved keyword") {
                return GRAMMAR.unexpected(source, statement, place.start);
            }
            if let Some(finding) = open(source, place) {
                return finding;
            }
            let end = source.line_span(source.location(place.start).line).end.min(place.end);
            let message = format!("PostgreSQL refuses this: {}", lower_first(&message));
            syntax(source, Span::new(place.start, end), message, "")
        }
    }
}

/// The finding for a string or a quoted name, when it has no end.
fn open(source: &Arc<Source>, token: Span) -> Option<Diagnostic> {
    let written = source.slice(token);
    if lexemes(written).next()?.is_closed {
        return None;
    }
    let first_line = source.line_span(source.location(token.start).line);
    let message = match dollar_tag(written) {
        Some(tag) => format!("the closing `{tag}` is missing"),
        None => "the closing quote is missing".to_owned(),
    };
    let span = Span::new(token.start, token.end.min(first_line.end));
    Some(syntax(source, span, message, "everything from here"))
}

/// The code between dollars, or in quotes, that a place is in.
fn body_around(text: &str, at: u32) -> Option<Span> {
    let holds = |token: &Token| token.span.start < at && at < token.span.end;
    let body = words(text).find(|token| token.kind == Kind::String && holds(token))?;
    let written = &text[body.span.range()];
    let quote = count(dollar_tag(written).map_or(1, str::len));
    Some(Span::new(body.span.start + quote, body.span.end - quote))
}

fn is_first(text: &str, at: u32) -> bool {
    words(text).next().is_none_or(|token| at <= token.span.start)
}

/// Where a statement that is none stops being one: `CREATE TABEL` does at its second word.
fn misfit(text: &str) -> u32 {
    let mut tokens = words(text);
    let mut word = || tokens.next().map(|token| (token.span.start, &text[token.span.range()]));
    match word() {
        Some((_, first)) if is_one_of(first, &["CREATE", "ALTER", "DROP"]) => {
            let misfit = std::iter::from_fn(word).find(|(_, word)| !is_one_of(word, ADJECTIVES));
            misfit.map_or(0, |(at, _)| at)
        }
        _ => 0,
    }
}

fn lower_first(message: &str) -> String {
    // `OVERLAPS` and its like stay as they are.
    let shouts = message.chars().take(2).all(|c| c.is_ascii_uppercase());
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !shouts => first.to_lowercase().chain(chars).collect(),
        _ => message.to_owned(),
    }
}
