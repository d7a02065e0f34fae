//! A program that migrates: for the tests of crashes and races.
//!
//! `crash-runner DIRECTORY URL run|revert|diesel [die-at=N] [lock-timeout=MS]`
//!
//! It says each event in a line, and kills itself at the N-th when told to. It ends with the codes
//! of the command line.
use std::error::Error as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use migrate_build::Dialect;
use migrate_runtime::{Backend, Error, Event, MigrationHarness, Migrations, Runner, Undo};
use migrate_tests::embedded;
use nix::sys::signal::{Signal, raise};

const USAGE: &str =
    "usage: crash-runner DIRECTORY URL run|revert|diesel [die-at=N] [lock-timeout=MS]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, url, action, options @ ..] = &arguments[..] else {
        return failed(1, USAGE);
    };
    let Some(options) = Options::of(options) else { return failed(1, USAGE) };
    let dialect = Dialect::of_url(url);
    let set = embedded(dialect, Path::new(directory));
    let done = match dialect {
        Dialect::Sqlite => SqliteConnection::establish(url).map(|mut conn| {
            let pragma = conn.batch_execute("PRAGMA foreign_keys = ON");
            pragma.map_or(ExitCode::FAILURE, |()| work(&mut conn, set, action, &options))
        }),
        Dialect::Postgres => {
            PgConnection::establish(url).map(|mut conn| work(&mut conn, set, action, &options))
        }
        Dialect::Mysql => {
            MysqlConnection::establish(url).map(|mut conn| work(&mut conn, set, action, &options))
        }
    };
    done.unwrap_or_else(|error| failed(1, &error.to_string()))
}

#[derive(Default)]
struct Options {
    die_at: Option<usize>,
    lock_timeout: Option<Duration>,
}

impl Options {
    fn of(words: &[String]) -> Option<Self> {
        let mut options = Self::default();
        for word in words {
            match word.split_once('=')? {
                ("die-at", event) => options.die_at = event.parse().ok(),
                ("lock-timeout", ms) => {
                    options.lock_timeout = ms.parse().ok().map(Duration::from_millis);
                }
                _ => return None,
            }
        }
        Some(options)
    }
}

fn work<C>(conn: &mut C, set: Migrations<'static>, action: &str, options: &Options) -> ExitCode
where
    C: Backend + Connection + MigrationHarness<<C as Connection>::Backend>,
    Migrations<'static>: MigrationSource<<C as Connection>::Backend>,
{
    if action == "diesel" {
        let done = conn.run_pending_migrations(set).map(drop);
        return done.map_or_else(|e| failed(1, &e.to_string()), |()| ExitCode::SUCCESS);
    }
    let mut events = 0;
    let mut observer = |event: &Event<'_>| {
        say(event);
        events += 1;
        if Some(events) == options.die_at {
            // As from outside: nothing is cleaned up.
            let _ = raise(Signal::SIGKILL);
        }
    };
    let mut runner = Runner::new(&set).observer(&mut observer);
    if let Some(timeout) = options.lock_timeout {
        runner = runner.lock_timeout(timeout);
    }
    let done = match action {
        "run" => runner.run(conn),
        "revert" => runner.revert(conn, Undo::All),
        _ => return failed(1, USAGE),
    };
    match done {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            let code = match &error {
                Error::Locked { .. } => 3,
                error if error.is_half_way() => 4,
                _ => 1,
            };
            let source = error.source().map(|source| format!("\n{source}"));
            failed(code, &format!("{error}{}", source.unwrap_or_default()))
        }
    }
}

/// Its name; the statement, from 1, or who is in the way.
fn say(event: &Event<'_>) {
    let name = format!("{event:?}");
    let name = name.split(' ').next().unwrap_or_default();
    let detail = match event {
        Event::StatementStarted { step, statement }
        | Event::StatementFinished { step, statement, .. } => {
            format!("{}/{}", step.version(), statement + 1)
        }
        Event::Waiting { holder, .. } | Event::Retrying { holder, .. } => {
            holder.unwrap_or("somebody").to_owned()
        }
        _ => String::new(),
    };
    // Who started this may have gone.
    let _ = writeln!(std::io::stdout(), "{name} {detail}");
}

fn failed(code: u8, message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::from(code)
}
