//! Definitions, as a server gives them, made into a catalog.

use std::sync::Arc;

use super::super::{Application, Catalog};
use super::Unread;
use crate::server::ServerVersion;
use crate::source::Source;
use crate::sql::Parser;

/// Applies definitions to a catalog, each as a script of its own; those that could not be followed.
/// What stands on something that comes behind it is tried again.
pub(super) fn apply(
    catalog: &mut Catalog,
    parser: &dyn Parser,
    version: Option<ServerVersion>,
    from: &str,
    definitions: impl IntoIterator<Item = String>,
) -> Vec<Unread> {
    let mut unread = Vec::new();
    let mut left: Vec<String> = definitions.into_iter().collect();
    loop {
        let tried = left.len();
        let mut again = Vec::new();
        for definition in left {
            let source = Arc::new(Source::new(from, definition));
            match one(catalog, parser, version, &source) {
                Outcome::Followed => {}
                Outcome::Refused => again.push(source.text().to_owned()),
                Outcome::Unclear => unread.push(Unread(source.text().to_owned())),
            }
        }
        if again.len() == tried || again.is_empty() {
            unread.extend(again.into_iter().map(Unread));
            catalog.settle();
            return unread;
        }
        left = again;
    }
}

enum Outcome {
    Followed,
    /// Something that it names is not there, or its name is taken.
    Refused,
    /// Not all of it can be told.
    Unclear,
}

fn one(
    catalog: &mut Catalog,
    parser: &dyn Parser,
    version: Option<ServerVersion>,
    source: &Arc<Source>,
) -> Outcome {
    let mut findings = Vec::new();
    let parsed = parser.parse(source, version, &mut findings);
    let is_whole = findings.is_empty() && parsed.statements.len() == parsed.count;
    let before = catalog.mark();
    let mut application = Application::new(catalog, source);
    let mut is_unclear = !is_whole;
    for statement in &parsed.statements {
        let problems = application.statement(statement);
        is_unclear |= application.take_unclear().is_some();
        if !problems.is_empty() {
            catalog.rewind(before);
            return Outcome::Refused;
        }
    }
    let changes = catalog.changes_since(before);
    let mut made = changes.iter().filter_map(|change| catalog.get(&change.key));
    if is_unclear || made.any(|entry| entry.object.is_unclear()) {
        Outcome::Unclear
    } else {
        Outcome::Followed
    }
}
