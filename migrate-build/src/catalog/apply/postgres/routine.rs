//! Functions and procedures that take the place of others: `CREATE OR REPLACE` keeps what a call relies on
//! (`ProcedureCreate` in PostgreSQL's source).

use super::words::{is, top_level};
use super::{ProblemKind, Session};
use crate::catalog::object::{Key, Object};
use crate::source::Span;
use crate::sql::Class;
use crate::sql::schema::{Other, Text, Word};

/// What an option of a routine begins with. Its text has them behind the parameters.
const OPTIONS: [&str; 22] = [
    "as",
    "begin",
    "called",
    "cost",
    "external",
    "immutable",
    "language",
    "leakproof",
    "not",
    "parallel",
    "return",
    "returns",
    "rows",
    "security",
    "set",
    "stable",
    "strict",
    "support",
    "transform",
    "volatile",
    "window",
    "atomic",
];

const KIND: &str = "a function, a procedure and an aggregate do not take each other's place";
const RETURNS: &str = "`CREATE OR REPLACE` keeps what a function returns; drop it first";
const DEFAULTS: &str = "`CREATE OR REPLACE` keeps parameters optional that are; drop it first";
const UNKNOWN: &str =
    "whether a routine may take the place of one with other parameters is not followed";

impl Session<'_, '_> {
    /// Whether a routine may take the place of the one that is there; else that is a problem.
    pub(super) fn expect_replaceable(&mut self, key: &Key, new: &Other, span: Span) {
        let Some(Object::Other(old)) = self.app.catalog.get(key).map(|entry| &entry.object) else {
            return;
        };
        let is_routine =
            |class| matches!(class, Class::Function | Class::Procedure | Class::Aggregate);
        if !is_routine(new.class) || !is_routine(old.class) {
            return;
        }
        let kept = if old.class != new.class {
            Err(KIND)
        } else if old.text == new.text {
            Ok(true)
        } else if new.class == Class::Aggregate {
            Ok(false)
        } else {
            keeps(&old.text, &new.text)
        };
        match kept {
            Ok(true) => {}
            Ok(false) => self.unclear(UNKNOWN),
            Err(why) => self.problem(span, ProblemKind::Refused(why)),
        }
    }
}

/// Whether that is certain; else why not.
fn keeps(old: &Text, new: &Text) -> Result<bool, &'static str> {
    let types = [old, new].map(returned);
    let mut is_certain = types[0] == types[1];
    if !is_certain && types.into_iter().all(is_plain) {
        return Err(RETURNS);
    }
    let (before, after) = (parameters(old.words()), parameters(new.words()));
    is_certain &= before.len() == after.len();
    for ((one, default), (other, new_default)) in before.into_iter().zip(after) {
        if one != other {
            is_certain = false;
        } else if default.is_some() && new_default.is_none() {
            return Err(DEFAULTS);
        }
    }
    Ok(is_certain)
}

/// Behind `RETURNS`: the last one, for what a body says stands before it.
fn returned(text: &Text) -> &[Word] {
    let words = text.words();
    let Some(at) = words.iter().rposition(|word| is(word, &["returns"])) else { return &[] };
    let behind = &words[at + 1..];
    &behind[..top_level(behind, |at| is(&behind[at], &OPTIONS))]
}

/// Whether a type can be written in no other way: with its schema, with a length, which nothing comes of, or
/// as a table of one column.
fn is_plain(returned: &[Word]) -> bool {
    !returned.iter().any(|word| word.says(".") || word.says("(") || is(word, &["table"]))
}

/// Each parameter, and its default.
fn parameters(mut words: &[Word]) -> Vec<(&[Word], Option<&[Word]>)> {
    let mut found = Vec::new();
    while words.first().is_some_and(|word| !is(word, &OPTIONS)) {
        let end = top_level(words, |at| words[at].says(","));
        let (parameter, rest) = words.split_at(end);
        found.push(match parameter.iter().position(|word| word.says("=")) {
            Some(at) => (&parameter[..at], Some(&parameter[at..])),
            None => (parameter, None),
        });
        words = rest.get(1..).unwrap_or_default();
    }
    found
}
