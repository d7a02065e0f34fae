//! Tokens, whatever the dialect: each dialect's own lexer finds them.

use crate::source::Span;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

impl Token {
    pub(super) fn is_comment(self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::BlockComment | Kind::OpenComment)
    }
}
