//! What a database itself says of a history.

use std::collections::{BTreeMap, BTreeSet};

use migrate_build::Server;

use super::Migration;

/// A database that migrations run on, without any help of our parsers.
pub trait Engine {
    /// What it is, which is what the verifier reads scripts for.
    fn server(&self) -> Server;

    /// Begins anew, with nothing in the database.
    fn reset(&mut self);

    /// Runs a script; what the database says where it refuses a statement of it.
    ///
    /// # Errors
    /// With the message of the database. What ran before stays.
    fn run(&mut self, script: &str) -> Result<(), String>;

    /// What is in the database.
    fn snapshot(&mut self) -> Snapshot;

    /// Whether a script may leave something that no snapshot shows, and that makes a difference to the next.
    fn may_hide(&self, script: &str) -> bool {
        let _ = script;
        false
    }

    /// From here on, what runs may have to be taken back.
    fn begin_attempt(&mut self) {}

    /// Takes back what ran since the attempt began, and ends it; whether that was possible.
    fn take_back(&mut self) -> bool {
        false
    }
}

/// The properties of every object in a database, as text. The order of columns is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, Vec<String>>);

impl Snapshot {
    /// Adds a property of an object.
    pub fn add(&mut self, object: &str, property: String) {
        let properties = self.0.entry(object.to_owned()).or_default();
        let at = properties.partition_point(|other| *other < property);
        properties.insert(at, property);
    }

    /// What is different in another one; nothing when they are equal.
    #[must_use]
    pub fn difference(&self, now: &Self) -> Option<String> {
        let objects: BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        let said: Vec<String> = objects
            .into_iter()
            .filter_map(|object| match (self.0.get(object), now.0.get(object)) {
                (Some(_), None) => Some(format!("{object} is gone")),
                (None, Some(_)) => Some(format!("{object} stays")),
                (Some(before), Some(now)) if before != now => {
                    let only = |these: &[String], those: &[String]| {
                        let mut left = these.to_vec();
                        for other in those {
                            if let Some(at) = left.iter().position(|one| one == other) {
                                left.remove(at);
                            }
                        }
                        left.join(", ")
                    };
                    Some(format!("{object}: [{}] → [{}]", only(before, now), only(now, before)))
                }
                _ => None,
            })
            .collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// What a database makes of a migration and its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It refuses `up.sql`.
    UpRefused(String),
    /// There is no `down.sql`.
    NoDown,
    /// It refuses `down.sql`.
    DownRefused(String),
    /// After `down.sql` it is not what it was: what is different.
    Differs(String),
    /// After `down.sql` it is what it was.
    Reversed,
}

/// A database on its way through a history.
pub struct Course<'e> {
    engine: &'e mut dyn Engine,
    /// What has run, and stays.
    applied: Vec<String>,
    /// What is there now.
    now: Snapshot,
}

impl<'e> Course<'e> {
    /// Begins with nothing.
    pub fn new(engine: &'e mut dyn Engine) -> Self {
        engine.reset();
        let now = engine.snapshot();
        Self { engine, applied: Vec::new(), now }
    }

    /// Tries a migration and its way back; then all is as it was before it.
    pub fn try_out(&mut self, migration: &Migration) -> Truth {
        self.engine.begin_attempt();
        let truth = self.attempt(migration);
        let may_hide =
            || migration.down.as_ref().is_some_and(|down| self.engine.may_hide(down.text()));
        let is_back = truth == Truth::Reversed && !may_hide();
        // Rows may be left even where the schema is what it was; that is for `keep` to find.
        if !self.engine.take_back() && !is_back {
            self.rebuild();
        }
        truth
    }

    fn attempt(&mut self, migration: &Migration) -> Truth {
        if let Err(message) = self.engine.run(migration.up.text()) {
            return Truth::UpRefused(message);
        }
        let Some(down) = &migration.down else {
            return Truth::NoDown;
        };
        if let Err(message) = self.engine.run(down.text()) {
            return Truth::DownRefused(message);
        }
        let back = self.engine.snapshot();
        self.now.difference(&back).map_or(Truth::Reversed, Truth::Differs)
    }

    /// Runs a migration for good, as the base of the next.
    ///
    /// # Panics
    /// When the database refuses what it has taken before.
    pub fn keep(&mut self, migration: &Migration) {
        let up = migration.up.text().to_owned();
        if self.engine.run(&up).is_err() {
            // Its way back left rows or a transaction behind.
            self.rebuild();
            self.engine.run(&up).expect("it ran before");
        }
        self.applied.push(up);
        self.now = self.engine.snapshot();
    }

    fn rebuild(&mut self) {
        self.engine.reset();
        for script in &self.applied {
            self.engine.run(script).expect("it ran before");
        }
    }
}
