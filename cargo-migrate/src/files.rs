//! Files, written whole or not at all.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// Makes a file that is not there.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // The error that brought us here is the one to tell.
        let _ = fs::remove_file(path);
    })
}

/// Makes a program that is not there.
pub(crate) fn create_executable(path: &Path, text: &str) -> io::Result<()> {
    create(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = fs::metadata(path)?.permissions();
        // Whoever may read it may run it.
        permissions.set_mode(permissions.mode() | (permissions.mode() & 0o444) >> 2);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// By a new file that takes the old one's place, so that no reader sees half of it. What a link
/// points to is replaced, not the link.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".migrate-new");
    let staging = path.with_file_name(name);
    let written = create(&staging, text)
        .and_then(|()| fs::set_permissions(&staging, fs::metadata(&path)?.permissions()))
        .and_then(|()| fs::rename(&staging, &path));
    if let Err(error) = &written
        && error.kind() != ErrorKind::AlreadyExists
    {
        let _ = fs::remove_file(&staging);
    }
    written
}
