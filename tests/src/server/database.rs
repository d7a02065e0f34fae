//! One test's database on a server.

use std::io::Write as _;
use std::process::{Command, Stdio};

use diesel::connection::{Connection as _, SimpleConnection as _};

use super::{AWKWARD_CANARY, AWKWARD_USER, CANARY, Product, Server, USER, url};

/// A database of a test's own; dropped with the value, if the server still runs.
#[derive(Debug)]
pub struct Database<P: Product> {
    server: Server<P>,
    name: String,
}

impl<P: Product> Database<P> {
    pub(super) fn new(server: Server<P>, name: String) -> Self {
        Self { server, name }
    }

    /// Another database with all that is in this one, which nobody must be connected to.
    ///
    /// # Panics
    /// When the server refuses it.
    #[must_use]
    pub fn copy(&self) -> Self {
        let name = self.server.free_name();
        P::copy_database(&self.server, &self.name, &name);
        Self::new(self.server.clone(), name)
    }

    /// Its name on the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    #[must_use]
    pub fn server(&self) -> &Server<P> {
        &self.server
    }

    /// Its address, with user and password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_on(self.server.port())
    }

    /// Its address behind something that listens on another port of 127.0.0.1.
    #[must_use]
    pub fn url_on(&self, port: u16) -> String {
        url::<P>(USER, CANARY, port, &self.name)
    }

    /// Its address with the user and the password that must be encoded.
    #[must_use]
    pub fn awkward_url(&self) -> String {
        url::<P>(AWKWARD_USER, AWKWARD_CANARY, self.server.port(), &self.name)
    }

    /// A connection of Diesel's, over TCP.
    ///
    /// # Panics
    /// When the server refuses it.
    #[track_caller]
    #[must_use]
    pub fn connect(&self) -> P::Connection {
        P::Connection::establish(&self.url()).unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    /// Executes SQL on a connection of its own.
    ///
    /// # Panics
    /// When the server refuses it.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The statements that all clients sent to it so far, in order. Diesel sends some of its own when
    /// it connects.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        P::statements(self.server.directory(), &self.name)
    }

    /// The schema as SQL, without the tables that runners keep.
    ///
    /// # Panics
    /// When the product's tool cannot tell.
    #[track_caller]
    #[must_use]
    pub fn schema(&self) -> String {
        P::dump(self.server.directory(), self.server.port(), &self.name)
    }

    /// What `psql` or `mariadb` prints for a script: rows are lines, columns are parted by tabs.
    ///
    /// # Panics
    /// When a statement fails.
    #[track_caller]
    pub fn sql(&self, script: &str) -> String {
        self.try_sql(script).unwrap_or_else(|error| panic!("{script}\n{error}"))
    }

    /// What `psql` or `mariadb` prints for a script.
    ///
    /// # Errors
    /// The client's message, when a statement failed; those before it took effect.
    pub fn try_sql(&self, script: &str) -> Result<String, String> {
        fed(P::client(self.server.directory(), self.server.port(), &self.name), script)
    }
}

/// What a client prints for a script; its message when that failed.
pub(super) fn fed(mut client: Command, script: &str) -> Result<String, String> {
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = client.spawn().expect("the client starts");
    let mut stdin = client.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        // Beside the reading, or two full pipes stop both; a client that failed reads no more.
        scope.spawn(move || drop(stdin.write_all(script.as_bytes())));
        let output = client.wait_with_output().expect("it was started");
        let text = |bytes| String::from_utf8(bytes).expect("a text");
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    })
}

impl<P: Product> Drop for Database<P> {
    fn drop(&mut self) {
        if let Ok(mut admin) = self.server.try_admin() {
            // A test that failed must not fail twice: the server takes the database with it.
            let _ = admin.batch_execute(&P::drop_database(&self.name));
        }
    }
}
