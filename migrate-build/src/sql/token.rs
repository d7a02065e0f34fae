//! Tokens, whatever the dialect: each dialect's own lexer finds them.

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
