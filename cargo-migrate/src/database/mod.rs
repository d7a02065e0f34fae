//! Databases: which one is meant, and the runner's work on it.
//!
//! A backend is a file here behind its feature with an [`Address`], and a variant of
//! [`Connection`].

mod identity;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod refused;
mod scratch;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::any::Any;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use migrate_build::catalog::Live;
use migrate_build::{Dialect, Server, ServerVersion};
use migrate_runtime::{Error, Goal, History, Plan, Runner};

use crate::cli::Options;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::live;
use crate::project::Project;
use crate::secret::may_hold_password;

pub(crate) use identity::Identity;
pub(crate) use refused::{Cause, Refused};
pub(crate) use scratch::Scratch;

/// How long a server may take to let a client in. The client libraries have no limit of their own,
/// and a server that takes connections and says nothing would stop a deployment for ever.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// The variable by which another program is told where the database is.
const URL: &str = "DATABASE_URL";

/// A database's address. Never shown whole: it may hold a password.
pub(crate) trait Address {
    /// As messages show it: without what may be secret.
    fn shown(&self) -> String;

    /// Which database it is, however the address is written.
    fn identity(&self) -> Identity;

    /// Opens it, and makes an SQLite file that does not exist.
    fn open(&self) -> Result<Connection, Refused>;

    /// Whether there is nothing yet, and opening it would make an SQLite file.
    fn is_missing(&self) -> bool {
        false
    }

    /// Opens it; an empty one in memory for an SQLite file that does not exist. Opening would make
    /// the file, and who only looks or takes back leaves nothing behind.
    fn open_or_empty(&self) -> Result<Connection, Refused> {
        self.open()
    }

    /// Tells a program of `migrate_runtime::cli` to work on it: the URL by its environment, which other
    /// users of the machine do not see.
    fn hand_to(&self, program: &mut Command);

    /// The version of the server that answers there, if one does.
    fn server_version(&self) -> Option<ServerVersion> {
        None
    }

    /// Looks whether it answers, for so long. Makes nothing.
    fn probe(&self, limit: Duration) -> Result<(), Refused>;

    /// Makes the database, unless it is there; says what was made.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses.
    fn create(&self) -> Result<Option<String>, Failure>;

    /// Copies the database into a file, by default one beside it; on a server by `command`. Says where
    /// the copy is.
    ///
    /// # Errors
    /// When there is no copy.
    fn back_up(&self, to: Option<&Path>, command: Option<&str>) -> Result<String, Failure>;

    /// The copies of it that are found beside it, the oldest first.
    ///
    /// # Errors
    /// When nobody can look, or none of its copies could be put back.
    fn copies(&self) -> Result<Vec<PathBuf>, Failure> {
        Err(no_restoring())
    }

    /// Replaces it by a copy; says where it is kept itself.
    ///
    /// # Errors
    /// When the copy is none, or somebody uses the database.
    fn restore(&self, _copy: &Path) -> Result<Option<PathBuf>, Failure> {
        Err(no_restoring())
    }

    /// Who else is connected to it, as far as can be found out; a line each.
    ///
    /// # Errors
    /// When that cannot be asked.
    fn others(&self) -> Result<Vec<String>, Failure>;

    /// Drops the database with all that is in it, and makes it again with the owner, the character
    /// set and the collation that it had; false when it is not there. With `force`, who is connected
    /// to it is disconnected first. An SQLite file is made when it is opened.
    ///
    /// # Errors
    /// When somebody is connected, it cannot be made again as it was, or the server refuses.
    fn renew(&self, force: bool) -> Result<bool, Failure>;

    /// Makes an empty database of this name on the same server, with the character set and the
    /// collation of this one, if this one is there; of SQLite's, one beside the file, or in memory. Its
    /// address.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses.
    fn beside(&self, name: &str) -> Result<Box<dyn Address>, Failure>;

    /// Drops the database, and disconnects who is connected to it.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses.
    fn remove(&self) -> Result<(), Failure>;
}

/// An open database.
pub(crate) enum Connection {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(Box<diesel::SqliteConnection>),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(Box<diesel::PgConnection>),
    /// MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    Mysql(Box<diesel::MysqlConnection>),
}

/// The address that options, environment and configuration give.
///
/// # Errors
/// When there is none, it is of another dialect than the files, or its backend is not compiled in.
pub(crate) fn resolve(
    options: &Options,
    environment: &Environment,
    project: &Project,
) -> Result<Box<dyn Address>, Failure> {
    let url = match &options.database_url {
        Some(url) if url.trim().is_empty() => {
            return Err(Failure::usage("the database's URL is empty"));
        }
        Some(url) => Some(url.clone()),
        None => environment.get(&project.url_env)?,
    };
    match url {
        Some(url) => {
            // Of files and secrets a line end comes along.
            let url = url.trim();
            refuse_foreign(url)?;
            refuse_other_dialect(Dialect::of_url(url), project)?;
            at(url)
        }
        None => joined(environment, project),
    }
}

