//! What Diesel lets through, and whatever else a file can hold: each case with what is said of it.

mod directives;
mod layout;
mod metadata;
mod nesting;
mod postgres;
mod secrets;
mod statements;
mod terminal;
mod unreadable;

use migrate_build::{Dialect, Levels, Report, Server};
use migrate_tests::migration_set::{Set, shown, verify_with};

/// What is said of a migration with this `up.sql`.
fn said_of(up: &str) -> String {
    shown(&report_for(Dialect::Sqlite, up))
}

/// The same, written for another database.
fn report_for(dialect: Dialect, up: &str) -> Report {
    let set = Set::new().file("1_a/up.sql", up).file("1_a/down.sql", "SELECT 'back';\n");
    verify_with(&set.path(), Server::any(dialect), &alone())
}

/// A script is looked at for itself: the tables that it is about need not be there, and the way back is
/// another matter.
fn alone() -> Levels {
    let mut levels = Levels::default();
    for rule in ["not-reversed", "unknown-object", "unproved"] {
        levels.set(rule, "allow").expect("there is such a rule");
    }
    levels
}
