//! What the commands take that work on databases.

use std::path::PathBuf;

use clap::Args;

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

/// Whether the database is copied before it is changed.
#[derive(Args, Debug)]
pub struct Copying {
    /// Copy the database first; to this file, or one beside it
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub backup: Option<Option<PathBuf>>,
    /// Do without a backup in a protected environment, too
    #[arg(long, conflicts_with = "backup")]
    pub no_backup: bool,
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
    /// What is copied first
    #[command(flatten)]
    pub copying: Copying,
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
    /// What is copied first
    #[command(flatten)]
    pub copying: Copying,
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
    /// What is copied first
    #[command(flatten)]
    pub copying: Copying,
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
