//! refinery: `V<version>__<name>.sql`, also `U…`. There are no files for a way back.

use super::{Converted, Direction, Failure, Found, pair};

pub(super) fn convert(files: Vec<Found>) -> Result<Vec<Converted>, Failure> {
    let parts = |stem: &str| {
        let (version, name) = stem.strip_prefix(['V', 'U'])?.split_once("__")?;
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| (version.to_owned(), name.to_owned()))
    };
    let program = files.iter().find(|file| file.name.strip_suffix(".rs").and_then(parts).is_some());
    if let Some(program) = program {
        return Err(Failure::new(format!(
            "`{}` is a program: only SQL files can be converted",
            program.name
        ))
        .help("write the SQL that it makes into a file of the same name that ends in `.sql`"));
    }
    pair(files, |file| {
        let (version, name) = parts(file.strip_suffix(".sql")?)?;
        Some((Direction::Up, version, name))
    })
}
