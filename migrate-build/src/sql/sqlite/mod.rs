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
use super::{Column, Parsed, Parser, Statement, directive};
use crate::checksum::TokenHasher;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// SQLite's parser.
pub(super) struct Sqlite;

impl Parser for Sqlite {
    fn parse(&self, source: &Arc<Source>, findings: &mut Vec<Diagnostic>) -> Parsed {
        let text = source.text();
        let mut reading =
            Reading { source, findings, parsed: Parsed::default(), bump: Bump::new() };
        let mut splitter = Splitter::default();
        let mut hasher = TokenHasher::default();
        for token in tokens(text) {
            if token.is_comment() {
                reading.comment(token);
                continue;
            }
            hasher.token(text[token.span.range()].as_bytes());
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
        for token in tokens(text) {
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
            introduces_name = token.kind == Kind::Word
                && ["table", "into", "from", "update", "join", "exists", "on"]
                    .iter()
                    .any(|word| written.eq_ignore_ascii_case(word));
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

/// One script being read.
struct Reading<'r> {
    source: &'r Arc<Source>,
    findings: &'r mut Vec<Diagnostic>,
    parsed: Parsed,
    /// The parser's trees live here, one statement's at a time.
    bump: Bump,
}

impl Reading<'_> {
    fn comment(&mut self, token: Token) {
        if token.kind == Kind::LineComment {
            let directive = directive::parse(self.source, token.span, self.findings);
            self.parsed.directives.extend(directive);
        }
    }

    fn statement(&mut self, span: Span) {
        self.parsed.count += 1;
        match parse::parse(&self.bump, self.source.slice(span), lower::lower) {
            Ok(kind) => self.parsed.statements.push(Statement { span, kind }),
            Err(error) => self.findings.push(hint::describe(self.source, span, error)),
        }
        self.bump.reset();
    }
}
