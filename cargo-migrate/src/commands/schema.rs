//! `cargo migrate schema`

use std::path::Path;

use migrate_build::layout::Directory;
use migrate_build::schema::{Format, Schema as Made, Settings, stale};
use migrate_build::suggest::did_you_mean;
use migrate_build::{Cache, Version, verify_directory};
use serde_json::json;

use super::check::show_findings;
use crate::cli::{Options, Schema};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, shown};
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Schema,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let mut directory = project.load()?;
    if let Some(version) = &args.at {
        cut(&mut directory, version)?;
    }
    let cache = &mut Cache::default();
    let report = verify_directory(directory, project.server, &project.levels, cache)?;
    if report.fails() {
        show_findings(&report, reporter);
        return Ok(Exit::Failure);
    }
    let format = match (args.format, &args.check) {
        (Some(format), _) => format,
        (None, Some(file)) => Format::of_file(file).ok_or_else(|| {
            Failure::usage(format!("`{}` is of no known format", file.display()))
                .help("give `--format`")
        })?,
        (None, None) => Format::Diesel,
    };
    let settings = match format {
        Format::Diesel => project.print_settings()?,
        _ => Settings::default(),
    };
    let made = match Made::behind(&report, cache)?.text(format, &settings) {
        Ok(made) => made,
        Err(unknown) => {
            reporter.finding(&unknown);
            return Ok(Exit::Failure);
        }
    };
    match &args.check {
        Some(file) => check(options, args, file, format, &made, reporter),
        None => {
            reporter.content(&made);
            reporter.object(&json!({ "reason": "schema", "format": format.name(), "text": made }));
            Ok(Exit::Success)
        }
    }
}

/// Leaves away what is behind a version.
fn cut(directory: &mut Directory, typed: &str) -> Result<(), Failure> {
    let version = Version::normalised(typed);
    let Some(at) = directory.entries.iter().position(|entry| entry.version == version) else {
        let versions = directory.entries.iter().map(|entry| entry.version.as_str());
        let hint = did_you_mean(version.as_str(), versions);
        return Err(Failure::usage(format!("there is no migration `{typed}`{hint}")));
    };
    directory.entries.truncate(at + 1);
    Ok(())
}

fn check(
    options: &Options,
    args: &Schema,
    file: &Path,
    format: Format,
    made: &str,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let shown = shown(&std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
    let mut renew = "cargo migrate schema".to_owned();
    for (option, value) in [
        ("dir", options.dir.as_ref().map(|dir| dir.display().to_string())),
        ("dialect", options.dialect.map(|dialect| dialect.to_string())),
        ("at", args.at.clone()),
        ("format", Some(format.to_string())),
    ] {
        if let Some(value) = value {
            renew += &format!(" --{option} {value}");
        }
    }
    renew += &format!(" > {}", shown.display());
    match stale(format, file, &shown, made, &renew)? {
        Some(finding) => {
            reporter.finding(&finding);
            Ok(Exit::Failure)
        }
        None => {
            reporter.result(&format!("{} is what the migrations make", shown.display()));
            Ok(Exit::Success)
        }
    }
}
