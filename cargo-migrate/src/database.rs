//! Connections: which database a URL names, and the runner's work on it.

use std::path::{Path, PathBuf};

use diesel::Connection as _;
use diesel::sqlite::SqliteConnection;
use migrate_build::Dialect;
use migrate_runtime::{Backend, Error, Goal, History, Outcome, Plan, Runner};

use crate::cli::Options;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::project::Project;

/// A database's address. Never shown whole: it may hold a password.
pub(crate) struct Address {
    url: String,
    /// The file of an SQLite database, unless it lives in memory.
    file: Option<PathBuf>,
}

/// An open database.
pub(crate) enum Connection {
    /// SQLite.
    Sqlite(Box<SqliteConnection>),
}

impl Address {
    /// The address that options, environment and configuration give.
    ///
    /// # Errors
    /// When there is none, it is of another dialect than the files, or its backend is not compiled
    /// in.
    pub(crate) fn resolve(
        options: &Options,
        environment: &Environment,
        project: &Project,
    ) -> Result<Self, Failure> {
        let url = match &options.database_url {
            Some(url) => url.clone(),
            None => environment.get(&project.url_env)?.ok_or_else(|| {
                Failure::usage("no database is given").help(format!(
                    "set `{}` in the environment or in `.env`, or give `--database-url`",
                    project.url_env
                ))
            })?,
        };
        let dialect = Dialect::of_url(&url);
        if dialect != project.dialect {
            return Err(Failure::usage(format!(
                "the migrations are written for {}, and the database is {}",
                project.dialect.title(),
                dialect.title()
            )));
        }
        if dialect != Dialect::Sqlite {
            return Err(not_compiled_in(dialect));
        }
        let url = url.strip_prefix("sqlite:").filter(|rest| !rest.starts_with("//")).unwrap_or(&url);
        Ok(Self { url: url.to_owned(), file: sqlite_file(url) })
    }

    /// Opens it; an empty one in memory for an SQLite file that does not exist. Opening would make
    /// the file, and who only looks or takes back leaves nothing behind.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open_or_empty(&self) -> Result<Connection, Failure> {
        match &self.file {
            Some(file) if !file.exists() => {
                Self { url: ":memory:".to_owned(), file: None }.open()
            }
            _ => self.open(),
        }
    }

    /// Opens it, and makes an SQLite file that does not exist.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(&self) -> Result<Connection, Failure> {
        if let Some(problem) = self.file.as_deref().and_then(unusable) {
            return Err(problem);
        }
        match SqliteConnection::establish(&self.url) {
            Ok(connection) => Ok(Connection::Sqlite(Box::new(connection))),
            Err(error) => Err(Failure::new(format!("cannot open {}: {error}", self.shown()))),
        }
    }

    /// As messages show it.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        match &self.file {
            Some(file) => format!("`{}`", migrate_build::render::escape(&file.to_string_lossy())),
            None => "the database in memory".to_owned(),
        }
    }
}

/// Why a file cannot be an SQLite database, where SQLite's own message would not say it.
fn unusable(file: &Path) -> Option<Failure> {
    if file.is_dir() {
        return Some(Failure::new(format!("`{}` is a directory, not a database", file.display())));
    }
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty())?;
    (!parent.is_dir()).then(|| {
        Failure::new(format!("there is no directory `{}` for the database", parent.display()))
            .help("make the directory, or mend the path in the database's URL")
    })
}

/// The file that a URL of SQLite's names (<https://www.sqlite.org/uri.html>).
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("file:")).unwrap_or(url);
    let is_uri = path.len() < url.len();
    let (path, query) = match path.split_once('?') {
        Some((path, query)) if is_uri => (path, query),
        _ => (path, ""),
    };
    // `file:///path` and `file://localhost/path` name an absolute path.
    let path = path.strip_prefix("//localhost").or_else(|| path.strip_prefix("//")).unwrap_or(path);
    let in_memory = path.is_empty() || path == ":memory:" || query.contains("mode=memory");
    // What is percent-encoded only SQLite decodes: it then also says what is wrong with the file.
    (!in_memory && !(is_uri && path.contains('%'))).then(|| PathBuf::from(path))
}

/// The failure for a backend that this program was built without.
pub(crate) fn not_compiled_in(dialect: Dialect) -> Failure {
    Failure::usage(format!("support for {} is not compiled in", dialect.title())).help(format!(
        "install the tool with it: `cargo install cargo-migrate --features {dialect}`"
    ))
}

impl Connection {
    /// What the ledger says. Reads only.
    pub(crate) fn history(&mut self) -> Result<History, Error> {
        match self {
            Self::Sqlite(connection) => History::read(&mut **connection),
        }
    }

    /// What a run would do. Reads only.
    pub(crate) fn plan<'m>(&mut self, runner: &Runner<'m>, goal: Goal<'_>) -> Result<Plan<'m>, Error> {
        match self {
            Self::Sqlite(connection) => runner.plan(&mut **connection, goal),
        }
    }

    /// Does it.
    pub(crate) fn execute(&mut self, runner: &mut Runner<'_>, goal: Goal<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Sqlite(connection) => execute(runner, &mut **connection, goal),
        }
    }
}

fn execute<C: Backend>(
    runner: &mut Runner<'_>,
    connection: &mut C,
    goal: Goal<'_>,
) -> Result<Outcome, Error> {
    match goal {
        Goal::Run(target) => runner.run_to(connection, target),
        Goal::Revert(undo) => runner.revert(connection, undo),
        Goal::Redo(which) => runner.redo(connection, which),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_urls_name_files() {
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
            ("file:a%20b.db", None),
        ] {
            assert_eq!(sqlite_file(url), file.map(PathBuf::from), "{url}");
        }
    }
}
