//! Where verdicts come from: a judge, and what was found the last time.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::cache::{Cache, Sound};
use crate::catalog::{Catalog, Mark};
use crate::checksum::Checksum;
use crate::diagnostic::Diagnostic;
use crate::judge::{Judge, Losses, Script, Verdict, Way};
use crate::layout::Entry;
use crate::server::Server;
use crate::source::Source;
use crate::verify::{Down, Migration, Report};

/// The checksums of a migration's scripts.
pub(crate) struct Sums {
    pub(crate) up: Checksum,
    /// That of an empty text where there is none.
    pub(crate) down: Checksum,
}

impl Sums {
    pub(crate) fn of(entry: &Entry) -> Self {
        let down = entry.down.as_ref().map_or("", |source| source.text());
        Self { up: Checksum::of(entry.up.text()), down: Checksum::of(down) }
    }

    /// Those of scripts that were read.
    fn verified(migration: &Migration) -> Self {
        let down = match &migration.down {
            Down::Script(down) => down.checksum,
            Down::Irreversible(_) | Down::Missing => Checksum::of(""),
        };
        Self { up: migration.up.checksum, down }
    }
}

/// Where verdicts come from, one after another.
pub(crate) struct Court {
    judge: Judge,
    /// How many are known to be sound from the last time.
    settled: usize,
    /// How many were called.
    called: usize,
    /// The moment up to which everything is sound, and how many that are.
    sound: Option<(Mark, usize)>,
    /// Somebody remembers what is sound.
    is_kept: bool,
    server: Server,
}

impl Court {
    /// Opens it about migrations, of which some may be known from the last time.
    pub(crate) fn open(
        server: Server,
        entries: &[Entry],
        sums: &[Sums],
        findings: &[Diagnostic],
        cache: &Cache,
    ) -> Self {
        if findings.iter().any(|finding| finding.level.fails()) {
            let judge = Judge::blurred(empty(server), "a migration could not be read");
            let (sound, is_kept) = (None, false);
            return Self { judge, settled: 0, called: 0, sound, is_kept, server };
        }
        let (settled, catalog) =
            known(server, entries, sums, cache).unwrap_or_else(|| (0, empty(server)));
        let judge = Judge::behind(catalog);
        let sound = Some((judge.mark(), settled));
        Self { judge, settled, called: 0, sound, is_kept: cache.is_kept(), server }
    }

    /// Calls the next migration.
    pub(crate) fn call(&mut self) {
        self.called += 1;
    }

    /// Whether the verdict on the migration that was called is known from the last time.
    pub(crate) fn is_settled(&self) -> bool {
        self.called <= self.settled
    }

    /// Judges the migration that was called.
    pub(crate) fn judge(
        &mut self,
        up: &Script<'_>,
        way: &Way<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> (Verdict, Losses) {
        let (verdict, losses) = self.judge.migration(up, way, findings);
        let is_right =
            matches!(verdict, Verdict::Proved | Verdict::Assumed(_) | Verdict::Irreversible(_));
        if let Some((mark, count)) = &mut self.sound
            && *count + 1 == self.called
            && is_right
            && findings.is_empty()
        {
            (*mark, *count) = (self.judge.mark(), self.called);
        }
        (verdict, losses)
    }

    /// Takes back what is right after all, now that every migration was called.
    pub(crate) fn take_back(&self, findings: &mut Vec<Diagnostic>) {
        self.judge.take_back(findings);
    }

    /// What is sound now, if that is to be remembered and was not before.
    pub(crate) fn sound(self, migrations: &[Migration], sums: &[Sums]) -> Option<Sound> {
        let (mark, count) = self.sound.filter(|(_, count)| *count > self.settled)?;
        if !self.is_kept {
            return None;
        }
        let versions = migrations.iter().map(|migration| migration.version.as_str());
        let digest = digest(self.server, versions.zip(sums).take(count));
        Some(Sound { count, digest, catalog: self.judge.into_bytes(mark) })
    }
}

/// The schema of a new database.
fn empty(server: Server) -> Catalog {
    Catalog::new(server.dialect).on(server.version)
}

/// The migrations that are known to be sound, and the catalog behind them. Where that was not kept, it
/// is of use only when there is nothing behind them.
fn known(
    server: Server,
    entries: &[Entry],
    sums: &[Sums],
    cache: &Cache,
) -> Option<(usize, Catalog)> {
    let sound = cache.sound().filter(|sound| sound.count <= entries.len())?;
    let versions = entries.iter().map(|entry| entry.version.as_str());
    if digest(server, versions.zip(sums).take(sound.count)) != sound.digest {
        return None;
    }
    if sound.count == entries.len() {
        return Some((sound.count, empty(server)));
    }
    let scripts: HashMap<&str, &Arc<Source>> = entries
        .iter()
        .flat_map(|entry| std::iter::once(&entry.up).chain(&entry.down))
        .filter_map(|source| Some((source.path().to_str()?, source)))
        .collect();
    let catalog =
        Catalog::from_bytes(sound.catalog.as_deref()?, |path| scripts.get(path).copied().cloned())?;
    Some((sound.count, catalog.on(server.version)))
}

/// The catalog behind all migrations of a report, where it was kept.
pub(crate) fn kept(report: &Report, cache: &Cache) -> Option<Catalog> {
    let sound = cache.sound().filter(|sound| sound.count == report.migrations.len())?;
    let sums: Vec<Sums> = report.migrations.iter().map(Sums::verified).collect();
    let versions = report.migrations.iter().map(|migration| migration.version.as_str());
    if digest(report.server, versions.zip(&sums)) != sound.digest {
        return None;
    }
    let scripts = report.migrations.iter().map(|migration| &migration.up.source);
    let scripts: HashMap<&str, &Arc<Source>> =
        scripts.filter_map(|source| Some((source.path().to_str()?, source))).collect();
    let catalog =
        Catalog::from_bytes(sound.catalog.as_deref()?, |path| scripts.get(path).copied().cloned())?;
    Some(catalog.on(report.server.version))
}

/// What verdicts depend on: the SQL, and every text in its order.
fn digest<'m>(server: Server, migrations: impl Iterator<Item = (&'m str, &'m Sums)>) -> Checksum {
    let mut text = format!("{server}\n");
    for (version, Sums { up, down }) in migrations {
        let _ = writeln!(text, "{version} {up} {down}");
    }
    Checksum::of(&text)
}
