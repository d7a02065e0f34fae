//! A copy of an SQLite database (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>).

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection as _;

use super::Address;
use crate::copies::Staged;
use crate::failure::Failure;

/// Copies the database into a file that is not there. Whoever holds a transaction that has written
/// nothing yet is not in the way.
pub(super) fn into(address: &Address, original: &Path, to: &Path) -> Result<(), Failure> {
    let staged = Staged::new(to)?;
    let failed = |why: String| {
        Failure::new(format!("cannot copy {} to `{}`: {why}", address.shown_name(), to.display()))
    };
    let path = staged.path().to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
    // Who may read the one may read the other.
    fs::metadata(original)
        .and_then(|file| fs::set_permissions(staged.path(), file.permissions()))
        .map_err(|why| failed(why.to_string()))?;
    let mut connection = address.connect()?;
    let sql = format!("PRAGMA busy_timeout = 5000; VACUUM INTO '{}'", path.replace('\'', "''"));
    connection.batch_execute(&sql).map_err(|error| failed(error.to_string()))?;
    staged.finish()
}
