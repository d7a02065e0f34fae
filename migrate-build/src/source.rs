//! Source texts and places in them.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A text file under verification.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    line_starts: OnceLock<Vec<u32>>,
    hidden: OnceLock<Vec<Span>>,
}

/// A star of one byte, of two, of three, and of four.
const STARS: [char; 4] = ['*', '·', '⋆', '🞱'];

/// A range of bytes in a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// A place as a person counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl Source {
    /// A source with the path that messages show.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            hidden: OnceLock::new(),
        }
    }

    /// The path that messages show.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text: line ends are `\n`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Lets [`Source::shown`] hide what stands there: passwords. Only the first call counts.
    pub(crate) fn hide(&self, spans: impl FnOnce() -> Vec<Span>) {
        let _ = self.hidden.get_or_init(spans);
    }

    /// The text of a span as messages show it: what is hidden is stars, each as long as what it
    /// stands for.
    #[must_use]
    pub fn shown(&self, span: Span) -> Cow<'_, str> {
        let text = self.slice(span);
        let hidden: Vec<&Span> = self
            .hidden
            .get()
            .into_iter()
            .flatten()
            .filter(|hidden| hidden.start < span.end && span.start < hidden.end)
            .collect();
        if hidden.is_empty() {
            return text.into();
        }
        let is_hidden = |at: u32| hidden.iter().any(|hidden| hidden.start <= at && at < hidden.end);
        let masked = text.char_indices().map(|(at, c)| {
            let is_kept = c == '\n' || !is_hidden(span.start + count(at));
            if is_kept { c } else { STARS[c.len_utf8() - 1] }
        });
        masked.collect::<String>().into()
    }

    /// A message of somebody else's without what is hidden here.
    #[must_use]
    pub(crate) fn redacted(&self, message: &str) -> String {
        /// What is shorter is no secret, and occurs by chance.
        const SHORTEST: usize = 3;
        let mut message = message.to_owned();
        for span in self.hidden.get().into_iter().flatten() {
            let is_quote = |c: char| matches!(c, '\'' | '"');
            let written = self.slice(*span);
            let secret = written.split_once(is_quote).map_or(written, |(_, inner)| inner);
            let secret = secret.trim_end_matches(is_quote);
            if secret.len() >= SHORTEST {
                message = message.replace(secret, "***");
            }
        }
        message
    }

    /// Where a byte offset is.
    #[must_use]
    pub fn location(&self, offset: u32) -> Location {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let before = self.slice(Span::new(starts[line - 1], offset));
        Location { line: count(line), column: count(before.chars().count() + 1) }
    }

    /// The span of a whole line, from 1, its end left out.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let starts = self.line_starts();
        let start = starts.get(line as usize - 1).copied().unwrap_or(count(self.text.len()));
        let end = starts.get(line as usize).map_or(count(self.text.len()), |next| next - 1);
        Span::new(start, end)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| count(at + 1))).collect()
        })
    }
}

impl Span {
    /// The span from `start` to `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// As a range of `usize`.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A count or offset as `u32`: sources are far below 4 GiB ([`crate::layout::MAX_BYTES`]).
pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("up.sql", "-- é\nSELECT 'ä', x;\n");
        let x = count(source.text().find('x').expect("it is there"));
        assert_eq!(source.location(x), Location { line: 2, column: 13 });
        assert_eq!(source.slice(source.line_span(1)), "-- é");
        assert_eq!(source.slice(source.line_span(2)), "SELECT 'ä', x;");
    }

    #[test]
    fn what_is_hidden_is_as_long_as_it_was() {
        let text = "PASSWORD 'aß€𝄞\nb' LOGIN";
        let source = Source::new("up.sql", text);
        let secret = Span::new(9, count(text.find(" LOGIN").expect("it is there")));
        source.hide(|| vec![secret]);
        let all = Span::new(0, count(text.len()));
        assert_eq!(source.shown(all), "PASSWORD **·⋆🞱\n** LOGIN");
        assert_eq!(source.shown(all).len(), text.len());
        assert_eq!(source.shown(Span::new(0, 8)), "PASSWORD");
        assert_eq!(source.redacted("near \"aß€𝄞\nb' LOGIN\""), "near \"***' LOGIN\"");
    }

    #[test]
    fn the_end_of_the_text_has_a_place() {
        let source = Source::new("up.sql", "a\n");
        assert_eq!(source.location(2), Location { line: 2, column: 1 });
        assert_eq!(Source::new("e", "").location(0), Location { line: 1, column: 1 });
    }
}
