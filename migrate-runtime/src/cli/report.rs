//! What people see.
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use super::wire::{Failed, Kind};
use crate::error::Error;
use crate::escape::Escaped;
use crate::event::Event;
use crate::step::Direction;

/// Why the program could not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The code to end with.
    pub(super) exit: u8,
    pub(super) message: String,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<&'static str>,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { exit: 1, message: message.into(), notes: Vec::new(), help: None }
    }

    /// What was asked for makes no sense.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: 2, ..Self::new(message) }
    }

    /// What is wrong, and what else is worth knowing.
    pub(super) fn lines(self) -> Vec<String> {
        [vec![self.message], self.notes].concat()
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Failed { kind, message, outcome, .. } = Failed::from(&error);
        let failure = Self { exit: kind.exit(), ..Self::new(message) };
        let mut failure = match kind {
            Kind::Locked => failure.help("`--lock-timeout SECONDS` waits longer"),
            Kind::OutOfOrder => failure.help("`--allow-out-of-order` applies them all the same"),
            _ => failure,
        };
        if let Some(left) = outcome.map(|outcome| outcome.left.len()).filter(|left| *left > 0) {
            failure.notes.push(format!("{left} left to do: `status` shows where it stands"));
        }
        failure
    }
}

/// Prints a failure, and returns the code to end with.
pub(super) fn failure(failure: &Failure) -> ExitCode {
    let mut text = format!("error: {}\n", Escaped(&failure.message));
    for note in &failure.notes {
        let _ = writeln!(text, "  = note: {}", Escaped(note));
    }
    if let Some(help) = failure.help {
        let _ = writeln!(text, "  = help: {help}");
    }
    // Where nobody listens any more, nothing is lost.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(failure.exit)
}

/// Prints a result.
pub(super) fn result(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Shows a run as it happens.
#[derive(Default)]
pub(super) struct Progress {
    is_waiting: bool,
    /// What the transaction under way holds so far.
    uncommitted: usize,
}

impl Progress {
    pub(super) fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Waiting { holder, .. } if !std::mem::replace(&mut self.is_waiting, true) => {
                say("Waiting", &format!("for the lock{}", held_by(*holder)));
            }
            Event::Retrying { tries, holder, .. } => {
                self.uncommitted = 0;
                let holder = held_by(*holder);
                say(
                    "Retrying",
                    &format!("after {tries} in vain: what a statement needs is locked{holder}"),
                );
            }
            Event::Reconnecting { attempts: 0 } => {
                say("Connecting", "again: the connection was lost");
            }
            Event::Repairing { step, removal, .. } => {
                say("Repairing", &format!("{}: {removal}", step.name()));
            }
            Event::Resumed { step, done } => {
                say("Resuming", &format!("{} behind statement {done}", step.name()));
            }
            Event::StepFinished { step, took } => {
                self.uncommitted += 1;
                let verb = if step.direction() == Direction::Up { "Applied" } else { "Reverted" };
                say(verb, &format!("{} ({})", step.name(), duration(*took)));
            }
            Event::Committed => self.uncommitted = 0,
            Event::RolledBack if std::mem::take(&mut self.uncommitted) > 0 => {
                say("Rolled back", "what this transaction held: it is as before");
            }
            _ => {}
        }
    }
}

fn held_by(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |holder| format!(", held by {holder}"))
}

fn say(verb: &str, rest: &str) {
    let _ = writeln!(io::stderr(), "{verb:>12} {}", Escaped(rest));
}

/// In whole numbers: formatting fractions would add 15 KB to every program.
fn duration(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
