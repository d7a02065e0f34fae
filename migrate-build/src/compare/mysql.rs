//! What of an object can be compared with what MariaDB and MySQL say of it.

use crate::catalog::Object;
use crate::sql::Name;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Table, Text, Word};

/// The collation of a new database of today's MariaDB.
const USUAL_COLLATION: &str = "utf8mb4_general_ci";

/// The types whose values are texts, which have a collation.
const TEXTS: [&str; 8] =
    ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"];

/// The same without what these servers write in another way: queries and bodies, and of expressions
/// all but the columns that they name. What only the server knows, the collation of the database, is
/// said.
pub(super) fn settled(object: &Object, collation: Option<&str>) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Table(table) => settle(table, collation.unwrap_or(USUAL_COLLATION)),
        Object::View(view) => {
            view.text = Text::default();
            view.reads.clear();
        }
        Object::Other(other) => {
            other.text = Text::default();
            other.mentions.clear();
        }
        Object::Trigger(_) | Object::Index(_) => {}
    }
    object
}

fn settle(table: &mut Table, collation: &str) {
    let names: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
    for column in &mut table.columns {
        if TEXTS.iter().any(|ty| column.ty.mentions(&Name::new(ty))) {
            column.collation = Some(said(column.collation.as_ref(), collation));
        }
        if let Some(generated) = &mut column.generated {
            *generated = columns_of(generated, &names);
        }
        if let Some(default) = column.default.as_mut().filter(|text| is_expression(text)) {
            *default = columns_of(default, &names);
        }
    }
    for constraint in &mut table.constraints {
        if let ConstraintKind::Check(text) = &mut constraint.kind {
            *text = columns_of(text, &names);
        }
    }
    as_json(table);
    let of_database = format!("collate {collation}");
    table.options.retain(|option| {
        let option = option.to_string();
        option != of_database && !option.starts_with("partition")
    });
}

/// A column's collation; of a character set alone, which is written `_bin`, that of the database.
fn said(of_column: Option<&Name>, of_database: &str) -> Name {
    match of_column.map(Name::as_str) {
        None => Name::new(of_database),
        Some("_bin") => {
            let charset = of_database.split('_').next().unwrap_or_default();
            Name::new(&format!("{charset}_bin"))
        }
        Some(name) => Name::new(name),
    }
}

/// The columns that an expression names, and whether its value is stored.
fn columns_of(text: &Text, names: &[Name]) -> Text {
    let named = names.iter().filter(|name| text.mentions(name));
    let words = named.map(|name| Word::Name(name.clone()));
    let last = text.words().last().cloned().filter(|_| text.to_string().ends_with("stored"));
    Text::new(words.chain(last))
}

fn is_expression(text: &Text) -> bool {
    text.words().len() > 1 && !text.to_string().starts_with("current_timestamp")
}

/// MariaDB keeps `JSON` as a text with a check.
fn as_json(table: &mut Table) {
    let json = |column: &Column| column.ty.to_string() == "json";
    let long = |column: &Column| {
        column.ty.to_string() == "longtext"
            && column.collation.as_ref().is_some_and(|name| name.as_str() == "utf8mb4_bin")
    };
    let checks = |column: &Column, constraint: &Constraint| {
        matches!(constraint.kind, ConstraintKind::Check(_))
            && constraint.rest.mentions(&column.name)
    };
    for column in &mut table.columns {
        if json(column) || long(column) {
            table.constraints.retain(|constraint| !checks(column, constraint));
            column.ty = Text::new([Word::Name(Name::new("json"))]);
            column.collation = None;
        }
    }
}
