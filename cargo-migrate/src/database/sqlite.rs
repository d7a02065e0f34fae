//! SQLite: a file, or memory.

mod backup;
mod openers;
mod restore;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use percent_encoding::percent_decode_str;

use super::identity::{FileIdentity, Identity};
use super::refused::{Cause, Refused};
use super::{Address as _, Connection};
use crate::copies;
use crate::failure::Failure;

/// What may stand beside a database's file, by the ending of its name. It goes first: a journal that
/// outlived its database would be rolled back into the next one.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// The address of an SQLite database.
pub(super) struct Address {
    url: String,
    /// The file, unless it lives in memory.
    file: Option<PathBuf>,
}

impl Address {
    /// The address that a URL or a path gives. Diesel knows `sqlite://`, others write `sqlite:`.
    pub(super) fn new(url: &str) -> Self {
        let short = url.strip_prefix("sqlite:").filter(|rest| !rest.starts_with("//"));
        let url = short.unwrap_or(url);
        Self { url: url.to_owned(), file: file(url) }
    }

    fn connect(&self) -> Result<Box<SqliteConnection>, Refused> {
        if let Some(problem) = self.file.as_deref().and_then(unusable) {
            return Err(problem);
        }
        SqliteConnection::establish(&self.url).map(Box::new).map_err(|error| {
            // SQLite does not say why; the system does, unless the file was yet to be made.
            let why = match self.file.as_deref().map(File::open) {
                Some(Err(why)) if why.kind() != ErrorKind::NotFound => why.to_string(),
                _ => error.to_string(),
            };
            let failure = Failure::new(format!("cannot open {}: {why}", self.shown()))
                .help("check the path, and the permissions of the file and of its directory");
            Refused::new(Cause::Unusable, failure)
        })
    }

    fn shown_name(&self) -> String {
        match &self.file {
            Some(file) => format!("`{}`", file.display()),
            None => "the database in memory".to_owned(),
        }
    }

    /// The file and what may stand beside it, the file last.
    fn files(&self) -> Vec<PathBuf> {
        // Where the path is a link, the link stays.
        let file = self.file.as_deref().and_then(|file| file.canonicalize().ok());
        let beside = |file: &PathBuf, ending: &str| {
            let mut path = file.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        file.iter()
            .flat_map(|file| BESIDE.iter().chain([&""]).map(|ending| beside(file, ending)))
            .collect()
    }
}

impl super::Address for Address {
    fn shown(&self) -> String {
        self.shown_name()
    }

    fn identity(&self) -> Identity {
        match &self.file {
            Some(file) => Identity::File(FileIdentity::of(file)),
            None => Identity::Memory,
        }
    }

    fn open(&self) -> Result<Connection, Refused> {
        self.connect().map(Connection::Sqlite)
    }

    fn hand_to(&self, program: &mut Command) {
        program.env(super::URL, &self.url);
    }

    fn is_missing(&self) -> bool {
        self.file.as_deref().is_some_and(is_missing)
    }

    fn open_or_empty(&self) -> Result<Connection, Refused> {
        if self.is_missing() { Self::new(":memory:").open() } else { self.open() }
    }

    fn probe(&self, _: Duration) -> Result<(), Refused> {
        match self.file.as_deref().and_then(unusable) {
            Some(problem) => Err(problem),
            None => self.open_or_empty().map(drop),
        }
    }

    /// Makes the directories on the way to the file; the file itself is made when it is opened.
    fn create(&self) -> Result<Option<String>, Failure> {
        let Some(parent) = self.file.as_deref().and_then(directory).filter(|path| is_missing(path))
        else {
            return Ok(None);
        };
        let shown = format!("`{}`", parent.display());
        match fs::create_dir_all(parent) {
            Ok(()) => Ok(Some(format!("the directory {shown}"))),
            Err(why) => Err(Failure::new(format!("cannot make the directory {shown}: {why}"))),
        }
    }

    fn back_up(&self, to: Option<&Path>, _: Option<&str>) -> Result<String, Failure> {
        let Some(file) = &self.file else {
            return Err(Failure::usage("the database in memory cannot be backed up"));
        };
        let to = to.map_or_else(|| copies::beside(file), Path::to_owned);
        backup::into(self, file, &to)?;
        Ok(to.display().to_string())
    }

    fn copies(&self) -> Result<Vec<PathBuf>, Failure> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        copies::all_beside(file).map_err(|why| {
            Failure::new(format!("cannot look for backups of {}: {why}", self.shown_name()))
        })
    }

    fn restore(&self, copy: &Path) -> Result<Option<PathBuf>, Failure> {
        match &self.file {
            Some(file) => restore::from(self, file, copy),
            None => Err(Failure::usage("the database in memory has no file to replace")),
        }
    }

