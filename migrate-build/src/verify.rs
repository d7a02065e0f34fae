//! The whole way from a directory to a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::{Cache, Key};
use crate::check::{self, Role, Way};
use crate::checksum::Checksum;
use crate::court::{Court, Sums};
use crate::diagnostic::{Diagnostic, Place};
use crate::error::Error;
use crate::facts::{Facts, may_delete_rows};
use crate::judge::{self, Extent, Losses, Tally, Verdict};
use crate::layout::{Directory, Entry, Settings};
use crate::levels::Levels;
use crate::lock::Lock;
use crate::rust;
use crate::script;
use crate::seal::{self, History};
use crate::server::Server;
use crate::source::Source;
use crate::sql::{self, DirectiveKind, Mode, Parsed, Parser, Statement};
use crate::version::Version;

/// A migration, verified.
#[derive(Debug)]
pub struct Migration {
    /// Its version.
    pub version: Version,
    /// The directory's name.
    pub name: String,
    /// The directory as messages show it.
    pub shown: PathBuf,
    /// `metadata.toml`.
    pub settings: Settings,
    /// `up.sql`, or `up` of `migration.rs`.
    pub up: Script,
    /// The way back.
    pub down: Down,
    /// What is known of it.
    pub verdict: Verdict,
    /// What data its scripts lose; nothing where that is known from an earlier time and was not looked
    /// at now.
    pub losses: Option<Losses>,
}

/// The way back.
#[derive(Debug)]
pub enum Down {
    /// `down.sql`.
    Script(Script),
    /// None, on purpose: the reason.
    Irreversible(String),
    /// None, and a finding says so.
    Missing,
}

/// A script, verified.
#[derive(Debug)]
pub struct Script {
    /// Its text.
    pub source: Arc<Source>,
    /// The checksum of the text.
    pub checksum: Checksum,
    /// What a runner needs to know of it.
    pub facts: Facts,
}

/// What verification found.
#[derive(Debug)]
pub struct Report {
    /// The server whose SQL the files were read as.
    pub server: Server,
    /// The directory as messages show it.
    pub shown: PathBuf,
    /// The migrations, ascending by version. Those with findings are among them.
    pub migrations: Vec<Migration>,
    /// The findings, by file and place, levels applied.
    pub findings: Vec<Diagnostic>,
    /// What is sealed.
    pub lock: Lock,
    /// What was found in sealed migrations, in the same order: warnings at most, and never a reason to
    /// build or run nothing.
    pub history: Vec<Diagnostic>,
}

impl Report {
    /// Whether something was found that must not be built or run.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.level.fails())
    }

    /// Whether something was found that keeps the scripts from being run at all. What verdicts rest
    /// on does not: a database can be asked for its own.
    #[must_use]
    pub fn is_unfit(&self) -> bool {
        let mut findings = self.findings.iter().filter(|finding| finding.level.fails());
        findings.any(|finding| judge::rule(finding.rule.id).is_none())
    }

    /// The finding for a statement, counted from 0, that a database refused when it ran; nothing
    /// when the script is not one of these migrations'.
    #[must_use]
    pub fn failed_statement(
        &self,
        version: &str,
        up: bool,
        statement: usize,
        message: &str,
    ) -> Option<Diagnostic> {
        let mut migrations = self.migrations.iter();
        let migration = migrations.find(|migration| migration.version.as_str() == version)?;
        let script = match &migration.down {
            _ if up => &migration.up,
            Down::Script(script) => script,
            Down::Irreversible(_) | Down::Missing => return None,
        };
        let unit = script.facts.statements.get(statement)?;
        hide_secrets(&script.source, sql::parser(self.server.dialect).ok()?);
        let message = script.source.redacted(message);
        let of = script.facts.statements.len();
        let label = format!("statement {} of {of}", statement + 1);
        Some(Diagnostic::new(&check::FAILED_STATEMENT, message).at(
            &script.source,
            rust::shown(&script.source, unit.span),
            label,
        ))
    }

    /// How many migrations there are of each verdict.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::of(self.migrations.iter().map(|migration| &migration.verdict))
    }

    /// How many findings fail the build, and how many warn.
    #[must_use]
    pub fn errors_and_warnings(&self) -> (usize, usize) {
        let errors = self.findings.iter().filter(|finding| finding.level.fails()).count();
        (errors, self.findings.len() - errors)
    }
}

