//! Findings as one document that code scanning reads ("Static Analysis Results Interchange Format
//! (SARIF) Version 2.1.0", OASIS).

use std::collections::BTreeMap;
use std::path::Path;

use migrate_build::render::level_word;
use migrate_build::{Diagnostic, Fix, Label, Place, Rule, Source, Span};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;

/// What a path of a URI does not hold as it is (RFC 3986, section 3.3).
const NO_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

/// What is to be written at the end.
#[derive(Debug, Default)]
pub(super) struct Sarif {
    rules: BTreeMap<&'static str, &'static Rule>,
    results: Vec<Value>,
    failures: Vec<Value>,
}

impl Sarif {
    pub(super) fn finding(&mut self, finding: &Diagnostic) {
        self.rules.insert(finding.rule.id, finding.rule);
        let notes = finding.notes.iter().map(ToString::to_string);
        let text: Vec<String> = std::iter::once(finding.message.clone()).chain(notes).collect();
        let mut labels = finding.labels.iter().map(location);
        let mut result = json!({
            "ruleId": finding.rule.id,
            "level": level_word(finding.level),
            "message": { "text": text.join("\n") },
            "locations": labels.next().into_iter().collect::<Vec<_>>(),
            "relatedLocations": labels.collect::<Vec<_>>(),
        });
        if let Some(mend) = &finding.fix {
            result["fixes"] = json!([fix(mend)]);
        }
        self.results.push(result);
    }

    pub(super) fn failure(&mut self, failure: &Failure) {
        let message = json!({ "text": failure.message });
        self.failures.push(json!({ "level": "error", "message": message }));
    }

    /// The document.
    pub(super) fn document(&self, exit: Exit) -> Value {
        let rules: Vec<Value> = self.rules.values().map(|rule| described(rule)).collect();
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "cargo-migrate",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": self.failures.is_empty(),
                    "exitCode": exit.code(),
                    "toolExecutionNotifications": self.failures,
                }],
                "results": self.results,
            }],
        })
    }
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation.trim() },
        "defaultConfiguration": { "level": level_word(rule.level) },
    })
}

fn location(label: &Label) -> Value {
    let mut place = json!({ "artifactLocation": artifact(label.place.path()) });
    if let Place::Text(source, span) = &label.place {
        place["region"] = region(source, *span);
    }
    let mut location = json!({ "physicalLocation": place });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn fix(fix: &Fix) -> Value {
    json!({
        "description": { "text": "write this instead" },
        "artifactChanges": [{
            "artifactLocation": artifact(fix.source.path()),
            "replacements": [{
                "deletedRegion": region(&fix.source, fix.span),
                "insertedContent": { "text": fix.replacement },
            }],
        }],
    })
}

/// A file, seen from where the command runs.
fn artifact(path: &Path) -> Value {
    let parts = path.to_string_lossy().replace('\\', "/");
    json!({ "uri": utf8_percent_encode(&parts, NO_PATH).to_string() })
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = (source.location(span.start), source.location(span.end));
    json!({
        "startLine": start.line, "startColumn": start.column,
        "endLine": end.line, "endColumn": end.column,
    })
}
