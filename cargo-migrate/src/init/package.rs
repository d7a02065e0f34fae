//! A crate as it lies on disk, read once.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Error;
use super::apply::read;
use super::manifest::Manifest;

const ENTRYPOINT: &str = "docker-entrypoint.sh";
const WORKFLOW: &str = ".github/workflows/migrations.yml";

/// What is known of a crate before it is set up: the texts of its files.
#[derive(Clone, Debug)]
pub struct Crate {
    /// Its directory.
    pub root: PathBuf,
    /// The text of its `Cargo.toml`.
    pub manifest: String,
    /// The workspace's own `Cargo.toml`, when that is another file: path and text.
    pub workspace: Option<(PathBuf, String)>,
    /// The top of the repository that it is in; of none, the workspace's directory.
    pub repository: PathBuf,
    /// Where it is in that, with slashes; none at the top.
    pub within: Option<String>,
    /// Whether it has a container's entrypoint.
    pub has_entrypoint: bool,
    /// Whether the repository has a workflow for migrations.
    pub has_workflow: bool,
    /// The text of its build script, if it has one.
    pub build_script: Option<String>,
    /// What its migrations directory holds. Several databases have several, which are not looked
    /// into: they count as something.
    pub migrations: Contents,
    directory: String,
}

/// What a directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Nothing, or it is not there.
    Nothing,
    /// Something.
    Something,
}

impl Crate {
    /// Reads the crate whose manifest is `manifest`. `directory` is its migrations directory,
    /// relative to the crate, where the configuration names none (`migrations` by default).
    ///
    /// # Errors
    /// When there is no manifest, when it is not one of a package, or when a file cannot be read.
    pub fn load(manifest: &Path, directory: Option<&str>) -> Result<Self, Error> {
        let text = read(manifest)?.ok_or_else(|| {
            Error::usage(format!("there is no `{}`", manifest.display())).with_help(
                "run `cargo init` first, or say where the crate is: `--manifest-path PATH`",
            )
        })?;
        let parsed = Manifest::parse(manifest, &text)?;
        let root = match manifest.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let directory = parsed.directory(directory)?;
        let workspace = match parsed.is_workspace() {
            true => None,
            false => workspace(&root, parsed.workspace_directory())?,
        };
        let repository = repository(&root, workspace.as_ref().and_then(|(path, _)| path.parent()));
        Ok(Self {
            within: within(&repository, &root),
            has_entrypoint: root.join(ENTRYPOINT).exists(),
            has_workflow: repository.join(WORKFLOW).exists(),
            build_script: read(&root.join(parsed.build_script()?))?,
            migrations: match parsed.has_databases() {
                true => Contents::Something,
                false => contents(&root.join(&directory))?,
            },
            directory,
            repository,
            workspace,
            root,
            manifest: text,
        })
    }

    /// Its `Cargo.toml`.
    #[must_use]
    pub fn manifest_path(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }

    /// Where its container's entrypoint belongs.
    #[must_use]
    pub fn entrypoint(&self) -> PathBuf {
        self.root.join(ENTRYPOINT)
    }

    /// Where its repository's workflow for migrations belongs.
    #[must_use]
    pub fn workflow(&self) -> PathBuf {
        self.repository.join(WORKFLOW)
    }

    /// Its migrations directory, relative to its own.
    #[must_use]
    pub fn directory(&self) -> &str {
        &self.directory
    }
}

/// Where a crate is in its repository; none at its top.
fn within(repository: &Path, root: &Path) -> Option<String> {
    let (repository, root) = (repository.canonicalize().ok()?, root.canonicalize().ok()?);
    let within = root.strip_prefix(repository).ok()?;
    let parts: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn repository(root: &Path, workspace: Option<&Path>) -> PathBuf {
    let whole = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let top = whole.ancestors().find(|directory| directory.join(".git").exists());
    top.or(workspace).unwrap_or(root).to_owned()
}

fn contents(directory: &Path) -> Result<Contents, Error> {
    match fs::read_dir(directory) {
        Ok(mut entries) => Ok(match entries.next() {
            None => Contents::Nothing,
            Some(_) => Contents::Something,
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Contents::Nothing),
        Err(error) => Err(Error::io("list", directory, &error)),
    }
}

/// The manifest of the workspace above `root`: in the directory that the package names, or in the
/// nearest one above that has a `[workspace]`.
fn workspace(root: &Path, named: Option<&str>) -> Result<Option<(PathBuf, String)>, Error> {
    let root = fs::canonicalize(root).map_err(|error| Error::io("find", root, &error))?;
    let candidates: Vec<PathBuf> = match named {
        Some(named) => {
            let path = root.join(named);
            vec![fs::canonicalize(&path).map_err(|error| Error::io("find", &path, &error))?]
        }
        None => root.ancestors().skip(1).map(Path::to_owned).collect(),
    };
    for directory in candidates {
        let path = directory.join("Cargo.toml");
        // An unreadable or broken manifest above is cargo's to report.
        let Ok(Some(text)) = read(&path) else { continue };
        if Manifest::has_workspace(&text) {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}
