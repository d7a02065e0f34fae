//! Functions, procedures and aggregates.

use std::ops::Range;

use super::super::lex::{dollar_quoted, words};
use super::create::Manner;
use super::text::{name, sign, text};
use super::ty::ty;
use super::{fold_name, schema, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Ident, Text, Word};
use crate::sql::token::Kind;
use crate::sql::{Class, Ddl, Effect, Name, Named};

/// What begins an option of a function.
const OPTIONS: [&str; 20] = [
    "returns",
    "language",
    "as",
    "immutable",
    "stable",
    "volatile",
    "strict",
    "called",
    "security",
    "external",
    "leakproof",
    "not",
    "parallel",
    "cost",
    "rows",
    "set",
    "support",
    "window",
    "transform",
    "return",
];

/// What is meant without a word.
const DEFAULTS: [&str; 5] =
    ["volatile", "called on null input", "security invoker", "not leakproof", "parallel unsafe"];

/// The types of the arguments in a list, by which a routine is known.
pub(super) fn signature(cursor: &Cursor<'_>, group: Range<usize>) -> Name {
    let mut types = Vec::new();
    for range in cursor.list(group) {
        let (ty, is_out) = argument(cursor, range);
        if !is_out {
            types.push(ty.to_string());
        }
    }
    Name::folded(types.join(","))
}

/// The type of an argument, and whether it is not given, but returned.
fn argument(cursor: &Cursor<'_>, range: Range<usize>) -> (Text, bool) {
    let mut at = cursor.part(range);
    let is_out = at.eat(&["out"]);
    let _ = at.eat(&["in"]) || at.eat(&["inout"]) || at.eat(&["variadic"]);
    let all = at.take_until(&["default", "="]);
    (ty(cursor, behind_name(cursor, all)), is_out)
}

/// An argument, without what is meant without a word.
fn parameter(cursor: &Cursor<'_>, range: Range<usize>) -> Vec<Word> {
    let mut at = cursor.part(range);
    let mut words = Vec::new();
    for mode in ["out", "inout", "variadic"] {
        if at.eat(&[mode]) {
            words.push(name(mode));
        }
    }
    at.eat(&["in"]);
    let all = at.take_until(&["default", "="]);
    let typed = behind_name(cursor, all.clone());
    words.extend(text(cursor, all.start..typed.start).words().iter().cloned());
    let of = ty(cursor, typed);
    words.extend(of.words().iter().cloned());
    if !at.is_at_end() {
        at.skip();
        let value = text(cursor, at.rest());
        words.push(sign("="));
        match value.words() {
            [constant @ Word::Other(_), cast, rest @ ..]
                if super::text::is_sign(cast, "::") && rest == of.words() =>
            {
                words.push(constant.clone());
            }
            value => words.extend(value.iter().cloned()),
        }
    }
    words.push(sign(","));
    words
}

/// The type in `name type`, of which the name may be missing.
fn behind_name(cursor: &Cursor<'_>, range: Range<usize>) -> Range<usize> {
    const FIRST_OF_SEVERAL: [(&str, &[&str]); 6] = [
        ("double", &["precision"]),
        ("character", &["varying"]),
        ("char", &["varying"]),
        ("bit", &["varying"]),
        ("timestamp", &["with", "without"]),
        ("time", &["with", "without"]),
    ];
    let behind = range.start + 1;
    let is_of_type = behind >= range.end
        || [".", "(", "["].iter().any(|sign| cursor.is(behind, sign))
        || FIRST_OF_SEVERAL.iter().any(|(first, second)| {
            cursor.is(range.start, first) && second.iter().any(|word| cursor.is(behind, word))
        });
    if is_of_type { range } else { behind..range.end }
}

/// Behind `CREATE FUNCTION`, `PROCEDURE`, `AGGREGATE`.
pub(super) fn create(mut cursor: Cursor<'_>, manner: Manner, class: Class) -> Effect {
    let ident = take(&mut cursor);
    if ident.schema.as_ref().is_some_and(|schema| schema.as_str() == "pg_temp") {
        return Effect::Temporary(ident.name);
    }
    let group = cursor.take_group();
    let arguments = if class == Class::Aggregate && cursor.is(group.start, "*") {
        Name::default()
    } else {
        signature(&cursor, group.clone())
    };
    let mut mentions = Vec::new();
    for range in cursor.list(group.clone()) {
        mentions.extend(type_named(&argument(&cursor, range).0, &ident));
    }
    let ranges = cursor.list(group.clone());
    let returns =
        |range: &Range<usize>| ["out", "inout"].iter().any(|mode| cursor.is(range.start, mode));
    // What it returns is said by its arguments then.
    let is_returned = ranges.iter().any(returns);
    let mut all: Vec<Word> =
        ranges.into_iter().flat_map(|range| parameter(&cursor, range)).collect();
    if class == Class::Aggregate {
        all.extend(text(&cursor, cursor.rest()).words().iter().cloned());
    } else {
        for option in options(&mut cursor) {
            if option.first().is_some_and(|word| super::text::is_name(word, "returns")) {
                let returned = Text::new(option[1..].iter().cloned());
                mentions.extend(type_named(&returned, &ident));
                if is_returned {
                    continue;
                }
            }
            all.extend(option);
        }
    }
    let name = Named { ident, table: None, arguments: Some(arguments) };
    let or_replace = manner.or_replace;
    let text = Text::new(all);
    schema(Ddl::Create { class, name, if_not_exists: false, or_replace, text, mentions })
}

