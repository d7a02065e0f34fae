//! What runs where nobody types: the entrypoint of a container, a workflow of GitHub's.

use migrate_build::{Dialect, Server};

use super::{Crate, Edit, Options};

/// A server that a workflow starts beside its job.
struct Service {
    image: String,
    /// What the image is told: the password, a database.
    settings: &'static [(&'static str, &'static str)],
    port: u16,
    url: &'static str,
    /// How the runner knows that it is up.
    health: &'static str,
}

/// The files that are asked for. What is there is somebody's own.
pub(super) fn plan(krate: &Crate, package: &str, options: &Options) -> Vec<Edit> {
    let mut edits = Vec::new();
    if options.docker && !krate.has_entrypoint {
        let (path, text) = (krate.entrypoint(), entrypoint(krate, package, options));
        edits.push(Edit::Create { path, text });
    }
    if options.github && !krate.has_workflow {
        let (path, text) = (krate.workflow(), workflow(krate, options));
        edits.push(Edit::Create { path, text });
    }
    edits
}

fn entrypoint(krate: &Crate, package: &str, options: &Options) -> String {
    let version = options.server_version.map(|version| format!(" --server-version {version}"));
    let server = format!("--dialect {}{}", options.dialect, version.unwrap_or_default());
    migrate_templates::ENTRYPOINT
        .replace("@DIRECTORY@", krate.directory())
        .replace("@PACKAGE@", package)
        .replace("@SERVER@", &server)
}

fn workflow(krate: &Crate, options: &Options) -> String {
    let features = match options.dialect {
        Dialect::Sqlite => String::new(),
        dialect => format!(" --no-default-features --features {dialect}"),
    };
    let database = service(options).map(|service| service.text()).unwrap_or_default();
    let within = krate.within.as_ref();
    let manifest = within.map(|within| format!(" --manifest-path {within}/Cargo.toml"));
    migrate_templates::WORKFLOW
        .replace("@DATABASE@", &database)
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@FEATURES@", &features)
        .replace("@MANIFEST@", &manifest.unwrap_or_default())
}

/// The oldest server that the migrations have to run on; else one that is kept up at present.
fn service(options: &Options) -> Option<Service> {
    let server = Server { dialect: options.dialect, version: options.server_version };
    let version = server.version.map(|version| version.to_string());
    Some(match options.dialect {
        Dialect::Sqlite => return None,
        Dialect::Postgres => Service {
            image: format!("postgres:{}", version.as_deref().unwrap_or("17")),
            settings: &[("POSTGRES_PASSWORD", "password")],
            port: 5432,
            url: "postgres://postgres:password@127.0.0.1:5432/postgres",
            health: "pg_isready",
        },
        Dialect::Mysql => {
            let version = version.unwrap_or_else(|| "8.4".to_owned());
            let (image, health) = match version.strip_prefix("mariadb-") {
                Some(version) => {
                    (format!("mariadb:{version}"), "healthcheck.sh --connect --innodb_initialized")
                }
                None => (format!("mysql:{version}"), "mysqladmin ping"),
            };
            Service {
                image,
                settings: &[("MYSQL_ROOT_PASSWORD", "password"), ("MYSQL_DATABASE", "app")],
                port: 3306,
                url: "mysql://root:password@127.0.0.1:3306/app",
                health,
            }
        }
    })
}

impl Service {
    /// As a job of a workflow has it.
    fn text(&self) -> String {
        let Self { image, settings, port, url, health } = self;
        let settings: String =
            settings.iter().map(|(name, value)| format!("          {name}: {value}\n")).collect();
        format!(
            "    services:\n      database:\n        image: {image}\n        env:\n{settings}        \
             ports: [\"{port}:{port}\"]\n        options: >-\n          \
             --health-cmd \"{health}\" --health-interval 5s --health-timeout 5s --health-retries 10\n    \
             env:\n      DATABASE_URL: {url}\n"
        )
    }
}
