//! How much stack a statement takes, and where it finds it.
//!
//! `squawk`'s parser descends recursively, and the trees are as deep as what they were made of:
//! without care, a long chain of operators ends the process. PostgreSQL itself has two limits:
//! 10,000 pending symbols of its grammar (10,032 brackets, 2,013 nested `CASE`), and a stack of
//! 2 MiB (7,762 additions in a row, 3,276 nested subqueries); measured on PostgreSQL 15.

use std::thread;

use super::lex::{dollar_quoted, words};
use crate::sql::token::{Kind, Token};

/// What one token may take. Without optimisation a bracket takes 3 KiB, a bracket behind a word 5
/// for both, an operator 1 (measured with Rust 1.95 on `x86_64`).
const PER_TOKEN: usize = 8 * 1024;

/// As many tokens fit on any stack: that of a thread has at least 512 KiB everywhere.
const ON_ANY_STACK: usize = 32;

/// As many, on a stack of their own, are tried at all: it has 800 MiB then, of which a chain of
/// operators touches a tenth.
pub(super) const MAX_TOKENS: usize = 100_000;

/// Behind these, what a comma parted is chained again.
const SET_OPERATORS: &[&str] = &["union", "intersect", "except"];

/// The tokens of a statement that may be inside each other: all but those that a comma parts.
#[derive(Default)]
pub(super) struct Nesting {
    /// Of each open bracket: the tokens behind its last comma.
    open: Vec<usize>,
    /// Those outside brackets.
    outside: usize,
    /// All of them, and those that chain selections whatever stands between.
    sum: usize,
    most: usize,
}

impl Nesting {
    /// Takes the next token of a statement.
    pub(super) fn token(&mut self, token: Token, text: &str) {
        let written = &text[token.span.range()];
        match (token.kind, written) {
            (Kind::Punctuation, "(" | "[") => self.open.push(0),
            (Kind::Punctuation, ")" | "]") => self.sum -= self.open.pop().unwrap_or(0),
            (Kind::Punctuation, ",") | (Kind::Semicolon, _) => {
                let level = self.open.last_mut().unwrap_or(&mut self.outside);
                self.sum -= std::mem::take(level);
                return;
            }
            // The body of a routine may be parsed too, and has the stack for itself.
            (Kind::String, _) => {
                let inside =
                    dollar_quoted(written).map_or(written.len(), |body| words(body).count());
                self.most = self.most.max(inside);
            }
            (Kind::Word, _)
                if SET_OPERATORS.iter().any(|word| written.eq_ignore_ascii_case(word)) =>
            {
                self.sum += 1;
            }
            _ => {}
        }
        *self.open.last_mut().unwrap_or(&mut self.outside) += 1;
        self.sum += 1;
        self.most = self.most.max(self.sum);
    }

    /// How many tokens of the statement, which ends here, may be inside each other.
    pub(super) fn finish(&mut self) -> usize {
        std::mem::take(self).most
    }
}

/// Runs something that recurses over so many tokens; nothing when there is no stack for it.
pub(super) fn with_stack_for<T: Send>(tokens: usize, run: impl FnOnce() -> T + Send) -> Option<T> {
    if tokens <= ON_ANY_STACK {
        return Some(run());
    }
    let size = (tokens + ON_ANY_STACK) * PER_TOKEN;
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(size).spawn_scoped(scope, run).ok()?;
        match thread.join() {
            Ok(done) => Some(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(text: &str) -> usize {
        let mut nesting = Nesting::default();
        words(text).for_each(|token| nesting.token(token, text));
        nesting.finish()
    }

    #[test]
    fn commas_part_what_is_not_inside_each_other() {
        let rows = "(1, 2), ".repeat(1000);
        assert!(most(&format!("INSERT INTO t VALUES {rows} (3)")) < 10);
        assert!(most(&format!("SELECT {}", "((".repeat(1000))) > 2000);
        assert!(most(&format!("SELECT f({} 2)", "1, NOT ".repeat(1000))) < 10);
        assert!(most(&format!("SELECT f(1 {} 2)", "OR NOT ".repeat(1000))) > 2000);
        assert!(most(&"SELECT 1, 2 UNION ".repeat(1000)) > 1000);
    }

    #[test]
    fn bodies_count_for_themselves() {
        assert_eq!(most(&format!("DO $$ {} $$", "IF x THEN ".repeat(100))), 300);
        assert_eq!(most("SELECT $$ one word $$"), 2);
    }
}
