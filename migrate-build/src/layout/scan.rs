//! Listing the directory.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

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
pub(super) struct Place {
    name: OsString,
    path: PathBuf,
    shown: PathBuf,
}

/// What is in it.
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

/// The directory of migrations, which no link may leave.
pub(super) struct Root(PathBuf);

impl Root {
    /// That of a path.
    ///
    /// # Errors
    /// When there is no such directory.
    pub(super) fn of(path: &Path, shown: &Path) -> Result<Self, Error> {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => {}
            Ok(_) => return Err(Error::io("list", shown, ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::NoDirectory { path: shown.to_owned() });
            }
            Err(error) => return Err(Error::io("list", shown, error)),
        }
        let real = fs::canonicalize(path).map_err(|error| Error::io("list", shown, error))?;
        Ok(Self(real))
    }

    /// What is wrong with a link that leads out of it, or nowhere.
    fn escape(&self, link: &Path, shown: &Path) -> Option<Diagnostic> {
        let target = fs::canonicalize(link);
        if target.as_ref().is_ok_and(|target| target.starts_with(&self.0)) {
            return None;
        }
        let (message, help) = match target {
            Ok(_) => (
                "this symbolic link leads out of the migrations directory",
                "put a copy of the file here: what is verified must be what is kept",
            ),
            Err(_) => ("this symbolic link leads nowhere", "put a file here, or remove the link"),
        };
        Some(Diagnostic::new(&SYMLINK_ESCAPE, message).at_path(shown, "").help(help))
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Every directory that could be a migration, by name.
pub(super) fn places(
    path: &Path,
    shown: &Path,
    root: &Root,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    let walk = WalkDir::new(path).min_depth(1).max_depth(1).follow_root_links(true).into_iter();
    for entry in walk.filter_entry(|entry| !is_hidden(entry.file_name())) {
        let entry = entry.map_err(|error| {
            let source = error.into_io_error().unwrap_or_else(|| ErrorKind::Other.into());
            Error::io("list", shown, source)
        })?;
        let name = entry.file_name().to_owned();
        let shown = shown.join(&name);
        let is_link = entry.path_is_symlink();
        if is_link && let Some(escape) = root.escape(entry.path(), &shown) {
            findings.push(escape);
        } else if entry.file_type().is_dir() || is_link && entry.path().is_dir() {
            places.push(Place { name, path: entry.into_path(), shown });
        } else if has_sql_ending(name.as_encoded_bytes()) {
            findings.push(flat_file(&shown));
        }
    }
    places.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(places)
}

impl Place {
    /// Lists its files.
    pub(super) fn look(&self, root: &Root, findings: &mut Vec<Diagnostic>) -> Result<Found, Error> {
        let mut found = Found {
            name: self.name.clone(),
            shown: self.shown.clone(),
            up: None,
            down: None,
            code: None,
            metadata: None,
            others: Vec::new(),
        };
        let failed = |error| Error::io("list", &self.shown, error);
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if is_hidden(&name) {
                continue;
            }
            let (path, shown) = (entry.path(), self.shown.join(&name));
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_symlink()
                && let Some(escape) = root.escape(&path, &shown)
            {
                findings.push(escape);
                continue;
            }
            let file = File { path, shown, is_regular: kind.is_file() };
            match name.to_str() {
                Some(UP) => found.up = Some(file),
                Some(DOWN) => found.down = Some(file),
                Some(rust::FILE) => found.code = Some(file),
                Some(METADATA) => found.metadata = Some(file),
                _ => {
                    findings.extend(unexpected(&name, &file.shown));
                    found.others.push(name);
                }
            }
        }
        Ok(found)
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
