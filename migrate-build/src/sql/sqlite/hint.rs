//! Syntax errors as people need them: the place, what stands there, what was meant.

use std::sync::Arc;

use super::lex::{Kind, Token, tokens};
use super::parse::{Error, ErrorKind};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::sql::{client_command, syntax};
use crate::suggest::nearest;

/// SQLite's keywords, but for rare ones: what a misspelt word may have been.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ABORT", "ADD", "ALL", "ALTER", "ALWAYS", "ANALYZE", "AND", "AS", "ASC", "ATTACH",
    "AUTOINCREMENT", "BEFORE", "AFTER", "BEGIN", "BETWEEN", "BY", "CASCADE", "CASE", "CAST",
    "CHECK", "COLLATE", "COLUMN", "COMMIT", "CONFLICT", "CONSTRAINT", "CREATE", "CROSS",
    "DEFAULT", "DEFERRABLE", "DEFERRED", "DELETE", "DESC", "DETACH", "DISTINCT", "DO", "DROP",
    "EACH", "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS", "EXPLAIN", "FAIL", "FILTER", "FROM",
    "FOR", "FOREIGN", "FULL", "GENERATED", "GLOB", "GROUP", "HAVING", "IF", "IGNORE",
    "IMMEDIATE", "IN", "INDEX", "INDEXED", "INITIALLY", "INNER", "INSERT", "INSTEAD",
    "INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "KEY", "LEFT", "LIKE", "LIMIT", "MATCH",
    "NATURAL", "NOT", "NOTHING", "NOTNULL", "NULL", "NULLS", "OF", "OFFSET", "ON", "OR",
    "ORDER", "OUTER", "OVER", "PARTITION", "PRAGMA", "PRIMARY", "RAISE", "RECURSIVE",
    "REFERENCES", "REINDEX", "RELEASE", "RENAME", "REPLACE", "RESTRICT", "RETURNING", "RIGHT",
    "ROLLBACK", "ROW", "ROWS", "SAVEPOINT", "SELECT", "SET", "STRICT", "TABLE", "TEMP",
    "TEMPORARY", "THEN", "TO", "TRANSACTION", "TRIGGER", "UNION", "UNIQUE", "UPDATE", "USING",
    "VACUUM", "VALUES", "VIEW", "VIRTUAL", "WHEN", "WHERE", "WINDOW", "WITH", "WITHOUT",
];

/// Keywords that begin a statement.
const STATEMENT_WORDS: &[&str] = &[
    "ALTER", "ANALYZE", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DROP", "INSERT",
    "PRAGMA", "REINDEX", "REPLACE", "ROLLBACK", "SELECT", "UPDATE", "VACUUM", "WITH",
];

/// What stands behind a list.
const AFTER_LISTS: &[&str] = &[")", "FROM", "GROUP", "LIMIT", "ORDER", "VALUES", "WHERE"];

/// What a name is likely to stand behind.
const NAME_INTRODUCERS: &[&str] = &[
    "(", ",", ".", "ADD", "COLUMN", "EXISTS", "FROM", "INDEX", "INTO", "JOIN", "ON", "RENAME",
    "TABLE", "TO", "TRIGGER", "UPDATE", "VIEW",
];

/// The finding for a statement that does not parse.
pub(super) fn describe(source: &Arc<Source>, statement: Span, error: Error) -> Diagnostic {
    let text = source.slice(statement);
    let at = statement.start + count(error.at);
    if let Some(help) = client_command(text) {
        let line = source.location(statement.start).line;
        let end = source.line_span(line).end.min(statement.end);
        return syntax(source, Span::new(statement.start, end), "this is not SQL", "").help(help);
    }
    match error.kind {
        ErrorKind::Unexpected => unexpected(source, statement, at),
        ErrorKind::Unfinished => unfinished(source, statement),
        ErrorKind::BadToken(problem) => {
            let end = tokens(source.text().get(at as usize..).unwrap_or_default())
                .next()
                .map_or(at, |token| at + token.span.end);
            let end = end.min(source.line_span(source.location(at).line).end).max(at);
            syntax(source, Span::new(at, end), problem, "")
        }
        ErrorKind::Refused(message) => {
            syntax(source, statement, format!("SQLite refuses this: {message}"), "")
        }
    }
}

