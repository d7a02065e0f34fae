//! Another tool's files, and how they become directories of ours. One file for each layout; none of
//! them touches the disk.

mod flyway;
mod golang_migrate;
mod refinery;
mod sections;
mod sqlx;
mod stamp;

use std::fs;
use std::path::Path;

use crate::adopt::matching::File;
use crate::failure::Failure;
use crate::scaffold::{self, Draft, Intent};

pub(super) use sections::{DBMATE, GOOSE};

/// How a tool lays its files out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layout {
    /// SQL files: this makes migrations of them.
    Sql(fn(Vec<Found>) -> Result<Vec<Converted>, Failure>),
    /// Ours.
    Ours,
    /// Programs.
    Programs,
}

pub(super) const SQLX: Layout = Layout::Sql(sqlx::convert);
pub(super) const REFINERY: Layout = Layout::Sql(refinery::convert);
pub(super) const GOLANG_MIGRATE: Layout = Layout::Sql(golang_migrate::convert);
pub(super) const FLYWAY: Layout = Layout::Sql(flyway::convert);

/// A file as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its name.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
}

/// A migration of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Converted {
    /// The file that it was, or the first of them.
    pub(crate) file: String,
    /// Its version there: numbers, with dots between them.
    pub(super) version: String,
    /// Its name there.
    pub(super) name: String,
    /// The text that its tool took a checksum of.
    original: String,
    up: String,
    down: Option<String>,
    in_transaction: bool,
    /// What its directory begins with.
    stamp: String,
}

impl Converted {
    /// Of a whole file, without a way back yet.
    fn of(file: Found, version: &str, name: &str) -> Self {
        Self {
            file: file.name,
            version: version.to_owned(),
            name: name.to_owned(),
            up: file.text.clone(),
            original: file.text,
            down: None,
            in_transaction: true,
            stamp: String::new(),
        }
    }

    /// The directory's name.
    pub(crate) fn directory(&self) -> String {
        format!("{}_{}", self.stamp, self.words())
    }

    /// As its tool knew it.
    pub(crate) fn before(&self) -> File<'_> {
        File { version: &self.version, name: &self.name, text: &self.original }
    }

    /// The same in our layout. What has no way back says so.
    pub(crate) fn draft(&self, title: &str) -> Draft {
        let up = match self.down {
            Some(_) => self.up.clone(),
            None => format!("{}{}", irreversible(title), self.up),
        };
        Draft {
            in_rust: false,
            name: self.words(),
            intent: Intent::Blank,
            version: Some(self.stamp.clone()),
            up,
            down: self.down.clone(),
            in_transaction: self.in_transaction,
        }
    }

    fn words(&self) -> String {
        let parts = self.name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        let words = parts.collect::<Vec<_>>().join("_").to_lowercase();
        if words.is_empty() { "migration".to_owned() } else { words }
    }
}

const IRREVERSIBLE: &str = "-- migrate: irreversible reason=\"taken over from ";

fn irreversible(title: &str) -> String {
    format!("{IRREVERSIBLE}{title}, which had no way back\"\n")
}

/// A script without the line that a conversion wrote before it.
pub(super) fn unmarked(text: &str) -> Option<&str> {
    text.strip_prefix(IRREVERSIBLE)?.split_once('\n').map(|(_, rest)| rest)
}

/// Reads a directory, and makes migrations of it: ascending by version, each with a stamp of its own.
///
/// # Errors
/// When a file cannot be read, or is not laid out as the tool has it.
pub(crate) fn read(
    directory: &Path,
    layout: Layout,
    title: &str,
) -> Result<Vec<Converted>, Failure> {
    let convert = match layout {
        Layout::Sql(convert) => convert,
        Layout::Ours => {
            return Err(Failure::usage(format!("{title}'s layout is the one that is used here"))
                .help("name its directory with `--dir`, and leave out `--files`"));
        }
        Layout::Programs => {
            return Err(Failure::usage(format!(
                "{title}'s migrations are programs: only SQL files can be converted"
            ))
            .help("write what they do as `up.sql` and `down.sql` under the same versions and names; `adopt` then finds them"));
        }
    };
    let mut converted = convert(found(directory)?)?;
    if converted.is_empty() {
        return Err(Failure::new(format!(
            "`{}` has no migrations of {title}",
            directory.display()
        )));
    }
    converted.sort_by(|a, b| stamp::order(&a.version, &b.version).then(a.file.cmp(&b.file)));
    let versions: Vec<&str> = converted.iter().map(|one| one.version.as_str()).collect();
    let stamps = stamp::stamps(&versions);
    for (one, stamp) in converted.iter_mut().zip(stamps) {
        one.stamp = stamp;
    }
    Ok(converted)
}

/// The files of a directory, by name. What is hidden is no migration.
fn found(directory: &Path) -> Result<Vec<Found>, Failure> {
    let fail = |error: std::io::Error| {
        Failure::new(format!("cannot read `{}`: {error}", directory.display()))
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || !entry.path().is_file() {
            continue;
        }
        let text =
            if name.ends_with(".sql") { scaffold::text(&entry.path())? } else { String::new() };
        files.push(Found { name, text });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Splits `<digits>_<name>`; none where there are no digits, or nothing but them and no `_`.
fn numbered(stem: &str) -> Option<(&str, &str)> {
    let (version, name) = stem.split_once('_').unwrap_or((stem, ""));
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((version, name))
}

/// The migrations of files that are one for each direction, or one alone.
fn pair(
    files: Vec<Found>,
    parse: impl Fn(&str) -> Option<(Direction, String, String)>,
) -> Result<Vec<Converted>, Failure> {
    let mut ups: Vec<Converted> = Vec::new();
    let mut downs: Vec<(String, Found)> = Vec::new();
    for file in files {
        match parse(&file.name) {
            Some((Direction::Up, version, name)) => ups.push(Converted::of(file, &version, &name)),
            Some((Direction::Down, version, _)) => downs.push((version, file)),
            None => {}
        }
    }
    for (version, down) in downs {
        let up = ups.iter_mut().find(|up| up.version == version && up.down.is_none());
        let up = up.ok_or_else(|| {
            Failure::new(format!("`{}` has no file for the way forward", down.name))
                .help("put that file beside it, or remove this one")
        })?;
        up.down = Some(down.text);
    }
    Ok(ups)
}

/// Which way a file is for.
enum Direction {
    Up,
    Down,
}

#[cfg(test)]
mod tests;
