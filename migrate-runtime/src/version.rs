//! Finds the migration that somebody means.
use crate::error::PlanError;
use crate::history::History;
use crate::migrations::Migrations;

/// The version that `given` names: a version with or without dashes, or a directory's name.
///
/// Known is what is in the set and what is applied.
pub(crate) fn resolve(
    given: &str,
    migrations: &Migrations<'_>,
    history: &History,
) -> Result<String, PlanError> {
    let known = known(migrations, history);
    let wanted = given.trim().trim_end_matches('/');
    let version = version_of(wanted);
    let found = known.iter().find(|(known, name)| {
        *known == version && (!wanted.contains('_') || *name == wanted || name == known)
    });
    match found {
        Some((version, _)) => Ok((*version).to_owned()),
        None => Err(PlanError::Unknown {
            given: given.to_owned(),
            near: nearest(wanted, &version, &known),
        }),
    }
}

/// Diesel's rule: what stands before the first underscore, without dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

fn known<'a>(migrations: &Migrations<'a>, history: &'a History) -> Vec<(&'a str, &'a str)> {
    let set = migrations.all.iter().map(|migration| (migration.version, migration.name));
    let gone = history
        .applied()
        .iter()
        .filter(|applied| migrations.get(&applied.version).is_none())
        .map(|applied| (applied.version.as_str(), applied.name()));
    set.chain(gone).collect()
}

/// At most three names that could be meant, best first.
fn nearest(wanted: &str, version: &str, known: &[(&str, &str)]) -> Vec<String> {
    let lower = wanted.to_ascii_lowercase();
    // Every other word of two letters is only slips away.
    let allowed = (lower.chars().count() / 3).min(3);
    let mut scored: Vec<(usize, &str)> = known
        .iter()
        .filter_map(|(known, name)| {
            let score = if !version.is_empty() && known.starts_with(version) {
                0
            } else if !lower.is_empty() && name.to_ascii_lowercase().contains(&lower) {
                1
            } else {
                let slips =
                    distance(version, known).min(distance(&lower, &name.to_ascii_lowercase()));
                (slips <= allowed).then_some(1 + slips)?
            };
            Some((score, *name))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters to insert, drop or replace to make one of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("ab", "ba"), 2);
    }

    #[test]
    fn the_version_is_what_stands_before_the_underscore() {
        assert_eq!(version_of("2026-01-05-090000_create_users"), "20260105090000");
        assert_eq!(version_of("20260105"), "20260105");
        assert_eq!(version_of(""), "");
    }

    #[test]
    fn a_beginning_comes_before_a_slip_of_the_finger() {
        let known = [("20260105", "20260105_a"), ("20260106", "20260106_b"), ("30", "30_c")];
        assert_eq!(nearest("2026", "2026", &known), ["20260105_a", "20260106_b"]);
        assert_eq!(nearest("20260705", "20260705", &known)[0], "20260105_a");
        assert!(nearest("unlike anything", "unlike anything", &known).is_empty());
    }
}
