//! SQLite's dialect, read by `sqlite3-parser`, a port of SQLite's own grammar.

mod effect;
mod hint;
mod lex;
mod lower;
mod parse;
mod split;

use std::collections::BTreeSet;
use std::sync::Arc;

use bumpalo::Bump;

use self::hint::describe;
use self::lex::{tokens, unquote};
use self::split::Splitter;
use super::reading::Reading;
use super::token::{Kind, Token, type_span};
use super::{Column, Parsed, Parser, Statement};
use crate::diagnostic::Diagnostic;
use crate::server::ServerVersion;
use crate::source::{Source, Span};

/// SQLite's parser.
pub(super) struct Sqlite;

/// Behind these, and behind a dot, a table's name may stand: `UPDATE OR REPLACE 't'`.
const INTRODUCERS: &[&str] = &[
    "table",
    "into",
    "from",
    "update",
    "join",
    "exists",
    "on",
    "references",
    "replace",
    "rollback",
    "abort",
    "fail",
    "ignore",
];

impl Parser for Sqlite {
    fn parse(
        &self,
        source: &Arc<Source>,
        _version: Option<ServerVersion>,
        findings: &mut Vec<Diagnostic>,
    ) -> Parsed {
        let text = source.text();
        let mut reading = Reading::new(source, findings, MAX_DEPTH);
        let mut splitter = Splitter::default();
        // The parser's trees live here, one statement's at a time.
        let mut bump = Bump::new();
        for token in tokens(text) {
            if reading.token(token)
                && let Some(span) = splitter.token(token, text)
            {
                statement(&mut reading, &mut bump, span);
            }
        }
        if let Some(span) = splitter.finish() {
            statement(&mut reading, &mut bump, span);
        }
        reading.finish()
    }

    fn tokens(&self, text: &str) -> Vec<Token> {
        tokens(text).collect()
    }

    fn names(&self, text: &str) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut introduces_name = false;
        for token in tokens(text).filter(|token| !token.is_comment()) {
            let written = &text[token.span.range()];
            match token.kind {
                Kind::Word | Kind::Quoted => {
                    names.insert(unquote(written).to_ascii_lowercase());
                }
                // SQLite takes a string for a name where only a name can stand.
                Kind::String if introduces_name => {
                    names.insert(unquote(written).to_ascii_lowercase());
                }
                _ => {}
            }
            introduces_name =
                written == "." || INTRODUCERS.iter().any(|word| written.eq_ignore_ascii_case(word));
        }
        names.into_iter().collect()
    }

    fn type_span(&self, source: &Source, statement: Span, column: &Column) -> Option<Span> {
        let text = source.slice(statement);
        type_span(text, statement, tokens(text), column)
    }
}

/// SQLite's limit for the depth of an expression, `SQLITE_MAX_EXPR_DEPTH`.
const MAX_DEPTH: u32 = 1000;

fn statement(reading: &mut Reading<'_>, bump: &mut Bump, span: Span) {
    if !reading.counts(span) {
        return;
    }
    match parse::parse(bump, reading.source.slice(span), lower::lower) {
        Ok(kind) => {
            let mode = lower::mode(&kind);
            let effect = effect::effect(reading.source.slice(span), span, &kind);
            reading.keep(Statement { span, kind, mode, traces: Vec::new(), effect });
        }
        Err(error) => reading.unread(span, describe(reading.source, span, error)),
    }
    bump.reset();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_name_where_a_table_is_meant() {
        let names = |text| Sqlite.names(text);
        assert_eq!(names("DROP TABLE 'Users'"), ["drop", "table", "users"]);
        assert_eq!(names("DELETE FROM main.'t'"), ["delete", "from", "main", "t"]);
        assert_eq!(
            names("UPDATE OR FAIL /* 'x' */ 't' SET a = 'v'"),
            ["a", "fail", "or", "set", "t", "update"]
        );
        assert_eq!(names("SELECT replace('t', 'u', 'v')"), ["replace", "select"]);
    }
}
