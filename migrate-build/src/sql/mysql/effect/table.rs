//! The definition of a table: columns, keys, options.

use super::charset::{charset, collation};
use super::column::take_column;
use super::key::{is_key, is_value, take_key};
use super::text;
use crate::server::ServerVersion;
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::{quoted, unquoted};
use crate::sql::schema::{Table, Text, Word};
use crate::sql::token::Kind;

/// Passes the bracket with columns and keys.
pub(super) fn take_body(cursor: &mut Cursor<'_>, version: Option<ServerVersion>) -> Table {
    let mut table = Table::default();
    let body = cursor.take_group();
    let mut inner = cursor.part(body);
    while !inner.is_at_end() {
        if is_key(&inner) {
            let key = take_key(&mut inner);
            table.is_opaque |= key.unclear.is_some();
            table.constraints.push(key.constraint);
        } else if inner.is_next("period") && inner.is(inner.at() + 1, "for") {
            table.is_opaque = true;
            inner.take_until(&[","]);
        } else {
            let defined = take_column(&mut inner, version);
            table.is_opaque |= defined.unclear.is_some();
            table.columns.push(defined.column);
            table.constraints.extend(defined.constraints);
        }
        inner.take_until(&[","]);
        inner.eat(&[","]);
    }
    table
}

/// What no option begins with.
const BEHIND_OPTIONS: [&str; 9] =
    ["partition", "as", "select", "with", "ignore", "replace", "values", "(", ","];

/// Passes options up to a comma. Each is a word and a value.
pub(super) fn take_options(cursor: &mut Cursor<'_>, version: Option<ServerVersion>) -> Vec<Text> {
    let mut options: Vec<Text> = Vec::new();
    // A collation counts for more than a character set, whichever stands first.
    let mut collation = None;
    while !cursor.is_at_end() {
        let versioned = cursor.is_next("with") && cursor.is(cursor.at() + 1, "system");
        if cursor.is_next_of(&BEHIND_OPTIONS) && !versioned {
            break;
        }
        let is_collation = cursor.is_next("collate") || cursor.is(cursor.at() + 1, "collate");
        if let Some(option) = take_option(cursor, version) {
            if is_collation {
                collation = Some(option);
            } else {
                options.push(option);
            }
        }
    }
    options.extend(collation);
    options
}

/// Passes at least one word.
fn take_option(cursor: &mut Cursor<'_>, version: Option<ServerVersion>) -> Option<Text> {
    cursor.eat(&["default"]);
    if cursor.eat(&["charset"]) || cursor.eat(&["character", "set"]) || cursor.eat(&["char", "set"])
    {
        let name = take_value(cursor)?;
        let name = (!name.eq_ignore_ascii_case("default")).then(|| charset(&name, version))?;
        return Some(option("collate", Word::Name(name)));
    }
    if cursor.eat(&["collate"]) {
        let name = take_value(cursor)?;
        let name = (!name.eq_ignore_ascii_case("default")).then(|| collation(&name))?;
        return Some(option("collate", Word::Name(name)));
    }
    cursor.eat(&["storage"]);
    let key = cursor.name(cursor.at()).name;
    cursor.skip();
    if matches!(key.as_str(), "data" | "index") {
        cursor.eat(&["directory"]);
    }
    if key.as_str() == "with" || key.as_str() == "start" {
        let behind = cursor.take_until(&[","]);
        let words = text(cursor, behind).words().to_vec();
        return Some(Text::new([Word::Name(key)].into_iter().chain(words)));
    }
    cursor.eat(&["="]);
    if cursor.is_next("(") {
        let group = cursor.take_group();
        let words = text(cursor, group).words().to_vec();
        return Some(Text::new([Word::Name(key)].into_iter().chain(words)));
    }
    let value = take_value(cursor)?;
    // What the rows are, and how the statement goes about it.
    if matches!(key.as_str(), "auto_increment" | "algorithm" | "lock") {
        return None;
    }
    // A word alone stands for what every table is.
    let is_usual = match key.as_str() {
        "engine" => value.eq_ignore_ascii_case("innodb"),
        "comment" => value.is_empty(),
        _ => value.eq_ignore_ascii_case("default"),
    };
    let value = if key.as_str() == "comment" { quoted(&value) } else { value.to_ascii_lowercase() };
    let value = (!is_usual).then_some(Word::Other(value));
    Some(Text::new([Word::Name(key)].into_iter().chain(value)))
}

fn option(key: &str, value: Word) -> Text {
    Text::new([Word::Name(Name::new(key)), value])
}

/// Passes the value of an option.
pub(super) fn take_value(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.eat(&["="]);
    let _ = cursor.eat(&["-"]) || cursor.eat(&["+"]);
    let at = cursor.at();
    cursor.skip();
    is_value(cursor, at).then(|| match cursor.kind(at) {
        Some(Kind::String) => unquoted(cursor.written(at)),
        _ => super::super::lex::unquote(cursor.written(at)),
    })
}
