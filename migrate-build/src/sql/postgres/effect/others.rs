//! `CREATE` of everything that has no type of its own in the catalog, and `COMMENT ON`.

use super::create::{Manner, lasting};
use super::routine::type_named;
use super::table::column;
use super::text::{bare, name, plain, sign, text};
use super::ty::ty;
use super::{Reads, class, domain, named, routine, schema, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Ident, Text, Word};
use crate::sql::{Class, Ddl, Effect, Named, Part};

pub(super) fn create(mut cursor: Cursor<'_>, manner: Manner, reads: &Reads) -> Effect {
    let constraint = cursor.is_next("constraint") && cursor.is(cursor.at() + 1, "trigger");
    if constraint {
        cursor.skip();
    }
    let Some(class) = class(&mut cursor) else {
        return Effect::Opaque("what it makes is not followed");
    };
    match class {
        Class::Function | Class::Procedure | Class::Aggregate => {
            routine::create(cursor, manner, class)
        }
        Class::Trigger => trigger(cursor, manner, constraint),
        Class::Type => create_type(cursor),
        Class::Domain => domain::create(cursor),
        Class::Sequence => sequence(cursor, manner),
        Class::Schema => create_schema(cursor),
        Class::Extension => extension(cursor),
        Class::Policy => policy(cursor, reads),
        Class::Rule => rule(cursor, manner),
        Class::Statistics => statistics(cursor),
        _ => Effect::Opaque("what it makes is not followed"),
    }
}

fn trigger(mut cursor: Cursor<'_>, manner: Manner, constraint: bool) -> Effect {
    let ident = take(&mut cursor);
    let when = cursor.take_until(&["on"]);
    cursor.skip();
    let table = take(&mut cursor);
    let mut words = text(&cursor, when).words().to_vec();
    if constraint {
        words.push(name("constraint"));
    }
    let mut each_row = false;
    let mut called = None;
    while !cursor.is_at_end() {
        if cursor.eat(&["for"]) {
            cursor.eat(&["each"]);
            each_row = cursor.is_next("row");
            cursor.skip();
        } else if cursor.eat(&["execute"]) {
            cursor.skip();
            called = Some(take(&mut cursor));
            let arguments = cursor.take_group();
            words.extend(text(&cursor, arguments).words().iter().cloned());
        } else if cursor.eat(&["when"]) {
            let group = cursor.take_group();
            words.push(name("when"));
            words.extend(text(&cursor, bare(&cursor, group)).words().iter().cloned());
        } else if cursor.eat(&["not", "deferrable"]) || cursor.eat(&["initially", "immediate"]) {
        } else {
            let start = cursor.at();
            cursor.skip();
            words.extend(text(&cursor, start..cursor.at()).words().iter().cloned());
        }
    }
    words.push(name(if each_row { "row" } else { "statement" }));
    let Some(called) = called else { return Effect::Opaque("a trigger that calls nothing") };
    schema(Ddl::Create {
        class: Class::Trigger,
        name: Named { ident, table: Some(table), arguments: None },
        if_not_exists: false,
        or_replace: manner.or_replace,
        text: Text::new(words),
        mentions: vec![(Class::Function, called)],
    })
}

fn create_type(mut cursor: Cursor<'_>) -> Effect {
    let ident = take(&mut cursor);
    if cursor.eat(&["as", "enum"]) {
        let group = cursor.take_group();
        let values = cursor.list(group).into_iter();
        let values = values.map(|range| sign(cursor.written(range.start)));
        let words = std::iter::once(name("enum")).chain(values).collect();
        return plain_type(ident, words, Vec::new());
    }
    if cursor.eat(&["as"]) && cursor.is_next("(") {
        let group = cursor.take_group();
        let mut words = vec![name("composite")];
        let mut mentions = Vec::new();
        for range in cursor.list(group) {
            let (_, attribute, _) = column(&mut cursor.part(range));
            words.push(Word::Name(attribute.name));
            mentions.extend(type_named(&attribute.ty, &ident));
            words.extend(attribute.ty.words().iter().cloned());
            words.extend(attribute.collation.map(Word::Name));
            words.push(sign(","));
        }
        return plain_type(ident, words, mentions);
    }
    Effect::Opaque("a type of this kind is not followed")
}

