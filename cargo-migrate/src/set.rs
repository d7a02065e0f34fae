//! From a report to the set that the runner takes: the same data that a release binary carries.

use migrate_build as build;
use migrate_build::layout::Directory;
use migrate_build::{Report, Server};
use migrate_runtime as runtime;
use migrate_runtime::{All, History, Migration, Migrations, Statement, Trace};

use crate::failure::Failure;

/// What a script's borrowed form refers to.
struct Parts<'r> {
    statements: Vec<Statement>,
    traces: Vec<Trace>,
    names: Option<Vec<&'r str>>,
}

/// Whether a migration is written in Rust, which only the package's own program can run.
pub(crate) fn has_code(report: &Report) -> bool {
    report.migrations.iter().any(|migration| migration.up.is_rust())
}

/// Calls `work` with the set of a report.
///
/// # Errors
/// What `work` returns.
pub(crate) fn with_set<T>(
    report: &Report,
    work: impl FnOnce(&Migrations<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let dialect = dialect(report.server);
    let parts: Vec<(Parts<'_>, Option<Parts<'_>>)> = report
        .migrations
        .iter()
        .map(|migration| {
            let down = match &migration.down {
                build::Down::Script(script) => Some(Parts::of(script)),
                _ => None,
            };
            (Parts::of(&migration.up), down)
        })
        .collect();
    let all: Vec<Migration<'_>> = report
        .migrations
        .iter()
        .zip(&parts)
        .map(|(migration, (up, down))| Migration {
            version: migration.version.as_str(),
            name: &migration.name,
            run_in_transaction: migration.settings.run_in_transaction,
            up: up.script(&migration.up),
            down: way_back(&migration.down, down.as_ref()),
        })
        .collect();
    let directory = report.shown.to_string_lossy();
    work(&Migrations { dialect, directory: &directory, all: All::of(&all) })
}

/// Calls `work` with what the files of a directory are compared by, and no more: they are not verified.
///
/// # Errors
/// What `work` returns, and when a script that was edited cannot be read.
pub(crate) fn with_files<T>(
    directory: &Directory,
    server: Server,
    history: &History,
    work: impl FnOnce(&Migrations<'_>) -> T,
) -> Result<T, Failure> {
    let mut all = Vec::with_capacity(directory.entries.len());
    for entry in &directory.entries {
        let up = file(&entry.up);
        let applied = history.get(entry.version.as_str());
        let recorded = applied.and_then(|applied| applied.record.as_ref()?.checksum);
        // What differs may differ in comments alone.
        let is_edited = recorded.is_some_and(|recorded| recorded != up.checksum);
        let tokens = if is_edited { build::tokens_of(&entry.up, server)? } else { 0 };
        all.push(Migration {
            version: entry.version.as_str(),
            name: &entry.name,
            run_in_transaction: entry.settings.run_in_transaction,
            up: runtime::Script { tokens, ..up },
            down: match &entry.down {
                Some(down) => runtime::Down::Script(file(down)),
                None => runtime::Down::Irreversible(""),
            },
        });
    }
    let shown = directory.shown.to_string_lossy();
    Ok(work(&Migrations { dialect: dialect(server), directory: &shown, all: All::of(&all) }))
}

/// A script of which the text is known.
fn file(source: &build::Source) -> runtime::Script<'_> {
    runtime::Script {
        sql: source.text(),
        code: None,
        checksum: runtime::Checksum(build::Checksum::of(source.text()).0),
        tokens: 0,
        statements: &[],
        traces: &[],
        foreign_keys: runtime::ForeignKeys::Any,
        guard: None,
    }
}

fn dialect(server: Server) -> runtime::Dialect {
    match server.dialect {
        build::Dialect::Sqlite => runtime::Dialect::Sqlite,
        build::Dialect::Postgres => runtime::Dialect::Postgres,
        build::Dialect::Mysql => runtime::Dialect::Mysql,
    }
}

fn way_back<'p>(down: &'p build::Down, parts: Option<&'p Parts<'_>>) -> runtime::Down<'p> {
    match (down, parts) {
        (build::Down::Script(script), Some(parts)) => runtime::Down::Script(parts.script(script)),
        (build::Down::Irreversible(reason), _) => runtime::Down::Irreversible(reason),
        _ => runtime::Down::Irreversible("there is no `down.sql`"),
    }
}

impl<'r> Parts<'r> {
    fn of(script: &'r build::Script) -> Self {
        let statements = script.facts.statements.iter().map(|unit| statement(script, *unit));
        Self {
            statements: statements.collect(),
            traces: script.facts.traces.iter().map(|(at, trace)| self::trace(*at, trace)).collect(),
            names: script.facts.guard.as_ref().map(|n| n.iter().map(String::as_str).collect()),
        }
    }

    fn script<'p>(&'p self, script: &'p build::Script) -> runtime::Script<'p> {
        runtime::Script {
            sql: script.source.text(),
            code: script.is_rust().then_some(runtime::Code::Elsewhere),
            checksum: runtime::Checksum(script.checksum.0),
            tokens: script.facts.tokens,
            statements: &self.statements,
            traces: &self.traces,
            foreign_keys: match script.facts.foreign_keys {
                build::ForeignKeys::Any => runtime::ForeignKeys::Any,
                build::ForeignKeys::Kept => runtime::ForeignKeys::Kept,
                build::ForeignKeys::Off => runtime::ForeignKeys::Off,
            },
            guard: self.names.as_deref(),
        }
    }
}

fn statement(script: &build::Script, unit: build::Unit) -> Statement {
    let at = script.source.location(unit.span.start);
    Statement {
        start: unit.span.start,
        end: unit.span.end,
        line: at.line,
        column: at.column,
        mode: match unit.mode {
            build::Mode::Normal => runtime::Mode::Normal,
            build::Mode::Alone => runtime::Mode::Alone,
            build::Mode::Once => runtime::Mode::Once,
            build::Mode::Session => runtime::Mode::Session,
            build::Mode::Temporary => runtime::Mode::Temporary,
            build::Mode::Begin => runtime::Mode::Begin,
            build::Mode::Commit => runtime::Mode::Commit,
        },
    }
}

fn trace(statement: u32, trace: &build::Trace) -> Trace {
    let table = trace.table.unwrap_or_default();
    Trace {
        statement,
        object: match trace.object {
            build::Object::Relation => runtime::Object::Relation,
            build::Object::Column => runtime::Object::Column,
            build::Object::Index => runtime::Object::Index,
            build::Object::Constraint => runtime::Object::Constraint,
            build::Object::Trigger => runtime::Object::Trigger,
            build::Object::Procedure => runtime::Object::Procedure,
            build::Object::Function => runtime::Object::Function,
            build::Object::Event => runtime::Object::Event,
            build::Object::Database => runtime::Object::Database,
        },
        exists: trace.exists,
        name: (trace.name.start, trace.name.end),
        table: (table.start, table.end),
    }
}
