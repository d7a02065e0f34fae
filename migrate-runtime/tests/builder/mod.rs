//! Makes sets from SQL written in tests. A statement ends at a line that ends in `;`, which is
//! all the parsing these need.
#![allow(dead_code, reason = "each test binary uses its part")]
use migrate_runtime::{
    All, Checksum, Dialect, Down, ForeignKeys, Migration, Migrations, Mode, Object, Script,
    Statement, Trace,
};

/// Builds a set; it lives for the rest of the process.
pub(crate) struct Set {
    dialect: Dialect,
    migrations: Vec<Migration<'static>>,
}

impl Set {
    /// For SQLite.
    pub(crate) fn new() -> Self {
        Self::of(Dialect::Sqlite)
    }

    pub(crate) fn of(dialect: Dialect) -> Self {
        Self { dialect, migrations: Vec::new() }
    }

    /// A migration that runs in a transaction.
    pub(crate) fn add(mut self, name: &str, up: &str, down: &str) -> Self {
        self.migrations.push(migration(name, true, up, Down::Script(script(down))));
        self
    }

    /// One that does not.
    pub(crate) fn add_outside(mut self, name: &str, up: &str, down: &str) -> Self {
        self.migrations.push(migration(name, false, up, Down::Script(script(down))));
        self
    }

    /// One without a way back.
    pub(crate) fn add_irreversible(mut self, name: &str, up: &str, reason: &str) -> Self {
        self.migrations.push(migration(name, true, up, Down::Irreversible(leak(reason))));
        self
    }

    pub(crate) fn build(mut self) -> Migrations<'static> {
        self.migrations.sort_by_key(|migration| migration.version);
        Migrations {
            dialect: self.dialect,
            directory: "migrations",
            all: All::of(self.migrations.leak()),
        }
    }
}

fn migration(
    name: &str,
    run_in_transaction: bool,
    up: &str,
    down: Down<'static>,
) -> Migration<'static> {
    let version = name.split('_').next().unwrap_or_default().replace('-', "");
    let (version, name, up) = (leak(&version), leak(name), script(up));
    Migration { version, name, run_in_transaction, up, down }
}

fn script(text: &str) -> Script<'static> {
    let sql = leak(text);
    let words = words(sql);
    let has = |word: &str| words.iter().any(|w| w == word);
    let rebuilds = has("rename") && has("drop") && has("table");
    let changes = has("delete")
        || has("truncate")
        || has("update")
        || has("replace")
        || (has("drop") && has("table"));
    let mut names: Vec<&'static str> = words.iter().map(|word| leak(word)).collect();
    names.sort_unstable();
    names.dedup();
    Script {
        code: None,
        sql,
        checksum: checksum(sql),
        tokens: hash(words.join(" ").bytes(), 0),
        statements: statements(sql).leak(),
        traces: traces(sql).leak(),
        foreign_keys: match (rebuilds, changes) {
            (true, _) => ForeignKeys::Off,
            (false, true) => ForeignKeys::Kept,
            (false, false) => ForeignKeys::Any,
        },
        guard: (changes && !sql.contains("allow(row-loss)")).then(|| &*names.leak()),
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
            statements.push(statement(sql, start, end, line));
        }
        offset += text.len();
    }
    if let Some((start, line)) = begun {
        statements.push(statement(sql, start, sql.trim_end().len(), line));
    }
    statements
}

fn statement(sql: &str, start: usize, end: usize, line: u32) -> Statement {
    let text = sql[start..end].to_lowercase();
    let mode = match text.split_whitespace().next().unwrap_or_default() {
        "begin" => Mode::Begin,
        "commit" | "end" | "rollback" => Mode::Commit,
        "pragma" | "attach" | "set" | "discard" => Mode::Session,
        "vacuum" => Mode::Alone,
        _ if text.contains(" concurrently") => Mode::Once,
        _ if text.starts_with("create temp") => Mode::Temporary,
        _ => Mode::Normal,
    };
    Statement { start: start as u32, end: end as u32, line, column: 1, mode }
}

/// Of indexes that are made and dropped concurrently.
fn traces(sql: &str) -> Vec<Trace> {
    (0..)
        .zip(statements(sql))
        .filter(|(_, statement)| statement.mode == Mode::Once)
        .filter_map(|(at, statement)| {
            let (start, end) = (statement.start as usize, statement.end as usize);
            let words: Vec<&str> = sql[start..end].split(['(', ' ', '\n']).collect();
            let place = |word: &str| {
                let start = (word.as_ptr() as usize - sql.as_ptr() as usize) as u32;
                (start, start + word.len() as u32)
            };
            let is = |word: &str, words: &[&str]| {
                words.iter().any(|other| word.eq_ignore_ascii_case(other))
            };
            let behind = |word: &str| {
                let mut rest = words.iter().skip_while(|w| !is(w, &[word])).skip(1);
                rest.find(|w| !is(w, &["if", "not", "exists", ""])).map(|word| place(word))
            };
            let exists = is(words[0], &["create"]);
            let (name, table) = (behind("concurrently")?, behind("on").unwrap_or_default());
            is("index", &words).then_some(Trace {
                statement: at,
                object: Object::Index,
                exists,
                name,
                table,
            })
        })
        .collect()
}

/// The words of a text, lower case, comments left out.
fn words(sql: &str) -> Vec<String> {
    let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn checksum(sql: &str) -> Checksum {
    let mut bytes = [0; 32];
    for (seed, part) in (1..).zip(bytes.chunks_exact_mut(8)) {
        part.copy_from_slice(&hash(sql.bytes().filter(|b| *b != b'\r'), seed).to_le_bytes());
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
