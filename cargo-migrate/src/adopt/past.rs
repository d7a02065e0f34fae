//! What a tool's table says.

use std::time::Duration;

use super::proof::Proof;
use crate::failure::Failure;

/// A tool's history.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// What it applied, in that order.
    pub(crate) rows: Vec<Row>,
    /// Everything up to this version is applied: all that is known where a tool keeps the last
    /// version alone.
    pub(crate) up_to: Option<String>,
    /// The same of a version that no file has to have: where a history was begun.
    pub(crate) baseline: Option<String>,
    /// What else is worth knowing.
    pub(crate) notes: Vec<String>,
}

impl Past {
    /// Of a table that has a row for each migration, and nothing else to say.
    pub(crate) fn of<T>(
        rows: Vec<T>,
        row: impl FnMut(T) -> Result<Row, Failure>,
    ) -> Result<Self, Failure> {
        let rows = rows.into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(Self { rows, ..Self::default() })
    }
}

/// A migration that a tool applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// As the tool calls it.
    pub(crate) shown: String,
    /// The digits before its name; empty where it has none.
    pub(crate) version: String,
    /// Its name without version and ending; empty where the table does not have it.
    pub(crate) name: String,
    /// What was applied with it, where the tool knows.
    pub(crate) batch: Option<i64>,
    /// When, in milliseconds since 1970.
    pub(crate) applied_at: Option<i64>,
    /// How long it took.
    pub(crate) took: Duration,
    /// What its text was.
    pub(crate) proof: Option<Proof>,
}

impl Row {
    /// A row that is a file's name: `20260105090000-create-users.js`.
    pub(crate) fn of_file(name: &str) -> Self {
        let stem = without_ending(name);
        let digits = stem.find(|c: char| !c.is_ascii_digit()).unwrap_or(stem.len());
        let (version, rest) = stem.split_at(digits);
        let rest = rest.trim_start_matches(['_', '-', '.']);
        Self { name: rest.to_owned(), ..Self::of_version(version, name) }
    }

    /// A row that has a version.
    pub(crate) fn of_version(version: &str, shown: &str) -> Self {
        Self { shown: shown.to_owned(), version: version.to_owned(), ..Self::default() }
    }
}

/// Programs and scripts end in one of these; `up.sql` comes of tools with two files a migration.
fn without_ending(name: &str) -> &str {
    const ENDINGS: [&str; 7] = [".up.sql", ".sql", ".js", ".ts", ".cjs", ".mjs", ".mts"];
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_file_s_name_is_a_version_and_a_name() {
        for (file, version, name) in [
            ("20260105090000_create_users.js", "20260105090000", "create_users"),
            ("20260105090000-create-users.ts", "20260105090000", "create-users"),
            ("20250723-add.key.cjs", "20250723", "add.key"),
            ("init.mjs", "", "init"),
            ("0001.sql", "0001", ""),
        ] {
            let row = Row::of_file(file);
            assert_eq!((&*row.shown, &*row.version, &*row.name), (file, version, name));
        }
    }
}
