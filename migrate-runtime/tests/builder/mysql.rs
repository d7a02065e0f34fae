//! Which statements of MySQL are about the schema, and what those leave behind.
use migrate_runtime::{Mode, Object, Statement, Trace};

/// `text` is in lower case.
pub(super) fn mode(text: &str) -> Mode {
    match text.split_whitespace().next().unwrap_or_default() {
        "set" | "use" => Mode::Session,
        "analyze" | "optimize" => Mode::Alone,
        "alter" | "create" | "drop" | "rename" | "truncate" => Mode::Once,
        _ => Mode::Normal,
    }
}

pub(super) fn traces(sql: &str, at: u32, statement: &Statement) -> Vec<Trace> {
    let words = words(sql, statement);
    let lower: Vec<String> = words.iter().map(|(word, _)| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let trace = |object, exists, name: usize, table: Option<usize>| Trace {
        statement: at,
        object,
        exists,
        name: words[name].1,
        table: table.map_or((0, 0), |table| words[table].1),
    };
    match lower[..] {
        ["create", "table" | "view", ..] => vec![trace(Object::Relation, true, 2, None)],
        ["drop", "table", ..] => {
            (2..words.len()).map(|name| trace(Object::Relation, false, name, None)).collect()
        }
        ["create", "index", ..] => vec![trace(Object::Index, true, 2, Some(4))],
        ["alter", "table", _, "add", "column", ..] => vec![trace(Object::Column, true, 5, Some(2))],
        ["alter", "table", _, "drop", "column", ..] => {
            vec![trace(Object::Column, false, 5, Some(2))]
        }
        ["alter", "table", _, "add", "constraint", ..] => {
            vec![trace(Object::Constraint, true, 5, Some(2))]
        }
        ["create", "trigger", ..] => vec![trace(Object::Trigger, true, 2, None)],
        ["create", "procedure", ..] => vec![trace(Object::Procedure, true, 2, None)],
        ["create", "function", ..] => vec![trace(Object::Function, true, 2, None)],
        ["create", "event", ..] => vec![trace(Object::Event, true, 2, None)],
        ["create", "database", ..] => vec![trace(Object::Database, true, 2, None)],
        _ => Vec::new(),
    }
}

/// The words of a statement, names with their quotes and schema, and where they stand.
fn words<'a>(sql: &'a str, statement: &Statement) -> Vec<(&'a str, (u32, u32))> {
    let is_part = |c: char| c.is_alphanumeric() || "_`.".contains(c);
    sql[statement.start as usize..statement.end as usize]
        .split(|c: char| !is_part(c))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let start = (word.as_ptr() as usize - sql.as_ptr() as usize) as u32;
            (word, (start, start + word.len() as u32))
        })
        .collect()
}
