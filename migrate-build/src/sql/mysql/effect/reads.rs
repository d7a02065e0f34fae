//! The tables and views that a query names.

use std::collections::HashSet;
use std::ops::Range;

use super::{exact, is_name};
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;

/// What ends a list of tables.
const BEHIND_TABLES: [&str; 22] = [
    "where",
    "group",
    "order",
    "having",
    "limit",
    "window",
    "union",
    "except",
    "intersect",
    "set",
    "returning",
    "values",
    "value",
    "for",
    "procedure",
    "into",
    "duplicate",
    "offset",
    "fetch",
    "lock",
    "use",
    ";",
];

/// What is open of a bracket.
#[derive(Clone, Copy, Default)]
struct Level {
    /// A query whose `FROM` has not come yet: elsewhere the word parts the arguments of functions.
    awaits_from: bool,
    /// A list of tables is open: a comma and a `JOIN` go on with it.
    list: bool,
    /// A table has to stand next.
    expects: bool,
}

/// Each place where one of this database is named; what a `WITH` defines is none.
pub(super) fn reads(cursor: &Cursor<'_>, range: Range<usize>) -> Vec<Ident> {
    find(cursor, range, Level::default())
}

/// The same, where a list of tables stands first.
pub(super) fn reads_of_list(cursor: &Cursor<'_>, range: Range<usize>) -> Vec<Ident> {
    find(cursor, range, Level { awaits_from: false, list: true, expects: true })
}

fn find(cursor: &Cursor<'_>, range: Range<usize>, first: Level) -> Vec<Ident> {
    let defined = defined(cursor, range.clone());
    let mut found = Vec::new();
    let mut outer: Vec<Level> = Vec::new();
    let mut level = first;
    let mut at = range.start;
    while at < range.end {
        let is_one_of = |words: &[&str]| words.iter().any(|word| cursor.is(at, word));
        if cursor.is(at, "(") {
            outer.push(Level { expects: false, ..level });
            level = Level { list: level.expects, expects: level.expects, awaits_from: false };
        } else if cursor.is(at, ")") {
            level = outer.pop().unwrap_or_default();
        } else if cursor.is(at, "select") {
            level = Level { awaits_from: true, list: false, expects: false };
        } else if cursor.is(at, "from") && level.awaits_from {
            level = Level { awaits_from: false, list: true, expects: true };
        } else if level.list && is_one_of(&["join", "straight_join", ","]) {
            level.expects = true;
        } else if !level.expects && is_one_of(&BEHIND_TABLES) {
            level.list = false;
        } else if level.expects && !is_one_of(&["lateral", "{", "oj"]) {
            at = table(cursor, at, &mut found);
            level.expects = false;
            continue;
        }
        at += 1;
    }
    found.retain(|ident| !defined.contains(&ident.name));
    found
}

/// A table in a list, if it is one of this database; what stands behind its name.
fn table(cursor: &Cursor<'_>, at: usize, found: &mut Vec<Ident>) -> usize {
    if !is_name(cursor, at) || cursor.is(at, "dual") {
        return at + 1;
    }
    if cursor.is(at + 1, ".") {
        return at + 3;
    }
    // A function that gives rows is no table.
    if !cursor.is(at + 1, "(") {
        found.push(exact(cursor, at));
    }
    at + 1
}

/// What `WITH` gives a name.
fn defined(cursor: &Cursor<'_>, range: Range<usize>) -> HashSet<Name> {
    let mut names = HashSet::new();
    if !range.clone().any(|at| cursor.is(at, "with")) {
        return names;
    }
    for at in range.start + 1..range.end {
        if !cursor.is(at, "as") || !cursor.is(at + 1, "(") {
            continue;
        }
        let mut name = at - 1;
        if cursor.is(name, ")") {
            while name > range.start && !cursor.is(name, "(") {
                name -= 1;
            }
            name = name.saturating_sub(1);
        }
        names.insert(exact(cursor, name).name);
    }
    names
}
