//! What may stand behind a column's type.

use std::ops::Range;

use super::charset::{charset, collation, is_of};
use super::column::{key_of, one_word};
use super::key::reference;
use super::text;
use super::types::Type;
use crate::server::ServerVersion;
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::{self, Sort, unquoted};
use crate::sql::schema::{Constraint, ConstraintKind, Text, Word};
use crate::sql::token::Kind;

/// What the attributes of a column say.
pub(super) struct Attributes {
    sort: Sort,
    version: Option<ServerVersion>,
    pub(super) not_null: bool,
    pub(super) default: Option<Text>,
    pub(super) is_null_by_default: bool,
    pub(super) generated: Option<Text>,
    pub(super) collation: Option<Name>,
    pub(super) rest: Vec<Text>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) unclear: Option<&'static str>,
}

impl Attributes {
    pub(super) fn new(ty: &Type, version: Option<ServerVersion>) -> Self {
        Self {
            sort: Sort::of(&ty.text),
            version,
            not_null: false,
            default: None,
            is_null_by_default: false,
            generated: None,
            collation: None,
            rest: Vec::new(),
            constraints: Vec::new(),
            unclear: ty.is_unknown.then_some("the type is not known"),
        }
    }
}

/// Passes all of them.
pub(super) fn take_all(cursor: &mut Cursor<'_>, column: &Name, seen: &mut Attributes) {
    let mut name = None;
    while !cursor.is_at_end() && !cursor.is_next_of(&[",", ")", "first", "after"]) {
        if cursor.eat(&["constraint"]) {
            if !cursor.is_next_of(&["check", "references"]) {
                name = Some(cursor.take_name().name);
            }
        } else if !(take_key(cursor, column, &mut name, seen) || take_value(cursor, seen)) {
            take_property(cursor, seen);
        }
    }
}

/// A constraint.
fn take_key(
    cursor: &mut Cursor<'_>,
    column: &Name,
    name: &mut Option<Name>,
    seen: &mut Attributes,
) -> bool {
    if cursor.eat(&["primary"]) || cursor.is_next("key") {
        cursor.eat(&["key"]);
        seen.constraints.push(key_of(column, ConstraintKind::PrimaryKey));
    } else if cursor.eat(&["unique"]) {
        cursor.eat(&["key"]);
        seen.constraints.push(key_of(column, ConstraintKind::Unique));
    } else if cursor.eat(&["check"]) {
        let expression = cursor.take_group();
        let kind = ConstraintKind::Check(text(cursor, expression));
        if cursor.eat(&["not", "enforced"]) {
            seen.unclear = Some("checks that are not enforced are not followed");
        }
        cursor.eat(&["enforced"]);
        // MySQL's belong to the table; MariaDB's go with the column, whatever they are called.
        let of_table = seen.version.is_some_and(|server| !server.mariadb);
        let rest = if of_table { Text::default() } else { Text::new([Word::Name(column.clone())]) };
        let name = name.take().filter(|_| of_table);
        seen.constraints.push(Constraint { name, kind, rest, column: None });
    } else if cursor.eat(&["references"]) {
        let key = reference(cursor, vec![column.clone()]);
        let name = name.take();
        let index = name.as_ref().map(|name| Word::Name(name.clone()));
        let (kind, rest) = (ConstraintKind::ForeignKey(key), Text::new(index));
        let constraint = Constraint { name, kind, rest, column: None };
        // MySQL reads it, and does nothing, before 9.0.
        match seen.version {
            Some(server) if server.mariadb || server.major >= 9 => {
                seen.constraints.push(constraint);
            }
            Some(_) => {}
            None => {
                seen.constraints.push(constraint);
                seen.unclear = Some("not every server makes a foreign key of it");
            }
        }
    } else {
        return false;
    }
    true
}

/// What decides the value.
fn take_value(cursor: &mut Cursor<'_>, seen: &mut Attributes) -> bool {
    if cursor.eat(&["not", "null"]) {
        seen.not_null = true;
    } else if cursor.eat(&["null"]) {
        seen.not_null = false;
    } else if cursor.eat(&["default"]) {
        seen.default = take_default(cursor, seen.sort);
        seen.is_null_by_default = seen.default.is_none();
    } else if cursor.eat(&["serial", "default", "value"]) {
        seen.rest.push(one_word("auto_increment"));
        seen.unclear = Some("`SERIAL DEFAULT VALUE` is not followed");
    } else if cursor.eat(&["on", "update"]) {
        let now = take_now(cursor, seen.sort);
        let words = ["on", "update"].map(|word| Word::Name(Name::new(word)));
        seen.rest.push(Text::new(words.into_iter().chain(now.words().iter().cloned())));
    } else if cursor.eat(&["generated", "always", "as"]) || cursor.eat(&["as"]) {
        if cursor.eat(&["row"]) {
            cursor.skip();
            seen.unclear = Some("system versioning is not followed");
            return true;
        }
        let expression = cursor.take_group();
        let mut words = text(cursor, expression).words().to_vec();
        if cursor.eat(&["stored"]) || cursor.eat(&["persistent"]) {
            words.push(Word::Name(Name::new("stored")));
        }
        cursor.eat(&["virtual"]);
        seen.generated = Some(Text::new(words));
    } else {
        return false;
    }
    true
}

