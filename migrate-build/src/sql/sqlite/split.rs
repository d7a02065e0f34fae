//! Where statements end.
//!
//! At a semicolon, but for the body of a trigger, which ends at `; END ;`: the rule of SQLite's own
//! `sqlite3_complete`.

use crate::source::Span;
use crate::sql::token::{Kind, Token};

/// Splits tokens (comments left out) into statements.
#[derive(Default)]
pub(super) struct Splitter {
    state: State,
    start: Option<u32>,
    end: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// Behind `EXPLAIN`.
    Explain,
    /// Behind `CREATE`, perhaps `TEMP`.
    Create,
    /// In a statement that ends at a semicolon.
    Plain,
    /// In a trigger.
    Trigger,
    /// In a trigger, behind a semicolon.
    TriggerSemicolon,
    /// In a trigger, behind `; END`.
    TriggerEnd,
}

impl Splitter {
    /// Takes the next token. When it ends a statement, the statement's text.
    pub(super) fn token(&mut self, token: Token, text: &str) -> Option<Span> {
        if token.kind == Kind::Semicolon && !self.semicolon_is_inside() {
            return self.finish();
        }
        self.start.get_or_insert(token.span.start);
        self.end = token.span.end;
        self.state = self.step(token, &text[token.span.range()]);
        None
    }

    /// The statement that the end of the text leaves open.
    pub(super) fn finish(&mut self) -> Option<Span> {
        self.state = State::Start;
        self.start.take().map(|start| Span::new(start, self.end))
    }

    fn semicolon_is_inside(&self) -> bool {
        matches!(self.state, State::Trigger | State::TriggerSemicolon)
    }

    fn step(&self, token: Token, text: &str) -> State {
        let is = |word: &str| token.kind == Kind::Word && text.eq_ignore_ascii_case(word);
        match self.state {
            State::Start if is("explain") => State::Explain,
            State::Start | State::Explain if is("create") => State::Create,
            State::Explain if is("query") || is("plan") => State::Explain,
            State::Create if is("temp") || is("temporary") => State::Create,
            State::Create if is("trigger") => State::Trigger,
            State::Start | State::Explain | State::Create | State::Plain => State::Plain,
            _ if token.kind == Kind::Semicolon => State::TriggerSemicolon,
            State::TriggerSemicolon if is("end") => State::TriggerEnd,
            _ => State::Trigger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lex::tokens;
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let mut splitter = Splitter::default();
        let mut spans: Vec<Span> = tokens(text)
            .filter(|token| !token.is_comment())
            .filter_map(|token| splitter.token(token, text))
            .collect();
        spans.extend(splitter.finish());
        spans.into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN\n  UPDATE a SET x = CASE WHEN 1 THEN 2 END;\n  SELECT ';' /* ; */;\nEND";
        let text = format!("-- first;\nCREATE TABLE a (x);\n{trigger};\nSELECT 1");
        assert_eq!(split(&text), ["CREATE TABLE a (x)", trigger, "SELECT 1"]);
        assert_eq!(split(&format!("EXPLAIN QUERY PLAN {trigger}; x")).len(), 2);
    }

    #[test]
    fn empty_statements_are_none() {
        assert_eq!(split(";;\n-- only words\n;"), Vec::<&str>::new());
    }

    #[test]
    fn a_table_named_trigger_is_no_trigger() {
        assert_eq!(
            split("CREATE TABLE \"trigger\" (a); SELECT 1; END;"),
            ["CREATE TABLE \"trigger\" (a)", "SELECT 1", "END"]
        );
    }
}
