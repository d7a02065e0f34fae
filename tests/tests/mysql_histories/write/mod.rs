//! SQL out of choices: few names, so that they meet.

mod columns;
mod keys;
mod programs;
mod tables;

use migrate_tests::histories::{Choices, Step};

use crate::schema::{Column, Schema, Table, quoted};

const TABLES: [&str; 6] = ["t", "u", "w", "T", "order", "Odd one"];
const COLUMNS: [&str; 7] = ["a", "b", "c", "id", "key", "Name", "x y"];
const OTHERS: [&str; 5] = ["i", "v", "a", "t2", "V"];

/// The next step.
pub(crate) fn step(choices: &mut Choices, schema: &Schema) -> Step {
    match choices.pick(32) {
        0..=4 => tables::create(choices, schema),
        5 => tables::drop(choices, schema),
        6 | 7 => tables::rename(choices, schema),
        8 => tables::set_options(choices, schema),
        9 => tables::copy(choices, schema),
        10 | 11 => columns::add(choices, schema),
        12 => columns::rename(choices, schema),
        13 | 14 => columns::change(choices, schema),
        15 => columns::drop(choices, schema),
        16 => columns::set_default(choices, schema),
        17 | 18 => keys::add(choices, schema),
        19 => keys::drop(choices, schema),
        20 | 21 => keys::add_foreign(choices, schema),
        22 => keys::drop_foreign(choices, schema),
        23 => keys::check(choices, schema),
        24 => keys::primary(choices, schema),
        25 => keys::several(choices, schema),
        26 => programs::view(choices, schema),
        27 | 28 => programs::trigger(choices, schema),
        29 => programs::routine(choices, schema),
        30 => programs::drop(choices, schema),
        _ => programs::rows(choices, schema),
    }
}

/// A name as somebody may write it.
fn name(choices: &mut Choices, name: &str) -> String {
    let is_plain =
        name.chars().all(|c| c.is_ascii_alphanumeric()) && !["order", "key"].contains(&name);
    if !is_plain || choices.pick(6) == 1 { quoted(name) } else { name.to_owned() }
}

/// The name of a column or a key, whose case does not count.
fn folded(choices: &mut Choices, written: &str) -> String {
    match choices.pick(8) {
        1 => name(choices, &written.to_uppercase()),
        _ => name(choices, written),
    }
}

/// One of these names, as somebody may write it.
fn any_of(choices: &mut Choices, these: &[&str]) -> String {
    let one = choices.of(these);
    name(choices, one)
}

/// A table that is there, mostly.
fn table<'s>(choices: &mut Choices, schema: &'s Schema) -> (String, Option<&'s Table>) {
    if schema.tables.is_empty() || choices.pick(24) == 1 {
        return (any_of(choices, &TABLES), None);
    }
    let table = &schema.tables[choices.pick(schema.tables.len())];
    (name(choices, &table.name), Some(table))
}

/// A column that is there, mostly, as it is called.
fn column(choices: &mut Choices, table: Option<&Table>) -> String {
    known(choices, table).map_or_else(|| choices.of(&COLUMNS).to_owned(), |column| column.name)
}

/// A column that is there, mostly.
fn known(choices: &mut Choices, table: Option<&Table>) -> Option<Column> {
    let columns = table.map_or(&[][..], |table| &table.columns);
    if columns.is_empty() || choices.pick(24) == 1 {
        return None;
    }
    Some(columns[choices.pick(columns.len())].clone())
}

/// One of these that are there, mostly.
fn one_of(choices: &mut Choices, these: &[String], others: &[&str]) -> String {
    if these.is_empty() || choices.pick(24) == 1 {
        return choices.of(others).to_owned();
    }
    these[choices.pick(these.len())].clone()
}

/// What a check demands or a column is computed from.
fn expression(choices: &mut Choices, columns: &[String]) -> String {
    let column = if columns.is_empty() { "a" } else { &columns[choices.pick(columns.len())] };
    let column = folded(choices, column);
    match choices.pick(5) {
        0 => format!("{column} > 0"),
        1 => format!("length({column}) + abs(1)"),
        2 => format!("{column} IS NOT NULL"),
        3 => format!("coalesce({column}, 'it''s') <> 'x'"),
        _ => format!("({column}) IN (1, 2)"),
    }
}

fn names_of(table: Option<&Table>) -> Vec<String> {
    table.map_or_else(Vec::new, |table| {
        table.columns.iter().map(|column| column.name.clone()).collect()
    })
}
