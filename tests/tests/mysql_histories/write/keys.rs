//! Keys, foreign keys and checks.

use super::tables::target;
use super::{OTHERS, any_of, column, expression, folded, name, names_of, one_of, table};
use crate::schema::{Schema, Table};
use migrate_tests::histories::{Choices, Step};

/// Columns of a key, with lengths where they are texts.
fn parts(choices: &mut Choices, table: Option<&Table>) -> String {
    let mut parts = Vec::new();
    for _ in 0..=choices.pick(2) {
        let column = column(choices, table);
        let known = table.and_then(|table| table.columns.iter().find(|one| one.name == column));
        let length = match known.map(|column| column.ty.as_str()) {
            Some("text" | "longtext") if choices.pick(8) != 1 => "(10)",
            Some("varchar") => choices.of(&["", "(5)", "(20)"]),
            _ => "",
        };
        let order = choices.of(&["", "", " DESC", " ASC"]);
        parts.push(format!("{}{length}{order}", folded(choices, &column)));
    }
    parts.join(", ")
}

pub(super) fn add(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let parts = parts(choices, there);
    let key = any_of(choices, &OTHERS);
    let sort = choices.of(&["", "", "", "UNIQUE ", "FULLTEXT "]);
    let back = format!("DROP INDEX {key} ON {written}");
    match choices.pick(4) {
        1 => {
            Step::one(format!("ALTER TABLE {written} ADD {sort}INDEX {key} ({parts})"), Some(back))
        }
        2 => Step::one(format!("ALTER TABLE {written} ADD {sort}KEY ({parts})"), None),
        _ => Step::one(format!("CREATE {sort}INDEX {key} ON {written} ({parts})"), Some(back)),
    }
}

pub(super) fn drop(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let index = one_of(choices, there.map_or(&[][..], |table| &table.indexes), &OTHERS);
    let (index, other) = (folded(choices, &index), any_of(choices, &OTHERS));
    match choices.pick(4) {
        1 => Step::one(format!("ALTER TABLE {written} DROP KEY {index}"), None),
        2 => Step::one(
            format!("ALTER TABLE {written} RENAME INDEX {index} TO {other}"),
            Some(format!("ALTER TABLE {written} RENAME KEY {other} TO {index}")),
        ),
        _ => Step::one(format!("DROP INDEX {index} ON {written}"), None),
    }
}

pub(super) fn add_foreign(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let integers: Vec<String> = there.map_or_else(Vec::new, |table| {
        let columns = table.columns.iter().filter(|column| column.ty == "int");
        columns.map(|column| column.name.clone()).collect()
    });
    let own = one_of(choices, &integers, &["a", "b"]);
    let own = folded(choices, &own);
    let called = there.map_or("t", |table| table.name.as_str());
    let (target, column) = target(choices, schema, called);
    let action =
        choices.of(&["", "", " ON DELETE CASCADE", " ON UPDATE SET NULL", " ON DELETE RESTRICT"]);
    let key = format!("FOREIGN KEY ({own}) REFERENCES {target} ({column}){action}");
    match choices.pick(3) {
        1 => Step::one(
            format!("ALTER TABLE {written} ADD CONSTRAINT fk {key}"),
            Some(format!("ALTER TABLE {written} DROP FOREIGN KEY fk")),
        ),
        2 => Step {
            up: vec![format!("ALTER TABLE {written} ADD CONSTRAINT fk {key}")],
            down: Some(vec![
                format!("ALTER TABLE {written} DROP FOREIGN KEY fk"),
                format!("ALTER TABLE {written} DROP INDEX fk"),
            ]),
        },
        _ => Step::one(format!("ALTER TABLE {written} ADD {key}"), None),
    }
}

pub(super) fn drop_foreign(choices: &mut Choices, schema: &Schema) -> Step {
    let having: Vec<&Table> =
        schema.tables.iter().filter(|table| !table.foreign_keys.is_empty()).collect();
    if having.is_empty() {
        return add_foreign(choices, schema);
    }
    let there = having[choices.pick(having.len())];
    let written = name(choices, &there.name);
    let key = one_of(choices, &there.foreign_keys, &["fk", "c"]);
    let key = folded(choices, &key);
    let word = choices.of(&["FOREIGN KEY", "CONSTRAINT"]);
    Step::one(format!("ALTER TABLE {written} DROP {word} {key}"), None)
}

pub(super) fn check(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let demand = expression(choices, &names_of(there));
    match choices.pick(5) {
        1 => {
            let check = one_of(choices, there.map_or(&[][..], |table| &table.checks), &["c", "d"]);
            let check = folded(choices, &check);
            Step::one(format!("ALTER TABLE {written} DROP CONSTRAINT {check}"), None)
        }
        2 => Step::one(format!("ALTER TABLE {written} ADD CHECK ({demand})"), None),
        _ => Step::one(
            format!("ALTER TABLE {written} ADD CONSTRAINT c CHECK ({demand})"),
            Some(format!("ALTER TABLE {written} DROP CONSTRAINT c")),
        ),
    }
}

pub(super) fn primary(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = folded(choices, &column);
    let drop = format!("ALTER TABLE {written} DROP PRIMARY KEY");
    if there.is_some_and(|table| table.has_primary_key) && choices.pick(3) != 1 {
        return Step::one(drop, None);
    }
    Step::one(format!("ALTER TABLE {written} ADD PRIMARY KEY ({column})"), Some(drop))
}

/// Several things by one statement.
pub(super) fn several(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let mut actions = Vec::new();
    for _ in 0..2 + choices.pick(2) {
        let column = column(choices, there);
        let column = folded(choices, &column);
        let index = one_of(choices, there.map_or(&[][..], |table| &table.indexes), &OTHERS);
        let index = folded(choices, &index);
        actions.push(match choices.pick(9) {
            0 => format!("ADD {} INT", any_of(choices, &super::COLUMNS)),
            1 => format!("DROP COLUMN {column}"),
            2 => format!("MODIFY {column} VARCHAR(40)"),
            3 => format!("ADD INDEX {index} ({column})"),
            4 => format!("DROP INDEX {index}"),
            5 => format!("RENAME COLUMN {column} TO {}", any_of(choices, &super::COLUMNS)),
            6 => format!("ADD UNIQUE ({column})"),
            7 => format!("CHANGE {column} {} BIGINT", any_of(choices, &super::COLUMNS)),
            _ => "COMMENT 'several'".to_owned(),
        });
    }
    Step::one(format!("ALTER TABLE {written} {}", actions.join(", ")), None)
}
