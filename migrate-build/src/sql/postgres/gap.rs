//! What PostgreSQL's grammar has and `squawk`'s has not: found by reading the statements of
//! PostgreSQL's own tests.
//!
//! A statement that does not parse is tried again with what `squawk` does not know blanked out, or
//! replaced by something of the same length: all places stay what they are.

use squawk_parser::is_reserved_keyword;
use squawk_syntax::SourceFile;

use super::lex::words;
use crate::sql::token::{Kind, Token};

/// The statement without what `squawk` does not know; nothing when it has nothing of that kind.
pub(super) fn bridged(text: &str) -> Option<String> {
    let tokens: Vec<Token> = words(text).collect();
    let mut bridge = Bridge { text, tokens, bytes: text.as_bytes().to_vec(), changed: false };
    bridge.negation_behind_between();
    bridge.operator_classes_of_exclusions();
    bridge.columns_named_exclude();
    bridge.lists_and_guards();
    let Bridge { bytes, changed, .. } = bridge;
    if changed { String::from_utf8(bytes).ok() } else { None }
}

struct Bridge<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    bytes: Vec<u8>,
    changed: bool,
}

impl Bridge<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.text[token.span.range()])
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    fn begins_with(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(at, word)| self.is(at, word))
    }

    fn is_name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
    }

    fn is_reserved(&self, at: usize) -> bool {
        let first = SourceFile::parse(self.word(at)).syntax_node().first_token();
        first.is_some_and(|first| is_reserved_keyword(first.kind()))
    }

    fn fill(&mut self, at: usize, with: u8) {
        if let Some(token) = self.tokens.get(at) {
            self.bytes[token.span.range()].fill(with);
            self.changed = true;
        }
    }

    fn blank(&mut self, at: usize) {
        self.fill(at, b' ');
    }

    /// `a BETWEEN 1 AND 2 OR NOT b`.
    fn negation_behind_between(&mut self) {
        let Some(between) = (0..self.tokens.len()).find(|at| self.is(*at, "between")) else {
            return;
        };
        let mut follows = false;
        for at in between..self.tokens.len() {
            // In a window's frame, no expression follows.
            let is_frame = self.is(at + 1, "current") && self.is(at + 2, "row");
            if follows && self.is(at, "not") && !is_frame {
                self.blank(at);
            } else {
                follows = self.is(at, "or") || self.is(at, "and");
            }
        }
    }

    /// `EXCLUDE USING gist (address inet_ops WITH &&)`.
    fn operator_classes_of_exclusions(&mut self) {
        for at in 0..self.tokens.len() {
            if !self.is(at, "exclude") {
                continue;
            }
            let list = if self.is(at + 1, "using") { at + 3 } else { at + 1 };
            if self.word(list) == "(" {
                self.exclusions(list + 1);
            }
        }
    }

    /// `CREATE TABLE t (exclude int)`: no constraint begins so.
    fn columns_named_exclude(&mut self) {
        for at in 1..self.tokens.len() {
            let begins = matches!(self.word(at - 1), "(" | ",") || self.is(at - 1, "add");
            let is_constraint = self.word(at + 1) == "(" || self.is(at + 1, "using");
            if begins && self.is(at, "exclude") && !is_constraint {
                self.fill(at, b'e');
            }
        }
    }

    fn exclusions(&mut self, mut at: usize) {
        while at < self.tokens.len() {
            at = self.behind_expression(at);
            if self.is(at, "collate") {
                at = self.behind_name(at + 1);
            }
            let ends = |word: &str| {
                ["with", "asc", "desc", "nulls", ")", ""]
                    .iter()
                    .any(|end| word.eq_ignore_ascii_case(end))
            };
            let names_class = self.is_name(at) && !self.is_reserved(at) && !ends(self.word(at));
            let end = if names_class { self.behind_expression(at) } else { at };
            (at..end).for_each(|at| self.blank(at));
            let Some(next) =
                (end..self.tokens.len()).find(|at| [",", ")"].contains(&self.word(*at)))
            else {
                return;
            };
            if self.word(next) == ")" {
                return;
            }
            at = next + 1;
        }
    }

    /// Behind a name, a call, or brackets.
    fn behind_expression(&self, at: usize) -> usize {
        let behind = if self.word(at) == "(" { at } else { self.behind_name(at) };
        if self.word(behind) != "(" {
            return behind;
        }
        let mut depth = 0_usize;
        for at in behind..self.tokens.len() {
            match self.word(at) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }

    fn behind_name(&self, mut at: usize) -> usize {
        at += 1;
        while self.word(at) == "." {
            at += 2;
        }
        at
    }

    fn lists_and_guards(&mut self) {
        if self.begins_with(&["alter", "statistics", "if", "exists"]) {
            self.blank(2);
            self.blank(3);
        }
        if self.begins_with(&["alter", "user", "mapping", "for", "user"]) {
            self.fill(4, b'u');
        }
        if self.begins_with(&["drop", "event", "trigger"]) {
            let first = if self.is(3, "if") { 6 } else { 4 };
            for at in (first..self.tokens.len()).step_by(2) {
                if self.word(at) != "," || !self.is_name(at + 1) {
                    break;
                }
                self.blank(at);
                self.blank(at + 1);
            }
        }
        // `SET LOCAL ROLE TO DEFAULT`.
        let role = if self.is(1, "role") { 1 } else { 2 };
        let is_set = self.is(0, "set") && self.is(role, "role");
        let is_assigned = self.is(role + 1, "to") || self.word(role + 1) == "=";
        if is_set && is_assigned && self.is(role + 2, "default") {
            self.fill(role + 2, b'd');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_squawk_does_not_know_is_blanked_out() {
        for (text, expected) in [
            ("SELECT a BETWEEN 1 AND 2 OR NOT NOT b", "SELECT a BETWEEN 1 AND 2 OR         b"),
            (
                "EXCLUDE USING gist (s.f(a, b) COLLATE \"C\" s.ops (x = 1) DESC WITH =, (c) ops WITH &&)",
                "EXCLUDE USING gist (s.f(a, b) COLLATE \"C\"               DESC WITH =, (c)     WITH &&)",
            ),
            ("ALTER STATISTICS IF EXISTS s SET", "ALTER STATISTICS           s SET"),
            ("ALTER USER MAPPING FOR USER SERVER", "ALTER USER MAPPING FOR uuuu SERVER"),
            (
                "DROP EVENT TRIGGER IF EXISTS a, b , \"c\" CASCADE",
                "DROP EVENT TRIGGER IF EXISTS a          CASCADE",
            ),
            ("SET LOCAL ROLE TO DEFAULT", "SET LOCAL ROLE TO ddddddd"),
            ("CREATE TABLE t (exclude int, EXCLUDE", "CREATE TABLE t (eeeeeee int, eeeeeee"),
            ("ALTER TABLE t ADD Exclude text", "ALTER TABLE t ADD eeeeeee text"),
        ] {
            assert_eq!(bridged(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_it_knows_stays() {
        for text in [
            "SELECT a BETWEEN 1 AND 2 OR b",
            "SELECT a OR NOT b",
            "EXCLUDE USING gist (a WITH =, (b) WITH &&, c COLLATE x DESC NULLS LAST WITH =)",
            "EXCLUDE (",
            "EXCLUDE (a , WITH =, b NOT WITH =, c < WITH =)",
            "ALTER TABLE t ADD EXCLUDE USING gist (a WITH =)",
            "ROWS BETWEEN 1 PRECEDING AND NOT CURRENT ROW EXCLUDE TIES",
            "DROP EVENT TRIGGER a CASCADE",
            "SET ROLE x",
            "",
        ] {
            assert_eq!(bridged(text), None, "{text}");
        }
    }
}