/// Verifies a directory.
///
/// # Errors
/// When the dialect's parser is not compiled in.
pub fn verify_directory(
    directory: Directory,
    server: Server,
    levels: &Levels,
    cache: &mut Cache,
) -> Result<Report, Error> {
    let parser = sql::parser(server.dialect)?;
    let Directory { shown, mut findings, lock, .. } = directory;
    let past = History::of(&lock, &shown);
    let mut history = past.take(&mut findings);
    let sums: Vec<Sums> = directory.entries.iter().map(Sums::of).collect();
    let court = Court::open(server, &directory.entries, &sums, &findings, cache);
    let mut verifier = Verifier { parser, server, cache, findings: &mut findings, court };
    let entries = directory.entries.into_iter().zip(&sums);
    let migrations: Vec<Migration> =
        entries.map(|(entry, sums)| verifier.migration(entry, sums)).collect();
    verifier.court.take_back(verifier.findings);
    if let Some(sound) = verifier.court.sound(&migrations, &sums) {
        cache.remember_sound(Some(sound));
    }
    history.append(&mut past.take(&mut findings));
    let comparison = seal::Comparison {
        lock: &lock,
        path: Some(&directory.path),
        shown: &shown,
        migrations: &migrations,
        reported: &findings,
        parser,
    };
    let mut about_seal = comparison.findings();
    findings.append(&mut about_seal);
    for findings in [&mut findings, &mut history] {
        levels.apply(findings);
        findings.sort_by_cached_key(place_key);
    }
    history.iter_mut().for_each(seal::soften);
    Ok(Report { server, shown, migrations, findings, lock, history })
}

/// Findings are shown migration by migration, `up.sql` first, each file from the top.
fn place_key(finding: &Diagnostic) -> (PathBuf, bool, PathBuf, u32) {
    let start = finding.labels.first().map_or(0, |label| match &label.place {
        Place::Text(_, span) => span.start,
        Place::Path(_) => 0,
    });
    let path = finding.path().unwrap_or(Path::new(""));
    let (directory, is_up) = match path.file_name() {
        Some(name) if path.extension().is_some() => {
            (path.parent().unwrap_or(path), name == "up.sql")
        }
        _ => (path, true),
    };
    (directory.to_owned(), !is_up, path.to_owned(), start)
}

/// No message shows a password that stands in the script.
pub(crate) fn hide_secrets(source: &Source, parser: &dyn Parser) {
    if !rust::is_rust(source) {
        source.hide(|| sql::secrets(parser, source.text()));
    }
}

struct Verifier<'v> {
    parser: &'static dyn Parser,
    server: Server,
    cache: &'v mut Cache,
    findings: &'v mut Vec<Diagnostic>,
    court: Court,
}

/// A script that was read: it, and what its statements are, where that is to be judged.
struct Reading {
    script: Script,
    statements: Vec<Statement>,
    extent: Extent,
}

impl Script {
    /// Whether it is a function in Rust.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        rust::is_rust(&self.source)
    }
}

