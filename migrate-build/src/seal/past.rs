//! The text that was sealed, where git has it. The lock file has its checksum alone, by which it is
//! known again; without git, a finding says less.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::checksum::Checksum;
use crate::source::{Source, Span, count};

/// How many of a file's revisions are looked at.
const REVISIONS: &str = "--max-count=50";

/// The sealed text of a file below the migrations directory.
pub(super) fn text(directory: &Path, file: &Path, sealed: Checksum) -> Option<String> {
    let revisions = git(directory, &["rev-list", REVISIONS, "HEAD", "--"], Some(file))?;
    let file = file.to_str()?.replace('\\', "/");
    revisions.lines().find_map(|revision| {
        let text = git(directory, &["cat-file", "blob", &format!("{revision}:./{file}")], None)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
        (Checksum::of(&text) == sealed).then_some(text)
    })
}

fn git(directory: &Path, arguments: &[&str], file: Option<&Path>) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .args(file)
        // What is not here is not fetched for the sake of a message.
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

/// The lines in which two texts differ, between those at the beginning and at the end that are equal.
pub(super) fn difference(old: &Arc<Source>, new: &Arc<Source>) -> [Span; 2] {
    let lines = |source: &Arc<Source>| -> Vec<String> {
        source.text().split_inclusive('\n').map(str::to_owned).collect()
    };
    let (before, after) = (lines(old), lines(new));
    let start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before.iter().rev().zip(after.iter().rev());
    let rest = rest.take_while(|(a, b)| a == b).count();
    let rest = rest.min(before.len().min(after.len()) - start);
    [before, after].map(|lines| {
        let bytes = |lines: &[String]| count(lines.iter().map(String::len).sum());
        let from = bytes(&lines[..start]);
        let until = from + bytes(&lines[start..lines.len() - rest]);
        Span::new(from, until)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_by_the_line() {
        for (old, new, [before, after]) in [
            ("a\nb\nc\n", "a\nx\nc\n", ["b\n", "x\n"]),
            ("a\nc\n", "a\nb\nc\n", ["", "b\n"]),
            ("a\nb\nc\n", "a\nc\n", ["b\n", ""]),
            ("a\na\n", "a\na\na\n", ["", "a\n"]),
            ("a", "a\n", ["a", "a\n"]),
            ("", "a\n", ["", "a\n"]),
            ("ä\n", "ö\n", ["ä\n", "ö\n"]),
        ] {
            let [old, new] = [old, new].map(|text| Arc::new(Source::new("up.sql", text)));
            let [was, is] = difference(&old, &new);
            assert_eq!([old.slice(was), new.slice(is)], [before, after]);
        }
    }
}
