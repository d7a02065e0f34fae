//! A plan on its way to disk: all of it or nothing.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Edit, Error};
use crate::files::{create, create_executable, replace};

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// What became of it.
    pub change: Change,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was there, and has another text now.
    Changed,
}

/// Carries a plan out, and names each file that was written, once.
///
/// `cargo` makes the calls of cargo: [`cargo`] outside of tests. When a step fails, the steps
/// before it are undone.
///
/// # Errors
/// When a file is read-only, has changed since the plan was made, or exists although it should
/// not; when it cannot be written; when cargo fails.
pub fn apply(
    edits: &[Edit],
    cargo: &mut dyn FnMut(&[String]) -> Result<(), Error>,
) -> Result<Vec<Written>, Error> {
    edits.iter().try_for_each(check)?;
    let mut undo = Undo::default();
    let mut written: Vec<Written> = Vec::new();
    for edit in edits {
        match carry_out(edit, cargo, &mut undo) {
            Ok(more) => {
                for one in more {
                    if !written.iter().any(|other| other.path == one.path) {
                        written.push(one);
                    }
                }
            }
            Err(error) => return Err(undo.run(error)),
        }
    }
    Ok(written)
}

/// Calls cargo: the one that called us, else the one on the path.
///
/// # Errors
/// When it cannot be started, or fails; the message holds what it said.
pub fn cargo(arguments: &[String]) -> Result<(), Error> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let call = format!("cargo {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::failed(format!("could not run `{call}`: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    // What comes before is progress.
    let start = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    let error = Error::failed(format!("`{call}` failed"));
    Err(lines[start..].iter().fold(error, Error::with_help))
}

/// Whatever can be known to fail, before anything is written.
fn check(edit: &Edit) -> Result<(), Error> {
    match edit {
        Edit::Create { path, .. } => match fs::symlink_metadata(path) {
            Ok(_) => Err(Error::failed(format!("`{}` exists already", path.display()))),
            Err(_) => Ok(()),
        },
        Edit::Replace { path, before, .. } => {
            if read(path)?.as_ref() == Some(before) {
                return check_writable(path);
            }
            Err(Error::failed(format!("`{}` has just been changed", path.display()))
                .with_help("nothing was written; try again"))
        }
        Edit::Cargo { files, .. } => files.iter().try_for_each(|path| check_writable(path)),
    }
}

fn check_writable(path: &Path) -> Result<(), Error> {
    match fs::metadata(path) {
        Ok(about) if about.permissions().readonly() => {
            Err(Error::failed(format!("`{}` is read-only", path.display()))
                .with_help("nothing was changed; make it writable and try again"))
        }
        _ => Ok(()),
    }
}

/// The text of a file, `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

/// The files that were written.
fn carry_out(
    edit: &Edit,
    cargo: &mut dyn FnMut(&[String]) -> Result<(), Error>,
    undo: &mut Undo,
) -> Result<Vec<Written>, Error> {
    match edit {
        Edit::Create { path, text } => {
            undo.create_parents(path)?;
            let created = if text.starts_with("#!") {
                create_executable(path, text)
            } else {
                create(path, text)
            };
            created.map_err(|error| Error::io("create", path, &error))?;
            undo.0.push(Step::Restore(path.clone(), None));
            Ok(vec![Written { path: path.clone(), change: Change::Created }])
        }
        Edit::Replace { path, before, after } => {
            replace(path, after).map_err(|error| Error::io("write", path, &error))?;
            undo.0.push(Step::Restore(path.clone(), Some(before.clone())));
            Ok(vec![Written { path: path.clone(), change: Change::Changed }])
        }
        Edit::Cargo { files, arguments } => {
            let texts: Vec<Option<String>> =
                files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
            for (path, text) in files.iter().zip(&texts) {
                undo.0.push(Step::Restore(path.clone(), text.clone()));
            }
            cargo(arguments)?;
            let mut written = Vec::new();
            for (path, before) in files.iter().zip(&texts) {
                let after = read(path)?;
                if after != *before {
                    let change = before.as_ref().map_or(Change::Created, |_| Change::Changed);
                    written.push(Written { path: path.clone(), change });
                }
            }
            Ok(written)
        }
    }
}

/// The way back, in the order of the steps.
#[derive(Default)]
struct Undo(Vec<Step>);

enum Step {
    RemoveDirectory(PathBuf),
    /// To this text; to nothing, when the file was not there.
    Restore(PathBuf, Option<String>),
}

impl Undo {
    fn create_parents(&mut self, path: &Path) -> Result<(), Error> {
        let missing: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .take_while(|directory| !directory.as_os_str().is_empty() && !directory.exists())
            .collect();
        for directory in missing.into_iter().rev() {
            fs::create_dir(directory).map_err(|error| Error::io("create", directory, &error))?;
            self.0.push(Step::RemoveDirectory(directory.to_owned()));
        }
        Ok(())
    }

    /// Takes back what was done; `error` is why, and learns of what could not be taken back.
    fn run(self, error: Error) -> Error {
        self.0.into_iter().rev().fold(error, |error, step| {
            let (path, result) = match step {
                Step::RemoveDirectory(path) => (path.clone(), fs::remove_dir(path)),
                Step::Restore(path, text) => (path.clone(), restore(&path, text.as_deref())),
            };
            match result {
                Ok(()) => error,
                Err(why) => error.with_help(format!(
                    "`{}` could not be put back as it was: {why}",
                    path.display()
                )),
            }
        })
    }
}

fn restore(path: &Path, text: Option<&str>) -> io::Result<()> {
    match (fs::read_to_string(path), text) {
        (Ok(there), Some(text)) if there == text => Ok(()),
        (_, Some(text)) => replace(path, text),
        (Err(error), None) if error.kind() == ErrorKind::NotFound => Ok(()),
        (_, None) => fs::remove_file(path),
    }
}
