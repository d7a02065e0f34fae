//! Listing the directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::rule::{Rule, rule};
use crate::rust;
use crate::suggest::nearest;

static FLAT_FILE: Rule = rule!("flat-file", Forbid, "an SQL file outside a migration's directory");
static EMPTY_DIRECTORY: Rule = rule!("empty-directory", Forbid, "a directory without any file");
pub(crate) static MISSING_UP: Rule =
    rule!("missing-up", Forbid, "a migration's directory without `up.sql`");
static TWO_LANGUAGES: Rule =
    rule!("two-languages", Forbid, "a migration in SQL and in Rust at once");
static UNEXPECTED_FILE: Rule =
    rule!("unexpected-file", Deny, "a file in a migration that nothing reads");
static SYMLINK_ESCAPE: Rule =
    rule!("symlink-escape", Forbid, "a symbolic link that leaves the migrations directory");

pub(super) static RULES: &[&Rule] =
    &[&FLAT_FILE, &EMPTY_DIRECTORY, &MISSING_UP, &TWO_LANGUAGES, &UNEXPECTED_FILE, &SYMLINK_ESCAPE];

const UP: &str = "up.sql";
const DOWN: &str = "down.sql";
const METADATA: &str = "metadata.toml";

/// A directory that should be a migration.
pub(super) struct Found {
    pub(super) name: OsString,
    pub(super) shown: PathBuf,
    pub(super) up: Option<File>,
    pub(super) down: Option<File>,
    pub(super) code: Option<File>,
    pub(super) metadata: Option<File>,
    /// What else is in it.
    others: Vec<OsString>,
}

/// A file to read, and how messages show it.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) shown: PathBuf,
    /// Whether the directory says that it is a regular file, and no link to one.
    pub(super) is_regular: bool,
}

impl File {
    fn new(entry: &DirEntry, shown: PathBuf) -> Self {
        let is_regular = entry.file_type().is_file();
        Self { path: entry.path().to_owned(), shown, is_regular }
    }
}

/// Every directory that could be a migration, by name.
pub(super) fn scan(
    root: &Path,
    shown: &Path,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<Found>, Error> {
    match fs::metadata(root) {
        Ok(about) if about.is_dir() => {}
        Ok(_) => return Err(Error::io("list", shown, std::io::ErrorKind::NotADirectory.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NoDirectory { path: shown.to_owned() });
        }
        Err(error) => return Err(Error::io("list", shown, error)),
    }
    let real_root = fs::canonicalize(root).map_err(|error| Error::io("list", shown, error))?;
    let mut scan = Scan { root, shown, real_root, findings, found: Vec::new() };
    let walk = WalkDir::new(root).min_depth(1).max_depth(2).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !is_hidden(entry)) {
        scan.visit(&entry.map_err(|error| walk_error(root, error))?)?;
    }
    Ok(scan.found)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn walk_error(root: &Path, error: walkdir::Error) -> Error {
    let path = error.path().unwrap_or(root).to_owned();
    let source = error.into_io_error().unwrap_or_else(|| std::io::ErrorKind::Other.into());
    Error::Io { action: "list", path, source }
}

struct Scan<'s> {
    root: &'s Path,
    shown: &'s Path,
    real_root: PathBuf,
    findings: &'s mut Vec<Diagnostic>,
    found: Vec<Found>,
}

