//! MariaDB, which stands for MySQL too.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use diesel::mysql::MysqlConnection;

use super::database::fed;
use super::{
    AWKWARD_CANARY, AWKWARD_USER, CANARY, Product, Server, USER, dump, home, percent_encoded,
};

/// MariaDB, as a [`Product`].
#[derive(Debug)]
pub enum MariaDb {}

/// What runners keep is called `__diesel_…` and `__migrate_…`.
const RUNNERS_TABLES: &str = "SELECT table_name FROM information_schema.tables
    WHERE table_schema = database() AND table_name LIKE '\\_\\_%'";

impl Product for MariaDb {
    type Connection = MysqlConnection;
    const DIALECT: &str = "mysql";
    const SYSTEM_USER: &str = "mysql";
    const IMMEDIATELY: &str = "KILL";

    fn shared() -> &'static Server<Self> {
        static SHARED: LazyLock<Server<MariaDb>> = LazyLock::new(Server::start);
        &SHARED
    }

    fn install(home: &Path) -> Vec<String> {
        let mut command = vec![program("mariadb-install-db"), "--no-defaults".to_owned()];
        command.extend(settings(home));
        command.push("--auth-root-authentication-method=normal".to_owned());
        command.push("--skip-test-db".to_owned());
        command
    }

    fn serve(home: &Path, port: u16) -> Vec<String> {
        let mut command = vec![program("mariadbd"), "--no-defaults".to_owned()];
        command.extend(settings(home));
        command.extend([
            format!("--socket={}", socket(home)),
            format!("--port={port}"),
            format!("--pid-file={}/pid", home.display()),
            format!("--general-log-file={}/statements", home.display()),
        ]);
        let fixed = [
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-ssl",
            "--max-connections=200",
            "--general-log",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            "--default-time-zone=+00:00",
        ];
        command.extend(fixed.map(str::to_owned));
        command
    }

    /// Takes TCP from the superuser, who has no password.
    fn set_up() -> String {
        let mut script = "DELETE FROM mysql.global_priv WHERE Host <> 'localhost' OR User = '';
             FLUSH PRIVILEGES;"
            .to_owned();
        for (user, password) in [(USER, CANARY), (AWKWARD_USER, AWKWARD_CANARY)] {
            for host in ["127.0.0.1", "localhost"] {
                let user = format!("'{user}'@'{host}'");
                script += &format!(
                    "CREATE USER {user} IDENTIFIED BY '{password}';
                     GRANT ALL ON `t\\_%`.* TO {user};"
                );
            }
        }
        script
    }

    fn admin_url(home: &Path, _: u16) -> String {
        // Diesel wants a database.
        format!("mysql://root@localhost/mysql?unix_socket={}", percent_encoded(&socket(home)))
    }

    fn create_database(name: &str) -> String {
        format!("CREATE DATABASE {name}")
    }

    /// Connections may stay, but not locks of their transactions.
    fn drop_database(name: &str) -> String {
        format!("SET STATEMENT lock_wait_timeout = 1 FOR DROP DATABASE {name}")
    }

    /// There are no templates: what the tool writes for the one is executed in the other.
    fn copy_database(server: &Server<Self>, from: &str, to: &str) {
        server.execute(&Self::create_database(to));
        let script = dump::kept(dump_tool(server.directory()).arg(from), |_| true);
        // Tables come by their names, not as they refer to each other.
        let script = format!("SET foreign_key_checks = 0;\n{script}");
        let mut client = Self::client(server.directory(), server.port(), to);
        client.arg("--user=root").env_remove("MYSQL_PWD");
        fed(client, &script).unwrap_or_else(|error| panic!("{error}"));
    }

    /// The general log has them in entries of a line each, by connection. What belongs to a text of
    /// several lines looks like no entry.
    fn statements(home: &Path, database: &str) -> Vec<String> {
        let log = fs::read(home.join("statements")).expect("the general log");
        let log = String::from_utf8_lossy(&log);
        let mut databases: HashMap<&str, &str> = HashMap::new();
        let mut statements: Vec<String> = Vec::new();
        let mut in_statement = false;
        for line in log.lines() {
            let Some((connection, command, argument)) = entry(line) else {
                if in_statement {
                    let last = statements.last_mut().expect("one is begun");
                    last.push('\n');
                    last.push_str(line);
                }
                continue;
            };
            if let Some(chosen) = chosen_database(command, argument) {
                databases.insert(connection, chosen);
            }
            let is_here = databases.get(connection) == Some(&database);
            in_statement = is_here && ["Query", "Execute"].contains(&command);
            if in_statement {
                statements.push(argument.to_owned());
            }
        }
        statements
    }

    /// Views, triggers and routines come in comments that servers read: they stay.
    fn dump(home: &Path, port: u16, database: &str) -> String {
        let mut client = Self::client(home, port, database);
        let unwanted = dump::kept(client.args(["--execute", RUNNERS_TABLES]), |_| true);
        let mut tool = dump_tool(home);
        tool.arg("--no-data");
        // The tool takes no patterns.
        for table in unwanted.lines() {
            tool.arg(format!("--ignore-table={database}.{table}"));
        }
        tool.arg(database);
        dump::kept(&mut tool, |line| !is_noise(line)).lines().map(without_counter).collect()
    }

    fn client(home: &Path, _: u16, database: &str) -> Command {
        let mut command = home::tool(program("mariadb"));
        command.args(["--no-defaults", "--batch", "--skip-column-names"]);
        command.arg(format!("--socket={}", socket(home)));
        command.args(["--user", USER, "--default-character-set=utf8mb4", database]);
        command.env("MYSQL_PWD", CANARY);
        command
    }
}

