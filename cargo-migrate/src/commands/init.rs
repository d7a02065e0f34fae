//! `cargo migrate init`

use std::env;

use serde_json::json;

use crate::cli::{Init, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::init::{Change, Crate, Options as Wanted, apply, cargo, plan};
use crate::project::find_manifest;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Init,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let dialect = options.dialect.unwrap_or(migrate_build::Dialect::Sqlite);
    if !dialect.is_compiled_in() {
        return Err(crate::database::not_compiled_in(dialect));
    }
    let manifest = find_manifest(options)?;
    let directory = options.dir.as_ref().map(|dir| dir.to_string_lossy());
    let krate = Crate::load(&manifest, directory.as_deref())?;
    let wanted = Wanted { dialect: dialect.name(), local: args.crates.clone() };
    let edits = plan(&krate, &wanted)?;
    let written = apply(&edits, &mut |arguments| {
        reporter.progress("Calling", &format!("cargo {}", arguments.join(" ")));
        cargo(arguments)
    })?;
    let here = env::current_dir().unwrap_or_default();
    for one in &written {
        let verb = match one.change {
            Change::Created => "created",
            Change::Changed => "changed",
        };
        let path = one.path.strip_prefix(&here).unwrap_or(&one.path);
        reporter.result(&format!("{verb} {}", path.display()));
        reporter
            .object(&json!({ "reason": "file", "event": verb, "path": path.to_string_lossy() }));
    }
    if written.is_empty() {
        reporter.result("everything is set up already");
    } else {
        reporter.note("`cargo migrate new create_users name:text!` makes the first migration");
    }
    Ok(Exit::Success)
}
