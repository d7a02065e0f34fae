//! SQL out of choices: few names, so that they meet.

use migrate_tests::histories::{Choices, Step};

use super::schema::{Schema, Table};

const TABLES: [&str; 6] = ["t", "u", "w", "a", "order", "Odd one"];
const COLUMNS: [&str; 7] = ["a", "b", "c", "id", "key", "end", "x y"];
const TYPES: [&str; 6] = ["INT", "TEXT", "INTEGER", "VARCHAR (20)", "", "BLOB"];
const OTHERS: [&str; 4] = ["i", "v", "a", "t2"];

/// A name as somebody may write it.
pub(crate) fn name(choices: &mut Choices, name: &str) -> String {
    let is_plain =
        name.chars().all(|c| c.is_ascii_alphanumeric()) && !["order", "end"].contains(&name);
    match choices.pick(8) {
        0 => format!("\"{name}\""),
        1 => format!("[{name}]"),
        2 => format!("`{name}`"),
        3 if is_plain => name.to_uppercase(),
        _ if is_plain => name.to_owned(),
        _ => format!("\"{name}\""),
    }
}

/// One of these names, as somebody may write it.
fn any_of(choices: &mut Choices, these: &[&str]) -> String {
    let one = choices.of(these);
    name(choices, one)
}

/// The next step.
pub(crate) fn step(choices: &mut Choices, schema: &Schema) -> Step {
    match choices.pick(20) {
        0..=3 => create_table(choices, schema),
        4 => drop(choices, "TABLE", &schema.names("table")),
        5 | 6 => add_column(choices, schema),
        7 | 8 => rename_column(choices, schema),
        9 => drop_column(choices, schema),
        10 | 11 => rename_table(choices, schema),
        12 => create_index(choices, schema),
        13 => create_view(choices, schema),
        14 => create_trigger(choices, schema),
        15 => {
            let class = choices.of(&["INDEX", "VIEW", "TRIGGER"]);
            drop(choices, class, &schema.names(&class.to_lowercase()))
        }
        16 => create_as(choices, schema),
        17 | 18 => rebuild(choices, schema),
        _ => rows(choices, schema),
    }
}

/// A table that is there, mostly.
fn table<'s>(choices: &mut Choices, schema: &'s Schema) -> (String, Option<&'s Table>) {
    if schema.tables.is_empty() || choices.pick(20) == 1 {
        return (any_of(choices, &TABLES), None);
    }
    let table = &schema.tables[choices.pick(schema.tables.len())];
    (name(choices, &table.name), Some(table))
}

/// A column that is there, mostly, as it is called.
fn column(choices: &mut Choices, table: Option<&Table>) -> String {
    match table {
        Some(table) if !table.columns.is_empty() && choices.pick(20) != 1 => {
            table.columns[choices.pick(table.columns.len())].clone()
        }
        _ => choices.of(&COLUMNS).to_owned(),
    }
}

fn expression(choices: &mut Choices, table: Option<&Table>) -> String {
    let plain = column(choices, table);
    let column = name(choices, &plain);
    match choices.pick(7) {
        0 => format!("{column} > 0"),
        1 => format!("length({column}) + abs (1)"),
        2 => format!("{column} IS NOT NULL"),
        3 => format!("{column} <> '{plain}'"),
        4 => format!("CASE WHEN {column} THEN 1 ELSE 0 END"),
        5 => format!("{column} COLLATE nocase = CAST({column} AS TEXT)"),
        _ => format!("({column}) IN (1, 2)"),
    }
}

fn create_table(choices: &mut Choices, schema: &Schema) -> Step {
    let called = choices.of(&TABLES);
    let written = name(choices, called);
    let body = table_body(choices, schema, called);
    let exists = if choices.pick(8) == 1 { "IF NOT EXISTS " } else { "" };
    let options = match choices.pick(10) {
        1 => " WITHOUT ROWID",
        2 => " STRICT",
        _ => "",
    };
    let temporary = if choices.pick(30) == 1 { "TEMP " } else { "" };
    let up = format!("CREATE {temporary}TABLE {exists}{written} ({body}){options}");
    let there = schema.has(called);
    Step::one(up, (!there).then(|| format!("DROP TABLE {written}")))
}

fn table_body(choices: &mut Choices, schema: &Schema, called: &str) -> String {
    let count = 1 + choices.pick(4);
    let start = choices.pick(COLUMNS.len());
    let columns = (0..count).map(|n| COLUMNS[(start + n) % COLUMNS.len()].to_owned()).collect();
    let own = Table { name: called.to_owned(), columns };
    let mut parts = Vec::new();
    for (n, column) in own.columns.iter().enumerate() {
        let mut part = format!("{} {}", name(choices, column), choices.of(&TYPES));
        part.push_str(&properties(choices, schema, &own, n == 0));
        parts.push(part);
    }
    match choices.pick(8) {
        1 => parts.push(format!("CHECK ({})", expression(choices, Some(&own)))),
        2 => {
            let column = column(choices, Some(&own));
            parts.push(format!("CONSTRAINT uq UNIQUE ({})", name(choices, &column)));
        }
        3 => {
            let column = column(choices, Some(&own));
            let column = name(choices, &column);
            let (target, _) = table(choices, schema);
            parts.push(format!("FOREIGN KEY ({column}) REFERENCES {target} ON DELETE CASCADE"));
        }
        4 => {
            let columns: Vec<String> =
                own.columns.iter().map(|column| name(choices, column)).collect();
            parts.push(format!("UNIQUE ({})", columns.join(", ")));
        }
        _ => {}
    }
    parts.join(", ")
}

