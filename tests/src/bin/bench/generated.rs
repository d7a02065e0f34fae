//! Packages made to be measured: each a workspace of its own, below `target/bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Places;
use crate::measure::Result;

/// A generated workspace.
pub(crate) struct Workspace {
    /// Where it is. Its target directory is `target` in it.
    pub(crate) dir: PathBuf,
}

impl Workspace {
    /// A workspace with these members, locked to the versions of the project's own.
    pub(crate) fn new(places: &Places, name: &str, members: &[&str]) -> Result<Self> {
        let dir = places.work.join(name);
        fs::create_dir_all(&dir)?;
        let members: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n\
             [profile.release]\nopt-level = 3\nstrip = true\n",
            members.join(", ")
        );
        write(&dir.join("Cargo.toml"), &manifest)?;
        if !dir.join("Cargo.lock").exists() {
            fs::copy(places.root.join("Cargo.lock"), dir.join("Cargo.lock"))?;
        }
        Ok(Self { dir })
    }

    /// Writes a file of a member.
    pub(crate) fn file(&self, path: &str, text: &str) -> Result<()> {
        write(&self.dir.join(path), text)
    }

    /// `cargo build` here, as a user types it.
    pub(crate) fn cargo_build(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg("build").current_dir(&self.dir).env("CARGO_TARGET_DIR", self.dir.join("target"));
        cargo.env_remove("CARGO_BUILD_JOBS").env_remove("RUSTFLAGS");
        cargo
    }
}

/// Writes a file unless it is the same already, which would only build it again.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, text)?)
}

/// Runs a command that has to work; what it printed on standard error.
pub(crate) fn succeed(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{command:?}: {said}").into()) }
}
