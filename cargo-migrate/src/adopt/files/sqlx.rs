//! sqlx: `<version>_<name>.sql`, or `.up.sql` and `.down.sql`.

use super::{Converted, Direction, Failure, Found, numbered, pair};

/// A script that begins with this runs outside of a transaction.
const NO_TRANSACTION: &str = "-- no-transaction";

pub(super) fn convert(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    let mut all = pair(files, |file| {
        let (direction, stem) = match (file.strip_suffix(".up.sql"), file.strip_suffix(".down.sql"))
        {
            (Some(stem), _) => (Direction::Up, stem),
            (_, Some(stem)) => (Direction::Down, stem),
            _ => (Direction::Up, file.strip_suffix(".sql")?),
        };
        let (version, name) = numbered(stem)?;
        Some((direction, version.to_owned(), name.to_owned()))
    })?;
    for one in &mut all {
        let is_outside = |text: &String| text.starts_with(NO_TRANSACTION);
        one.in_transaction = !is_outside(&one.up) && !one.down.as_ref().is_some_and(is_outside);
    }
    Ok(all)
}
