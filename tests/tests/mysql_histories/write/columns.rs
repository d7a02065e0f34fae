//! Columns.

use super::{COLUMNS, any_of, column, expression, folded, known, name, names_of, table};
use crate::schema::{Schema, Table, quoted};
use migrate_tests::histories::{Choices, Step};

/// A type, and what may stand behind it.
pub(super) fn definition(choices: &mut Choices, others: &[String]) -> String {
    let (ty, defaults): (&str, &[&str]) = match choices.pick(16) {
        0..=2 => ("INT", &["1", "-7", "'3'", "NULL"]),
        3 => ("INTEGER UNSIGNED", &["00012"]),
        4 => ("BIGINT(20)", &["0"]),
        5 | 6 => ("VARCHAR(20)", &["'x'", "''", "1", "'it''s'", "NULL"]),
        7 => ("CHAR(5) CHARACTER SET latin1", &["'ab'"]),
        8 => ("TEXT", &["'long'", "(concat('a', 'b'))"]),
        9 => ("ENUM('a', 'b')", &["'a'"]),
        10 => ("SET('x', 'y')", &["'x,y'"]),
        11 => ("DECIMAL(6, 2)", &["1", "0.5", "-1.50"]),
        12 => ("DATETIME(3)", &["NOW(3)", "'2000-01-01'", "CURRENT_TIMESTAMP(3) ON UPDATE NOW(3)"]),
        13 => ("TIMESTAMP NULL", &["CURRENT_TIMESTAMP", "NULL"]),
        14 => ("BOOL", &["TRUE", "false", "0"]),
        _ => ("VARCHAR(30) COLLATE utf8mb4_bin", &["'y'"]),
    };
    let mut said = ty.to_owned();
    match choices.pick(10) {
        1 | 2 => said.push_str(" NOT NULL"),
        3 => said.push_str(" NULL"),
        _ => {}
    }
    match choices.pick(12) {
        1..=3 => said.push_str(&format!(" DEFAULT {}", choices.of(defaults))),
        4 => said.push_str(" COMMENT 'it''s a column'"),
        5 => said.push_str(" UNIQUE"),
        6 => said.push_str(&format!(" CHECK ({})", expression(choices, others))),
        7 => {
            let stored = choices.of(&["STORED", "VIRTUAL", "PERSISTENT", ""]);
            let computed = expression(choices, others);
            return format!("{ty} AS ({computed}) {stored}").trim_end().to_owned();
        }
        8 => said.push_str(" INVISIBLE"),
        _ => {}
    }
    said
}

fn place(choices: &mut Choices, table: Option<&Table>) -> String {
    match choices.pick(5) {
        1 => " FIRST".to_owned(),
        2 => {
            let other = column(choices, table);
            format!(" AFTER {}", folded(choices, &other))
        }
        _ => String::new(),
    }
}

pub(super) fn add(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let (mut adds, mut drops) = (Vec::new(), Vec::new());
    for _ in 0..=choices.pick(6) / 5 {
        let column = any_of(choices, &COLUMNS);
        let definition = definition(choices, &names_of(there));
        let exists = if choices.pick(12) == 1 { "IF NOT EXISTS " } else { "" };
        let word = choices.of(&["COLUMN ", ""]);
        let place = place(choices, there);
        adds.push(format!("ADD {word}{exists}{column} {definition}{place}"));
        drops.push(format!("DROP COLUMN {column}"));
    }
    let (adds, drops) = (adds.join(", "), drops.join(", "));
    Step::one(
        format!("ALTER TABLE {written} {adds}"),
        Some(format!("ALTER TABLE {written} {drops}")),
    )
}

pub(super) fn rename(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let Some(column) = known(choices, there) else {
        return Step::one(format!("ALTER TABLE {written} RENAME COLUMN nosuch TO x"), None);
    };
    let (from, to) = (folded(choices, &column.name), any_of(choices, &COLUMNS));
    let definition = &column.definition;
    if choices.pick(2) == 1 {
        return Step::one(
            format!("ALTER TABLE {written} CHANGE {from} {to} {definition}"),
            Some(format!("ALTER TABLE {written} CHANGE COLUMN {to} {from} {definition}")),
        );
    }
    Step::one(
        format!("ALTER TABLE {written} RENAME COLUMN {from} TO {to}"),
        Some(format!("ALTER TABLE {written} RENAME COLUMN {to} TO {from}")),
    )
}

pub(super) fn change(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let Some(column) = known(choices, there) else {
        return Step::one(format!("ALTER TABLE {written} MODIFY nosuch INT"), None);
    };
    let called = folded(choices, &column.name);
    let others: Vec<String> =
        names_of(there).into_iter().filter(|other| *other != column.name).collect();
    let definition = match (column.ty.as_str(), choices.pick(3)) {
        ("enum", 1 | 2) => "ENUM('a', 'b', 'c')".to_owned(),
        ("varchar", 1) => "VARCHAR(200)".to_owned(),
        _ => definition(choices, &others),
    };
    let place = place(choices, there);
    let before = there.and_then(|table| {
        let at = table.columns.iter().position(|other| other.name == column.name)?;
        let place = match at.checked_sub(1) {
            _ if place.is_empty() => String::new(),
            None => " FIRST".to_owned(),
            Some(before) => format!(" AFTER {}", quoted(&table.columns[before].name)),
        };
        Some(format!("{}{place}", column.definition))
    });
    let back = before.map(|before| format!("ALTER TABLE {written} MODIFY {called} {before}"));
    let word = choices.of(&["MODIFY", "MODIFY COLUMN"]);
    Step::one(format!("ALTER TABLE {written} {word} {called} {definition}{place}"), back)
}

pub(super) fn drop(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = folded(choices, &column);
    let exists = if choices.pick(10) == 1 { "IF EXISTS " } else { "" };
    Step::one(format!("ALTER TABLE {written} DROP {exists}{column}"), None)
}

pub(super) fn set_default(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = name(choices, &column);
    let value = choices.of(&["1", "'a'", "NULL", "(1 + 1)"]);
    let (set, drop) = (
        format!("ALTER TABLE {written} ALTER {column} SET DEFAULT {value}"),
        format!("ALTER TABLE {written} ALTER COLUMN {column} DROP DEFAULT"),
    );
    if choices.pick(3) == 1 { Step::one(drop, None) } else { Step::one(set, Some(drop)) }
}
