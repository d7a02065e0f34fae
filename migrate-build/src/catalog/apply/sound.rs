//! Whether every view and trigger names only what is there: SQLite reads all of them again when a
//! table is altered, and refuses where one of them does not. Here only those are looked at that what
//! has changed since the last time can have made others.

use std::collections::{BTreeSet, HashMap};

use super::create::ROW_IDS;
use super::texts::Reading;
use super::{Application, Key, Object, ProblemKind};
use crate::catalog::scope::Meaning;
use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::{Path, Text, View, Word};

/// Why it is not known whether SQLite alters anything.
const MAY_BE_BROKEN: &str =
    "a view or a trigger may name what is not there, and SQLite alters no table then";

/// What a view or trigger names.
enum State {
    Sound,
    /// Not there.
    Broken(Path),
    /// Made by a module, or by SQLite itself.
    BuiltIn,
    Unclear,
}

impl Application<'_> {
    /// Whether every view and trigger names only what is there; else SQLite alters nothing.
    pub(super) fn expect_sound(&mut self, span: Span) -> bool {
        let unclear = self.look_again();
        let broken = self.catalog.soundness().broken.first_key_value();
        let broken = broken.map(|(key, name)| (key.clone(), name.clone()));
        if let (Some((key, name)), None) = (&broken, self.catalog.opaque()) {
            // They are as they were until something is altered.
            self.catalog.soundness().changed.extend(unclear);
            let class = self.catalog.get(key).map(|entry| entry.object.class().to_string());
            let by = format!("the {} `{}`", class.unwrap_or_default(), key.path);
            self.problem(span, ProblemKind::Broken { by, name: name.clone() });
            return false;
        }
        if broken.is_some() || !self.catalog.soundness().unclear.is_empty() {
            self.unclear = Some(MAY_BE_BROKEN);
            // A name in double quotes that is none becomes a text.
            self.replace_texts(unclear.into_iter().map(|key| (key, Text::unclear())).collect());
        }
        true
    }

    /// Looks at what may have become another; the views and triggers that are unclear by their names.
    fn look_again(&mut self) -> Vec<Key> {
        let changed = std::mem::take(&mut self.catalog.soundness().changed);
        let keys = self.catalog.texts_about(changed.iter().cloned());
        let circular = self.circular(&keys);
        let soundness = self.catalog.soundness();
        for key in changed.iter().chain(&keys) {
            soundness.unclear.remove(key);
            soundness.broken.remove(key);
        }
        soundness.unclear.extend(circular);
        let mut unclear = Vec::new();
        for key in keys {
            let state = self.state(&key);
            let soundness = self.catalog.soundness();
            match state {
                State::Sound => {}
                State::Broken(name) => {
                    soundness.broken.insert(key, name);
                }
                State::BuiltIn => {
                    soundness.unclear.insert(key);
                }
                State::Unclear => {
                    soundness.unclear.insert(key.clone());
                    unclear.push(key);
                }
            }
        }
        unclear
    }

    fn state(&self, key: &Key) -> State {
        let Some(reading) = Reading::of(self.catalog, key.clone()) else { return State::Sound };
        let missing = self
            .reads_of(key)
            .into_iter()
            .find(|path| self.catalog.table(path).is_none() && self.catalog.view(path).is_none());
        if let Some(name) = missing {
            return if is_built_in(&name) { State::BuiltIn } else { State::Broken(name) };
        }
        if self.may_lack_row_ids(key) && names_row_id(&reading.text) {
            return State::Unclear;
        }
        let is_sound = !reading.text.is_unclear()
            && reading.scope.references.iter().all(|reference| {
                reference.target.is_some()
                    || reading.scope.meaning(reference, self.catalog) != Meaning::Unclear
            });
        if is_sound { State::Sound } else { State::Unclear }
    }

    /// Whether one of the tables that a view or trigger names has no row ids.
    fn may_lack_row_ids(&self, key: &Key) -> bool {
        self.reads_of(key).iter().any(|path| {
            let table = self.catalog.table(path);
            let mut options = table.into_iter().flat_map(|table| &table.options);
            options.any(|option| option.to_string().eq_ignore_ascii_case("without rowid"))
        })
    }

    /// The tables and views that a view or trigger names.
    fn reads_of(&self, key: &Key) -> Vec<Path> {
        match self.catalog.get(key).map(|entry| &entry.object) {
            Some(Object::View(view)) => view.reads.clone(),
            Some(Object::Trigger(trigger)) => {
                std::iter::once(&trigger.table).chain(&trigger.reads).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Which of these views read themselves, by way of others or not, or read such a view.
    fn circular(&self, keys: &BTreeSet<Key>) -> Vec<Key> {
        let views: HashMap<&Path, &View> = keys
            .iter()
            .filter_map(|key| match &self.catalog.get(key)?.object {
                Object::View(view) => Some((&key.path, view)),
                _ => None,
            })
            .collect();
        let mut readers: HashMap<&Path, Vec<&Path>> = HashMap::new();
        let mut left: HashMap<&Path, usize> = HashMap::new();
        for (path, view) in &views {
            let reads = view.reads.iter().filter(|read| views.contains_key(read));
            left.insert(path, reads.clone().count());
            reads.for_each(|read| readers.entry(read).or_default().push(path));
        }
        // What reads no view that is left is taken away, until nothing is left or nothing can be.
        let mut free: Vec<&Path> =
            left.iter().filter(|(_, count)| **count == 0).map(|(path, _)| *path).collect();
        while let Some(path) = free.pop() {
            left.remove(path);
            for reader in readers.get(path).into_iter().flatten() {
                if let Some(count) = left.get_mut(reader) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(reader);
                    }
                }
            }
        }
        left.into_keys().map(Key::relation).collect()
    }
}

/// Whether a text has a word that stands for a row's id, unless a column is called so.
pub(super) fn names_row_id(text: &Text) -> bool {
    let is_one = |name: &Name| ROW_IDS.contains(&name.as_str());
    text.words().iter().any(|word| matches!(word, Word::Name(name) if is_one(name)))
}

/// Tables that SQLite has by itself, or by a module.
fn is_built_in(path: &Path) -> bool {
    let name = path.name.as_str();
    ["sqlite_", "pragma_", "json_", "fts", "dbstat", "generate_series"]
        .iter()
        .any(|start| name.starts_with(start))
}
