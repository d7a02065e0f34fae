//! What a binary of your own package does with its migrations, without cargo and without their files.
//!
//! ```no_run
//! // src/bin/runner.rs
//! use std::process::ExitCode;
//!
//! use migrate_runtime::Migrations;
//!
//! # const _: &str = stringify!(
//! static MIGRATIONS: Migrations = migrate_runtime::embed_migrations!();
//! # );
//! # static MIGRATIONS: Migrations = Migrations {
//! #     dialect: migrate_runtime::Dialect::Sqlite,
//! #     directory: "migrations",
//! #     all: migrate_runtime::All::of(&[]),
//! # };
//!
//! fn main() -> ExitCode {
//!     migrate_runtime::cli::main(&MIGRATIONS)
//! }
//! ```
//!
//! `runner run` applies what is pending in the database that `DATABASE_URL` names, `runner status` shows
//! what there is, `runner --help` the rest. Nothing is taken back this way: what protects an
//! environment stands in `Cargo.toml`, which a program does not read. It ends with the codes of the
//! command line: 0, 1 for a failure that left nothing behind, 2 for what cannot be asked, 3 when the
//! lock was not obtained in time, 4 when a migration stopped half way.
//!
//! To `cargo migrate`, which builds it, the same binary does all that is to be done, where migrations
//! are written in Rust.

mod arguments;
mod connect;
mod database_url;
mod handover;
mod report;
mod run;
mod status;
#[doc(hidden)]
pub mod wire;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use crate::migrations::Migrations;
use arguments::Asked;
use connect::Target;
use report::Failure;

const HELP: &str = "\
Applies the migrations that this program carries.

Usage: runner [run] [OPTIONS]
       runner status

The database is the one that `DATABASE_URL` names.

Options of `run`:
      --to VERSION            Up to this version, and with it
  -n, --number COUNT          How many, the oldest first [default: all]
      --allow-out-of-order    Also apply what is older than the newest applied
      --all-or-nothing        All in one transaction, where the database can
      --lock-timeout SECONDS  How long to wait for another runner [default: 60]

  -h, --help                  Print this
  -V, --version               Print the version of the library
";

/// The whole of a program that applies these migrations: reads the arguments of the process, does what
/// they ask for, prints what came of it, and returns the code to end with.
#[must_use]
pub fn main(migrations: &Migrations<'static>) -> ExitCode {
    let done = words().and_then(|words| serve(migrations, &words));
    done.unwrap_or_else(|failure| report::failure(&failure))
}

fn words() -> Result<Vec<String>, Failure> {
    let words: Result<_, OsString> = env::args_os().skip(1).map(OsString::into_string).collect();
    words.map_err(|_| Failure::usage("an argument is not UTF-8"))
}

fn serve(migrations: &Migrations<'static>, words: &[String]) -> Result<ExitCode, Failure> {
    let asked = Asked::parse(words)
        .map_err(|message| Failure::usage(message).help("`--help` says what there is"))?;
    let target = || Target::of_environment(migrations.dialect);
    match asked {
        Asked::Help => report::result(HELP.trim_end()),
        Asked::Version => report::result(concat!("migrate-runtime ", env!("CARGO_PKG_VERSION"))),
        Asked::Run(job) => run::main(migrations, &job, &target()?)?,
        Asked::Status => status::main(migrations, target()?)?,
        Asked::Handover(job) => return Ok(handover::main(migrations, &job)),
    }
    Ok(ExitCode::SUCCESS)
}
