//! A migrations directory in the making, and what verification says of it.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::layout::Directory;
use migrate_build::render::Human;
use migrate_build::{Cache, Dialect, Levels, Report, Server, verify_directory};
use tempfile::TempDir;

/// A directory `migrations` of its own, gone with the value.
#[derive(Debug)]
pub struct Set(TempDir);

impl Set {
    /// An empty set.
    ///
    /// # Panics
    /// When there is no place for it, as everything here.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Self {
        let set = Self(TempDir::new().expect("a temporary directory"));
        fs::create_dir(set.path()).expect("a new directory");
        set
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("migrations")
    }

    /// With one more file, and the directories on the way to it.
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        let parent = path.parent().expect("a file stands in a directory");
        fs::create_dir_all(parent).expect("new directories");
        fs::write(&path, content).expect("a new file");
        self
    }

    /// With a migration that is right: a table, and the way back.
    pub fn table(self, directory: &str, table: &str) -> Self {
        let up = format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY);\n");
        let down = format!("DROP TABLE {table};\n");
        self.file(Path::new(directory).join("up.sql"), up)
            .file(Path::new(directory).join("down.sql"), down)
    }

    /// What verification for SQLite finds.
    pub fn report(&self) -> Report {
        self.report_for(Dialect::Sqlite)
    }

    /// What verification for a dialect finds.
    pub fn report_for(&self, dialect: Dialect) -> Report {
        verify(&self.path(), Server::any(dialect))
    }
}

/// Verifies a directory that messages call `migrations`, for a server.
pub fn verify(path: &Path, server: Server) -> Report {
    verify_with(path, server, &Levels::default())
}

/// The same, with configured levels.
pub fn verify_with(path: &Path, server: Server, levels: &Levels) -> Report {
    let directory = Directory::load(path, Path::new("migrations")).expect("it can be read");
    verify_directory(directory, server, levels, &mut Cache::default())
        .expect("every parser is there")
}

/// Levels by which a script is looked at for itself: the tables that it is about need not be there, and
/// its way back is another matter.
///
/// # Panics
/// When there are no such rules.
#[must_use]
pub fn script_alone() -> Levels {
    let mut levels = Levels::default();
    for rule in ["irreversible", "unknown-object", "unproved"] {
        levels.set(rule, "allow").expect("there is such a rule");
    }
    levels
}

/// All findings, as people read them.
pub fn shown(report: &Report) -> String {
    let human = Human::new(false);
    let findings: Vec<String> =
        report.findings.iter().map(|finding| human.render(finding) + "\n").collect();
    findings.join("\n")
}
