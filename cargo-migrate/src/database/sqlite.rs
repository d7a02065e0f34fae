//! SQLite: a file, or memory.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diesel::{Connection as _, SqliteConnection};

use crate::failure::Failure;

/// The address of an SQLite database.
pub(crate) struct Address {
    url: String,
    /// The file, unless it lives in memory.
    file: Option<PathBuf>,
}

impl Address {
    /// The address that a URL or a path gives. Diesel knows `sqlite://`, others write `sqlite:`.
    pub(crate) fn new(url: &str) -> Self {
        let short = url.strip_prefix("sqlite:").filter(|rest| !rest.starts_with("//"));
        let url = short.unwrap_or(url);
        Self { url: url.to_owned(), file: file(url) }
    }

    pub(crate) fn open(&self) -> Result<Box<SqliteConnection>, Failure> {
        if let Some(problem) = self.file.as_deref().and_then(unusable) {
            return Err(problem);
        }
        SqliteConnection::establish(&self.url).map(Box::new).map_err(|error| {
            // SQLite does not say why; the system does, unless the file was yet to be made.
            let why = match self.file.as_deref().map(File::open) {
                Some(Err(why)) if why.kind() != ErrorKind::NotFound => why.to_string(),
                _ => error.to_string(),
            };
            Failure::new(format!("cannot open {}: {why}", self.shown()))
                .help("check the path, and the permissions of the file and of its directory")
        })
    }

    pub(crate) fn open_or_empty(&self) -> Result<Box<SqliteConnection>, Failure> {
        if self.is_missing() { Self::new(":memory:").open() } else { self.open() }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.file.as_deref().is_some_and(is_missing)
    }

    pub(crate) fn shown(&self) -> String {
        match &self.file {
            Some(file) => format!("`{}`", file.display()),
            None => "the database in memory".to_owned(),
        }
    }
}

/// Whether there is nothing at a path. Where nobody lets us look, there may be something.
fn is_missing(path: &Path) -> bool {
    match path.try_exists() {
        Ok(exists) => !exists,
        Err(error) => error.kind() == ErrorKind::NotADirectory,
    }
}

/// Why a file cannot be an SQLite database, where SQLite's own message would not say it.
fn unusable(file: &Path) -> Option<Failure> {
    if file.is_dir() {
        return Some(Failure::new(format!("`{}` is a directory, not a database", file.display())));
    }
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty())?;
    is_missing(parent).then(|| {
        Failure::new(format!("there is no directory `{}` for the database", parent.display()))
            .help("make the directory, or mend the path in the database's URL")
    })
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
    let path = if is_uri { decoded(path) } else { path.to_owned() };
    (!in_memory).then(|| PathBuf::from(path))
}

/// The path without percent-encoding, as SQLite reads it.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|hex| *first == b'%' && hex.is_ascii());
        let hex = hex.and_then(|hex| str::from_utf8(hex).ok()).filter(|hex| !hex.contains('+'));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = &tail[if byte.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
