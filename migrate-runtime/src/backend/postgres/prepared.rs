//! What every migration needs, prepared once in a run: the server spends more on planning these
//! statements than on executing them, and as much as on a small migration.
//!
//! They bear the run's name. So a session that does not know them is not the one that was marked, and
//! the server's error names them in any language.
use std::cell::Cell;

use super::fault::{LEDGER_DIFFERS, LOCK_LOST};
use super::query::{assertion, literal};
use super::session::Session;
use super::{ledger, mark};
use crate::backend::Entry;

/// What their names begin with.
pub(super) const PREFIX: &str = "migrate_step_";

/// Proves what a transaction has to begin with. Takes a version and whether it is applied; or NULL.
const BEGIN: &str = "begin";
/// Takes back what a script may have set.
const RECLAIM: &str = "reclaim";
/// Diesel's row; takes the version.
const ROW: &str = "row";
/// Our row beside it.
const HISTORY: &str = "history";

/// How often they were prepared in a run.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    times: Cell<u32>,
    is_valid: Cell<bool>,
}

impl Prepared {
    /// They are there.
    pub(super) fn set(&self) {
        if !self.is_valid.replace(true) {
            self.times.set(self.times.get() + 1);
        }
    }

    /// A script may have forgotten them, or not: then they are prepared by other names.
    pub(super) fn doubt(&self) {
        self.is_valid.set(false);
    }
}

fn name(session: &Session, statement: &str) -> String {
    let Prepared { times, is_valid } = &session.prepared;
    numbered(session, statement, times.get() + u32::from(!is_valid.get()))
}

/// Names have at most 63 bytes.
fn numbered(session: &Session, statement: &str, time: u32) -> String {
    format!("\"{PREFIX}{statement}_{}_{time}\"", session.run)
}

/// Prepares them where they are not, in the marked session alone.
pub(super) fn prepare(session: &Session) -> String {
    if session.prepared.is_valid.get() {
        return String::new();
    }
    let is_marked = assertion(&mark::is_marked(session), LOCK_LOST);
    let agrees = format!("$1 IS NULL OR {} = $2", ledger::is_applied(session, "$1"));
    let begin = format!(
        "SELECT {}, {}",
        assertion(&mark::has_mark_and_lock(session), LOCK_LOST),
        assertion(&agrees, LEDGER_DIFFERS)
    );
    let statements = [
        (BEGIN, "(text, bool)", begin),
        (RECLAIM, "", mark::reclaim(session)),
        (ROW, "(text)", ledger::insert_row(session)),
        (HISTORY, ledger::HISTORY_TYPES, ledger::insert_history(session)),
    ];
    let mut sql = format!("SELECT {is_marked};\n");
    for (statement, parameters, text) in statements {
        sql.push_str(&format!("PREPARE {}{parameters} AS {text};\n", name(session, statement)));
    }
    sql
}

/// What has the session forget them: several texts, each of which may fail.
pub(super) fn forget(session: &Session) -> impl Iterator<Item = String> {
    let Prepared { times, is_valid } = &session.prepared;
    is_valid.set(false);
    (1..=times.take()).map(|time| {
        let deallocate = |it| format!("DEALLOCATE {}", numbered(session, it, time));
        [BEGIN, RECLAIM, ROW, HISTORY].map(deallocate).join(";\n")
    })
}

/// Fails unless this is the marked session, nobody else holds the lock, and the ledger agrees with what
/// is said of a version.
pub(super) fn begin(session: &Session, agrees: Option<(&str, bool)>) -> String {
    let (version, is_applied) = match agrees {
        Some((version, is_applied)) => (literal(version), is_applied),
        None => ("NULL".to_owned(), false),
    };
    format!("EXECUTE {}({version}, {is_applied})", name(session, BEGIN))
}

/// Takes back what a script may have set.
pub(super) fn reclaim(session: &Session) -> String {
    format!("EXECUTE {}", name(session, RECLAIM))
}

/// Both rows of a migration that was applied.
pub(super) fn record(session: &Session, entry: &Entry) -> String {
    format!(
        "EXECUTE {}({});\nEXECUTE {}({})",
        name(session, ROW),
        literal(&entry.version),
        name(session, HISTORY),
        ledger::history_values(entry)
    )
}
