//! Processes killed, sessions orphaned, servers gone: the next run ends where an undisturbed one
//! does.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test helper cannot do fails the test"
)]

mod contents;
mod cuts;
mod down;
mod matrix;
mod orphans;
mod reindex;
