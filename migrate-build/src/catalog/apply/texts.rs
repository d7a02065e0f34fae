//! The texts of views and triggers when a table is altered: SQLite writes the new names into them,
//! and drops no column that one of them names.

use std::collections::HashMap;

use super::{Application, Catalog, Key};
use crate::catalog::scope::{Meaning, Reference, Scope, columns, is_always};
use crate::sql::Name;
use crate::sql::schema::{Ident, Path, Table, Text, Word};

/// Why it is not known what it alters.
const MAY_BE_NAMED: &str =
    "a view or a trigger names something that is called so, and it cannot be told what";

/// A view or trigger, with the names in it.
pub(super) struct Reading {
    pub(super) key: Key,
    pub(super) text: Text,
    pub(super) scope: Scope,
}

impl Reading {
    /// Nothing where it is neither.
    pub(super) fn of(catalog: &Catalog, key: Key) -> Option<Self> {
        let object = &catalog.get(&key)?.object;
        let (text, owner) = (object.text()?.clone(), object.owner());
        let scope = Scope::of(&text, owner.as_ref().map(|owner| &owner.path));
        Some(Self { key, text, scope })
    }
}

/// Whether a text names a column.
pub(super) enum Names {
    No,
    Yes(String),
    Unclear,
}

impl Application<'_> {
    fn readings(&self, keys: impl IntoIterator<Item = Key>) -> Vec<Reading> {
        let read = |key| Reading::of(self.catalog, key);
        keys.into_iter().filter_map(read).collect()
    }

    /// What can name a column of a table.
    fn readings_about(&self, table: &Path) -> Vec<Reading> {
        self.readings(self.catalog.texts_about([Key::relation(table)]))
    }

    /// Which view or trigger names a column of a table, and would be broken without it.
    pub(super) fn texts_name(&self, table: &Path, column: &Name) -> Names {
        let mut names = Names::No;
        for Reading { key, text, scope } in self.readings_about(table) {
            if is_word(&text, column) || text.is_unclear() {
                names = Names::Unclear;
            }
            let named = scope.references.iter();
            for reference in named.filter(|found| found.name == *column && found.target.is_none()) {
                match scope.meaning(reference, self.catalog) {
                    // In double quotes, which SQLite writes for others when it renames, it becomes a
                    // text.
                    Meaning::Column(path)
                        if path == table
                            && reference.qualifier.is_none()
                            && text.quotes(column) =>
                    {
                        names = Names::Unclear;
                    }
                    Meaning::Column(path) if path == table => {
                        let class =
                            self.catalog.get(&key).map(|entry| entry.object.class().to_string());
                        let class = class.unwrap_or_default();
                        return Names::Yes(format!("the {class} `{}`", key.path));
                    }
                    Meaning::Column(path) if self.catalog.view(path).is_none() => {}
                    Meaning::Local => {}
                    _ => names = Names::Unclear,
                }
            }
        }
        names
    }

    /// The texts of views and triggers once a column is called otherwise, where they change.
    pub(super) fn texts_with_column(
        &mut self,
        table: &Path,
        from: &Name,
        to: &Ident,
    ) -> Vec<(Key, Text)> {
        // SQLite writes it in quotes where it is in quotes here.
        let quoted = self.source.slice(to.span).starts_with(['"', '[', '`', '\'']);
        let to = &to.name;
        let mut changed = Vec::new();
        for Reading { key, text, scope } in self.readings_about(table) {
            let mut places = Vec::new();
            let mut is_clear = !is_word(&text, from) && !is_word(&text, to) && !text.is_unclear();
            for reference in &scope.references {
                if reference.name == *to {
                    let is_free = reference.qualifier.is_none() && reference.target.is_none();
                    is_clear &= !(is_free && scope.sees(reference, table));
                }
                if reference.name != *from {
                    continue;
                }
                match scope.meaning(reference, self.catalog) {
                    Meaning::Column(path) if path == table => {
                        places.push(reference.at);
                        is_clear &= reference.qualifier.is_some()
                            || reference.target.is_some()
                            || !self.others_have(&scope, reference, table, to);
                    }
                    Meaning::Column(path) if self.catalog.view(path).is_none() => {}
                    Meaning::Local if !scope.sees(reference, table) => {}
                    _ => is_clear = false,
                }
            }
            if !is_clear {
                self.unclear = Some(MAY_BE_NAMED);
                changed.push((key, Text::unclear()));
            } else if !places.is_empty() {
                let text = text.with_names_at(&places, to);
                changed.push((key, text.with_quoted(quoted.then(|| to.clone()))));
            }
        }
        changed
    }

    /// Whether a column could be one of another table once it is called so.
    fn others_have(&self, scope: &Scope, reference: &Reference, table: &Path, name: &Name) -> bool {
        scope.sources.iter().any(|source| match &source.path {
            Some(path) if path != table && scope.sees(reference, path) => {
                columns(self.catalog, path).is_none_or(|columns| columns.contains(name))
            }
            _ => false,
        })
    }

    /// The texts of views and triggers once a table is called otherwise, where they change.
    pub(super) fn texts_with_table(&mut self, from: &Path, to: &Path) -> HashMap<Key, Text> {
        let mut changed = HashMap::new();
        for Reading { key, text, scope } in self.readings(self.catalog.mentions_of(from)) {
            let names_it = |path: &Option<Path>| path.as_ref() == Some(from);
            let sources: Vec<_> =
                scope.sources.iter().filter(|source| names_it(&source.path)).collect();
            let mut places: Vec<usize> = sources.iter().filter_map(|source| source.at).collect();
            // SQLite writes the new name for `excluded`, too.
            let upserts = sources.iter().any(|source| source.called.as_str() == "excluded")
                && text.mentions(&Name::new("excluded"));
            let reads = self.catalog.get(&key).map_or(0, |entry| entry.object.reads_times(from));
            let mut is_clear = !is_word(&text, &from.name)
                && !text.is_unclear()
                && !upserts
                && places.len() == reads;
            for reference in &scope.references {
                let Some((called, at)) = &reference.qualifier else { continue };
                if *called != from.name {
                    continue;
                }
                match scope.qualified(reference) {
                    Some(source) if names_it(&source.path) => {
                        let alias = source.at.and_then(|at| text.words().get(at + 1));
                        is_clear &= !alias
                            .is_some_and(|word| word.says("as") || matches!(word, Word::Name(_)));
                        places.push(*at);
                    }
                    Some(_) => {}
                    None => is_clear = false,
                }
            }
            let counted = text.words().iter().enumerate();
            is_clear &= !counted
                .clone()
                .filter(|(_, word)| matches!(word, Word::Name(name) if *name == from.name))
                .any(|(at, _)| at > 0 && text.words()[at - 1].says("in"));
            if places.is_empty() && is_clear {
                continue;
            }
            if is_clear && !scope.calls(&to.name) {
                changed.insert(key, text.with_names_at(&places, &to.name));
            } else {
                self.unclear = Some(MAY_BE_NAMED);
                changed.insert(key, Text::unclear());
            }
        }
        changed
    }

    /// Puts texts in the place of those that were.
    pub(super) fn replace_texts(&mut self, texts: Vec<(Key, Text)>) {
        for (key, text) in texts {
            if let Some(entry) = self.catalog.get(&key) {
                let object = entry.object.clone().with_text(text);
                self.replace(&key, object);
            }
        }
    }
}

