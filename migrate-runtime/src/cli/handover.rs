//! What `cargo migrate` hands over: the work itself, and a word of all that happens.
//!
//! It asks to stop by a line on standard input, or by its end; there it answers, too.
use std::io::{self, BufRead as _, Write as _};
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::arguments::Job;
use super::connect::{Connect, Target, Work};
use super::report::Failure;
use super::wire::{self, Failed};
use crate::event::Event;
use crate::migrations::Migrations;
use crate::outcome::Outcome;

/// How long what is under way may take to stop when whoever asked for it is gone.
const GRACE: Duration = Duration::from_secs(2);

/// Does what is handed over. All that is to be said of it goes to standard output, in lines for
/// programs.
pub(super) fn main(migrations: &Migrations<'static>, job: &Job<'_>) -> ExitCode {
    send(&wire::hello(migrations));
    // Nothing is touched before the other side has looked at that.
    let mut first = String::new();
    if io::stdin().read_line(&mut first).is_err() || first.trim_end() != wire::START {
        return ExitCode::FAILURE;
    }
    let ended = Input::listen().and_then(|input| {
        let target = Target::handed_over(migrations.dialect, job)?;
        target.open(Handover { migrations, job, input: &input })
    });
    let ended =
        ended.unwrap_or_else(|failure| Err(Failed::by_surroundings(failure.lines().join("; "))));
    send(&wire::end(&ended));
    ExitCode::from(ended.map_or_else(|failed| failed.kind.exit(), |_| 0))
}

struct Handover<'r> {
    migrations: &'r Migrations<'static>,
    job: &'r Job<'r>,
    input: &'r Input,
}

impl Work for Handover<'_> {
    type Done = Result<Outcome, Failed>;

    fn with<C: Connect>(self, conn: &mut C, target: &Target) -> Result<Self::Done, Failure> {
        let mut observer = |event: &Event<'_>| send(&wire::event(event));
        let mut again = || target.connect::<C>();
        let mut backup = || self.input.ask_for_backup();
        let runner = self.job.runner(self.migrations);
        let runner = runner.observer(&mut observer).cancel_on(&self.input.stop);
        let mut runner = runner.reconnect_with(&mut again);
        if self.job.backup {
            runner = runner.backup_with(&mut backup);
        }
        Ok(runner.execute(conn, self.job.goal).map_err(|error| Failed::from(&error)))
    }
}

/// Writes a line. When nobody listens any more, the end of the input says so, too.
fn send(line: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

/// What comes in on standard input.
struct Input {
    stop: Arc<AtomicBool>,
    answers: Receiver<Result<String, String>>,
}

impl Input {
    fn listen() -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, answers) = mpsc::channel();
        let flag = Arc::clone(&stop);
        let listen = move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                match wire::answer(&line) {
                    Some(answer) => drop(sender.send(answer)),
                    None => flag.store(true, Ordering::Relaxed),
                }
            }
            // Nobody is there any more, as after a second signal: what ends soon may end well.
            if !flag.swap(true, Ordering::Relaxed) {
                thread::sleep(GRACE);
            }
            process::exit(1);
        };
        let started = thread::Builder::new().name("listen".to_owned()).spawn(listen);
        started.map_err(|error| Failure::new(format!("no thread can be started: {error}")))?;
        Ok(Self { stop, answers })
    }

    fn ask_for_backup(&self) -> Result<String, String> {
        send(&wire::question());
        self.answers.recv().unwrap_or_else(|_| Err("nobody makes it".to_owned()))
    }
}
