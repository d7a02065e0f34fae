//! Where statements end.
//!
//! At a semicolon, but for two: inside the body of a routine, `BEGIN ATOMIC … END`, and inside the
//! brackets of a rule's actions (PostgreSQL's documentation, "CREATE FUNCTION", "CREATE RULE").

use crate::source::Span;
use crate::sql::token::{Kind, Token};

/// Splits tokens (comments left out) into statements.
#[derive(Default)]
pub(super) struct Splitter {
    state: State,
    start: Option<u32>,
    end: u32,
    /// How many brackets are open.
    brackets: u32,
    /// How many `BEGIN` and `CASE` of a body are open.
    blocks: u32,
    before: Before,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// Behind `CREATE`, perhaps `OR REPLACE`.
    Create,
    /// In the statement of a function or procedure.
    Routine,
    /// In a rule.
    Rule,
    /// In a statement that ends at a semicolon.
    Plain,
}

/// What stands before a token.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    Begin,
    /// `.` or `AS`: behind it, a keyword is a name.
    NameIntroducer,
    #[default]
    Other,
}

impl Splitter {
    /// Takes the next token. When it ends a statement, the statement's text.
    pub(super) fn token(&mut self, token: Token, text: &str) -> Option<Span> {
        if token.kind == Kind::Semicolon && !self.semicolon_is_inside() {
            return self.finish();
        }
        self.start.get_or_insert(token.span.start);
        self.end = token.span.end;
        self.step(token, &text[token.span.range()]);
        None
    }

    /// The statement that the end of the text leaves open.
    pub(super) fn finish(&mut self) -> Option<Span> {
        let done = std::mem::take(self);
        done.start.map(|start| Span::new(start, done.end))
    }

    fn semicolon_is_inside(&self) -> bool {
        self.blocks > 0 || (self.state == State::Rule && self.brackets > 0)
    }

    fn step(&mut self, token: Token, text: &str) {
        let is = |word: &str| token.kind == Kind::Word && text.eq_ignore_ascii_case(word);
        match text {
            "(" => self.brackets += 1,
            ")" => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.state = match self.state {
            State::Start if is("create") => State::Create,
            State::Create if is("or") || is("replace") => State::Create,
            State::Create if is("function") || is("procedure") => State::Routine,
            State::Create if is("rule") => State::Rule,
            State::Start | State::Create => State::Plain,
            same => same,
        };
        if self.state == State::Routine && self.brackets == 0 {
            self.step_body(is);
        }
        self.before = if is("begin") {
            Before::Begin
        } else if is("as") || text == "." {
            Before::NameIntroducer
        } else {
            Before::Other
        };
    }

    /// `CASE` ends with `END` too.
    fn step_body(&mut self, is: impl Fn(&str) -> bool) {
        if self.blocks == 0 {
            self.blocks = u32::from(self.before == Before::Begin && is("atomic"));
        } else if self.before == Before::NameIntroducer {
        } else if is("case") {
            self.blocks += 1;
        } else if is("end") {
            self.blocks -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lex::words;
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let mut splitter = Splitter::default();
        let mut spans: Vec<Span> =
            words(text).filter_map(|token| splitter.token(token, text)).collect();
        spans.extend(splitter.finish());
        spans.into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn a_body_of_statements_is_one_statement() {
        let body = "CREATE OR REPLACE FUNCTION f(begin int) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  INSERT INTO t SELECT CASE WHEN x.end THEN 1 ELSE 2 END AS end;\n  SELECT (CASE WHEN true THEN 1 END);\nEND";
        let text = format!("-- first;\nCREATE TABLE a (x int);\n{body};\nSELECT 1");
        assert_eq!(split(&text), ["CREATE TABLE a (x int)", body, "SELECT 1"]);
    }

    #[test]
    fn the_actions_of_a_rule_are_one_statement() {
        let rule = "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b;)";
        assert_eq!(split(&format!("{rule};SELECT 2;")), [rule, "SELECT 2"]);
    }

    #[test]
    fn quoted_bodies_end_nothing() {
        let body = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN NULL; END; $f$";
        assert_eq!(split(&format!("{body}; BEGIN; COMMIT")), [body, "BEGIN", "COMMIT"]);
    }

    #[test]
    fn elsewhere_brackets_and_blocks_hide_no_semicolon() {
        assert_eq!(
            split("INSERT INTO t VALUES (1; SELECT 2"),
            ["INSERT INTO t VALUES (1", "SELECT 2"]
        );
        assert_eq!(split("BEGIN; SELECT 1; END;").len(), 3);
        assert_eq!(split(";;\n-- only words\n;"), Vec::<&str>::new());
    }
}
