//! Versions: the part of a migration's directory name before the first `_`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Error;

/// The most characters that Diesel's ledger holds.
const LONGEST: usize = 50;

/// What has as many digits is a date, not a counter.
const SHORTEST_DATE: usize = 8;

/// How many characters a stamp has: `2026-01-05-090000`.
pub(super) const STAMP: usize = 17;

/// The version that a directory's name stands for, as ledgers record it: dashes dropped.
#[must_use]
pub fn recorded(directory: &str) -> String {
    directory.split('_').next().unwrap_or_default().replace('-', "")
}

/// The stamp for a new migration: `now` in UTC, or a second after the newest one that exists.
/// `existing` are recorded versions, which sort by their bytes.
pub(super) fn next(now: Timestamp, existing: &[String]) -> Result<String, Error> {
    let now = TimeZone::UTC.to_datetime(now);
    let newest = existing.iter().max();
    let stamp = match newest {
        Some(newest) if *newest >= recorded(&stamp(now)) => {
            after(newest).ok_or_else(|| no_successor(newest))?
        }
        _ => now,
    };
    Ok(self::stamp(stamp))
}

/// Versions behind all that exist, one after another.
pub(crate) struct Successor {
    existing: Vec<String>,
    now: Timestamp,
}

impl Successor {
    /// Behind these recorded versions.
    pub(crate) fn of(existing: impl Iterator<Item = String>) -> Self {
        Self { existing: existing.collect(), now: Timestamp::now() }
    }

    /// The next one: a number where the newest is a counter (`0042`), else a stamp.
    ///
    /// # Errors
    /// When none follows the newest.
    pub(crate) fn next(&mut self) -> Result<String, Error> {
        let newest = self.existing.iter().max();
        let version = match newest.and_then(|newest| counted(newest)) {
            Some(version) => version,
            None => next(self.now, &self.existing)?,
        };
        self.existing.push(recorded(&version));
        Ok(version)
    }
}

/// The number behind a counter, if it is as long.
fn counted(newest: &str) -> Option<String> {
    let width = newest.len();
    let is_counter = width < SHORTEST_DATE && newest.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_counter.then(|| newest.parse::<u32>().ok())??;
    let version = format!("{:0width$}", number + 1);
    (version.len() == width).then_some(version)
}

fn stamp(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%d-%H%M%S").to_string()
}

fn no_successor(newest: &str) -> Error {
    Error::usage(format!(
        "the newest version is `{newest}`: no date follows it in the order of the versions"
    ))
    .with_help("choose the version yourself: `--version V`, with a V that sorts behind it")
}

/// The second after a stamp. More may follow the fourteen digits, as in what `diesel migration
/// generate` makes: the next second is greater whatever it is.
fn after(version: &str) -> Option<DateTime> {
    let version = version.get(..14)?;
    if !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let field = |from: usize, to: usize| version.get(from..to)?.parse::<i8>().ok();
    let year = version.get(..4)?.parse::<i16>().ok()?;
    let (month, day) = (field(4, 6)?, field(6, 8)?);
    let (hour, minute, second) = (field(8, 10)?, field(10, 12)?, field(12, 14)?);
    let moment = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    moment.checked_add(1.second()).ok()
}

/// Whether `version` may be the version of a new migration.
pub(super) fn check(version: &str) -> Result<(), Error> {
    let fail = |why: &str| {
        Err(Error::usage(format!("`--version {version}`: {why}"))
            .with_help("use letters, digits, `-` and `.`, as in `2026-01-05-090000` or `0042`"))
    };
    if version.is_empty() {
        return fail("it is empty");
    }
    if version.contains('_') {
        return fail("`_` ends a version");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if let Some(c) = version.chars().find(|c| !allowed(*c)) {
        return fail(&format!("`{c}` cannot stand in it"));
    }
    if !version.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return fail("it starts with neither a letter nor a digit");
    }
    if version.len() > LONGEST {
        return fail(&format!("it is longer than {LONGEST} characters"));
    }
    Ok(())
}

