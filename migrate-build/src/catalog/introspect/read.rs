//! Definitions, as a server gives them, made into a catalog.

use std::sync::Arc;

use super::super::{Application, Catalog};
use super::Unread;
use crate::server::ServerVersion;
use crate::source::Source;
use crate::sql::Parser;

/// Applies definitions to a catalog, each as a script of its own; those that could not be followed.
/// What stands on something that comes behind it is tried again; what stands on nothing, as a view may
/// whose table is gone, is taken as it is.
pub(super) fn apply(
    catalog: &mut Catalog,
    parser: &dyn Parser,
    version: Option<ServerVersion>,
    from: &str,
    definitions: impl IntoIterator<Item = String>,
) -> Vec<Unread> {
    let mut unread = Vec::new();
    let mut left: Vec<Arc<Source>> =
        definitions.into_iter().map(|text| Arc::new(Source::new(from, text))).collect();
    let mut is_last = false;
    while !left.is_empty() {
        let tried = left.len();
        let mut again = Vec::new();
        for source in left {
            match one(catalog, parser, version, &source, is_last) {
                Outcome::Followed => {}
                Outcome::Refused => again.push(source),
                Outcome::Unclear { is_listed } => {
                    unread.push(Unread { definition: source.text().to_owned(), is_listed });
                }
            }
        }
        is_last = again.len() == tried;
        left = again;
    }
    catalog.settle();
    unread
}

enum Outcome {
    Followed,
    /// Something that it names is not there, or its name is taken.
    Refused,
    /// Not all of it can be told.
    Unclear {
        is_listed: bool,
    },
}

/// Applies one; what is refused leaves nothing, unless this is the last attempt.
fn one(
    catalog: &mut Catalog,
    parser: &dyn Parser,
    version: Option<ServerVersion>,
    source: &Arc<Source>,
    is_last: bool,
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
        if !problems.is_empty() && !is_last {
            catalog.rewind(before);
            return Outcome::Refused;
        }
    }
    let changes = catalog.changes_since(before);
    let mut made = changes.iter().filter_map(|change| catalog.get(&change.key));
    if is_unclear || changes.is_empty() || made.any(|entry| entry.object.is_unclear()) {
        Outcome::Unclear { is_listed: !changes.is_empty() }
    } else {
        Outcome::Followed
    }
}
