//! The objects, and the way back to what they were.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::object::{Entry, Key, Object, Space};
use crate::dialect::Dialect;
use crate::server::ServerVersion;
use crate::source::{Source, Span};
use crate::sql::schema::{Path, Table, View};
use crate::sql::{Class, Name};

/// A schema.
#[derive(Clone, Debug)]
pub struct Catalog {
    objects: BTreeMap<Key, Arc<Entry>>,
    dialect: Dialect,
    /// The server's version, where it is known.
    version: Option<ServerVersion>,
    /// What names an object: indexes, triggers, foreign keys, views.
    mentions: HashMap<Key, BTreeSet<Key>>,
    log: Vec<Change>,
    /// Why something may be there that is not in it.
    opaque: Option<&'static str>,
    /// Where that was made which is known although it is so: behind whatever is not followed. Scripts by
    /// their address, and places in them.
    exact: HashSet<(usize, Span)>,
    /// Names of temporary tables that scripts have left, in lower case: as long as a connection lasts,
    /// these hide what has the same name.
    lingering: BTreeSet<String>,
    /// The statement that is being applied.
    cause: Option<Cause>,
    soundness: Soundness,
}

/// What is known of the names in SQLite's views and triggers.
#[derive(Clone, Debug, Default)]
pub(super) struct Soundness {
    /// What has become another since the names in all of them were looked up; going back to what
    /// was is such a change, too.
    pub(super) changed: BTreeSet<Key>,
    /// Those of which it cannot be told whether what they name is there.
    pub(super) unclear: BTreeSet<Key>,
    /// Those that name what is not there, and what that is.
    pub(super) broken: BTreeMap<Key, Path>,
}

/// A statement, by its place.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The script.
    pub source: Arc<Source>,
    /// The statement in it.
    pub span: Span,
}

/// A change of one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// What changed.
    pub key: Key,
    /// What was there before.
    pub before: Option<Arc<Entry>>,
    /// What changed it.
    pub cause: Option<Cause>,
}

/// A moment in the life of a catalog.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    changes: usize,
    opaque: Option<&'static str>,
}

impl Cause {
    /// Whether the statement made an object, and did not change one that was there.
    fn made(&self, entry: &Entry) -> bool {
        Arc::ptr_eq(&self.source, &entry.source)
            && self.span.start <= entry.span.start
            && entry.span.end <= self.span.end
    }
}

