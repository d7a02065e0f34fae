//! Runs SQL migrations that were verified and embedded when the crate was compiled.
mod migrations;

pub use migrations::{
    Checksum, Dialect, Down, ForeignKeys, Migration, Migrations, Mode, Script, Statement,
};
