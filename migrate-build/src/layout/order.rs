//! Whether the order is one, and the one that is meant.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};

use super::Entry;

static DUPLICATE_VERSION: Rule =
    rule!("duplicate-version", Forbid, "two migrations with the same version");
static WRONG_ORDER: Rule =
    rule!("wrong-order", Forbid, "versions of different lengths that sort the wrong way");
static CASE_TWINS: Rule =
    rule!("case-twins", Forbid, "two directories whose names differ only in case");

pub(super) static RULES: &[&Rule] = &[&DUPLICATE_VERSION, &WRONG_ORDER, &CASE_TWINS];

/// Checks entries that are sorted by version.
pub(super) fn check(entries: &[Entry], findings: &mut Vec<Diagnostic>) {
    for pair in entries.windows(2) {
        let [older, newer] = pair else { continue };
        if older.version == newer.version {
            findings.push(duplicate(older, newer));
        } else if older.version.natural_cmp(&newer.version).is_gt() {
            findings.push(wrong_order(older, newer));
        }
    }
    let mut by_lower_case: HashMap<String, &Entry> = HashMap::with_capacity(entries.len());
    for entry in entries {
        if let Some(twin) = by_lower_case.insert(entry.name.to_lowercase(), entry) {
            findings.push(case_twins(twin, entry));
        }
    }
}

fn duplicate(first: &Entry, second: &Entry) -> Diagnostic {
    let finding =
        Diagnostic::new(&DUPLICATE_VERSION, format!("version `{}` is taken twice", first.version))
            .at_path(&second.shown, "")
            .at_path(&first.shown, "");
    let finding = if prefix(&first.name) == prefix(&second.name) {
        finding
    } else {
        finding.note("dashes do not count: Diesel drops them")
    };
    finding
        .note("Diesel runs one of the two, and lists both as applied")
        .help("give the one that is not released yet a greater version")
}

fn prefix(name: &str) -> &str {
    name.split('_').next().unwrap_or_default()
}

fn wrong_order(first: &Entry, second: &Entry) -> Diagnostic {
    let (first_version, second_version) = (&first.version, &second.version);
    Diagnostic::new(
        &WRONG_ORDER,
        format!("`{first_version}` runs before `{second_version}`: versions are ordered as text"),
    )
    .at_path(&first.shown, "runs first")
    .at_path(&second.shown, "runs second")
    .help("make versions equally long, with zeros in front")
    .help("if this order is released, it cannot change: give later migrations versions that sort behind both")
}

fn case_twins(first: &Entry, second: &Entry) -> Diagnostic {
    Diagnostic::new(
        &CASE_TWINS,
        format!("`{}` and `{}` differ only in case", first.name, second.name),
    )
    .at_path(&second.shown, "")
    .at_path(&first.shown, "")
    .note("macOS and Windows keep one of the two")
    .help("rename one")
}
