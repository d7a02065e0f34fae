//! `cargo migrate`: the library behind the binary.
//!
//! What is typed ([`cli`]) becomes what it means (`project`), a command works on that
//! (`commands`), and one reporter says what came of it (`reporter`).

// Without any backend there is nothing to run, and all that would has no user; without one of them,
// some of what they share.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(unused, unreachable_code)
)]
#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code, unused_variables)
)]

mod adopt;
pub mod cli;
mod commands;
mod copies;
mod database;
mod environment;
mod exit;
mod failure;
mod files;
mod handover;
pub mod init;
pub mod live;
mod lock_file;
mod project;
mod protection;
mod reporter;
pub mod scaffold;
mod secret;
mod set;
mod signal;

use std::ffi::OsString;

use clap::Parser as _;

use cli::Cli;
use reporter::Reporter;

pub use exit::Exit;

/// The whole program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = own_arguments(arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return reporter::refusal(&error, &arguments),
    };
    let mut reporter = Reporter::new(&cli.options);
    let exit = commands::dispatch(&cli, &mut reporter).unwrap_or_else(|failure| {
        reporter.failure(&failure);
        failure.exit
    });
    reporter.finish(exit);
    exit
}

/// Cargo calls `cargo-migrate migrate …`: its own word is left out.
fn own_arguments(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == "migrate") {
        arguments.remove(1);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cargo_s_word_is_left_out_once() {
        let own = |words: &[&str]| own_arguments(words.iter().map(OsString::from));
        assert_eq!(own(&["cargo-migrate", "migrate", "check"]), ["cargo-migrate", "check"]);
        assert_eq!(own(&["cargo-migrate", "check"]), ["cargo-migrate", "check"]);
    }
}
