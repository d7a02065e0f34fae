//! `cargo migrate new`

use std::env;
use std::process::Command;

use serde_json::json;

use crate::cli::{New, Options};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::scaffold::{self, Created, Error, Intent, Kind, Request};

pub(super) fn run(options: &Options, args: &New, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let from = args.from.as_deref().map(scaffold::read).transpose()?;
    let request = Request {
        name: &args.name,
        columns: &args.columns,
        from: from.as_deref(),
        irreversible: args.irreversible.as_deref(),
        in_rust: args.rust,
        version: args.stamp.as_deref(),
    };
    let draft = request.draft(scaffold::dialect(project.server.dialect))?;
    let created = scaffold::create(&project.dir, &draft)?;
    show(&created, &project, reporter);
    let is_blank = draft.intent == Intent::Blank && from.is_none();
    if args.rust && !args.edit {
        reporter.note("write the functions: until then the crate does not compile");
    } else if is_blank && !args.edit {
        reporter.note("the name fits no template: write the SQL into the files");
    }
    if args.edit { edit(&created) } else { Ok(Exit::Success) }
}

fn show(created: &Created, project: &Project, reporter: &mut Reporter) {
    for file in &created.files {
        let below = file.strip_prefix(&project.dir).unwrap_or(file);
        reporter.result(&format!("created {}", project.shown.join(below).display()));
    }
    let name = created.dir.file_name().unwrap_or_default().to_string_lossy();
    reporter.object(&json!({
        "reason": "created", "version": created.version, "name": name,
        "files": created.files.iter().map(|file| file.to_string_lossy()).collect::<Vec<_>>(),
    }));
}

/// Opens the files in the editor that the environment names.
fn edit(created: &Created) -> Result<Exit, Failure> {
    let set = |name| env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(set).ok_or_else(|| {
        Failure::usage("the files were created, but neither `VISUAL` nor `EDITOR` is set")
    })?;
    // As git does: the variable may hold arguments.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let status = Command::new(program).args(words).args(&created.files).status();
    match status {
        Ok(status) if status.success() => Ok(Exit::Success),
        Ok(status) => Err(Failure::new(format!("the editor `{program}` ended with {status}"))),
        Err(error) => Err(Failure::new(format!("cannot start the editor `{program}`: {error}"))),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = match error.kind() {
            Kind::Usage => Self::usage(error.message()),
            Kind::Io => Self::new(error.message()),
        };
        error.help().iter().fold(failure, |failure, help| failure.help(help.clone()))
    }
}
