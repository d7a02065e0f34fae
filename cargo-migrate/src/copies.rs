//! Files that copies of a database are in: how they are called, and that each is whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::failure::Failure;

/// What the name of a copy ends in.
const ENDING: &str = ".backup";

/// Where a copy goes that is made now, beside `original`: `app.db.20260105T090000.123Z.backup`.
pub(crate) fn beside(original: &Path) -> PathBuf {
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ");
    let mut name = original.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{now}{ENDING}"));
    original.with_file_name(name)
}

/// The copies that are beside `original`, the oldest first.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn all_beside(original: &Path) -> io::Result<Vec<PathBuf>> {
    let directory = match original.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let beginning = format!("{}.", original.file_name().unwrap_or_default().to_string_lossy());
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&beginning) && name.ends_with(ENDING))
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names.into_iter().map(|name| original.with_file_name(name)).collect())
}

/// A file that is written under another name until it is whole; gone when it never is.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
    to: PathBuf,
    is_done: bool,
}

impl Staged {
    /// An empty file that is to become `to`, which must not be there. Nobody else may read it.
    ///
    /// # Errors
    /// When something is there, or the file cannot be made.
    pub(crate) fn new(to: &Path) -> Result<Self, Failure> {
        if to.symlink_metadata().is_ok() {
            return Err(cannot_write(to, "it is there already, and nothing is overwritten"));
        }
        Self::replacing(to)
    }

    /// The same for one that may be there, and is replaced.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn replacing(to: &Path) -> Result<Self, Failure> {
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let path = to.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|why| cannot_write(&path, &why.to_string()))?;
        Ok(Self { path, to: to.to_owned(), is_done: false })
    }

    /// Where it is until it is whole.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, once it is on the disk.
    ///
    /// # Errors
    /// When that cannot be done.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let done = File::open(&self.path)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.path, &self.to))
            .and_then(|()| sync_directory(&self.to));
        done.map_err(|why| cannot_write(&self.to, &why.to_string()))?;
        self.is_done = true;
        Ok(())
    }
}

fn cannot_write(path: &Path, why: &str) -> Failure {
    Failure::new(format!("cannot write `{}`: {why}", path.display()))
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_done {
            // Half a copy is worse than none; the error that brought us here is the one to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Has the names in a file's directory on the disk, where the system can do that.
pub(crate) fn sync_directory(file: &Path) -> io::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    if cfg!(unix) { File::open(directory.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_sort_by_their_time_and_are_told_from_those_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let first = beside(&file);
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = beside(&file);
        assert!(first < second, "{first:?}");
        for path in [&second, &first, &beside(&folder.path().join("other.db")), &file] {
            fs::write(path, "").unwrap();
        }
        assert_eq!(all_beside(&file).unwrap(), [first, second]);
    }

    #[test]
    fn half_a_file_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("copy");
        let staged = Staged::new(&to).unwrap();
        fs::write(staged.path(), "half").unwrap();
        assert!(!to.exists());
        drop(staged);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        Staged::new(&to).unwrap().finish().unwrap();
        assert!(to.exists());
        assert!(Staged::new(&to).unwrap_err().message.ends_with("nothing is overwritten"));
    }
}
