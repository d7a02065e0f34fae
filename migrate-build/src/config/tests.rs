use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A folder with manifests; the package is in `app`, the workspace around it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
        self
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn config(&self) -> Config {
        Config::load(&self.path("app/Cargo.toml")).expect("it can be used")
    }

    fn error(&self) -> String {
        let error = Config::load(&self.path("app/Cargo.toml")).expect_err("it cannot be used");
        error.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

const WORKSPACE: &str = "[workspace]\nmembers = [\"app\"]\n";
const PACKAGE: &str = "[package]\nname = \"app\"\n";

#[test]
fn without_any_configuration_diesel_s_features_tell_the_dialect() {
    let dependency =
        "[dependencies]\ndiesel = { version = \"2\", features = [\"sqlite\", \"r2d2\"] }\n";
    let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{dependency}"));
    let config = folder.config();
    assert_eq!(
        config.databases,
        [Database {
            name: None,
            dir: folder.path("app/migrations"),
            dialect: Some(Dialect::Sqlite),
            server_version: None,
            url_env: "DATABASE_URL".to_owned(),
            url_parts: Some(UrlParts::default()),
            schema: None,
            backup: None,
            runner: "runner".to_owned(),
            environments: Vec::new(),
        }]
    );
    assert_eq!(config.shown(&config.databases[0].dir), PathBuf::from("migrations"));
}

#[test]
fn two_backends_leave_the_dialect_open() {
    let dependency =
        "[dependencies]\ndiesel = { version = \"2\", features = [\"sqlite\", \"postgres\"] }\n";
    let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{dependency}"));
    let config = folder.config();
    let error = config.databases[0].require_dialect(&config.manifest).expect_err("it is open");
    assert!(error.to_string().contains("the SQL dialect is not known"), "{error}");
}

#[test]
fn a_workspace_gives_what_its_packages_leave_out() {
    let shared = "[workspace.metadata.migrate]\nurl-env = \"SHARED_URL\"\nlints.unknown-type = \"warn\"\n\
                  [workspace.dependencies]\ndiesel = { version = \"2\", features = [\"sqlite\"] }\n";
    let own = "[package.metadata.migrate]\ndir = \"db\"\n[dependencies]\ndiesel.workspace = true\n";
    let folder = Folder::new()
        .file("Cargo.toml", &format!("{WORKSPACE}{shared}"))
        .file("app/Cargo.toml", &format!("{PACKAGE}{own}"));
    let config = folder.config();
    let [database] = config.databases.as_slice() else { panic!("one database") };
    assert_eq!(database.url_env, "SHARED_URL");
    assert_eq!(database.dialect, Some(Dialect::Sqlite));
    assert_eq!(config.shown(&database.dir), PathBuf::from("app/db"), "from the workspace's root");
}

#[test]
fn a_package_may_have_several_databases() {
    let databases = "[package.metadata.migrate]\ndialect = \"sqlite\"\n\
                     [package.metadata.migrate.databases.main]\ndir = \"migrations/main\"\n\
                     [package.metadata.migrate.databases.log]\ndir = \"migrations/log\"\nurl-env = \"LOG_URL\"\n";
    let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{databases}"));
    let config = folder.config();
    let names: Vec<_> = config.databases.iter().map(|d| d.name.as_deref()).collect();
    assert_eq!(names, [Some("log"), Some("main")]);
    let log = config.database_of(&folder.path("app/migrations/log")).expect("it is configured");
    assert_eq!((log.url_env.as_str(), log.dialect), ("LOG_URL", Some(Dialect::Sqlite)));
}

#[test]
fn the_parts_of_a_url_are_those_of_the_nearest_table() {
    let folder = Folder::new()
        .file(
            "Cargo.toml",
            &format!("{WORKSPACE}[workspace.metadata.migrate]\nurl-parts.host = \"PGHOST\"\n"),
        )
        .file(
            "app/Cargo.toml",
            &format!(
                "{PACKAGE}[package.metadata.migrate.databases.main]\ndir = \"main\"\n\
                 [package.metadata.migrate.databases.log]\ndir = \"log\"\nurl-env = \"LOG_URL\"\n\
                 [package.metadata.migrate.databases.mail]\ndir = \"mail\"\nurl-env = \"MAIL_URL\"\n\
                 url-parts = {{ name = \"MAIL_DB\", password = \"MAIL_PW\" }}\n"
            ),
        );
    let config = folder.config();
    let parts = |dir: &str| {
        let parts = config.database_of(&folder.path(&format!("app/{dir}"))).unwrap();
        parts.url_parts.clone()
    };
    let with_host = UrlParts { host: "PGHOST".to_owned(), ..UrlParts::default() };
    assert_eq!(parts("main"), Some(with_host));
    assert_eq!(parts("log"), None, "another variable for the URL, and none for the parts");
    let mail = parts("mail").unwrap();
    assert_eq!((mail.name.as_str(), mail.password.as_str()), ("MAIL_DB", "MAIL_PW"));
    assert_eq!(mail.host, "DB_HOST");
}

#[test]
fn the_nearest_table_says_which_server_it_is() {
    let shared = "[workspace.metadata.migrate]\ndialect = \"postgres\"\nserver-version = \"15\"\n";
    let databases = "[package.metadata.migrate]\nserver-version = \"16\"\n\
                     [package.metadata.migrate.databases.log]\ndir = \"log\"\nserver-version = \"17.2\"\n\
                     [package.metadata.migrate.databases.main]\ndir = \"main\"\n\
                     [package.metadata.migrate.databases.mobile]\ndir = \"mobile\"\ndialect = \"sqlite\"\n";
    let servers = |package: &str| -> Vec<String> {
        let folder = Folder::new()
            .file("Cargo.toml", &format!("{WORKSPACE}{shared}"))
            .file("app/Cargo.toml", &format!("{PACKAGE}{package}"));
        let config = folder.config();
        let server = |database: &Database| database.require_server(&config.manifest);
        config.databases.iter().map(|database| server(database).unwrap().to_string()).collect()
    };
    assert_eq!(servers(""), ["PostgreSQL 15"]);
    assert_eq!(servers(databases), ["PostgreSQL 17.2", "PostgreSQL 16", "SQLite"]);
}

#[test]
fn an_inherited_version_is_named_where_it_stands() {
    let shared = "[workspace.metadata.migrate]\ndialect = \"postgres\"\nserver-version = \"15\"\n";
    let folder = Folder::new().file("Cargo.toml", &format!("{WORKSPACE}{shared}")).file(
        "app/Cargo.toml",
        &format!("{PACKAGE}[package.metadata.migrate]\ndialect = \"mysql\"\n"),
    );
    assert_eq!(
        folder.error(),
        "Cargo.toml:5:18: there is no MySQL 15; a version of MariaDB is written `mariadb-10.11`"
    );
}

#[test]
fn a_dialect_that_is_known_later_has_to_fit_as_well() {
    let own = "[package.metadata.migrate]\nserver-version = \"15\"\n";
    let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{own}"));
    let config = folder.config();
    let server = |dialect| {
        let server = config.databases[0].server(dialect, Path::new("app/Cargo.toml"));
        server.map(|server| server.to_string()).map_err(|error| error.to_string())
    };
    assert_eq!(server(Dialect::Postgres), Ok("PostgreSQL 15".to_owned()));
    assert_eq!(server(Dialect::Sqlite), Ok("SQLite".to_owned()), "a database beside the server");
    let refused = server(Dialect::Mysql).expect_err("there is none");
    assert!(
        refused.starts_with("app/Cargo.toml: `server-version` does not fit: there is no MySQL 15;"),
        "{refused}"
    );
}

#[test]
fn every_mistake_has_its_place() {
    for (text, message) in [
        (
            "metadata.migrate = 1\n",
            "app/Cargo.toml:3:20: `package.metadata.migrate` must be a table",
        ),
        (
            "[package.metadata.migrate]\ndirectory = \"x\"\n",
            "app/Cargo.toml:4:1: `[package.metadata.migrate]` has no key `directory`; it has `dir`, `dialect`, `server-version`, `url-env`, `url-parts`, `schema`, `lints`, `backup`, `runner`, `environments`, `databases`",
        ),
        (
            "[package.metadata.migrate]\ndialekt = \"sqlite\"\n",
            "app/Cargo.toml:4:1: `[package.metadata.migrate]` has no key `dialekt`; did you mean `dialect`?; it has `dir`, `dialect`, `server-version`, `url-env`, `url-parts`, `schema`, `lints`, `backup`, `runner`, `environments`, `databases`",
        ),
        (
            "[package.metadata.migrate]\ndialect = \"sqlit\"\n",
            "app/Cargo.toml:4:11: unknown dialect `sqlit`; did you mean `sqlite`?; known are sqlite, postgres, mysql",
        ),
        (
            "[package.metadata.migrate]\nurl-parts = \"x\"\n",
            "app/Cargo.toml:4:13: `package.metadata.migrate.url-parts` must be a table",
        ),
        (
            "[package.metadata.migrate.url-parts]\nusr = \"PGUSER\"\n",
            "app/Cargo.toml:4:1: `[package.metadata.migrate.url-parts]` has no key `usr`; did you mean `user`?; it has `host`, `port`, `name`, `user`, `password`",
        ),
        (
            "[package.metadata.migrate.url-parts]\nport = 5432\n",
            "app/Cargo.toml:4:8: `port` must be a text that is not empty",
        ),
        (
            "[package.metadata.migrate]\ndir = \"\"\n",
            "app/Cargo.toml:4:7: `dir` must be a text that is not empty",
        ),
        (
            "[package.metadata.migrate]\ndir = 1\n",
            "app/Cargo.toml:4:7: `dir` must be a text that is not empty",
        ),
        (
            "[package.metadata.migrate.lints]\nunknwon-type = \"warn\"\n",
            "app/Cargo.toml:4:1: there is no rule `unknwon-type`; did you mean `unknown-type`?",
        ),
        (
            "[package.metadata.migrate.lints]\nempty-up = \"allow\"\n",
            "app/Cargo.toml:4:1: the level of `empty-up` cannot be changed: it is always wrong",
        ),
        (
            "[package.metadata.migrate.databases.a]\ndialect = \"sqlite\"\n",
            "app/Cargo.toml:3:37: `[package.metadata.migrate.databases.a]` needs a `dir`",
        ),
        (
            "[package.metadata.migrate]\ndir = \"x\"\ndatabases.a.dir = \"y\"\n",
            "app/Cargo.toml:3:1: `dir` stands beside `databases`: give each database its own `dir`",
        ),
        (
            "[package.metadata.migrate]\nserver-version = \"fifteen\"\n",
            "app/Cargo.toml:4:18: `fifteen` is no version of a server; write it as `15`, `8.0` or `mariadb-10.11`",
        ),
        (
            "[package.metadata.migrate]\nserver-version = 10.10\n",
            "app/Cargo.toml:4:18: `server-version` is a text: `15`, `8.0` or `mariadb-10.11`, in quotes",
        ),
        (
            "[package.metadata.migrate]\nserver-version = true\n",
            "app/Cargo.toml:4:18: `server-version` must be a text that is not empty",
        ),
        (
            "[package.metadata.migrate]\ndialect = \"postgres\"\nserver-version = \"mariadb-10.11\"\n",
            "app/Cargo.toml:5:18: `mariadb-10.11` is a version of MariaDB, and the dialect is PostgreSQL's",
        ),
        (
            "[package.metadata.migrate]\ndialect = \"sqlite\"\nserver-version = \"3.40\"\n",
            "app/Cargo.toml:5:18: SQLite runs without a server: it has no version",
        ),
        ("[package.metadata.migrate\n", "app/Cargo.toml:3:26: unclosed table, expected `]`"),
    ] {
        let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{text}"));
        assert_eq!(folder.error(), message);
    }
}

#[test]
fn a_manifest_that_is_not_there_is_named() {
    assert!(Folder::new().error().starts_with("cannot read `app/Cargo.toml`: "));
}

#[test]
fn environments_are_named_and_the_nearest_counts() {
    let folder = Folder::new()
        .file(
            "Cargo.toml",
            &format!(
                "{WORKSPACE}[workspace.metadata.migrate]\nbackup = \"dump\"\n\
                 [workspace.metadata.migrate.environments]\n\
                 production = {{ url-env = \"SHARED_URL\" }}\nstaging = {{ protected = false }}\n"
            ),
        )
        .file(
            "app/Cargo.toml",
            &format!(
                "{PACKAGE}[package.metadata.migrate.environments.production]\n\
                 url-env = \"PROD_URL\"\nprotected = true\nbackup = \"dump --all\"\n"
            ),
        );
    let database = &folder.config().databases[0];
    assert_eq!(database.backup.as_deref(), Some("dump"));
    assert_eq!(
        database.environments,
        [
            Environment {
                name: "production".to_owned(),
                url_env: Some("PROD_URL".to_owned()),
                protected: true,
                backup: Some("dump --all".to_owned()),
            },
            Environment { name: "staging".to_owned(), ..Environment::default() },
        ]
    );
}

#[test]
fn what_is_wrong_with_an_environment_is_said_at_its_place() {
    let error = |text: &str| {
        let text = format!("{PACKAGE}[package.metadata.migrate.environments]\n{text}\n");
        Folder::new().file("app/Cargo.toml", &text).error()
    };
    assert_eq!(
        error("production = { protect = true }"),
        "app/Cargo.toml:4:16: `[package.metadata.migrate.environments.production]` has no key \
         `protect`; did you mean `protected`?; it has `url-env`, `protected`, `backup`"
    );
    assert_eq!(
        error("production = { protected = \"yes\" }"),
        "app/Cargo.toml:4:28: `protected` is `true` or `false`"
    );
    assert_eq!(
        error("production = true"),
        "app/Cargo.toml:4:14: `package.metadata.migrate.environments.production` must be a table"
    );
}

#[test]
fn each_database_may_have_a_runner_of_its_own() {
    let own = "[package.metadata.migrate]\nrunner = \"migrator\"\n\
               [package.metadata.migrate.databases.main]\ndir = \"main\"\n\
               [package.metadata.migrate.databases.cache]\ndir = \"cache\"\nrunner = \"cache\"\n";
    let folder = Folder::new().file("app/Cargo.toml", &format!("{PACKAGE}{own}"));
    let runners = folder.config().databases.into_iter().map(|database| database.runner);
    assert_eq!(runners.collect::<Vec<_>>(), ["cache", "migrator"]);
}
