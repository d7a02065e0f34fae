//! `migrations.lock` on disk, and what tells git how to merge it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use migrate_build::lock::{FILE, Lock};
use migrate_build::seal::Sealing;

use crate::failure::Failure;
use crate::files;
use crate::project::Project;
use crate::scaffold;

/// Git's file in the migrations directory.
const ATTRIBUTES: &str = ".gitattributes";

/// Keeps the lines of both sides. Two branches that seal add their lines at the same place, which git
/// takes for a conflict; each line stands for itself, and what is wrong with the order is found by
/// `check`.
const MERGE: &str = "migrations.lock merge=union\n";

/// Keeps other writers out of the migrations directory.
pub(crate) fn alone(project: &Project) -> Result<scaffold::Lock, Failure> {
    // Whoever lists the directory says better that it is not there.
    project.load()?;
    Ok(scaffold::Lock::acquire(&project.dir)?)
}

/// Writes what is sealed; returns the files that have changed, as messages show them.
pub(crate) fn write(
    project: &Project,
    before: &Lock,
    sealing: &Sealing,
) -> Result<Vec<PathBuf>, Failure> {
    let mut written = Vec::new();
    if sealing.is_empty() {
        return Ok(written);
    }
    let attributes = match read(&project.dir.join(ATTRIBUTES))? {
        None => Some(MERGE.to_owned()),
        // Somebody may have decided otherwise.
        Some(text) if text.contains(FILE) => None,
        Some(text) if text.is_empty() || text.ends_with('\n') => Some(text + MERGE),
        Some(text) => Some(text + "\n" + MERGE),
    };
    let lock = (FILE, before.is_there(), Some(sealing.lock.to_string()));
    let is_there = project.dir.join(ATTRIBUTES).exists();
    for (name, is_there, text) in [(ATTRIBUTES, is_there, attributes), lock] {
        let Some(text) = text else { continue };
        let path = project.dir.join(name);
        let result =
            if is_there { files::replace(&path, &text) } else { files::create(&path, &text) };
        let shown = project.shown.join(name);
        result.map_err(|error| {
            Failure::new(format!("cannot write `{}`: {error}", shown.display()))
        })?;
        written.push(shown);
    }
    Ok(written)
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!("cannot read `{}`: {error}", path.display()))),
    }
}
