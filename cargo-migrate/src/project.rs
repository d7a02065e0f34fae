//! What a command works on, resolved: no command sees an option that configuration could fill.

mod environments;

use std::env;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::{MetadataCommand, Package};
use migrate_build::config::{self, UrlParts};
use migrate_build::layout::Directory;
use migrate_build::schema::{Settings, Watched};
use migrate_build::{Cache, Config, Database, Dialect, Levels, Report, Server, verify_directory};

use crate::cli::Options;
use crate::environment::Environment;
use crate::failure::Failure;

pub(crate) use environments::configured_around;
use environments::named;

/// A directory of migrations and how to read it.
#[derive(Debug)]
pub(crate) struct Project {
    /// The migrations directory.
    pub(crate) dir: PathBuf,
    /// The same, as messages show it: relative to where the command runs.
    pub(crate) shown: PathBuf,
    /// The server that the files have to run on.
    pub(crate) server: Server,
    /// The levels of rules.
    pub(crate) levels: Levels,
    /// The variable that holds the database's URL.
    pub(crate) url_env: String,
    /// The variables that hold its parts, when that one is not set.
    pub(crate) url_parts: Option<UrlParts>,
    /// The environment that is named, if it has an entry.
    pub(crate) environment: Option<config::Environment>,
    /// The command that backs the database up.
    pub(crate) backup: Option<String>,
    /// The configuration of the package, and of the database in it; none where no package is needed.
    config: Option<Box<(Config, Database)>>,
}

impl Project {
    /// Resolves options and configuration.
    ///
    /// # Errors
    /// When there is no package and no `--dir`, the package or the database is not unique, the
    /// configuration cannot be used, no dialect follows from any of it, or it has no server of the
    /// given version.
    pub(crate) fn resolve(options: &Options, environment: &Environment) -> Result<Self, Failure> {
        Self::resolve_in(options.dir.as_deref(), options, environment)
    }

