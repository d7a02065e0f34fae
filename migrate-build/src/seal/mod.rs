//! What is sealed is history: it stays as it is, and what is found in it fails nothing.

mod difference;
mod past;
mod plan;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::lock::{FILE, Lock, Sealed};
use crate::rule::{Level, Rule, rule};
use crate::sql::Parser;
use crate::verify::Migration;
use crate::version::Version;

pub use plan::{Refusal, Seal, Sealing};

static DELETED_SEALED: Rule = rule!("deleted-sealed", Forbid, "a sealed migration that is gone");
static RENAMED_SEALED: Rule =
    rule!("renamed-sealed", Forbid, "a sealed migration under another name");
static INSERTED_BEFORE_SEALED: Rule =
    rule!("inserted-before-sealed", Deny, "a new migration that sorts before a sealed one");
static SEALED_APART: Rule =
    rule!("sealed-apart", Deny, "two sealed migrations that no seal has seen in this order");
static UNSEALED: Rule = rule!("unsealed", Allow, "a migration that is not sealed");

/// The rules about what is sealed.
pub(crate) static RULES: &[&[&Rule]] = &[
    &[&DELETED_SEALED, &RENAMED_SEALED, &INSERTED_BEFORE_SEALED, &SEALED_APART, &UNSEALED],
    difference::RULES,
];

/// Which migrations are history.
pub(crate) struct History {
    sealed: HashSet<PathBuf>,
}

impl History {
    pub(crate) fn of(lock: &Lock, shown: &Path) -> Self {
        Self { sealed: lock.sealed.iter().map(|sealed| shown.join(&sealed.name)).collect() }
    }

    /// Takes out of findings what is about sealed migrations alone. It fails nothing.
    pub(crate) fn take(&self, findings: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
        if self.sealed.is_empty() {
            return Vec::new();
        }
        findings.extract_if(.., |finding| self.is_history(finding)).collect()
    }

    /// A finding in which a newcomer is named as well is the newcomer's.
    fn is_history(&self, finding: &Diagnostic) -> bool {
        let mut paths = finding.labels.iter().map(|label| label.place.path());
        // Which of two migrations is the one of its version, nobody knows.
        finding.rule.id != "duplicate-version"
            && !finding.labels.is_empty()
            && paths.all(|path| path.ancestors().any(|above| self.sealed.contains(above)))
    }
}

/// What is found in history fails nothing.
pub(crate) fn soften(finding: &mut Diagnostic) {
    finding.level = finding.level.min(Level::Warn);
}

/// What is sealed beside what is there.
pub(crate) struct Comparison<'c> {
    pub(crate) lock: &'c Lock,
    /// The migrations directory, where git is to be asked what was in it.
    pub(crate) path: Option<&'c Path>,
    pub(crate) shown: &'c Path,
    pub(crate) migrations: &'c [Migration],
    /// What is known to be wrong already.
    pub(crate) reported: &'c [Diagnostic],
    pub(crate) parser: &'static dyn Parser,
}

