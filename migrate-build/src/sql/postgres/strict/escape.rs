//! Escapes in `E'…'` that are no characters.

use squawk_syntax::SyntaxKind::ESC_STRING;
use squawk_syntax::SyntaxNode;

use crate::source::count;

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    let texts = node.children_with_tokens().filter_map(|found| found.into_token());
    let mut texts = texts.filter(|token| token.kind() == ESC_STRING);
    texts.find_map(|text| {
        let at = no_character(text.text())?;
        Some(u32::from(text.text_range().start()) + count(at))
    })
}

/// Where the first escape stands that is no character: `\u` with four digits, `\U` with eight. Two
/// of them, side by side, may be the halves of one.
fn no_character(text: &str) -> Option<usize> {
    let mut half = None;
    let mut at = 0;
    while at < text.len() {
        let (code, len) = escape(&text[at..]);
        match (half, code) {
            (Some(_), Some(0xdc00..=0xdfff)) => half = None,
            (Some(_), _) => return Some(at),
            (None, Some(0xd800..=0xdbff)) => half = Some(at),
            (None, Some(0 | 0xdc00..=0xdfff | 0x11_0000..)) => return Some(at),
            (None, _) => {}
        }
        at += len;
    }
    half
}

/// The number of the escape that a text begins with, if it does, and how long what it begins with is.
fn escape(text: &str) -> (Option<u32>, usize) {
    let digits = match text.as_bytes() {
        [b'\\', b'u', ..] => 4,
        [b'\\', b'U', ..] => 8,
        [b'\\', ..] => return (None, 1 + text[1..].chars().next().map_or(0, char::len_utf8)),
        _ => return (None, text.chars().next().map_or(1, char::len_utf8)),
    };
    let end = 2 + digits;
    let code = text.get(2..end).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    (code, if code.is_some() { end } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::no_character;

    #[test]
    fn halves_come_in_pairs() {
        for (text, expected) in [
            (r"E'a \\udb99 \n ä \u00e4 \U0010ffff'", None),
            (r"E'\udb99\udc00\U0000db99\uDC00'", None),
            (r"E'\udb99'", Some(8)),
            (r"E'\udb99x'", Some(8)),
            (r"E'\udb99\\'", Some(8)),
            (r"E'a\udc00'", Some(3)),
            (r"E'\u0000'", Some(2)),
            (r"E'ä\U00110000'", Some(4)),
            (r"E'\u12", None),
            (r"E'\", None),
        ] {
            assert_eq!(no_character(text), expected, "{text}");
        }
    }
}
