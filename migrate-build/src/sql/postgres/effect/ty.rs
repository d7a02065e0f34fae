//! Types, by the names that the server itself gives them (`format_type`).

use std::ops::Range;

use super::text::{name, sign, text};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Text, Word};
use crate::sql::token::Kind;

/// A type that is written in several words: those, and what it is called.
const PHRASES: [(&[&str], &str); 8] = [
    (&["double", "precision"], "double precision"),
    (&["character", "varying"], "character varying"),
    (&["char", "varying"], "character varying"),
    (&["national", "character", "varying"], "character varying"),
    (&["national", "char", "varying"], "character varying"),
    (&["national", "character"], "character"),
    (&["national", "char"], "character"),
    (&["bit", "varying"], "bit varying"),
];

/// A type of one word, and what it is called.
const SYNONYMS: [(&str, &str); 17] = [
    ("int", "integer"),
    ("int4", "integer"),
    ("int2", "smallint"),
    ("int8", "bigint"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("float", "double precision"),
    ("bool", "boolean"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("nchar", "character"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("varbit", "bit varying"),
    ("serial4", "serial"),
    ("serial8", "bigserial"),
    ("serial2", "smallserial"),
];

/// The type in a range.
pub(super) fn ty(cursor: &Cursor<'_>, range: Range<usize>) -> Text {
    let mut at = cursor.part(range.clone());
    at.eat(&["setof"]);
    let mut words = base(&mut at);
    // How many dimensions an array has is not kept.
    if at.is_next_of(&["array", "["]) {
        words.push(sign("[]"));
    }
    if cursor.is(range.start, "setof") {
        words.insert(0, name("setof"));
    }
    Text::new(words)
}

fn base(at: &mut Cursor<'_>) -> Vec<Word> {
    at.eat(&["pg_catalog", "."]);
    at.eat(&["public", "."]);
    for (phrase, called) in PHRASES {
        if at.eat(phrase) {
            return with_modifier(at, called);
        }
    }
    for (clock, zoned) in [("timestamp", "timestamptz"), ("time", "timetz")] {
        if at.eat(&[clock]) {
            let digits = modifier(at);
            let zone = at.eat(&["with", "time", "zone"]);
            at.eat(&["without", "time", "zone"]);
            return moment(clock, &digits, zone);
        }
        if at.eat(&[zoned]) {
            let digits = modifier(at);
            return moment(clock, &digits, true);
        }
    }
    if at.eat(&["interval"]) {
        let start = at.at();
        at.take_until(&["[", "array"]);
        let rest = text(at, start..at.at());
        return std::iter::once(name("interval")).chain(rest.words().iter().cloned()).collect();
    }
    let first = at.at();
    if matches!(at.kind(first), Some(Kind::Word)) && !at.is(first + 1, ".") {
        let written = at.take_name().name;
        let synonym = SYNONYMS.iter().find(|(word, _)| written.as_str() == *word);
        return with_modifier(at, synonym.map_or(written.as_str(), |(_, called)| called));
    }
    let mut words = vec![Word::Name(at.take_name().name)];
    while at.eat(&["."]) {
        words.extend([sign("."), Word::Name(at.take_name().name)]);
    }
    words.extend(modifier(at));
    words
}

fn moment(clock: &str, digits: &[Word], zone: bool) -> Vec<Word> {
    let called = format!("{clock} {} time zone", if zone { "with" } else { "without" });
    std::iter::once(name(&called)).chain(digits.iter().cloned()).collect()
}

fn with_modifier(at: &mut Cursor<'_>, called: &str) -> Vec<Word> {
    let mut digits = modifier(at);
    match called {
        // One character is what is meant without a number.
        "character" | "bit" if digits.is_empty() => digits = vec![sign("("), sign("1"), sign(")")],
        "numeric" if digits.len() == 3 => {
            digits.splice(2..2, [sign(","), sign("0")]);
        }
        // `float(24)` says how precise, in bits.
        "double precision" if digits.len() == 3 => {
            let bits = digits[1].clone();
            let is_short = matches!(&bits, Word::Other(bits) if bits.parse::<u8>().is_ok_and(|bits| bits < 25));
            return vec![name(if is_short { "real" } else { "double precision" })];
        }
        _ => {}
    }
    std::iter::once(name(called)).chain(digits).collect()
}

fn modifier(at: &mut Cursor<'_>) -> Vec<Word> {
    if !at.is_next("(") {
        return Vec::new();
    }
    let start = at.at();
    at.take_group();
    text(at, start..at.at()).words().to_vec()
}
