//! Handing the work over to a program of the user's package, which alone can run its migrations in Rust.
//!
//! It does what is to be done and says each event; what it is to work on, whether it may, and how all
//! of that is shown, is settled here as ever. `migrate_runtime::cli` is the other side.

mod build;
mod program;
mod protocol;
mod relay;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use migrate_runtime::Outcome;
use migrate_runtime::cli::wire::{self, Failed};

use crate::database::Address;
use crate::exit::Exit;
use crate::failure::Failure;
pub(crate) use build::Recipe;
use program::Program;
use protocol::{Fields, Unreadable};
use relay::Relay;
pub(crate) use relay::{Listener, Steps};
pub(crate) use words::words;

/// How long the program may take to say who it is: until then it has done nothing.
const GREETING_LIMIT: Duration = Duration::from_secs(20);
/// How soon a wish to stop is passed on.
const TICK: Duration = Duration::from_millis(50);

/// Work that is handed over.
pub(crate) struct Handover<'h> {
    /// What builds the program.
    pub(crate) recipe: &'h Recipe,
    /// What it is told to do.
    pub(crate) words: Vec<String>,
    /// Where.
    pub(crate) address: &'h dyn Address,
    /// Which set it has to carry.
    pub(crate) fingerprint: u64,
    /// Whether it is to stop.
    pub(crate) stop: &'h AtomicBool,
}

/// Copies the database; says where the copy is, or why there is none.
pub(crate) type Backup<'b> = dyn FnMut() -> Result<String, String> + 'b;

/// What the program's lines come to.
enum Said {
    /// It goes on.
    GoesOn,
    /// It is done.
    Ended(Result<Outcome, Failed>),
}

impl Handover<'_> {
    /// Has it done, and tells all that happens.
    ///
    /// # Errors
    /// When the program is not one for this, or ends without saying what came of it. What the run
    /// itself failed of is in the result.
    pub(crate) fn execute(
        &self,
        steps: Steps<'_>,
        listener: &mut dyn Listener,
        backup: &mut Backup<'_>,
    ) -> Result<Result<Outcome, Failed>, Failure> {
        let mut program = Program::start(self.recipe.program()?, &self.words, self.address)?;
        let mut relay = Relay::new(steps, listener);
        let (mut is_known, mut is_told) = (false, false);
        loop {
            let is_to_stop = is_known && self.stop.load(Ordering::Relaxed);
            if is_to_stop && !std::mem::replace(&mut is_told, true) {
                program.tell(wire::STOP);
            }
            let Some(line) = self.next_line(&mut program, &relay, is_known)? else { continue };
            let Some((before, said)) = protocol::marked(&line) else {
                relay.printed(&line);
                continue;
            };
            relay.printed(before);
            let mut fields = Fields::of(&said);
            if !is_known {
                self.greeted(&mut fields)?;
                is_known = true;
                program.tell(wire::START);
                continue;
            }
            match answer(&mut fields, &mut program, &mut relay, backup) {
                Ok(Said::GoesOn) => {}
                Ok(Said::Ended(ended)) => {
                    program.wait()?;
                    return Ok(ended);
                }
                Err(Unreadable) => return Err(self.unreadable(relay.is_open())),
            }
        }
    }

    /// The program's next line; nothing when it says nothing for a moment.
    fn next_line(
        &self,
        program: &mut Program,
        relay: &Relay<'_, '_>,
        is_known: bool,
    ) -> Result<Option<Vec<u8>>, Failure> {
        match program.lines.recv_timeout(TICK) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => {
                match is_known || program.started.elapsed() < GREETING_LIMIT {
                    true => Ok(None),
                    false => Err(self.is_no_runner("it says nothing")),
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                let ended = program.wait()?;
                Err(match is_known {
                    true => self.ended_early(&ended, relay.is_open()),
                    false => self.is_no_runner(&format!("it ended with {ended}")),
                })
            }
        }
    }

    /// Looks whether the program can be worked with.
    fn greeted(&self, fields: &mut Fields<'_>) -> Result<(), Failure> {
        let name = self.recipe.name();
        let greeting = fields.greeting().map_err(|Unreadable| self.is_no_runner("it says else"))?;
        if greeting.protocol != wire::PROTOCOL {
            return Err(Failure::new(format!(
                "the binary `{name}` and this `cargo migrate` do not understand each other: one has \
                 another version of `migrate-runtime`"
            ))
            .help("let both have the same version"));
        }
        if greeting.fingerprint != self.fingerprint {
            return Err(Failure::new(format!(
                "nothing was run: the binary `{name}` carries other migrations than these"
            ))
            .help(
                "let its `embed_migrations!` name their directory, and its build script verify it",
            ));
        }
        Ok(())
    }

    fn is_no_runner(&self, why: &str) -> Failure {
        let name = self.recipe.name();
        let message = format!("the binary `{name}` does not run migrations: {why}");
        let mut failure = Failure::new(message);
        failure.help = self.recipe.source();
        failure
    }

    fn ended_early(&self, ended: &str, is_open: bool) -> Failure {
        let name = self.recipe.name();
        let message = format!("the binary `{name}` ended in the middle of its work, with {ended}");
        uncertain(message, is_open)
    }

    fn unreadable(&self, is_open: bool) -> Failure {
        let name = self.recipe.name();
        uncertain(format!("what the binary `{name}` says cannot be read; it was ended"), is_open)
    }
}

/// A failure behind which nobody knows how far the work came, where a step was under way.
fn uncertain(message: String, is_open: bool) -> Failure {
    let exit = if is_open { Exit::HalfWay } else { Exit::Failure };
    Failure::new(message).exit(exit).help(
        "`cargo migrate status` shows where it stands; what a transaction held is rolled back, and \
         the next run goes on",
    )
}

/// Reads a line behind the first, and does what it asks for.
fn answer(
    fields: &mut Fields<'_>,
    program: &mut Program,
    relay: &mut Relay<'_, '_>,
    backup: &mut Backup<'_>,
) -> Result<Said, Unreadable> {
    match fields.text()?.as_str() {
        "backup" => {
            let copied = backup();
            program.tell(&wire::answered(copied.as_deref().map_err(String::as_str)));
        }
        "done" => return Ok(Said::Ended(Ok(fields.outcome()?))),
        "failed" => return Ok(Said::Ended(Err(fields.failed()?))),
        word => relay.event(word, fields)?,
    }
    Ok(Said::GoesOn)
}

#[cfg(test)]
mod tests;
