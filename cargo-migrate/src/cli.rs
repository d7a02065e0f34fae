//! The command line as typed.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use migrate_build::{Dialect, ServerVersion, schema};

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
    Rebase,
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

/// `init`
#[derive(Args, Debug)]
pub struct Init {
    /// Also write docker-entrypoint.sh: migrate, then start the program
    #[arg(long)]
    pub docker: bool,
    /// Also write a workflow of GitHub's that verifies each change
    #[arg(long)]
    pub github: bool,
    /// Take the crates from this checkout instead of the registry
    #[arg(long, value_name = "DIR")]
    pub crates: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

/// `check`
#[derive(Args, Debug)]
pub struct Check {
    /// Show what is found in sealed migrations, too
    #[arg(long)]
    pub all: bool,
    /// Fail when something is not sealed
    #[arg(long)]
    pub locked: bool,
    /// Only what is in migrations that are newer than this git revision, or changed since
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
}

/// `seal`
#[derive(Args, Debug)]
pub struct Seal {
    /// Up to this version, and with it [default: all]
    #[arg(long, value_name = "V")]
    pub to: Option<String>,
    /// Seal this one as it is now, although it has changed; forget it if it is gone
    #[arg(long, value_name = "V")]
    pub accept: Vec<String>,
    /// Seal also what has findings: they fail nothing afterwards
    #[arg(long)]
    pub with_findings: bool,
}

/// `new`
#[derive(Args, Debug)]
#[command(after_help = NEW_HELP)]
pub struct New {
    /// What the migration does; decides the template
    pub name: String,
    /// The columns
    #[arg(
        value_name = "COLUMN",
        help = "name:type[!][:unique][:index][:references(TABLE)][=DEFAULT]"
    )]
    pub columns: Vec<String>,
    /// Take up.sql from a file
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// There is no way back: why
    #[arg(long, value_name = "REASON")]
    pub irreversible: Option<String>,
    /// The version, instead of the time
    #[arg(long = "version", id = "migration-version", value_name = "V")]
    pub stamp: Option<String>,
    /// Open the files in $VISUAL or $EDITOR
    #[arg(long)]
    pub edit: bool,
}

const NEW_HELP: &str = "\
Names and their templates:
  create_users                    CREATE TABLE users
  add_phone_to_users              ALTER TABLE users ADD COLUMN phone
  remove_phone_from_users         ALTER TABLE users DROP COLUMN phone
  rename_phone_to_mobile_in_users ALTER TABLE users RENAME COLUMN phone TO mobile
  rename_users_to_people          ALTER TABLE users RENAME TO people
  add_index_to_users              CREATE INDEX on users
  drop_users                      DROP TABLE users
  anything else                   empty files to fill in

Types: id string string(n) text int bigint smallint bool float double decimal(p,s) date time
  datetime timestamp uuid json blob enum(a|b), each in the database's own words; `id` is the
  type of other tables' keys. A `!` behind the type: NOT NULL. Examples:
  cargo migrate new create_users name:text! email:text!:unique 'joined:datetime!=now'
  cargo migrate new create_posts 'author:id!:references(users)' 'state:enum(draft|sent)!=draft'";