fn unexpected(source: &Arc<Source>, statement: Span, at: u32) -> Diagnostic {
    let text = source.slice(statement);
    let all: Vec<Token> = tokens(text).filter(|token| !token.is_comment()).collect();
    let within = at - statement.start;
    let index = all.iter().position(|token| token.span.end > within);
    let Some(index) = index else { return unfinished(source, statement) };
    let word = |token: &Token| &text[token.span.range()];
    let place = |token: &Token| {
        Span::new(statement.start + token.span.start, statement.start + token.span.end)
    };
    let found = &all[index];
    let finding = syntax(
        source,
        place(found),
        format!("syntax error near `{}`", shorten(word(found))),
        "SQLite does not expect this here",
    );
    match suggestion(text, &all, index) {
        Some(Suggestion::Help(help)) => finding.help(help),
        Some(Suggestion::Word(suspect, meant)) => finding
            .help(format!("did you mean `{meant}` instead of `{}`?", word(suspect)))
            .fix(source, place(suspect), meant),
        None => finding,
    }
}

/// What was probably meant.
enum Suggestion<'t> {
    Help(String),
    /// A keyword instead of a word.
    Word(&'t Token, &'static str),
}

/// Judges the token that does not fit by what stands around it.
fn suggestion<'t>(text: &str, all: &'t [Token], index: usize) -> Option<Suggestion<'t>> {
    let found = &text[all[index].span.range()];
    if let Some(space) = found.chars().find(|c| is_odd_space(*c)) {
        let code = u32::from(space);
        return Some(Suggestion::Help(format!(
            "the invisible character U+{code:04X} stands here: replace it by a space"
        )));
    }
    let around = || beside(text, all, index).map(Suggestion::Help);
    let misspelt = || misspelt(text, all, index);
    // What is doubtless right tells more than a word that resembles another.
    let is_certain = all[index].kind != Kind::Word || is_one_of(found, KEYWORDS);
    if is_certain { around().or_else(misspelt) } else { misspelt().or_else(around) }
}

/// A misspelt keyword is taken for a name: the parser stumbles over it, or over what follows.
fn misspelt<'t>(text: &str, all: &'t [Token], index: usize) -> Option<Suggestion<'t>> {
    all[index.saturating_sub(2)..=index].iter().rev().find_map(|suspect| {
        let meant = keyword(&text[suspect.span.range()]).filter(|_| suspect.kind == Kind::Word)?;
        Some(Suggestion::Word(suspect, meant))
    })
}

/// What is missing, or too much, between a token that does not fit and the one before it.
fn beside(text: &str, all: &[Token], index: usize) -> Option<String> {
    let word = |token: &Token| &text[token.span.range()];
    let before = index.checked_sub(1).map(|at| &all[at])?;
    let (found, is_word) = (word(&all[index]), all[index].kind == Kind::Word);
    let between = &text[before.span.end as usize..all[index].span.start as usize];
    let new_line = between.contains('\n');
    let in_brackets = is_open(text, all[..index].iter().copied());
    if before.kind == Kind::String && is_word && between.is_empty() {
        Some("a quote inside a string is written twice: `''`".to_owned())
    } else if word(before) == "," && is_one_of(found, AFTER_LISTS) {
        Some(format!("is the comma before `{found}` one too many?"))
    } else if new_line && is_one_of(found, STATEMENT_WORDS) {
        Some(format!("is a `;` missing before `{found}`?"))
    } else if new_line && in_brackets && is_word && word(before) != "," {
        Some(format!("is a comma missing before `{found}`?"))
    } else if is_one_of(found, KEYWORDS) && is_one_of(word(before), NAME_INTRODUCERS) {
        Some(format!("`{found}` is a keyword: as a name, write `\"{found}\"`"))
    } else {
        None
    }
}

