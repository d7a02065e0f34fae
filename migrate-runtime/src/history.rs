//! What the database says: which migrations are applied, in which order, and what is unfinished.
use crate::backend::Backend;
use crate::error::{Damaged, Error};
use crate::journal::{self, Unfinished};
use crate::migrations::Checksum;
use crate::stored::StoredDown;

/// A column's value as text: every type is read the same way, so that a row of the wrong shape is
/// a message and nothing worse. Bytes that are no text arrive as U+FFFD.
pub(crate) type Cell = Option<String>;

/// The columns of `__migrate_history` behind `version`.
pub(crate) const HISTORY_COLUMNS: [&str; 11] = [
    "run_on",
    "name",
    "batch",
    "ord",
    "checksum",
    "tokens",
    "down",
    "down_map",
    "started_at",
    "duration_ms",
    "tool",
];

/// The ledger's tables as a backend read them.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Whether all three tables are there.
    pub(crate) is_complete: bool,
    /// `version` and `run_on` of Diesel's table, then [`HISTORY_COLUMNS`] or nulls.
    pub(crate) applied: Vec<Vec<Cell>>,
    /// The rows of the journal: [`journal::COLUMNS`].
    pub(crate) journal: Vec<Vec<Cell>>,
    /// The greatest `ord` and `batch` ever given, of stale rows too.
    pub(crate) greatest: [Cell; 2],
}

/// What the database says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    applied: Vec<Applied>,
    /// Places in `applied`, ascending by version.
    by_version: Vec<usize>,
    unfinished: Vec<Unfinished>,
    last_order: i64,
    last_batch: i64,
    is_complete: bool,
}

/// An applied migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The version.
    pub version: String,
    /// When, as the database wrote it (UTC).
    pub run_on: String,
    /// What this crate recorded; `None` when Diesel applied it: its checksum is unknown.
    pub record: Option<Record>,
}

/// What is recorded of a migration beside Diesel's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The directory's name.
    pub name: String,
    /// Groups what one run applied.
    pub batch: i64,
    /// Grows with every migration applied.
    pub order: i64,
    /// SHA-256 of `up.sql`; `None` when it was not known.
    pub checksum: Option<Checksum>,
    /// The hash over the tokens of `up.sql`.
    pub tokens: Option<u64>,
    /// `down.sql`; `None` when there was none, or when it was longer than the server takes in one
    /// piece (MySQL's `max_allowed_packet`).
    pub down: Option<StoredDown>,
    /// When it was started, in milliseconds since 1970.
    pub started_at: i64,
    /// How long its statements took, in milliseconds.
    pub duration_ms: i64,
    /// What applied it.
    pub tool: String,
}

impl History {
    /// Reads it. No table is made, no lock taken: a role that may only read is enough.
    ///
    /// # Errors
    /// The database cannot be read, or the ledger holds what nobody wrote there.
    pub fn read<C: Backend>(conn: &mut C) -> Result<Self, Error> {
        crate::runner::read_patiently(conn)
    }

    pub(crate) fn from_ledger(ledger: Ledger) -> Result<Self, Damaged> {
        let Ledger { is_complete, applied, journal, greatest: [order, batch] } = ledger;
        let applied = applied.into_iter().map(read_applied).collect::<Result<_, _>>()?;
        let applied = in_order_of_application(applied);
        Ok(Self {
            by_version: by_version(&applied)?,
            applied,
            unfinished: journal.into_iter().map(journal::read).collect::<Result<_, _>>()?,
            last_order: number(order, "ord")?.unwrap_or(0),
            last_batch: number(batch, "batch")?.unwrap_or(0),
            is_complete,
        })
    }

    /// The applied migrations, in the order in which they were applied.
    #[must_use]
    pub fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// What a run began and did not end.
    #[must_use]
    pub fn unfinished(&self) -> &[Unfinished] {
        &self.unfinished
    }

    /// The applied migration with this version.
    #[must_use]
    pub fn get(&self, version: &str) -> Option<&Applied> {
        let version_at = |at: &usize| self.applied[*at].version.as_str().cmp(version);
        let found = self.by_version.binary_search_by(version_at).ok()?;
        Some(&self.applied[self.by_version[found]])
    }

    pub(crate) fn next_order(&self) -> i64 {
        self.last_order.saturating_add(1)
    }

    pub(crate) fn next_batch(&self) -> i64 {
        self.last_batch.saturating_add(1)
    }

    /// Whether all tables of the ledger are there.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The greatest applied version.
    pub(crate) fn newest_version(&self) -> Option<&str> {
        self.by_version.last().map(|at| self.applied[*at].version.as_str())
    }
}

impl Applied {
    /// The directory's name, or the version when Diesel applied it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.record.as_ref().map_or(&self.version, |record| &record.name)
    }
}

