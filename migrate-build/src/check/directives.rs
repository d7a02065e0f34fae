//! `-- migrate: allow(rule)`: what it silences, and whether it silences anything.

use std::sync::Arc;

use super::at_run::ROW_LOSS;
use crate::diagnostic::{Diagnostic, Place};
use crate::facts::Allow;
use crate::rule::{Level, Rule, rule};
use crate::source::{Source, Span};
use crate::sql::{Directive, DirectiveKind, Parsed};
use crate::suggest::did_you_mean;

static UNUSED_ALLOW: Rule = rule!("unused-allow", Warn, "an `allow` that silences nothing");
static UNKNOWN_ALLOW: Rule =
    rule!("unknown-allow", Forbid, "an `allow` of a rule that does not exist or must hold");
pub(super) static RULES: &[&Rule] = &[&UNUSED_ALLOW, &UNKNOWN_ALLOW];

/// Takes away the findings that the script's directives allow, and adds those about directives.
/// True when the script may lose rows of tables that it does not name.
pub(crate) fn apply_allows(
    source: &Arc<Source>,
    parsed: &Parsed,
    may_lose_rows: bool,
    findings: &mut Vec<Diagnostic>,
) -> bool {
    let mut row_loss_allowed = false;
    for directive in &parsed.directives {
        let DirectiveKind::Allow(id) = &directive.kind else { continue };
        if let Some(problem) = problem(id) {
            findings.push(
                Diagnostic::new(&UNKNOWN_ALLOW, problem)
                    .at(source, directive.span, "")
                    .help("`cargo migrate explain --list` shows the rules"),
            );
            continue;
        }
        if crate::judge::rule(id).is_some() {
            continue;
        }
        let used = if id == ROW_LOSS.id {
            row_loss_allowed = true;
            may_lose_rows
        } else {
            silence(source, id, scope(source, parsed, directive), findings)
        };
        if !used {
            findings.push(unused(source, directive.span, id));
        }
    }
    row_loss_allowed
}

/// What is allowed, of rules that need to know the migrations before.
pub(crate) fn allows(source: &Source, parsed: &Parsed) -> Vec<Allow> {
    let allows = parsed.directives.iter().filter_map(|directive| match &directive.kind {
        DirectiveKind::Allow(id) => Some(Allow {
            rule: crate::judge::rule(id)?.id,
            directive: directive.span,
            scope: scope(source, parsed, directive),
        }),
        _ => None,
    });
    allows.collect()
}

/// Takes away what is allowed of these findings, and adds those about what is allowed for nothing.
pub(crate) fn apply_later_allows(
    source: &Arc<Source>,
    allows: &[Allow],
    findings: &mut Vec<Diagnostic>,
) {
    for allow in allows {
        if !silence(source, allow.rule, allow.scope, findings) {
            findings.push(unused(source, allow.directive, allow.rule));
        }
    }
}

fn unused(source: &Arc<Source>, directive: Span, id: &str) -> Diagnostic {
    Diagnostic::new(&UNUSED_ALLOW, format!("this `allow({id})` silences nothing"))
        .at(source, directive, "")
        .help("remove it, or put it on or above the statement that it is about")
}

fn problem(id: &str) -> Option<String> {
    let Some(rule) = crate::rules::find(id) else {
        let ids = crate::rules::all().map(|rule| rule.id);
        return Some(format!("there is no rule `{id}`{}", did_you_mean(id, ids)));
    };
    (rule.level == Level::Forbid).then(|| format!("`{id}` cannot be allowed: it is always wrong"))
}

/// The statement that a directive is about: the one that it stands in or behind, on the same line;
/// else the next.
fn scope(source: &Source, parsed: &Parsed, directive: &Directive) -> Option<Span> {
    let line = source.location(directive.span.start).line;
    let spans = || parsed.statements.iter().map(|statement| statement.span);
    spans()
        .find(|span| {
            let ends_on_line = source.location(span.end).line == line;
            span.start < directive.span.start && (directive.span.start < span.end || ends_on_line)
        })
        .or_else(|| spans().find(|span| span.start > directive.span.start))
}

fn silence(
    source: &Arc<Source>,
    id: &str,
    scope: Option<Span>,
    findings: &mut Vec<Diagnostic>,
) -> bool {
    let Some(scope) = scope else { return false };
    let before = findings.len();
    findings.retain(|finding| {
        let inside = finding.labels.first().is_some_and(|label| match &label.place {
            Place::Text(text, span) => {
                Arc::ptr_eq(text, source) && scope.start <= span.start && span.end <= scope.end
            }
            Place::Path(_) => false,
        });
        !(inside && finding.rule.id == id)
    });
    findings.len() < before
}
