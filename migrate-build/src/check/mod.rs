//! Checks of one script: what it holds, and whether it fits where it runs.
//!
//! A check takes a [`Script`] under examination and adds findings. The catalog and the lint rules
//! take their place in [`CHECKS`].

mod at_run;
mod code;
mod directives;
mod presence;
mod recovery;
mod transaction;
mod types;
mod words;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::layout::Settings;
use crate::rule::Rule;
use crate::rust;
use crate::server::Server;
use crate::source::Source;
use crate::sql::{Parsed, Parser};

pub(crate) use at_run::{DRIFT, FAILED_STATEMENT, ROW_LOSS};
pub(crate) use directives::{allows, apply_allows, apply_later_allows};
pub(crate) use presence::{Way, way_back};

/// The rules of these checks.
pub(crate) static RULES: &[&[&Rule]] = &[
    presence::RULES,
    transaction::RULES,
    recovery::RULES,
    types::RULES,
    directives::RULES,
    at_run::RULES,
];

/// A script under examination.
pub(crate) struct Script<'s> {
    pub(crate) source: &'s Arc<Source>,
    pub(crate) parsed: &'s Parsed,
    pub(crate) role: Role,
    pub(crate) settings: Settings,
    pub(crate) server: Server,
    pub(crate) parser: &'static dyn Parser,
}

/// Which of a migration's scripts it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Up,
    Down,
}

type Check = fn(&Script<'_>, &mut Vec<Diagnostic>);

/// The checks, in the order of their findings.
const CHECKS: &[Check] = &[presence::check, transaction::check, recovery::check, types::check];

/// Runs every check on a script.
pub(crate) fn run(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    // Of code it is not read what it does.
    let checks = if rust::is_rust(script.source) { &[code::check as Check] } else { CHECKS };
    for check in checks {
        check(script, findings);
    }
}
