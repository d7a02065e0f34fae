//! `SET`: what it changes for the statements behind it.

use super::{fold_name, schema};
use crate::sql::cursor::Cursor;
use crate::sql::token::Kind;
use crate::sql::{Ddl, Effect, Name};

pub(super) fn session(mut cursor: Cursor<'_>) -> Effect {
    if !cursor.eat(&["set"]) {
        return Effect::None;
    }
    let _ = cursor.eat(&["session"]) || cursor.eat(&["local"]);
    if cursor.eat(&["schema"]) {
        return schema(Ddl::SearchPath(vec![value(&cursor, cursor.at())]));
    }
    if cursor.is_next_of(&["role"]) || cursor.is_next("authorization") {
        return Effect::None;
    }
    if !cursor.eat(&["search_path"]) {
        return Effect::None;
    }
    cursor.skip();
    if cursor.is_next("default") {
        return schema(Ddl::SearchPath(vec![Name::folded("public")]));
    }
    let parts = cursor.list(cursor.rest());
    schema(Ddl::SearchPath(parts.into_iter().map(|part| value(&cursor, part.start)).collect()))
}

/// A schema, which may be written as a string.
fn value(cursor: &Cursor<'_>, at: usize) -> Name {
    let written = cursor.written(at);
    match cursor.kind(at) {
        Some(Kind::String) => Name::folded(written.trim_matches('\'')),
        _ => fold_name(written),
    }
}

/// The schemas that `set_config('search_path', '…', …)` names, as `pg_dump` writes it.
pub(super) fn set_config(mut cursor: Cursor<'_>) -> Option<Effect> {
    cursor.eat(&["select"]);
    cursor.eat(&["pg_catalog", "."]);
    if !cursor.eat(&["set_config"]) {
        return None;
    }
    let group = cursor.take_group();
    if cursor.written(group.start) != "'search_path'" {
        return Some(Effect::None);
    }
    let said = cursor.written(group.start + 2).trim_matches('\'');
    let schemas = said.split(',').map(str::trim).filter(|name| !name.is_empty());
    Some(schema(Ddl::SearchPath(schemas.map(fold_name).collect())))
}