/// Of every start. Nothing here has to survive the machine, so nothing is synced; what is committed
/// survives the server.
fn settings(home: &Path) -> Vec<String> {
    let fixed = [
        "--innodb-flush-log-at-trx-commit=2",
        "--debug-no-sync",
        "--innodb-flush-method=fsync",
        "--innodb-log-file-size=16M",
        "--innodb-buffer-pool-size=64M",
        "--skip-log-bin",
    ];
    let data = format!("--datadir={}/data", home.display());
    // A server that starts deletes what lies about there of others (measured).
    let temporary = format!("--tmpdir={}", home.display());
    [data, temporary].into_iter().chain(fixed.map(str::to_owned)).collect()
}

/// An entry of the general log: time or nothing, connection and command, argument.
fn entry(line: &str) -> Option<(&str, &str, &str)> {
    let (time, rest) = line.split_once('\t')?;
    let rest = if time.is_empty() { rest.strip_prefix('\t')? } else { rest };
    let (head, argument) = rest.split_once('\t')?;
    let (connection, command) = head.trim_start().split_once(' ')?;
    connection.parse::<u64>().ok()?;
    Some((connection, command, argument))
}

/// The database that an entry of the general log makes the connection's own.
fn chosen_database<'a>(command: &str, argument: &'a str) -> Option<&'a str> {
    match command {
        "Connect" => argument.split_once(" on ")?.1.split(' ').next(),
        "Init DB" => Some(argument),
        _ => None,
    }
}

/// Whether a line of a dump says nothing of the schema: settings of the session, where a sequence
/// stands, and the line that newer versions start with.
fn is_noise(line: &str) -> bool {
    let starts = ["SET @saved_", "SET character_set_client = ", "DO SETVAL(", "/*M!999999\\- "];
    let of_comment = |line: &str| {
        let comment = line.strip_prefix("/*!")?;
        Some(comment.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" SET "))
    };
    starts.iter().any(|start| line.starts_with(start)) || of_comment(line) == Some(true)
}

/// A line of a dump without the number of the next row.
fn without_counter(line: &str) -> String {
    let cut = line.split_once(" AUTO_INCREMENT=").filter(|_| line.starts_with(") ENGINE="));
    let line = cut.map_or(line.to_owned(), |(before, after)| {
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{before}{after}")
    });
    line + "\n"
}

/// What writes a database as SQL.
fn dump_tool(home: &Path) -> Command {
    let mut tool = home::tool(program("mariadb-dump"));
    tool.args(["--no-defaults", "--compact", "--routines", "--events"]);
    tool.arg(format!("--socket={}", socket(home)));
    tool.args(["--user=root", "--default-character-set=utf8mb4"]);
    tool
}

fn socket(home: &Path) -> String {
    format!("{}/socket", home.display())
}

/// A program's path. The server is where users' `PATH` does not lead.
fn program(name: &str) -> String {
    let path = home::program(name, &[PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")]);
    path.to_str().expect("a path in UTF-8").to_owned()
}
