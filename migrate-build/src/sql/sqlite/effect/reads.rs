//! The tables and views that a query or a body names.

use std::collections::HashSet;
use std::ops::Range;

use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;

/// What ends a list of tables.
const BEHIND_TABLES: [&str; 14] = [
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
    "select",
    "values",
    "with",
];

/// Each place where one is named; what a `WITH` defines is none.
pub(super) fn reads(cursor: &Cursor<'_>, range: Range<usize>) -> Vec<Ident> {
    let defined = defined(cursor, range.clone());
    let mut found = Vec::new();
    // Whether a list of tables is open, for each bracket.
    let mut lists = vec![false];
    let (mut expects, mut writes) = (false, false);
    let mut at = range.start;
    while at < range.end {
        if cursor.is(at, "(") {
            lists.push(expects);
        } else if cursor.is(at, ")") {
            lists.pop();
            expects = false;
        } else if opens(cursor, at) {
            // Only behind `FROM` may there be several.
            if let Some(list) = lists.last_mut() {
                *list = cursor.is(at, "from");
            }
            (expects, writes) = (true, cursor.is(at, "into"));
        } else if cursor.is(at, "join") || cursor.is(at, ",") && lists.last() == Some(&true) {
            (expects, writes) = (true, false);
        } else if BEHIND_TABLES.iter().any(|word| cursor.is(at, word)) || cursor.is(at, ";") {
            if let Some(list) = lists.last_mut() {
                *list = false;
            }
            expects = false;
        } else if expects && cursor.is_name(at) {
            if cursor.is(at + 1, ".") {
                at += 2;
            }
            // A function that gives rows is no table; `INTO t (…)` lists columns.
            if writes || !cursor.is(at + 1, "(") {
                found.push(cursor.name(at));
            }
            expects = false;
        }
        at += 1;
    }
    found.retain(|ident| !defined.contains(&ident.name));
    found
}

/// Whether a table has to stand behind this word.
fn opens(cursor: &Cursor<'_>, at: usize) -> bool {
    let before = at.checked_sub(1);
    if cursor.is(at, "from") {
        // `IS DISTINCT FROM` compares.
        return !before.is_some_and(|before| cursor.is(before, "distinct"));
    }
    if cursor.is(at, "into") {
        return true;
    }
    if cursor.is(at, "update") {
        // `DO UPDATE SET`, `ON UPDATE CASCADE`, `FOR EACH ROW WHEN …`.
        return !cursor.is(at + 1, "set")
            && !before.is_some_and(|before| cursor.is(before, "on") || cursor.is(before, "do"))
            && !cursor.is(at + 1, "or");
    }
    // `UPDATE OR IGNORE t`.
    if cursor.is(at, "or") && before.is_some_and(|before| cursor.is(before, "update")) {
        return false;
    }
    let is_resolution =
        ["rollback", "abort", "replace", "fail", "ignore"].iter().any(|word| cursor.is(at, word));
    if is_resolution && at >= 2 && cursor.is(at - 1, "or") && cursor.is(at - 2, "update") {
        return true;
    }
    cursor.is(at, "in") && !cursor.is(at + 1, "(")
}

/// What `WITH` gives a name.
fn defined(cursor: &Cursor<'_>, range: Range<usize>) -> HashSet<Name> {
    let mut names = HashSet::new();
    if !range.clone().any(|at| cursor.is(at, "with")) {
        return names;
    }
    for at in range {
        if !cursor.is(at, "as") || at == 0 {
            continue;
        }
        let mut behind = at + 1;
        while cursor.is(behind, "not") || cursor.is(behind, "materialized") {
            behind += 1;
        }
        if cursor.is(behind, "(") {
            let mut name = at - 1;
            if cursor.is(name, ")") {
                while name > 0 && !cursor.is(name, "(") {
                    name -= 1;
                }
                name = name.saturating_sub(1);
            }
            names.insert(cursor.name(name).name);
        }
    }
    names
}
