//! PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use diesel::pg::PgConnection;

use super::home::{self, Home};
use super::{AWKWARD_CANARY, AWKWARD_USER, CANARY, Product, Server, USER, dump, percent_encoded};

/// PostgreSQL, as a [`Product`].
#[derive(Debug)]
pub enum PostgreSql {}

/// Of every start. Nothing here has to survive the machine, so nothing is synced.
const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "fsync=off",
    "full_page_writes=off",
    // The directory may be in memory.
    "max_wal_size=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] %d ",
    "log_statement=all",
];

/// What runners keep is called `__diesel_…` and `__migrate_…`.
const RUNNERS_TABLES: &str = "--exclude-table=*.__*";

impl Product for PostgreSql {
    type Connection = PgConnection;
    const DIALECT: &str = "postgres";
    const SYSTEM_USER: &str = "postgres";
    const IMMEDIATELY: &str = "QUIT";

    fn shared() -> &'static Server<Self> {
        static SHARED: LazyLock<Server<PostgreSql>> = LazyLock::new(Server::start);
        &SHARED
    }

    /// Who may open the directory is let in by the socket in it.
    fn install(home: &Path) -> Vec<String> {
        let mut command = vec![path(&binary("initdb")), format!("--pgdata={}", path(&data(home)))];
        let fixed = [
            "--username=postgres",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ];
        command.extend(fixed.map(str::to_owned));
        command
    }

    fn serve(home: &Path, port: u16) -> Vec<String> {
        let (server, data, home) = (path(&binary("postgres")), path(&data(home)), path(home));
        let mut command = vec![server, "-D".to_owned(), data, "-k".to_owned(), home];
        command.extend(["-p".to_owned(), port.to_string()]);
        command.extend(SETTINGS.iter().map(|setting| format!("-c{setting}")));
        command
    }

    fn set_up() -> String {
        format!(
            "CREATE ROLE {USER} LOGIN PASSWORD '{CANARY}';
             CREATE ROLE \"{AWKWARD_USER}\" LOGIN PASSWORD '{AWKWARD_CANARY}' IN ROLE {USER};"
        )
    }

    fn admin_url(home: &Path, port: u16) -> String {
        let home = percent_encoded(&path(home));
        format!("postgres://postgres@{home}:{port}/postgres")
    }

    fn create_database(name: &str) -> String {
        format!("CREATE DATABASE {name} OWNER {USER} TEMPLATE template0")
    }

    fn drop_database(name: &str) -> String {
        format!("DROP DATABASE {name} WITH (FORCE)")
    }

    fn copy_database(server: &Server<Self>, from: &str, to: &str) {
        server.execute(&format!("CREATE DATABASE {to} OWNER {USER} TEMPLATE {from}"));
    }

    /// The server's log has them in entries of a line each, whose further lines begin with a tab.
    fn statements(home: &Path, database: &str) -> Vec<String> {
        let log = fs::read(home.join("log")).expect("the log");
        let log = String::from_utf8_lossy(&log).replace("\n\t", "\r");
        let entries = log.lines().filter_map(|entry| statement(entry, database));
        entries.map(|text| text.replace('\r', "\n")).collect()
    }

    fn dump(home: &Path, port: u16, database: &str) -> String {
        let mut tool = home::tool(binary("pg_dump"));
        tool.args(["--schema-only", "--no-owner", "--no-privileges", RUNNERS_TABLES]);
        tool.arg("--host").arg(home).arg(format!("--port={port}"));
        tool.args(["--username=postgres", "--dbname", database]);
        dump::kept(&mut tool, |line| !is_noise(line))
    }

    fn client(home: &Path, port: u16, database: &str) -> Command {
        let mut command = home::tool(binary("psql"));
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        command.args(["--field-separator=\t", "--pset=null=NULL", "--set=ON_ERROR_STOP=1"]);
        command.arg("--host").arg(home).arg(format!("--port={port}"));
        command.args(["--username", USER, "--dbname", database]);
        command
    }
}

impl Server<PostgreSql> {
    /// A hot standby of a server: it follows, and is read-only.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    #[must_use]
    pub fn standby(primary: &Self) -> Self {
        let mut home = Home::new(PostgreSql::SYSTEM_USER, PostgreSql::IMMEDIATELY);
        let mut command = vec![path(&binary("pg_basebackup"))];
        command.push(format!("--pgdata={}", path(&data(home.path()))));
        command.push(format!("--host={}", path(primary.directory())));
        command.push(format!("--port={}", primary.port()));
        let fixed = ["--username=postgres", "--write-recovery-conf", "--checkpoint=fast"];
        command.extend(fixed.map(str::to_owned));
        command.push("--no-sync".to_owned());
        home.run(&command);
        Self::in_home(home, &[])
    }
}

/// An entry's text, if it tells of a statement in this database; see `log_line_prefix`.
fn statement<'a>(entry: &'a str, database: &str) -> Option<&'a str> {
    let (_, entry) = entry.split_once("] ")?;
    let entry = entry.strip_prefix(database)?.strip_prefix(" LOG:  ")?;
    let (kind, text) = entry.split_once(": ")?;
    (kind == "statement" || kind.starts_with("execute ")).then_some(text)
}

/// Whether a line of a dump says nothing of the schema: comments, settings of the session, and the
/// random words that newer versions guard a dump with.
fn is_noise(line: &str) -> bool {
    let is_setting = line.starts_with("SET ") && line.contains(" = ");
    let starts = ["--", "SELECT pg_catalog.set_config(", "\\restrict ", "\\unrestrict "];
    is_setting || starts.iter().any(|start| line.starts_with(start))
}

fn data(home: &Path) -> PathBuf {
    home.join("data")
}

/// A program of the same version as the server.
fn binary(name: &str) -> PathBuf {
    binaries().join(name)
}

/// The server's programs. Debian keeps them off the `PATH`, one directory a version.
fn binaries() -> &'static Path {
    static BINARIES: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let version = entry.file_name().to_str()?.parse().ok()?;
                Some((version, entry.path().join("bin")))
            })
            .collect();
        versions.sort();
        let newest_first: Vec<PathBuf> = versions.into_iter().rev().map(|(_, bin)| bin).collect();
        let initdb = home::program("initdb", &newest_first);
        // What stands on the `PATH` may be a link: the others are beside its target.
        let initdb = initdb.canonicalize().expect("it exists");
        initdb.parent().expect("a file is in a directory").to_owned()
    });
    &BINARIES
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
