//! What a name in a query stands for: a column, or a table, a function or an alias that is called so.

use super::Session;
use crate::catalog::Object;
use crate::sql::Name;
use crate::sql::schema::{Path, Text, View, Word};

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Column,
    /// A table, or what a column is looked for in.
    Relation,
    /// A function, a type, or a name that is given here.
    Other,
    /// A column, or something else.
    Unclear,
}

/// Calls in which `FROM` stands before a value.
const WITH_FROM: [&str; 6] = ["extract", "substring", "trim", "overlay", "position", "distinct"];

fn place(words: &[Word], at: usize, reads: &[&Name]) -> Place {
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    let behind = words.get(at + 1);
    let says = |word: Option<&Word>, sign: &str| word.is_some_and(|word| word.says(sign));
    let is = |word: Option<&Word>, all: &[&str]| matches!(word, Some(Word::Name(name)) if all.contains(&name.as_str()));
    let Word::Name(name) = &words[at] else { return Place::Other };
    let is_read = reads.contains(&name);
    if says(behind, ".") {
        return Place::Relation;
    }
    if says(behind, "(") || says(before, "::") || is(before, &["as"]) {
        return Place::Other;
    }
    if says(before, ".") {
        let of = at.checked_sub(2).and_then(|of| words.get(of));
        let is_of_read = matches!(of, Some(Word::Name(of)) if reads.contains(&of));
        return if is_read && !is_of_read { Place::Unclear } else { Place::Column };
    }
    if is_read && is(before, &["from", "join"]) {
        let may_be_value = words.iter().any(|word| is(Some(word), &WITH_FROM));
        return if may_be_value { Place::Unclear } else { Place::Relation };
    }
    let is_given = words.windows(3).any(|three| {
        is(Some(&three[0]), &["as"]) && three[1] == words[at]
            || three[0] == words[at] && is(Some(&three[1]), &["as"]) && three[2].says("(")
    });
    if is_read || is_given { Place::Unclear } else { Place::Column }
}

/// The places of a name.
fn places<'t>(
    text: &'t Text,
    name: &'t Name,
    reads: &'t [&'t Name],
) -> impl Iterator<Item = (usize, Place)> + 't {
    let words = text.words();
    let named = words
        .iter()
        .enumerate()
        .filter(move |(_, word)| matches!(word, Word::Name(other) if other == name));
    named.map(move |(at, _)| (at, place(words, at, reads)))
}

/// What stands before the dot before a name.
fn qualifier(words: &[Word], at: usize) -> Option<&Name> {
    match words.get(at.checked_sub(2)?..at)? {
        [Word::Name(of), dot] if dot.says(".") => Some(of),
        _ => None,
    }
}

/// Whether a query names a column of a table, and whether that is certain.
pub(super) fn names_column_of(view: &View, column: &Name, table: &Path) -> Option<bool> {
    let reads: Vec<&Name> = view.reads.iter().map(|read| &read.name).collect();
    let reads_more = view.reads.iter().any(|read| read != table);
    let mut found = None;
    for (at, place) in places(&view.text, column, &reads) {
        match (place, qualifier(view.text.words(), at)) {
            (Place::Column, Some(of)) if *of == table.name => return Some(true),
            (Place::Column, Some(of)) if reads.contains(&of) => {}
            (Place::Column, _) if !reads_more => found = Some(true),
            (Place::Column | Place::Unclear, _) => found = found.or(Some(false)),
            (Place::Relation | Place::Other, _) => {}
        }
    }
    found
}

impl Session<'_, '_> {
    /// Whether something that a query reads may have a column of this name.
    fn may_have(&self, read: &Path, column: &Name) -> bool {
        match self.app.catalog.get(&super::Key::relation(read)).map(|entry| &entry.object) {
            Some(Object::Table(table)) => table.is_opaque || table.column(column).is_some(),
            _ => true,
        }
    }

    /// The text of a view where a column of a table has another name; unclear where that cannot be told.
    pub(super) fn with_column_of(&self, view: &View, table: &Path, from: &Name, to: &Name) -> Text {
        let reads: Vec<&Name> = view.reads.iter().map(|read| &read.name).collect();
        let words = view.text.words();
        let has_rival = view.reads.iter().any(|read| read != table && self.may_have(read, from));
        let mut renamed = Vec::new();
        for (at, place) in places(&view.text, from, &reads) {
            match (place, qualifier(words, at)) {
                (Place::Column, Some(of)) if *of == table.name => renamed.push(at),
                (Place::Column, Some(of)) if reads.contains(&of) => {}
                (Place::Column, _) if !has_rival => renamed.push(at),
                (Place::Column | Place::Unclear, _) => return Text::unclear(),
                (Place::Relation | Place::Other, _) => {}
            }
        }
        // Which of the two is meant could not be told later.
        let is_there = places(&view.text, to, &reads)
            .any(|(_, place)| matches!(place, Place::Column | Place::Unclear));
        if !renamed.is_empty() && is_there {
            return Text::unclear();
        }
        view.text.with_names_at(&renamed, to)
    }

    /// The same where something that it reads has another name.
    pub(super) fn with_read_of(&self, view: &View, from: &Path, to: &Path) -> Text {
        // What has another name has it already.
        let may_be_column = view
            .reads
            .iter()
            .any(|read| self.may_have(if read == from { to } else { read }, &from.name));
        if !may_be_column {
            return view.text.renamed(&from.name, &to.name);
        }
        let reads: Vec<&Name> = view.reads.iter().map(|read| &read.name).collect();
        let mut renamed = Vec::new();
        for (at, place) in places(&view.text, &from.name, &reads) {
            match place {
                Place::Relation => renamed.push(at),
                Place::Unclear => return Text::unclear(),
                Place::Column | Place::Other => {}
            }
        }
        view.text.with_names_at(&renamed, &to.name)
    }
}