/// Everything else; passes at least one word.
fn take_property(cursor: &mut Cursor<'_>, seen: &mut Attributes) {
    if cursor.eat(&["comment"]) {
        let comment = unquoted(cursor.written(cursor.at()));
        cursor.skip();
        if !comment.is_empty() {
            let words = [Word::Name(Name::new("comment")), Word::Other(literal::quoted(&comment))];
            seen.rest.push(Text::new(words));
        }
    } else if cursor.eat(&["charset"]) || cursor.eat(&["character", "set"]) {
        seen.collation = Some(charset(cursor.name(cursor.at()).name.as_str(), seen.version));
        cursor.skip();
    } else if cursor.eat(&["collate"]) {
        let written = cursor.written(cursor.at());
        let name = if cursor.kind(cursor.at()) == Some(Kind::String) {
            unquoted(written)
        } else {
            cursor.name(cursor.at()).name.as_str().to_owned()
        };
        let collated = collation(&name);
        if seen.collation.as_ref().is_some_and(|set| !is_of(&collated, set)) {
            seen.unclear = Some("the collation is of another character set");
        }
        seen.collation = Some(collated);
        cursor.skip();
    } else if cursor.eat(&["with", "system", "versioning"])
        || cursor.eat(&["without", "system", "versioning"])
    {
        seen.unclear = Some("system versioning is not followed");
    } else if cursor.eat(&["visible"]) {
    } else if cursor.eat(&["column_format"]) || cursor.eat(&["storage"]) {
        cursor.skip();
    } else {
        let start = cursor.at();
        cursor.skip();
        if cursor.eat(&["="]) || cursor.is(start, "srid") {
            cursor.skip();
        }
        seen.rest.push(text(cursor, start..cursor.at()));
    }
}

/// Words that no default goes over.
const BEHIND_DEFAULT: [&str; 26] = [
    "not",
    "null",
    "default",
    "on",
    "auto_increment",
    "unique",
    "primary",
    "key",
    "comment",
    "collate",
    "column_format",
    "storage",
    "with",
    "without",
    "invisible",
    "visible",
    "check",
    "constraint",
    "references",
    "generated",
    "first",
    "after",
    "compressed",
    "serial",
    ",",
    ")",
];

/// Passes a default; none for `NULL`, which every column has that has no other.
pub(super) fn take_default(cursor: &mut Cursor<'_>, sort: Sort) -> Option<Text> {
    let start = cursor.at();
    if cursor.is_next("(") {
        let group = cursor.take_group();
        return Some(text(cursor, group));
    }
    if is_now(cursor, start) {
        return Some(take_now(cursor, sort));
    }
    cursor.skip();
    cursor.take_until(&BEHIND_DEFAULT);
    plain(cursor, start..cursor.at(), sort)
}

fn plain(cursor: &Cursor<'_>, range: Range<usize>, sort: Sort) -> Option<Text> {
    let negative = cursor.is(range.start, "-");
    let at = range.start + usize::from(negative || cursor.is(range.start, "+"));
    let expression = text(cursor, range.clone());
    if at + 1 != range.end {
        return Some(expression);
    }
    let written = cursor.written(at);
    let value = match cursor.kind(at)? {
        Kind::String => unquoted(written),
        Kind::Word if written.eq_ignore_ascii_case("null") => return None,
        Kind::Word if written.eq_ignore_ascii_case("true") => "1".to_owned(),
        Kind::Word if written.eq_ignore_ascii_case("false") => "0".to_owned(),
        Kind::Literal if written.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            if written.starts_with("0x") || written.starts_with("0b") {
                return Some(expression);
            }
            written.to_owned()
        }
        _ => return Some(expression),
    };
    let sign = if negative { "-" } else { "" };
    Some(literal::default(&format!("{sign}{value}"), sort))
}

fn is_now(cursor: &Cursor<'_>, at: usize) -> bool {
    let names = ["current_timestamp", "now", "localtime", "localtimestamp"];
    names.iter().any(|name| cursor.is(at, name))
}

/// Passes the current time, which has as many digits of a second as the column.
fn take_now(cursor: &mut Cursor<'_>, sort: Sort) -> Text {
    cursor.skip();
    let mut digits = Vec::new();
    if cursor.is_next("(") {
        let group = cursor.take_group();
        digits = text(cursor, group).words().to_vec();
    }
    if let Sort::DateTime(count) = sort {
        digits = vec![Word::Other(count.to_string())];
    }
    digits.retain(|digit| *digit != Word::Other("0".to_owned()));
    let sign = |sign: &str| Word::Other(sign.to_owned());
    let name = [Word::Name(Name::new("current_timestamp")), sign("(")];
    Text::new(name.into_iter().chain(digits).chain([sign(")")]))
}
