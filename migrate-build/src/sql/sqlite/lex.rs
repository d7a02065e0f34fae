//! SQLite's tokens, with their places.
//!
//! The grammar's parser has a lexer too, but passes over comments; directives, checksums and
//! statement boundaries need them and their places. The rules are those of SQLite's documentation,
//! "SQL Syntax", and its `sqlite3_complete`.

use crate::source::{Span, count};
use crate::sql::token::{Kind, Token};

/// The tokens of a text. Never fails: what has no end ends with the text, and the parser says so.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text: text.as_bytes(), at: 0 }
}

pub(super) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = &self.text[self.at..];
        // SQLite's white space; NUL and other control characters are not.
        let blank = rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r'));
        let start = self.at + blank?;
        let (kind, len) = measure(&self.text[start..]);
        self.at = start + len;
        Some(Token { kind, span: Span::new(count(start), count(self.at)) })
    }
}

/// The kind and length of the token that a text, which is not empty, begins with.
fn measure(text: &[u8]) -> (Kind, usize) {
    match text {
        [b'-', b'-', ..] => (Kind::LineComment, until(text, 2, b'\n')),
        [b'/', b'*', ..] => block_comment(text),
        [b'\'', ..] => (Kind::String, quoted(text, b'\'')),
        [quote @ (b'"' | b'`'), ..] => (Kind::Quoted, quoted(text, *quote)),
        [b'[', ..] => (Kind::Quoted, (until(text, 1, b']') + 1).min(text.len())),
        [b';', ..] => (Kind::Semicolon, 1),
        [b'x' | b'X', b'\'', ..] => (Kind::Literal, 1 + quoted(&text[1..], b'\'')),
        [first, ..] if first.is_ascii_digit() => (Kind::Literal, number(text)),
        [b'$' | b'@' | b'#' | b':' | b'?', ..] => (Kind::Literal, 1 + word(&text[1..])),
        [first, ..] if is_word(*first) => (Kind::Word, word(text)),
        _ => (Kind::Punctuation, 1),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn word(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_word(*byte)).unwrap_or(text.len())
}

/// Digits, a fraction, an exponent, hexadecimal: a sign inside an exponent belongs to it.
fn number(text: &[u8]) -> usize {
    let mut len = 0;
    while let Some(byte) = text.get(len) {
        let exponent_sign = matches!(byte, b'+' | b'-')
            && matches!(text[len - 1], b'e' | b'E')
            && !text.starts_with(b"0x")
            && !text.starts_with(b"0X");
        if !(is_word(*byte) || *byte == b'.' || exponent_sign) {
            break;
        }
        len += 1;
    }
    len
}

fn until(text: &[u8], from: usize, end: u8) -> usize {
    text[from..].iter().position(|byte| *byte == end).map_or(text.len(), |at| from + at)
}

fn block_comment(text: &[u8]) -> (Kind, usize) {
    match text[2..].windows(2).position(|pair| pair == b"*/") {
        Some(at) => (Kind::BlockComment, at + 4),
        // SQLite takes the rest of the file for a comment then, without a word.
        None => (Kind::OpenComment, text.len()),
    }
}

/// A doubled quote stands for one.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    loop {
        let end = until(text, at, quote);
        if text.get(end + 1) != Some(&quote) {
            return (end + 1).min(text.len());
        }
        at = end + 2;
    }
}

/// The text of a name without its quotes.
pub(super) fn unquote(written: &str) -> String {
    let close = match written.as_bytes().first() {
        Some(b'"') => '"',
        Some(b'`') => '`',
        Some(b'\'') => '\'',
        Some(b'[') => ']',
        _ => return written.to_owned(),
    };
    let inner = written.get(1..).unwrap_or_default();
    let inner = inner.strip_suffix(close).unwrap_or(inner);
    if close == ']' {
        return inner.to_owned();
    }
    inner.replace(&format!("{close}{close}"), &close.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        tokens(text).map(|token| (token.kind, &text[token.span.range()])).collect()
    }

    #[test]
    fn quotes_comments_and_numbers_are_one_token_each() {
        use Kind::{
            BlockComment, LineComment, Literal, Punctuation, Quoted, Semicolon, String, Word,
        };
        assert_eq!(
            kinds("a'it''s;'\"x\"\"y\"[z;]`q`--c;\n/*;*/x'ff'1.5e-3?1:p;1e+2-0xE+1"),
            [
                (Word, "a"),
                (String, "'it''s;'"),
                (Quoted, "\"x\"\"y\""),
                (Quoted, "[z;]"),
                (Quoted, "`q`"),
                (LineComment, "--c;"),
                (BlockComment, "/*;*/"),
                (Literal, "x'ff'"),
                (Literal, "1.5e-3"),
                (Literal, "?1"),
                (Literal, ":p"),
                (Semicolon, ";"),
                (Literal, "1e+2"),
                (Punctuation, "-"),
                (Literal, "0xE"),
                (Punctuation, "+"),
                (Literal, "1"),
            ]
        );
    }

    #[test]
    fn what_has_no_end_ends_with_the_text() {
        for text in ["'a", "'a''", "\"", "[a", "/*", "/*/", "--", "x'", "$"] {
            let spans: Vec<_> = tokens(text).collect();
            assert_eq!(spans.len(), 1, "{text}");
            assert_eq!(spans[0].span, Span::new(0, count(text.len())), "{text}");
        }
    }

    #[test]
    fn names_lose_their_quotes() {
        assert_eq!(unquote("\"a\"\"b\""), "a\"b");
        assert_eq!(unquote("[a]]"), "a]");
        assert_eq!(unquote("plain"), "plain");
        assert_eq!(unquote("\""), "");
    }
}
