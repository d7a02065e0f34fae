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

use migrate_build::{Dialect, Report, Server};
use migrate_tests::migration_set::{Set, script_alone, shown, verify_with};

/// What is said of a migration with this `up.sql`.
fn said_of(up: &str) -> String {
    shown(&report_for(Dialect::Sqlite, up))
}

/// The same, written for another database.
fn report_for(dialect: Dialect, up: &str) -> Report {
    let set = Set::new().file("1_a/up.sql", up).file("1_a/down.sql", "SELECT 'back';\n");
    verify_with(&set.path(), Server::any(dialect), &script_alone())
}
