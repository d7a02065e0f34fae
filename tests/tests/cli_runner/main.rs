//! A binary of the user's own package that runs its migrations: by itself, and for `cargo migrate`.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

mod handing_over;
mod krate;
mod standalone;
mod trouble;
