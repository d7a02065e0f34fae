//! The runner on a real PostgreSQL.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test helper cannot do fails the test"
)]

#[path = "../../../migrate-runtime/tests/builder/mod.rs"]
mod builder;
mod db;

mod diesel_harness;
mod guard;
mod hostile;
mod locking;
mod outside;
mod reconnecting;
mod refusals;
mod running;
