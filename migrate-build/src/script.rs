//! Reading a script, in whatever language it is written.

use std::sync::Arc;

use crate::check::Role;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::rust;
use crate::server::Server;
use crate::source::Source;
use crate::sql::{self, DirectiveKind, Effect, Parsed, Parser};

/// Reads a script for a server. What is wrong with it goes to `findings`.
pub(crate) fn parse(
    parser: &dyn Parser,
    server: Server,
    source: &Arc<Source>,
    role: Role,
    findings: &mut Vec<Diagnostic>,
) -> Parsed {
    if rust::is_rust(source) {
        return rust::parse(source, server.dialect, role, findings);
    }
    let mut parsed = parser.parse(source, server.version, findings);
    let keeps_schema = |kind: &DirectiveKind| *kind == DirectiveKind::AssumeRowsOnly;
    if parsed.directives.iter().any(|told| keeps_schema(&told.kind)) {
        for statement in &mut parsed.statements {
            if let Effect::Opaque(_) = statement.effect {
                statement.effect = Effect::None;
            }
        }
    }
    parsed
}

/// A hash over all that is read of a script: equal where only comments and white space differ.
///
/// # Errors
/// When the dialect's parser is not compiled in.
pub fn tokens_of(source: &Arc<Source>, server: Server) -> Result<u64, Error> {
    let parser = sql::parser(server.dialect)?;
    Ok(parse(parser, server, source, Role::Up, &mut Vec::new()).tokens)
}

/// Every name in a script that may be a table's.
pub(crate) fn names(parser: &dyn Parser, source: &Source) -> Vec<String> {
    if rust::is_rust(source) { rust::names(source.text()) } else { parser.names(source.text()) }
}
