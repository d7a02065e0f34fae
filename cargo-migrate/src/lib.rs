//! cargo-migrate
