//! What of a sealed migration is not as it was.

use std::sync::Arc;

use super::{Comparison, accept};
use crate::diagnostic::Diagnostic;
use crate::lock::{Sealed, Sum, tokens};
use crate::rule::{Rule, rule};
use crate::source::Source;
use crate::verify::{Down, Migration, Script};

static EDITED_SEALED: Rule =
    rule!("edited-sealed", Forbid, "a sealed migration that says something else now");
static EDITED_COMMENT: Rule =
    rule!("edited-comment", Warn, "a sealed migration with other comments or white space");

pub(super) static RULES: &[&Rule] = &[&EDITED_SEALED, &EDITED_COMMENT];

pub(super) fn check(
    sealed: &Sealed,
    migration: &Migration,
    comparison: &Comparison<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let name = &migration.name;
    let edited = |message: String| {
        Diagnostic::new(&EDITED_SEALED, message)
            .note("databases have run what was sealed, and do not run it again")
            .help("put it back as it was, and write what is to change into a new migration")
            .help(accept("if it has to change all the same", &sealed.version))
    };
    let script = |script: &Script, sum: &Sum| {
        let Script { source, checksum, .. } = script;
        if *checksum == sum.checksum {
            return None;
        }
        let file = file_name(source);
        if tokens(source.text(), comparison.parser) == sum.tokens {
            let message = "only comments and white space differ from what was sealed";
            let finding = Diagnostic::new(&EDITED_COMMENT, message).at_path(source.path(), "");
            return Some(finding.help("`cargo migrate seal` seals them as they are"));
        }
        let message = format!("`{name}` is sealed, and its `{file}` says something else now");
        Some(edited(message).at_path(source.path(), ""))
    };
    findings.extend(script(&migration.up, &sealed.up));
    let down = migration.shown.join("down.sql");
    findings.extend(match (&migration.down, &sealed.down) {
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

fn file_name(source: &Arc<Source>) -> String {
    source.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
}
