//! golang-migrate: `<version>_<name>.up.sql` and `.down.sql`. It opens no transactions: a script has its
//! own, or none.

use super::{Converted, Direction, Failure, Found, numbered, pair};

pub(super) fn convert(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    pair(files, |file| {
        let (direction, stem) = match file.strip_suffix(".up.sql") {
            Some(stem) => (Direction::Up, stem),
            None => (Direction::Down, file.strip_suffix(".down.sql")?),
        };
        let (version, name) = numbered(stem)?;
        Some((direction, version.to_owned(), name.to_owned()))
    })
}
