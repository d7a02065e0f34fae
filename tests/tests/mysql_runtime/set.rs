//! Sets of migrations from SQL written in tests, as the verifier would have made them: which
//! statements are about the schema, and what those leave behind.

use migrate_runtime::{
    All, Checksum, Dialect, Down, ForeignKeys, Migration, Migrations, Mode, Object, Script,
    Statement, Trace,
};

/// Builds a set; it lives for the rest of the process.
#[derive(Default)]
pub(crate) struct Set(Vec<Migration<'static>>);

impl Set {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With a migration: its directory, and statements that each end at a line that ends in `;`.
    pub(crate) fn add(mut self, name: &str, up: &str, down: &str) -> Self {
        let version = name.split('_').next().unwrap().replace('-', "");
        self.0.push(Migration {
            version: leak(&version),
            name: leak(name),
            run_in_transaction: true,
            up: script(up),
            down: Down::Script(script(down)),
        });
        self
    }

    pub(crate) fn build(self) -> Migrations<'static> {
        let all = All::of(self.0.leak());
        Migrations { dialect: Dialect::Mysql, directory: "migrations", all }
    }
}

/// One migration that cannot be reverted.
pub(crate) fn one(up: &str) -> Migrations<'static> {
    Set::new().add("1_one", up, "DROP TABLE nothing;").build()
}

fn script(text: &str) -> Script<'static> {
    let sql = leak(text);
    let statements = statements(sql);
    let traces: Vec<Trace> = (0..)
        .zip(&statements)
        .filter(|(_, statement)| statement.mode == Mode::Once)
        .flat_map(|(at, statement)| traces(sql, at, statement))
        .collect();
    let words: Vec<String> =
        words(sql, 0, sql.len()).map(|(word, _)| word.to_lowercase()).collect();
    let deletes = words.iter().any(|w| ["delete", "update", "replace"].contains(&w.as_str()));
    let mut names: Vec<&'static str> = words.iter().map(|word| leak(word)).collect();
    names.sort_unstable();
    names.dedup();
    Script {
        sql,
        checksum: checksum(sql),
        tokens: hash(words.join(" ").bytes(), 0),
        statements: statements.leak(),
        traces: traces.leak(),
        foreign_keys: ForeignKeys::Any,
        guard: (deletes && !sql.contains("allow(row-loss)")).then(|| &*names.leak()),
    }
}

fn statements(sql: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut begun: Option<(usize, u32)> = None;
    let mut offset = 0;
    for (line, text) in (1..).zip(sql.split_inclusive('\n')) {
        let is_code = !text.trim().is_empty() && !text.trim_start().starts_with("--");
        if begun.is_none() && is_code {
            begun = Some((offset, line));
        }
        let code = text.trim_end();
        if code.ends_with(';')
            && let Some((start, line)) = begun.take()
        {
            let end = offset + code.len() - 1;
            let mode = mode(&sql[start..end]);
            let (start, end) = (start as u32, end as u32);
            statements.push(Statement { start, end, line, column: 1, mode });
        }
        offset += text.len();
    }
    assert!(begun.is_none(), "a statement without its semicolon: {sql}");
    statements
}

fn mode(statement: &str) -> Mode {
    match statement.split_whitespace().next().unwrap().to_lowercase().as_str() {
        "set" | "use" => Mode::Session,
        "analyze" | "optimize" => Mode::Alone,
        "alter" | "create" | "drop" | "rename" | "truncate" => Mode::Once,
        _ => Mode::Normal,
    }
}

/// What the statements that these tests use leave behind.
fn traces(sql: &str, at: u32, statement: &Statement) -> Vec<Trace> {
    let words: Vec<(&str, (u32, u32))> =
        words(sql, statement.start as usize, statement.end as usize).collect();
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
        ["alter", "table", _, "add", "column", ..] => {
            vec![trace(Object::Column, true, 5, Some(2))]
        }
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

/// The words of a part of a text, names with their quotes and schema, and where they stand.
fn words(sql: &str, start: usize, end: usize) -> impl Iterator<Item = (&str, (u32, u32))> {
    let is_part = |c: char| c.is_alphanumeric() || "_`.".contains(c);
    sql[start..end].split(move |c: char| !is_part(c)).filter(|word| !word.is_empty()).map(
        move |word| {
            let start = word.as_ptr() as usize - sql.as_ptr() as usize;
            (word, (start as u32, (start + word.len()) as u32))
        },
    )
}

fn checksum(sql: &str) -> Checksum {
    let mut bytes = [0; 32];
    for (seed, part) in (1..).zip(bytes.chunks_exact_mut(8)) {
        part.copy_from_slice(&hash(sql.bytes(), seed).to_le_bytes());
    }
    Checksum(bytes)
}

fn hash(bytes: impl Iterator<Item = u8>, seed: u64) -> u64 {
    bytes
        .fold(0xcbf2_9ce4_8422_2325 ^ seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}