/// A type as something that has to be there; `at` says where it is asked for.
pub(super) fn type_named(ty: &Text, at: &Ident) -> Option<(Class, Ident)> {
    let (schema, name) = match ty.words() {
        [Word::Name(schema), Word::Other(dot), Word::Name(name), ..] if dot == "." => {
            (Some(schema.clone()), name)
        }
        [Word::Name(setof), Word::Name(name), ..] if setof.as_str() == "setof" => (None, name),
        [Word::Name(name), ..] => (None, name),
        _ => return None,
    };
    Some((Class::Type, Ident { schema, name: name.clone(), span: at.span }))
}

/// The options, in an order of their own, without those that are meant without a word.
fn options(cursor: &mut Cursor<'_>) -> Vec<Vec<Word>> {
    let mut found: Vec<Vec<Word>> = Vec::new();
    let is_sql = is_sql(cursor);
    while !cursor.is_at_end() {
        if cursor.is_next("begin") {
            found.push(text(cursor, cursor.rest()).words().to_vec());
            break;
        }
        if cursor.eat(&["returns", "null"]) {
            cursor.take_until(&["input"]);
            cursor.skip();
            found.push(vec![name("strict")]);
        } else if cursor.eat(&["returns"]) {
            let mut words = vec![name("returns")];
            if cursor.is_next("table") {
                let start = cursor.at();
                cursor.skip();
                cursor.take_group();
                words.extend(text(cursor, start..cursor.at()).words().iter().cloned());
            } else {
                let returned = cursor.take_until(&OPTIONS);
                words.extend(ty(cursor, returned).words().iter().cloned());
            }
            found.push(words);
        } else if cursor.eat(&["as"]) {
            found.push(body(cursor, is_sql));
        } else if cursor.eat(&["set"]) {
            let mut words = vec![name("set"), Word::Name(cursor.take_name().name)];
            let _ = cursor.eat(&["="]) || cursor.eat(&["to"]);
            let value = cursor.take_until(&OPTIONS);
            words.extend(
                value
                    .filter(|at| !cursor.is(*at, ","))
                    .map(|at| name(cursor.written(at).trim_matches('\'').trim_matches('"'))),
            );
            found.push(words);
        } else if cursor.eat(&["language"]) {
            let language = cursor.take_name();
            let called = language.name.as_str().trim_matches('\'').to_ascii_lowercase();
            found.push(vec![name("language"), name(&called)]);
        } else {
            cursor.eat(&["external"]);
            let start = cursor.at();
            cursor.skip();
            cursor.take_until(&OPTIONS);
            let option = text(cursor, start..cursor.at());
            if !DEFAULTS.contains(&option.to_string().as_str()) {
                found.push(option.words().to_vec());
            }
        }
    }
    found.sort_by_key(|option| Text::new(option.iter().cloned()).to_string());
    found
}

/// Whether white space and comments in the body say nothing: not so in Python, say.
fn is_sql(cursor: &Cursor<'_>) -> bool {
    let mut rest = cursor.part(cursor.rest());
    while !rest.is_at_end() {
        if rest.eat(&["language"]) {
            let language = rest.written(rest.at()).trim_matches(['\'', '"']);
            return ["sql", "plpgsql"].iter().any(|known| known.eq_ignore_ascii_case(language));
        }
        rest.skip();
    }
    // A body that is no text is SQL.
    true
}

/// Behind `AS`: the code. Of SQL the tokens: a body that differs in its white space alone does the same.
fn body(cursor: &mut Cursor<'_>, is_sql: bool) -> Vec<Word> {
    let mut found = vec![name("as")];
    let written = cursor.written(cursor.at());
    cursor.skip();
    let doubled = || {
        let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
        Some(inner.replace("''", "'"))
    };
    match dollar_quoted(written).map(str::to_owned).or_else(doubled) {
        Some(code) if !is_sql => found.push(sign(&code)),
        Some(code) => found.extend(words(&code).map(|token| {
            let part = &code[token.span.range()];
            match token.kind {
                Kind::Word | Kind::Quoted => Word::Name(fold_name(part)),
                _ => sign(part),
            }
        })),
        None => found.push(sign(written)),
    }
    while cursor.eat(&[","]) {
        found.push(sign(cursor.written(cursor.at())));
        cursor.skip();
    }
    found
}
