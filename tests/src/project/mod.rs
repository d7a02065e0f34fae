//! A crate with migrations, made for one test.

mod canary;
mod database;
mod invocation;
mod messages;
mod output;
mod redact;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use database::Database;
pub use invocation::{Invocation, Running, program};
pub(crate) use invocation::{runner, standalone};
pub use output::Output;

/// Starts to build a project: a crate of this name, configured for SQLite, whose `.env` says that
/// the database is `app.db`.
#[must_use]
pub fn project(name: &str) -> Builder {
    let project = Project::new();
    project.write("src/lib.rs", "");
    Builder(project).cargo_toml(&manifest(name, "sqlite")).file(".env", "DATABASE_URL=app.db\n")
}

/// Starts to build a project as [`project`] does, for a server: of this dialect, with this URL in
/// `.env`.
#[must_use]
pub fn server_project(dialect: &str, url: &str) -> Builder {
    let env = format!("DATABASE_URL='{url}'\n");
    project("app").cargo_toml(&manifest("app", dialect)).file(".env", env)
}

fn manifest(name: &str, dialect: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         \n[package.metadata.migrate]\ndialect = \"{dialect}\"\n"
    )
}

/// Builds a [`Project`].
#[derive(Debug)]
pub struct Builder(Project);

impl Builder {
    /// With a migration: the name of its directory, and its two scripts.
    #[must_use]
    pub fn migration(self, directory: &str, up: &str, down: &str) -> Self {
        self.0.migration(directory, up, down);
        self
    }

    /// With a migration that makes this table, and drops it again.
    #[must_use]
    pub fn table(self, directory: &str, table: &str) -> Self {
        self.0.table(directory, table);
        self
    }

    /// With a file; one of the same path is replaced.
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        self.0.write(path, content);
        self
    }

    /// With another `Cargo.toml`.
    #[must_use]
    pub fn cargo_toml(self, text: &str) -> Self {
        self.file("Cargo.toml", text)
    }

    /// Without a file, or a directory and all that is in it.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        self.0.remove(path);
        self
    }

    /// The project.
    #[must_use]
    pub fn build(self) -> Project {
        self.0
    }
}

/// A directory with a crate and its migrations. It is gone with the value.
#[derive(Debug)]
pub struct Project {
    directory: TempDir,
}

impl Project {
    fn new() -> Self {
        Self { directory: TempDir::new().expect("a temporary directory") }
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root().join(path)
    }

    /// Whether there is something at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// Writes a file, and makes the directories on the way to it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        written.and_then(|()| fs::write(&path, content)).unwrap_or_else(|e| failed(&path, &e));
    }

    /// Adds a migration.
    pub fn migration(&self, directory: impl AsRef<OsStr>, up: &str, down: &str) {
        let directory = Path::new("migrations").join(directory.as_ref());
        self.write(directory.join("up.sql"), up);
        self.write(directory.join("down.sql"), down);
    }

    /// Adds a migration that makes this table, and drops it again.
    pub fn table(&self, directory: &str, table: &str) {
        let up = format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT);\n");
        self.migration(directory, &up, &format!("DROP TABLE {table};\n"));
    }

    /// A file's text.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).expect("a text")
    }

    /// A file's content.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let path = self.path(path);
        fs::read(&path).unwrap_or_else(|error| failed(&path, &error))
    }

    /// Removes a file, or a directory and all that is in it.
    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| failed(&path, &error));
    }

    /// The names of the migrations' directories, in order.
    #[must_use]
    pub fn migrations(&self) -> Vec<String> {
        names_in(&self.path("migrations"))
    }

    /// The names of all that is in its root, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        names_in(self.root())
    }

    /// `cargo migrate …` in this project.
    #[must_use]
    pub fn migrate<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Invocation {
        Invocation::new(self.root(), &program(), arguments)
    }

    /// A line of shell in this project; `$MIGRATE` is the command.
    #[must_use]
    pub fn shell(&self, line: &str) -> Invocation {
        Invocation::new(self.root(), Path::new("sh"), ["-c", line]).env("MIGRATE", program())
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::open(&self.path("app.db"))
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| failed(directory, &error));
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn failed(path: &Path, error: &std::io::Error) -> ! {
    panic!("{}: {error}", path.display())
}
