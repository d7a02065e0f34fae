//! `cargo migrate completions`

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(args: &Completions, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    // Shells complete the binary's own name.
    let mut command = Cli::command().bin_name("cargo-migrate");
    clap_complete::generate(args.shell, &mut command, "cargo-migrate", &mut script);
    reporter.content(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
