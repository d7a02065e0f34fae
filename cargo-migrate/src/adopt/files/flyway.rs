//! Flyway: `V<version>__<name>.sql`, and `U…` for the way back. Dots in a version may be underscores.

use super::{Converted, Direction, Failure, Found, pair};

pub(super) fn convert(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    let repeatable = files.iter().find(|file| file.name.starts_with("R__"));
    if let Some(repeatable) = repeatable {
        return Err(Failure::new(format!(
            "`{}` is repeatable: there is no such thing here",
            repeatable.name
        ))
        .help("give it a version, and a new migration for each change"));
    }
    pair(files, |file| {
        let stem = file.strip_suffix(".sql")?;
        let direction = match stem.as_bytes().first()? {
            b'V' => Direction::Up,
            b'U' => Direction::Down,
            _ => return None,
        };
        let (version, name) = stem[1..].split_once("__")?;
        let version = version.replace('_', ".");
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        version.split('.').all(is_number).then(|| (direction, version, name.to_owned()))
    })
}
