//! PostgreSQL.

mod conninfo;
mod identity;
mod said;

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::ServerVersion;

use super::identity::Identity;
use super::refused::{Cause, Refused};
use super::server::{Host, Line, Problem, ServerUrl, backup, establish, not_done};
use super::{CONNECT_LIMIT, Connection};
use crate::failure::Failure;

/// Where a connection goes that makes or drops a database: it must not be in that one. Both are
/// there unless somebody dropped them
/// (<https://www.postgresql.org/docs/current/manage-ag-templatedbs.html>).
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// The server cuts longer names off (`NAMEDATALEN` less one).
const LONGEST_NAME: usize = 63;

/// Whose a database is.
const OWNER: &str = "
    SELECT format('OWNER %I', pg_get_userbyid(datdba)) AS text FROM pg_database WHERE datname = $1";

/// In which encoding and locale a database was made; empty when that cannot be said again. What `template1` holds is in new
/// databases, unless they differ from it in encoding or locale. Columns that came with later servers
/// are looked for in the row as JSON.
const MANNER: &str = "
    SELECT coalesce(CASE
        WHEN (d.encoding, d.datcollate, d.datctype) = (t.encoding, t.datcollate, t.datctype)
            AND to_jsonb(d) -> 'datlocprovider' IS NOT DISTINCT FROM to_jsonb(t) -> 'datlocprovider'
            AND to_jsonb(d) -> 'daticulocale' IS NOT DISTINCT FROM to_jsonb(t) -> 'daticulocale'
            AND to_jsonb(d) -> 'datlocale' IS NOT DISTINCT FROM to_jsonb(t) -> 'datlocale'
            THEN 'TEMPLATE template1'
        WHEN coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c'
            THEN format('TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
                pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
        END, '') AS text
    FROM pg_database d CROSS JOIN pg_database t
    WHERE d.datname = $1 AND t.datname = 'template1'";

/// The address of a PostgreSQL database.
pub(super) struct Address(ServerUrl);

impl Address {
    /// The address that a URL gives.
    ///
    /// # Errors
    /// When its parameters do not fit together, or libpq cannot have one of them.
    pub(super) fn new(url: ServerUrl) -> Result<Self, Failure> {
        conninfo::with_parameters(url).map(Self)
    }

    /// The database's name.
    fn name(&self) -> Result<&str, Failure> {
        match &self.0.database {
            Some(name) if name.len() <= LONGEST_NAME => Ok(name),
            Some(_) => Err(Failure::usage(format!(
                "the database's name is longer than {LONGEST_NAME} bytes: PostgreSQL cuts it off"
            ))),
            None => Err(Failure::usage("the database's URL names no database")),
        }
    }

    /// A connection to the server, in another database than the address's.
    fn maintain(&self) -> Result<Box<PgConnection>, Failure> {
        let within = |database: &str| {
            let url = ServerUrl { database: Some(database.to_owned()), ..self.0.clone() };
            connect(&url, CONNECT_LIMIT, |_| Ok(()))
        };
        let [usual, other] = MAINTENANCE;
        if self.0.database.as_deref() == Some(usual) {
            return Ok(within(other)?);
        }
        match within(usual) {
            Err(refused) if refused.cause() == Cause::NoDatabase => Ok(within(other)?),
            connected => Ok(connected?),
        }
    }
}

impl super::Address for Address {
    fn shown(&self) -> String {
        self.0.shown()
    }

    fn identity(&self) -> Identity {
        Identity::Server(identity::of(&self.0, |name| env::var(name).ok()))
    }

    fn open(&self) -> Result<Connection, Refused> {
        let has_limit = self.0.parameters.iter().any(|(name, _)| name == "connect_timeout")
            || env::var_os("PGCONNECT_TIMEOUT").is_some();
        let limit = if has_limit { Duration::MAX } else { CONNECT_LIMIT };
        connect(&self.0, limit, |_| Ok(())).map(Connection::Postgres)
    }

    fn hand_to(&self, program: &mut Command) {
        program.env(super::URL, conninfo::write(&self.0));
    }

    fn server_version(&self) -> Option<ServerVersion> {
        let mut connection = connect(&self.0, CONNECT_LIMIT, |_| Ok(())).ok()?;
        let query = "SELECT current_setting('server_version_num') AS text";
        let number: Line = diesel::sql_query(query).get_result(&mut *connection).ok()?;
        // `150018` is 15.18.
        let major = number.text.parse::<u32>().ok()? / 10_000;
        Some(ServerVersion { mariadb: false, major: major.try_into().ok()?, minor: 0 })
    }

    fn probe(&self, limit: Duration) -> Result<(), Refused> {
        connect(&self.0, limit, |connection| connection.batch_execute("SELECT 1")).map(drop)
    }

    fn create(&self) -> Result<Option<String>, Failure> {
        let name = self.name()?;
        let mut connection = self.maintain()?;
        if self.exists(&mut connection, name)? {
            return Ok(None);
        }
        match connection.batch_execute(&format!("CREATE DATABASE {}", quoted(name))) {
            Ok(()) => Ok(Some(format!("the database {}", self.shown()))),
            // Somebody else was faster.
            Err(_) if self.exists(&mut connection, name)? => Ok(None),
            Err(error) => Err(not_done("make", &self.0, error)),
        }
    }

    fn back_up(&self, to: Option<&Path>, command: Option<&str>) -> Result<String, Failure> {
        let command = command.ok_or_else(|| backup::no_command("pg_dump --format=custom"))?;
        backup::run(command, &self.0, &variables(&self.0), to)
    }

    fn others(&self) -> Result<Vec<String>, Failure> {
        let query = "SELECT concat('pid ', pid, ', user ', usename, ', from ' || host(client_addr), \
             ' (' || nullif(application_name, '') || ')') AS text FROM pg_stat_activity \
             WHERE datname = $1 AND backend_type = 'client backend' ORDER BY pid";
        self.lines(&mut *self.maintain()?, query, self.name()?)
    }

    fn renew(&self, force: bool) -> Result<bool, Failure> {
        let name = self.name()?;
        let mut connection = self.maintain()?;
        let Some(manner) = self.lines(&mut connection, MANNER, name)?.pop() else {
            return Ok(false);
        };
        let Some(owner) = self.lines(&mut connection, OWNER, name)?.pop() else {
            return Ok(false);
        };
        if manner.is_empty() {
            let why = "it has a locale that is not the C library's, nor that of `template1`";
            return Err(not_done("make again", &self.0, why).help("drop it and make it by hand"));
        }
        // The clause is PostgreSQL 13's.
        let force = if force { " WITH (FORCE)" } else { "" };
        let dropped = connection.batch_execute(&format!("DROP DATABASE {}{force}", quoted(name)));
        dropped.map_err(|error| not_done("drop", &self.0, error))?;
        let made =
            connection.batch_execute(&format!("CREATE DATABASE {} {owner} {manner}", quoted(name)));
        made.map(|()| true).map_err(|error| not_done("make", &self.0, error))
    }

    fn beside(&self, name: &str) -> Result<Box<dyn super::Address>, Failure> {
        let mut connection = self.maintain()?;
        let manner = match self.0.database.as_deref() {
            Some(model) => self.lines(&mut connection, MANNER, model)?.pop(),
            None => None,
        };
        let address = Self(ServerUrl { database: Some(name.to_owned()), ..self.0.clone() });
        let manner = manner.unwrap_or_default();
        let made = connection.batch_execute(&format!("CREATE DATABASE {} {manner}", quoted(name)));
        made.map_err(|error| {
            not_done("make the scratch database", &address.0, error).help(
                "let the user make databases, `ALTER ROLE … CREATEDB`, or give the URL of a server \
                 for tests with `--database-url`",
            )
        })?;
        Ok(Box::new(address))
    }

    fn remove(&self) -> Result<(), Failure> {
        let name = quoted(self.name()?);
        // The clause is PostgreSQL 13's.
        let dropped = self.maintain()?.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        dropped.map_err(|error| not_done("drop the scratch database", &self.0, error))
    }
}

impl Address {
    fn exists(&self, connection: &mut PgConnection, name: &str) -> Result<bool, Failure> {
        let query = "SELECT datname::text AS text FROM pg_database WHERE datname = $1";
        self.lines(connection, query, name).map(|lines| !lines.is_empty())
    }

    fn lines(
        &self,
        connection: &mut PgConnection,
        query: &str,
        name: &str,
    ) -> Result<Vec<String>, Failure> {
        let lines = diesel::sql_query(query).bind::<Text, _>(name).load::<Line>(connection);
        let lines = lines.map_err(|error| not_done("look for", &self.0, error))?;
        Ok(lines.into_iter().map(|line| line.text).collect())
    }
}

fn connect(
    url: &ServerUrl,
    limit: Duration,
    prepare: fn(&mut PgConnection) -> QueryResult<()>,
) -> Result<Box<PgConnection>, Refused> {
    let connected = establish(conninfo::write(url), limit, move |connection| {
        prepare(connection).map_err(|error| error.to_string())
    });
    connected.map(Box::new).map_err(|problem| match problem {
        Problem::NoAnswer => Refused::no_answer(&url.shown(), limit),
        Problem::Said(said) => said::refused(&said, &url.shown()),
    })
}

/// A name as an identifier, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What libpq finds out of its surroundings
/// (<https://www.postgresql.org/docs/current/libpq-envars.html>).
fn variables(url: &ServerUrl) -> Vec<(&'static str, String)> {
    let joined = |part: fn(&Host) -> String| {
        let parts: Vec<String> = url.hosts.iter().map(part).collect();
        (!parts.iter().all(String::is_empty)).then(|| parts.join(","))
    };
    let parameter = |name: &str| {
        let found = url.parameters.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone())
    };
    let port = |host: &Host| host.port.map_or_else(String::new, |port| port.to_string());
    let variables = [
        ("PGHOST", joined(|host| host.name.clone())),
        ("PGPORT", joined(port)),
        ("PGUSER", url.user.clone()),
        ("PGPASSWORD", url.password.clone()),
        ("PGDATABASE", url.database.clone()),
        ("PGHOSTADDR", parameter("hostaddr")),
        ("PGSSLMODE", parameter("sslmode")),
        ("PGSSLROOTCERT", parameter("sslrootcert")),
        ("PGSSLCERT", parameter("sslcert")),
        ("PGSSLKEY", parameter("sslkey")),
        ("PGCONNECT_TIMEOUT", parameter("connect_timeout")),
        ("DATABASE_URL", Some(url.written("postgres"))),
    ];
    variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
