//! What a seal puts into the lock file. Pure: nothing is written here.

use std::fmt;
use std::path::Path;

use super::{Comparison, RULES, UNSEALED};
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::lock::{Lock, Sealed, Sum, tokens};
use crate::source::Span;
use crate::sql::{self, Parser};
use crate::verify::{Down, Migration, Report, Script};
use crate::version::Version;

/// What is to be sealed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seal<'s> {
    /// Up to this version, and with it; nothing: all.
    pub to: Option<&'s Version>,
    /// Versions that are sealed as they are now, whatever was sealed of them, or forgotten when they
    /// are gone.
    pub accept: &'s [Version],
    /// Whether newcomers are sealed that have findings.
    pub with_findings: bool,
}

/// What sealing comes to.
#[derive(Debug)]
pub struct Sealing {
    /// The lock, sealed.
    pub lock: Lock,
    /// The migrations that were not sealed before, by name.
    pub added: Vec<String>,
    /// Those that are sealed as something else than before.
    pub renewed: Vec<String>,
    /// Those that are sealed no more, because they are gone.
    pub forgotten: Vec<String>,
}

/// Why nothing is sealed.
#[derive(Debug)]
pub enum Refusal {
    /// No migration, sealed or not, has this version.
    Unknown(Version),
    /// The lock file cannot be read.
    Unreadable,
    /// Sealed migrations are not as they were sealed.
    Changed(Vec<Diagnostic>),
    /// These newcomers have findings that fail a build.
    Findings {
        /// The directories, or files.
        names: Vec<String>,
        /// Whether they could be sealed as they are.
        can_be_sealed: bool,
    },
    /// The file cannot hold this name.
    Unwritable(String),
    /// The dialect's parser is not compiled in.
    Error(Error),
}

impl Sealing {
    /// Whether the file stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.renewed.is_empty() && self.forgotten.is_empty()
    }
}

impl Seal<'_> {
    /// What there is to seal of verified migrations.
    ///
    /// # Errors
    /// When something does not allow it.
    pub fn of(&self, report: &Report) -> Result<Sealing, Refusal> {
        if !report.lock.findings.is_empty() {
            return Err(Refusal::Unreadable);
        }
        let parser = sql::parser(report.server.dialect).map_err(Refusal::Error)?;
        let mut draft = Draft { report, parser, sealing: Sealing::from(report.lock.clone()) };
        for version in self.to.into_iter().chain(self.accept) {
            if draft.migration(version).is_none() && report.lock.get(version).is_none() {
                return Err(Refusal::Unknown(version.clone()));
            }
        }
        self.accept.iter().for_each(|version| draft.accept(version));
        draft.renew_comments();
        self.add(&mut draft)?;
        draft.finish()
    }

    fn add(&self, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        let newest = draft.sealing.lock.newest().map(|newest| newest.version.clone());
        let is_due = |version: &Version| {
            Some(version) > newest.as_ref() && self.to.is_none_or(|to| version <= to)
        };
        self.refuse_findings(draft.report, is_due)?;
        for migration in &draft.report.migrations {
            if is_due(&migration.version) {
                draft.sealing.added.push(migration.name.clone());
                draft.put(migration);
            }
        }
        Ok(())
    }

    fn refuse_findings(
        &self,
        report: &Report,
        is_due: impl Fn(&Version) -> bool,
    ) -> Result<(), Refusal> {
        let mut names: Vec<String> = Vec::new();
        let mut can_be_sealed = true;
        for finding in report.findings.iter().filter(|finding| finding.level.fails()) {
            // What is wrong with sealed ones is looked at when the lock is whole.
            if RULES.iter().flat_map(|rules| rules.iter()).any(|rule| *rule == finding.rule) {
                continue;
            }
            let Some(name) = directory(finding, &report.shown) else { continue };
            if !is_due(&Version::of_directory(&name)) {
                continue;
            }
            let is_whole = finding.rule.id != "duplicate-version"
                && report.migrations.iter().any(|migration| migration.name == name);
            if (is_whole || finding.rule.id == "flat-file") && self.with_findings {
                continue;
            }
            can_be_sealed &= is_whole;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() { Ok(()) } else { Err(Refusal::Findings { names, can_be_sealed }) }
    }
}

/// The migration, or the file, that a finding is about.
fn directory(finding: &Diagnostic, shown: &Path) -> Option<String> {
    let below = finding.path()?.strip_prefix(shown).ok()?;
    Some(below.components().next()?.as_os_str().to_string_lossy().into_owned())
}

/// A lock in the making.
struct Draft<'d> {
    report: &'d Report,
    parser: &'static dyn Parser,
    sealing: Sealing,
}

