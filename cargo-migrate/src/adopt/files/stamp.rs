//! What the directories begin with: they are ordered byte by byte, tools order numbers.

use std::cmp::Ordering;

/// The order of a tool's versions: number by number.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let mut pairs = (parts(a), parts(b));
    loop {
        match (pairs.0.next(), pairs.1.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => {
                let order = key(a).cmp(&key(b));
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// What is shorter is no date.
const SHORTEST_DATE: usize = 8;
/// As short as numbers may become.
const NARROWEST: usize = 4;

/// A stamp for each version, in the same order: numbers as wide as the widest in their place, and two
/// digits more where versions are equal. What is no date begins with a zero: the dates of migrations
/// that are made later come behind it then. `versions` ascend.
pub(super) fn stamps(versions: &[&str]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for version in versions {
        for (place, part) in parts(version).enumerate() {
            widths.resize(widths.len().max(place + 1), 0);
            widths[place] = widths[place].max(part.len());
        }
    }
    let leads = |version: &&str| {
        parts(version)
            .next()
            .is_some_and(|first| first.len() == widths[0] && !first.starts_with('0'))
    };
    if versions.iter().any(leads) && widths[0] < SHORTEST_DATE {
        widths[0] = NARROWEST.max(widths[0] + 1);
    }
    let padded: Vec<String> = versions
        .iter()
        .map(|version| {
            let parts = parts(version).zip(&widths);
            parts.map(|(part, width)| format!("{part:0>width$}")).collect::<Vec<_>>().join(".")
        })
        .collect();
    let mut stamps = Vec::with_capacity(padded.len());
    for (at, stamp) in padded.iter().enumerate() {
        let is_alone = padded.iter().filter(|other| *other == stamp).count() == 1;
        let before = padded[..at].iter().filter(|other| *other == stamp).count();
        stamps.push(if is_alone { stamp.clone() } else { format!("{stamp}{:02}", before + 1) });
    }
    stamps
}

fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split('.')
}

/// Numbers of any length are ordered by length, then digit by digit; what is not there comes first.
fn key(part: Option<&str>) -> (usize, &str) {
    let digits = part.map_or("", |part| part.trim_start_matches('0'));
    (digits.len(), digits)
}
