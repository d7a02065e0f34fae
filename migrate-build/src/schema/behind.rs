//! The schema behind the migrations of a report.

use std::sync::Arc;

use super::{Schema, UNKNOWN_SCHEMA};
use crate::cache::Cache;
use crate::catalog::{Application, Catalog};
use crate::check::Role;
use crate::court;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::rust;
use crate::script;
use crate::server::Server;
use crate::source::{Source, Span};
use crate::sql::{self, Parser};
use crate::verify::{Migration, Report};

impl Schema {
    /// The schema behind all migrations of a report. Where the cache has kept it, no script is read
    /// again.
    ///
    /// # Errors
    /// When the dialect's parser is not compiled in.
    pub fn behind(report: &Report, cache: &Cache) -> Result<Self, Error> {
        let last = report.migrations.last().map(|migration| Arc::clone(&migration.up.source));
        if let Some(catalog) = court::kept(report, cache) {
            return Ok(Self { catalog, server: report.server, unknown: None, last });
        }
        let parser = sql::parser(report.server.dialect)?;
        let Server { dialect, version } = report.server;
        let mut catalog = Catalog::new(dialect).on(version);
        let mut unknown = None;
        for migration in &report.migrations {
            let said = apply(&mut catalog, parser, migration, report.server);
            unknown = unknown.or(said.map(Box::new));
            catalog.settle();
        }
        Ok(Self { catalog, server: report.server, unknown, last })
    }
}

/// Applies `up.sql`; why it is not known what has become of the schema, if it is not.
fn apply(
    catalog: &mut Catalog,
    parser: &dyn Parser,
    migration: &Migration,
    server: Server,
) -> Option<Diagnostic> {
    let source = &migration.up.source;
    let mut findings = Vec::new();
    let parsed = script::parse(parser, server, source, Role::Up, &mut findings);
    if parsed.statements.len() != parsed.count {
        return Some(at(source, Span::default(), "a statement cannot be read"));
    }
    let mut application = Application::new(catalog, source);
    for statement in &parsed.statements {
        let problems = application.statement(statement);
        if !problems.is_empty() {
            return Some(at(source, statement.span, "the statement cannot be applied"));
        }
        let why = application.take_unclear();
        if let Some(why) = why.filter(|_| application.catalog().opaque().is_some()) {
            return Some(at(source, statement.span, why));
        }
    }
    None
}

fn at(source: &Arc<Source>, statement: Span, why: &str) -> Diagnostic {
    let message = "what the migrations make is not known from here on";
    Diagnostic::new(&UNKNOWN_SCHEMA, message).at(source, rust::shown(source, statement), why)
}