impl Comparison<'_> {
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = self.lock.findings.clone();
        // What is missing in it may be in the lines that could not be read.
        if findings.is_empty() {
            self.sealed(&mut findings);
            self.newcomers(&mut findings);
            self.order(&mut findings);
        }
        findings
    }

    fn sealed(&self, findings: &mut Vec<Diagnostic>) {
        for sealed in &self.lock.sealed {
            let of_version = || self.of_version(&sealed.version);
            let same = of_version().find(|migration| migration.name == sealed.name);
            match same.or_else(|| of_version().next()) {
                Some(migration) => {
                    if migration.name != sealed.name {
                        findings.push(self.renamed(sealed, migration));
                    }
                    difference::check(sealed, migration, self, findings);
                }
                // A directory whose `up.sql` could not be read has its finding.
                None if self.is_reported(&self.shown.join(&sealed.name)) => {}
                None => findings.push(match self.moved(sealed) {
                    Some(migration) => self.renamed(sealed, migration),
                    None => self.deleted(sealed),
                }),
            }
        }
    }

    fn of_version(&self, version: &Version) -> impl Iterator<Item = &Migration> {
        let from = self.migrations.partition_point(|migration| migration.version < *version);
        let version = version.clone();
        self.migrations[from..].iter().take_while(move |migration| migration.version == version)
    }

    /// The newcomer that holds what was sealed under another version.
    fn moved(&self, sealed: &Sealed) -> Option<&Migration> {
        self.migrations.iter().find(|migration| {
            migration.up.checksum == sealed.up.checksum
                && self.lock.get(&migration.version).is_none()
        })
    }

    fn is_moved(&self, migration: &Migration) -> bool {
        self.lock.sealed.iter().any(|sealed| {
            sealed.up.checksum == migration.up.checksum
                && self.of_version(&sealed.version).next().is_none()
        })
    }

    fn is_reported(&self, path: &Path) -> bool {
        let mut labels = self.reported.iter().flat_map(|finding| &finding.labels);
        labels.any(|label| label.place.path().starts_with(path))
    }

    fn newcomers(&self, findings: &mut Vec<Diagnostic>) {
        let newest = self.lock.newest();
        for migration in self.migrations {
            if self.lock.get(&migration.version).is_some() {
                continue;
            }
            match newest {
                Some(newest) if migration.version < newest.version && !self.is_moved(migration) => {
                    findings.push(self.inserted(migration, newest));
                }
                _ if self.lock.is_there() => findings.push(unsealed(migration)),
                _ => {}
            }
        }
        if !self.lock.is_there() && !self.migrations.is_empty() {
            let finding = Diagnostic::new(&UNSEALED, "nothing is sealed: there is no lock file");
            findings.push(
                finding
                    .at_path(self.shown.join(FILE), "")
                    .help("`cargo migrate seal` writes it; it belongs into version control"),
            );
        }
    }

    /// Each line names the one before it, so that a merge of two seals shows, and a lost line.
    fn order(&self, findings: &mut Vec<Diagnostic>) {
        let Some(source) = &self.lock.source else { return };
        let mut before: Option<&Sealed> = None;
        for sealed in &self.lock.sealed {
            let between = before.replace(sealed);
            if between.map(|between| &between.version) == sealed.after.as_ref() {
                continue;
            }
            let behind = sealed.after.as_ref().map(|after| (after, self.lock.get(after)));
            let finding = match (behind, between) {
                (Some((after, None)), _) => {
                    let message = format!(
                        "`{}` was sealed behind version `{after}`, whose line is missing",
                        sealed.name
                    );
                    Diagnostic::new(&DELETED_SEALED, message)
                        .at(source, sealed.span, "")
                        .help("put the line back")
                        .help(accept("if it is to be forgotten", &sealed.version))
                }
                (behind, Some(between)) => {
                    let behind = behind.and_then(|(_, sealed)| sealed);
                    apart(sealed, behind, between)
                        .at(source, sealed.span, "sealed without the other")
                        .at(source, between.span, "sealed elsewhere")
                }
                (_, None) => continue,
            };
            findings.push(finding);
        }
    }

    fn deleted(&self, sealed: &Sealed) -> Diagnostic {
        let message = format!("`{}` is sealed, and gone", sealed.name);
        let finding = Diagnostic::new(&DELETED_SEALED, message);
        let finding = match &self.lock.source {
            Some(source) => finding.at(source, sealed.span, "sealed here"),
            None => finding,
        };
        finding
            .help("bring it back: what is released stays, and a new migration undoes it")
            .help(accept("if no database has it", &sealed.version))
    }

    fn renamed(&self, sealed: &Sealed, migration: &Migration) -> Diagnostic {
        let finding = Diagnostic::new(
            &RENAMED_SEALED,
            format!("`{}` is sealed, and is called `{}` now", sealed.name, migration.name),
        )
        .at_path(&migration.shown, "");
        if migration.version == sealed.version {
            return finding
                .help(format!("call it `{}` again", sealed.name))
                .help(accept("if the name is to change", &sealed.version));
        }
        finding
            .note("databases know it by its version, and would run it again under another one")
            .help(format!("call it `{}` again", sealed.name))
    }

    fn inserted(&self, migration: &Migration, newest: &Sealed) -> Diagnostic {
        let name = &migration.name;
        let message =
            format!("`{name}` is new, and sorts before `{}`, which is sealed", newest.name);
        Diagnostic::new(&INSERTED_BEFORE_SEALED, message)
            .at_path(&migration.shown, "")
            .note("databases that have the sealed ones would run it behind them, new ones before")
            .help("`cargo migrate rebase` gives it a version behind all others")
    }
}

fn unsealed(migration: &Migration) -> Diagnostic {
    Diagnostic::new(&UNSEALED, format!("`{}` is not sealed", migration.name))
        .at_path(&migration.shown, "")
        .help("`cargo migrate seal` seals it")
}

/// The finding for two seals that a merge has brought together.
fn apart(sealed: &Sealed, behind: Option<&Sealed>, between: &Sealed) -> Diagnostic {
    let behind = behind.map_or_else(
        || "as the first".to_owned(),
        |behind| format!("right behind `{}`", behind.name),
    );
    let message = format!(
        "`{}` was sealed {behind}: `{}`, which is to run between them, was sealed apart from it",
        sealed.name, between.name
    );
    Diagnostic::new(&SEALED_APART, message)
        .note("a database that has the one may lack the other, and gets it too late")
        .help(
            "if one of the two is not released yet: remove its line, then `cargo migrate rebase` and \
             `cargo migrate seal`",
        )
        .help(accept("if this order is the right one", &sealed.version))
}

/// What seals a migration as it is, all the same.
fn accept(when: &str, version: &Version) -> String {
    format!("{when}: `cargo migrate seal --accept {version}`")
}
