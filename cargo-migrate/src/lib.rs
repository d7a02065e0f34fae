//! cargo-migrate

pub mod init;
pub mod scaffold;
