//! The `cargo migrate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cargo_migrate::main(std::env::args_os()).code())
}
