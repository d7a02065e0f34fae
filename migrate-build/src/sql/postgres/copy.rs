//! `COPY` through the client: `psql` sends the rows that follow in its file, a driver has none.

use std::sync::Arc;

use super::lex::words;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::sql::syntax;

/// The finding for a `COPY` whose rows come from the client, or go there.
pub(super) fn through_client(source: &Arc<Source>, statement: Span) -> Option<Diagnostic> {
    let (end, help) = match direction(source.slice(statement))? {
        Direction::From => (
            "read from the client, which has none",
            "write an `INSERT`, or let the program that migrates load the rows",
        ),
        Direction::To => ("sent to the client, which wants none", "leave it out"),
    };
    let line = source.line_span(source.location(statement.start).line);
    let span = Span::new(statement.start, statement.end.min(line.end));
    Some(syntax(source, span, format!("the rows of this `COPY` are {end}"), "").help(help))
}

/// Where the rows end that follow a statement in the file, as `psql` reads it: behind a line `\.`.
pub(super) fn data_end(text: &str, statement: Span) -> Option<u32> {
    let text_of_statement = &text[statement.range()];
    if direction(text_of_statement) != Some(Direction::From) {
        return None;
    }
    let mut at = statement.end as usize;
    for line in text[at..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end_matches(['\r', '\n']) == "\\." {
            return Some(count(at));
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    From,
    To,
}

fn direction(statement: &str) -> Option<Direction> {
    let mut words = words(statement).map(|token| &statement[token.span.range()]);
    if !words.next()?.eq_ignore_ascii_case("copy") {
        return None;
    }
    let mut before = "";
    for word in words {
        if word.eq_ignore_ascii_case("stdin") && before.eq_ignore_ascii_case("from") {
            return Some(Direction::From);
        }
        if word.eq_ignore_ascii_case("stdout") && before.eq_ignore_ascii_case("to") {
            return Some(Direction::To);
        }
        before = word;
    }
    None
}
