//! `cargo migrate reset`

use std::thread::sleep;
use std::time::{Duration, Instant};

use migrate_runtime::{Goal, Target};
use serde_json::json;

use super::{Work, ask, run};
use crate::cli::{Options, Reset};
use crate::database::Address;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

/// How long somebody who has just left may still be listed: a server notices a little later.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) fn run(
    options: &Options,
    args: &Reset,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    // Nothing is dropped for files that could not be run afterwards.
    let work = Work::prepare(options, reporter, args.lock_timeout)?;
    let database = work.address().shown();
    if let Some(protection) = work.protection() {
        let name = protection.name();
        return Err(Failure::usage(format!(
            "nothing was dropped: {database} is that of the protected environment `{name}`"
        ))
        .help("where it is meant all the same, drop and make the database by hand"));
    }
    let others = others(work.address())?;
    if !others.is_empty() && !args.force {
        let mut failure = Failure::new(format!("nothing was dropped: others use {database}"))
            .help("close them; from a server, `--force` disconnects them");
        failure.notes = others;
        return Err(failure);
    }
    work.make_ready()?;
    let what = format!("{database} will be dropped, with all that is in it");
    ask::whether(&what, args.yes, reporter)?;
    if work.address().renew(args.force)? {
        reporter.progress("Dropped", &database);
        reporter.object(&json!({ "reason": "database", "event": "dropped", "what": database }));
    } else {
        work.create_database(reporter)?;
    }
    let goal = Goal::Run(Target::All);
    let mut connection = work.open_for(goal)?;
    let outcome = work.execute(&mut connection, goal, reporter)?;
    reporter.result(&run::summary(&outcome, Target::All));
    Ok(Exit::Success)
}

/// Who else uses the database, and stays.
fn others(address: &dyn Address) -> Result<Vec<String>, Failure> {
    let started = Instant::now();
    loop {
        let others = address.others()?;
        if others.is_empty() || started.elapsed() >= FAREWELL {
            return Ok(others);
        }
        sleep(FAREWELL / 10);
    }
}
