//! `ALTER` and `COMMENT ON` out of choices.

use migrate_tests::histories::{Choices, Step};

use super::names::{COLUMNS, OTHERS, TABLES, any_of, known, name, table, ty, value as a_value};
use super::schema::{Column, Schema, Table};
use super::write;

pub(crate) fn add_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let added = Column { name: choices.of(&COLUMNS).to_owned(), ty: ty(choices, schema) };
    let c = name(choices, &added.name);
    let mut own = Table { path: written.clone(), columns: vec![added.clone()] };
    own.columns.extend(there.iter().flat_map(|table| table.columns.iter().cloned()));
    let (ty, properties) = write::properties(choices, schema, &own, &added, true);
    let exists = if choices.pick(10) == 1 { "IF NOT EXISTS " } else { "" };
    Step::one(
        format!("ALTER TABLE {written} ADD COLUMN {exists}{c} {ty}{properties}"),
        Some(format!("ALTER TABLE {written} DROP COLUMN {c}")),
    )
}

pub(crate) fn drop_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = super::names::column(choices, there);
    let c = name(choices, &column.name);
    let cascade = if choices.pick(3) == 1 { " CASCADE" } else { "" };
    Step::one(
        format!("ALTER TABLE {written} DROP COLUMN {c}{cascade}"),
        Some(format!("ALTER TABLE {written} ADD COLUMN {c} {}", column.ty)),
    )
}

pub(crate) fn rename_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let from = super::names::column(choices, there);
    let from = name(choices, &from.name);
    let to = any_of(choices, &COLUMNS);
    Step::one(
        format!("ALTER TABLE {written} RENAME COLUMN {from} TO {to}"),
        Some(format!("ALTER TABLE {written} RENAME {to} TO {from}")),
    )
}

/// `ALTER COLUMN`.
pub(crate) fn column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = super::names::column(choices, there);
    let c = name(choices, &column.name);
    let (up, down) = match choices.pick(8) {
        0 | 1 => {
            let to = ty(choices, schema);
            let using = if choices.pick(2) == 1 {
                format!(" USING {c}::text::{to}")
            } else {
                String::new()
            };
            (format!("TYPE {to}{using}"), Some(format!("TYPE {}", column.ty)))
        }
        2 => ("SET NOT NULL".to_owned(), Some("DROP NOT NULL".to_owned())),
        3 => ("DROP NOT NULL".to_owned(), Some("SET NOT NULL".to_owned())),
        4 => (format!("SET DEFAULT {}", a_value(&column.ty)), Some("DROP DEFAULT".to_owned())),
        5 => ("DROP DEFAULT".to_owned(), None),
        6 => ("ADD GENERATED ALWAYS AS IDENTITY".to_owned(), Some("DROP IDENTITY".to_owned())),
        _ => ("DROP IDENTITY IF EXISTS".to_owned(), None),
    };
    let alter = |action: String| format!("ALTER TABLE {written} ALTER COLUMN {c} {action}");
    Step::one(alter(up), down.map(alter))
}

pub(crate) fn rename(choices: &mut Choices, schema: &Schema) -> Step {
    const CLASSES: [(&str, &str); 10] = [
        ("TABLE", "table"),
        ("TABLE", "table"),
        ("TABLE", "view"),
        ("INDEX", "index"),
        ("VIEW", "view"),
        ("MATERIALIZED VIEW", "materialized view"),
        ("SEQUENCE", "sequence"),
        ("TYPE", "enum"),
        ("DOMAIN", "domain"),
        ("FUNCTION", "function"),
    ];
    let (class, kind) = CLASSES[choices.pick(CLASSES.len())];
    let from = known(choices, schema, kind);
    let to = any_of(choices, if class == "TABLE" { &TABLES } else { &OTHERS });
    let (schema_of, own) = match from.split_once('.') {
        Some((schema_of, own)) => (format!("{schema_of}."), own),
        None => (String::new(), from.as_str()),
    };
    let (own, arguments) = match own.split_once('(') {
        Some((own, arguments)) => (own, format!("({arguments}")),
        None => (own, String::new()),
    };
    Step::one(
        format!("ALTER {class} {from} RENAME TO {to}"),
        Some(format!("ALTER {class} {schema_of}{to}{arguments} RENAME TO {own}")),
    )
}

