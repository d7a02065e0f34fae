//! `--files`: another tool's files, written in our layout.

use serde_json::json;

use crate::adopt::{self, files};
use crate::cli::Adopt;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::scaffold::{self, Draft};

/// Converts what is asked for, and writes it unless nothing is to be changed.
pub(super) fn files(
    args: &Adopt,
    project: &Project,
    reporter: &Reporter,
) -> Result<Vec<files::Converted>, Failure> {
    let (Some(directory), Some(name)) = (&args.files, &args.from) else { return Ok(Vec::new()) };
    let tool = adopt::named(name)?;
    let converted = files::read(directory, tool.layout, tool.title)?;
    for one in &converted {
        let to = project.shown.join(one.directory());
        reporter.result(&format!("{}  ->  {}", one.file, to.display()));
    }
    let drafts: Vec<Draft> = converted.iter().map(|one| one.draft(tool.title)).collect();
    if !args.dry_run {
        let created = scaffold::create_all(&project.dir, &drafts)?;
        for one in &created {
            let name = one.dir.file_name().unwrap_or_default().to_string_lossy();
            reporter.object(&json!({
                "reason": "created", "version": one.version, "name": name,
                "files": one.files.iter().map(|file| file.to_string_lossy()).collect::<Vec<_>>(),
            }));
        }
        reporter.result(&format!(
            "{} written, {} there already",
            created.len(),
            converted.len() - created.len()
        ));
    }
    let lost = drafts.iter().filter(|draft| draft.down.is_none()).count();
    if lost > 0 {
        reporter.note(&format!(
            "{lost} had no way back: `up.sql` says so; `cargo migrate down` writes one as far as it can"
        ));
    }
    Ok(converted)
}

/// The end, where no database has run them, or none is looked at.
pub(super) fn without_history(dry_run: bool, reporter: &Reporter) -> Exit {
    reporter.note(if dry_run {
        "nothing was written, and no database was looked at"
    } else {
        "no history was taken over: where these have run, `cargo migrate adopt` does it"
    });
    Exit::Success
}
