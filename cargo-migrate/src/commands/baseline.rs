//! `cargo migrate baseline`

use std::time::Duration;

use migrate_runtime::{BASELINE, Past};
use serde_json::json;

use super::{Work, failure};
use crate::cli::{Baseline, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Baseline,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let work = Work::prepare(options, reporter, args.lock_timeout)?;
    let mut connection = work.open_or_empty()?;
    let history = connection.history().map_err(|error| failure(error, work.address()))?;
    let open = work.with_set(|migrations| {
        let open = history.baseline(migrations, &args.version);
        open.map_err(|error| failure(error.into(), work.address()))
    })?;
    if !args.dry_run && !open.is_empty() {
        work.confirm("migrations are recorded that were never run", &args.consent, reporter)?;
        let mut connection = work.address().open()?;
        let past: Vec<Past<'_>> =
            open.iter().map(|migration| never_run(&migration.version)).collect();
        let tool = format!("{BASELINE}, cargo-migrate {}", env!("CARGO_PKG_VERSION"));
        work.record(&mut connection, &past, &tool)?;
    }
    let event = if args.dry_run { "planned" } else { "recorded" };
    for migration in &open {
        reporter.progress(if args.dry_run { "Would record" } else { "Recorded" }, &migration.name);
        reporter.object(&json!({
            "reason": "ledger", "event": event,
            "version": migration.version, "name": migration.name,
        }));
    }
    reporter.summarise(event, open.len());
    let count = match open.len() {
        0 => "nothing to record: all of that is applied".to_owned(),
        1 => "1 migration".to_owned(),
        n => format!("{n} migrations"),
    };
    reporter.result(&match (open.len(), args.dry_run) {
        (0, _) => count,
        (_, true) => format!("{count} to record as applied; nothing was changed"),
        (_, false) => format!("{count} recorded as applied, without being run"),
    });
    Ok(Exit::Success)
}

fn never_run(version: &str) -> Past<'_> {
    Past { version, batch: 0, applied_at: None, took: Duration::ZERO }
}
