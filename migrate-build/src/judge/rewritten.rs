//! Definitions that a server writes in its own words: `a > 0` comes back from it as `(a > 0)`,
//! `SELECT a FROM t` as `SELECT t.a FROM t`. Who copies that into `down.sql` brings back what was there.

use std::collections::BTreeSet;

use crate::catalog::Object;
use crate::sql::schema::{ConstraintKind, Text, Word};

/// Words that say how something is put, and of which the server may choose others.
const MANNER: [&str; 40] = [
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "collate",
    "cross",
    "distinct",
    "end",
    "exists",
    "from",
    "in",
    "inner",
    "is",
    "join",
    "like",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "select",
    "some",
    "then",
    "true",
    "using",
    "when",
    "where",
    "with",
    // Of sequences.
    "unlogged",
    // Of types with several words.
    "precision",
    "time",
    "varying",
    "without",
    "zone",
];

/// Whether two definitions that differ may do the same: all that can be compared is equal, and so are the
/// columns that they name and the texts that stand in them.
pub(super) fn may_be(old: &Object, new: &Object) -> bool {
    let (old_texts, new_texts) = (texts(old), texts(new));
    !old_texts.is_empty()
        && old_texts.len() == new_texts.len()
        && old.outline() == new.outline()
        && old_texts.iter().zip(&new_texts).all(|(old, new)| {
            old == new || has_star(old) || has_star(new) || named(old) == named(new)
        })
}

/// What the outline leaves out.
fn texts(object: &Object) -> Vec<&Text> {
    match object {
        Object::Table(table) => {
            let columns = table.columns.iter();
            let columns = columns.flat_map(|its| its.default.iter().chain(&its.generated));
            // Made again, they stand in another order.
            let mut constraints: Vec<_> = table.constraints.iter().collect();
            constraints.sort_by_key(|constraint| &constraint.name);
            let checks = constraints.into_iter().flat_map(|constraint| match &constraint.kind {
                ConstraintKind::Check(text) => vec![text],
                ConstraintKind::Exclude(parts) => parts.iter().map(|part| &part.text).collect(),
                _ => Vec::new(),
            });
            columns.chain(checks).collect()
        }
        Object::Index(index) => {
            index.parts.iter().map(|part| &part.text).chain(&index.predicate).collect()
        }
        Object::View(view) => vec![&view.text],
        Object::Trigger(trigger) => vec![&trigger.text],
        Object::Other(other) => vec![&other.text],
    }
}

/// `*` stands for columns, and a product has it, too.
fn has_star(text: &Text) -> bool {
    text.words().iter().any(|word| matches!(word, Word::Other(sign) if sign == "*"))
}

/// Names and constants, without those that are there for the manner: a qualifier, a function or a type
/// can be another one.
fn named(text: &Text) -> BTreeSet<String> {
    let words = text.words();
    let is =
        |at: usize, sign: &str| matches!(words.get(at), Some(Word::Other(other)) if other == sign);
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let is_cast = at > 0 && is(at - 1, "::");
        match word {
            Word::Name(name) => {
                let is_manner = MANNER.contains(&name.as_str());
                let is_numbered = at > 0 && is_numbered(&words[at - 1], name.as_str());
                if !is_manner && !is_numbered && !is_cast && !is(at + 1, ".") && !is(at + 1, "(") {
                    found.insert(name.as_str().to_owned());
                }
            }
            // A constant that is cast may be written as its type does.
            Word::Other(sign) if sign.starts_with(|c: char| c == '\'' || c.is_ascii_digit()) => {
                let constant = sign.trim_matches('\'').trim_start_matches('-');
                // Midnight of a day is said or not, and where on earth.
                let day = constant.split_once(" 00:00:00").map_or(constant, |(day, _)| day);
                found.insert(day.to_owned());
            }
            Word::Other(_) => {}
        }
    }
    found
}

/// Whether a table that is read for the second time gets this name from the server: `t_1` behind `t`.
fn is_numbered(before: &Word, name: &str) -> bool {
    let Word::Name(table) = before else { return false };
    let number = name.strip_prefix(table.as_str()).and_then(|rest| rest.strip_prefix('_'));
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}
