//! Programs that carry migrations: in a process of their own, and in the test's.

use std::path::Path;

use migrate_build::render::short;
use migrate_build::{Dialect, Embedded, Level, Server};
use migrate_runtime::{__packed_v2, All, Migrations};

use crate::migration_set::{Set, verify};
use crate::project::{Invocation, runner, standalone};

/// A program with migrations in a database's SQL. Their directory is gone with the value.
#[derive(Debug)]
pub struct Program {
    dialect: Dialect,
    set: Set,
}

impl Program {
    /// One without any.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        Self { dialect, set: Set::new() }
    }

    /// With a migration.
    #[must_use]
    pub fn add(self, name: &str, up: &str, down: &str) -> Self {
        let set = self.set.file(format!("{name}/up.sql"), up);
        Self { set: set.file(format!("{name}/down.sql"), down), ..self }
    }

    /// With a migration that runs outside of transactions.
    #[must_use]
    pub fn add_outside(self, name: &str, up: &str, down: &str) -> Self {
        let Self { dialect, set } = self.add(name, up, down);
        let settings = "run_in_transaction = false\n";
        Self { dialect, set: set.file(format!("{name}/metadata.toml"), settings) }
    }

    /// Its migrations, for a test to run by itself.
    ///
    /// # Panics
    /// When there is a mistake in them.
    #[track_caller]
    #[must_use]
    pub fn migrations(&self) -> Migrations<'static> {
        embedded(self.dialect, &self.set.path())
    }

    /// The program, about to be started, with what it shall do to the database at this address:
    /// `run`, `revert` or, by Diesel's own harness, `diesel`.
    #[must_use]
    pub fn start(&self, url: &str, action: &str) -> Invocation {
        runner(&self.set.path(), url, action)
    }

    /// The program as `migrate_runtime::cli::main` makes one, about to be started, with what is typed
    /// behind its name. The directory that it starts in is that of its migrations.
    #[must_use]
    pub fn standalone(&self, url: &str, line: &str) -> Invocation {
        let directory = self.set.path();
        let invocation = standalone(&directory, line).env("MIGRATIONS", &directory);
        let invocation = invocation.env("DIALECT", self.dialect.to_string());
        if url.is_empty() { invocation } else { invocation.env("DATABASE_URL", url) }
    }
}

/// The migrations of a directory, packed as `embed_migrations!` does it. They live as long as the
/// process.
///
/// # Panics
/// When there is something in them that is always wrong. What is a matter of judgement may be.
#[track_caller]
#[must_use]
pub fn embedded(dialect: Dialect, directory: &Path) -> Migrations<'static> {
    let report = verify(directory, Server::any(dialect));
    let wrong = report.findings.iter().filter(|finding| finding.level == Level::Forbid);
    let wrong: Vec<String> = wrong.map(short).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let Embedded { text, table, .. } = Embedded::new(&report, Path::new(""));
    Migrations {
        dialect: match dialect {
            Dialect::Sqlite => migrate_runtime::Dialect::Sqlite,
            Dialect::Postgres => migrate_runtime::Dialect::Postgres,
            Dialect::Mysql => migrate_runtime::Dialect::Mysql,
        },
        directory: "migrations",
        all: All::packed(__packed_v2(text.leak(), table.leak(), &[])),
    }
}
