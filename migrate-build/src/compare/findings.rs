//! What a database shows, said to people.

use super::{Deviation, DeviationKind, Expected, PartDeviation};
use crate::check::DRIFT;
use crate::diagnostic::Diagnostic;
use crate::judge::IRREVERSIBLE;
use crate::rust;
use crate::verify::{Down, Migration};

/// The finding for what a database shows to be another behind `down.sql` than it was before
/// `up.sql`.
#[must_use]
pub fn not_undone(migration: &Migration, deviation: &Deviation) -> Diagnostic {
    let Deviation { class, name, kind, .. } = deviation;
    let (said, parts): (String, &[PartDeviation]) = match kind {
        DeviationKind::Missing => (format!("does not bring the {class} `{name}` back"), &[]),
        DeviationKind::Additional => (format!("leaves the {class} `{name}` behind"), &[]),
        DeviationKind::Differs(parts) => {
            (format!("does not bring the {class} `{name}` back as it was: {}", names(parts)), parts)
        }
    };
    let way = if migration.up.is_rust() { "`down`" } else { "`down.sql`" };
    let mut finding = Diagnostic::new(&IRREVERSIBLE, format!("in the database, {way} {said}"));
    if let Down::Script(script) = &migration.down
        && let Some(first) = script.facts.statements.first()
    {
        finding = finding.at(&script.source, rust::shown(&script.source, first.span), "");
    }
    notes(finding, parts, ["before", "behind it"])
}

/// The finding for what a live database has in another way than the migrations make it.
#[must_use]
pub fn drifted(expected: &Expected, deviation: &Deviation) -> Diagnostic {
    let Deviation { class, name, kind, .. } = deviation;
    let (message, parts, label, help): (String, &[PartDeviation], _, _) = match kind {
        DeviationKind::Missing => (
            format!("the database has no {class} `{name}`"),
            &[],
            "made here",
            "make it again as it was, or write a migration that drops it",
        ),
        DeviationKind::Additional => (
            format!("the database has the {class} `{name}`, which no applied migration makes"),
            &[],
            "dropped here",
            "drop it, or write a migration that makes it",
        ),
        DeviationKind::Differs(parts) => (
            format!("the {class} `{name}` differs in the database: {}", names(parts)),
            parts,
            "last changed here",
            "change it back, or write a migration that changes it",
        ),
    };
    let mut finding = Diagnostic::new(&DRIFT, message);
    let cause = deviation.key.as_ref().and_then(|key| expected.catalog().last_cause(key));
    if let Some(cause) = cause {
        finding = finding.at(&cause.source, cause.span, label);
    }
    notes(finding, parts, ["by the migrations", "in the database"]).help(help)
}

fn names(parts: &[PartDeviation]) -> String {
    parts.iter().map(|part| part.part.as_str()).collect::<Vec<_>>().join(", ")
}

/// Both sides of each part.
fn notes(finding: Diagnostic, parts: &[PartDeviation], sides: [&str; 2]) -> Diagnostic {
    let side = |name: &str, text: &Option<String>| match text {
        Some(text) => format!("{name} `{text}`"),
        None => format!("{name} nothing"),
    };
    let [expected, found] = sides;
    parts.iter().fold(finding, |finding, part| {
        let (expected, found) = (side(expected, &part.expected), side(found, &part.found));
        finding.note(format!("{}: {expected}, {found}", part.part))
    })
}
