//! The runner on real SQLite databases.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test helper cannot do fails the test"
)]

#[path = "../builder/mod.rs"]
mod builder;
mod database;

mod diesel_harness;
mod guards;
mod history;
mod hostile;
mod obstacles;
mod outside;
mod recording;
mod reverting;
mod running;
