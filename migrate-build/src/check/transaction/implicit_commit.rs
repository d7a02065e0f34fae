//! Migrations that MySQL and MariaDB commit piece by piece.

use super::super::Script;
use super::commits;
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::source::Span;
use crate::sql::{Mode, Statement};

pub(super) static IMPLICIT_COMMIT: Rule =
    rule!("mysql-implicit-commit", Warn, "a migration in several steps that cannot be rolled back");

/// Called for scripts that do not opt out of transactions: who does knows.
pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    let changes =
        |statement: &&Statement| matches!(statement.mode, Mode::Normal | Mode::Alone | Mode::Once);
    let steps = script.parsed.statements.iter().filter(changes).count();
    let committing = script.parsed.statements.iter().find(|other| commits(script, other));
    let Some(committing) = committing.filter(|_| steps > 1) else { return };
    let (title, product) = (script.title(committing), script.server.title());
    let line = script.source.line_span(script.source.location(committing.span.start).line);
    let first_line = Span::new(committing.span.start, committing.span.end.min(line.end));
    findings.push(
        Diagnostic::new(
            &IMPLICIT_COMMIT,
            format!("the {steps} steps of this script cannot be rolled back together"),
        )
        .at(script.source, first_line, format!("{product} commits with `{title}`"))
        .note("when one fails, those before it stay; a journal keeps what is done, and the next run goes on there")
        .help("make each a migration of its own, or say `run_in_transaction = false` in `metadata.toml`"),
    );
}
