//! A script being read: what goes the same way in every dialect.

use std::sync::Arc;

use super::token::{Kind, Token};
use super::{Parsed, Statement, TOO_DEEP, directive, syntax};
use crate::checksum::TokenHasher;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// One script being read.
pub(super) struct Reading<'r> {
    pub(super) source: &'r Arc<Source>,
    pub(super) findings: &'r mut Vec<Diagnostic>,
    parsed: Parsed,
    hasher: TokenHasher,
    /// How many brackets may be open at once.
    max_depth: u32,
    /// How many brackets of the statement are open.
    depth: u32,
    /// The statement has its finding already.
    refused: bool,
}

impl<'r> Reading<'r> {
    pub(super) fn new(
        source: &'r Arc<Source>,
        findings: &'r mut Vec<Diagnostic>,
        max_depth: u32,
    ) -> Self {
        Self {
            source,
            findings,
            parsed: Parsed::default(),
            hasher: TokenHasher::default(),
            max_depth,
            depth: 0,
            refused: false,
        }
    }

    /// Takes the next token. True when it is one of a statement's, and no comment.
    pub(super) fn token(&mut self, token: Token) -> bool {
        if token.is_comment() {
            self.comment(token);
            return false;
        }
        let text = self.source.slice(token.span);
        self.hasher.token(text.as_bytes());
        if token.kind == Kind::Punctuation {
            self.nest(token, text);
        }
        true
    }

    fn comment(&mut self, token: Token) {
        match token.kind {
            Kind::LineComment => {
                let directive = directive::parse(self.source, token.span, self.findings);
                self.parsed.directives.extend(directive);
            }
            Kind::OpenComment => {
                let first_line = self.source.line_span(self.source.location(token.span.start).line);
                let span = Span::new(token.span.start, first_line.end);
                self.refuse(
                    syntax(self.source, span, "this comment has no end", "everything from here")
                        .help("write `*/` where it ends"),
                );
            }
            _ => {}
        }
    }

    fn nest(&mut self, token: Token, text: &str) {
        match text {
            "(" | "[" => self.depth += 1,
            ")" | "]" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > self.max_depth && !self.refused {
            let message = format!("more than {} brackets are open here", self.max_depth);
            self.refuse(too_deep(self.source, token.span, message));
        }
    }

    /// Says what is wrong with the statement, which then is not parsed.
    pub(super) fn refuse(&mut self, finding: Diagnostic) {
        self.refused = true;
        self.findings.push(finding);
    }

    /// Counts a statement that has been read to its end. True when it is to be parsed.
    pub(super) fn counts(&mut self, span: Span) -> bool {
        self.parsed.count += 1;
        self.depth = 0;
        let is_refused = std::mem::take(&mut self.refused);
        if is_refused {
            self.parsed.unread.push(span);
        }
        !is_refused
    }

    /// Says why a statement that counts could not be parsed.
    pub(super) fn unread(&mut self, span: Span, finding: Diagnostic) {
        self.parsed.unread.push(span);
        self.findings.push(finding);
    }

    /// Keeps a statement that was parsed.
    pub(super) fn keep(&mut self, statement: Statement) {
        self.parsed.statements.push(statement);
    }

    /// What was read.
    pub(super) fn finish(self) -> Parsed {
        Parsed { tokens: self.hasher.finish(), ..self.parsed }
    }
}

/// The finding for a statement that would exhaust the stack.
pub(super) fn too_deep(source: &Arc<Source>, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(&TOO_DEEP, message).at(source, span, "").help("split the statement")
}
