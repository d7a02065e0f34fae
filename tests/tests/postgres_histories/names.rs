//! Names: few, so that they meet.

use migrate_tests::histories::Choices;

use super::schema::{Column, Schema, Table};

pub(crate) const TABLES: [&str; 6] = ["t", "u", "w", "a", "order", "Odd one"];
pub(crate) const COLUMNS: [&str; 8] = ["a", "b", "c", "id", "key", "end", "x y", "t"];
/// What is no table.
pub(crate) const OTHERS: [&str; 5] = ["i", "v", "a", "t_a_idx", "m"];

/// A name as somebody may write it.
pub(crate) fn name(choices: &mut Choices, name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        && !["order", "end"].contains(&name);
    match choices.pick(8) {
        0 => format!("\"{name}\""),
        1 if is_plain => name.to_uppercase(),
        _ if is_plain => name.to_owned(),
        _ => format!("\"{name}\""),
    }
}

/// One of these names, as somebody may write it.
pub(crate) fn any_of(choices: &mut Choices, these: &[&str]) -> String {
    let one = choices.of(these);
    name(choices, one)
}

/// A table that is there, mostly.
pub(crate) fn table<'s>(choices: &mut Choices, schema: &'s Schema) -> (String, Option<&'s Table>) {
    if schema.tables.is_empty() || choices.pick(20) == 1 {
        return (any_of(choices, &TABLES), None);
    }
    let table = &schema.tables[choices.pick(schema.tables.len())];
    (table.path.clone(), Some(table))
}

/// A column that is there, mostly.
pub(crate) fn column(choices: &mut Choices, table: Option<&Table>) -> Column {
    match table {
        Some(table) if !table.columns.is_empty() && choices.pick(20) != 1 => {
            table.columns[choices.pick(table.columns.len())].clone()
        }
        _ => Column { name: choices.of(&COLUMNS).to_owned(), ty: "integer".to_owned() },
    }
}

/// The name of something of a class that is there, mostly, as the server writes it.
pub(crate) fn known(choices: &mut Choices, schema: &Schema, class: &str) -> String {
    let names = schema.names(class);
    if names.is_empty() || choices.pick(12) == 1 {
        return any_of(choices, &OTHERS);
    }
    names[choices.pick(names.len())].to_owned()
}

/// A type that can be written.
pub(crate) fn ty(choices: &mut Choices, schema: &Schema) -> String {
    const TYPES: [&str; 16] = [
        "INT",
        "TEXT",
        "BIGINT",
        "VARCHAR(20)",
        "integer",
        "NUMERIC(10, 2)",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "timestamptz",
        "TEXT[]",
        "jsonb",
        "INT",
        "double precision",
        "CHAR(3)",
        "uuid",
    ];
    match choices.pick(8) {
        0 => {
            let class = choices.of(&["enum", "domain"]);
            let names = schema.names(class);
            match names.len() {
                0 => "INT".to_owned(),
                count => names[choices.pick(count)].to_owned(),
            }
        }
        _ => choices.of(&TYPES).to_owned(),
    }
}

/// A value that a column of this type can have.
pub(crate) fn value(ty: &str) -> &'static str {
    match ty.to_lowercase().split(['(', '[']).next().unwrap_or_default() {
        "int" | "integer" | "bigint" | "numeric" | "double precision" => "7",
        "boolean" => "true",
        "date" | "timestamp" | "timestamptz" => "'2020-01-01'",
        "text" | "varchar" | "character varying" if !ty.ends_with(']') => "'x'",
        _ => "NULL",
    }
}

/// Something that is true or false.
pub(crate) fn condition(choices: &mut Choices, table: Option<&Table>) -> String {
    let Column { name: plain, ty } = column(choices, table);
    let c = name(choices, &plain);
    let kind = if ty.ends_with(']') { "" } else { ty.split(['(', ' ']).next().unwrap_or_default() };
    match (kind, choices.pick(4)) {
        ("integer" | "bigint" | "numeric" | "double", 0) => format!("{c} > 0"),
        ("integer" | "bigint" | "numeric" | "double", 1) => format!("abs({c}) + 1 < 10"),
        ("integer" | "bigint", 2) => format!("{c} IN (1, 2)"),
        ("text" | "character", 0) => format!("{c} <> '{plain}'"),
        ("text" | "character", 1) => format!("length({c}) > 1"),
        ("text" | "character", 2) => format!("lower({c}) = 'a' OR {c}::text LIKE 'b%'"),
        ("boolean", 0) => c,
        ("date", 0) => format!("date({c}) > '2020-01-01'"),
        _ => format!("{c} IS NOT NULL"),
    }
}
