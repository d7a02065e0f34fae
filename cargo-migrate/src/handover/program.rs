//! The program as a process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use crate::database::Address;
use crate::failure::Failure;

/// The program at work. It is ended with the value, if it has not ended itself.
pub(super) struct Program {
    child: Child,
    /// Since when.
    pub(super) started: Instant,
    /// Its end would tell the program that we are gone.
    input: Option<ChildStdin>,
    /// What it prints, line by line.
    pub(super) lines: Receiver<Vec<u8>>,
}

impl Program {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(
        program: &Path,
        words: &[String],
        address: &dyn Address,
    ) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        address.hand_to(&mut command);
        on_its_own(&mut command);
        let failed = |why: std::io::Error| {
            Failure::new(format!("cannot start `{}`: {why}", program.display()))
        };
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (sender, lines) = mpsc::channel();
        let read = move || {
            let Some(mut output) = output.map(BufReader::new) else { return };
            let mut line = Vec::new();
            while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        };
        let program = Self { child, started: Instant::now(), input, lines };
        // A thread of its own, so that a signal is noticed while nothing is said.
        thread::Builder::new().name("read".to_owned()).spawn(read).map_err(failed)?;
        Ok(program)
    }

    /// Says a line to it. One that has ended does not listen any more.
    pub(super) fn tell(&mut self, line: &str) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// Waits for its end, and says how that was.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(super) fn wait(&mut self) -> Result<String, Failure> {
        let ended = self.child.wait();
        let ended = ended.map_err(|why| Failure::new(format!("cannot wait for it: {why}")))?;
        Ok(ended.to_string())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended already, unless it is not what it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps the terminal's Ctrl-C away from it: whoever started it asks it to stop.
#[cfg(unix)]
fn on_its_own(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

#[cfg(not(unix))]
fn on_its_own(_: &mut Command) {}
