//! Diagnostics as text: rustc's human form, one line each, rustc's JSON.

mod human;
#[cfg(feature = "json")]
mod json;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use human::Human;
#[cfg(feature = "json")]
pub use json::{finding as json_finding, message as json_message};

use crate::diagnostic::{Diagnostic, Place};
use crate::rule::Level;

/// How a level reads in front of a message.
#[must_use]
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Allow => "note",
        Level::Warn => "warning",
        Level::Deny | Level::Forbid => "error",
    }
}

/// One line: `path:line:column: error[rule]: message`.
#[must_use]
pub fn short(diagnostic: &Diagnostic) -> String {
    let mut line = String::new();
    if let Some(label) = diagnostic.labels.first() {
        let _ = write!(line, "{}:", escape(&label.place.path().to_string_lossy()));
        if let Place::Text(source, span) = &label.place {
            let at = source.location(span.start);
            let _ = write!(line, "{}:{}:", at.line, at.column);
        }
        line.push(' ');
    }
    let word = level_word(diagnostic.level);
    let _ = write!(line, "{word}[{}]: {}", diagnostic.rule.id, escape(&diagnostic.message));
    line
}

/// The text with everything a terminal could take for a command made visible: control characters
/// (line ends too) and the characters that turn the direction of writing.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unprintable(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character could drive a terminal or hide what stands there.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control() || is_direction_mark(c)
}

/// Whether a character changes the direction of the text behind it, so that a person reads
/// something else than the parser does.
#[must_use]
pub fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_a_terminal_unescaped() {
        assert_eq!(escape("plain ä"), "plain ä");
        assert_eq!(escape("a\x1b[2Jb\u{202e}c\n"), "a\\u{1b}[2Jb\\u{202e}c\\n");
    }
}