fn by_version(applied: &[Applied]) -> Result<Vec<usize>, Damaged> {
    let mut places: Vec<usize> = (0..applied.len()).collect();
    places.sort_unstable_by(|a, b| applied[*a].version.cmp(&applied[*b].version));
    let twice = places.windows(2).find(|pair| applied[pair[0]].version == applied[pair[1]].version);
    match twice {
        Some(pair) => Err(Damaged::new(
            "__diesel_schema_migrations",
            "version",
            &format!("holds `{}` twice", applied[pair[0]].version),
        )),
        None => Ok(places),
    }
}

fn read_applied(cells: Vec<Cell>) -> Result<Applied, Damaged> {
    let mut cells = cells.into_iter();
    let mut next = || cells.next().flatten();
    let version = text(next(), "version")?.unwrap_or_default();
    let run_on = text(next(), "run_on")?.unwrap_or_default();
    let recorded_for = text(next(), "run_on")?;
    // Another `run_on` means that Diesel reverted and applied it again since: the row is stale.
    if recorded_for.is_none_or(|recorded| recorded != run_on) {
        return Ok(Applied { version, run_on, record: None });
    }
    let name = required(text(next(), "name")?, "name")?;
    let batch = required(number(next(), "batch")?, "batch")?;
    let order = required(number(next(), "ord")?, "ord")?;
    let checksum = text(next(), "checksum")?
        .map(|text| {
            Checksum::from_text(&text).ok_or_else(|| damaged("checksum", "holds no checksum"))
        })
        .transpose()?;
    let tokens = text(next(), "tokens")?
        .map(|text| u64::from_str_radix(&text, 16).map_err(|_| damaged("tokens", "is no hash")))
        .transpose()?;
    let down = next();
    let map = text(next(), "down_map")?;
    let record = Record {
        name,
        batch,
        order,
        checksum,
        tokens,
        down: down.zip(map).map(|(sql, map)| StoredDown { sql, map }),
        started_at: required(number(next(), "started_at")?, "started_at")?,
        duration_ms: required(number(next(), "duration_ms")?, "duration_ms")?,
        tool: text(next(), "tool")?.unwrap_or_default(),
    };
    Ok(Applied { version, run_on, record: Some(record) })
}

/// Ours by the order we gave; each of Diesel's behind the last of ours that was there before it.
/// Diesel's clock has seconds: within one, the version decides.
fn in_order_of_application(applied: Vec<Applied>) -> Vec<Applied> {
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
        applied.into_iter().partition(|applied| applied.record.is_some());
    ours.sort_unstable_by(|a, b| {
        order_of(a).cmp(&order_of(b)).then_with(|| a.version.cmp(&b.version))
    });
    theirs.sort_unstable_by(|a, b| moment(a).cmp(&moment(b)));

    // The least moment from here to the end: ascending, so "the last of ours before this moment"
    // is a binary search even when clocks went backwards.
    let mut least_from: Vec<(&str, &str)> = ours.iter().map(moment).collect();
    for at in (1..least_from.len()).rev() {
        least_from[at - 1] = least_from[at - 1].min(least_from[at]);
    }
    let mut places: Vec<usize> = Vec::with_capacity(theirs.len());
    for their in &theirs {
        places.push(least_from.partition_point(|least| *least < moment(their)));
    }

    let mut merged = Vec::with_capacity(ours.len() + theirs.len());
    let mut theirs = theirs.into_iter().zip(places).peekable();
    for (at, our) in ours.into_iter().enumerate() {
        while let Some((their, _)) = theirs.next_if(|(_, place)| *place <= at) {
            merged.push(their);
        }
        merged.push(our);
    }
    merged.extend(theirs.map(|(their, _)| their));
    merged
}

fn order_of(applied: &Applied) -> i64 {
    applied.record.as_ref().map_or(i64::MAX, |record| record.order)
}

fn moment(applied: &Applied) -> (&str, &str) {
    const SECONDS: usize = "2026-01-05 09:00:00".len();
    (applied.run_on.get(..SECONDS).unwrap_or(&applied.run_on), &applied.version)
}

fn damaged(column: &'static str, problem: &str) -> Damaged {
    Damaged::new("__migrate_history", column, problem)
}

/// A cell as text.
fn text(cell: Cell, column: &'static str) -> Result<Option<String>, Damaged> {
    match cell {
        Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
            Err(damaged(column, "is not UTF-8"))
        }
        cell => Ok(cell),
    }
}

/// A cell as a number.
fn number(cell: Cell, column: &'static str) -> Result<Option<i64>, Damaged> {
    text(cell, column)?
        .map(|text| text.parse().map_err(|_| damaged(column, "is not a whole number")))
        .transpose()
}

fn required<T>(value: Option<T>, column: &'static str) -> Result<T, Damaged> {
    value.ok_or_else(|| damaged(column, "is missing"))
}

#[cfg(test)]
mod tests;
