//! `CREATE`.

use super::key::{take_parts, take_using};
use super::reads::reads;
use super::table::{take_body, take_options};
use super::{ELSEWHERE, cased, own, schema, text, wait};
use crate::server::ServerVersion;
use crate::sql::cursor::Cursor;
use crate::sql::schema::{ConstraintKind, Ident, Table, Text, Trigger, View};
use crate::sql::{Beside, Change, Class, Effect, Name, TableChange};

pub(super) fn create_table(mut cursor: Cursor<'_>, version: Option<ServerVersion>) -> Effect {
    cursor.eat(&["create"]);
    let or_replace = cursor.eat(&["or", "replace"]);
    let temporary = cursor.eat(&["temporary"]);
    cursor.eat(&["table"]);
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let table = match own(&mut cursor) {
        Ok(table) if temporary => return Effect::Temporary(table.name),
        Ok(table) => table,
        Err(effect) => return effect,
    };
    let next = cursor.at() + 1;
    let like = cursor.is_next("like") || cursor.is_next("(") && cursor.is(next, "like");
    if like {
        cursor.eat(&["("]);
        cursor.eat(&["like"]);
        return match own(&mut cursor) {
            Ok(from) => schema(Change::CopyTable { table, if_not_exists, or_replace, from }),
            Err(effect) => effect,
        };
    }
    let is_query = |at| ["select", "with", "values", "("].iter().any(|word| cursor.is(at, word));
    let mut made = Table::default();
    if cursor.is_next("(") && !is_query(next) {
        made = take_body(&mut cursor, version);
    }
    made.options = take_options(&mut cursor, version);
    while cursor.eat(&[","]) {
        made.options.extend(take_options(&mut cursor, version));
    }
    if cursor.is_next("partition") {
        let start = cursor.at();
        cursor.take_until(&["as", "select", "ignore", "replace"]);
        made.options.push(text(&cursor, start..cursor.at()));
    }
    let mut read = Vec::new();
    if !cursor.is_at_end() {
        made.is_opaque = true;
        read = reads(&cursor, cursor.rest());
    }
    schema(Change::CreateTable { table, if_not_exists, definition: made, reads: read, or_replace })
}

/// `CREATE` of everything else.
pub(super) fn create(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["create"]);
    let or_replace = cursor.eat(&["or", "replace"]);
    let temporary = cursor.eat(&["temporary"]);
    let start = cursor.at();
    let stops = [
        "view",
        "trigger",
        "procedure",
        "function",
        "event",
        "sequence",
        "index",
        "server",
        "database",
        "schema",
    ];
    cursor.take_until(&stops);
    let head = start..cursor.at();
    let class = match cursor.written(cursor.at()).to_ascii_lowercase().as_str() {
        "view" => Class::View,
        "trigger" => Class::Trigger,
        "procedure" => Class::Procedure,
        "function" => Class::Function,
        "event" => Class::Event,
        "sequence" => Class::Sequence,
        "index" => return create_index(cursor.part(start..cursor.rest().end), or_replace),
        "server" => return Effect::None,
        _ => return Effect::Opaque("databases that are made are not followed"),
    };
    cursor.skip();
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let name = match own(&mut cursor) {
        Ok(name) if temporary => return Effect::Temporary(name.name),
        Ok(name) => cased(class, name),
        Err(effect) => return effect,
    };
    let head = without_definer(&cursor, head);
    match class {
        Class::View => create_view(&cursor, &head, name, if_not_exists, or_replace),
        Class::Trigger => create_trigger(cursor, name, if_not_exists, or_replace),
        _ => {
            let words = [head, text(&cursor, cursor.rest())];
            let text = Text::new(words.iter().flat_map(|text| text.words().iter().cloned()));
            schema(Change::CreateProgram { program: name, if_not_exists, or_replace, class, text })
        }
    }
}

/// What is said of how it runs; who made it is no part of it.
fn without_definer(cursor: &Cursor<'_>, head: std::ops::Range<usize>) -> Text {
    let mut cursor = cursor.part(head);
    let mut words = Vec::new();
    while !cursor.is_at_end() {
        if cursor.eat(&["definer", "="]) {
            cursor.take_until(&["sql", "algorithm", "aggregate"]);
            continue;
        }
        // What is meant without a word.
        if cursor.eat(&["algorithm", "=", "undefined"])
            || cursor.eat(&["sql", "security", "definer"])
        {
            continue;
        }
        let at = cursor.at();
        words.extend(text(&cursor, at..at + 1).words().iter().cloned());
        cursor.skip();
    }
    Text::new(words)
}

fn create_view(
    cursor: &Cursor<'_>,
    head: &Text,
    view: Ident,
    if_not_exists: bool,
    or_replace: bool,
) -> Effect {
    let read = reads(cursor, cursor.rest());
    let names = read.iter().map(Ident::path).collect();
    let words =
        head.words().iter().chain(text(cursor, cursor.rest()).words()).cloned().collect::<Vec<_>>();
    let text = Text::new(words);
    let definition = View { text, reads: names, is_materialized: false, seen: Vec::new() };
    schema(Change::CreateView { view, if_not_exists, definition, reads: read, or_replace })
}

fn create_trigger(
    mut cursor: Cursor<'_>,
    trigger: Ident,
    if_not_exists: bool,
    or_replace: bool,
) -> Effect {
    let when = cursor.take_until(&["on"]);
    cursor.skip();
    let table = match own(&mut cursor) {
        Ok(table) => table,
        Err(effect) => return effect,
    };
    cursor.eat(&["for", "each", "row"]);
    let is_behind = cursor.is_next("follows");
    let beside = if is_behind || cursor.is_next("precedes") {
        cursor.skip();
        match own(&mut cursor) {
            Ok(trigger) => Some(Beside { trigger, is_behind }),
            Err(effect) => return effect,
        }
    } else {
        None
    };
    let words = [text(&cursor, when), text(&cursor, cursor.rest())];
    let text = Text::new(words.iter().flat_map(|text| text.words().iter().cloned()));
    let definition = Trigger { table: table.path(), text, reads: Vec::new(), place: 0 };
    schema(Change::CreateTrigger { trigger, if_not_exists, table, definition, beside, or_replace })
}

/// What it does is what `ALTER TABLE … ADD INDEX` does (the manual says so).
fn create_index(mut cursor: Cursor<'_>, or_replace: bool) -> Effect {
    if or_replace {
        return Effect::Opaque("`CREATE OR REPLACE INDEX` is not followed");
    }
    let _ = cursor.eat(&["online"]) || cursor.eat(&["offline"]);
    let unique = cursor.eat(&["unique"]);
    let sort = ["fulltext", "spatial"].into_iter().find(|sort| cursor.eat(&[sort]));
    cursor.eat(&["index"]);
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let name = cursor.take_name();
    let using = take_using(&mut cursor);
    cursor.eat(&["on"]);
    let table = match own(&mut cursor) {
        Ok(table) => table,
        Err(_) => return Effect::Opaque(ELSEWHERE),
    };
    wait(&mut cursor);
    let make = if unique { ConstraintKind::Unique } else { ConstraintKind::Index };
    let mut constraint = take_parts(&mut cursor, Some(name.name), make, sort);
    if let Some(using) = using.filter(|_| !constraint.rest.mentions(&Name::new("using"))) {
        constraint.rest = constraint.rest.followed_by(using);
    }
    let add = TableChange::AddConstraint { span: name.span, constraint, if_not_exists };
    schema(Change::AlterTable { table, if_exists: false, actions: vec![add] })
}
