//! Tables.

use super::columns::definition;
use super::{COLUMNS, TABLES, any_of, expression, folded, name, table};
use crate::schema::{Schema, quoted};
use migrate_tests::histories::{Choices, Step};

pub(super) fn create(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&TABLES);
    let written = name(choices, called);
    let body = body(choices, schema, called);
    let start = match choices.pick(16) {
        1 => "CREATE TABLE IF NOT EXISTS",
        // One that is refused has dropped what was there.
        2 if !schema.has(called) => "CREATE OR REPLACE TABLE",
        3 => "CREATE TEMPORARY TABLE",
        _ => "CREATE TABLE",
    };
    let options = options(choices);
    // What it has besides is nobody's later.
    let body = if start.contains("TEMPORARY") { "a INT".to_owned() } else { body };
    let up = format!("{start} {written} ({body}){options}");
    Step::one(up, (!schema.has(called)).then(|| format!("DROP TABLE {written}")))
}

fn options(choices: &mut Choices) -> String {
    let options = [
        " ENGINE=InnoDB",
        " ENGINE=MyISAM",
        " DEFAULT CHARSET=utf8mb4",
        " CHARACTER SET latin1",
        " COLLATE utf8mb4_unicode_ci",
        " COMMENT='it''s a table'",
        " ROW_FORMAT=DYNAMIC",
    ];
    if choices.pick(3) == 1 { choices.of(&options).to_owned() } else { String::new() }
}

fn body(choices: &mut Choices, schema: &Schema, called: &str) -> String {
    let count = 1 + choices.pick(4);
    let start = choices.pick(COLUMNS.len());
    let columns: Vec<String> =
        (0..count).map(|n| COLUMNS[(start + n) % COLUMNS.len()].to_owned()).collect();
    let mut parts = Vec::new();
    for (n, column) in columns.iter().enumerate() {
        let said = match choices.pick(8) {
            1 if n == 0 => "INT PRIMARY KEY".to_owned(),
            2 if n == 0 => "INT AUTO_INCREMENT PRIMARY KEY".to_owned(),
            3 => foreign(choices, schema, called),
            _ => definition(choices, &columns[..n]),
        };
        parts.push(format!("{} {said}", name(choices, column)));
    }
    for _ in 0..choices.pick(3) {
        let first = &columns[choices.pick(columns.len())];
        let last = columns[choices.pick(columns.len())].clone();
        let (first, last) = (folded(choices, first), name(choices, &last));
        parts.push(match choices.pick(9) {
            0 => format!("KEY ({first})"),
            1 => format!("UNIQUE KEY ({first}, {last})"),
            2 => format!("PRIMARY KEY ({first}, {last})"),
            3 => format!("CHECK ({})", expression(choices, &columns)),
            4 => format!("CONSTRAINT c CHECK ({})", expression(choices, &columns)),
            5 => format!("INDEX i ({first} DESC, {last})"),
            6 => format!("CONSTRAINT u UNIQUE ({first})"),
            7 => format!("KEY {} ({first}) USING HASH", choices.of(&["i", "a", ""])),
            _ => {
                let (target, columns) = target(choices, schema, called);
                format!("FOREIGN KEY ({first}) REFERENCES {target} ({columns})")
            }
        });
    }
    parts.join(", ")
}

/// An integer that refers to a row.
fn foreign(choices: &mut Choices, schema: &Schema, called: &str) -> String {
    let (target, column) = target(choices, schema, called);
    let action =
        choices.of(&["", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE NO ACTION"]);
    format!("INT REFERENCES {target} ({column}){action}")
}

/// A table and a column of it that has a key, mostly.
pub(super) fn target(choices: &mut Choices, schema: &Schema, called: &str) -> (String, String) {
    let keyed: Vec<(&str, &str)> = schema
        .tables
        .iter()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(table, column)| {
            column.ty == "int" && (table.has_primary_key || !table.indexes.is_empty())
        })
        .map(|(table, column)| (table.name.as_str(), column.name.as_str()))
        .collect();
    if keyed.is_empty() || choices.pick(10) == 1 {
        return (name(choices, called), any_of(choices, &COLUMNS));
    }
    let (table, column) = keyed[choices.pick(keyed.len())];
    (name(choices, table), folded(choices, column))
}

pub(super) fn drop(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, _) = table(choices, schema);
    let exists = if choices.pick(6) == 1 { "IF EXISTS " } else { "" };
    if choices.pick(6) == 1 {
        let (other, _) = table(choices, schema);
        return Step::one(format!("DROP TABLE IF EXISTS {written}, {other}"), None);
    }
    Step::one(format!("DROP TABLE {exists}{written}"), None)
}

pub(super) fn rename(choices: &mut Choices, schema: &Schema) -> Step {
    let (from, _) = table(choices, schema);
    let to = any_of(choices, &TABLES);
    match choices.pick(4) {
        1 => Step::one(
            format!("ALTER TABLE {from} RENAME TO {to}"),
            Some(format!("ALTER TABLE {to} RENAME {from}")),
        ),
        2 => {
            let (other, _) = table(choices, schema);
            let swap = |a: &str, b: &str| {
                format!("RENAME TABLE {a} TO swapped, {b} TO {a}, swapped TO {b}")
            };
            Step::one(swap(&from, &other), Some(swap(&other, &from)))
        }
        _ => Step::one(
            format!("RENAME TABLE {from} TO {to}"),
            Some(format!("RENAME TABLE {to} TO {from}")),
        ),
    }
}

pub(super) fn set_options(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, _) = table(choices, schema);
    let option = choices.of(&[
        "COMMENT 'another'",
        "COMMENT ''",
        "ENGINE=InnoDB",
        "ENGINE=MyISAM",
        "DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "DEFAULT CHARSET latin1",
        "CONVERT TO CHARACTER SET utf8mb4",
        "CONVERT TO CHARACTER SET latin1 COLLATE latin1_bin",
        "ROW_FORMAT=COMPRESSED",
        "ROW_FORMAT=DEFAULT",
        "AUTO_INCREMENT=100",
        "FORCE",
    ]);
    Step::one(format!("ALTER TABLE {written} {option}"), None)
}

pub(super) fn copy(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&TABLES);
    let (to, (from, _)) = (quoted(called), table(choices, schema));
    let up = match choices.pick(4) {
        1 => format!("CREATE TABLE {to} AS SELECT * FROM {from}"),
        _ => format!("CREATE TABLE {to} LIKE {from}"),
    };
    Step::one(up, (!schema.has(called)).then(|| format!("DROP TABLE {to}")))
}
