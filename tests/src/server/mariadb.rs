//! MariaDB, which stands for MySQL too.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use diesel::mysql::MysqlConnection;

use super::{AWKWARD_CANARY, AWKWARD_USER, CANARY, Product, Server, USER, home, percent_encoded};

/// MariaDB, as a [`Product`].
#[derive(Debug)]
pub enum MariaDb {}

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

    fn drop_database(name: &str) -> String {
        format!("DROP DATABASE {name}")
    }

    fn client(home: &Path, _: u16, database: &str) -> Command {
        let mut command = Command::new(program("mariadb"));
        command.args(["--no-defaults", "--batch", "--skip-column-names"]);
        command.arg(format!("--socket={}", socket(home)));
        command.args(["--user", USER, "--default-character-set=utf8mb4", database]);
        command.env("MYSQL_PWD", CANARY);
        command
    }
}

/// Of every start. Nothing here has to survive the machine, so nothing is synced.
fn settings(home: &Path) -> Vec<String> {
    let fixed = [
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-log-file-size=16M",
        "--innodb-buffer-pool-size=64M",
        "--skip-log-bin",
    ];
    let data = format!("--datadir={}/data", home.display());
    std::iter::once(data).chain(fixed.map(str::to_owned)).collect()
}

fn socket(home: &Path) -> String {
    format!("{}/socket", home.display())
}

/// A program's path. The server is where users' `PATH` does not lead.
fn program(name: &str) -> String {
    let path = home::program(name, &[PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")]);
    path.to_str().expect("a path in UTF-8").to_owned()
}
