//! Runs the migrations from the shell: `cargo migrate run` builds this program and hands over to it,
//! because one of them is written in Rust.

use std::process::ExitCode;

use migrate_runtime::{Migrations, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!();

fn main() -> ExitCode {
    migrate_runtime::cli::main(&MIGRATIONS)
}
