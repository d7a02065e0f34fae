//! Private database servers: a real PostgreSQL and a real MariaDB, for one test binary or one test.
//!
//! [`Server::shared`] is started on first use and serves all tests of a binary, each in a
//! [`Database`] of its own. [`Server::start`] is one test's own, to stop and to kill. A server that
//! does not start fails the test: nothing is left out.
//!
//! A server listens on a free port of 127.0.0.1, and on a socket in its directory. Both are gone
//! with the test process, even when that is killed.

mod database;
mod dump;
mod gate;
mod home;
mod mariadb;
mod pgbouncer;
mod postgres;
mod proxy;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::{Connection, SimpleConnection};

pub use database::Database;
pub use gate::Gate;
use home::Home;
pub use mariadb::MariaDb;
pub use pgbouncer::Pgbouncer;
pub use postgres::PostgreSql;
pub use proxy::Proxy;

/// A private PostgreSQL.
pub type Postgres = Server<PostgreSql>;

/// A private MariaDB.
pub type Mariadb = Server<MariaDb>;

/// The user that migrates: it owns its databases and is no superuser.
pub const USER: &str = "cargo_migrate";

/// Its password. No output may ever contain it.
pub const CANARY: &str = "canary-6f1d";

/// Another user with the same rights, whose password has what must be written as `%40` in an
/// address.
pub const AWKWARD_USER: &str = "cargo migrate";

/// The awkward password.
pub const AWKWARD_CANARY: &str = "c@n:a/r?y#%25 é";

/// What sets one database product apart from another.
pub trait Product: std::fmt::Debug + Sized + 'static {
    /// Diesel's connection to it.
    type Connection: Connection + SimpleConnection;

    /// Its name in configuration and in the paths of fixtures; also the scheme of its addresses.
    const DIALECT: &str;

    /// The system's user that it runs as when the tests run as root.
    const SYSTEM_USER: &str;

    /// The signal that ends it at once.
    const IMMEDIATELY: &str;

    /// The server that a test binary shares.
    fn shared() -> &'static Server<Self>;

    /// The command that makes the data in an empty directory.
    fn install(home: &Path) -> Vec<String>;

    /// The command that serves the data in this directory on this port.
    fn serve(home: &Path, port: u16) -> Vec<String>;

    /// What the superuser executes on a new server.
    fn set_up() -> String;

    /// The superuser's address for Diesel, by the socket in the directory.
    fn admin_url(home: &Path, port: u16) -> String;

    /// What makes an empty database.
    fn create_database(name: &str) -> String;

    /// What drops a database, even if someone is connected to it.
    fn drop_database(name: &str) -> String;

    /// Makes a database with all that is in another one, which nobody writes to.
    fn copy_database(server: &Server<Self>, from: &str, to: &str);

    /// The statements that clients sent to a database, in order; one text that holds several counts
    /// as one.
    fn statements(home: &Path, database: &str) -> Vec<String>;

    /// The schema of a database as SQL, without the tables that runners keep.
    fn dump(home: &Path, port: u16, database: &str) -> String;

    /// The product's own client; it reads SQL from standard input, and stops at an error. Rows are
    /// lines, columns are parted by tabs, and an absent value is `NULL`.
    fn client(home: &Path, port: u16, database: &str) -> Command;
}

/// A running database server. Its last copy stops it.
pub struct Server<P: Product>(Arc<Inner<P>>);

struct Inner<P> {
    home: Mutex<Home>,
    path: PathBuf,
    port: u16,
    options: Vec<String>,
    databases: AtomicU32,
    product: std::marker::PhantomData<fn() -> P>,
}

impl<P: Product> Clone for Server<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Product> std::fmt::Debug for Server<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on port {} in {}", P::DIALECT, self.0.port, self.0.path.display())
    }
}

impl<P: Product> Server<P> {
    /// The server that the tests of a binary share.
    #[must_use]
    pub fn shared() -> &'static Self {
        P::shared()
    }

    /// A server of one's own.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server of one's own, with options behind those that all have.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn start_with(options: &[&str]) -> Self {
        let mut home = Home::new(P::SYSTEM_USER, P::IMMEDIATELY);
        let install = P::install(home.path());
        home.run(&install);
        let server = Self::in_home(home, options);
        server.execute(&P::set_up());
        server
    }

    /// Serves the data in a directory.
    fn in_home(mut home: Home, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let port = home.serve_on_free_port(
            |home, port| [P::serve(home, port), options.clone()].concat(),
            |home, port| answers::<P>(home.path(), port),
        );
        let path = home.path().to_owned();
        let databases = AtomicU32::new(1);
        let product = std::marker::PhantomData;
        let home = Mutex::new(home);
        Self(Arc::new(Inner { home, path, port, options, databases, product }))
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Its directory, with the socket.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0.path
    }

    /// A new, empty database.
    #[must_use]
    pub fn database(&self) -> Database<P> {
        let name = self.free_name();
        self.execute(&P::create_database(&name));
        Database::new(self.clone(), name)
    }

    fn free_name(&self) -> String {
        format!("t_{}", self.0.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// The address of a database, which need not exist, with user and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url::<P>(USER, CANARY, self.port(), database)
    }

    /// Executes SQL as the superuser.
    ///
    /// # Panics
    /// When the server refuses it.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        self.admin().batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// A connection as the superuser, by the socket.
    ///
    /// # Panics
    /// When the server refuses it.
    #[track_caller]
    #[must_use]
    pub fn admin(&self) -> P::Connection {
        self.try_admin().unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    /// Kills the server: no connection is closed in an orderly way, nothing is written any more.
    pub fn stop_immediate(&self) {
        self.home().end(P::IMMEDIATELY);
    }

    /// Starts the server again, on the same port, and stops it first if it runs.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    pub fn restart(&self) {
        self.restart_with(&[]);
    }

    /// The same with further words behind its command.
    ///
    /// # Panics
    /// As [`Self::restart`].
    pub fn restart_with(&self, options: &[String]) {
        let mut home = self.home();
        home.end(P::IMMEDIATELY);
        let own = P::serve(&self.0.path, self.0.port);
        let words = [&own[..], &self.0.options, options].concat();
        let started = home.serve(&words, |home| answers::<P>(home.path(), self.0.port));
        assert!(started, "{}", home.log());
    }

    fn home(&self) -> MutexGuard<'_, Home> {
        // Another test's panic has not changed the server.
        self.0.home.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_admin(&self) -> diesel::ConnectionResult<P::Connection> {
        P::Connection::establish(&P::admin_url(&self.0.path, self.0.port))
    }
}

fn answers<P: Product>(home: &Path, port: u16) -> bool {
    P::Connection::establish(&P::admin_url(home, port)).is_ok()
}

fn url<P: Product>(user: &str, password: &str, port: u16, database: &str) -> String {
    let [user, password, database] = [user, password, database].map(percent_encoded);
    format!("{}://{user}:{password}@127.0.0.1:{port}/{database}", P::DIALECT)
}

/// Writes text so that it stands for itself in an address.
pub(crate) fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
