//! MySQL and MariaDB.

mod diesel_url;
mod said;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use migrate_build::{Dialect, ServerVersion};

use super::identity::{Identity, ServerIdentity};
use super::refused::Refused;
use super::server::{Line, Problem, ServerUrl, backup, establish, not_done};
use super::{CONNECT_LIMIT, Connection};
use crate::failure::Failure;

/// How long a statement may wait for other sessions to let go of what it drops, in seconds. The
/// servers' own limit is a day (MariaDB) or a year (MySQL).
const DROP_PATIENCE: u32 = 10;

/// Where a server listens unless it is told otherwise.
const PORT: u16 = 3306;

/// The address of a MySQL or MariaDB database.
pub(super) struct Address(ServerUrl);

/// A session, as the server lists it.
#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    text: String,
}

/// A row of `SHOW STATUS`.
#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text, column_name = Value)]
    value: String,
}

impl Address {
    /// The address that a URL gives.
    ///
    /// # Errors
    /// When it names no database or several hosts, or has a parameter that is not known or that the
    /// client library cannot do.
    pub(super) fn new(url: ServerUrl) -> Result<Self, Failure> {
        diesel_url::checked(url).map(Self)
    }

    fn name(&self) -> &str {
        self.0.database.as_deref().unwrap_or_default()
    }

    /// A connection to the server, in no database.
    fn maintain(&self) -> Result<Box<MysqlConnection>, Failure> {
        let url = ServerUrl { database: None, ..self.0.clone() };
        Ok(connect(&url, CONNECT_LIMIT, |_| Ok(()))?)
    }

    /// How the database was made: its character set and collation; nothing when it is not there.
    fn manner(&self, connection: &mut MysqlConnection) -> Result<Option<String>, Failure> {
        let query = "SELECT CONCAT('CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, \
             ' COLLATE ', DEFAULT_COLLATION_NAME) AS text \
             FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?";
        let query = diesel::sql_query(query).bind::<Text, _>(self.name());
        let found: Vec<Line> =
            query.load(connection).map_err(|error| not_done("look for", &self.0, error))?;
        Ok(found.into_iter().next().map(|line| line.text))
    }

    fn sessions(&self, connection: &mut MysqlConnection) -> Result<Vec<Session>, Failure> {
        let query = "SELECT CAST(ID AS SIGNED) AS id, \
             CONCAT('connection ', ID, ', user ', USER, ', from ', HOST) AS text \
             FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID() ORDER BY ID";
        let query = diesel::sql_query(query).bind::<Text, _>(self.name());
        query.load(connection).map_err(|error| not_done("look into", &self.0, error))
    }
}

impl super::Address for Address {
    fn shown(&self) -> String {
        self.0.shown()
    }

    fn identity(&self) -> Identity {
        let host = self.0.hosts.first();
        let name = host.map_or_else(String::new, |host| host.name.clone());
        // The library takes these for its socket, and of a socket nobody knows the port.
        let is_socket = ["", "localhost"].contains(&&*name) || name.starts_with('/');
        let port = host.and_then(|host| host.port).or((!is_socket).then_some(PORT));
        let database = self.0.database.clone();
        Identity::Server(ServerIdentity::new(Dialect::Mysql, [(name, port)], database))
    }

    fn open(&self) -> Result<Connection, Refused> {
        connect(&self.0, CONNECT_LIMIT, |_| Ok(())).map(Connection::Mysql)
    }

    fn hand_to(&self, program: &mut Command) {
        program.env(super::URL, diesel_url::write(&self.0));
        if diesel_url::wants_tls(&self.0) {
            program.arg("--encrypted");
        }
        if let Some(name) = diesel_url::needs_use(&self.0) {
            program.args(["--database", name]);
        }
    }

    fn server_version(&self) -> Option<ServerVersion> {
        let mut connection = connect(&self.0, CONNECT_LIMIT, |_| Ok(())).ok()?;
        let version: Line =
            diesel::sql_query("SELECT VERSION() AS text").get_result(&mut *connection).ok()?;
        // `10.11.14-MariaDB-0+deb12u2`, `8.0.36`
        let numbers = version.text.split(['-', '+']).next()?;
        let product = if version.text.contains("MariaDB") { "mariadb-" } else { "" };
        format!("{product}{numbers}").parse().ok()
    }

    fn probe(&self, limit: Duration) -> Result<(), Refused> {
        connect(&self.0, limit, |connection| connection.batch_execute("SELECT 1")).map(drop)
    }

    fn create(&self) -> Result<Option<String>, Failure> {
        let mut connection = self.maintain()?;
        if self.manner(&mut connection)?.is_some() {
            return Ok(None);
        }
        let create = format!("CREATE DATABASE IF NOT EXISTS {}", quoted(self.name()));
        let created = connection.batch_execute(&create);
        created
            .map(|()| Some(format!("the database {}", self.shown())))
            .map_err(|error| not_done("make", &self.0, error))
    }

