//! What the verifier says of a history.

use std::path::PathBuf;
use std::sync::Arc;

use migrate_build::catalog::{Application, Catalog};
use migrate_build::layout::{Directory, Entry, Settings};
use migrate_build::lock::Lock;
use migrate_build::{Cache, Levels, Server, Source, Verdict, Version, sql, verify_directory};

use super::Migration;

/// The verdicts of migrations.
pub(super) fn verdicts(server: Server, migrations: &[Migration]) -> Vec<Verdict> {
    let entries = migrations.iter().map(|migration| Entry {
        version: Version::of_directory(&migration.name),
        name: migration.name.clone(),
        shown: PathBuf::from(&migration.name),
        up: Arc::clone(&migration.up),
        down: migration.down.clone(),
        down_refused: false,
        settings: Settings::default(),
    });
    let shown = PathBuf::from("migrations");
    let (path, entries, findings) = (shown.clone(), entries.collect(), Vec::new());
    let directory = Directory { path, shown, entries, findings, lock: Lock::default() };
    let report = verify_directory(directory, server, &Levels::default(), &mut Cache::default());
    let report = report.expect("every parser is there");
    report.migrations.into_iter().map(|migration| migration.verdict).collect()
}

/// Applies a script to a catalog, or leaves the catalog as it was.
///
/// # Errors
/// What is wrong with it.
pub(super) fn apply(
    server: Server,
    catalog: &mut Catalog,
    script: &Arc<Source>,
) -> Result<(), String> {
    let mut findings = Vec::new();
    let parser = sql::parser(server.dialect).expect("every parser is there");
    let parsed = parser.parse(script, server.version, &mut findings);
    let mark = catalog.mark();
    let mut problems = Vec::new();
    let mut application = Application::new(catalog, script);
    for statement in &parsed.statements {
        let found = application.statement(statement).into_iter();
        problems.extend(
            found.map(|found| format!("{:?}, in: {}", found.kind, script.slice(statement.span))),
        );
    }
    if parsed.statements.len() < parsed.count {
        problems.extend(findings.first().map(|finding| finding.message.clone()));
    }
    if problems.is_empty() {
        return Ok(());
    }
    catalog.rewind(mark);
    Err(problems.join("; "))
}
