//! The database that a URL names.
use std::env::{self, VarError};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use diesel::{Connection, ConnectionError, ConnectionResult};

use super::arguments::Job;
use super::database_url;
use super::report::Failure;
use crate::backend::Backend;
use crate::migrations::Dialect;

/// The variable with the URL.
const VARIABLE: &str = "DATABASE_URL";

/// How long a server may take to let a client in. The client libraries have no limit of their own,
/// and a server that takes connections and says nothing would stop a deployment for ever.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// Work on a connection of whichever type it is.
pub(super) trait Work {
    /// What comes of it.
    type Done;

    /// Does it.
    fn with<C: Connect>(self, conn: &mut C, target: &Target) -> Result<Self::Done, Failure>;
}

/// A connection that can be opened here.
pub(super) trait Connect: Backend + Connection + Send {
    /// Makes it what the URL could not say.
    fn prepare(&mut self, _target: &Target) -> Result<(), String> {
        Ok(())
    }
}

/// Where to work.
#[derive(Clone)]
#[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "only MySQL's URL cannot say it all"))]
pub(super) struct Target {
    dialect: Dialect,
    /// For nobody's eyes: it may hold a password.
    url: String,
    /// The database to enter behind the login.
    enter: Option<String>,
    /// Whether the connection has to be encrypted.
    encrypted: bool,
}

impl Target {
    /// The database that the environment names.
    pub(super) fn of_environment(dialect: Dialect) -> Result<Self, Failure> {
        let url = url()?;
        let url = database_url::checked(&url, dialect).map_err(|problem| {
            Failure::usage(format!("the URL in `{VARIABLE}` {problem}"))
                .help("its form is `scheme://user:password@host:port/database`, percent-encoded")
        })?;
        let encrypted = dialect == Dialect::Mysql && database_url::wants_encryption(&url);
        Ok(Self { dialect, url, enter: None, encrypted })
    }

    /// The one that `cargo migrate` hands over, which has looked at the URL itself.
    pub(super) fn handed_over(dialect: Dialect, job: &Job<'_>) -> Result<Self, Failure> {
        let enter = job.enter.map(str::to_owned);
        Ok(Self { dialect, url: url()?, enter, encrypted: job.encrypted })
    }

    /// The same to read: an empty one in memory for an SQLite file that does not exist, which opening
    /// would make.
    pub(super) fn that_is_only_read(self) -> Self {
        let is_missing = self.dialect == Dialect::Sqlite
            && database_url::file(&self.url)
                .is_some_and(|file| matches!(Path::new(file).try_exists(), Ok(false)));
        if is_missing { Self { url: ":memory:".to_owned(), ..self } } else { self }
    }

    /// Opens it for some work.
    pub(super) fn open<W: Work>(&self, work: W) -> Result<W::Done, Failure> {
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => self.on::<diesel::SqliteConnection, W>(work),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => self.on::<diesel::PgConnection, W>(work),
            #[cfg(feature = "mysql")]
            Dialect::Mysql => self.on::<diesel::MysqlConnection, W>(work),
            #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
            other => {
                let name = other.name();
                drop(work);
                Err(Failure::usage(format!("this program was compiled without {name}"))
                    .help("switch that feature of `migrate-runtime` on in its Cargo.toml"))
            }
        }
    }

    fn on<C: Connect, W: Work>(&self, work: W) -> Result<W::Done, Failure> {
        let mut conn = self.connect::<C>().map_err(|error| self.refused(&error))?;
        work.with(&mut conn, self)
    }

    /// Connects, within a time.
    pub(super) fn connect<C: Connect>(&self) -> ConnectionResult<C> {
        let (sender, receiver) = mpsc::channel();
        let target = self.clone();
        let attempt = move || {
            let connected = C::establish(&target.url).and_then(|mut conn: C| {
                let prepared = conn.prepare(&target).map_err(ConnectionError::BadConnection);
                prepared.map(|()| conn)
            });
            // Nobody waits any more when the time is up.
            let _ = sender.send(connected);
        };
        let bad = |message: String| ConnectionError::BadConnection(message);
        // A thread of its own: neither library can be told to stop. It ends with the process.
        let started = thread::Builder::new().name("connect".to_owned()).spawn(attempt);
        started.map_err(|error| bad(format!("no thread can be started: {error}")))?;
        let has_limit =
            self.url.contains("connect_timeout") || env::var_os("PGCONNECT_TIMEOUT").is_some();
        let limit = if has_limit { Duration::MAX } else { CONNECT_LIMIT };
        receiver.recv_timeout(limit).unwrap_or_else(|_| {
            Err(bad(format!("it says nothing within {} s", CONNECT_LIMIT.as_secs())))
        })
    }

    /// Of a URL that is well-formed, neither library repeats a password.
    fn refused(&self, error: &ConnectionError) -> Failure {
        let said = error.to_string();
        let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let verb = if self.dialect == Dialect::Sqlite { "open" } else { "connect to" };
        let mut failure =
            Failure::new(format!("cannot {verb} the database that `{VARIABLE}` names: {first}"));
        failure.notes = lines.map(str::to_owned).collect();
        failure
    }
}

fn url() -> Result<String, Failure> {
    let given = match env::var(VARIABLE) {
        Ok(url) => url,
        Err(VarError::NotPresent) => String::new(),
        Err(VarError::NotUnicode(_)) => {
            return Err(Failure::usage(format!("the variable `{VARIABLE}` is not valid UTF-8")));
        }
    };
    // Of files and secrets a line end comes along.
    match given.trim() {
        "" => Err(Failure::usage("no database is given").help("set `DATABASE_URL`")),
        url => Ok(url.to_owned()),
    }
}

#[cfg(feature = "sqlite")]
impl Connect for diesel::SqliteConnection {}

#[cfg(feature = "postgres")]
impl Connect for diesel::PgConnection {}

#[cfg(feature = "mysql")]
impl Connect for diesel::MysqlConnection {
    fn prepare(&mut self, target: &Target) -> Result<(), String> {
        use diesel::connection::SimpleConnection as _;

        if target.encrypted && !is_encrypted(self).map_err(|error| error.to_string())? {
            return Err("the connection is not encrypted, and the URL wants it to be".to_owned());
        }
        let Some(name) = &target.enter else { return Ok(()) };
        let name = name.replace('`', "``");
        self.batch_execute(&format!("USE `{name}`")).map_err(|error| error.to_string())
    }
}

/// The library goes on without encryption where the server offers none, even when it was given a
/// certificate to check.
#[cfg(feature = "mysql")]
fn is_encrypted(conn: &mut diesel::MysqlConnection) -> diesel::QueryResult<bool> {
    use diesel::RunQueryDsl as _;
    use diesel::sql_types::Text;

    #[derive(diesel::QueryableByName)]
    struct Status {
        #[diesel(sql_type = Text, column_name = Value)]
        value: String,
    }

    let cipher = diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    let cipher: Vec<Status> = cipher.load(conn)?;
    Ok(cipher.first().is_some_and(|status| !status.value.is_empty()))
}
