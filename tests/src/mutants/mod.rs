//! Broken statements, made of right ones, to compare a parser of ours with the database itself.
//!
//! A [`Judge`] is the database. A [`Tally`] counts where it and our parser disagree.

mod mutate;
mod mysql;
mod postgres;
mod sample;
mod seeds;
mod sqlite;
mod tally;

pub use mutate::mutants;
pub use mysql::MariaDbJudge;
pub use postgres::PostgresJudge;
pub use sample::sample;
pub use seeds::{own_seeds, statements_of};
pub use sqlite::SqliteJudge;
pub use tally::Tally;

use migrate_build::ServerVersion;

/// A database that says what it thinks of a script's grammar.
pub trait Judge {
    /// Its version, where our parser asks for it.
    fn version(&self) -> Option<ServerVersion> {
        None
    }

    /// What it thinks. Nothing of the script is left behind.
    fn judge(&mut self, script: &str) -> Verdict;
}

/// What a database thinks of a script.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its grammar is right. Whether the tables are there is another matter.
    Valid,
    /// It does not read it.
    Syntax {
        /// What it says.
        message: String,
        /// Where, in bytes, if it says so.
        at: Option<usize>,
    },
    /// It refuses it for another reason, and so may not have read all of it.
    Other(String),
}
