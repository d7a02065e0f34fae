//! As rustc's `--error-format=json` prints it, so that editors and CI read it without an adapter.
//! The shape is the one of rustc's book, "JSON Output".

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Human, level_word};
use crate::diagnostic::{Diagnostic, Fix, Label, Note, Place};
use crate::source::{Source, Span};

/// A finding as cargo wraps it: `{"reason":"compiler-message","message":{…}}`, with a package and a
/// target of which nothing is built, because rust-analyzer passes lines without them over.
#[must_use]
pub fn finding(diagnostic: &Diagnostic) -> Value {
    let path = diagnostic.path().map(|path| path.to_string_lossy());
    json!({
        "reason": "compiler-message",
        "package_id": "migrations",
        "target": {
            "kind": ["custom-build"], "crate_types": ["bin"], "name": "migrations",
            "src_path": path.unwrap_or_default(),
        },
        "message": message(diagnostic),
    })
}

/// A finding in the shape of rustc's diagnostics. File names are as the source has them.
#[must_use]
pub fn message(diagnostic: &Diagnostic) -> Value {
    let labels = diagnostic.labels.iter().enumerate();
    let spans: Vec<Value> = labels.map(|(index, label)| span(label, index == 0)).collect();
    let notes = diagnostic.notes.iter().map(child);
    let children: Vec<Value> = notes.chain(diagnostic.fix.iter().map(fix_child)).collect();
    json!({
        "$message_type": "diagnostic",
        "message": diagnostic.message,
        "code": { "code": diagnostic.rule.id, "explanation": diagnostic.rule.explanation },
        "level": level_word(diagnostic.level),
        "spans": spans,
        "children": children,
        "rendered": format!("{}\n", Human::new(false).render(diagnostic)),
    })
}

fn child(note: &Note) -> Value {
    let (level, text) = match note {
        Note::Help(text) => ("help", text),
        Note::Note(text) => ("note", text),
    };
    json!({
        "message": text, "code": null, "level": level,
        "spans": [], "children": [], "rendered": null,
    })
}

fn fix_child(fix: &Fix) -> Value {
    let mut span = text_span(&fix.source, fix.span, "", true);
    span["suggested_replacement"] = json!(fix.replacement);
    span["suggestion_applicability"] = json!("MaybeIncorrect");
    json!({
        "message": "write this instead", "code": null, "level": "help",
        "spans": [span], "children": [], "rendered": null,
    })
}

fn span(label: &Label, primary: bool) -> Value {
    match &label.place {
        Place::Text(source, span) => text_span(source, *span, &label.text, primary),
        // rustc's shape has no span without a text: the first character of the file stands for it.
        Place::Path(path) => {
            let nothing = Arc::new(Source::new(path.clone(), ""));
            text_span(&nothing, Span::default(), &label.text, primary)
        }
    }
}

fn text_span(source: &Arc<Source>, span: Span, label: &str, primary: bool) -> Value {
    let (start, end) = (source.location(span.start), source.location(span.end));
    let text: Vec<Value> = (start.line..=end.line)
        .map(|line| {
            let whole = source.shown(source.line_span(line));
            let from = if line == start.line { start.column } else { 1 };
            let to = if line == end.line { end.column } else { width(&whole) + 1 };
            json!({ "text": whole, "highlight_start": from, "highlight_end": to })
        })
        .collect();
    json!({
        "file_name": source.path().to_string_lossy(),
        "byte_start": span.start, "byte_end": span.end,
        "line_start": start.line, "line_end": end.line,
        "column_start": start.column, "column_end": end.column,
        "is_primary": primary,
        "text": text,
        "label": (!label.is_empty()).then_some(label),
        "suggested_replacement": null, "suggestion_applicability": null, "expansion": null,
    })
}

fn width(line: &str) -> u32 {
    crate::source::count(line.chars().count())
}
