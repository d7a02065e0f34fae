//! The command line as typed.

mod databases;
mod files;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use migrate_build::{Dialect, ServerVersion};

pub use databases::{
    Adopt, Baseline, Consent, Copying, Redo, Repair, Reset, Restore, Revert, Run, Status, Wait,
};
pub use files::{Check, Down, Init, New, Rebase, Schema, Seal, Verify};

/// SQL migrations for Rust, proved when the crate compiles.
#[derive(Debug, Parser)]
#[command(name = "cargo-migrate", bin_name = "cargo migrate", version, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub options: Options,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// Path to Cargo.toml
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// The package of the workspace
    #[arg(short, long, global = true, value_name = "SPEC")]
    pub package: Option<String>,
    /// The migrations directory; with a dialect or a URL, no Cargo.toml is needed
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The SQL of the files: sqlite, postgres, mysql
    #[arg(long, global = true, value_name = "DIALECT")]
    pub dialect: Option<Dialect>,
    /// The oldest server the files must run on: 15, 8.0, mariadb-10.11
    #[arg(long, global = true, value_name = "V")]
    pub server_version: Option<ServerVersion>,
    /// The database; default: $DATABASE_URL, also from .env
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// An environment of the configuration [default: development]
    #[arg(short, long = "env", global = true, value_name = "NAME")]
    pub environment: Option<String>,
    /// How findings and results are printed: human, short, json, github, sarif
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    #[arg(hide_possible_values = true)]
    pub message_format: Format,
    /// Print results and findings only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every statement
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours: auto, always, never
    #[arg(long, global = true, value_name = "WHEN", value_enum, env = "CARGO_TERM_COLOR")]
    #[arg(hide_env = true, hide_possible_values = true, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// How findings and results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: findings with the SQL they are about
    #[default]
    Human,
    /// One line a finding
    Short,
    /// One JSON object a line
    Json,
    /// For people, with annotations of GitHub's workflows
    Github,
    /// Findings as one SARIF document
    Sarif,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a crate up: directory, build script, dependencies, configuration
    Init(Init),
    /// Make a migration
    New(New),
    /// Verify the files; no database needed
    Check(Check),
    /// Record what is released: from then on, it must not change
    Seal(Seal),
    /// Move new migrations behind the sealed ones
    Rebase(Rebase),
    /// Try the ways back on a database of their own
    Verify(Verify),
    /// Write the way back of a migration
    Down(Down),
    /// Apply what is pending
    Run(Run),
    /// Undo the newest applied migration
    Revert(Revert),
    /// Undo and apply again
    Redo(Redo),
    /// Drop the database, make it again, and apply everything
    Reset(Reset),
    /// Take over the history that another tool has written
    Adopt(Adopt),
    /// Record as applied, without running it, all up to a migration
    Baseline(Baseline),
    /// Say what is unfinished, modified or missing, and settle it
    Repair(Repair),
    /// Put a backup in the place of an SQLite database
    Restore(Restore),
    /// Show every migration and its state
    Status(Status),
    /// Print the schema that the migrations make; no database needed
    Schema(Schema),
    /// Compare the database with what its applied migrations make
    Drift,
    /// Wait until the database answers
    Wait(Wait),
    /// Say what a finding means
    Explain(Explain),
    /// Print what completes commands and options in a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

/// `completions`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo migrate completions bash > \
    ~/.local/share/bash-completion/completions/cargo-migrate")]
pub struct Completions {
    /// bash, elvish, fish, powershell, zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Args, Debug)]
pub struct Man {
    /// The directory to write them to: cargo-migrate.1, cargo-migrate-run.1, …
    pub dir: PathBuf,
}

/// `explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// The rule, as a finding names it
    #[arg(required_unless_present = "list")]
    pub rule: Option<String>,
    /// List all rules
    #[arg(long, conflicts_with = "rule")]
    pub list: bool,
}
