//! Keys, foreign keys and checks, as they stand beside columns.

use std::ops::Range;

use super::{is_name, take_path, text};
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::{quoted, unquoted};
use crate::sql::schema::{Constraint, ConstraintKind, ForeignKey, Part, Text, Word};
use crate::sql::token::Kind;

/// A constraint, and whether it may be there.
pub(super) struct Key {
    pub(super) constraint: Constraint,
    pub(super) if_not_exists: bool,
    /// What of it is not followed.
    pub(super) unclear: Option<&'static str>,
}

/// Whether a key, a foreign key or a check stands next.
pub(super) fn is_key(cursor: &Cursor<'_>) -> bool {
    cursor.is_next_of(&[
        "constraint",
        "check",
        "index",
        "key",
        "fulltext",
        "spatial",
        "primary",
        "unique",
        "foreign",
    ])
}

/// Passes it.
pub(super) fn take_key(cursor: &mut Cursor<'_>) -> Key {
    let mut if_not_exists = false;
    let mut name = None;
    if cursor.eat(&["constraint"]) {
        if_not_exists |= cursor.eat(&["if", "not", "exists"]);
        if !cursor.is_next_of(&["primary", "unique", "foreign", "check"]) {
            name = Some(cursor.take_name().name);
        }
    }
    let mut unclear = None;
    let mut sort = None;
    let make: fn(Vec<Part>) -> ConstraintKind = if cursor.eat(&["check"]) {
        let expression = cursor.take_group();
        let kind = ConstraintKind::Check(text(cursor, expression));
        if cursor.eat(&["not", "enforced"]) {
            unclear = Some("checks that are not enforced are not followed");
        }
        cursor.eat(&["enforced"]);
        let constraint = Constraint { name, kind, rest: Text::default(), column: None };
        return Key { constraint, if_not_exists, unclear };
    } else if cursor.eat(&["foreign", "key"]) {
        if_not_exists |= cursor.eat(&["if", "not", "exists"]);
        let constraint = take_foreign_key(cursor, name);
        return Key { constraint, if_not_exists, unclear };
    } else if cursor.eat(&["primary", "key"]) {
        ConstraintKind::PrimaryKey
    } else if cursor.eat(&["unique"]) {
        ConstraintKind::Unique
    } else {
        sort = ["fulltext", "spatial"].into_iter().find(|sort| cursor.eat(&[sort]));
        ConstraintKind::Index
    };
    let _ = cursor.eat(&["index"]) || cursor.eat(&["key"]);
    if_not_exists |= cursor.eat(&["if", "not", "exists"]);
    if is_name(cursor, cursor.at()) && !cursor.is_next("using") {
        name =
            Some(cursor.take_name().name).filter(|own| name.is_none() || !own.as_str().is_empty());
    }
    let constraint = take_parts(cursor, name, make, sort);
    Key { constraint, if_not_exists, unclear }
}

/// Passes the parts of a key and what stands around them.
pub(super) fn take_parts(
    cursor: &mut Cursor<'_>,
    name: Option<Name>,
    make: fn(Vec<Part>) -> ConstraintKind,
    sort: Option<&str>,
) -> Constraint {
    let mut options: Vec<Text> = take_using(cursor).into_iter().collect();
    let group = cursor.take_group();
    let without_order = |range: Range<usize>| match sort {
        // An index of words or places has none.
        Some(_) if cursor.is(range.end - 1, "desc") => range.start..range.end - 1,
        _ => range,
    };
    let ranges = cursor.list(group).into_iter().map(without_order);
    let parts = ranges.map(|range| part(cursor, range)).collect();
    let kind = make(parts);
    // A primary key is called so, whatever name is written.
    let name = name.filter(|_| !matches!(kind, ConstraintKind::PrimaryKey(_)));
    let sort = sort.map(|sort| Word::Name(Name::new(sort)));
    options.extend(take_options(cursor));
    options.sort_by_key(ToString::to_string);
    let options = options.iter().flat_map(|option| option.words().iter().cloned());
    Constraint { name, kind, rest: Text::new(sort.into_iter().chain(options)), column: None }
}

/// Passes `USING BTREE` or `USING HASH`: `InnoDB` does the same, but the server keeps what is said.
pub(super) fn take_using(cursor: &mut Cursor<'_>) -> Option<Text> {
    let start = cursor.at();
    if !cursor.eat(&["using"]) {
        return None;
    }
    cursor.skip();
    Some(text(cursor, start..cursor.at()))
}