impl Catalog {
    /// The schema of a new database.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            objects: BTreeMap::new(),
            mentions: HashMap::new(),
            log: Vec::new(),
            opaque: None,
            exact: HashSet::new(),
            lingering: BTreeSet::new(),
            cause: None,
            dialect,
            version: None,
            soundness: Soundness::default(),
        }
    }

    /// The same, on a server of a version: `MySQL` and `MariaDB` do not name and refuse alike.
    #[must_use]
    pub fn on(mut self, version: Option<ServerVersion>) -> Self {
        self.version = version;
        self
    }

    pub(super) fn version(&self) -> Option<ServerVersion> {
        self.version
    }

    /// Whose it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The objects, in the order of their names.
    pub fn objects(&self) -> impl Iterator<Item = (&Key, &Object)> {
        self.objects.iter().map(|(key, entry)| (key, &entry.object))
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Key, &Arc<Entry>)> {
        self.objects.iter()
    }

    /// What is known by a key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Arc<Entry>> {
        self.objects.get(key)
    }

    /// What has a name, of this class.
    #[must_use]
    pub fn find(&self, class: Class, path: &Path) -> Option<&Arc<Entry>> {
        self.get(&Key::of(class, path)).filter(|entry| entry.object.class() == class)
    }

    /// A table.
    #[must_use]
    pub fn table(&self, path: &Path) -> Option<&Table> {
        match &self.get(&Key::relation(path))?.object {
            Object::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A view.
    #[must_use]
    pub fn view(&self, path: &Path) -> Option<&View> {
        match &self.get(&Key::relation(path))?.object {
            Object::View(view) => Some(view),
            _ => None,
        }
    }

    /// The names of the objects of a class.
    pub fn names_of(&self, class: Class) -> impl Iterator<Item = &Path> {
        let objects = self.objects.iter();
        let wanted = objects.filter(move |(_, entry)| entry.object.class() == class);
        wanted.map(|(key, _)| &key.path)
    }

    /// Everything of a name, where several objects can have it.
    pub fn several(&self, space: Space, path: &Path) -> impl Iterator<Item = &Key> {
        let from = Key::new(space, path);
        let keys = self.objects.range(from..).map(|(key, _)| key);
        keys.take_while(move |key| key.space == space && key.path == *path)
    }

    /// What names a table or view.
    #[must_use]
    pub fn mentions_of(&self, path: &Path) -> Vec<Key> {
        self.mentions_of_key(&Key::relation(path))
    }

    /// What names an object.
    #[must_use]
    pub fn mentions_of_key(&self, key: &Key) -> Vec<Key> {
        self.mentions.get(key).into_iter().flatten().cloned().collect()
    }

    /// The views and triggers among these, and all that name one of these, by way of views or not.
    pub(super) fn texts_about(&self, keys: impl IntoIterator<Item = Key>) -> BTreeSet<Key> {
        let is_text = |key: &Key| self.get(key).is_some_and(|entry| entry.object.text().is_some());
        let mut found = BTreeSet::new();
        let mut left: Vec<Key> = keys.into_iter().collect();
        while let Some(key) = left.pop() {
            if found.contains(&key) {
                continue;
            }
            let naming = self.mentions.get(&key).into_iter().flatten();
            left.extend(naming.filter(|key| is_text(key)).cloned());
            if is_text(&key) {
                found.insert(key);
            }
        }
        found
    }

    /// What belongs to a table or view, and goes with it.
    #[must_use]
    pub fn owned_by(&self, path: &Path) -> Vec<Key> {
        let owner = Key::relation(path);
        let mut keys = self.mentions_of_key(&owner);
        keys.retain(|key| {
            self.get(key).is_some_and(|entry| entry.object.owner().as_ref() == Some(&owner))
        });
        keys
    }

    /// Why something may be there that is not in it, if so.
    #[must_use]
    pub fn opaque(&self) -> Option<&'static str> {
        self.opaque
    }

    /// What is changed from now on is changed by this statement.
    pub(super) fn attribute(&mut self, cause: Cause) {
        self.cause = Some(cause);
    }

    pub(super) fn soundness(&mut self) -> &mut Soundness {
        &mut self.soundness
    }

    pub(crate) fn blur(&mut self, reason: &'static str) {
        self.opaque.get_or_insert(reason);
        self.exact.clear();
    }

    /// Whether an object may be another than it seems: something behind it was not followed.
    pub(crate) fn is_stale(&self, entry: &Entry) -> bool {
        self.opaque.is_some() && !self.exact.contains(&place(entry))
    }

    /// A script ends, and has left temporary tables.
    pub(crate) fn linger(&mut self, names: impl IntoIterator<Item = Name>) {
        self.lingering.extend(names.into_iter().map(|name| name.as_str().to_lowercase()));
    }

    /// Whether temporary tables were left by scripts before.
    pub(crate) fn has_lingering(&self) -> bool {
        !self.lingering.is_empty()
    }

    /// Whether a statement may be about a temporary table that a script before has left.
    pub(crate) fn may_be_hidden(&self, statement: &str) -> bool {
        if !self.has_lingering() {
            return false;
        }
        let statement = statement.to_lowercase();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let words: HashSet<&str> = statement.split(|c: char| !is_part(c)).collect();
        self.lingering.iter().any(|name| {
            let is_word = name.chars().all(is_part);
            if is_word { words.contains(name.as_str()) } else { statement.contains(name) }
        })
    }

    /// Puts an object there, or takes it away.
    pub(super) fn set(&mut self, key: Key, entry: Option<Arc<Entry>>) {
        // What comes back is written as it was.
        let known = self.objects.get_key_value(&key).map(|(known, _)| known.clone());
        let key = known.unwrap_or(key);
        if let (Some(entry), Some(_), Some(cause)) = (&entry, self.opaque, &self.cause)
            && cause.made(entry)
        {
            self.exact.insert(place(entry));
        }
        let before = self.put(key.clone(), entry);
        self.log.push(Change { key, before, cause: self.cause.clone() });
    }

    fn put(&mut self, key: Key, entry: Option<Arc<Entry>>) -> Option<Arc<Entry>> {
        let before = match &entry {
            Some(entry) => self.objects.insert(key.clone(), Arc::clone(entry)),
            None => self.objects.remove(&key),
        };
        for name in before.iter().flat_map(|entry| entry.object.mentions()) {
            if let Some(keys) = self.mentions.get_mut(&name) {
                keys.remove(&key);
            }
        }
        for name in entry.iter().flat_map(|entry| entry.object.mentions()) {
            self.mentions.entry(name).or_default().insert(key.clone());
        }
        if self.dialect == Dialect::Sqlite {
            self.soundness.changed.insert(key);
        }
        before
    }

    /// This moment.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { changes: self.log.len(), opaque: self.opaque }
    }

    /// Goes back to a moment.
    pub fn rewind(&mut self, mark: Mark) {
        while self.log.len() > mark.changes {
            if let Some(Change { key, before, .. }) = self.log.pop() {
                self.put(key, before);
            }
        }
        self.opaque = mark.opaque;
    }

    /// Whether something was not followed before a moment.
    #[must_use]
    pub(crate) fn was_opaque(mark: Mark) -> bool {
        mark.opaque.is_some()
    }

    /// The changes since a moment, in their order.
    #[must_use]
    pub fn changes_since(&self, mark: Mark) -> &[Change] {
        &self.log[mark.changes..]
    }

    /// The statement that changed an object last.
    #[must_use]
    pub fn last_cause(&self, key: &Key) -> Option<&Cause> {
        self.log.iter().rev().find(|change| change.key == *key)?.cause.as_ref()
    }

    /// Gives up the way back to what was before this moment.
    pub fn settle(&mut self) {
        self.log.clear();
    }
}

/// Where an object was made.
fn place(entry: &Entry) -> (usize, Span) {
    (Arc::as_ptr(&entry.source).addr(), entry.span)
}

/// The schema of a new SQLite database.
impl Default for Catalog {
    fn default() -> Self {
        Self::new(Dialect::Sqlite)
    }
}
