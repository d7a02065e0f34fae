//! The names that the server gives, as `makeObjectName`, `ChooseRelationName` and
//! `ChooseConstraintName` in PostgreSQL's source make them.

use super::Session;
use super::words::{behind_bracket, is};
use crate::catalog::mentions;
use crate::catalog::object::Key;
use crate::sql::Name;
use crate::sql::schema::{Part, Path, Word};

/// Names are cut behind as many bytes.
const MAX_NAME: usize = 63;

/// `name1_name2_label`, the longer of the two names cut until it fits.
fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(second.is_some());
    let room = MAX_NAME - overhead.min(MAX_NAME);
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > room {
        if one > two {
            one -= 1;
        } else {
            two -= 1;
        }
    }
    let cut = |text: &str, to: usize| text[..text.floor_char_boundary(to)].to_owned();
    let mut name = cut(first, one);
    if let Some(second) = second {
        name = format!("{name}_{}", cut(second, two));
    }
    format!("{name}_{label}")
}

impl Session<'_, '_> {
    /// A name for a table's index or sequence; one for a constraint must not be another's, either.
    pub(super) fn relation_name(
        &self,
        table: &Path,
        addition: Option<&str>,
        label: &str,
        is_constraint: bool,
    ) -> Name {
        self.first_free(table, addition, label, |path| {
            self.app.catalog.get(&Key::relation(path)).is_some()
                || is_constraint && self.is_constraint(path)
        })
    }

    /// A name for a constraint that has no index; `others` are those of the same statement.
    pub(super) fn constraint_name(
        &self,
        table: &Path,
        addition: Option<&str>,
        label: &str,
        others: &[Name],
    ) -> Name {
        self.first_free(table, addition, label, |path| {
            others.contains(&path.name) || self.is_constraint(path)
        })
    }

    fn first_free(
        &self,
        table: &Path,
        addition: Option<&str>,
        label: &str,
        is_taken: impl Fn(&Path) -> bool,
    ) -> Name {
        let mut path = table.clone();
        let mut number = 0;
        loop {
            let label = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
            path.name = Name::folded(object_name(table.name.as_str(), addition, &label));
            if !is_taken(&path) {
                return path.name;
            }
            number += 1;
        }
    }

    /// Whether a constraint in the schema is called so.
    fn is_constraint(&self, path: &Path) -> bool {
        let tables = self.app.catalog.mentions_of_key(&mentions::constraint_name(&path.name));
        tables.iter().any(|key| key.path.schema == path.schema)
    }
}

/// The names of columns, as they stand in the name of an index.
pub(super) fn index_addition<'n>(columns: impl IntoIterator<Item = &'n str>) -> String {
    let mut chosen: Vec<String> = Vec::new();
    for column in columns {
        let mut name = column.to_owned();
        let mut number = 1;
        while chosen.contains(&name) {
            let digits = number.to_string();
            let end = column.floor_char_boundary(MAX_NAME - digits.len());
            name = format!("{}{digits}", &column[..end]);
            number += 1;
        }
        chosen.push(name);
    }
    joined(chosen.iter().map(String::as_str))
}

/// The names of columns, as they stand in the name of a foreign key.
pub(super) fn joined<'n>(columns: impl IntoIterator<Item = &'n str>) -> String {
    let mut addition = String::new();
    for column in columns {
        if !addition.is_empty() {
            addition.push('_');
        }
        addition.push_str(column);
        if addition.len() > MAX_NAME {
            break;
        }
    }
    addition
}

/// What a part of an index is called (`FigureIndexColname`); none where that is not known.
pub(super) fn part_name(part: &Part) -> Option<String> {
    if let Some(column) = &part.column {
        return Some(column.as_str().to_owned());
    }
    match called(part.text.words()) {
        Called::As(name) => Some(name.as_str().to_owned()),
        Called::Nothing => Some("expr".to_owned()),
        Called::Unknown => None,
    }
}

/// What an expression is called that is no column.
pub(super) enum Called<'w> {
    As(&'w Name),
    /// It has no name: the server puts the same for all of these.
    Nothing,
    Unknown,
}

/// What an expression is called, in an index or a view (`FigureColnameInternal`): as its function.
pub(super) fn called(words: &[Word]) -> Called<'_> {
    let begins = |names: &[&str]| words.first().is_some_and(|word| is(word, names));
    // These are called as what is in them, and `trim` as one of several functions.
    if words.iter().any(|word| word.says("::") || word.says("["))
        || begins(&["case", "cast", "trim"])
    {
        return Called::Unknown;
    }
    let Some(open) = words.iter().position(|word| word.says("(")) else { return Called::Nothing };
    // A name before the bracket is a function's, with its schema; `a IN (…)` and `NOT (…)` are no calls.
    let function = match &words[..open] {
        [Word::Name(name)] if !begins(&["not"]) => name,
        [Word::Name(_), dot, Word::Name(name)] if dot.says(".") => name,
        _ => return Called::Nothing,
    };
    // A call is all of it when its bracket closes at the end.
    match words.get(open + behind_bracket(&words[open..])) {
        None => Called::As(function),
        // A collation or an operator class may stand behind it.
        Some(Word::Name(_)) => Called::Unknown,
        Some(Word::Other(_)) => Called::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_name_is_cut() {
        let long = "a".repeat(60);
        assert_eq!(object_name("t", Some("a"), "key"), "t_a_key");
        assert_eq!(object_name(&long, Some("bb"), "fkey").len(), 63);
        assert_eq!(object_name(&long, Some(&long), "key").len(), 63);
        assert_eq!(object_name(&long, None, "pkey"), format!("{}_pkey", &long[..58]));
        assert_eq!(object_name(&"é".repeat(40), None, "pkey").len(), 63);
    }
}
