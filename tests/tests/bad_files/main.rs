//! What Diesel lets through, and whatever else a file can hold: each case with what is said of it.

mod directives;
mod layout;
mod metadata;
#[path = "../migration_set/mod.rs"]
mod migration_set;
mod nesting;
mod statements;
mod terminal;
mod unreadable;

use migration_set::{Set, shown};

/// What is said of a migration with this `up.sql`.
fn said_of(up: &str) -> String {
    let set = Set::new().file("1_a/up.sql", up).file("1_a/down.sql", "SELECT 'back';\n");
    shown(&set.report())
}
