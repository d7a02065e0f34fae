//! `CREATE DOMAIN`.

use super::routine::type_named;
use super::table::{BEHIND_TYPE, check, collation, default, take_default};
use super::text::{name, plain, sign};
use super::ty::ty;
use super::{schema, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Text, Word};
use crate::sql::{Class, Ddl, Effect, Named};

/// Its text is its type and what is said of it, in one order: `collate`, `not null`, the constraints as
/// they are written, and the default in brackets.
pub(super) fn create(mut cursor: Cursor<'_>) -> Effect {
    let ident = take(&mut cursor);
    cursor.eat(&["as"]);
    let base = cursor.take_until(&BEHIND_TYPE);
    let base = ty(&cursor, base);
    let mentions = type_named(&base, &ident).into_iter().collect();
    let (mut collated, mut is_not_null, mut value) = (None, false, None);
    let (mut constraints, mut called) = (Vec::new(), None);
    while !cursor.is_at_end() {
        if cursor.eat(&["constraint"]) {
            called = Some(cursor.take_name().name);
        } else if cursor.eat(&["check"]) {
            let named = called.take().map(|called| [name("constraint"), Word::Name(called)]);
            constraints.extend(named.into_iter().flatten());
            constraints.push(name("check"));
            constraints.extend(in_brackets(&check(&mut cursor)));
        } else if cursor.eat(&["default"]) {
            let range = take_default(&mut cursor);
            // Of `NULL`, it has none.
            value = Some(default(&cursor, range)).filter(|value| value.to_string() != "null");
        } else if cursor.eat(&["collate"]) {
            collated = collation(&mut cursor);
        } else {
            // What this demand is called, the server forgets.
            called = None;
            let demands_value = cursor.eat(&["not", "null"]);
            is_not_null |= demands_value;
            if !demands_value {
                cursor.skip();
            }
        }
    }
    let mut words = base.words().to_vec();
    words.extend(collated.into_iter().flat_map(|collated| [name("collate"), Word::Name(collated)]));
    if is_not_null {
        words.extend(plain("not null").words().iter().cloned());
    }
    words.append(&mut constraints);
    if let Some(value) = value {
        words.push(name("default"));
        words.extend(in_brackets(&value));
    }
    schema(Ddl::Create {
        class: Class::Domain,
        name: Named::alone(ident),
        if_not_exists: false,
        or_replace: false,
        text: Text::new(words),
        mentions,
    })
}

fn in_brackets(text: &Text) -> impl Iterator<Item = Word> {
    let inner = text.words().iter().cloned();
    std::iter::once(sign("(")).chain(inner).chain([sign(")")])
}
