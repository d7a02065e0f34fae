//! Passwords in scripts: where they stand, so that no message shows them.
//!
//! Judged by tokens alone, because a statement that does not parse must not be shown either. What is
//! no password and is taken for one is not lost: only an excerpt hides it.

use std::ops::Range;

use super::Parser;
use super::token::{Kind, Token};
use crate::source::{Span, count};

/// Without any of these, in lower case, there is nothing to hide.
const TRACES: &[&str] = &[
    "password",
    "identified",
    "role",
    "user ",
    "user\n",
    "user\t",
    "subscription",
    "server",
    "master",
    "://",
];

/// A statement that has one of these among its first words is about who may do what: all its texts
/// are hidden.
const ABOUT_ACCESS: &[&str] = &[
    "role",
    "user",
    "group",
    "server",
    "subscription",
    "password",
    "mapping",
    "master",
    "replication",
];

/// Behind these, too, a statement about who may do what has a password: `IDENTIFIED BY`.
const INTRODUCERS: &[&str] = &["by", "using", "as", "="];

/// How many words of a statement tell what it is about.
const FIRST_WORDS: usize = 4;

/// How deep code is looked for in code.
const MAX_CODE_IN_CODE: u32 = 4;

/// Where secrets stand in a script, quotes and all, in their order.
pub(crate) fn secrets(parser: &dyn Parser, text: &str) -> Vec<Span> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    if TRACES.iter().any(|trace| lower.contains(trace)) {
        collect(parser, text, 0, MAX_CODE_IN_CODE, &mut found);
        found.extend(of_addresses(&lower).map(|range| span(0, range)));
        found.sort_unstable_by_key(|span| span.start);
    }
    found
}

/// The password of each address with one, `http://user:password@host`, in a text in lower case.
fn of_addresses(lower: &str) -> impl Iterator<Item = Range<usize>> {
    lower.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let (access, _) = unbroken(&lower[start..]).rsplit_once('@')?;
        let behind_user = access.find(':').map_or(0, |colon| colon + 1);
        Some(start + behind_user..start + access.len())
    })
}

/// The password of each list of a connection's parameters, in a text in lower case.
fn of_parameters(lower: &str) -> impl Iterator<Item = Range<usize>> {
    lower.match_indices("password=").map(|(at, mark)| {
        let start = at + mark.len();
        start..start + unbroken(&lower[start..]).len()
    })
}

/// A text up to a space or a quote.
fn unbroken(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | '"');
    text.split(ends).next().unwrap_or_default()
}

fn collect(parser: &dyn Parser, text: &str, offset: u32, levels: u32, found: &mut Vec<Span>) {
    let mut tokens = parser.tokens(text);
    tokens.retain(|token| !token.is_comment());
    for statement in tokens.split(|token| token.kind == Kind::Semicolon) {
        let word = |token: &Token| &text[token.span.range()];
        let first = statement.iter().take(FIRST_WORDS);
        let is_about_access = first.into_iter().any(|token| is_one_of(word(token), ABOUT_ACCESS))
            || statement.iter().any(|token| is_one_of(word(token), &["identified"]));
        let mut follows = Follows::Other;
        for (at, token) in statement.iter().enumerate() {
            let written = word(token);
            let is_joint = at > 0 && statement[at - 1].span.end == token.span.start;
            let is_bare = is_about_access
                && token.kind != Kind::String
                && follows.is_value(is_joint, written);
            let is_secret = match (token.kind, dollar_quoted(written)) {
                (Kind::String, Some((quote, code))) if levels > 0 => {
                    let start = offset + token.span.start + count(quote);
                    collect(parser, code, start, levels - 1, found);
                    false
                }
                (Kind::String, _) => {
                    is_about_access || follows == Follows::Password || tells(written)
                }
                _ => is_bare,
            };
            if is_secret {
                found.push(Span::new(offset + token.span.start, offset + token.span.end));
            }
            if is_secret && token.kind == Kind::String {
                // The database may tell what is inside, without the rest of the text.
                let inside = written.to_ascii_lowercase();
                let start = offset + token.span.start;
                found.extend(of_parameters(&inside).map(|range| span(start, range)));
            }
            follows = match follows {
                _ if written.eq_ignore_ascii_case("password") => Follows::Password,
                _ if is_about_access && is_one_of(written, INTRODUCERS) => Follows::Password,
                Follows::Password if written == "=" => Follows::Password,
                _ if is_bare => Follows::Secret,
                _ => Follows::Other,
            };
        }
    }
}

