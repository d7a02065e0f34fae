//! PostgreSQL's tokens, with their places: `squawk-lexer` finds them.
//!
//! The rules are those of PostgreSQL's documentation, "Lexical Structure", with
//! `standard_conforming_strings` on, as it is unless somebody turns it off.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

use crate::source::Span;
use crate::sql::token::{Kind, Token};

/// Names are cut behind as many bytes (PostgreSQL's documentation, "Identifiers and Key Words").
const MAX_NAME: usize = 63;

/// A token, and whether it is closed where it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    /// A string or a quoted name: it has an end.
    pub(super) is_closed: bool,
}

/// The tokens of a text, white space left out.
pub(super) fn lexemes(text: &str) -> impl Iterator<Item = Lexeme> {
    let mut at = 0;
    tokenize(text).filter_map(move |token| {
        let start = at;
        at += token.len;
        let (kind, is_closed) = classify(token.kind)?;
        Some(Lexeme { token: Token { kind, span: Span::new(start, at) }, is_closed })
    })
}

/// The tokens of a text, white space and comments left out.
pub(super) fn words(text: &str) -> impl Iterator<Item = Token> {
    lexemes(text).map(|lexeme| lexeme.token).filter(|token| !token.is_comment())
}

fn classify(kind: TokenKind) -> Option<(Kind, bool)> {
    Some(match kind {
        TokenKind::Whitespace | TokenKind::Eof => return None,
        TokenKind::Ident => (Kind::Word, true),
        TokenKind::QuotedIdent { terminated, .. } => (Kind::Quoted, terminated),
        TokenKind::Literal { kind } => literal(kind),
        TokenKind::PositionalParam { .. } => (Kind::Literal, true),
        TokenKind::Semi => (Kind::Semicolon, true),
        TokenKind::LineComment => (Kind::LineComment, true),
        TokenKind::BlockComment { terminated: true } => (Kind::BlockComment, true),
        TokenKind::BlockComment { terminated: false } => (Kind::OpenComment, true),
        _ => (Kind::Punctuation, true),
    })
}

fn literal(kind: LiteralKind) -> (Kind, bool) {
    match kind {
        LiteralKind::Int { .. } | LiteralKind::Numeric { .. } => (Kind::Literal, true),
        LiteralKind::BitStr { terminated } | LiteralKind::ByteStr { terminated } => {
            (Kind::Literal, terminated)
        }
        LiteralKind::Str { terminated }
        | LiteralKind::NationalStr { terminated }
        | LiteralKind::DollarQuotedString { terminated }
        | LiteralKind::UnicodeEscStr { terminated }
        | LiteralKind::EscStr { terminated } => (Kind::String, terminated),
    }
}

/// `$tag$`, where a text is dollar-quoted.
pub(super) fn dollar_tag(written: &str) -> Option<&str> {
    let tag = written.strip_prefix('$')?;
    let end = tag.find('$')?;
    written.get(..end + 2)
}

/// What a dollar-quoted text says.
pub(super) fn dollar_quoted(written: &str) -> Option<&str> {
    let tag = dollar_tag(written)?;
    written.strip_prefix(tag)?.strip_suffix(tag)
}

/// A name as PostgreSQL compares it: in lower case unless it is quoted, and cut.
pub(super) fn fold(written: &str) -> String {
    let name = match written.strip_prefix('"') {
        Some(inner) => inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\""),
        None => written.to_ascii_lowercase(),
    };
    cut(name)
}

/// Cuts a name that is too long, between two characters.
pub(super) fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        lexemes(text).map(|found| (found.token.kind, &text[found.token.span.range()])).collect()
    }

    #[test]
    fn quotes_comments_and_numbers_are_one_token_each() {
        use Kind::{
            BlockComment, LineComment, Literal, Punctuation, Quoted, Semicolon, String, Word,
        };
        assert_eq!(
            kinds(
                "a$1'it''s;'E'\\';'\"x\"\"y\"U&\"\\0061\"$1$t$;$$;$t$--c;\n/*/*;*/;*/B'1'1.5e-3;-"
            ),
            [
                (Word, "a$1"),
                (String, "'it''s;'"),
                (String, "E'\\';'"),
                (Quoted, "\"x\"\"y\""),
                (Quoted, "U&\"\\0061\""),
                (Literal, "$1"),
                (String, "$t$;$$;$t$"),
                (LineComment, "--c;"),
                (BlockComment, "/*/*;*/;*/"),
                (Literal, "B'1'"),
                (Literal, "1.5e-3"),
                (Semicolon, ";"),
                (Punctuation, "-"),
            ]
        );
        assert_eq!(kinds("'a\\'b"), [(String, "'a\\'"), (Word, "b")], "no escape without E");
    }

    #[test]
    fn what_has_no_end_ends_with_the_text() {
        for text in ["'a", "'a''", "E'\\'", "\"", "U&\"a", "$$a", "$t$a$$", "$t$ $t", "x'"] {
            let found: Vec<_> = lexemes(text).collect();
            assert_eq!(found.len(), 1, "{text}");
            assert!(!found[0].is_closed, "{text}");
        }
        assert_eq!(kinds("/* /* */"), [(Kind::OpenComment, "/* /* */")]);
    }

    #[test]
    fn names_are_folded_as_postgresql_folds_them() {
        assert_eq!(fold("\"A\"\"b\""), "A\"b");
        assert_eq!(fold("UsersÄ"), "usersÄ");
        assert_eq!(fold(&"é".repeat(40)), "é".repeat(31), "63 bytes, whole characters");
    }

    #[test]
    fn dollar_quotes_come_off() {
        assert_eq!(dollar_quoted("$f$ a $$ b $f$"), Some(" a $$ b "));
        assert_eq!(dollar_quoted("$$$$"), Some(""));
        assert_eq!(dollar_quoted("'a'"), None);
        assert_eq!(dollar_tag("$f$ has no end"), Some("$f$"));
    }
}