fn plain_type(ident: Ident, words: Vec<Word>, mentions: Vec<(Class, Ident)>) -> Effect {
    schema(Ddl::Create {
        class: Class::Type,
        name: Named::alone(ident),
        if_not_exists: false,
        or_replace: false,
        text: Text::new(words),
        mentions,
    })
}

fn sequence(mut cursor: Cursor<'_>, manner: Manner) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let ident = match lasting(take(&mut cursor), manner) {
        Ok(ident) => ident,
        Err(effect) => return effect,
    };
    let Some(text) = sequence_options(&mut cursor) else {
        return Effect::Opaque(
            "a sequence that belongs to a column from the start is not followed",
        );
    };
    let text = if manner.unlogged { plain("unlogged").followed_by(text) } else { text };
    let name = Named::alone(ident);
    let class = Class::Sequence;
    let mentions = Vec::new();
    schema(Ddl::Create { class, name, if_not_exists, or_replace: false, text, mentions })
}

/// The options of a sequence, without those that are meant without a word; none when it belongs to a
/// column.
pub(super) fn sequence_options(cursor: &mut Cursor<'_>) -> Option<Text> {
    let mut found: Vec<String> = Vec::new();
    let mut of = "bigint".to_owned();
    while !cursor.is_at_end() {
        if cursor.eat(&["as"]) {
            let at = cursor.at();
            cursor.skip();
            of = ty(cursor, at..cursor.at()).to_string();
            continue;
        }
        let is_without = cursor.eat(&["no"]);
        let option = cursor.take_name().name;
        if option.as_str() == "owned" {
            cursor.skip();
            if !cursor.eat(&["none"]) {
                return None;
            }
            continue;
        }
        if is_without {
            continue;
        }
        let _ = cursor.eat(&["by"]) || cursor.eat(&["with"]);
        let mut value = String::new();
        if cursor.eat(&["-"]) {
            value.push('-');
        }
        if option.as_str() != "cycle" && !cursor.is_at_end() {
            value.push_str(cursor.written(cursor.at()));
            cursor.skip();
        }
        found.push(format!("{} {value}", option.as_str()));
    }
    let said = |found: &[String], option: &str| {
        found.iter().find_map(|said| Some(said.strip_prefix(option)?.trim().to_owned()))
    };
    let (smallest, largest) = bounds(&of);
    let descends = said(&found, "increment").is_some_and(|by| by.starts_with('-'));
    let (least, most) = if descends { (smallest, "-1") } else { ("1", largest) };
    let least = ("minvalue", said(&found, "minvalue"), least);
    let most = ("maxvalue", said(&found, "maxvalue"), most);
    let (_, bound, usual) = if descends { &most } else { &least };
    let first = bound.clone().unwrap_or_else(|| (*usual).to_owned());
    let usual = [
        "increment 1".to_owned(),
        "cache 1".to_owned(),
        format!("{} {}", least.0, least.2),
        format!("{} {}", most.0, most.2),
        format!("start {first}"),
    ];
    found.retain(|option| !usual.contains(option));
    found.sort();
    if of != "bigint" {
        found.push(format!("as {of}"));
    }
    Some(plain(&found.join(" ")))
}

fn bounds(of: &str) -> (&'static str, &'static str) {
    match of {
        "smallint" => ("-32768", "32767"),
        "integer" => ("-2147483648", "2147483647"),
        _ => ("-9223372036854775808", "9223372036854775807"),
    }
}

fn create_schema(mut cursor: Cursor<'_>) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    if cursor.is_next("authorization") {
        return Effect::Opaque("a schema that is called as its owner is not followed");
    }
    let ident = take(&mut cursor);
    if cursor.eat(&["authorization"]) {
        cursor.skip();
    }
    if !cursor.is_at_end() {
        return Effect::Opaque("what is made together with a schema is not followed");
    }
    let (class, text, mentions) = (Class::Schema, Text::default(), Vec::new());
    let name = Named::alone(ident);
    schema(Ddl::Create { class, name, if_not_exists, or_replace: false, text, mentions })
}