fn properties(choices: &mut Choices, schema: &Schema, own: &Table, first: bool) -> String {
    match choices.pick(14) {
        0 if first => " PRIMARY KEY".to_owned(),
        1 => " NOT NULL DEFAULT 'x'".to_owned(),
        2 => " UNIQUE".to_owned(),
        3 => format!(" CHECK ({})", expression(choices, Some(own))),
        4 => " COLLATE NOCASE".to_owned(),
        5 => {
            let (target, there) = table(choices, schema);
            let column = column(choices, there);
            format!(" REFERENCES {target} ({}) ON UPDATE SET NULL", name(choices, &column))
        }
        6 if !first => {
            let before = name(choices, &own.columns[0]);
            format!(" AS ({before} + 1) STORED")
        }
        7 => " DEFAULT (1 + 2)".to_owned(),
        _ => String::new(),
    }
}

fn drop(choices: &mut Choices, class: &str, names: &[String]) -> Step {
    let known = if names.is_empty() || choices.pick(10) == 1 {
        choices.of(&TABLES).to_owned()
    } else {
        names[choices.pick(names.len())].clone()
    };
    let exists = if choices.pick(5) == 1 { "IF EXISTS " } else { "" };
    Step::one(format!("DROP {class} {exists}{}", name(choices, &known)), None)
}

fn add_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let called = choices.of(&COLUMNS);
    let column = name(choices, called);
    let ty = choices.of(&TYPES);
    let empty = Table { name: String::new(), columns: vec![called.to_owned()] };
    let properties = properties(choices, schema, there.unwrap_or(&empty), true);
    Step::one(
        format!("ALTER TABLE {written} ADD COLUMN {column} {ty}{properties}"),
        Some(format!("ALTER TABLE {written} DROP COLUMN {column}")),
    )
}

fn rename_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let from = column(choices, there);
    let from = name(choices, &from);
    let to = any_of(choices, &COLUMNS);
    Step::one(
        format!("ALTER TABLE {written} RENAME COLUMN {from} TO {to}"),
        Some(format!("ALTER TABLE {written} RENAME {to} TO {from}")),
    )
}

fn drop_column(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = name(choices, &column);
    let back = (choices.pick(2) == 0).then(|| format!("ALTER TABLE {written} ADD {column} INT"));
    Step::one(format!("ALTER TABLE {written} DROP COLUMN {column}"), back)
}

fn rename_table(choices: &mut Choices, schema: &Schema) -> Step {
    let (from, _) = table(choices, schema);
    let to = any_of(choices, &TABLES);
    Step::one(
        format!("ALTER TABLE {from} RENAME TO {to}"),
        Some(format!("ALTER TABLE {to} RENAME TO {from}")),
    )
}

fn create_index(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let part = if choices.pick(4) == 1 {
        expression(choices, there)
    } else {
        let column = column(choices, there);
        let is_there = there.is_some_and(|table| table.columns.contains(&column));
        // In double quotes SQLite takes a name that is not there for a text; we do not.
        let column = if is_there { name(choices, &column) } else { format!("[{column}]") };
        format!("{column} {}", choices.of(&["", "DESC", "ASC", "COLLATE rtrim"]))
    };
    let predicate = match choices.pick(4) {
        1 => format!(" WHERE {}", expression(choices, there)),
        _ => String::new(),
    };
    let unique = choices.of(&["", "UNIQUE "]);
    let index = any_of(choices, &OTHERS);
    Step::one(
        format!("CREATE {unique}INDEX {index} ON {written} ({part}){predicate}"),
        Some(format!("DROP INDEX {index}")),
    )
}

