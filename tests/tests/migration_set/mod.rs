//! A migrations directory in the making, and what verification says of it.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::layout::Directory;
use migrate_build::render::Human;
use migrate_build::{Cache, Dialect, Levels, Report, Server, verify_directory};
use tempfile::TempDir;

/// A directory `migrations` of its own, gone with the value.
pub(crate) struct Set(TempDir);

impl Set {
    /// An empty set.
    pub(crate) fn new() -> Self {
        let set = Self(TempDir::new().expect("a temporary directory"));
        fs::create_dir(set.path()).expect("a new directory");
        set
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("migrations")
    }

    /// With one more file, and the directories on the way to it.
    pub(crate) fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        let parent = path.parent().expect("a file stands in a directory");
        fs::create_dir_all(parent).expect("new directories");
        fs::write(&path, content).expect("a new file");
        self
    }

    /// With a migration that is right: a table, and the way back.
    pub(crate) fn table(self, directory: &str, table: &str) -> Self {
        let up = format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY);\n");
        let down = format!("DROP TABLE {table};\n");
        self.file(Path::new(directory).join("up.sql"), up)
            .file(Path::new(directory).join("down.sql"), down)
    }

    /// What verification finds.
    pub(crate) fn report(&self) -> Report {
        verify(&self.path())
    }
}

/// Verifies a directory that messages call `migrations`.
pub(crate) fn verify(path: &Path) -> Report {
    let directory = Directory::load(path, Path::new("migrations")).expect("it can be read");
    verify_directory(
        directory,
        Server::any(Dialect::Sqlite),
        &Levels::default(),
        &mut Cache::default(),
    )
    .expect("the parser of SQLite is there")
}

/// All findings, as people read them.
pub(crate) fn shown(report: &Report) -> String {
    let human = Human::new(false);
    let findings: Vec<String> =
        report.findings.iter().map(|finding| human.render(finding) + "\n").collect();
    findings.join("\n")
}
