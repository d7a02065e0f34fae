//! Which file is which row: by version, by name, or not at all. Pure.

use std::collections::HashMap;

use super::past::{Past, Row};

/// A migration on disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'f> {
    /// What its directory begins with, without dashes.
    pub(crate) version: &'f str,
    /// What follows.
    pub(crate) name: &'f str,
    /// `up.sql`.
    pub(crate) text: &'f str,
}

/// Rows and files side by side; places in their lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Matching {
    /// In the order of the rows.
    pub(crate) matched: Vec<Matched>,
    /// Rows without a file.
    pub(crate) only_in_table: Vec<usize>,
    /// Files without a row, behind the newest that has one: what a run applies next.
    pub(crate) pending: Vec<usize>,
    /// Files without a row, before it.
    pub(crate) only_on_disk: Vec<usize>,
}

/// A file and its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    /// The row.
    pub(crate) row: usize,
    /// The file.
    pub(crate) file: usize,
    /// Whether the tool's checksum is that of the file, where it keeps one.
    pub(crate) is_same_text: Option<bool>,
    /// Why it may be another one.
    pub(crate) doubt: Option<Doubt>,
}

/// Why a file may not be the one that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The version is the same, the name is not.
    Name,
    /// The name is the same, the version is not.
    Version,
    /// The tool's checksum is of another text.
    Text,
}

impl Matching {
    /// Puts rows and files side by side. `files` ascend by version.
    pub(crate) fn of(rows: &[Row], files: &[File<'_>]) -> Self {
        let mut pairing = Pairing::new(rows, files);
        pairing
            .pair(|row, file| (version_key(&row.version) + " " + &word(&row.name), file_key(file)));
        pairing.pair(|row, file| (version_key(&row.version), version_key(file.version)));
        pairing.pair(|row, file| (word(&row.name), word(file.name)));
        pairing.finish()
    }

    /// Whether all that the tool applied is on disk, without a doubt, and nothing stands between.
    pub(crate) fn is_certain(&self) -> bool {
        self.only_in_table.is_empty()
            && self.only_on_disk.is_empty()
            && self.matched.iter().all(|matched| matched.doubt.is_none())
    }
}

/// The rows of a history; where it says of a version that all before it is applied, one for each file
/// up to it.
pub(crate) fn rows(past: &Past, files: &[File<'_>]) -> Vec<Row> {
    let is_before = |file: &File<'_>, last: &String| match (numbers(file.version), numbers(last)) {
        (Some(version), Some(last)) => version <= last,
        _ => false,
    };
    let covered = files
        .iter()
        .filter(|file| past.up_to.iter().chain(&past.baseline).any(|last| is_before(file, last)));
    let mut rows: Vec<Row> =
        covered.map(|file| Row::of_version(file.version, file.version)).collect();
    let covered: Vec<String> = rows.iter().map(|row| version_key(&row.version)).collect();
    let last = past.up_to.iter().map(|last| Row::of_version(last, last));
    let others = past.rows.iter().cloned().chain(last);
    rows.extend(others.filter(|row| !covered.contains(&version_key(&row.version))));
    rows
}

/// For each row the number of its batch, from 0. What a tool does not group stands alone: taking back
/// "the last batch" takes back one migration then, not all.
pub(crate) fn batches(rows: &[&Row]) -> Vec<u32> {
    let mut next = 0;
    let mut known: HashMap<i64, u32> = HashMap::new();
    let mut fresh = || {
        next += 1;
        next - 1
    };
    rows.iter()
        .map(|row| match row.batch {
            Some(batch) => *known.entry(batch).or_insert_with(&mut fresh),
            None => fresh(),
        })
        .collect()
}

struct Pairing<'p> {
    rows: &'p [Row],
    files: &'p [File<'p>],
    /// For each row its file.
    of_row: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl<'p> Pairing<'p> {
    fn new(rows: &'p [Row], files: &'p [File<'p>]) -> Self {
        Self { rows, files, of_row: vec![None; rows.len()], is_taken: vec![false; files.len()] }
    }

    /// Pairs what is left and has the same key, where that is one row and one file.
    fn pair(&mut self, keys: impl Fn(&Row, &File<'_>) -> (String, String)) {
        let nothing = (Row::default(), File { version: "", name: "", text: "" });
        let mut by_key: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (at, row) in self.rows.iter().enumerate().filter(|(at, _)| self.of_row[*at].is_none()) {
            by_key.entry(keys(row, &nothing.1).0).or_default().0.push(at);
        }
        for (at, file) in self.files.iter().enumerate().filter(|(at, _)| !self.is_taken[*at]) {
            by_key.entry(keys(&nothing.0, file).1).or_default().1.push(at);
        }
        for (key, found) in by_key {
            if let (false, ([row], [file])) = (key.trim().is_empty(), (&found.0[..], &found.1[..]))
            {
                self.of_row[*row] = Some(*file);
                self.is_taken[*file] = true;
            }
        }
    }

    fn finish(self) -> Matching {
        let newest = self.is_taken.iter().rposition(|taken| *taken);
        let mut matching = Matching::default();
        for (row, file) in self.of_row.iter().enumerate() {
            match file {
                Some(file) => matching.matched.push(self.matched(row, *file)),
                None => matching.only_in_table.push(row),
            }
        }
        for file in (0..self.files.len()).filter(|file| !self.is_taken[*file]) {
            match newest {
                Some(newest) if file < newest => matching.only_on_disk.push(file),
                _ => matching.pending.push(file),
            }
        }
        matching
    }

    fn matched(&self, at: usize, file_at: usize) -> Matched {
        let (row, file) = (&self.rows[at], &self.files[file_at]);
        let is_same_text = row.proof.as_ref().map(|proof| proof.holds(file.text));
        let doubt = match is_same_text {
            Some(true) => None,
            Some(false) => Some(Doubt::Text),
            None if !is_same_version(&row.version, file.version) => Some(Doubt::Version),
            None if !row.name.is_empty() && word(&row.name) != word(file.name) => Some(Doubt::Name),
            None => None,
        };
        Matched { row: at, file: file_at, is_same_text, doubt }
    }
}

/// Also when digits were added behind it, as to versions that were the same.
fn is_same_version(row: &str, file: &str) -> bool {
    version_key(row) == version_key(file) || (!row.is_empty() && file.starts_with(row))
}

fn file_key(file: &File<'_>) -> String {
    version_key(file.version) + " " + &word(file.name)
}

/// `0001.2` is `1.2`, and `2026-01-05` the same as `20260105`.
fn version_key(version: &str) -> String {
    let parts = version.split('.').map(|part| {
        let part = part.replace('-', "");
        let trimmed = part.trim_start_matches('0');
        if trimmed.is_empty() && !part.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The numbers of a version, where it has nothing else.
fn numbers(version: &str) -> Option<Vec<u128>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// A name without what tools write differently: case, and what stands between words.
fn word(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_").to_lowercase()
}

#[cfg(test)]
mod tests;
