//! The dialect of MySQL and MariaDB, read by a grammar of our own.
//!
//! There is no parser for it that could be asked: measured on the 177,000 statements of MariaDB's
//! own tests that MariaDB reads, `sqlparser` refuses every eighth and `qusql-parse` every fourth, and
//! of those that it does not read they take every tenth between them.

mod effect;
mod grammar;
mod hint;
mod lex;
mod lower;
mod mark;
mod peg;
mod split;
#[cfg(test)]
mod tests;
mod version;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::grammar::Grammar;
use self::lex::{Kind, Token, tokens, unquote};
use self::lower::Read;
use self::peg::Failure;
use self::split::Splitter;
use super::reading::{Reading, too_deep};
use super::{Column, Effect, NEWER_SERVER, NOT_UNDERSTOOD, Parsed, Parser, TOO_NEW, syntax, token};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::server::{Server, ServerVersion};
use crate::source::{Source, Span, count};

/// The parser of MySQL and MariaDB.
pub(super) struct Mysql;

/// How many brackets may be open at once. MariaDB 10.11 reads 20,000, but its thread's stack ends at
/// some 500 calls inside each other.
const MAX_DEPTH: u32 = 1000;

impl Parser for Mysql {
    fn parse(
        &self,
        source: &Arc<Source>,
        version: Option<ServerVersion>,
        findings: &mut Vec<Diagnostic>,
    ) -> Parsed {
        let text = source.text();
        let grammar = Grammar::of(version);
        let mut script = Script {
            reading: Reading::new(source, findings, MAX_DEPTH),
            grammar: &grammar,
            version,
            conditional: None,
            refused: false,
        };
        let mut splitter = Splitter::default();
        for token in tokens(text, version) {
            script.conditional(token);
            if !script.reading.token(token.shared()) {
                continue;
            }
            if splitter.is_between()
                && let Some(finding) = hint::client_command(source, token.span)
            {
                // What follows ends as the command says.
                let rest = Span::new(token.span.start, count(text.trim_end().len()));
                script.reading.unread(rest, finding);
                return script.reading.finish();
            }
            if splitter.is_between() && token.kind == Kind::Close {
                continue;
            }
            if let Some(span) = splitter.token(token, text) {
                script.split_by(token);
                script.statement(span);
            }
        }
        script.end();
        if let Some(span) = splitter.finish() {
            script.statement(span);
        }
        script.reading.finish()
    }

    fn tokens(&self, text: &str) -> Vec<token::Token> {
        tokens(text, None).map(Token::shared).collect()
    }

    fn names(&self, text: &str) -> Vec<String> {
        let names = tokens(text, None).filter_map(|token| match token.kind {
            Kind::Word | Kind::Member | Kind::Quoted => {
                Some(unquote(&text[token.span.range()]).to_lowercase())
            }
            _ => None,
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn type_span(&self, source: &Source, statement: Span, column: &Column) -> Option<Span> {
        let text = source.slice(statement);
        let code = tokens(text, None).filter(|token| token.is_code()).map(Token::shared);
        token::type_span(text, statement, code, column)
    }
}

/// A script being read.
struct Script<'s> {
    reading: Reading<'s>,
    grammar: &'s Grammar,
    version: Option<ServerVersion>,
    /// The mark of the conditional comment that is open.
    conditional: Option<Span>,
    /// A statement has its finding.
    refused: bool,
}

impl Script<'_> {
    fn conditional(&mut self, token: Token) {
        match token.kind {
            Kind::Open => self.conditional = Some(token.span),
            Kind::Close | Kind::OpenComment => self.conditional = None,
            _ => {}
        }
    }

    /// A semicolon inside of a conditional comment leaves its end to the next statement.
    fn split_by(&mut self, semicolon: Token) {
        if self.conditional.is_some() {
            let message =
                "a `;` inside of a conditional comment ends the statement, but not the comment";
            self.reading.refuse(
                syntax(self.reading.source, semicolon.span, message, "")
                    .help("write it behind the `*/`"),
            );
        }
    }

    fn server(&self) -> Server {
        Server { dialect: Dialect::Mysql, version: self.version }
    }

    /// At the end of the file.
    fn end(&mut self) {
        if let Some(open) = self.conditional {
            self.reading.refuse(
                syntax(self.reading.source, open, "this comment has no end", "opened here")
                    .help("write `*/` where it ends"),
            );
        }
    }

    fn statement(&mut self, span: Span) {
        if !self.reading.counts(span) {
            return;
        }
        let source = self.reading.source;
        let text = source.slice(span);
        let code: Vec<Token> = tokens(text, self.version).filter(|token| token.is_code()).collect();
        // When the body of a stored program is not seen as one, its `END` is left over.
        let is_end = code.first().is_some_and(|first| {
            first.kind == Kind::Word && text[first.span.range()].eq_ignore_ascii_case("end")
        });
        if code.is_empty() || self.refused && is_end {
            return;
        }
        let symbols = self.grammar.symbols(&code, text);
        match self.grammar.read(&symbols) {
            Ok(events) => self.keep(&Read { span, text, tokens: &code, events: &events }),
            Err(Failure::Unexpected { at, expected }) => {
                let (grammar, server, tokens) = (self.grammar, self.server(), code.as_slice());
                let (statement, expected) = (span, &expected);
                let mistake =
                    hint::Mistake { grammar, server, source, statement, tokens, at, expected };
                self.refuse(span, mistake.describe());
            }
            Err(Failure::TooDeep { at }) => {
                let token = code.get(at).map_or(span, |token| {
                    Span::new(span.start + token.span.start, span.start + token.span.end)
                });
                let message = "too much is open here".to_owned();
                self.refuse(span, too_deep(source, token, message));
            }
        }
    }

    fn refuse(&mut self, statement: Span, finding: Diagnostic) {
        self.reading.unread(statement, finding);
        self.refused = true;
    }

    fn keep(&mut self, read: &Read<'_>) {
        let mut statement = read.lower(self.version);
        let newer = self.newer(read);
        if newer.is_some() {
            statement.effect = Effect::Opaque(TOO_NEW);
        }
        let doubt = self.unknown(read).or(newer);
        let doubt = doubt.or_else(|| {
            read.plugged_in()
                .find_map(|(mark, name)| hint::misspelt(self.reading.source, mark, name))
        });
        self.reading.findings.extend(doubt);
        self.reading.keep(statement);
    }

    /// The finding for a statement of which the grammar knows only how it begins.
    fn unknown(&self, read: &Read<'_>) -> Option<Diagnostic> {
        read.is_unknown().then(|| {
            Diagnostic::new(&NOT_UNDERSTOOD, "this statement is not understood").at(
                self.reading.source,
                read.span,
                "nothing is known of its grammar",
            )
        })
    }

    /// The finding for what the server does not understand, but a newer one, or another product.
    fn newer(&self, read: &Read<'_>) -> Option<Diagnostic> {
        let version = self.version?;
        let (need, place) = read.needs().find(|(need, _)| !need.is_met(version))?;
        let (server, written) = (self.server(), self.reading.source.slice(place));
        let message = format!("{server} does not understand `{written}` here");
        Some(
            Diagnostic::new(&NEWER_SERVER, message)
                .at(self.reading.source, place, "")
                .note(need.since()),
        )
    }
}