    /// The same for a command that needs no files: it works outside of a package, too.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub(crate) fn of_database(
        options: &Options,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let default = Path::new(config::DEFAULT_DIRECTORY);
        let dir = options.dir.as_deref().or_else(|| is_nowhere(options).then_some(default));
        Self::resolve_in(dir, options, environment)
    }

    fn resolve_in(
        dir: Option<&Path>,
        options: &Options,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let url = options.database_url.as_deref();
        let of_url = url.map(Dialect::of_url);
        match (dir, options.dialect.or(of_url)) {
            (Some(dir), Some(dialect)) => Self::bare(options, dir, dialect),
            (Some(dir), None) => Self::with_dir(options, dir, environment),
            (None, _) => {
                let config = Config::load(&find_manifest(options)?)?;
                let database = only_database(&config)?.clone();
                Self::configured(config, database, options, environment)
            }
        }
    }

    /// A directory without any manifest.
    fn bare(options: &Options, dir: &Path, dialect: Dialect) -> Result<Self, Failure> {
        Ok(Self {
            environment: named(options, &[])?,
            backup: None,
            dir: dir.to_owned(),
            shown: dir.to_owned(),
            server: typed_server(options, dialect)?.unwrap_or(Server::any(dialect)),
            levels: Levels::default(),
            url_env: config::DEFAULT_URL_VARIABLE.to_owned(),
            url_parts: Some(UrlParts::default()),
            config: None,
        })
    }

    /// A directory whose dialect the package's configuration tells, or the URL.
    fn with_dir(options: &Options, dir: &Path, environment: &Environment) -> Result<Self, Failure> {
        if is_nowhere(options) {
            let url = environment.get(config::DEFAULT_URL_VARIABLE)?;
            let dialect = url.as_deref().map(Dialect::of_url).ok_or_else(|| {
                Failure::usage("the SQL dialect is not known")
                    .help("give `--dialect`, or a database with `--database-url`")
            })?;
            return Self::bare(options, dir, dialect);
        }
        let config = Config::load(&find_manifest(options)?)?;
        let absolute =
            env::current_dir().map(|here| here.join(dir)).unwrap_or_else(|_| dir.to_owned());
        // `../audit` may be one of them as well.
        let canonical = absolute.canonicalize().unwrap_or_default();
        let named = config.database_of(&absolute).or_else(|| config.database_of(&canonical));
        let mut database = match named {
            Some(database) => database.clone(),
            None => only_database(&config)?.clone(),
        };
        database.dir = dir.to_owned();
        Self::configured(config, database, options, environment)
    }

    fn configured(
        config: Config,
        database: Database,
        options: &Options,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let named = named(options, &database.environments)?;
        let own = named.as_ref().and_then(|named| named.url_env.clone());
        // The parts of another database's URL are not taken for this one's.
        let url_parts = database.url_parts.clone().filter(|_| own.is_none());
        let backup = named.as_ref().and_then(|named| named.backup.clone());
        let url_env = own.unwrap_or_else(|| database.url_env.clone());
        let dialect = match (options.dialect.or(database.dialect), &options.database_url) {
            (Some(dialect), _) => dialect,
            (None, Some(url)) => Dialect::of_url(url),
            (None, None) => match environment.get(&url_env)? {
                Some(url) => Dialect::of_url(&url),
                None => database.require_dialect(&shown(&config.manifest))?,
            },
        };
        let server = match typed_server(options, dialect)? {
            Some(server) => server,
            None => database.server(dialect, &shown(&config.manifest))?,
        };
        Ok(Self {
            shown: shown(&database.dir),
            dir: database.dir.clone(),
            server,
            levels: config.levels.clone(),
            url_env,
            url_parts,
            environment: named,
            backup: backup.or_else(|| database.backup.clone()),
            config: Some(Box::new((config, database))),
        })
    }

    /// The databases of the package; none where no package was needed.
    pub(crate) fn databases(&self) -> Option<&[Database]> {
        self.config.as_ref().map(|config| config.0.databases.as_slice())
    }

    /// The package's manifest, and the database that is meant; none where no package was needed.
    pub(crate) fn configuration(&self) -> Option<(&Path, &Database)> {
        self.config.as_deref().map(|(config, database)| (config.manifest.as_path(), database))
    }

    /// Reads the files.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub(crate) fn load(&self) -> Result<Directory, Failure> {
        Ok(Directory::load(&self.dir, &self.shown)?)
    }

    /// How Diesel's tables are printed: as the nearest `diesel.toml` says, in the migrations
    /// directory or above.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) fn print_settings(&self) -> Result<Settings, Failure> {
        let root = self.config.as_ref().map(|config| config.0.root.clone());
        let root = root.or_else(|| env::current_dir().ok()).unwrap_or_default();
        Ok(Settings::nearest(&absolute(&self.dir), &root)?)
    }

    /// Verifies the files, and the schema file that is configured beside them.
    ///
    /// # Errors
    /// When something cannot be read, or the configuration of the schema file cannot be used.
    pub(crate) fn verify_all(&self) -> Result<Report, Failure> {
        let mut report = self.verify()?;
        if let Some((config, database)) = self.config.as_deref()
            && let Some(watched) = Watched::of(config, database)?
        {
            watched.check(config, &mut report, &Cache::default())?;
        }
        Ok(report)
    }

    /// Reads and verifies the files.
    ///
    /// # Errors
    /// When the directory cannot be read. What is wrong with the files is in the report.
    pub(crate) fn verify(&self) -> Result<Report, Failure> {
        Ok(verify_directory(self.load()?, self.server, &self.levels, &mut Cache::default())?)
    }
}

/// Whether no package is meant, and there is none around us.
fn is_nowhere(options: &Options) -> bool {
    options.manifest_path.is_none() && options.package.is_none() && manifest_above().is_none()
}

/// The server that `--server-version` asks for.
fn typed_server(options: &Options, dialect: Dialect) -> Result<Option<Server>, Failure> {
    let server = options.server_version.map(|version| Server::new(dialect, Some(version)));
    server.transpose().map_err(|message| {
        Failure::usage(message).help("leave `--server-version` out, or give another `--dialect`")
    })
}