fn extension(mut cursor: Cursor<'_>) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let ident = take(&mut cursor);
    cursor.eat(&["with"]);
    let mut words = Vec::new();
    while !cursor.is_at_end() {
        if cursor.eat(&["cascade"]) {
            return Effect::Opaque("extensions that come with another are not followed");
        }
        if cursor.eat(&["schema"]) {
            let schema = cursor.take_name().name;
            if schema.as_str() != "public" {
                words.push(Word::Name(schema));
            }
        } else {
            cursor.skip();
            cursor.skip();
        }
    }
    let name = Named::alone(ident);
    let (class, text, mentions) = (Class::Extension, Text::new(words), Vec::new());
    schema(Ddl::Create { class, name, if_not_exists, or_replace: false, text, mentions })
}

fn policy(mut cursor: Cursor<'_>, reads: &Reads) -> Effect {
    let ident = take(&mut cursor);
    cursor.eat(&["on"]);
    let table = take(&mut cursor);
    let mentions = reads.tables.iter().filter(|read| read.span != table.span);
    let mentions = mentions.map(|read| (Class::Table, read.clone())).collect();
    schema(Ddl::Create {
        class: Class::Policy,
        name: Named { ident, table: Some(table), arguments: None },
        if_not_exists: false,
        or_replace: false,
        text: text(&cursor, cursor.rest()),
        mentions,
    })
}

fn rule(mut cursor: Cursor<'_>, manner: Manner) -> Effect {
    let ident = take(&mut cursor);
    let when = cursor.take_until(&["to"]);
    cursor.skip();
    let table = take(&mut cursor);
    let words = [text(&cursor, when), text(&cursor, cursor.rest())];
    schema(Ddl::Create {
        class: Class::Rule,
        name: Named { ident, table: Some(table), arguments: None },
        if_not_exists: false,
        or_replace: manner.or_replace,
        text: Text::new(words.iter().flat_map(|text| text.words().iter().cloned())),
        mentions: Vec::new(),
    })
}

fn statistics(mut cursor: Cursor<'_>) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    if cursor.is_next_of(&["(", "on"]) {
        return Effect::Opaque("statistics without a name are not followed");
    }
    let ident = take(&mut cursor);
    let about = cursor.take_until(&["from"]);
    cursor.skip();
    let table = take(&mut cursor);
    schema(Ddl::Create {
        class: Class::Statistics,
        name: Named { ident, table: Some(table), arguments: None },
        if_not_exists,
        or_replace: false,
        text: text(&cursor, about),
        mentions: Vec::new(),
    })
}

/// Behind `COMMENT ON`.
pub(super) fn comment(mut cursor: Cursor<'_>) -> Effect {
    let said = |cursor: &Cursor<'_>| {
        let is_none = cursor.is(cursor.at() + 1, "null") || cursor.written(cursor.at() + 1) == "''";
        (!is_none).then(|| text(cursor, cursor.at() + 1..cursor.rest().end))
    };
    if cursor.eat(&["constraint"]) {
        let constraint = cursor.take_name();
        cursor.eat(&["on"]);
        if cursor.eat(&["domain"]) {
            return Effect::Opaque("constraints of domains are not followed");
        }
        let name = Named::alone(take(&mut cursor));
        let part = Some((Part::Constraint, constraint));
        return schema(Ddl::Comment { class: Class::Table, name, part, text: said(&cursor) });
    }
    let is_column = cursor.is_next("column");
    let Some(class) = class(&mut cursor) else {
        return Effect::Opaque("what is said about objects of this kind is not followed");
    };
    if !is_column {
        let name = named(&mut cursor, class);
        return schema(Ddl::Comment { class, name, part: None, text: said(&cursor) });
    }
    let mut path = vec![cursor.take_name()];
    while cursor.eat(&["."]) {
        path.push(cursor.take_name());
    }
    let (Some(column), Some(table)) = (path.pop(), path.pop()) else {
        return Effect::Opaque("a column without a table");
    };
    let name = Named::alone(Ident { schema: path.pop().map(|schema| schema.name), ..table });
    let part = Some((Part::Column, column));
    schema(Ddl::Comment { class, name, part, text: said(&cursor) })
}
