//! Definitions without what a database does not see. A lexer of its own, because ours is what is being
//! tested.

use migrate_build::Dialect;

/// The words of a definition of SQLite's: no comments, no white space, no quotes, lower case outside of
/// strings.
pub(super) fn words(sql: &str) -> Vec<String> {
    words_of(sql, Dialect::Sqlite)
}

/// The words of a definition; what SQLite does not tell apart stays as it is elsewhere.
pub(super) fn words_of(sql: &str, dialect: Dialect) -> Vec<String> {
    let is_sqlite = dialect == Dialect::Sqlite;
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (word, len) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '\'' | '"' | '`' if !is_sqlite => {
                let len = quoted(rest, first);
                (Some(rest[..len].to_owned()), len)
            }
            '\'' => {
                let len = quoted(rest, '\'');
                // A name in double quotes that is none is a text, and SQLite writes it as one later.
                (Some(rest[1..len].trim_end_matches('\'').to_owned()), len)
            }
            '"' | '`' => {
                let len = quoted(rest, first);
                let inner = rest[1..len].trim_end_matches(first);
                (
                    Some(
                        inner
                            .replace(&format!("{first}{first}"), &first.to_string())
                            .to_lowercase(),
                    ),
                    len,
                )
            }
            '[' if is_sqlite => {
                let end = rest.find(']').unwrap_or(rest.len() - 1);
                (Some(rest[1..end].to_lowercase()), end + 1)
            }
            _ if is_word(first) => {
                let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Some(rest[..len].to_lowercase()), len)
            }
            _ => (Some(first.to_string()), first.len_utf8()),
        };
        found.extend(word);
        rest = &rest[len..];
    }
    found
}

/// The same as one text.
pub(super) fn text(sql: &str) -> String {
    words(sql).join(" ")
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

/// The length of what a quote encloses; two of them are one inside.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// What no pragma tells of a table: each clause, with the column that it belongs to.
pub(super) fn clauses(sql: &str) -> Vec<String> {
    let words = words(sql);
    let Some(open) = words.iter().position(|word| word == "(") else { return Vec::new() };
    let mut found = Vec::new();
    for part in split(&words[open + 1..group_end(&words, open)]) {
        let first = part.first().map_or("", String::as_str);
        let is_column = !["constraint", "primary", "unique", "check", "foreign"].contains(&first);
        let owner = if is_column { first.to_owned() } else { key_columns(part) };
        let mut at = usize::from(is_column);
        let (mut name, mut about) = (String::new(), "");
        while at < part.len() {
            let next = part.get(at + 1).map_or("", String::as_str);
            match part[at].as_str() {
                "(" => at = group_end(part, at),
                "constraint" => {
                    name = format!("constraint {next} ");
                    at += 1;
                }
                "check" if next == "(" => {
                    let end = group_end(part, at + 1);
                    found.push(format!("{name}check {}", part[at + 1..end].join(" ")));
                    (name, at) = (String::new(), end);
                }
                "as" if next == "(" => {
                    let end = group_end(part, at + 1);
                    found.push(format!("{owner} as {}", part[at + 1..end].join(" ")));
                    at = end;
                }
                "collate" if next != "binary" => found.push(format!("{owner} collate {next}")),
                "autoincrement" => found.push("autoincrement".to_owned()),
                "deferrable" => found.push(format!("{owner} {}", part[at..].join(" "))),
                "conflict" => found.push(format!("{owner} {about} on conflict {next}")),
                word @ ("primary" | "unique" | "references" | "foreign") => {
                    if !name.is_empty() {
                        found.push(format!("{name}{word} {owner}"));
                        name.clear();
                    }
                    about = if word == "primary" { "primary" } else { "unique" };
                }
                "null" => (about, name) = ("null", String::new()),
                _ => {}
            }
            at += 1;
        }
    }
    found
}

/// The columns in the first bracket of a constraint.
fn key_columns(part: &[String]) -> String {
    let Some(open) = part.iter().position(|word| word == "(") else { return String::new() };
    part[open + 1..group_end(part, open)].join(" ")
}

/// Where the bracket is closed that is opened here.
fn group_end(words: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" => depth += 1,
            ")" if depth == 1 => return at,
            ")" => depth -= 1,
            _ => {}
        }
    }
    words.len()
}

/// The parts between commas, outside of brackets.
fn split(words: &[String]) -> Vec<&[String]> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < words.len() {
        match words[at].as_str() {
            "(" => at = group_end(words, at),
            "," => {
                parts.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&words[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::{clauses, text};

    #[test]
    fn what_sqlite_does_not_see_is_left_out() {
        let written =
            "CREATE  VIEW \"V\"\"w\" -- a comment\nAS SELECT [A b], 'It''s' /* x */ FROM `T`";
        assert_eq!(text(written), "create view v\"w as select a b , It''s from t");
    }

    #[test]
    fn clauses_belong_to_their_columns() {
        let table = "CREATE TABLE t (a INT CHECK (a > (1)) COLLATE nocase, b AS (a, 2),
            CONSTRAINT c UNIQUE (a, b) ON CONFLICT FAIL, FOREIGN KEY (a) REFERENCES u DEFERRABLE)";
        let expected = [
            "check ( a > ( 1 )",
            "a collate nocase",
            "b as ( a , 2",
            "constraint c unique a , b",
            "a , b unique on conflict fail",
            "a deferrable",
        ];
        assert_eq!(clauses(table), expected);
    }
}