/// What a token follows, where somebody may have forgotten the quotes of a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Password,
    /// A piece of a password.
    Secret,
    Other,
}

impl Follows {
    fn is_value(self, is_joint: bool, written: &str) -> bool {
        match self {
            Self::Password => !is_one_of(written, &["=", "null", "expire", "for", ",", ")", "("]),
            Self::Secret => is_joint,
            Self::Other => false,
        }
    }
}

/// A text that holds a password itself: a connection's parameters, an address, code.
fn tells(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["password", "identified by"].iter().any(|word| lower.contains(word))
        || of_addresses(&lower).next().is_some()
}

fn span(offset: u32, range: Range<usize>) -> Span {
    Span::new(offset + count(range.start), offset + count(range.end))
}

/// The length of the quote, and what stands behind it up to the next, if there is one.
fn dollar_quoted(written: &str) -> Option<(usize, &str)> {
    let quote = written.strip_prefix('$')?.find('$')? + 2;
    let (tag, code) = written.split_at_checked(quote)?;
    Some((quote, code.strip_suffix(tag).unwrap_or(code)))
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::sql;

    /// The secrets of a text of PostgreSQL's.
    fn secrets_of(text: &str) -> Vec<&str> {
        let parser = sql::parser(Dialect::Postgres).expect("it is compiled in");
        secrets(parser, text).into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn passwords_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("CREATE ROLE r LOGIN PASSWORD 'x1'; SELECT 'a';", &["'x1'"][..]),
            ("alter user u with encrypted password E'x1'", &["E'x1'"]),
            ("CREATE ROLE r PASWORD 'x1'", &["'x1'"]),
            ("CREAT ROLE r PASSWORD x1 LOGIN", &["x1"]),
            ("ALTER ROLE r PASSWORD x1-2 LOGIN", &["x1", "-", "2"]),
            ("CREATE SUBSCRIPTION s CONNECTION host=h password=x1 PUBLICATION p", &["h", "x1"]),
            ("ALTER ROLE r PASSWORD 'x1", &["'x1"]),
            ("ALTER USER u PASSWORD NULL", &[]),
            (
                "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u1', password 'x1')",
                &["'u1'", "'x1'"],
            ),
            ("CREATE SUBSCRIPTION s CONNECTION 'host=h' PUBLICATION p", &["'host=h'"]),
            ("SELECT dblink_connect('host=h password=x1')", &["'host=h password=x1'", "x1"]),
            ("SELECT f('postgres://u:x1@h/d', 'http://h')", &["'postgres://u:x1@h/d'", "x1"]),
            ("SELECT f(postgres://u:x1@h/d) -- of http://u:x2@h", &["x1", "x2"]),
            (
                "DO $x$ BEGIN CREATE ROLE r PASSWORD 'x1'; EXECUTE 'ALTER ROLE r PASSWORD ''x2'''; END $x$",
                &["'x1'", "'ALTER ROLE r PASSWORD ''x2'''"],
            ),
            ("DO $x$ ALTER ROLE r PASSWORD 'x1'", &["'x1'"]),
        ] {
            assert_eq!(secrets_of(text), expected, "{text}");
        }
    }

    #[test]
    fn tables_with_passwords_are_shown() {
        for text in [
            "CREATE TABLE accounts (password text NOT NULL, kind text DEFAULT 'x')",
            "INSERT INTO roles VALUES ('admin')",
            "SELECT 'http://h/p'",
        ] {
            assert_eq!(secrets_of(text), Vec::<&str>::new(), "{text}");
        }
    }
}