/// Whether `version` is new among the directories that exist.
pub(super) fn check_new(version: &str, directories: &[String]) -> Result<(), Error> {
    let version = recorded(version);
    match directories.iter().find(|name| recorded(name).eq_ignore_ascii_case(&version)) {
        None => Ok(()),
        Some(other) => Err(Error::usage(format!(
            "version `{version}` is taken: by `{other}`, dashes and case apart"
        ))
        .with_help("choose another one, or leave out `--version`")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Successor, check, check_new, next, recorded};

    fn texts(versions: &[&str]) -> Vec<String> {
        versions.iter().map(|version| (*version).to_owned()).collect()
    }

    #[test]
    fn a_version_ends_at_the_first_underscore_and_drops_dashes() {
        for (directory, version) in [
            ("2026-01-05-090000_create_users", "20260105090000"),
            ("00000000000000_diesel_initial_setup", "00000000000000"),
            ("0042_a-b", "0042"),
            ("_x", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(recorded(directory), version);
        }
    }

    #[test]
    fn a_new_version_follows_the_clock_or_the_newest_one() {
        let now = "2026-01-05T09:00:00.7Z".parse().unwrap();
        for (existing, version) in [
            (&[][..], "2026-01-05-090000"),
            (&["00000000000000", "20260105085959"], "2026-01-05-090000"),
            (&["0042", "1"], "2026-01-05-090000"),
            (&["20260105090000"], "2026-01-05-090001"),
            (&["20260105090003", "20260105090001"], "2026-01-05-090004"),
            (&["20271231235959"], "2028-01-01-000000"),
            // As Diesel's own generator makes them.
            (&["2026010509000000af"], "2026-01-05-090001"),
        ] {
            let existing = texts(existing);
            let given = next(now, &existing).unwrap();
            assert_eq!(given, version, "{existing:?}");
            assert!(existing.iter().all(|old| *old < recorded(&given)), "{existing:?}");
        }
    }

    #[test]
    fn without_a_successor_the_author_chooses() {
        let now = "2026-01-05T09:00:00Z".parse().unwrap();
        for newest in ["9999", "999912312359599", "v1", "20261399000000", "2027+1+1+1+1+1"] {
            let error = next(now, &texts(&[newest])).unwrap_err().to_string();
            assert!(error.contains(&format!("`{newest}`")), "{error}");
            assert!(error.contains("--version V"), "{error}");
        }
    }

    #[test]
    fn successors_are_of_the_kind_that_is_there() {
        let mut counter = Successor::of(["0041", "0042"].map(str::to_owned).into_iter());
        assert_eq!([counter.next().unwrap(), counter.next().unwrap()], ["0043", "0044"]);
        let mut stamps = Successor::of(["29991231235958".to_owned()].into_iter());
        assert_eq!(stamps.next().unwrap(), "2999-12-31-235959");
        assert_eq!(stamps.next().unwrap(), "3000-01-01-000000");
        // `10` would sort before `9`; the time does not.
        let mut full = Successor::of(["1", "2"].map(str::to_owned).into_iter());
        assert_eq!(full.next().unwrap(), "3");
        let mut odd = Successor::of(["v9".to_owned()].into_iter());
        odd.next().unwrap_err();
    }

    #[test]
    fn a_version_of_ones_own_is_looked_at() {
        for good in ["1", "0042", "2026-01-05-090000", "0.2.0", "V1", &"1".repeat(50)] {
            check(good).unwrap();
        }
        for (bad, why) in [
            ("", "it is empty"),
            ("1_2", "`_` ends a version"),
            ("a/b", "`/` cannot stand in it"),
            ("a\\b", "`\\` cannot stand in it"),
            ("a b", "` ` cannot stand in it"),
            ("1\n", "`\\n` cannot stand in it"),
            ("é", "`é` cannot stand in it"),
            (".1", "neither a letter nor a digit"),
            ("--", "neither a letter nor a digit"),
            ("..", "neither a letter nor a digit"),
            (&"1".repeat(51), "longer than 50"),
        ] {
            let error = check(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_version_is_taken_whatever_its_dashes() {
        let existing = texts(&["10_ten", "2026-01-05-090000_a", "v1_b"]);
        for free in ["1", "1-1", "2026-01-05", "v2"] {
            check_new(free, &existing).unwrap();
        }
        for (taken, by) in
            [("1-0", "10_ten"), ("20260105090000", "2026-01-05-090000_a"), ("V-1", "v1_b")]
        {
            let error = check_new(taken, &existing).unwrap_err().to_string();
            assert!(error.contains(&format!("`{by}`")), "{error}");
        }
    }
}
