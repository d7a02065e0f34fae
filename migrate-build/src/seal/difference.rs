//! What of a sealed migration is not as it was.

use std::path::Path;
use std::sync::Arc;

use super::{Comparison, accept, past};
use crate::diagnostic::Diagnostic;
use crate::lock::{Sealed, Sum, tokens};
use crate::rule::{Rule, rule};
use crate::source::{Source, Span};
use crate::verify::{Down, Migration, Script, hide_secrets};

static EDITED_SEALED: Rule =
    rule!("edited-sealed", Forbid, "a sealed migration that says something else now");
static EDITED_COMMENT: Rule =
    rule!("edited-comment", Warn, "a sealed migration with other comments or white space");

pub(super) static RULES: &[&Rule] = &[&EDITED_SEALED, &EDITED_COMMENT];

/// How many lines of a sealed text are shown.
const MAX_LINES: usize = 12;

pub(super) fn check(
    sealed: &Sealed,
    migration: &Migration,
    comparison: &Comparison<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let name = &migration.name;
    let help = |finding: Diagnostic| {
        finding
            .note("databases have run what was sealed, and do not run it again")
            .help("put it back as it was, and write what is to change into a new migration")
            .help(accept("if it has to change all the same", &sealed.version))
    };
    let edited = |message: String| help(Diagnostic::new(&EDITED_SEALED, message));
    let script = |script: &Script, sum: &Sum| {
        let Script { source, checksum, .. } = script;
        if *checksum == sum.checksum {
            return None;
        }
        let file = file_name(source);
        if tokens(source, comparison.parser) == sum.tokens {
            let message = "only comments and white space differ from what was sealed";
            let finding = Diagnostic::new(&EDITED_COMMENT, message).at_path(source.path(), "");
            return Some(finding.help("`cargo migrate seal` seals them as they are"));
        }
        let message = format!("`{name}` is sealed, and its `{file}` says something else now");
        let past = comparison.path.and_then(|directory| {
            past::text(directory, &Path::new(&sealed.name).join(&file), sum.checksum)
        });
        let finding = match past {
            Some(past) => {
                beside(Diagnostic::new(&EDITED_SEALED, message), source, past, comparison)
            }
            None => Diagnostic::new(&EDITED_SEALED, message).at_path(source.path(), ""),
        };
        Some(help(finding))
    };
    findings.extend(script(&migration.up, &sealed.up));
    let down = migration.shown.join("down.sql");
    findings.extend(match (&migration.down, &sealed.down) {
        // One file, of which all is said.
        _ if migration.up.is_rust() => None,
        (Down::Script(down), Some(sum)) => script(down, sum),
        (Down::Script(added), None) => {
            let message = format!("`{name}` was sealed without a `down.sql`, and has one now");
            Some(edited(message).at_path(added.source.path(), ""))
        }
        // One that could not be read has its finding.
        (_, Some(_)) if !comparison.is_reported(&down) => {
            let message = format!("`{name}` is sealed, and its `down.sql` is gone");
            Some(edited(message).at_path(&migration.shown, ""))
        }
        _ => None,
    });
    if migration.settings.run_in_transaction != sealed.run_in_transaction {
        let [was, is] = match sealed.run_in_transaction {
            true => ["inside", "outside of"],
            false => ["outside of", "inside"],
        };
        let message =
            format!("`{name}` was sealed to run {was} a transaction, and runs {is} one now");
        findings.push(edited(message).at_path(&migration.shown, ""));
    }
}

/// Shows what has changed beside what was sealed.
fn beside(
    finding: Diagnostic,
    source: &Arc<Source>,
    past: String,
    comparison: &Comparison<'_>,
) -> Diagnostic {
    let past = Arc::new(Source::new(source.path(), past));
    for source in [source, &past] {
        hide_secrets(source, comparison.parser);
    }
    let [was, is] = past::difference(&past, source);
    let shown = past.shown(was);
    let lines: Vec<&str> = shown.lines().collect();
    // The end of the last line is no part of what is marked.
    let end = is.end.saturating_sub(u32::from(source.slice(is).ends_with('\n'))).max(is.start);
    let label = match (was.start == was.end, is.start == is.end) {
        (true, _) => "this was not there",
        (_, true) => "here, lines are gone",
        _ => "this was something else",
    };
    let finding = finding.at(source, Span::new(is.start, end), label);
    if lines.is_empty() {
        return finding;
    }
    let more = lines.len().saturating_sub(MAX_LINES);
    let more = if more == 0 { String::new() } else { format!("\n… and {more} lines more") };
    let lines = &lines[..lines.len().min(MAX_LINES)];
    finding.note(format!("sealed as:\n{}{more}", lines.join("\n")))
}

fn file_name(source: &Arc<Source>) -> String {
    source.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
}