impl Scan<'_> {
    fn visit(&mut self, entry: &DirEntry) -> Result<(), Error> {
        if entry.depth() == 1 {
            return self.visit_top(entry);
        }
        // Its directory came just before it, unless a link or a file stood in its place.
        if let Some(found) = self.found.last_mut() {
            let file = File::new(entry, found.shown.join(entry.file_name()));
            if entry.path_is_symlink() && self.escapes(&file.path, &file.shown) {
                return Ok(());
            }
            self.take(entry.file_name().to_owned(), file);
        }
        Ok(())
    }

    fn visit_top(&mut self, entry: &DirEntry) -> Result<(), Error> {
        let shown = self.shown.join(entry.file_name());
        if entry.file_type().is_dir() {
            self.begin(entry, shown);
            return Ok(());
        }
        if entry.path_is_symlink() {
            if self.escapes(entry.path(), &shown) {
                return Ok(());
            }
            if entry.path().is_dir() {
                self.begin(entry, shown);
                return self.list_linked(entry.path());
            }
        }
        if has_sql_ending(entry.file_name().as_encoded_bytes()) {
            self.findings.push(flat_file(&shown));
        }
        Ok(())
    }

    fn begin(&mut self, entry: &DirEntry, shown: PathBuf) {
        let name = entry.file_name().to_owned();
        let (up, down, code, metadata) = (None, None, None, None);
        self.found.push(Found { name, shown, up, down, code, metadata, others: Vec::new() });
    }

    /// The walk does not follow links: a linked directory is listed here.
    fn list_linked(&mut self, path: &Path) -> Result<(), Error> {
        let walk = WalkDir::new(path).min_depth(1).max_depth(1).follow_root_links(true);
        for entry in walk.sort_by_file_name().into_iter().filter_entry(|e| !is_hidden(e)) {
            self.visit_linked(&entry.map_err(|error| walk_error(self.root, error))?);
        }
        Ok(())
    }

    fn visit_linked(&mut self, entry: &DirEntry) {
        let Some(found) = self.found.last() else { return };
        let file = File::new(entry, found.shown.join(entry.file_name()));
        if !(entry.path_is_symlink() && self.escapes(&file.path, &file.shown)) {
            self.take(entry.file_name().to_owned(), file);
        }
    }

    fn take(&mut self, name: OsString, file: File) {
        let Some(found) = self.found.last_mut() else { return };
        match name.to_str() {
            Some(UP) => found.up = Some(file),
            Some(DOWN) => found.down = Some(file),
            Some(rust::FILE) => found.code = Some(file),
            Some(METADATA) => found.metadata = Some(file),
            _ => {
                if let Some(finding) = unexpected(&name, &file.shown) {
                    self.findings.push(finding);
                }
                found.others.push(name);
            }
        }
    }

    /// Whether a link leads out of the migrations directory, or nowhere; then it is a finding.
    fn escapes(&mut self, path: &Path, shown: &Path) -> bool {
        let target = fs::canonicalize(path);
        if target.as_ref().is_ok_and(|target| target.starts_with(&self.real_root)) {
            return false;
        }
        let (message, help) = match target {
            Ok(_) => (
                "this symbolic link leads out of the migrations directory",
                "put a copy of the file here: what is verified must be what is kept",
            ),
            Err(_) => ("this symbolic link leads nowhere", "put a file here, or remove the link"),
        };
        let finding = Diagnostic::new(&SYMLINK_ESCAPE, message).at_path(shown, "").help(help);
        self.findings.push(finding);
        true
    }
}

fn has_sql_ending(name: &[u8]) -> bool {
    name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".sql")
}

fn flat_file(shown: &Path) -> Diagnostic {
    let stem = shown.file_stem().unwrap_or_default().to_string_lossy();
    Diagnostic::new(&FLAT_FILE, "an SQL file outside a migration's directory is never run")
        .at_path(shown, "")
        .help(format!("move it to `{stem}/up.sql`, and write the way back in `{stem}/down.sql`"))
}

/// A file that looks as if it were meant to be read. Others (a README, notes) are nobody's
/// business.
fn unexpected(name: &OsString, shown: &Path) -> Option<Diagnostic> {
    let text = name.to_string_lossy();
    let meant = nearest(&text, [UP, DOWN, rust::FILE, METADATA]);
    if meant.is_none() && !has_sql_ending(name.as_encoded_bytes()) {
        return None;
    }
    let finding =
        Diagnostic::new(&UNEXPECTED_FILE, format!("nothing reads `{text}`")).at_path(shown, "");
    Some(match meant {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => {
            finding.help("a migration is `up.sql`, `down.sql` and, if need be, `metadata.toml`; in Rust, it is `migration.rs`")
        }
    })
}

/// The finding for a directory without an `up.sql`.
pub(super) fn missing_up(found: &Found) -> Diagnostic {
    if found.down.is_none() && found.metadata.is_none() && found.others.is_empty() {
        return Diagnostic::new(&EMPTY_DIRECTORY, "this migration's directory is empty")
            .at_path(&found.shown, "")
            .help("remove it: git does not keep empty directories, so a switch of branches may have left it");
    }
    Diagnostic::new(&MISSING_UP, "this migration's directory has no `up.sql`")
        .at_path(&found.shown, "")
        .help("write `up.sql`, or remove the directory; migrations are not nested")
}

/// The finding for a directory with a migration of each kind.
pub(super) fn two_languages(found: &Found) -> Option<Diagnostic> {
    let sql = found.up.as_ref().or(found.down.as_ref())?;
    found.code.as_ref()?;
    let name = sql.path.file_name().unwrap_or_default().to_string_lossy();
    let message = format!("`{name}` stands beside `migration.rs`: a migration is one or the other");
    let finding = Diagnostic::new(&TWO_LANGUAGES, message).at_path(&found.shown, "");
    Some(finding.help("make two migrations of it, or remove one of the two"))
}
