//! PostgreSQL's dialect, read by `squawk`.

mod copy;
mod effect;
mod gap;
mod hint;
mod lex;
mod lower;
mod mode;
mod newer;
mod parse;
mod split;
mod spread;
mod stack;
mod strict;

use std::collections::BTreeSet;
use std::sync::Arc;

use squawk_syntax::ast::AstNode as _;

use self::lex::{Lexeme, dollar_quoted, fold, lexemes, words};
use self::newer::{Newer, newer};
use self::split::Splitter;
use self::stack::{MAX_TOKENS, Nesting, with_stack_for};
use super::reading::{Reading, too_deep};
use super::token::{Kind, Token, type_span};
use super::{Column, Effect, NEWER_SERVER, Parsed, Parser, Statement, TOO_NEW, Trace};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::server::{Server, ServerVersion};
use crate::source::{Source, Span};

/// PostgreSQL's parser.
pub(super) struct Postgres;

/// PostgreSQL reads 10,032 brackets inside each other, and runs 3,276 subqueries; who writes more than
/// these has lost count.
const MAX_DEPTH: u32 = 2_000;

impl Parser for Postgres {
    fn parse(
        &self,
        source: &Arc<Source>,
        version: Option<ServerVersion>,
        findings: &mut Vec<Diagnostic>,
    ) -> Parsed {
        let mut reading = Reading::new(source, findings, MAX_DEPTH);
        let mut at = Some(0);
        while let Some(start) = at {
            at = read(&mut reading, version, start);
        }
        reading.finish()
    }

    fn tokens(&self, text: &str) -> Vec<Token> {
        lexemes(text).map(|lexeme| lexeme.token).collect()
    }

    fn names(&self, text: &str) -> Vec<String> {
        let mut names = BTreeSet::new();
        collect_names(text, MAX_CODE_IN_CODE, &mut names);
        names.into_iter().collect()
    }

    fn type_span(&self, source: &Source, statement: Span, column: &Column) -> Option<Span> {
        let text = source.slice(statement);
        type_span(text, statement, words(text), column)
    }
}

/// How deep names are looked for in code that stands in code.
const MAX_CODE_IN_CODE: u32 = 4;

/// Code stands between dollars: the tables that it is about are named there.
fn collect_names(text: &str, levels: u32, names: &mut BTreeSet<String>) {
    for token in words(text) {
        let written = &text[token.span.range()];
        match token.kind {
            Kind::Word | Kind::Quoted => {
                names.insert(fold(written));
            }
            Kind::String if levels > 0 => {
                if let Some(code) = dollar_quoted(written) {
                    collect_names(code, levels - 1, names);
                }
            }
            _ => {}
        }
    }
}

/// Reads on from a place, to the end or to data that follow a `COPY`: then where they end.
fn read(reading: &mut Reading<'_>, version: Option<ServerVersion>, start: u32) -> Option<u32> {
    let source = reading.source;
    let text = source.text();
    let mut splitter = Splitter::default();
    let mut nesting = Nesting::default();
    for Lexeme { token, .. } in lexemes(&text[start as usize..]) {
        let token = Token { span: shift(token.span, start), ..token };
        if !reading.token(token) {
            continue;
        }
        nesting.token(token, text);
        if let Some(span) = splitter.token(token, text) {
            statement(reading, version, span, nesting.finish());
            let end = copy::data_end(text, span);
            if end.is_some() {
                return end;
            }
        }
    }
    if let Some(span) = splitter.finish() {
        statement(reading, version, span, nesting.finish());
    }
    None
}

/// Parses a statement in which so many tokens may be inside each other.
fn statement(reading: &mut Reading<'_>, version: Option<ServerVersion>, span: Span, tokens: usize) {
    if !reading.counts(span) {
        return;
    }
    let source = reading.source;
    let text = source.slice(span);
    if let Some(finding) = copy::through_client(source, span) {
        reading.unread(span, finding);
        return;
    }
    let whole = text;
    let parse = || {
        parse::parse(text, tokens, |tree, text, original| {
            let kind = lower::lower(tree, text);
            let (mode, traces) = mode::mode(tree, &kind, version);
            let place = |place: Span| {
                Span::new(span.start + original(place.start), span.start + original(place.end))
            };
            let traces = traces.into_iter().map(|trace| Trace {
                name: place(trace.name),
                table: trace.table.map(place),
                ..trace
            });
            let newer = version.and_then(|version| newer(tree.syntax(), version));
            let newer = newer.map(|newer| Newer { place: place(newer.place), ..newer });
            let effect = effect::effect(tree, whole, span, &kind, &place);
            (Statement { span, kind, mode, traces: traces.collect(), effect }, newer)
        })
    };
    let parsed = if tokens > MAX_TOKENS { None } else { with_stack_for(tokens, parse) };
    match parsed {
        Some(Ok((mut statement, newer))) => {
            if newer.is_some() {
                statement.effect = Effect::Opaque(TOO_NEW);
            }
            reading.keep(statement);
            if let Some(newer) = newer {
                let server = Server { dialect: Dialect::Postgres, version };
                reading.findings.push(describe_newer(source, server, &newer));
            }
        }
        Some(Err(error)) => reading.unread(span, hint::describe(source, span, error)),
        None => {
            let first_line = source.line_span(source.location(span.start).line);
            let start = Span::new(span.start, span.end.min(first_line.end));
            let message =
                format!("more than {MAX_TOKENS} words without a comma are one expression here");
            reading.unread(span, too_deep(source, start, message));
        }
    }
}

fn describe_newer(source: &Arc<Source>, server: Server, newer: &Newer) -> Diagnostic {
    let written = source.slice(newer.place);
    let message = format!("{server} does not understand `{written}` here");
    let finding = Diagnostic::new(&NEWER_SERVER, message)
        .at(source, newer.place, "")
        .note(format!("{} understands it since {}", server.dialect.title(), newer.since));
    match newer.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn shift(span: Span, by: u32) -> Span {
    Span::new(span.start + by, span.end + by)
}

#[cfg(test)]
mod tests;
