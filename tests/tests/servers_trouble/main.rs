//! Runs in the company of others, and in need: traffic, poolers, limits of room and rights.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test helper cannot do fails the test"
)]

mod pooler;
mod room;
mod traffic;
