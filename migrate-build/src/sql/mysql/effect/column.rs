//! The definition of a column.

use super::attribute::{self, Attributes};
use super::types::take_type;
use crate::server::ServerVersion;
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Ident, Part, Text, Word};
use crate::sql::{Name, Place};

/// A column with what its definition says besides.
pub(super) struct Defined {
    pub(super) ident: Ident,
    pub(super) column: Column,
    pub(super) constraints: Vec<Constraint>,
    pub(super) place: Option<Place>,
    /// What of it is not followed.
    pub(super) unclear: Option<&'static str>,
}

/// Passes a column's name and definition.
pub(super) fn take_column(cursor: &mut Cursor<'_>, version: Option<ServerVersion>) -> Defined {
    let ident = take_column_name(cursor);
    take_definition(cursor, ident, version)
}

/// Passes a column's name, which may stand behind its table's.
pub(super) fn take_column_name(cursor: &mut Cursor<'_>) -> Ident {
    let mut ident = cursor.take_name();
    while cursor.eat(&["."]) {
        ident = cursor.take_name();
    }
    ident
}

/// Passes what stands behind a column's name.
pub(super) fn take_definition(
    cursor: &mut Cursor<'_>,
    ident: Ident,
    version: Option<ServerVersion>,
) -> Defined {
    let ty = take_type(cursor, version);
    let name = ident.name.clone();
    let mut attributes = Attributes::new(&ty, version);
    attribute::take_all(cursor, &name, &mut attributes);
    let mut column = Column {
        name: name.clone(),
        ty: ty.text,
        not_null: attributes.not_null,
        default: attributes.default,
        generated: attributes.generated,
        collation: attributes.collation.or(ty.collation),
        options: Vec::new(),
    };
    if ty.is_serial {
        attributes.rest.push(one_word("auto_increment"));
        attributes.constraints.push(key_of(&name, ConstraintKind::Unique));
    }
    attributes.rest.sort_by_key(ToString::to_string);
    attributes.rest.dedup();
    column.not_null |= attributes.rest.contains(&one_word("auto_increment"));
    column.options = attributes.rest;
    let place = if cursor.eat(&["first"]) {
        Some(Place::First)
    } else if cursor.eat(&["after"]) {
        Some(Place::After(cursor.take_name()))
    } else {
        None
    };
    let mut unclear = attributes.unclear;
    if attributes.is_null_by_default && column.not_null {
        unclear.get_or_insert("a column that is `NOT NULL` cannot be `NULL` by default");
    }
    Defined { ident, column, constraints: attributes.constraints, place, unclear }
}

pub(super) fn one_word(word: &str) -> Text {
    Text::new([Word::Name(Name::new(word))])
}

/// A key of one column, behind which it stands.
pub(super) fn key_of(column: &Name, kind: fn(Vec<Part>) -> ConstraintKind) -> Constraint {
    let text = Text::new([Word::Name(column.clone())]);
    let part = Part { text, column: Some(column.clone()) };
    Constraint { name: None, kind: kind(vec![part]), rest: Text::default(), column: None }
}
