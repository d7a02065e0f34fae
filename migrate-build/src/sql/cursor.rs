//! A place in a statement's tokens. The grammar has accepted the statement before, so what is read
//! here is known to be there.

use std::ops::Range;
use std::rc::Rc;

#[cfg(feature = "sqlite")]
use super::keyword::is_keyword;
use super::name::Name;
use super::schema::Ident;
#[cfg(feature = "sqlite")]
use super::schema::{Text, Word};
use super::token::{Kind, Token};
use crate::source::Span;

pub(super) struct Cursor<'c> {
    text: &'c str,
    /// Where the statement begins in the script.
    base: u32,
    tokens: Rc<[Token]>,
    /// A name as the dialect compares it.
    fold: fn(&str) -> Name,
    at: usize,
    end: usize,
}

impl<'c> Cursor<'c> {
    /// At the first token of a statement that begins at a place; comments are passed over.
    pub(super) fn new(
        text: &'c str,
        base: u32,
        tokens: impl Iterator<Item = Token>,
        fold: fn(&str) -> Name,
    ) -> Self {
        let tokens: Rc<[Token]> = tokens.filter(|token| !token.is_comment()).collect();
        let end = tokens.len();
        Self { text, base, tokens, fold, at: 0, end }
    }

    /// A cursor over a part of the same tokens.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        Self {
            text: self.text,
            base: self.base,
            tokens: Rc::clone(&self.tokens),
            fold: self.fold,
            at: range.start,
            end: range.end,
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// From here to the end.
    pub(super) fn rest(&self) -> Range<usize> {
        self.at..self.end
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        (at < self.end).then(|| self.tokens[at].kind)
    }

    pub(super) fn written(&self, at: usize) -> &'c str {
        if at < self.end { &self.text[self.tokens[at].span.range()] } else { "" }
    }

    /// Whether this keyword or sign stands at a place.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.kind(at).is_some_and(|kind| kind != Kind::Quoted && kind != Kind::String)
            && self.written(at).eq_ignore_ascii_case(word)
    }

    pub(super) fn is_next(&self, word: &str) -> bool {
        self.is(self.at, word)
    }

    /// Whether one of these stands next.
    pub(super) fn is_next_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_next(word))
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    /// Passes these words, if they stand next.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let stand = words.iter().enumerate().all(|(n, word)| self.is(self.at + n, word));
        if stand {
            self.at += words.len();
        }
        stand
    }

    /// Whether a name can stand at a place.
    #[cfg(feature = "sqlite")]
    pub(super) fn is_name(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Word | Kind::Quoted | Kind::String))
    }

    /// The name at a place.
    pub(super) fn name(&self, at: usize) -> Ident {
        let span = self.tokens.get(at).map_or(Span::default(), |token| token.span);
        Ident {
            schema: None,
            name: (self.fold)(self.written(at)),
            span: Span::new(self.base + span.start, self.base + span.end),
        }
    }

    /// Passes a name.
    pub(super) fn take_name(&mut self) -> Ident {
        let name = self.name(self.at);
        self.at += 1;
        name
    }

    /// Passes a name with its schema, if it has one.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn take_qualified(&mut self) -> (Option<Name>, Ident) {
        let first = self.take_name();
        if self.eat(&["."]) {
            return (Some(first.name), self.take_name());
        }
        (None, first)
    }

    /// Passes a bracket and all that is in it; what is in it.
    pub(super) fn take_group(&mut self) -> Range<usize> {
        let start = self.at + 1;
        let mut depth = 0;
        while !self.is_at_end() {
            if self.is_next_of(&["(", "["]) {
                depth += 1;
            } else if self.is_next_of(&[")", "]"]) {
                depth -= 1;
            }
            self.at += 1;
            if depth == 0 {
                return start..self.at - 1;
            }
        }
        start.min(self.at)..self.at
    }

    /// Passes everything up to one of these, outside of brackets; what was passed.
    pub(super) fn take_until(&mut self, stops: &[&str]) -> Range<usize> {
        let start = self.at;
        while !self.is_at_end() && !self.is_next_of(stops) {
            if self.is_next_of(&["(", "["]) {
                self.take_group();
            } else {
                self.at += 1;
            }
        }
        start..self.at
    }

    /// The parts of a list with commas.
    pub(super) fn list(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut cursor = self.part(range);
        let mut parts = Vec::new();
        while !cursor.is_at_end() {
            parts.push(cursor.take_until(&[","]));
            cursor.skip();
        }
        parts
    }

    /// What stands in a range.
    #[cfg(feature = "sqlite")]
    pub(super) fn text(&self, range: Range<usize>) -> Text {
        let quoted = range.clone().filter(|at| self.kind(*at) == Some(Kind::Quoted));
        let quoted = quoted.map(|at| self.name(at).name);
        Text::new(range.map(|at| match self.kind(at) {
            Some(Kind::Word) if is_keyword(self.written(at)) => {
                Word::Other(self.written(at).to_ascii_lowercase())
            }
            Some(Kind::Word | Kind::Quoted) => Word::Name(self.name(at).name),
            _ => Word::Other(self.written(at).to_owned()),
        }))
        .with_quoted(quoted)
    }
}
