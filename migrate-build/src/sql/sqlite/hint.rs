//! What SQLite's errors are about, and what may have been meant.

use std::borrow::Cow;
use std::sync::Arc;

use super::lex::tokens;
use super::parse::{Error, ErrorKind};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::sql::hint::{Grammar, client_command};
use crate::sql::syntax;

static GRAMMAR: Grammar = Grammar {
    title: "SQLite",
    keywords: KEYWORDS,
    reserved: Cow::Borrowed(&[]),
    statement_words: STATEMENT_WORDS,
    quote: '"',
    tokens: |text| tokens(text).collect(),
};

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

const STATEMENT_WORDS: &[&str] = &[
    "ALTER", "ANALYZE", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DROP", "INSERT",
    "PRAGMA", "REINDEX", "REPLACE", "ROLLBACK", "SELECT", "UPDATE", "VACUUM", "WITH",
];

/// The finding for a statement that does not parse.
pub(super) fn describe(source: &Arc<Source>, statement: Span, error: Error) -> Diagnostic {
    if let Some(finding) = client_command(source, statement) {
        return finding;
    }
    let at = statement.start + count(error.at);
    match error.kind {
        ErrorKind::Unexpected => GRAMMAR.unexpected(source, statement, at),
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

fn unfinished(source: &Arc<Source>, statement: Span) -> Diagnostic {
    let finding = GRAMMAR.unfinished(source, statement);
    let mut words = source.slice(statement).split_whitespace();
    let creates = words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"));
    if creates && words.take(2).any(|word| word.eq_ignore_ascii_case("trigger")) {
        return finding.help("the body of a trigger is `BEGIN …; END;`");
    }
    finding
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
            (
                "CREATE TABLE order (id INT);",
                "`order` is a reserved word: as a name, write `\"order\"`",
            ),
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
