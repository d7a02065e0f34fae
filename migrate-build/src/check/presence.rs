//! A migration does something, and has a way back.

use std::sync::Arc;

use super::{Role, Script};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::rust;
use crate::source::{Source, Span};
use crate::sql::{Directive, DirectiveKind, is_empty};

static EMPTY_UP: Rule = rule!("empty-up", Forbid, "an `up.sql` without any statement");
static EMPTY_DOWN: Rule = rule!("empty-down", Forbid, "a `down.sql` without any statement");
pub(super) static MISSING_DOWN: Rule =
    rule!("missing-down", Forbid, "a migration without a way back");
static IDLE_IRREVERSIBLE: Rule =
    rule!("idle-irreversible", Forbid, "a way back beside the word that there is none");

pub(super) static RULES: &[&Rule] = &[&EMPTY_UP, &EMPTY_DOWN, &MISSING_DOWN, &IDLE_IRREVERSIBLE];

const HELP_IRREVERSIBLE: &str = "if there is no way back, write `-- migrate: irreversible reason=\"…\"` in `up.sql` and remove `down.sql`";

/// What a migration has of a way back.
pub(crate) enum Way<'w> {
    /// `down.sql` is there (or was refused, which is a finding of its own).
    There,
    /// `up.sql` says why there is none.
    Irreversible(&'w str),
    /// Neither.
    Missing,
}

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.role == Role::Down {
        findings.extend(script.parsed.directives.iter().filter(|d| is_irreversible(d)).map(
            |found| {
                Diagnostic::new(&IDLE_IRREVERSIBLE, "`irreversible` has no effect in `down.sql`")
                    .at(script.source, found.span, "")
                    .help(HELP_IRREVERSIBLE)
            },
        ));
    }
    if !is_empty(script.parsed) {
        return;
    }
    let what =
        if script.source.text().trim().is_empty() { "is empty" } else { "holds only comments" };
    let finding = match script.role {
        Role::Up => Diagnostic::new(&EMPTY_UP, format!("`up.sql` {what}"))
            .help("write the change, or remove the migration"),
        Role::Down => Diagnostic::new(&EMPTY_DOWN, format!("`down.sql` {what}: it undoes nothing"))
            .note("a revert would forget the migration and leave what it made")
            .help("write the statements that undo `up.sql`")
            .help(HELP_IRREVERSIBLE),
    };
    findings.push(finding.at(script.source, first_line(script.source), ""));
}

fn is_irreversible(directive: &Directive) -> bool {
    directive.kind == DirectiveKind::Irreversible
}

fn first_line(source: &Source) -> Span {
    source.line_span(1)
}

/// Whether a migration has a way back, or says why not.
pub(crate) fn way_back<'w>(
    irreversible: Option<&'w str>,
    up: &Arc<Source>,
    down_is_there: bool,
    findings: &mut Vec<Diagnostic>,
) -> Way<'w> {
    let [of, down, mark, place] = match rust::is_rust(up) {
        false => ["`up.sql`", "`down.sql`", "--", "in `up.sql`"],
        true => ["`migration.rs`", "`fn down`", "//", "in it"],
    };
    match (irreversible, down_is_there) {
        (None, true) => Way::There,
        (Some(reason), false) => Way::Irreversible(reason),
        (None, false) => {
            findings.push(
                Diagnostic::new(&MISSING_DOWN, format!("this migration has no {down}"))
                    .at(up, first_line(up), "nothing undoes this")
                    .help(format!("write {down} beside it"))
                    .help(format!("if there is no way back, write `{mark} migrate: irreversible reason=\"…\"` {place}")),
            );
            Way::Missing
        }
        (Some(_), true) => {
            findings.push(
                Diagnostic::new(
                    &IDLE_IRREVERSIBLE,
                    format!("{of} says that there is no way back, and {down} is there"),
                )
                .at(up, first_line(up), "")
                .help("remove one of the two"),
            );
            Way::There
        }
    }
}
