//! `cargo migrate wait`

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cli::{Options, Wait};
use crate::database::{self, Address, CONNECT_LIMIT, Cause};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::signal::stop_flag;

/// The pauses between attempts: from the first on each is twice as long as the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// What an attempt gets at least, also when the time is up: one is always made.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) fn run(
    options: &Options,
    args: &Wait,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::of_database(options, &environment)?;
    let address = database::resolve(options, &environment, &project)?;
    let stop = stop_flag()?;
    until_up(&*address, Duration::from_secs(args.timeout), false, &stop, reporter)?;
    reporter.result(&format!("{} answers", address.shown()));
    Ok(Exit::Success)
}

/// Waits until the database answers. What waiting does not mend is told at once.
///
/// # Errors
/// When the time is up, with exit code 5; when there is something to mend; when it is to stop.
pub(super) fn until_up(
    address: &dyn Address,
    patience: Duration,
    may_be_missing: bool,
    stop: &AtomicBool,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let started = Instant::now();
    let (mut pause, longest) = PAUSES;
    let mut told = String::new();
    loop {
        let left = patience.saturating_sub(started.elapsed());
        let refused = match address.probe(left.clamp(SHORTEST, CONNECT_LIMIT)) {
            Ok(()) => return Ok(()),
            Err(refused) if may_be_missing && refused.cause() == Cause::NoDatabase => return Ok(()),
            Err(refused) => refused,
        };
        let may_pass = refused.cause().may_pass();
        let failure = Failure::from(refused);
        if !may_pass {
            return Err(failure);
        }
        let left = patience.saturating_sub(started.elapsed());
        if left.is_zero() {
            let waited = format!("that is so after {} s of waiting", patience.as_secs());
            return Err(failure.note(waited).exit(Exit::Pending));
        }
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::new("stopped on request"));
        }
        if told != failure.message {
            reporter.progress("Waiting", &format!("for the database: {}", failure.message));
            reporter.object(&json!({
                "reason": "wait", "event": "waiting", "message": failure.message,
            }));
            told = failure.message;
        }
        sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}
