//! Tests of the whole: the command line, real builds, races, crashes.
//!
//! Here is what they share: a [project](project()) with migrations in a directory of its own, the
//! command line started in it, and a look into the database that comes of it; a [set](migration_set)
//! of migrations to verify; [histories] of them, made up; a [program](Program) that carries one; and private [database
//! servers](server).

#![allow(clippy::panic, reason = "a test that cannot go on panics")]

pub mod corpus;
pub mod diesel_schemas;
pub mod histories;
pub mod migration_set;
pub mod mutants;
mod program;
mod project;
pub mod server;
pub mod twins;

use std::thread;
use std::time::{Duration, Instant};

pub use program::{Program, embedded};
pub use project::{
    Builder, Database, Invocation, Output, Project, Running, program, project, server_project,
};

/// Waits for something that another process does.
///
/// # Panics
/// When that takes too long.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    const PATIENCE: Duration = Duration::from_secs(60);
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited too long until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
