//! What is newer than a git revision: `check --since REV`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use migrate_build::rules::is_about_files;
use migrate_build::{Diagnostic, Report};

use crate::failure::Failure;

/// The migrations in which something is newer than a revision.
pub(super) struct Since(BTreeSet<String>);

impl Since {
    /// Asks git what has changed in the migrations directory: what was committed since, what was not
    /// yet, and what git does not know yet.
    pub(super) fn of(directory: &Path, revision: &str) -> Result<Self, Failure> {
        let name = format!("{revision}^{{commit}}");
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &name];
        let commit = git(directory, &verify)?.ok_or_else(|| unknown(directory, revision))?;
        let commit = commit.trim();
        let changed =
            git(directory, &["diff", "--name-only", "-z", "--relative", commit, "--", "."])?;
        let new = git(directory, &["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?;
        let (Some(changed), Some(new)) = (changed, new) else {
            return Err(Failure::new(format!("git cannot compare the files with `{revision}`")));
        };
        let paths = changed.split('\0').chain(new.split('\0'));
        let directories = paths.filter_map(|path| Some(path.split_once('/')?.0.to_owned()));
        Ok(Self(directories.collect()))
    }

    /// Drops the findings in older migrations; returns how many.
    pub(super) fn drop_older(&self, report: &mut Report) -> usize {
        let before = report.findings.len();
        let shown = report.shown.clone();
        report.findings.retain(|finding| self.holds(finding, &shown));
        before - report.findings.len()
    }

    /// A finding with a place in a newer migration is new, wherever its other places are; and what is
    /// wrong with the files and their order is always wrong.
    fn holds(&self, finding: &Diagnostic, shown: &Path) -> bool {
        let mut directories = finding.labels.iter().filter_map(|label| {
            let below = label.place.path().strip_prefix(shown).ok()?;
            Some(below.components().next()?.as_os_str().to_string_lossy().into_owned())
        });
        is_about_files(finding.rule)
            || directories.clone().next().is_none()
            || directories.any(|directory| self.0.contains(&directory))
    }
}

/// What git says; nothing when it says no.
fn git(directory: &Path, arguments: &[&str]) -> Result<Option<String>, Failure> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("cannot start git: {error}")))?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn unknown(directory: &Path, revision: &str) -> Failure {
    match git(directory, &["rev-parse", "--is-inside-work-tree"]) {
        Ok(Some(_)) => Failure::usage(format!("git knows no revision `{revision}`"))
            .help("a shallow clone may lack it: `git fetch` gets it"),
        _ => Failure::usage("`--since` needs a git work tree, and this is none"),
    }
}