    fn others(&self) -> Result<Vec<String>, Failure> {
        Ok(openers::of(&self.files()))
    }

    /// Removes the file. Who has it open cannot be disconnected, and would go on with a file that is
    /// gone while its journal would be taken for one of the new file
    /// (<https://www.sqlite.org/howtocorrupt.html>): so nobody may.
    fn renew(&self, _: bool) -> Result<bool, Failure> {
        let files = self.files();
        if files.is_empty() {
            return Ok(false);
        }
        let refused = |why: &str| Failure::new(format!("cannot drop {}: {why}", self.shown()));
        let mut connection = self.connect()?;
        // Reading tells whether it is a database at all, and not somebody's letter.
        let alone = "PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; \
                     BEGIN EXCLUSIVE; SELECT count(*) FROM sqlite_schema; ROLLBACK";
        connection.batch_execute(alone).map_err(|error| refused(&error.to_string()))?;
        drop(connection);
        let others = openers::of(&files);
        if !others.is_empty() {
            return Err(refused("others have it open").note(others.join(", ")));
        }
        for file in files {
            match fs::remove_file(&file) {
                Err(why) if why.kind() != ErrorKind::NotFound => {
                    return Err(refused(&why.to_string()));
                }
                _ => {}
            }
        }
        Ok(true)
    }

    fn beside(&self, name: &str) -> Result<Box<dyn super::Address>, Failure> {
        let file = self.file.as_deref().map(|file| file.with_file_name(name));
        let url = file.map_or_else(|| ":memory:".to_owned(), |file| file.display().to_string());
        Ok(Box::new(Self::new(&url)))
    }

    /// What is in memory goes with its connection.
    fn remove(&self) -> Result<(), Failure> {
        for file in self.files() {
            match fs::remove_file(&file) {
                Err(why) if why.kind() != ErrorKind::NotFound => {
                    let shown = self.shown_name();
                    return Err(Failure::new(format!("cannot remove {shown}: {why}")));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether there is nothing at a path. Where nobody lets us look, there may be something.
fn is_missing(path: &Path) -> bool {
    match path.try_exists() {
        Ok(exists) => !exists,
        Err(error) => error.kind() == ErrorKind::NotADirectory,
    }
}

/// The directory that a file is in, if it is named.
fn directory(file: &Path) -> Option<&Path> {
    file.parent().filter(|parent| !parent.as_os_str().is_empty())
}

/// Why a file cannot be an SQLite database, where SQLite's own message would not say it.
fn unusable(file: &Path) -> Option<Refused> {
    if file.is_dir() {
        let message = format!("`{}` is a directory, not a database", file.display());
        return Some(Refused::new(Cause::Unusable, Failure::new(message)));
    }
    let parent = directory(file).filter(|parent| is_missing(parent))?;
    let message = format!("there is no directory `{}` for the database", parent.display());
    let failure = Failure::new(message).help(
        "make the directory, mend the path in the database's URL, or let \
         `cargo migrate run --create-database` make it",
    );
    // A volume may be mounted later.
    Some(Refused::new(Cause::Unreachable, failure))
}

/// The file that a URL of SQLite's names (<https://www.sqlite.org/uri.html>).
fn file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("file:")).unwrap_or(url);
    let is_uri = path.len() < url.len();
    let (path, query) = match path.split_once('?') {
        Some((path, query)) if is_uri => (path, query),
        _ => (path, ""),
    };
    // `file:///path` and `file://localhost/path` name an absolute path.
    let path = path.strip_prefix("//localhost").or_else(|| path.strip_prefix("//")).unwrap_or(path);
    let in_memory = path.is_empty() || path == ":memory:" || query.contains("mode=memory");
    // As SQLite reads it: what is no escape stays.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let path = if is_uri { &*decoded } else { path };
    (!in_memory).then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_files() {
        for (url, file) in [
            ("app.db", Some("app.db")),
            ("/tmp/a b.db", Some("/tmp/a b.db")),
            ("what?.db", Some("what?.db")),
            ("sqlite://app.db", Some("app.db")),
            ("sqlite:///tmp/app.db?mode=rwc", Some("/tmp/app.db")),
            ("file:app.db?cache=shared", Some("app.db")),
            ("file:///tmp/app.db", Some("/tmp/app.db")),
            ("file://localhost/tmp/app.db", Some("/tmp/app.db")),
            (":memory:", None),
            ("file::memory:", None),
            ("file:x?mode=memory", None),
            ("file:a%20b.db", Some("a b.db")),
            ("file:%2Ftmp%2fa%zz%4", Some("/tmp/a%zz%4")),
            ("a%20b.db", Some("a%20b.db")),
        ] {
            assert_eq!(super::file(url), file.map(PathBuf::from), "{url}");
        }
    }
}