/// The address that a URL gives, whose scheme is known.
///
/// # Errors
/// When it is none, or its backend is not compiled in.
pub(crate) fn at(url: &str) -> Result<Box<dyn Address>, Failure> {
    match Dialect::of_url(url) {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Ok(Box::new(sqlite::Address::new(url))),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Ok(Box::new(postgres::Address::new(server::ServerUrl::parse(url)?)?)),
        #[cfg(feature = "mysql")]
        Dialect::Mysql => Ok(Box::new(mysql::Address::new(server::ServerUrl::parse(url)?)?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        other => Err(not_compiled_in(other)),
    }
}

/// The address that the variables with its parts give; an SQLite file has none.
fn joined(environment: &Environment, project: &Project) -> Result<Box<dyn Address>, Failure> {
    match project.server.dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Err(none_given(project, "")),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            Ok(Box::new(postgres::Address::new(server::joined(environment, project)?)?))
        }
        #[cfg(feature = "mysql")]
        Dialect::Mysql => Ok(Box::new(mysql::Address::new(server::joined(environment, project)?)?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        other => Err(not_compiled_in(other)),
    }
}

/// The failure for a database that nobody names; `or` is another way to do it.
fn none_given(project: &Project, or: &str) -> Failure {
    Failure::usage("no database is given").help(format!(
        "set `{}` in the environment or in `.env`{or}, or give `--database-url`",
        project.url_env
    ))
}

fn refuse_other_dialect(database: Dialect, project: &Project) -> Result<(), Failure> {
    let files = project.server.dialect;
    if database == files {
        return Ok(());
    }
    let (files, database) = (files.title(), database.title());
    Err(Failure::usage(format!(
        "the migrations are written for {files}, and the database is {database}"
    ))
    .help(format!("give the URL of a {files} database, or other migrations with `--dir`")))
}

/// Refuses what is the address of something else. Taken for a path it would be shown, or become
/// the name of a file, with the password in it.
fn refuse_foreign(url: &str) -> Result<(), Failure> {
    const FILES: [&str; 2] = ["sqlite", "file"];
    const SERVERS: [&str; 4] = ["postgres", "postgresql", "mysql", "mariadb"];
    let schemes = || FILES.into_iter().chain(SERVERS);
    let known = schemes().map(|scheme| format!("`{scheme}:`")).collect::<Vec<_>>().join(", ");
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    match url.split_once(':') {
        Some((scheme, _)) if FILES.contains(&scheme) => return Ok(()),
        Some((scheme, rest)) if SERVERS.contains(&scheme) => {
            let missing =
                || Failure::usage(format!("the database's URL has no `//` behind `{scheme}:`"));
            return if rest.starts_with("//") { Ok(()) } else { Err(missing()) };
        }
        Some((scheme, rest)) if rest.starts_with("//") && scheme.chars().all(is_word) => {
            let hint = migrate_build::suggest::did_you_mean(scheme, schemes());
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

/// The failure for a server, whose own tools do that.
fn no_restoring() -> Failure {
    Failure::usage("only SQLite's backups are restored by this command")
        .help("a server's database is restored by its own tools: `pg_restore`, `mariadb`")
}

/// The failure for a backend that this program was built without.
pub(crate) fn not_compiled_in(dialect: Dialect) -> Failure {
    Failure::usage(format!("support for {} is not compiled in", dialect.title())).help(format!(
        "install the tool with it: `cargo install cargo-migrate --features {dialect}`"
    ))
}

/// The same work on whichever connection it is.
macro_rules! on {
    ($database:expr, $connection:ident => $work:expr) => {
        match *$database {
            #[cfg(feature = "sqlite")]
            $crate::database::Connection::Sqlite(ref mut $connection) => $work,
            #[cfg(feature = "postgres")]
            $crate::database::Connection::Postgres(ref mut $connection) => $work,
            #[cfg(feature = "mysql")]
            $crate::database::Connection::Mysql(ref mut $connection) => $work,
        }
    };
}
pub(crate) use on;

impl Connection {
    /// What the ledger says. Reads only.
    pub(crate) fn history(&mut self) -> Result<History, Error> {
        on!(self, connection => History::read(&mut **connection))
    }

    /// What a run would do. Reads only.
    pub(crate) fn plan<'m>(
        &mut self,
        runner: &Runner<'m>,
        goal: Goal<'_>,
    ) -> Result<Plan<'m>, Error> {
        on!(self, connection => runner.plan(&mut **connection, goal))
    }

    /// The schema, without the ledger and what belongs to extensions. Reads only.
    ///
    /// # Errors
    /// When the database does not show it.
    pub(crate) fn live(&mut self, server: Server) -> Result<Live, Failure> {
        let live: Result<Live, live::Unreadable> =
            on!(self, connection => live::read(&mut **connection, server));
        live.map_err(|error| Failure::new(error.to_string()))
    }

    fn into_any(self) -> Box<dyn Any> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => connection,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection,
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => connection,
        }
    }
}

/// Another connection to the same database, for one of this type that was lost.
///
/// # Errors
/// When there is none. Why is not told.
pub(crate) fn again<C: Any>(address: &dyn Address) -> ConnectionResult<C> {
    let connection = address.open().ok().and_then(|opened| opened.into_any().downcast().ok());
    connection.map(|connection| *connection).ok_or_else(|| {
        ConnectionError::BadConnection("the database cannot be opened again".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_built_it_without_a_backend_learns_how_to_get_it() {
        let failure = not_compiled_in(Dialect::Mysql);
        assert_eq!(failure.message, "support for MySQL is not compiled in");
        assert!(failure.help[0].ends_with("`cargo install cargo-migrate --features mysql`"));
    }
}