/// Passes what is said of an index besides, word and value.
fn take_options(cursor: &mut Cursor<'_>) -> Vec<Text> {
    let mut options = Vec::new();
    while !cursor.is_at_end() && !cursor.is_next_of(&[",", ")"]) {
        if let Some(using) = take_using(cursor) {
            options.retain(|option: &Text| !option.to_string().starts_with("using"));
            options.push(using);
            continue;
        }
        if cursor.eat(&["visible"]) || cursor.eat(&["not", "ignored"]) {
            continue;
        }
        if cursor.is_next_of(&["algorithm", "lock", "wait", "nowait"]) {
            let word_alone = cursor.is_next("nowait");
            cursor.skip();
            cursor.eat(&["="]);
            if !word_alone {
                cursor.skip();
            }
            continue;
        }
        if cursor.eat(&["comment"]) {
            let comment = unquoted(cursor.written(cursor.at()));
            let words = [Word::Name(Name::new("comment")), Word::Other(quoted(&comment))];
            options.push(Text::new(words));
            cursor.skip();
            continue;
        }
        if cursor.is_at_end() || cursor.is_next(",") {
            break;
        }
        let at = cursor.at();
        let mut words = text(cursor, at..at + 1).words().to_vec();
        cursor.skip();
        if cursor.eat(&["="]) || is_number(cursor, cursor.at()) || cursor.is(at, "with") {
            let behind = cursor.take_until(&[",", ")", "comment", "key_block_size", "using"]);
            words.extend(text(cursor, behind).words().iter().cloned());
        }
        options.push(Text::new(words));
    }
    options
}

/// A part of a key: a column, with how much of it, or an expression.
fn part(cursor: &Cursor<'_>, range: Range<usize>) -> Part {
    if cursor.is(range.start, "(") {
        return Part { text: text(cursor, range), column: None };
    }
    let end = if cursor.is(range.end - 1, "asc") { range.end - 1 } else { range.end };
    let column = Some(cursor.name(range.start).name);
    Part { text: text(cursor, range.start..end), column }
}

/// Behind `FOREIGN KEY`. The name of the index that may come with it is the constraint's `rest`.
fn take_foreign_key(cursor: &mut Cursor<'_>, name: Option<Name>) -> Constraint {
    let index = (!cursor.is_next("(")).then(|| cursor.take_name().name);
    let group = cursor.take_group();
    let columns =
        cursor.list(group).into_iter().map(|range| cursor.name(range.start).name).collect();
    cursor.eat(&["references"]);
    let kind = ConstraintKind::ForeignKey(reference(cursor, columns));
    let name = name.or(index);
    let rest = Text::new(name.iter().map(|name| Word::Name(name.clone())));
    Constraint { name, kind, rest, column: None }
}

/// Behind `REFERENCES`.
pub(super) fn reference(cursor: &mut Cursor<'_>, columns: Vec<Name>) -> ForeignKey {
    let table = take_path(cursor).path();
    let mut target = Vec::new();
    if cursor.is_next("(") {
        let group = cursor.take_group();
        let names = cursor.list(group).into_iter();
        target = names.map(|range| cursor.name(range.start).name).collect();
    }
    if cursor.eat(&["match"]) {
        cursor.skip();
    }
    // What happens without a word is what `RESTRICT` and `NO ACTION` say.
    let (mut delete, mut update) = (Vec::new(), Vec::new());
    loop {
        let action = if cursor.eat(&["on", "delete"]) {
            &mut delete
        } else if cursor.eat(&["on", "update"]) {
            &mut update
        } else {
            break;
        };
        let start = cursor.at();
        let two = cursor.is_next_of(&["set", "no"]);
        cursor.skip();
        if two {
            cursor.skip();
        }
        if !cursor.is(start, "restrict") && !cursor.is(start, "no") {
            *action = text(cursor, start..cursor.at()).words().to_vec();
        }
    }
    let said = |word: &str, action: Vec<Word>| {
        let words = ["on", word].map(|word| Word::Name(Name::new(word)));
        let is_said = !action.is_empty();
        words.into_iter().filter(move |_| is_said).chain(action)
    };
    let actions = Text::new(said("delete", delete).chain(said("update", update)));
    ForeignKey { columns, table, target, actions }
}

fn is_number(cursor: &Cursor<'_>, at: usize) -> bool {
    cursor.kind(at) == Some(Kind::Literal)
}

/// Whether a value stands at a place: the kind of token that options have.
pub(super) fn is_value(cursor: &Cursor<'_>, at: usize) -> bool {
    matches!(cursor.kind(at), Some(Kind::Word | Kind::Quoted | Kind::String | Kind::Literal))
}
