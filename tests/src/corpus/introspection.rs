//! The schema that a catalog follows beside the one that the database has.

use std::collections::HashMap;
use std::fmt::Write as _;

use migrate_build::catalog::{Catalog, Key, Live, Object};

use crate::twins;

/// The schema that PostgreSQL says it has, read once while it stays the same.
#[derive(Debug, Default)]
pub struct PostgresIntrospection {
    definitions: Vec<String>,
    live: Option<Live>,
}

impl PostgresIntrospection {
    /// Compares the rows of `POSTGRES_SCHEMA` with a catalog that followed the statements.
    ///
    /// # Errors
    /// What is different.
    ///
    /// # Panics
    /// When PostgreSQL's parser is not compiled in.
    pub fn compare(&mut self, definitions: Vec<String>, simulated: &Catalog) -> Result<(), String> {
        if self.definitions != definitions {
            self.definitions.clone_from(&definitions);
            self.live = None;
        }
        let live = self.live.get_or_insert_with(|| {
            let catalog = Catalog::of_postgres(definitions).expect("it is compiled in");
            Live { catalog, unread: Vec::new(), unseen: Vec::new(), collation: None }
        });
        twins::compare(simulated, live)
    }
}

/// What SQLite's definitions say, each read once.
#[derive(Debug, Default)]
pub struct Introspection {
    read: HashMap<String, Vec<(Key, Object)>>,
}

impl Introspection {
    /// Compares SQLite's definitions with a catalog that followed the statements.
    ///
    /// # Errors
    /// What is different.
    ///
    /// # Panics
    /// When SQLite's parser is not compiled in.
    pub fn compare(&mut self, definitions: Vec<String>, simulated: &Catalog) -> Result<(), String> {
        let mut live: HashMap<Key, Object> = HashMap::new();
        for definition in definitions {
            let objects = self.read.entry(definition).or_insert_with_key(|definition| {
                let read = Catalog::of_sqlite([definition.clone()]).expect("it is compiled in");
                read.objects().map(|(key, object)| (key.clone(), object.clone())).collect()
            });
            live.extend(objects.iter().cloned());
        }
        let mut said = String::new();
        for (key, object) in &live {
            let ours = simulated.get(key).map(|entry| &entry.object);
            if ours.is_none_or(|ours| ours != object && !ours.is_unclear()) {
                let _ = writeln!(said, "{key:?}\n  SQLite:  {object:?}\n  catalog: {ours:?}");
            }
        }
        for (key, object) in simulated.objects().filter(|(key, _)| !live.contains_key(key)) {
            let _ = writeln!(said, "{key:?}\n  SQLite:  nothing\n  catalog: {object:?}");
        }
        if said.is_empty() { Ok(()) } else { Err(said) }
    }
}