/// `ADD CONSTRAINT`, and what can be done with one.
pub(crate) fn constraint(choices: &mut Choices, schema: &Schema) -> Step {
    let known = known(choices, schema, "constraint");
    let (constraint, of) = known.split_once('\n').unwrap_or((&known, "t"));
    match choices.pick(5) {
        0 => {
            Step { up: vec![format!("ALTER TABLE {of} DROP CONSTRAINT {constraint}")], down: None }
        }
        1 => Step {
            up: vec![format!("ALTER TABLE {of} DROP CONSTRAINT {constraint} CASCADE")],
            down: None,
        },
        2 => {
            let to = any_of(choices, &["c", "d", "t_pkey", "t_a_key"]);
            Step::one(
                format!("ALTER TABLE {of} RENAME CONSTRAINT {constraint} TO {to}"),
                Some(format!("ALTER TABLE {of} RENAME CONSTRAINT {to} TO {constraint}")),
            )
        }
        _ => {
            let (written, there) = table(choices, schema);
            let empty = Table { path: String::new(), columns: Vec::new() };
            let added = write::constraint(choices, schema, there.unwrap_or(&empty));
            let named = added.strip_prefix("CONSTRAINT ");
            let down = named.and_then(|named| named.split(' ').next());
            let down = down.map(|named| format!("ALTER TABLE {written} DROP CONSTRAINT {named}"));
            Step::one(format!("ALTER TABLE {written} ADD {added}"), down)
        }
    }
}

/// A value of an enum.
pub(crate) fn value(choices: &mut Choices, schema: &Schema) -> Step {
    let known_value = known(choices, schema, "value");
    let (value, of) = known_value.split_once('\n').unwrap_or((&known_value, "mood"));
    let new = choices.of(&["a", "b", "c", "x y"]);
    match choices.pick(3) {
        0 => Step::one(
            format!("ALTER TYPE {of} RENAME VALUE '{value}' TO '{new}'"),
            Some(format!("ALTER TYPE {of} RENAME VALUE '{new}' TO '{value}'")),
        ),
        place => {
            let of = known(choices, schema, "enum");
            let place = if place == 1 { String::new() } else { format!(" BEFORE '{value}'") };
            let exists = choices.of(&["", "IF NOT EXISTS "]);
            Step::one(format!("ALTER TYPE {of} ADD VALUE {exists}'{new}'{place}"), None)
        }
    }
}

pub(crate) fn comment(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = super::names::column(choices, there);
    let on = match choices.pick(7) {
        0 => format!("TABLE {written}"),
        1 => format!("COLUMN {written}.{}", name(choices, &column.name)),
        2 => format!("INDEX {}", known(choices, schema, "index")),
        3 => format!("VIEW {}", known(choices, schema, "view")),
        4 => format!("FUNCTION {}", known(choices, schema, "function")),
        5 => format!("TRIGGER {}", known(choices, schema, "trigger").replace('\n', " ON ")),
        _ => format!("CONSTRAINT {}", known(choices, schema, "constraint").replace('\n', " ON ")),
    };
    let said = choices.of(&["'x'", "'it''s'", "NULL"]);
    Step::one(format!("COMMENT ON {on} IS {said}"), Some(format!("COMMENT ON {on} IS NULL")))
}

pub(crate) fn schema(choices: &mut Choices, schema: &Schema) -> Step {
    if schema.names("schema").is_empty() {
        return Step::one("CREATE SCHEMA s".to_owned(), Some("DROP SCHEMA s".to_owned()));
    }
    let (from, _) = table(choices, schema);
    let (to, back) = match from.strip_prefix("s.") {
        Some(own) => ("public", format!("ALTER TABLE {own} SET SCHEMA s")),
        None => ("s", format!("ALTER TABLE s.{from} SET SCHEMA public")),
    };
    Step::one(format!("ALTER TABLE {from} SET SCHEMA {to}"), Some(back))
}

/// `ALTER SEQUENCE`.
pub(crate) fn sequence(choices: &mut Choices, schema: &Schema) -> Step {
    let sequence = known(choices, schema, "sequence");
    let (written, there) = table(choices, schema);
    let column = super::names::column(choices, there);
    let c = name(choices, &column.name);
    let down = Some(format!("ALTER SEQUENCE {sequence} OWNED BY NONE"));
    Step::one(format!("ALTER SEQUENCE {sequence} OWNED BY {written}.{c}"), down)
}
