//! Versions: the part of a directory's name that orders it.

use std::cmp::Ordering;
use std::fmt;

/// The version of a migration: the text before the first `_` of its directory's name, dashes
/// dropped, exactly as Diesel takes it. Versions are ordered as Diesel orders them: byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(String);

impl Version {
    /// How many characters Diesel's ledger holds (`VARCHAR(50)`).
    pub const MAX_CHARS: usize = 50;

    /// The version of a directory's name.
    #[must_use]
    pub fn of_directory(name: &str) -> Self {
        Self::normalised(name.split('_').next().unwrap_or_default())
    }

    /// A version that a person typed: with or without dashes, or a whole directory name.
    #[must_use]
    pub fn normalised(text: &str) -> Self {
        Self(text.replace('-', ""))
    }

    /// The text that the ledger records.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The order a person means: runs of digits compare as numbers (`9` before `10`).
    #[must_use]
    pub fn natural_cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.0.as_bytes(), other.0.as_bytes());
        loop {
            let (a, b) = (leading_run(left), leading_run(right));
            if a.is_empty() || b.is_empty() {
                return left.len().cmp(&right.len());
            }
            let order = match (a[0].is_ascii_digit(), b[0].is_ascii_digit()) {
                (true, true) => cmp_numbers(a, b),
                _ => a.cmp(b),
            };
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[a.len()..], &right[b.len()..]);
        }
    }
}

/// The longest beginning that is all digits or all non-digits.
fn leading_run(text: &[u8]) -> &[u8] {
    let Some(first) = text.first() else { return text };
    let end = text.iter().position(|b| b.is_ascii_digit() != first.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// Dates and times are compared as text: `20260105090000` and Diesel's own longer
/// `202601050900000007` differ in length, and both begin with the same units.
const SHORTEST_DATE: usize = 8;

fn cmp_numbers(a: &[u8], b: &[u8]) -> Ordering {
    if a.len().min(b.len()) >= SHORTEST_DATE {
        return a.cmp(b);
    }
    let trim = |digits: &[u8]| -> usize { digits.iter().take_while(|d| **d == b'0').count() };
    let (a, b) = (&a[trim(a)..], &b[trim(b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_diesel_takes_it_to_be() {
        assert_eq!(
            Version::of_directory("2026-01-05-090000_create_users").as_str(),
            "20260105090000"
        );
        assert_eq!(Version::of_directory("10-1_x").as_str(), "101");
        assert_eq!(Version::of_directory("_x").as_str(), "");
        assert_eq!(Version::of_directory("foo").as_str(), "foo");
    }

    #[test]
    fn natural_order_reads_digits_as_numbers() {
        let v = |text: &str| Version::normalised(text);
        assert!(v("9") > v("10"));
        assert_eq!(v("9").natural_cmp(&v("10")), Ordering::Less);
        assert_eq!(v("0.11.7").natural_cmp(&v("0.2.0")), Ordering::Greater);
        assert_eq!(v("007").natural_cmp(&v("7")), Ordering::Equal);
        assert_eq!(v("20250105090000").natural_cmp(&v("202401050900000007")), Ordering::Greater);
        assert_eq!(v("20260101").natural_cmp(&v("20250101000001")), Ordering::Greater);
        assert_eq!(v("1a").natural_cmp(&v("1")), Ordering::Greater);
    }
}