/// A path relative to where the command runs, if the two have more than the root in common.
pub(crate) fn shown(path: &Path) -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    let common = here.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    if common < 2 {
        return path.to_owned();
    }
    let up = here.components().skip(common).map(|_| Component::ParentDir);
    let shown: PathBuf = up.chain(path.components().skip(common)).collect();
    if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown }
}

/// The only database of a package; which one is meant of several, nobody guesses.
fn only_database(config: &Config) -> Result<&Database, Failure> {
    if let [database] = config.databases.as_slice() {
        return Ok(database);
    }
    let list = config
        .databases
        .iter()
        .map(|database| format!("`--dir {}`", shown(&database.dir).display()));
    Err(Failure::usage("the package has several databases: say which")
        .help(format!("one of {}", list.collect::<Vec<_>>().join(", "))))
}

/// The manifest of the package that is meant.
pub(crate) fn find_manifest(options: &Options) -> Result<PathBuf, Failure> {
    let start = match &options.manifest_path {
        Some(path) if path.is_file() => absolute(path),
        Some(path) => {
            return Err(Failure::usage(format!("there is no file `{}`", path.display())));
        }
        None => manifest_above().ok_or_else(|| {
            Failure::usage("there is no `Cargo.toml` here or above")
                .help("outside a package, give `--dir DIR` and `--dialect DIALECT` or `--database-url URL`")
        })?,
    };
    // The package around us is the one that cargo would take: no need to ask it.
    if options.package.is_none() && is_package(&start)? {
        return Ok(start);
    }
    select(&start, options.package.as_deref())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn manifest_above() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors().map(|dir| dir.join("Cargo.toml")).find(|path| path.is_file())
}

fn is_package(manifest: &Path) -> Result<bool, Failure> {
    let text = std::fs::read_to_string(manifest).map_err(|error| {
        Failure::new(format!("cannot read `{}`: {error}", shown(manifest).display()))
    })?;
    // By its header alone: who reads the configuration says what is wrong with a broken one.
    Ok(text.lines().any(|line| line.trim_start().starts_with("[package]")))
}

/// Asks cargo for the workspace's packages.
fn packages_of(manifest: &Path) -> Result<Vec<Package>, Failure> {
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
    let metadata = metadata.map_err(|error| {
        let said = match error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr,
            other => other.to_string(),
        };
        let said = said.trim_start_matches("error: ").trim_end();
        Failure::usage(format!("cargo cannot read the workspace: {said}"))
    })?;
    Ok(metadata.workspace_packages().into_iter().cloned().collect())
}

/// The named package of a workspace, or the only one with a configuration.
fn select(manifest: &Path, name: Option<&str>) -> Result<PathBuf, Failure> {
    let packages = packages_of(manifest)?;
    if let Some(name) = name {
        let found = packages.iter().find(|package| package.name.as_str() == name);
        return found.map(|package| package.manifest_path.clone().into()).ok_or_else(|| {
            let names = packages.iter().map(|package| package.name.as_str());
            let hint = migrate_build::suggest::did_you_mean(name, names);
            Failure::usage(format!("the workspace has no package `{name}`{hint}"))
        });
    }
    let configured: Vec<_> = packages.iter().filter(|package| is_configured(package)).collect();
    match configured.as_slice() {
        [package] => Ok(package.manifest_path.clone().into()),
        [] => Err(Failure::usage("no package of this workspace has migrations configured")
            .help("say which package: `-p PACKAGE`, or write `[package.metadata.migrate]` in its Cargo.toml")),
        several => {
            let names: Vec<_> = several.iter().map(|package| format!("`-p {}`", package.name)).collect();
            Err(Failure::usage("several packages of this workspace have migrations: say which")
                .help(format!("one of {}", names.join(", "))))
        }
    }
}

fn is_configured(package: &Package) -> bool {
    package.metadata.get("migrate").is_some()
}
