//! SQLite's dialect, read by `sqlite3-parser`, a port of SQLite's own grammar.

mod hint;
mod lex;
mod lower;
mod parse;
mod split;

use std::collections::BTreeSet;
use std::sync::Arc;

use bumpalo::Bump;

use self::lex::{Kind, Token, tokens, unquote};
use self::split::Splitter;
use super::{Column, Parsed, Parser, Statement, TOO_DEEP, directive, syntax};
use crate::checksum::TokenHasher;
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
        let (parsed, bump) = (Parsed::default(), Bump::new());
        let mut reading = Reading { source, findings, parsed, bump, depth: 0, refused: false };
        let mut splitter = Splitter::default();
        let mut hasher = TokenHasher::default();
        for token in tokens(text) {
            if token.is_comment() {
                reading.comment(token);
                continue;
            }
            hasher.token(text[token.span.range()].as_bytes());
            reading.nest(token);
            if let Some(span) = splitter.token(token, text) {
                reading.statement(span);
            }
        }
        if let Some(span) = splitter.finish() {
            reading.statement(span);
        }
        let mut parsed = reading.parsed;
        parsed.tokens = hasher.finish();
        parsed
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
        let written: Vec<(Token, &str)> = tokens(text)
            .filter(|token| !token.is_comment())
            .map(|token| (token, &text[token.span.range()]))
            .collect();
        let words = column.type_words.len();
        let behind_name = (0..written.len()).find(|at| {
            written[*at].1 == column.written
                && written.len() > at + words
                && (0..words).all(|n| written[at + 1 + n].1 == column.type_words[n])
        })?;
        let first = written[behind_name + 1].0.span;
        let last = written[behind_name + words].0.span;
        Some(Span::new(statement.start + first.start, statement.start + last.end))
    }
}

/// SQLite's limit for the depth of an expression, `SQLITE_MAX_EXPR_DEPTH`.
const MAX_DEPTH: u32 = 1000;

/// Whether a block comment ends.
fn is_closed(comment: &str) -> bool {
    comment.len() >= 4 && comment.ends_with("*/")
}

/// One script being read.
struct Reading<'r> {
    source: &'r Arc<Source>,
    findings: &'r mut Vec<Diagnostic>,
    parsed: Parsed,
    /// The parser's trees live here, one statement's at a time.
    bump: Bump,
    /// How many brackets of the statement are open.
    depth: u32,
    /// The statement has its finding already.
    refused: bool,
}

impl Reading<'_> {
    fn comment(&mut self, token: Token) {
        if token.kind == Kind::LineComment {
            let directive = directive::parse(self.source, token.span, self.findings);
            self.parsed.directives.extend(directive);
        } else if !is_closed(self.source.slice(token.span)) {
            // SQLite takes the rest of the file for a comment then, without a word.
            self.refused = true;
            let first_line = self.source.line_span(self.source.location(token.span.start).line);
            let span = Span::new(token.span.start, first_line.end);
            self.findings.push(
                syntax(self.source, span, "this comment has no end", "everything from here")
                    .help("write `*/` where it ends"),
            );
        }
    }

    fn nest(&mut self, token: Token) {
        match self.source.slice(token.span) {
            "(" => self.depth += 1,
            ")" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH && !self.refused {
            self.refused = true;
            self.findings.push(
                Diagnostic::new(&TOO_DEEP, format!("more than {MAX_DEPTH} brackets are open here"))
                    .at(self.source, token.span, "")
                    .help("split the statement"),
            );
        }
    }

    fn statement(&mut self, span: Span) {
        self.parsed.count += 1;
        self.depth = 0;
        if std::mem::take(&mut self.refused) {
            return;
        }
        match parse::parse(&self.bump, self.source.slice(span), lower::lower) {
            Ok(kind) => {
                let mode = lower::mode(&kind);
                self.parsed.statements.push(Statement { span, kind, mode, traces: Vec::new() });
            }
            Err(error) => self.findings.push(hint::describe(self.source, span, error)),
        }
        self.bump.reset();
    }
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