impl From<Lock> for Sealing {
    fn from(lock: Lock) -> Self {
        Self { lock, added: Vec::new(), renewed: Vec::new(), forgotten: Vec::new() }
    }
}

impl<'d> Draft<'d> {
    fn migration(&self, version: &Version) -> Option<&'d Migration> {
        self.report.migrations.iter().find(|migration| migration.version == *version)
    }

    fn accept(&mut self, version: &Version) {
        let is_sealed = self.sealing.lock.get(version).is_some();
        match self.migration(version) {
            Some(migration) => {
                let names = match is_sealed {
                    true => &mut self.sealing.renewed,
                    false => &mut self.sealing.added,
                };
                names.push(migration.name.clone());
                self.put(migration);
            }
            None => {
                let gone =
                    self.sealing.lock.sealed.extract_if(.., |sealed| sealed.version == *version);
                self.sealing.forgotten.extend(gone.map(|sealed| sealed.name));
            }
        }
        self.link_behind(version);
    }

    /// Puts a migration into the lock as it is.
    fn put(&mut self, migration: &Migration) {
        let sum = |script: &Script| Sum::of(&script.source, self.parser);
        let sealed = &mut self.sealing.lock.sealed;
        let at = sealed.partition_point(|sealed| sealed.version < migration.version);
        let after = at.checked_sub(1).map(|before| sealed[before].version.clone());
        let new = Sealed {
            name: migration.name.clone(),
            version: migration.version.clone(),
            after,
            run_in_transaction: migration.settings.run_in_transaction,
            up: sum(&migration.up),
            down: match &migration.down {
                Down::Script(down) => Some(sum(down)),
                Down::Irreversible(_) | Down::Missing => None,
            },
            span: Span::default(),
        };
        match sealed.get_mut(at).filter(|sealed| sealed.version == migration.version) {
            Some(old) => *old = new,
            None => sealed.insert(at, new),
        }
    }

    /// Has the one behind a version name the one that is before it now.
    fn link_behind(&mut self, version: &Version) {
        let sealed = &mut self.sealing.lock.sealed;
        let next = sealed.partition_point(|sealed| sealed.version <= *version);
        let before = next.checked_sub(1).map(|before| sealed[before].version.clone());
        if let Some(next) = sealed.get_mut(next) {
            next.after = before;
        }
    }

    /// Comments and white space may change: what is kept of them follows.
    fn renew_comments(&mut self) {
        for sealed in &mut self.sealing.lock.sealed {
            let of_version = |migration: &&Migration| migration.version == sealed.version;
            let Some(migration) = self.report.migrations.iter().find(of_version) else { continue };
            let down = match &migration.down {
                Down::Script(down) => Some(down),
                Down::Irreversible(_) | Down::Missing => None,
            };
            let sums = std::iter::once(&mut sealed.up).chain(&mut sealed.down);
            let mut is_renewed = false;
            for (script, sum) in std::iter::once(&migration.up).chain(down).zip(sums) {
                if script.checksum != sum.checksum
                    && tokens(&script.source, self.parser) == sum.tokens
                {
                    sum.checksum = script.checksum;
                    is_renewed = true;
                }
            }
            if is_renewed {
                self.sealing.renewed.push(sealed.name.clone());
            }
        }
    }

    /// Nothing is sealed beside what is not as it was sealed.
    fn finish(self) -> Result<Sealing, Refusal> {
        let report = self.report;
        // As it will be read.
        let source = crate::source::Source::new(
            report.shown.join(crate::lock::FILE),
            self.sealing.lock.to_string(),
        );
        let lock = Lock::parse(source.into());
        for sealed in &self.sealing.lock.sealed {
            if lock.get(&sealed.version).is_none_or(|read| !read.says_the_same(sealed)) {
                return Err(Refusal::Unwritable(sealed.name.clone()));
            }
        }
        let Report { shown, migrations, findings: reported, .. } = report;
        let (lock, path, parser) = (&lock, None, self.parser);
        let comparison = Comparison { lock, path, shown, migrations, reported, parser };
        let mut changed = comparison.findings();
        changed.retain(|finding| finding.level.fails() && *finding.rule != UNSEALED);
        if changed.is_empty() { Ok(self.sealing) } else { Err(Refusal::Changed(changed)) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(version) => write!(f, "there is no migration `{version}`"),
            Self::Unreadable => f.write_str("the lock file cannot be read"),
            Self::Changed(_) => f.write_str("sealed migrations are not as they were sealed"),
            Self::Findings { names, .. } => {
                write!(f, "there are findings in `{}`", names.join("`, `"))
            }
            Self::Unwritable(name) => {
                write!(f, "the lock file cannot hold the name `{name}`: rename the directory")
            }
            Self::Error(error) => error.fmt(f),
        }
    }
}
