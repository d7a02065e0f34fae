//! Tokens, whatever the dialect: each dialect's own lexer finds them.

use super::ddl::Column;
use crate::source::Span;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or an unquoted identifier.
    Word,
    /// A quoted identifier.
    Quoted,
    /// `'…'`.
    String,
    /// A number, a parameter, a blob literal: nothing that names or ends something.
    Literal,
    /// `;`
    Semicolon,
    /// Any other single character.
    Punctuation,
    /// `-- …`, without the line end.
    LineComment,
    /// `/* … */`.
    BlockComment,
    /// `/* …` to the end of the text.
    OpenComment,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: Kind,
    /// Its text.
    pub span: Span,
}

impl Token {
    /// Whether the database passes over it.
    #[must_use]
    pub fn is_comment(self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::BlockComment | Kind::OpenComment)
    }
}

/// Where in a statement, whose text this is, a column's type stands: behind its name.
pub(super) fn type_span(
    text: &str,
    statement: Span,
    tokens: impl Iterator<Item = Token>,
    column: &Column,
) -> Option<Span> {
    let written: Vec<(Token, &str)> = tokens
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
