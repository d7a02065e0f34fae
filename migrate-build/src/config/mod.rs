//! `[package.metadata.migrate]`: read alike by build script, macro and command line.
//!
//! What a package does not set, `[workspace.metadata.migrate]` may; what neither sets has a
//! default. Unknown keys are errors.

mod environment;
mod manifest;
mod parts;
mod table;

use std::path::{Path, PathBuf};

use crate::dialect::Dialect;
use crate::error::Error;
use crate::levels::Levels;
use crate::server::{Server, ServerVersion};

pub use environment::{DEFAULT_ENVIRONMENT, Environment};
use manifest::Manifest;
pub use parts::UrlParts;
use table::{Asked, PlacedVersion, Section};

/// The directory of migrations when nothing is configured.
pub const DEFAULT_DIRECTORY: &str = "migrations";
/// The variable that holds the database's URL when nothing is configured.
pub const DEFAULT_URL_VARIABLE: &str = "DATABASE_URL";
/// The binary that runs migrations written in Rust when nothing is configured.
pub const DEFAULT_RUNNER: &str = "runner";

/// A package's configuration, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// The package's `Cargo.toml`.
    pub manifest: PathBuf,
    /// Where paths in messages start: the workspace's root, or the package's directory.
    pub root: PathBuf,
    /// The databases: at least one.
    pub databases: Vec<Database>,
    /// The levels of rules.
    pub levels: Levels,
}

/// One database's migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its name under `databases`; none for the only one.
    pub name: Option<String>,
    /// Its directory of migrations, absolute.
    pub dir: PathBuf,
    /// Its SQL, if it is configured or follows from the package's dependencies.
    pub dialect: Option<Dialect>,
    /// The oldest version of the server that the files have to run on, if it is configured.
    pub server_version: Option<ServerVersion>,
    /// The variable that holds its URL.
    pub url_env: String,
    /// The variables that hold the parts of its URL, when that one is not set. None where another
    /// variable is configured for the URL and nothing for the parts: those of one database are not
    /// taken for those of another.
    pub url_parts: Option<UrlParts>,
    /// The file that is to say what the migrations make, if one is configured.
    pub schema: Option<SchemaFile>,
    /// The command that backs it up, if one is configured.
    pub backup: Option<String>,
    /// The binary of the package that runs its migrations where they are written in Rust.
    pub runner: String,
    /// Where it runs, by name.
    pub environments: Vec<Environment>,
}

/// A file that is to say what the migrations make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaFile {
    /// The one that Diesel's command line prints to, as `diesel.toml` says.
    OfDiesel,
    /// This one, absolute.
    Path(PathBuf),
}

impl Config {
    /// Reads the configuration of the package with this manifest.
    ///
    /// # Errors
    /// When a manifest cannot be read, is not TOML, or holds a key or value under
    /// `metadata.migrate` that is not known.
    pub fn load(manifest_path: &Path) -> Result<Self, Error> {
        let text = manifest::read(manifest_path)?;
        let package = Manifest::parse(&text)?;
        let workspace_text = package.workspace().map(|path| manifest::read(&path)).transpose()?;
        let workspace = workspace_text.as_ref().map(Manifest::parse).transpose()?;
        let own = Section::read(&package, "package")?.unwrap_or_default();
        let shared = match &workspace {
            Some(workspace) => Section::read(workspace, "workspace")?.unwrap_or_default(),
            None => Section::default(),
        };
        let detected = package.diesel_dialect(workspace.as_ref());
        let directory = package.directory().to_owned();
        let root =
            workspace.as_ref().map_or_else(|| directory.clone(), |w| w.directory().to_owned());
        let resolve = |name: Option<&str>, section: &Section| {
            let dialect = section.dialect.or(own.dialect).or(shared.dialect).or(detected);
            let dir = section.dir.as_deref().or(shared.dir.as_deref());
            let nearest_first = [section, &own, &shared];
            let url_env = nearest_first.iter().find_map(|table| table.url_env.as_deref());
            Ok(Database {
                name: name.map(str::to_owned),
                dir: directory.join(dir.unwrap_or(DEFAULT_DIRECTORY)),
                dialect,
                server_version: server_version(section, [&own, &shared], dialect)?,
                url_env: url_env.unwrap_or(DEFAULT_URL_VARIABLE).to_owned(),
                url_parts: url_parts(nearest_first),
                schema: section.schema.as_ref().map(|asked| match asked {
                    Asked::OfDiesel => SchemaFile::OfDiesel,
                    Asked::Path(path) => SchemaFile::Path(directory.join(path)),
                }),
                backup: nearest_first.iter().find_map(|table| table.backup.clone()),
                runner: nearest_first
                    .iter()
                    .find_map(|table| table.runner.as_deref())
                    .unwrap_or(DEFAULT_RUNNER)
                    .to_owned(),
                environments: environment::merged(nearest_first.map(|table| &table.environments)),
            })
        };
        let databases = if own.databases.is_empty() {
            vec![resolve(None, &own)?]
        } else {
            let named = own.databases.iter();
            named.map(|(name, section)| resolve(Some(name), section)).collect::<Result<_, _>>()?
        };
        let mut levels = shared.levels;
        levels.extend(own.levels);
        Ok(Self { manifest: manifest_path.to_owned(), root, databases, levels })
    }

