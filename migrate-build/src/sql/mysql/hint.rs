//! What MySQL's errors are about, and what may have been meant.

use std::sync::Arc;

use super::grammar::Grammar;
use super::lex::{self, Kind, Token};
use super::peg::Set;
use super::words::{FUNCTIONS, reserved};
use crate::diagnostic::Diagnostic;
use crate::server::Server;
use crate::source::{Source, Span};
use crate::sql::{hint, syntax};
use crate::suggest::nearest;

fn hints(server: Server) -> hint::Grammar {
    hint::Grammar {
        title: server.title(),
        keywords: KEYWORDS,
        reserved: reserved(server.version).collect(),
        statement_words: STATEMENT_WORDS,
        quote: '`',
        tokens: |text| lex::tokens(text, None).map(Token::shared).collect(),
    }
}

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ADD", "AFTER", "ALL", "ALTER", "AND", "AS", "ASC", "AUTO_INCREMENT", "BEFORE", "BEGIN",
    "BETWEEN", "BY", "CALL", "CASCADE", "CASE", "CAST", "CHANGE", "CHARACTER", "CHARSET", "CHECK",
    "COLLATE", "COLUMN", "COMMENT", "COMMIT", "CONSTRAINT", "CONVERT", "CREATE", "CROSS",
    "DATABASE", "DECLARE", "DEFAULT", "DELETE", "DESC", "DETERMINISTIC", "DISTINCT", "DO", "DROP",
    "DUPLICATE", "EACH", "ELSE", "ELSEIF", "END", "ENGINE", "EVENT", "EXECUTE", "EXISTS", "FIRST",
    "FOR", "FOREIGN", "FROM", "FULLTEXT", "FUNCTION", "GENERATED", "GRANT", "GROUP", "HAVING", "IF",
    "IGNORE", "IN", "INDEX", "INNER", "INSERT", "INTERVAL", "INTO", "IS", "JOIN", "KEY", "LEFT",
    "LIKE", "LIMIT", "LOCK", "LOOP", "MODIFY", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER",
    "OUTER", "OVER", "PARTITION", "PREPARE", "PRIMARY", "PROCEDURE", "REFERENCES", "REGEXP",
    "RENAME", "REPEAT", "REPLACE", "RESTRICT", "RETURN", "RETURNS", "REVOKE", "RIGHT", "ROLLBACK",
    "ROW", "SELECT", "SET", "SPATIAL", "TABLE", "TEMPORARY", "THEN", "TO", "TRANSACTION", "TRIGGER",
    "TRUNCATE", "UNION", "UNIQUE", "UNLOCK", "UNSIGNED", "UPDATE", "USING", "VALUES", "VIEW",
    "WHEN", "WHERE", "WHILE", "WITH",
];

const STATEMENT_WORDS: &[&str] = &[
    "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "CREATE", "DELETE", "DROP", "EXECUTE", "GRANT",
    "INSERT", "LOCK", "OPTIMIZE", "PREPARE", "RENAME", "REPLACE", "REVOKE", "ROLLBACK", "SELECT",
    "SET", "TRUNCATE", "UNLOCK", "UPDATE", "WITH",
];

/// The finding for a line that only the `mysql` program understands, where a statement would begin.
pub(super) fn client_command(source: &Arc<Source>, token: Span) -> Option<Diagnostic> {
    let written = source.slice(token);
    let line = source.line_span(source.location(token.start).line);
    let place = Span::new(token.start, line.end);
    let help = if written.eq_ignore_ascii_case("delimiter") {
        return hint::client_command(source, place);
    } else if written.eq_ignore_ascii_case("source") || written == "\\" {
        "a migration holds its statements itself: write them here"
    } else {
        return None;
    };
    let word = written.to_ascii_uppercase();
    let message = format!("`{word}` is a command of the `mysql` program, not SQL");
    Some(syntax(source, place, message, "").help(help))
}

/// The finding for a statement of which a token, or the end, does not fit.
pub(super) fn describe(
    (grammar, server): (&Grammar, Server),
    source: &Arc<Source>,
    statement: Span,
    tokens: &[Token],
    at: usize,
    expected: &Set,
) -> Diagnostic {
    let place = |token: &Token| {
        Span::new(statement.start + token.span.start, statement.start + token.span.end)
    };
    let Some(found) = tokens.get(at) else { return hints(server).unfinished(source, statement) };
    let (span, written) = (place(found), source.slice(place(found)));
    if found.kind == Kind::Bad {
        return bad_token(source, span);
    }
    let finding = hints(server).unexpected(source, statement, span.start);
    if let Some(help) = of_the_program(written) {
        return Diagnostic { notes: Vec::new(), fix: None, ..finding }.help(help);
    }
    if let [function, bracket] = tokens[at.saturating_sub(2)..at]
        && function.span.end < bracket.span.start
        && source.slice(place(&bracket)) == "("
        && FUNCTIONS.contains(&source.slice(place(&function)).to_ascii_uppercase().as_str())
    {
        let function = source.slice(place(&function));
        return Diagnostic { notes: Vec::new(), fix: None, ..finding }
            .help(format!("no space may stand between `{function}` and `(`"));
    }
    // A reserved word is written as it is meant: as a name.
    let is_reserved = reserved(server.version).any(|word| word.eq_ignore_ascii_case(written));
    if found.kind == Kind::Word
        && !is_reserved
        && let Some(meant) = nearest(written, grammar.keywords(expected))
        && !meant.eq_ignore_ascii_case(written)
        && is_near(written, meant)
    {
        return Diagnostic { notes: Vec::new(), fix: None, ..finding }
            .help(format!("did you mean `{meant}` instead of `{written}`?"))
            .fix(source, span, meant);
    }
    finding
}

fn bad_token(source: &Arc<Source>, span: Span) -> Diagnostic {
    let written = source.slice(span);
    let (problem, help) = match written.as_bytes() {
        [b'x' | b'X', b'\'', ..] if written.ends_with('\'') => {
            ("this is no hexadecimal number", "its digits come in pairs: `x'0F'`")
        }
        [b'b' | b'B', b'\'', ..] if written.ends_with('\'') => {
            ("this is no binary number", "its digits are `0` and `1`")
        }
        [first, ..] if first.is_ascii_digit() || *first == b'.' => {
            ("this is no number", "digits are missing behind the `e`")
        }
        _ => ("the closing quote is missing", "a quote inside a string is written twice: `''`"),
    };
    let line = source.line_span(source.location(span.start).line);
    let place = Span::new(span.start, span.end.min(line.end).max(span.start));
    syntax(source, place, problem, "").help(help)
}

/// What ends statements in the `mysql` program, and nowhere else.
fn of_the_program(written: &str) -> Option<&'static str> {
    if written.contains("$$") || written == "/" {
        Some("only the `mysql` program takes this for the end of a statement: write `;`")
    } else if written == "\\" {
        Some("`\\G` and the like are commands of the `mysql` program: write `;`")
    } else {
        None
    }
}

/// A short word is near to many, so it has to be nearer.
fn is_near(written: &str, meant: &str) -> bool {
    let distance = strsim::damerau_levenshtein(&written.to_ascii_uppercase(), meant);
    distance <= 1 && written.len().max(meant.len()) > 3 || meant.len() > 5
}