impl Verifier<'_> {
    fn migration(&mut self, entry: Entry, sums: &Sums) -> Migration {
        let settings = entry.settings;
        self.court.call();
        let up = self.script(entry.up, sums.up, Role::Up, settings);
        let down_is_there = match &entry.down {
            Some(source) if rust::is_rust(source) => rust::has(source, Role::Down),
            down => down.is_some() || entry.down_refused,
        };
        let irreversible = up.script.facts.irreversible.as_deref();
        let way = check::way_back(irreversible, &up.script.source, down_is_there, self.findings);
        let (down, back) = match (way, entry.down) {
            (Way::There, Some(source)) => {
                (None, Some(self.script(source, sums.down, Role::Down, settings)))
            }
            (Way::Irreversible(reason), _) => (Some(Down::Irreversible(reason.to_owned())), None),
            _ => (Some(Down::Missing), None),
        };
        let (verdict, losses) = self.verdict(&up, down.as_ref(), back.as_ref());
        Migration {
            version: entry.version,
            name: entry.name,
            shown: entry.shown,
            settings,
            up: up.script,
            down: match (down, back) {
                (_, Some(back)) => Down::Script(back.script),
                (down, None) => down.unwrap_or(Down::Missing),
            },
            verdict,
            losses,
        }
    }

    fn verdict(
        &mut self,
        up: &Reading,
        down: Option<&Down>,
        back: Option<&Reading>,
    ) -> (Verdict, Option<Losses>) {
        let way = match (down, back) {
            (_, Some(back)) => judge::Way::Script(back.judged()),
            (Some(Down::Irreversible(reason)), _) => judge::Way::Irreversible(reason),
            _ => judge::Way::Missing,
        };
        if self.court.is_settled() {
            return (way.settled(&up.judged()), None);
        }
        let mut findings = Vec::new();
        let (verdict, losses) = self.court.judge(&up.judged(), &way, &mut findings);
        for Script { source, facts, .. } in
            std::iter::once(up).chain(back).map(|reading| &reading.script)
        {
            check::apply_later_allows(source, &facts.allows, &mut findings);
        }
        self.redact(&mut findings);
        self.findings.append(&mut findings);
        (verdict, Some(losses))
    }

    /// Other scripts than the two are shown, too, and what is known of one may come from the cache.
    fn redact(&self, findings: &mut [Diagnostic]) {
        let mut sources: Vec<Arc<Source>> = Vec::new();
        for label in findings.iter().flat_map(|finding| &finding.labels) {
            if let Place::Text(source, _) = &label.place
                && !sources.iter().any(|known| Arc::ptr_eq(known, source))
            {
                sources.push(Arc::clone(source));
            }
        }
        for source in sources {
            hide_secrets(&source, self.parser);
            findings.iter_mut().for_each(|finding| finding.redact(&source));
        }
    }

    fn script(
        &mut self,
        source: Arc<Source>,
        checksum: Checksum,
        role: Role,
        settings: Settings,
    ) -> Reading {
        let key = Key { checksum, server: self.server, role, settings };
        if let Some(facts) = self.cache.get(&key) {
            let parsed = if self.court.is_settled() {
                Parsed::default()
            } else {
                self.parse(&source, role, settings, &mut Vec::new())
            };
            return Reading::new(Script { source, checksum, facts }, parsed, &[]);
        }
        let before = self.findings.len();
        let (facts, parsed) = self.read(&source, role, settings);
        // Findings have to be shown each time, so only what has none is remembered.
        if self.findings.len() == before {
            self.cache.put(key, facts.clone());
        }
        Reading::new(Script { source, checksum, facts }, parsed, &self.findings[before..])
    }

    fn parse(
        &self,
        source: &Arc<Source>,
        role: Role,
        settings: Settings,
        findings: &mut Vec<Diagnostic>,
    ) -> Parsed {
        let mut parsed = script::parse(self.parser, self.server, source, role, findings);
        if rust::is_rust(source) && !settings.run_in_transaction {
            // It has transactions of its own: nobody can tell how far it came.
            parsed.statements.iter_mut().for_each(|code| code.mode = Mode::Once);
        }
        parsed
    }

    fn read(&mut self, source: &Arc<Source>, role: Role, settings: Settings) -> (Facts, Parsed) {
        hide_secrets(source, self.parser);
        let mut findings = Vec::new();
        let parsed = self.parse(source, role, settings, &mut findings);
        let (server, parser) = (self.server, self.parser);
        let script = check::Script { source, parsed: &parsed, role, settings, server, parser };
        check::run(&script, &mut findings);
        let may_lose_rows = may_delete_rows(self.server.dialect, &parsed.statements);
        let allowed = check::apply_allows(source, &parsed, may_lose_rows, &mut findings);
        findings.iter_mut().for_each(|finding| finding.redact(source));
        self.findings.append(&mut findings);
        let names = || script::names(self.parser, source);
        let facts = Facts::of(self.server.dialect, &parsed, allowed, names);
        let said = |kind: DirectiveKind| {
            let mut directives = parsed.directives.iter();
            Some(directives.find(|directive| directive.kind == kind)?.reason.clone())
        };
        let facts = Facts {
            irreversible: said(DirectiveKind::Irreversible),
            assumed: said(DirectiveKind::AssumeReversible)
                .or_else(|| said(DirectiveKind::AssumeRowsOnly)),
            allows: check::allows(source, &parsed),
            ..facts
        };
        (facts, parsed)
    }
}

impl Reading {
    fn new(script: Script, parsed: Parsed, findings: &[Diagnostic]) -> Self {
        let extent = Extent::of(&parsed, findings);
        Self { script, statements: parsed.statements, extent }
    }

    fn judged(&self) -> judge::Script<'_> {
        judge::Script {
            source: &self.script.source,
            statements: &self.statements,
            extent: self.extent,
            assumed: self.script.facts.assumed.as_deref(),
        }
    }
}
