//! `cargo migrate down`

use migrate_build::suggest::did_you_mean;
use migrate_build::{Draft, Version};
use serde_json::json;

use crate::cli::{Down, Options};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::project::Project;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Down,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let directory = project.load()?;
    let version = args.version.as_deref().map(Version::normalised);
    let version = version.as_ref().map(Version::as_str);
    let draft = Draft::of(&directory, project.server, version)?.ok_or_else(|| {
        let versions = directory.entries.iter().map(|entry| entry.version.as_str());
        match &args.version {
            Some(typed) => Failure::usage(format!(
                "there is no migration `{typed}`{}",
                did_you_mean(&Version::normalised(typed).to_string(), versions)
            )),
            None => Failure::usage("there is no migration"),
        }
    })?;
    if draft.is_rust {
        let message = format!("{} is written in Rust, and so is its way back", draft.name);
        return Err(Failure::usage(message).help("write `pub fn down` in its `migration.rs`"));
    }
    let shown = project.shown.join(&draft.name).join("down.sql").display().to_string();
    if draft.is_there && !args.force {
        return Err(
            Failure::usage(format!("{shown} is there already")).help("`--force` replaces it")
        );
    }
    if draft.statements.is_empty() {
        let failure = Failure::new(format!("nothing of {} can be undone for certain", draft.name));
        return Err(draft
            .left
            .iter()
            .fold(failure, |failure, left| failure.note(left.clone()))
            .help("write `down.sql` by hand"));
    }
    write(&draft, &shown)?;
    reporter.result(&format!("{} {shown}", if draft.is_there { "replaced" } else { "created" }));
    reporter.object(&json!({
        "reason": "created", "version": args.version, "name": draft.name, "files": [shown],
        "left": draft.left, "lost": draft.lost,
    }));
    for lost in &draft.lost {
        reporter.note(&format!("{lost} cannot come back"));
    }
    if draft.left.is_empty() {
        return Ok(Exit::Success);
    }
    let failure = Failure::new(format!("{shown} does not undo everything yet"));
    Err(draft.left.iter().fold(failure, |failure, left| failure.note(left.clone())))
}

fn write(draft: &Draft, shown: &str) -> Result<(), Failure> {
    let text = draft.statements.join("\n") + "\n";
    let written = if draft.is_there {
        files::replace(&draft.path, &text)
    } else {
        files::create(&draft.path, &text)
    };
    written.map_err(|error| Failure::new(format!("cannot write {shown}: {error}")))
}
