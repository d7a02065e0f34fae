//! `INSERT`, `UPDATE`, `DELETE`, `SELECT`: the names in them.

use super::reads::reads;
use crate::sql::Rows;
use crate::sql::cursor::Cursor;

pub(super) fn rows(mut cursor: Cursor<'_>) -> Rows {
    let whole = cursor.rest();
    let mut rows = Rows::default();
    // What a `WITH` defines stands in brackets.
    cursor.take_until(&["insert", "replace", "update", "delete", "select", "values"]);
    if cursor.is_next_of(&["insert", "replace"]) {
        insert(&mut cursor, &mut rows);
    } else if cursor.eat(&["update"]) {
        update(&mut cursor, &mut rows);
    } else if cursor.eat(&["delete", "from"]) {
        rows.target = target(&mut cursor);
    }
    rows.reads = reads(&cursor, whole.clone());
    // In double quotes stands a text, where no column is called so.
    let is_plain = |at: usize| {
        let before = ["from", "join", "into", "update", "."];
        !cursor.written(at).starts_with('"')
            || cursor.is(at + 1, ".")
            || at > 0 && before.iter().any(|word| cursor.is(at - 1, word))
    };
    if rows.values.is_none() && whole.clone().all(is_plain) {
        rows.places = whole.clone().map(|at| cursor.name(at).span).collect();
        rows.text = cursor.text(whole);
    }
    if let Some(target) = &rows.target {
        rows.reads.retain(|read| read.span != target.span);
    }
    rows
}

fn target(cursor: &mut Cursor<'_>) -> Option<crate::sql::schema::Ident> {
    let (database, table) = cursor.take_qualified();
    database.is_none_or(|name| name.as_str() == "main").then_some(table)
}

fn insert(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    cursor.take_until(&["into"]);
    cursor.skip();
    rows.target = target(cursor);
    if cursor.eat(&["as"]) {
        cursor.skip();
    }
    if cursor.is_next("(") {
        let group = cursor.take_group();
        rows.columns = cursor.list(group).iter().map(|part| cursor.name(part.start)).collect();
    }
    if cursor.eat(&["values"]) {
        let first = cursor.take_group();
        rows.values = Some(cursor.list(first).len());
    }
}

fn update(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    if cursor.eat(&["or"]) {
        cursor.skip();
    }
    rows.target = target(cursor);
    cursor.take_until(&["set"]);
    cursor.skip();
    let set = cursor.take_until(&["from", "where", "returning", "order", "limit"]);
    for part in cursor.list(set) {
        if cursor.is(part.start, "(") {
            let group = cursor.part(part).take_group();
            rows.columns.extend(cursor.list(group).iter().map(|part| cursor.name(part.start)));
        } else {
            rows.columns.push(cursor.name(part.start));
        }
    }
}