/// Whether an expression of a table's own names a column.
pub(super) fn names_column(text: &Text, column: &Name) -> bool {
    let scope = Scope::of(text, None);
    scope.references.iter().any(|found| found.name == *column)
}

/// An expression of a table's own once a column is called otherwise.
pub(super) fn with_column(text: &Text, from: &Name, to: &Name) -> Text {
    let scope = Scope::of(text, None);
    let named = scope.references.iter().filter(|found| found.name == *from);
    let places: Vec<usize> = named.map(|found| found.at).collect();
    if is_word(text, from) { Text::unclear() } else { text.with_names_at(&places, to) }
}

/// Whether an expression may name something that is no column of its table: a text in double quotes.
pub(super) fn names_text(text: &Text, table: &Table, added: Option<&Name>) -> bool {
    let is_column = |name: &Name| match added {
        Some(added) if added == name => true,
        _ if table.is_opaque => !text.quotes(name),
        _ => table.column(name).is_some(),
    };
    let scope = Scope::of(text, None);
    scope.references.iter().any(|found| !is_always(&found.name) && !is_column(&found.name))
}

/// Whether a name stands there as a word that may be a keyword.
pub(super) fn is_word(text: &Text, name: &Name) -> bool {
    text.words().iter().any(|word| word.says(name.as_str()))
}