    fn back_up(&self, to: Option<&Path>, command: Option<&str>) -> Result<String, Failure> {
        let command = command.ok_or_else(|| {
            backup::no_command(
                "mariadb-dump --host={host} --port={port} --user={user} --single-transaction {database}",
            )
        })?;
        backup::run(command, &self.0, &variables(&self.0), to)
    }

    fn others(&self) -> Result<Vec<String>, Failure> {
        let sessions = self.sessions(&mut *self.maintain()?)?;
        Ok(sessions.into_iter().map(|session| session.text).collect())
    }

    fn renew(&self, force: bool) -> Result<bool, Failure> {
        let mut connection = self.maintain()?;
        let Some(manner) = self.manner(&mut connection)? else {
            return Ok(false);
        };
        if force {
            for session in self.sessions(&mut connection)? {
                // It may have gone by itself.
                let _ = connection.batch_execute(&format!("KILL {}", session.id));
            }
        }
        let name = quoted(self.name());
        let limit = format!("SET SESSION lock_wait_timeout = {DROP_PATIENCE}");
        let dropped = connection
            .batch_execute(&limit)
            .and_then(|()| connection.batch_execute(&format!("DROP DATABASE {name}")));
        dropped.map_err(|error| not_done("drop", &self.0, error))?;
        let made = connection.batch_execute(&format!("CREATE DATABASE {name} {manner}"));
        made.map(|()| true).map_err(|error| not_done("make", &self.0, error))
    }

    fn beside(&self, name: &str) -> Result<Box<dyn super::Address>, Failure> {
        let mut connection = self.maintain()?;
        let manner = self.manner(&mut connection)?.unwrap_or_default();
        let address = Self(ServerUrl { database: Some(name.to_owned()), ..self.0.clone() });
        let made = connection.batch_execute(&format!("CREATE DATABASE {} {manner}", quoted(name)));
        made.map_err(|error| {
            not_done("make the scratch database", &address.0, error).help(
                "let the user make such databases, ``GRANT ALL ON `migrate\\_verify\\_%`.* TO …``, or \
                 give the URL of a server for tests with `--database-url`",
            )
        })?;
        Ok(Box::new(address))
    }

    fn remove(&self) -> Result<(), Failure> {
        let name = quoted(self.name());
        let limit = format!("SET SESSION lock_wait_timeout = {DROP_PATIENCE}");
        let mut connection = self.maintain()?;
        let dropped = connection
            .batch_execute(&limit)
            .and_then(|()| connection.batch_execute(&format!("DROP DATABASE {name}")));
        dropped.map_err(|error| not_done("drop the scratch database", &self.0, error))
    }
}

fn connect(
    url: &ServerUrl,
    limit: Duration,
    prepare: fn(&mut MysqlConnection) -> QueryResult<()>,
) -> Result<Box<MysqlConnection>, Refused> {
    let enter = diesel_url::needs_use(url).map(|name| format!("USE {}", quoted(name)));
    let encrypted = diesel_url::wants_tls(url);
    let connected = establish(diesel_url::write(url), limit, move |connection| {
        if encrypted {
            require_encryption(connection)?;
        }
        let entered = enter.map_or(Ok(()), |enter| connection.batch_execute(&enter));
        entered.and_then(|()| prepare(connection)).map_err(|error| error.to_string())
    });
    connected.map(Box::new).map_err(|problem| match problem {
        Problem::NoAnswer => Refused::no_answer(&url.shown(), limit),
        Problem::Said(said) => said::refused(&said, &url.shown()),
    })
}

/// Looks whether a connection is encrypted.
fn require_encryption(connection: &mut MysqlConnection) -> Result<(), String> {
    let cipher = diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    let cipher: Vec<Status> = cipher.load(connection).map_err(|error| error.to_string())?;
    match cipher.first() {
        Some(status) if !status.value.is_empty() => Ok(()),
        _ => Err(said::NOT_ENCRYPTED.to_owned()),
    }
}

/// What the programs of MySQL and MariaDB find out of their surroundings.
fn variables(url: &ServerUrl) -> Vec<(&'static str, String)> {
    let host = url.hosts.first();
    let name = host.map(|host| host.name.clone());
    let (socket, name) = match name {
        Some(name) if name.starts_with('/') => (Some(name), None),
        name => (None, name),
    };
    let variables = [
        ("MYSQL_HOST", name),
        ("MYSQL_UNIX_PORT", socket),
        ("MYSQL_TCP_PORT", host.and_then(|host| host.port).map(|port| port.to_string())),
        ("MYSQL_PWD", url.password.clone()),
        ("DATABASE_URL", Some(url.written("mysql"))),
    ];
    variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A name as an identifier, whatever is in it.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
