//! Statements about rows: the names in them.

use super::session::set_config;
use super::{Reads, fold_name, schema as schema_of, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;
use crate::sql::{Ddl, Effect, Rows};

pub(super) fn rows(mut cursor: Cursor<'_>, reads: &Reads) -> Effect {
    if let Some(effect) = set_config(cursor.part(cursor.rest())) {
        return effect;
    }
    if let Some(effect) = manage_updated_at(cursor.part(cursor.rest())) {
        return effect;
    }
    let mut rows = Rows { calls: reads.calls.clone(), ..Rows::default() };
    // What a `WITH` defines stands in brackets.
    cursor.take_until(&["insert", "update", "delete", "select", "values", "merge", "truncate"]);
    if cursor.eat(&["insert", "into"]) {
        insert(&mut cursor, &mut rows);
    } else if cursor.eat(&["update"]) {
        update(&mut cursor, &mut rows);
    } else if cursor.eat(&["delete", "from"]) {
        cursor.eat(&["only"]);
        rows.target = Some(take(&mut cursor));
    } else if cursor.eat(&["truncate"]) {
        return truncate(cursor);
    }
    rows.reads.clone_from(&reads.tables);
    if let Some(target) = &rows.target {
        rows.reads.retain(|read| read.span != target.span);
    }
    for (of, column) in &reads.columns {
        let table = match of {
            Some(of) => reads.tables.iter().find(|table| table.name == of.name),
            None => reads.tables.first(),
        };
        match (of, table) {
            (Some(_), Some(table)) => rows.named.push((table.clone(), column.clone())),
            (_, None) => rows.strangers.push(of.as_ref().unwrap_or(column).clone()),
            // All of a row has the name of its table.
            (None, Some(table)) => {
                if reads.tables.len() == 1 && column.name != table.name {
                    rows.named.push((table.clone(), column.clone()));
                }
            }
        }
    }
    Effect::Rows(Box::new(rows))
}

/// A call of the function that Diesel makes, which makes a trigger of the table that it is told.
fn manage_updated_at(mut cursor: Cursor<'_>) -> Option<Effect> {
    cursor.eat(&["select"]);
    let function = take(&mut cursor);
    if function.name.as_str() != "diesel_manage_updated_at" || !cursor.is_next("(") {
        return None;
    }
    let group = cursor.take_group();
    let named = cursor.written(group.start).strip_prefix('\'')?.strip_suffix('\'')?;
    let is_all = cursor.is_at_end() && group.len() == 1;
    let (schema, name) = match named.split_once('.') {
        Some((schema, name)) => (Some(fold_name(schema)), fold_name(name)),
        None => (None, fold_name(named)),
    };
    let table = Ident { schema, name, span: cursor.name(group.start).span };
    is_all.then(|| schema_of(Ddl::ManageUpdatedAt { function, table }))
}

pub(super) fn copy(cursor: &mut Cursor<'_>, reads: &Reads) -> Effect {
    cursor.eat(&["copy"]);
    let mut rows = Rows { reads: reads.tables.clone(), ..Rows::default() };
    if !cursor.is_next("(") {
        rows.reads = vec![take(cursor)];
    }
    Effect::Rows(Box::new(rows))
}

fn truncate(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["table"]);
    let mut rows = Rows::default();
    for range in cursor.list(cursor.rest()) {
        let mut part = cursor.part(range);
        part.eat(&["only"]);
        rows.reads.push(take(&mut part));
    }
    Effect::Rows(Box::new(rows))
}

fn insert(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    rows.target = Some(take(cursor));
    if cursor.eat(&["as"]) {
        cursor.skip();
    }
    if cursor.is_next("(")
        && !cursor.is(cursor.at() + 1, "select")
        && !cursor.is(cursor.at() + 1, "with")
    {
        let group = cursor.take_group();
        rows.columns = cursor.list(group).iter().map(|part| cursor.name(part.start)).collect();
    }
    if cursor.eat(&["overriding"]) {
        cursor.skip();
        cursor.eat(&["value"]);
    }
    if cursor.eat(&["values"]) {
        let first = cursor.take_group();
        rows.values = Some(cursor.list(first).len());
    }
}

fn update(cursor: &mut Cursor<'_>, rows: &mut Rows) {
    cursor.eat(&["only"]);
    rows.target = Some(take(cursor));
    cursor.take_until(&["set"]);
    cursor.skip();
    let set = cursor.take_until(&["from", "where", "returning"]);
    for part in cursor.list(set) {
        if cursor.is(part.start, "(") {
            let group = cursor.part(part).take_group();
            rows.columns.extend(cursor.list(group).iter().map(|part| cursor.name(part.start)));
        } else {
            rows.columns.push(cursor.name(part.start));
        }
    }
}
