//! Files and directories: what is there, and whether it is laid out as migrations are.
//!
//! The layout is Diesel's. What Diesel passes over in silence is a finding here.

mod names;
mod order;
mod read;
mod scan;
mod settings;

use std::fs;
use std::io::ErrorKind;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::lock::{self, Lock};
use crate::rule::Rule;
use crate::source::Source;
use crate::version::Version;

pub use read::MAX_BYTES;
pub(crate) use scan::MISSING_UP;
use scan::{Place, Root};
pub use settings::Settings;

/// The rules about layout.
pub(crate) static RULES: &[&[&Rule]] =
    &[names::RULES, order::RULES, scan::RULES, read::RULES, settings::RULES];

/// A migrations directory as it was found.
#[derive(Debug)]
pub struct Directory {
    /// Where it is.
    pub path: PathBuf,
    /// As messages show it.
    pub shown: PathBuf,
    /// The migrations that could be read, ascending by version.
    pub entries: Vec<Entry>,
    /// What is wrong with the layout.
    pub findings: Vec<Diagnostic>,
    /// `migrations.lock`, with what is wrong with it.
    pub lock: Lock,
}

/// One migration's files.
#[derive(Debug)]
pub struct Entry {
    /// Its version.
    pub version: Version,
    /// The directory's name.
    pub name: String,
    /// The directory as messages show it.
    pub shown: PathBuf,
    /// `up.sql`, or `migration.rs`. A directory without one is a finding, not an entry.
    pub up: Arc<Source>,
    /// `down.sql`, if there is one; `migration.rs` again where it is that.
    pub down: Option<Arc<Source>>,
    /// Whether `down.sql` is there, but could not be taken (that is a finding already).
    pub down_refused: bool,
    /// `metadata.toml`.
    pub settings: Settings,
}

impl Directory {
    /// Reads a migrations directory. `shown` is the path that messages show for it.
    ///
    /// # Errors
    /// When the directory does not exist, or when it or a file in it cannot be read. What is wrong
    /// *with* the files is in [`Directory::findings`].
    pub fn load(path: &Path, shown: &Path) -> Result<Self, Error> {
        let mut findings = Vec::new();
        let root = Root::of(path, shown)?;
        let places = scan::places(path, shown, &root, &mut findings)?;
        let mut entries = Vec::with_capacity(places.len());
        for loaded in load_all(&places, &root) {
            let (entry, mut said) = loaded?;
            entries.extend(entry);
            findings.append(&mut said);
        }
        entries.sort_by(|a, b| (&a.version, &a.name).cmp(&(&b.version, &b.name)));
        order::check(&entries, &mut findings);
        let lock = load_lock(path, shown)?;
        Ok(Self { path: path.to_owned(), shown: shown.to_owned(), entries, findings, lock })
    }
}

fn load_lock(path: &Path, shown: &Path) -> Result<Lock, Error> {
    let (path, shown) = (path.join(lock::FILE), shown.join(lock::FILE));
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Lock::default()),
        _ => {}
    }
    let mut findings = Vec::new();
    let file = scan::File { path, shown, is_regular: false };
    Ok(match read::read(Some(&file), &mut findings)? {
        Some(source) if findings.is_empty() => Lock::parse(source),
        _ => Lock::refused(findings),
    })
}

/// A directory that was read: a migration, if it is one, and what is wrong with it.
type Loaded = Result<(Option<Entry>, Vec<Diagnostic>), Error>;

/// Lists and reads directories, in their order: many of them on all processors, because the time goes
/// by opening small files.
fn load_all(places: &[Place], root: &Root) -> Vec<Loaded> {
    /// As many are read before another thread would have begun.
    const FEW: usize = 50;
    let load = |places: &[Place]| places.iter().map(|p| load_one(p, root)).collect::<Vec<_>>();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = places.len().div_ceil(threads).max(FEW);
    let Some((own, others)) = places.split_at_checked(share) else { return load(places) };
    thread::scope(|scope| {
        let others = others.chunks(share).map(|share| {
            let work = move || load(share);
            // Where the system has no thread to spare, this one does it.
            (share, thread::Builder::new().spawn_scoped(scope, work))
        });
        let others: Vec<_> = others.collect();
        let mut all = load(own);
        for (share, thread) in others {
            all.extend(match thread.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(loaded)) => loaded,
                Ok(Err(panic)) => resume_unwind(panic),
                Err(_) => load(share),
            });
        }
        all
    })
}

fn load_one(place: &Place, root: &Root) -> Loaded {
    let mut findings = Vec::new();
    let found = place.look(root, &mut findings)?;
    let entry = load_entry(&found, &mut findings)?;
    Ok((entry, findings))
}

fn load_entry(found: &scan::Found, findings: &mut Vec<Diagnostic>) -> Result<Option<Entry>, Error> {
    let Some(name) = names::check(found, findings) else { return Ok(None) };
    let version = Version::of_directory(&name);
    if found.code.is_some() {
        findings.extend(scan::two_languages(found));
        return load_code(found, version, name, findings);
    }
    let before = findings.len();
    let up = read::read(found.up.as_ref(), findings)?;
    let up_refused = findings.len() > before;
    let before = findings.len();
    let down = read::read(found.down.as_ref(), findings)?;
    let down_refused = findings.len() > before;
    let settings = settings::read(found.metadata.as_ref(), findings)?;
    let Some(up) = up else {
        if !up_refused {
            findings.push(scan::missing_up(found));
        }
        return Ok(None);
    };
    let shown = found.shown.clone();
    Ok(Some(Entry { version, name, shown, up, down, down_refused, settings }))
}

/// A migration in Rust: one file for both ways.
fn load_code(
    found: &scan::Found,
    version: Version,
    name: String,
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<Entry>, Error> {
    let settings = settings::read(found.metadata.as_ref(), findings)?;
    let Some(up) = read::read(found.code.as_ref(), findings)? else { return Ok(None) };
    let down = Some(Arc::clone(&up));
    let shown = found.shown.clone();
    Ok(Some(Entry { version, name, shown, up, down, down_refused: false, settings }))
}