/// Whether more brackets are opened than closed.
fn is_open(text: &str, tokens: impl Iterator<Item = Token>) -> bool {
    let mut depth = 0_i64;
    for token in tokens.filter(|token| token.kind == Kind::Punctuation) {
        depth += match &text[token.span.range()] {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
    }
    depth > 0
}

/// White space to people, but not to SQLite.
fn is_odd_space(c: char) -> bool {
    (c.is_whitespace() && !c.is_ascii())
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// The keyword that a word is near to. Short words and names are near to some keyword by chance, so
/// they have to be nearer.
fn keyword(word: &str) -> Option<&'static str> {
    if is_one_of(word, KEYWORDS) {
        return None;
    }
    let meant = nearest(word, KEYWORDS.iter().copied())?;
    let distance = strsim::damerau_levenshtein(&word.to_ascii_uppercase(), meant);
    let is_near = distance <= 1 && word.len().max(meant.len()) > 3;
    (is_near || meant.len() > 5).then_some(meant)
}

fn unfinished(source: &Arc<Source>, statement: Span) -> Diagnostic {
    let text = source.slice(statement);
    let end = Span::new(statement.end.saturating_sub(last_len(text)), statement.end);
    let finding = syntax(source, end, "this statement is not finished", "more is expected here");
    let mut words = text.split_whitespace();
    let creates = words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"));
    if creates && words.take(2).any(|word| word.eq_ignore_ascii_case("trigger")) {
        return finding.help("the body of a trigger is `BEGIN …; END;`");
    }
    if is_open(text, tokens(text)) {
        return finding.help("is a `)` missing?");
    }
    finding
}

fn last_len(text: &str) -> u32 {
    text.chars().next_back().map_or(0, |c| count(c.len_utf8()))
}

fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Note;
    use crate::sql::{Parser as _, sqlite::Sqlite};

    /// The help that the only finding of a text gives.
    fn help(text: &str) -> Option<String> {
        let source = Arc::new(Source::new("up.sql", text));
        let mut findings = Vec::new();
        Sqlite.parse(&source, None, &mut findings);
        assert_eq!(findings.len(), 1, "{text}");
        findings.pop()?.notes.into_iter().find_map(|note| match note {
            Note::Help(help) => Some(help),
            Note::Note(_) => None,
        })
    }

    #[test]
    fn a_misspelt_keyword_is_named() {
        for (text, meant) in [
            ("SELEC 1;", "did you mean `SELECT` instead of `SELEC`?"),
            ("SELECT 1 FROM t WERE x = 1;", "did you mean `WHERE` instead of `WERE`?"),
            ("SELECT count(*) FORM t;", "did you mean `FROM` instead of `FORM`?"),
            ("ALTER TABLE t RENAME COLUM a TO b;", "did you mean `COLUMN` instead of `COLUM`?"),
        ] {
            assert_eq!(help(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        for (text, meant) in [
            ("SELECT 1\nSELECT 2;", "is a `;` missing before `SELECT`?"),
            (
                "CREATE TABLE t (id INT PRIMARY KEY\n  name TEXT);",
                "is a comma missing before `name`?",
            ),
            ("CREATE TABLE t (a INT,);", "is the comma before `)` one too many?"),
            ("INSERT INTO t VALUES (1;", "is a `)` missing?"),
            ("SELECT a, FROM t;", "is the comma before `FROM` one too many?"),
            ("INSERT INTO t VALUES ('it's me');", "a quote inside a string is written twice: `''`"),
            ("CREATE TABLE order (id INT);", "`order` is a keyword: as a name, write `\"order\"`"),
            ("SELECT\u{a0}1;", "the invisible character U+00A0 stands here: replace it by a space"),
        ] {
            assert_eq!(help(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn a_name_is_not_taken_for_a_keyword_by_chance() {
        for text in ["SELECT 1 FROM t t2 t3 t4;", "INSERT INTO a id VALUES (1);", "garbage here;"] {
            assert_eq!(help(text), None, "{text}");
        }
    }
}
