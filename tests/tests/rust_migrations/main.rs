#![cfg(unix)]
//! Migrations in Rust: what is said of them when they are read, and how they run in their place.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(deprecated, reason = "the macro warns that no build script checks these directories")]

mod cli;
mod messages;
mod mysql;
mod postgres;
mod sqlite;
