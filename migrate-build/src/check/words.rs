//! A statement's words: what it is called in messages, and what a check reads in it.

use super::Script;
use crate::dialect::Dialect;
use crate::source::Span;
use crate::sql::{Kind, Statement, StatementKind, Token};

/// A token with its text; comments are none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// In the script.
    pub(super) span: Span,
}

impl Word<'_> {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// Whether a statement begins with these keywords, and goes on.
pub(super) fn begins(words: &[Word<'_>], keywords: &[&str]) -> bool {
    words.len() > keywords.len() && words.iter().zip(keywords).all(|(word, key)| word.is(key))
}

/// Behind the first word, these name a statement.
#[rustfmt::skip]
const NAMING: &[&str] = &[
    "ALL", "CONCURRENTLY", "CONSTRAINTS", "DATABASE", "EVENT", "FULL", "FULLTEXT", "FUNCTION",
    "INDEX", "LOCAL", "MATERIALIZED", "OR", "PREPARED", "PROCEDURE", "REPLACE", "ROLE", "SCHEMA",
    "SEQUENCE", "SPATIAL", "SUBSCRIPTION", "SYSTEM", "TABLE", "TABLES", "TABLESPACE", "TRANSACTION",
    "TRIGGER", "TYPE", "UNIQUE", "USER", "VIEW",
];

/// These do behind a name, too.
const NAMING_BEHIND_NAMES: &[&str] = &["CONCURRENTLY", "DETACH", "PARTITION", "TABLESPACE"];

impl<'s> Script<'s> {
    /// The words of a statement.
    pub(super) fn words(&self, statement: &Statement) -> Vec<Word<'s>> {
        self.words_of(statement.span)
    }

    /// The words of a part of the text.
    pub(super) fn words_of(&self, part: Span) -> Vec<Word<'s>> {
        let text = self.source.slice(part);
        let tokens = self.parser.tokens(text).into_iter().filter(|token| !token.is_comment());
        let word = |token: Token| Word {
            kind: token.kind,
            text: &text[token.span.range()],
            span: Span::new(part.start + token.span.start, part.start + token.span.end),
        };
        tokens.map(word).collect()
    }

    /// What a statement is called: `CREATE INDEX CONCURRENTLY`, `ALTER TABLE … DETACH PARTITION`.
    pub(super) fn title(&self, statement: &Statement) -> String {
        if let StatementKind::AddEnumValue { .. } = statement.kind {
            return "ALTER TYPE … ADD VALUE".to_owned();
        }
        let words = self.words(statement);
        let is_one_of = |list: &[&str], word: &Word<'_>| list.iter().any(|known| word.is(known));
        let leading = 1 + words.iter().skip(1).take_while(|word| is_one_of(NAMING, word)).count();
        let (leading, behind) = words.split_at(leading.min(words.len()));
        let before_list = behind.iter().take_while(|word| word.text != "(");
        let more: Vec<&Word<'_>> = before_list
            .filter(|_| self.server.dialect == Dialect::Postgres)
            .filter(|word| is_one_of(NAMING_BEHIND_NAMES, word))
            .collect();
        let mut title = upper(leading);
        if !more.is_empty() {
            title.push("…".to_owned());
            title.extend(upper(more));
        }
        title.join(" ")
    }
}

fn upper<'w>(words: impl IntoIterator<Item = &'w Word<'w>>) -> Vec<String> {
    words.into_iter().map(|word| word.text.to_ascii_uppercase()).collect()
}
