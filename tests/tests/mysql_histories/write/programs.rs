//! Views, triggers, routines; and statements about rows.

use super::{OTHERS, column, folded, name, one_of, table};
use crate::schema::{Schema, quoted};
use migrate_tests::histories::{Choices, Step};

pub(super) fn view(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&OTHERS);
    let view = name(choices, called);
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = name(choices, &column);
    let query = match choices.pick(5) {
        0 => format!("SELECT * FROM {written}"),
        1 => format!("SELECT {column} FROM {written}"),
        2 => format!("SELECT count(*) AS n FROM {written} AS o WHERE o.{column} IS NOT NULL"),
        3 => {
            let (other, _) = table(choices, schema);
            format!("SELECT {column} FROM {written} WHERE EXISTS (SELECT 1 FROM {other})")
        }
        _ => {
            let views = schema.names("VIEW");
            let other = one_of(choices, &views, &OTHERS);
            format!("SELECT 1 AS one FROM {}", name(choices, &other))
        }
    };
    let start = choices.of(&["CREATE VIEW", "CREATE VIEW", "CREATE OR REPLACE VIEW"]);
    let there = schema.has(called);
    Step::one(format!("{start} {view} AS {query}"), (!there).then(|| format!("DROP VIEW {view}")))
}

pub(super) fn trigger(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&OTHERS);
    let trigger = name(choices, called);
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let when = choices.of(&["BEFORE INSERT", "BEFORE INSERT", "AFTER DELETE"]);
    let triggers = schema.names("TRIGGER");
    let other = one_of(choices, &triggers, &OTHERS);
    let order = match choices.pick(6) {
        1 => format!("FOLLOWS {} ", name(choices, &other)),
        2 => format!("PRECEDES {} ", name(choices, &other)),
        _ => String::new(),
    };
    let body = match choices.pick(3) {
        0 => "SET @a = 1".to_owned(),
        1 => format!("BEGIN SET @b = OLD.{}; END", quoted(&column)),
        _ => "SET @c = 'it''s'".to_owned(),
    };
    let start = choices.of(&["CREATE TRIGGER", "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"]);
    let up = format!("{start} {trigger} {when} ON {written} FOR EACH ROW {order}{body}");
    let is_there = triggers.iter().any(|other| other == called);
    Step::one(up, (!is_there).then(|| format!("DROP TRIGGER {trigger}")))
}

pub(super) fn routine(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&OTHERS);
    let routine = folded(choices, called);
    let (written, _) = table(choices, schema);
    let (class, text) = match choices.pick(3) {
        0 => ("PROCEDURE", "() BEGIN SELECT 1; SELECT 'it''s'; END".to_owned()),
        1 => ("PROCEDURE", format!("() DELETE FROM {written}")),
        _ => ("FUNCTION", "() RETURNS INT RETURN 1".to_owned()),
    };
    let is_there = schema.names(class).iter().any(|other| other.eq_ignore_ascii_case(called));
    let start = choices.of(&["CREATE", "CREATE", "CREATE OR REPLACE"]);
    Step::one(
        format!("{start} {class} {routine}{text}"),
        (!is_there).then(|| format!("DROP {class} {routine}")),
    )
}

pub(super) fn drop(choices: &mut Choices, schema: &Schema) -> Step {
    let class = choices.of(&["VIEW", "TRIGGER", "TRIGGER", "PROCEDURE", "FUNCTION"]);
    let these = schema.names(class);
    let one = one_of(choices, &these, &OTHERS);
    let back = schema.definition(class, &one).map(|sql| vec![sql]);
    let written = name(choices, &one);
    let exists = if choices.pick(6) == 1 { "IF EXISTS " } else { "" };
    Step { up: vec![format!("DROP {class} {exists}{written}")], down: back }
}

/// The tables stay empty: what they hold is no part of a schema.
pub(super) fn rows(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = folded(choices, &column);
    let (other, _) = table(choices, schema);
    let up = match choices.pick(5) {
        0 => format!("DELETE FROM {written} WHERE {column} IS NULL"),
        1 => format!("UPDATE {written} SET {column} = NULL WHERE {column} = '1'"),
        2 => format!("SELECT count(*) FROM {written}, {other} AS o"),
        3 => format!("INSERT INTO {written} ({column}) SELECT 1 FROM {other} WHERE 1 = 0"),
        _ => format!("TRUNCATE {written}"),
    };
    Step::one(up, Some("SELECT 1".to_owned()))
}
