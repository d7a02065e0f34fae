//! The runner on real SQLite databases.
#![cfg(feature = "sqlite")]

#[path = "../builder/mod.rs"]
mod builder;
mod database;

mod diesel_harness;
mod guards;
mod history;
mod hostile;
mod obstacles;
mod outside;
mod reverting;
mod running;
