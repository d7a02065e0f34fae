//! Databases: which one is meant, and the runner's work on it.
//!
//! A backend is a file here behind its feature, a variant of [`Address`] and one of
//! [`Connection`].

#[cfg(feature = "sqlite")]
mod sqlite;

use std::path::Path;

use migrate_build::Dialect;
use migrate_runtime::{Backend, Error, Goal, History, Outcome, Plan, Runner};

use crate::cli::Options;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::project::Project;
use crate::secret::may_hold_password;

/// A database's address. Never shown whole: it may hold a password.
pub(crate) enum Address {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Address),
}

/// An open database.
pub(crate) enum Connection {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(Box<diesel::SqliteConnection>),
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
            Some(url) if url.is_empty() => {
                return Err(Failure::usage("the database's URL is empty"));
            }
            Some(url) => url.clone(),
            None => environment.get(&project.url_env)?.ok_or_else(|| {
                Failure::usage("no database is given").help(format!(
                    "set `{}` in the environment or in `.env`, or give `--database-url`",
                    project.url_env
                ))
            })?,
        };
        refuse_foreign(&url)?;
        let dialect = Dialect::of_url(&url);
        if dialect != project.server.dialect {
            let (files, database) = (project.server.dialect.title(), dialect.title());
            return Err(Failure::usage(format!(
                "the migrations are written for {files}, and the database is {database}"
            ))
            .help(format!(
                "give the URL of a {files} database, or other migrations with `--dir`"
            )));
        }
        match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => Ok(Self::Sqlite(sqlite::Address::new(&url))),
            other => Err(not_compiled_in(other)),
        }
    }

    /// Whether there is nothing yet, and opening it would make an SQLite file.
    #[must_use]
    pub(crate) fn is_missing(&self) -> bool {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref address) => address.is_missing(),
        }
    }

    /// As messages show it: without what may be secret.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref address) => address.shown(),
        }
    }

    /// Opens it, and makes an SQLite file that does not exist.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(&self) -> Result<Connection, Failure> {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref address) => address.open().map(Connection::Sqlite),
        }
    }

    /// Opens it; an empty one in memory for an SQLite file that does not exist. Opening would make
    /// the file, and who only looks or takes back leaves nothing behind.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open_or_empty(&self) -> Result<Connection, Failure> {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref address) => address.open_or_empty().map(Connection::Sqlite),
        }
    }
}

/// Refuses what is the address of something else. Taken for a path it would be shown, or become
/// the name of a file, with the password in it.
fn refuse_foreign(url: &str) -> Result<(), Failure> {
    const SCHEMES: [&str; 6] = ["sqlite", "file", "postgres", "postgresql", "mysql", "mariadb"];
    let known = SCHEMES.map(|scheme| format!("`{scheme}:`")).join(", ");
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    match url.split_once(':') {
        Some((scheme, _)) if SCHEMES.contains(&scheme) => return Ok(()),
        Some((scheme, rest)) if rest.starts_with("//") && scheme.chars().all(is_word) => {
            let hint = migrate_build::suggest::did_you_mean(scheme, SCHEMES);
            let message = format!("databases of the scheme `{scheme}:` are not known{hint}");
            return Err(Failure::usage(message).help(format!("known are {known}, or a path")));
        }
        _ => {}
    }
    if may_hold_password(url) && !Path::new(url).exists() {
        return Err(Failure::usage("the database's URL has no scheme, and is no file either")
            .help(format!(
                "begin it with one of {known}; it is not shown, it may hold a password"
            )));
    }
    Ok(())
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
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref mut connection) => History::read(&mut **connection),
        }
    }

    /// What a run would do. Reads only.
    pub(crate) fn plan<'m>(
        &mut self,
        runner: &Runner<'m>,
        goal: Goal<'_>,
    ) -> Result<Plan<'m>, Error> {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref mut connection) => runner.plan(&mut **connection, goal),
        }
    }

    /// Does it.
    pub(crate) fn execute(
        &mut self,
        runner: &mut Runner<'_>,
        goal: Goal<'_>,
    ) -> Result<Outcome, Error> {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref mut connection) => execute(runner, &mut **connection, goal),
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
