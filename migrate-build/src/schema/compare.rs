//! A file beside what the migrations make.

use std::iter::Peekable;
use std::str::Chars;

use super::Format;
use crate::source::{Span, count};

/// How many lines are shown on each side.
const SHOWN: usize = 6;

/// Where a file differs from what the migrations make.
pub(super) struct Difference {
    /// The first line that differs.
    pub(super) span: Span,
    /// What goes, and what comes.
    pub(super) shown: Vec<String>,
}

/// What a file says otherwise, if it means something else.
pub(super) fn difference(format: Format, text: &str, made: &str) -> Option<Difference> {
    let is_same = match format {
        Format::Diesel => tokens(text) == tokens(made),
        Format::Sql => text.lines().map(str::trim_end).eq(made.lines().map(str::trim_end)),
        #[cfg(feature = "json")]
        Format::Json => {
            let value = |text| serde_json::from_str::<serde_json::Value>(text).ok();
            value(text) == value(made)
        }
    };
    if is_same {
        return None;
    }
    let lines = |text: &'_ str| -> Vec<(usize, String)> {
        let lines = text.lines().enumerate().filter(|(_, line)| !tokens(line).is_empty());
        lines.map(|(at, line)| (at, line.trim_end().to_owned())).collect()
    };
    let (old, new) = (lines(text), lines(made));
    let is_same = |(a, b): &(&(usize, String), &(usize, String))| a.1.trim() == b.1.trim();
    let start = old.iter().zip(&new).take_while(is_same).count();
    let (behind_old, behind_new) = (&old[start..], &new[start..]);
    let end = behind_old.iter().rev().zip(behind_new.iter().rev()).take_while(is_same).count();
    let mut shown = Vec::new();
    for (sign, lines) in [('-', behind_old), ('+', behind_new)] {
        let lines = &lines[..lines.len() - end];
        shown.extend(lines.iter().take(SHOWN).map(|(_, line)| format!("{sign} {line}")));
        if lines.len() > SHOWN {
            shown.push(format!("{sign} … and {} more lines", lines.len() - SHOWN));
        }
    }
    let start = old.get(start).map_or(usize::MAX, |(at, _)| *at);
    Some(Difference { span: line(text, start), shown })
}

/// A line, counted from 0; the last where there are fewer.
fn line(text: &str, at: usize) -> Span {
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let is_last = start + line.len() == text.len();
        if number == at || is_last {
            let indent = line.len() - line.trim_start().len();
            let end = start + line.trim_end().len();
            return Span::new(count((start + indent).min(end)), count(end));
        }
        start += line.len();
    }
    Span::default()
}

/// What Rust sees of a text: neither where lines end nor what plain comments say.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_comment = c == '/' && chars.peek() == Some(&'/');
        if is_comment {
            let rest: String = std::iter::from_fn(|| chars.next_if(|c| *c != '\n')).collect();
            if rest.starts_with("//") || rest.starts_with("/!") {
                tokens.push(rest.trim_end().to_owned());
            }
        } else if c == '"' {
            tokens.push(string(&mut chars));
        } else if c.is_alphanumeric() || c == '_' {
            let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
            let rest = std::iter::from_fn(|| chars.next_if(is_word));
            tokens.push(std::iter::once(c).chain(rest).collect());
        } else if !c.is_whitespace() {
            let closes = matches!(c, ')' | ']' | '}' | '>');
            if closes && tokens.last().is_some_and(|last| last == ",") {
                tokens.pop();
            }
            tokens.push(c.to_string());
        }
    }
    tokens
}

fn string(chars: &mut Peekable<Chars<'_>>) -> String {
    let text: String = std::iter::from_fn(|| chars.next_if(|c| *c != '"')).collect();
    chars.next();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rust_does_not_see_makes_no_difference() {
        let one = "// by hand\ndiesel::table! {\n    a (b) {\n        b -> Text,\n    }\n}\n";
        let other = "diesel::table! { a (b) { b -> Text } }";
        assert_eq!(tokens(one), tokens(other));
        for changed in ["a (c) {", "/// x\na (b) {", "a (b, c) {"] {
            assert_ne!(tokens(one), tokens(&one.replace("a (b) {", changed)), "{changed}");
        }
        assert_ne!(tokens("#[sql_name = \"a b\"]"), tokens("#[sql_name = \"a  b\"]"));
    }

    #[test]
    fn what_goes_and_what_comes_is_shown() {
        let shown = |text, made| Some(difference(Format::Diesel, text, made)?.shown);
        assert_eq!(shown("a\nb\nc\n", "a\nx\nc\n"), Some(vec!["- b".into(), "+ x".into()]));
        assert_eq!(shown("a\na\n", "a\n"), Some(vec!["- a".into()]));
        assert_eq!(shown("", ""), None);
        assert_eq!(shown("", "a"), Some(vec!["+ a".into()]));
    }
}
