//! Workflow commands of GitHub Actions, which its pages show beside the lines they are about
//! ("Workflow commands for GitHub Actions", "Setting an error message").

use std::fs;
use std::path::Path;

use migrate_build::render::{escape, level_word};
use migrate_build::{Diagnostic, Place};

use crate::failure::Failure;

/// A finding as an annotation: one line.
pub(super) fn finding(finding: &Diagnostic) -> String {
    let mut properties = Vec::new();
    if let Some(label) = finding.labels.first() {
        properties.push(("file", in_repository(label.place.path())));
        if let Place::Text(source, span) = &label.place {
            let (start, end) = (source.location(span.start), source.location(span.end));
            properties.push(("line", start.line.to_string()));
            properties.push(("endLine", end.line.to_string()));
            // Columns of several lines are no range.
            if start.line == end.line {
                properties.push(("col", start.column.to_string()));
                properties.push(("endColumn", end.column.to_string()));
            }
        }
    }
    properties.push(("title", format!("{}[{}]", level_word(finding.level), finding.rule.id)));
    let mut lines = vec![finding.message.clone()];
    lines.extend(finding.notes.iter().map(ToString::to_string));
    let command = match level_word(finding.level) {
        "note" => "notice",
        word => word,
    };
    annotation(command, &properties, &lines)
}

/// A path as the pages know it, wherever in the checkout the command runs.
fn in_repository(path: &Path) -> String {
    let root = std::env::var_os("GITHUB_WORKSPACE").and_then(|root| fs::canonicalize(root).ok());
    let whole = fs::canonicalize(path).ok();
    let within = root.zip(whole.as_deref()).and_then(|(root, whole)| whole.strip_prefix(root).ok());
    within.unwrap_or(path).to_string_lossy().into_owned()
}

/// Why a command failed, as an annotation.
pub(super) fn failure(failure: &Failure) -> String {
    let mut lines = vec![failure.message.clone()];
    lines.extend(failure.notes.iter().map(|text| format!("note: {text}")));
    lines.extend(failure.help.iter().map(|text| format!("help: {text}")));
    annotation("error", &[("title", "cargo migrate".to_owned())], &lines)
}

fn annotation(command: &str, properties: &[(&str, String)], lines: &[String]) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    // A failure may be of several lines; what else could drive a terminal is shown.
    let lines: Vec<String> =
        lines.iter().flat_map(|text| text.lines()).map(|line| data(&escape(line))).collect();
    format!("::{command} {}::{}\n", properties.join(","), lines.join("%0A"))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&escape(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_cannot_be_another_command() {
        let failed = Failure::new("100 %\n::stop-commands::x\r\nlast").help("a\u{1b}[2J");
        assert_eq!(
            failure(&failed),
            "::error title=cargo migrate::100 %25%0A::stop-commands::x%0Alast%0A\
             help: a\\u{1b}[2J\n"
        );
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25\\n");
    }
}
