//! Verdicts beside the truth: histories of migrations, judged by the verifier and run on the database
//! itself.
//!
//! An [`Engine`] is the database. `truths` asks it, without any help of our parsers; `compare`
//! puts what the verifier says beside it, and a [`Tally`] counts where the two do not agree.

mod compare;
mod engine;
mod introspection;
mod mariadb;
mod mutate;
mod normal;
mod ours;
mod postgres;
mod sqlite;
mod tally;

use std::path::Path;
use std::sync::Arc;

use migrate_build::layout::Directory;
use migrate_build::{Error, Source};

pub use compare::{Line, Outcome, compare};
pub use engine::{Course, Engine, Snapshot, Truth};
pub use introspection::{Introspection, PostgresIntrospection};
pub use mariadb::MariadbEngine;
pub use mutate::{Mistakes, Survivor, mistakes};
pub use postgres::PostgresEngine;
pub use sqlite::SqliteEngine;
pub use tally::{TITLES, Tally};

/// A migration of a history.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The directory's name.
    pub name: String,
    /// `up.sql`.
    pub up: Arc<Source>,
    /// `down.sql`, if there is one.
    pub down: Option<Arc<Source>>,
}

impl Migration {
    /// A migration from its texts.
    #[must_use]
    pub fn new(name: &str, up: &str, down: Option<&str>) -> Self {
        let source = |file, text: &str| Arc::new(Source::new(format!("{name}/{file}"), text));
        Self {
            name: name.to_owned(),
            up: source("up.sql", up),
            down: down.map(|text| source("down.sql", text)),
        }
    }
}

/// The migrations of a directory, in their order.
///
/// # Errors
/// When the directory cannot be read.
pub fn load(dir: &Path) -> Result<Vec<Migration>, Error> {
    let entries = Directory::load(dir, dir)?.entries.into_iter();
    Ok(entries
        .map(|entry| Migration { name: entry.name, up: entry.up, down: entry.down })
        .collect())
}
