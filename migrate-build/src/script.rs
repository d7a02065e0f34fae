//! Reading a script, in whatever language it is written.

use std::sync::Arc;

use crate::check::Role;
use crate::diagnostic::Diagnostic;
use crate::rust;
use crate::server::Server;
use crate::source::Source;
use crate::sql::{DirectiveKind, Effect, Parsed, Parser};

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

/// Every name in a script that may be a table's.
pub(crate) fn names(parser: &dyn Parser, source: &Source) -> Vec<String> {
    if rust::is_rust(source) { rust::names(source.text()) } else { parser.names(source.text()) }
}
