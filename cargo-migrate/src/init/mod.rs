//! Setting a crate up: the migrations directory, the build script, the configuration and the
//! dependencies.
//!
//! [`Crate::load`] reads, [`plan`] decides without touching anything, [`apply`] writes. A crate
//! that has everything gets an empty plan.

mod apply;
mod automation;
mod build_script;
mod manifest;
mod package;

use std::path::{Path, PathBuf};

use migrate_build::{Dialect, ServerVersion};

pub use crate::scaffold::Error;
pub use apply::{Change, Written, apply, cargo};
pub use package::{Contents, Crate};

use manifest::Manifest;

/// The file that keeps an empty directory in version control.
const KEEP: &str = ".keep";

/// What a crate is set up for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose SQL the migrations are written in.
    pub dialect: Dialect,
    /// The oldest version of the server that they have to run on.
    pub server_version: Option<ServerVersion>,
    /// Where to take `migrate-runtime` and `migrate-build` from, when not from the registry: the
    /// directory that holds theirs.
    pub local: Option<PathBuf>,
    /// Whether a container's entrypoint is wanted.
    pub docker: bool,
    /// Whether a workflow of GitHub's is wanted.
    pub github: bool,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A file that is not there yet. Directories on the way to it are made.
    Create {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
    },
    /// A file that gets another text.
    Replace {
        /// The file.
        path: PathBuf,
        /// Its text when the plan was made; when it has another one, nothing is written.
        before: String,
        /// Its text afterwards.
        after: String,
    },
    /// A call of cargo.
    Cargo {
        /// The files that it may change or make: manifests and lock files.
        files: Vec<PathBuf>,
        /// The arguments, `add` first.
        arguments: Vec<String>,
    },
}

/// What there is to do for `krate`; nothing when it is set up already.
///
/// # Errors
/// When something there contradicts the options, or cannot be extended without understanding it;
/// the message says what to write by hand.
pub fn plan(krate: &Crate, options: &Options) -> Result<Vec<Edit>, Error> {
    let path = krate.manifest_path();
    let manifest = Manifest::parse(&path, &krate.manifest)?;
    let mut edits = Vec::new();
    if let Some(after) = manifest.configured(options, krate.directory())? {
        let before = krate.manifest.clone();
        edits.push(Edit::Replace { path: path.clone(), before, after });
    }
    let workspace = match &krate.workspace {
        Some((path, text)) => Some(Manifest::parse(path, text)?),
        None => None,
    };
    for mut arguments in manifest.additions(workspace.as_ref(), options) {
        arguments.extend(["--manifest-path".to_owned(), path.display().to_string()]);
        let lock = |directory: &Path| directory.join("Cargo.lock");
        let mut files = vec![path.clone(), lock(&krate.root)];
        let above = krate.workspace.as_ref().and_then(|(path, _)| path.parent());
        files.extend(above.map(lock));
        edits.push(Edit::Cargo { files, arguments });
    }
    let path = krate.root.join(manifest.build_script()?);
    match &krate.build_script {
        None => {
            edits.push(Edit::Create { path, text: migrate_templates::BUILD_SCRIPT.to_owned() });
        }
        Some(before) => {
            if let Some(after) = build_script::extended(&path, before)? {
                edits.push(Edit::Replace { path, before: before.clone(), after });
            }
        }
    }
    if krate.migrations == Contents::Nothing {
        let path = krate.root.join(krate.directory()).join(KEEP);
        edits.push(Edit::Create { path, text: String::new() });
    }
    edits.extend(automation::plan(krate, manifest.name()?, options));
    Ok(edits)
}

#[cfg(test)]
mod tests;
