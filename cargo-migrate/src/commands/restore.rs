//! `cargo migrate restore`

use std::path::{Path, PathBuf};

use migrate_build::suggest::nearest;
use serde_json::json;

use super::ask;
use crate::cli::{Options, Restore};
use crate::database::{self, Address};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::protection::Protection;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Restore,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::of_database(options, &environment)?;
    let address = database::resolve(options, &environment, &project)?;
    let copies = address.copies()?;
    let copy = chosen(args.from.as_deref(), copies, &*address)?;
    let (database, from) = (address.shown(), format!("`{}`", copy.display()));
    let what = format!("{database} is replaced by {from}");
    match Protection::of(options, &environment, &project, &*address)? {
        Some(protection) => protection.confirm(&what, &args.consent, reporter)?,
        None => ask::whether(&what, args.consent.yes, reporter)?,
    }
    let kept = address.restore(&copy)?.map(|kept| kept.display().to_string());
    reporter.object(&json!({
        "reason": "backup", "event": "restored", "what": database, "place": copy, "kept": kept,
    }));
    reporter.result(&format!("{database} is as {from} has it"));
    if let Some(kept) = kept {
        reporter.note(&format!("what it was before is kept in `{kept}`"));
    }
    Ok(Exit::Success)
}

/// The copy that is meant: the given one, or the newest.
fn chosen(
    given: Option<&Path>,
    copies: Vec<PathBuf>,
    address: &dyn Address,
) -> Result<PathBuf, Failure> {
    let Some(given) = given else {
        return copies.into_iter().next_back().ok_or_else(|| {
            Failure::new(format!("there is no backup beside {}", address.shown()))
                .help("`cargo migrate run --backup` makes one; another place is given as PATH")
        });
    };
    if given.exists() {
        return Ok(given.to_owned());
    }
    let names: Vec<String> = copies.iter().map(|copy| copy.display().to_string()).collect();
    let near = nearest(&given.display().to_string(), names.iter().map(String::as_str));
    let failure = Failure::usage(format!("there is no file `{}`", given.display()));
    Err(match near.or(names.last().map(String::as_str)) {
        Some(name) => failure.help(format!("there is `{name}`")),
        None => failure,
    })
}