fn create_view(choices: &mut Choices, schema: &Schema) -> Step {
    let (one_table, there) = table(choices, schema);
    let (other, other_there) = table(choices, schema);
    // In double quotes SQLite takes a column that is dropped for a text; we do not.
    let (c, d) = (column(choices, there), column(choices, other_there));
    let (c, d) = (format!("[{c}]"), format!("[{d}]"));
    let query = match choices.pick(13) {
        0 => format!("SELECT {c} FROM {one_table}"),
        1 => format!("SELECT x.{c} AS {d} FROM {one_table} AS x"),
        2 => format!("SELECT {c} FROM {one_table} WHERE EXISTS (SELECT 1 FROM {other})"),
        3 => format!("SELECT * FROM {one_table}"),
        4 => format!("WITH z AS (SELECT {c} FROM {one_table}) SELECT * FROM z"),
        5 => format!("SELECT x.{c}, y.{d} FROM {one_table} x JOIN {other} y"),
        // No column is called so: who compares takes no notice of quotes.
        6 => format!("SELECT {one_table}.{c} z FROM {one_table} WHERE {c} = 'odd'"),
        7 => "SELECT * FROM v".to_owned(),
        8 => format!("SELECT {c} FROM {one_table} WHERE {c} IN {other}"),
        9 => format!("SELECT {one_table}.*, y.{d} AS {c} FROM {one_table}, {other} AS y"),
        10 => format!("SELECT {c} FROM {one_table} UNION SELECT {d} FROM {other} ORDER BY 1"),
        11 => format!(
            "SELECT {c} FROM {one_table} GROUP BY {c} HAVING count(*) > (SELECT {d} FROM {other})"
        ),
        _ => format!("SELECT {d} FROM (SELECT {c} AS {d} FROM {one_table})"),
    };
    let view = any_of(choices, &OTHERS);
    let columns = if choices.pick(8) == 1 { " (n)" } else { "" };
    Step::one(format!("CREATE VIEW {view}{columns} AS {query}"), Some(format!("DROP VIEW {view}")))
}

fn create_trigger(choices: &mut Choices, schema: &Schema) -> Step {
    let (own, there) = table(choices, schema);
    let (other, other_there) = table(choices, schema);
    // In double quotes SQLite takes a column that is dropped for a text; we do not.
    let (c, d) = (column(choices, there), column(choices, other_there));
    let (c, d) = (format!("[{c}]"), format!("[{d}]"));
    let head_and_body = match choices.pick(8) {
        0 => format!("AFTER INSERT ON {own} BEGIN UPDATE {other} SET {d} = NEW.{c}; END"),
        1 => format!(
            "BEFORE UPDATE OF {c} ON {own} WHEN new.{c} > 0 BEGIN \
             INSERT INTO {other} ({d}) VALUES (old.{c}); END"
        ),
        2 => format!(
            "INSTEAD OF DELETE ON v BEGIN DELETE FROM {other} WHERE {d} = (SELECT {c} FROM {own}); END"
        ),
        3 => format!("AFTER DELETE ON {own} BEGIN SELECT 1; END"),
        4 => format!(
            "AFTER UPDATE ON {own} BEGIN INSERT INTO {other} ({d}) SELECT {c} FROM {own} WHERE {c} = \
             NEW.{c}; UPDATE {own} SET {c} = (SELECT max({d}) FROM {other}) WHERE rowid = OLD.rowid; END"
        ),
        5 => format!(
            "AFTER INSERT ON {own} BEGIN INSERT INTO {other} ({d}) VALUES (NEW.{c}) \
             ON CONFLICT ({d}) DO UPDATE SET {d} = excluded.{d} + 1; END"
        ),
        6 => format!("AFTER DELETE ON {own} BEGIN DELETE FROM {own} WHERE {c} = OLD.{c}; END"),
        _ => format!("AFTER INSERT ON {own} BEGIN INSERT INTO {other} SELECT * FROM {own}; END"),
    };
    let trigger = any_of(choices, &OTHERS);
    Step::one(
        format!("CREATE TRIGGER {trigger} {head_and_body}"),
        Some(format!("DROP TRIGGER {trigger}")),
    )
}

fn create_as(choices: &mut Choices, schema: &Schema) -> Step {
    let (from, there) = table(choices, schema);
    let column = column(choices, there);
    let called = any_of(choices, &TABLES);
    let what = if choices.pick(2) == 0 { "*".to_owned() } else { name(choices, &column) };
    Step::one(
        format!("CREATE TABLE {called} AS SELECT {what} FROM {from}"),
        Some(format!("DROP TABLE {called}")),
    )
}

/// SQLite's way to change what `ALTER TABLE` cannot.
fn rebuild(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let called = there.map_or("t", |table| table.name.as_str());
    let body = table_body(choices, schema, called);
    let mut up = vec![format!("CREATE TABLE new_one ({body})")];
    if choices.pick(2) == 1 {
        up.push("INSERT INTO new_one SELECT * FROM new_one".to_owned());
    }
    up.push(format!("DROP TABLE {written}"));
    up.push(format!("ALTER TABLE new_one RENAME TO {written}"));
    Step { up, down: None }
}

fn rows(choices: &mut Choices, schema: &Schema) -> Step {
    let (written, there) = table(choices, schema);
    let column = column(choices, there);
    let column = name(choices, &column);
    let up = match choices.pick(5) {
        0 => format!("UPDATE {written} SET {column} = NULL WHERE {column} > 1"),
        1 => format!("DELETE FROM {written} WHERE {column} = 'x'"),
        2 => format!("SELECT {column} FROM {written}"),
        3 => format!("INSERT INTO {written} ({column}) SELECT {column} FROM {written}"),
        _ => "PRAGMA foreign_keys = OFF".to_owned(),
    };
    Step { up: vec![up], down: Some(Vec::new()) }
}
