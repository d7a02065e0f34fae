//! Tests of the whole: the command line, real builds, races, crashes.
//!
//! Here is what they share: a [project](project()) with migrations in a directory of its own, the
//! command line started in it, and a look into the database that comes of it; a [set](migration_set)
//! of migrations to verify; a [program](Program) that carries one; and private [database
//! servers](server).

#![allow(clippy::panic, reason = "a test that cannot go on panics")]

pub mod migration_set;
pub mod mutants;
mod program;
mod project;
pub mod server;

pub use program::{Program, embedded};
pub use project::{
    Builder, Database, Invocation, Output, Project, Running, program, project, server_project,
};
