//! `cargo migrate seal`

use migrate_build::Version;
use migrate_build::seal::{self as build, Refusal, Sealing};
use migrate_build::suggest::did_you_mean;
use serde_json::json;

use super::check;
use crate::cli::{Options, Seal};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lock_file;
use crate::project::Project;
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Seal,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let project = Project::resolve(options, &Environment::default())?;
    let to = args.to.as_deref().map(Version::normalised);
    let accept: Vec<Version> = args.accept.iter().map(|v| Version::normalised(v)).collect();
    let with_findings = args.with_findings;
    seal(
        &project,
        build::Seal { to: to.as_ref(), accept: &accept, with_findings },
        false,
        reporter,
    )?;
    Ok(Exit::Success)
}

/// Seals, and says what is sealed now.
pub(super) fn seal(
    project: &Project,
    seal: build::Seal<'_>,
    is_terse: bool,
    reporter: &mut Reporter,
) -> Result<(), Failure> {
    let _alone = lock_file::alone(project)?;
    let report = project.verify()?;
    let sealing = match seal.of(&report) {
        Ok(sealing) => sealing,
        Err(refusal) => {
            check::show_findings(&report, reporter);
            return Err(refused(refusal, &report));
        }
    };
    let written = lock_file::write(project, &report.lock, &sealing)?;
    show(&sealing, is_terse, reporter);
    for path in written {
        reporter.progress("Wrote", &path.display().to_string());
    }
    reporter.summarise("sealed", sealing.lock.sealed.len());
    Ok(())
}

/// Says what is sealed now; in one line, where there may be hundreds.
fn show(sealing: &Sealing, is_terse: bool, reporter: &Reporter) {
    let each = [
        ("sealed", &sealing.added),
        ("sealed anew", &sealing.renewed),
        ("forgotten", &sealing.forgotten),
    ];
    for (what, names) in each {
        for name in names {
            if !is_terse {
                reporter.result(&format!("{what:<11}  {name}"));
            }
            let event = what.replace(' ', "-");
            reporter.object(&json!({"reason": "seal", "event": event, "name": name}));
        }
    }
    let total = sealing.lock.sealed.len();
    reporter.result(&match (sealing.is_empty(), total) {
        (true, 0) => "there is nothing to seal".to_owned(),
        (true, _) => format!("nothing to seal: all of {total} are sealed already"),
        (false, _) => format!("{total} sealed"),
    });
}

fn refused(refusal: Refusal, report: &migrate_build::Report) -> Failure {
    let failure = match refusal {
        Refusal::Error(error) => return error.into(),
        refusal => refusal,
    };
    let message = format!("nothing was sealed: {failure}");
    match failure {
        Refusal::Unknown(version) => {
            let versions = report.migrations.iter().map(|migration| migration.version.as_str());
            let hint = did_you_mean(version.as_str(), versions);
            Failure::usage(format!("{message}{hint}"))
        }
        Refusal::Findings { can_be_sealed: true, .. } => Failure::new(message)
            .help("mend them first: afterwards they cannot be changed any more")
            .help("`--with-findings` seals what is released already as it is"),
        Refusal::Findings { can_be_sealed: false, .. } => {
            Failure::new(message).help("mend them first: nothing is known of what cannot be read")
        }
        Refusal::Changed(findings) => {
            let rules = findings.len();
            let what = if rules == 1 { "the finding says" } else { "the findings say" };
            Failure::new(message).help(format!("{what} what to do"))
        }
        _ => Failure::new(message),
    }
}
