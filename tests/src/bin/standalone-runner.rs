//! What a user's `src/bin/runner.rs` is, but for the migrations: those of the directory that
//! `MIGRATIONS` names, in the SQL that `DIALECT` says.

use std::env;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let variable = |name| env::var(name).expect("whoever starts it sets both");
    let dialect = variable("DIALECT").parse().expect("a dialect");
    let directory = variable("MIGRATIONS");
    migrate_runtime::cli::main(&migrate_tests::embedded(dialect, Path::new(&directory)))
}