/// A yes that is given beforehand.
#[derive(Args, Debug)]
pub struct Consent {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// The name of the protected environment that is meant
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

/// `run`
#[derive(Args, Debug)]
pub struct Run {
    /// Up to this version, and with it
    #[arg(long, value_name = "V", conflicts_with = "number")]
    pub to: Option<String>,
    /// How many, the oldest first [default: all]
    #[arg(short, long, value_name = "N")]
    pub number: Option<u32>,
    /// Print the plan, the SQL and what it loses; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// All in one transaction, where the database can
    #[arg(long)]
    pub all_or_nothing: bool,
    /// Only finish what an earlier run left half way
    #[arg(long, conflicts_with_all = ["to", "number", "all_or_nothing"])]
    pub resume: bool,
    /// Also apply what is older than the newest applied
    #[arg(long)]
    pub allow_out_of_order: bool,
    /// Copy the database first; to this file, or one beside it
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub backup: Option<Option<PathBuf>>,
    /// Do without a backup in a protected environment, too
    #[arg(long, conflicts_with = "backup")]
    pub no_backup: bool,
    /// Make the database first if it does not exist
    #[arg(long, conflicts_with = "dry_run")]
    pub create_database: bool,
    /// Wait so many seconds for the database to come up
    #[arg(long, value_name = "S")]
    pub wait: Option<u64>,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
}

/// `revert`
#[derive(Args, Debug)]
pub struct Revert {
    /// How many, the newest first [default: 1]
    #[arg(short, long, value_name = "N", conflicts_with_all = ["to", "batch", "all"])]
    pub number: Option<u32>,
    /// Back to this version, which stays
    #[arg(long, value_name = "V", conflicts_with_all = ["batch", "all"])]
    pub to: Option<String>,
    /// All that the last run applied
    #[arg(long, conflicts_with = "all")]
    pub batch: bool,
    /// All
    #[arg(long)]
    pub all: bool,
    /// Print the plan, the SQL and what it loses; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
}

/// `redo`
#[derive(Args, Debug)]
pub struct Redo {
    /// How many, the newest first [default: 1]
    #[arg(short, long, value_name = "N", conflicts_with = "all")]
    pub number: Option<u32>,
    /// All
    #[arg(long)]
    pub all: bool,
    /// Print the plan, the SQL and what it loses; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
}

/// `reset`
#[derive(Args, Debug)]
pub struct Reset {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Disconnect who is connected to the database
    #[arg(long)]
    pub force: bool,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
}

/// `adopt`
#[derive(Args, Debug)]
pub struct Adopt {
    /// Whose history [default: of the one tool whose table is there]
    #[arg(long, value_name = "TOOL")]
    pub from: Option<String>,
    /// Where it is, when its table bears another name
    #[arg(long, value_name = "NAME", requires = "from")]
    pub table: Option<String>,
    /// Convert its files first, from this directory into ours
    #[arg(long, value_name = "DIR", requires = "from")]
    pub files: Option<PathBuf>,
    /// Show what matches; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Take what matches, though not all does
    #[arg(short, long)]
    pub yes: bool,
    /// The name of the protected environment that is meant
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
}

/// `baseline`
#[derive(Args, Debug)]
pub struct Baseline {
    /// The newest migration that the database holds already
    #[arg(value_name = "V")]
    pub version: String,
    /// Show what would be recorded; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
}

/// `repair`
#[derive(Args, Debug)]
#[group(skip)]
pub struct Repair {
    /// It is applied: close its journal, and record it
    #[arg(long, value_name = "V", group = "choice")]
    pub mark_applied: Option<String>,
    /// No part of it is applied: close its journal, and take its record out
    #[arg(long, value_name = "V", group = "choice")]
    pub mark_reverted: Option<String>,
    /// The files are right as they are now: of one, or of all that were edited
    #[arg(long, value_name = "V", num_args = 0..=1, group = "choice")]
    pub accept_checksums: Option<Option<String>>,
    /// Forget what has no files any more: one, or all
    #[arg(long, value_name = "V", num_args = 0..=1, group = "choice")]
    pub drop_missing: Option<Option<String>>,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
    /// How long to wait for another runner, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub lock_timeout: u64,
}

/// `restore`
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup [default: the newest beside the database]
    #[arg(value_name = "PATH")]
    pub from: Option<PathBuf>,
    /// The answers to questions
    #[command(flatten)]
    pub consent: Consent,
}

/// `down`
#[derive(Args, Debug)]
pub struct Down {
    /// The migration's version; default: the newest
    pub version: Option<String>,
    /// Replace the `down.sql` that is there
    #[arg(long)]
    pub force: bool,
}

/// `schema`
#[derive(Args, Debug)]
pub struct Schema {
    /// As it is behind this migration [default: the newest]
    #[arg(long, value_name = "V")]
    pub at: Option<String>,
    /// Written as: diesel, sql [default: as the name of --check ends, else diesel]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<schema::Format>,
    /// Fail when a file says something else
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

/// `verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// Only these; those before them are applied [default: all]
    #[arg(value_name = "VERSION")]
    pub versions: Vec<String>,
}

/// `wait`
#[derive(Args, Debug)]
pub struct Wait {
    /// How long, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
}

/// `status`
#[derive(Args, Debug)]
pub struct Status {
    /// Exit with 5 when something is pending
    #[arg(long)]
    pub exit_code: bool,
    /// Say of each whether `down.sql` undoes `up.sql`
    #[arg(long)]
    pub verdicts: bool,
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
