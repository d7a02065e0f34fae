//! `INSERT`, `UPDATE`, `DELETE`, `SELECT`: the names in them.

use super::reads::{reads, reads_of_list};
use super::take_path;
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;
use crate::sql::token::Kind;
use crate::sql::{Effect, Rows};

/// What stands without brackets before a comparison, and is none: constants, and functions.
const NO_COLUMNS: [&str; 18] = [
    "_rowid",
    "not",
    "binary",
    "exists",
    "default",
    "null",
    "true",
    "false",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

pub(super) fn rows(mut cursor: Cursor<'_>) -> Effect {
    let whole = cursor.rest();
    let mut rows = Rows::default();
    if cursor.eat(&["truncate"]) {
        cursor.eat(&["table"]);
        rows.target = target(&mut cursor);
        return Effect::Rows(Box::new(rows));
    }
    let is_lone = cursor.is_next("select") && whole.len() == 2;
    if is_lone && matches!(cursor.kind(whole.start + 1), Some(Kind::Word | Kind::Quoted)) {
        return Effect::Opaque("it asks for a column of no table, unless it is a constant");
    }
    // What a `WITH` defines stands in brackets.
    cursor.take_until(&["insert", "replace", "update", "delete", "select", "values", "load"]);
    if cursor.is_next_of(&["insert", "replace"]) {
        insert(&mut cursor, &mut rows);
        rows.reads = reads(&cursor, cursor.rest());
    } else if cursor.eat(&["load"]) {
        cursor.take_until(&["into"]);
        cursor.eat(&["into", "table"]);
        rows.target = target(&mut cursor);
    } else if cursor.eat(&["update"]) {
        while cursor.eat(&["low_priority"]) || cursor.eat(&["ignore"]) {}
        update(&mut cursor, &mut rows);
    } else if cursor.eat(&["delete"]) {
        delete(&mut cursor, &mut rows);
    } else {
        rows.reads = reads(&cursor, whole);
    }
    Effect::Rows(Box::new(rows))
}

/// Passes a table; none when it is in a database that is named.
fn target(cursor: &mut Cursor<'_>) -> Option<Ident> {
    Some(take_path(cursor)).filter(|table| table.schema.is_none())
}

fn insert(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    cursor.skip();
    let words = ["low_priority", "delayed", "high_priority", "ignore"];
    while cursor.is_next_of(&words) {
        cursor.skip();
    }
    cursor.eat(&["into"]);
    rows.target = target(cursor);
    if cursor.eat(&["partition"]) {
        cursor.take_group();
    }
    let next = cursor.at() + 1;
    let is_query =
        ["select", "with", "values", "(", "table"].iter().any(|word| cursor.is(next, word));
    if cursor.is_next("(") && !is_query {
        let group = cursor.take_group();
        let parts = cursor.list(group);
        rows.columns = parts.iter().map(|part| cursor.name(part.end - 1)).collect();
    }
    if cursor.is_next("set") {
        cursor.skip();
        let set = cursor.take_until(&["as", "on", "returning"]);
        rows.columns.extend(assigned(cursor, set));
    } else if cursor.eat(&["values"]) || cursor.eat(&["value"]) {
        cursor.eat(&["row"]);
        let start = cursor.at();
        let first = cursor.take_group();
        let count = cursor.list(first).len();
        // No value at all stands for all the defaults.
        rows.values = (count > 0).then_some(count);
        *cursor = cursor.part(start..cursor.rest().end);
    }
}

/// The columns that stand before the signs of assignments.
fn assigned(cursor: &Cursor<'_>, set: std::ops::Range<usize>) -> Vec<Ident> {
    let column = |part: std::ops::Range<usize>| {
        let sign = part.clone().find(|at| cursor.is(*at, "=") || cursor.is(*at, ":="))?;
        (sign > part.start).then(|| cursor.name(sign - 1))
    };
    cursor.list(set).into_iter().filter_map(column).collect()
}

fn update(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    let start = cursor.at();
    let mut probe = cursor.part(cursor.rest());
    let tables = probe.take_until(&["set"]);
    let several = tables.clone().any(|at| cursor.is(at, ",") || cursor.is(at, "join"))
        || tables.clone().any(|at| cursor.is(at, "(") || cursor.is(at, "straight_join"));
    if several {
        rows.reads = reads_of_list(cursor, start..cursor.rest().end);
        return;
    }
    rows.target = target(cursor);
    cursor.take_until(&["set"]);
    cursor.skip();
    let set = cursor.take_until(&["where", "order", "limit", "returning"]);
    rows.columns = assigned(cursor, set.clone());
    rows.reads = reads(cursor, set.start..cursor.rest().end);
    compared(cursor, rows);
}

/// The columns of the only table that are compared with something: what can only be one.
fn compared(cursor: &Cursor<'_>, rows: &mut Rows) {
    let Some(target) = &rows.target else { return };
    let range = cursor.rest();
    // A query inside may have tables of its own.
    if range.clone().any(|at| cursor.is(at, "select")) {
        return;
    }
    let is_one_of = |at: usize, words: &[&str]| words.iter().any(|word| cursor.is(at, word));
    let is_column = |at: &usize| {
        *at > range.start
            && matches!(cursor.kind(*at), Some(Kind::Word | Kind::Quoted))
            && is_one_of(at - 1, &["where", "and", "or", "("])
            && is_one_of(
                at + 1,
                &["=", "<", ">", "!", "<=>", "<=", ">=", "<>", "!=", "is", "like", "in", "between"],
            )
            && !is_one_of(*at, &NO_COLUMNS)
    };
    let found = range.clone().filter(is_column).map(|at| (target.clone(), cursor.name(at)));
    rows.named = found.collect();
}

fn delete(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    while cursor.is_next_of(&["low_priority", "quick", "ignore", "history"]) {
        cursor.skip();
    }
    let end = cursor.rest().end;
    if !cursor.eat(&["from"]) {
        // What stands before `FROM` may be the other names of tables.
        cursor.take_until(&["from"]);
        rows.reads = reads_of_list(cursor, cursor.at() + 1..end);
        return;
    }
    let start = cursor.at();
    let mut probe = cursor.part(start..end);
    probe.take_until(&["using", "where"]);
    if probe.is_next("using") {
        rows.reads = reads_of_list(cursor, probe.at() + 1..end);
        return;
    }
    rows.target = target(cursor);
    rows.reads = reads(cursor, cursor.rest());
    compared(cursor, rows);
}
