//! A lock that dies with its process and leaves no file behind.
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A locked file. Dropping it removes the file and unlocks it.
#[derive(Debug)]
pub struct FileLock {
    // Held open: closing it is what unlocks it.
    _file: File,
    path: PathBuf,
}

impl FileLock {
    /// Tries once; `None` when another process holds it, or just gave it up.
    pub(super) fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Between opening and locking, its last holder may have removed it: then this is a lock on
        // a file that nobody else will ever find.
        if !is_still_there(&file, path)? {
            return Ok(None);
        }
        Ok(Some(Self { _file: file, path: path.to_owned() }))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Elsewhere nothing could tell a removed file from a new one, so it stays. A file that
        // cannot be removed does no harm either.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match path.metadata() {
        Ok(theirs) => Ok(ours.dev() == theirs.dev() && ours.ino() == theirs.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_no_file_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db-migrate-lock");
        let lock = FileLock::attempt(&path).unwrap().unwrap();
        assert!(FileLock::attempt(&path).unwrap().is_none());
        drop(lock);
        assert!(!path.exists());
        assert!(FileLock::attempt(&path).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_on_a_file_that_was_removed_meanwhile_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db-migrate-lock");
        let opened_early = File::create(&path).unwrap();
        assert!(is_still_there(&opened_early, &path).unwrap());
        drop(FileLock::attempt(&path).unwrap().unwrap());
        assert!(!is_still_there(&opened_early, &path).unwrap());
        File::create(&path).unwrap();
        assert!(!is_still_there(&opened_early, &path).unwrap());
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(FileLock::attempt(&dir.path().join("no/lock")).is_err());
    }
}