    /// The database whose migrations are in this directory.
    #[must_use]
    pub fn database_of(&self, dir: &Path) -> Option<&Database> {
        self.databases.iter().find(|database| database.dir == dir)
    }

    /// A path as messages show it: relative to the root where it is below it.
    #[must_use]
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

/// The version that the nearest table sets for a database. One that does not fit is an error where
/// it stands, but for SQLite beside servers: it passes over what is said for those around it.
fn server_version(
    own: &Section,
    around: [&Section; 2],
    dialect: Option<Dialect>,
) -> Result<Option<ServerVersion>, Error> {
    let around = around.into_iter().filter(|_| dialect != Some(Dialect::Sqlite));
    let nearest =
        std::iter::once(own).chain(around).find_map(|table| table.server_version.as_ref());
    let Some(PlacedVersion { version, place }) = nearest else { return Ok(None) };
    if let Some(dialect) = dialect {
        Server::new(dialect, Some(*version))
            .map_err(|message| Error::Config { place: place.clone(), message })?;
    }
    Ok(Some(*version))
}

/// The parts that the nearest table names, unless one nearer names another variable for the URL.
fn url_parts(nearest_first: [&Section; 3]) -> Option<UrlParts> {
    for table in nearest_first {
        if table.url_parts.is_some() || table.url_env.is_some() {
            return table.url_parts.clone();
        }
    }
    Some(UrlParts::default())
}

impl Database {
    /// The server that the files have to run on.
    ///
    /// # Errors
    /// When its dialect is neither configured nor follows from the dependencies.
    pub fn require_server(&self, manifest: &Path) -> Result<Server, Error> {
        self.server(self.require_dialect(manifest)?, manifest)
    }

    /// The server of this dialect, which may be another than the configured one.
    ///
    /// # Errors
    /// When it cannot be of the configured version.
    pub fn server(&self, dialect: Dialect, manifest: &Path) -> Result<Server, Error> {
        let version = self.server_version.filter(|_| dialect != Dialect::Sqlite);
        Server::new(dialect, version).map_err(|message| Error::Config {
            place: manifest.display().to_string(),
            message: format!("`server-version` does not fit: {message}"),
        })
    }

    /// The dialect, or the error that asks for it.
    ///
    /// # Errors
    /// When it is neither configured nor follows from the dependencies.
    pub fn require_dialect(&self, manifest: &Path) -> Result<Dialect, Error> {
        self.dialect.ok_or_else(|| Error::Config {
            place: manifest.display().to_string(),
            message: "the SQL dialect is not known\n\
                      help: write `[package.metadata.migrate]` and `dialect = \"sqlite\"`; without \
                      it, the one backend feature of the `diesel` dependency decides"
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
