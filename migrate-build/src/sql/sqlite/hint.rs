//! Syntax errors as people need them: the place, what stands there, what was meant.

use std::sync::Arc;

use super::lex::{Kind, Token, tokens};
use super::parse::{Error, ErrorKind};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::sql::{client_command, syntax};
use crate::suggest::nearest;

/// Keywords that a statement is likely to hold, for "did you mean".
const KEYWORDS: &[&str] = &[
    "ADD",
    "ALTER",
    "AND",
    "AS",
    "ASC",
    "AUTOINCREMENT",
    "BEFORE",
    "AFTER",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASCADE",
    "CASE",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMIT",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "DEFAULT",
    "DEFERRABLE",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "EACH",
    "ELSE",
    "END",
    "EXISTS",
    "FOREIGN",
    "FROM",
    "GENERATED",
    "GROUP",
    "HAVING",
    "INDEX",
    "INSERT",
    "INTO",
    "JOIN",
    "KEY",
    "LIMIT",
    "NOT",
    "NULL",
    "ORDER",
    "PRAGMA",
    "PRIMARY",
    "REFERENCES",
    "RENAME",
    "REPLACE",
    "RETURNING",
    "SELECT",
    "SET",
    "STRICT",
    "TABLE",
    "TEMPORARY",
    "THEN",
    "TRIGGER",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "VIRTUAL",
    "WHEN",
    "WHERE",
    "WITH",
    "WITHOUT",
];

/// The finding for a statement that does not parse.
pub(super) fn describe(source: &Arc<Source>, statement: Span, error: Error) -> Diagnostic {
    let text = source.slice(statement);
    let at = statement.start + count(error.at);
    if let Some(help) = client_command(text) {
        let line = source.location(statement.start).line;
        let end = source.line_span(line).end.min(statement.end);
        return syntax(source, Span::new(statement.start, end), "this is not SQL", "").help(help);
    }
    match error.kind {
        ErrorKind::Unexpected => unexpected(source, statement, at),
        ErrorKind::Unfinished => unfinished(source, statement),
        ErrorKind::BadToken(problem) => {
            let end = tokens(source.text().get(at as usize..).unwrap_or_default())
                .next()
                .map_or(at, |token| at + token.span.end);
            let end = end.min(source.line_span(source.location(at).line).end).max(at);
            syntax(source, Span::new(at, end), problem, "")
        }
        ErrorKind::Refused(message) => {
            syntax(source, statement, format!("SQLite refuses this: {message}"), "")
        }
    }
}

fn unexpected(source: &Arc<Source>, statement: Span, at: u32) -> Diagnostic {
    let text = source.slice(statement);
    let all: Vec<Token> = tokens(text).filter(|token| !token.is_comment()).collect();
    let within = at - statement.start;
    let index = all.iter().position(|token| token.span.end > within);
    let Some(index) = index else { return unfinished(source, statement) };
    let word = |token: &Token| &text[token.span.range()];
    let place = |token: &Token| {
        Span::new(statement.start + token.span.start, statement.start + token.span.end)
    };
    let found = &all[index];
    let finding = syntax(
        source,
        place(found),
        format!("syntax error near `{}`", shorten(word(found))),
        "SQLite does not expect this here",
    );
    // A misspelt keyword is taken for a name: the parser stumbles over it, or over what follows.
    let suspects = [Some(index), index.checked_sub(1), index.checked_sub(2)];
    for suspect in suspects.into_iter().flatten().map(|at| &all[at]) {
        if suspect.kind != Kind::Word
            || KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word(suspect)))
        {
            continue;
        }
        if let Some(meant) = nearest(word(suspect), KEYWORDS.iter().copied()) {
            return finding
                .help(format!("did you mean `{meant}` instead of `{}`?", word(suspect)))
                .fix(source, place(suspect), meant);
        }
    }
    finding
}

fn unfinished(source: &Arc<Source>, statement: Span) -> Diagnostic {
    let text = source.slice(statement);
    let end = Span::new(statement.end.saturating_sub(last_len(text)), statement.end);
    let finding = syntax(source, end, "this statement is not finished", "more is expected here");
    let mut words = text.split_whitespace();
    let creates = words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"));
    if creates && words.take(2).any(|word| word.eq_ignore_ascii_case("trigger")) {
        return finding.help("the body of a trigger is `BEGIN …; END;`");
    }
    finding
}

fn last_len(text: &str) -> u32 {
    text.chars().next_back().map_or(0, |c| count(c.len_utf8()))
}

fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}
