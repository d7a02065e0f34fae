//! `metadata.toml`.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::rule::{Rule, rule};
use crate::source::{Source, Span, count};
use crate::suggest::did_you_mean;

use super::read::read as read_text;
use super::scan::File;

static BAD_METADATA: Rule =
    rule!("bad-metadata", Forbid, "a `metadata.toml` that is not understood");
static UNKNOWN_SETTING: Rule =
    rule!("unknown-setting", Forbid, "a setting in `metadata.toml` that does not exist");
static IMPLICIT_SETTING: Rule =
    rule!("implicit-setting", Forbid, "a `metadata.toml` that leaves the transaction open");

pub(super) static RULES: &[&Rule] = &[&BAD_METADATA, &UNKNOWN_SETTING, &IMPLICIT_SETTING];

const RUN_IN_TRANSACTION: &str = "run_in_transaction";
const DIESEL_TAKES_FALSE: &str =
    "Diesel takes a file without `run_in_transaction` for one that says `false`";
const HELP: &str = "write `run_in_transaction = true` or `false`, or remove the file";

/// A migration's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Whether the migration runs inside a transaction of the runner. True without a file.
    pub run_in_transaction: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { run_in_transaction: true }
    }
}

/// The settings of a file; defaults where it is missing or wrong.
pub(super) fn read(file: Option<&File>, findings: &mut Vec<Diagnostic>) -> Result<Settings, Error> {
    let Some(source) = read_text(file, findings)? else { return Ok(Settings::default()) };
    Ok(parse(&source, findings))
}

fn parse(source: &Arc<Source>, findings: &mut Vec<Diagnostic>) -> Settings {
    let table = match DeTable::parse(source.text()) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let span = error.span().unwrap_or_default();
            findings.push(
                Diagnostic::new(&BAD_METADATA, "this is not TOML")
                    .at(source, Span::new(count(span.start), count(span.end)), error.message())
                    .note("Diesel passes over such a file in silence")
                    .help(HELP),
            );
            return Settings::default();
        }
    };
    let mut run_in_transaction = None;
    let is_said = table.keys().any(|key| key.get_ref() == RUN_IN_TRANSACTION);
    for (key, value) in &table {
        if key.get_ref() == RUN_IN_TRANSACTION {
            run_in_transaction = Some(boolean(source, value, findings));
        } else {
            let finding = unknown(source, key.get_ref(), span_of(key));
            findings.push(if is_said { finding } else { finding.note(DIESEL_TAKES_FALSE) });
        }
    }
    if table.is_empty() {
        findings.push(implicit(source));
    }
    Settings { run_in_transaction: run_in_transaction.flatten().unwrap_or(true) }
}

fn span_of<T>(value: &toml::Spanned<T>) -> Span {
    Span::new(count(value.span().start), count(value.span().end))
}

fn boolean(
    source: &Arc<Source>,
    value: &toml::Spanned<DeValue<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<bool> {
    let boolean = value.get_ref().as_bool();
    if boolean.is_none() {
        findings.push(
            Diagnostic::new(&BAD_METADATA, format!("`{RUN_IN_TRANSACTION}` is `true` or `false`"))
                .at(source, span_of(value), "neither")
                .help(HELP),
        );
    }
    boolean
}

fn unknown(source: &Arc<Source>, key: &str, span: Span) -> Diagnostic {
    let hint = did_you_mean(key, [RUN_IN_TRANSACTION]);
    Diagnostic::new(&UNKNOWN_SETTING, format!("there is no setting `{key}`{hint}"))
        .at(source, span, "not a setting")
        .help(format!("the only setting is `{RUN_IN_TRANSACTION} = true` or `false`"))
}

fn implicit(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::new(&IMPLICIT_SETTING, format!("this file does not say `{RUN_IN_TRANSACTION}`"))
        .at(source, Span::new(0, 0), "")
        .note("without the setting Diesel runs the migration outside a transaction; without the file, inside one")
        .help(HELP)
}
