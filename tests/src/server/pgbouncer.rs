//! PgBouncer: a pooler, which may give a client another session with each transaction.

use std::fs;
use std::path::Path;

use super::home::{self, Home};
use super::{CANARY, Postgres, USER};

/// A private PgBouncer. It ends with the value, or with the test process.
#[derive(Debug)]
pub struct Pgbouncer {
    port: u16,
    /// It stops the server when it is dropped.
    _home: Home,
}

impl Pgbouncer {
    /// A pooler in transaction mode before a server, with so many connections for each database.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn before(server: &Postgres, connections: usize) -> Self {
        Self::start(server, "transaction", connections)
    }

    /// The same, which gives its connections in turn: each transaction another one.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn in_turn(server: &Postgres, connections: usize) -> Self {
        Self::start(server, "transaction\nserver_round_robin = 1", connections)
    }

    /// The same in session mode: a client has a session to itself until it goes.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn by_sessions(server: &Postgres, connections: usize) -> Self {
        Self::start(server, "session", connections)
    }

    fn start(server: &Postgres, mode: &str, connections: usize) -> Self {
        let mut home = Home::new("postgres", "KILL");
        let users = home.path().join("users");
        let written = fs::write(&users, format!("\"{USER}\" \"{CANARY}\"\n"));
        written.expect("a file in its directory");
        let port = home.serve_on_free_port(
            |home, port| {
                let settings = settings(server.port(), port, mode, connections, &users);
                let file = home.join("pgbouncer.ini");
                fs::write(&file, settings).expect("a file in its directory");
                let program = home::program("pgbouncer", &["/usr/sbin".into()]);
                [program, file].map(|path| path.to_str().expect("UTF-8").to_owned()).to_vec()
            },
            |home, _| home.log().contains("process up"),
        );
        Self { port, _home: home }
    }

    /// The port on 127.0.0.1; see [`Database::url_on`](super::Database::url_on).
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn settings(server: u16, port: u16, mode: &str, connections: usize, users: &Path) -> String {
    format!(
        "[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
pool_mode = {mode}
default_pool_size = {connections}
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {}
",
        users.display()
    )
}
