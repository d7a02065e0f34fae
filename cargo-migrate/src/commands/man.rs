//! `cargo migrate man`

use std::fs;

use clap::CommandFactory as _;
use serde_json::json;

use crate::cli::{Cli, Man};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(args: &Man, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let shown = args.dir.display();
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("cannot write manual pages to {shown}: {error}"))
    };
    fs::create_dir_all(&args.dir).map_err(|error| failed(&error))?;
    let command = Cli::command().bin_name("cargo-migrate").disable_help_subcommand(true);
    clap_mangen::generate_to(command, &args.dir).map_err(|error| failed(&error))?;
    reporter.result(&format!("wrote the manual pages to {shown}"));
    reporter.object(&json!({ "reason": "created", "files": [args.dir] }));
    Ok(Exit::Success)
}
