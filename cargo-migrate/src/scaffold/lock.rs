//! One writer at a time in a migrations directory.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::Error;

/// A writer holds the lock for milliseconds; one that holds it for longer is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// Held until dropped, or until the process dies.
pub(crate) struct Lock {
    #[cfg(unix)]
    _directory: File,
    #[cfg(not(unix))]
    _file: lock_file::LockFile,
}

impl Lock {
    /// Waits for its turn.
    pub(crate) fn acquire(directory: &Path) -> Result<Self, Error> {
        Self::acquire_within(directory, PATIENCE)
    }

    #[cfg(unix)]
    fn acquire_within(directory: &Path, patience: Duration) -> Result<Self, Error> {
        let handle = File::open(directory).map_err(|error| Error::io("open", directory, &error))?;
        wait(directory, patience, "", || match handle.try_lock() {
            Ok(()) => Ok(Some(())),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", directory, &error)),
        })?;
        Ok(Self { _directory: handle })
    }

    #[cfg(not(unix))]
    fn acquire_within(directory: &Path, patience: Duration) -> Result<Self, Error> {
        Ok(Self { _file: lock_file::LockFile::acquire(directory, patience)? })
    }
}

fn wait<T>(
    directory: &Path,
    patience: Duration,
    help: &str,
    mut attempt: impl FnMut() -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        if let Some(lock) = attempt()? {
            return Ok(lock);
        }
        if start.elapsed() >= patience {
            return Err(Error::failed(format!(
                "another process has been writing in `{}` for {} seconds",
                directory.display(),
                patience.as_secs(),
            ))
            .with_help(format!("end it, or wait for it, and try again{help}")));
        }
        std::thread::sleep(PAUSE);
    }
}

/// For systems on which a directory cannot be locked: a file that exists while somebody writes.
#[cfg(any(not(unix), test))]
mod lock_file {
    use std::fs::{self, OpenOptions};
    use std::io::ErrorKind;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use super::super::Error;

    pub(super) struct LockFile(PathBuf);

    impl LockFile {
        pub(super) fn acquire(directory: &Path, patience: Duration) -> Result<Self, Error> {
            let path = directory.join(".migrate-lock");
            let help = format!("; if nobody writes, remove `{}`", path.display());
            super::wait(directory, patience, &help, || {
                match OpenOptions::new().write(true).create_new(true).open(&path) {
                    Ok(_) => Ok(Some(Self(path.clone()))),
                    // Windows denies access while the file is on its way out.
                    Err(error)
                        if error.kind() == ErrorKind::AlreadyExists
                            || (cfg!(windows) && error.kind() == ErrorKind::PermissionDenied) =>
                    {
                        Ok(None)
                    }
                    Err(error) => Err(Error::io("create", &path, &error)),
                }
            })
        }
    }

    impl Drop for LockFile {
        fn drop(&mut self) {
            // Nobody is left to tell; the next writer's message names the file.
            let _ = fs::remove_file(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::lock_file::LockFile;
    use super::{Error, Lock};

    /// Eight threads, each in there a few times, and never two at once.
    fn excludes<L>(directory: &Path, acquire: impl Fn(&Path, Duration) -> Result<L, Error> + Sync) {
        let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let lock = acquire(directory, Duration::from_secs(20)).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::sleep(Duration::from_millis(1));
                        inside.fetch_sub(1, Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(turns.into_inner(), 40);
    }

    #[test]
    fn never_two_at_once_and_nothing_stays_behind() {
        let directory = tempfile::tempdir().unwrap();
        excludes(directory.path(), Lock::acquire_within);
        excludes(directory.path(), LockFile::acquire);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_stuck_holder_is_not_waited_for_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let soon = Duration::from_millis(20);
        let held = Lock::acquire(directory.path()).unwrap();
        let error = Lock::acquire_within(directory.path(), soon).err().unwrap().to_string();
        assert!(error.contains("another process has been writing in"), "{error}");
        drop(held);
        Lock::acquire_within(directory.path(), soon).unwrap();

        fs::write(directory.path().join(".migrate-lock"), "").unwrap();
        let error = LockFile::acquire(directory.path(), soon).err().unwrap().to_string();
        assert!(error.contains("if nobody writes, remove"), "{error}");
    }

    #[test]
    fn what_cannot_be_opened_is_said() {
        let nowhere = Path::new("/nonexistent/migrations");
        let error = Lock::acquire(nowhere).err().unwrap().to_string();
        assert!(error.starts_with("could not open `/nonexistent/migrations`: "), "{error}");
        let error = LockFile::acquire(nowhere, Duration::ZERO).err().unwrap().to_string();
        assert!(error.starts_with("could not create `/nonexistent/migrations/"), "{error}");
    }
}
