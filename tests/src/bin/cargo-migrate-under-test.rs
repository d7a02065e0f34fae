//! The command line as tests start it: the library's `main`, as the real binary calls it. A test
//! can only name the binaries of its own package.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cargo_migrate::main(std::env::args_os()).code())
}
