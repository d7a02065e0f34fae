//! As rustc shows it.

use std::borrow::Cow;
use std::sync::Arc;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{
    AnnotationKind, Element, Group, Level as Title, Origin, Renderer, Snippet,
};

use super::escape;
use crate::diagnostic::{Diagnostic, Label, Note, Place};
use crate::rule::Level;
use crate::source::{Source, Span};

/// Renders diagnostics for people.
#[derive(Debug)]
pub struct Human {
    renderer: Renderer,
}

impl Human {
    /// With or without colours.
    #[must_use]
    pub fn new(color: bool) -> Self {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        Self { renderer: renderer.term_width(DEFAULT_TERM_WIDTH) }
    }

    /// One finding, several lines, no line end behind the last.
    #[must_use]
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let title = match diagnostic.level {
            Level::Allow => Title::NOTE,
            Level::Warn => Title::WARNING,
            Level::Deny | Level::Forbid => Title::ERROR,
        };
        let group = title
            .primary_title(escape(&diagnostic.message))
            .id(diagnostic.rule.id)
            .elements(self.places(&diagnostic.labels))
            .elements(notes(diagnostic));
        self.renderer.render(&[group as Group<'_>])
    }

    /// One element per file, in the order in which the labels first name it.
    fn places<'d>(&self, labels: &'d [Label]) -> Vec<Element<'d>> {
        let mut elements = Vec::new();
        for (index, label) in labels.iter().enumerate() {
            match &label.place {
                Place::Path(path) => {
                    elements
                        .push(Origin::path(escape(&path.to_string_lossy()).into_owned()).into());
                    if !label.text.is_empty() {
                        elements.push(Title::NOTE.message(escape(&label.text)).into());
                    }
                }
                Place::Text(source, _) if first_of_source(labels, index, source) => {
                    elements.push(excerpt(source, labels).into());
                }
                Place::Text(..) => {}
            }
        }
        elements
    }
}

fn notes(diagnostic: &Diagnostic) -> Vec<Element<'_>> {
    let written = diagnostic.notes.iter().map(|note| match note {
        Note::Help(text) => Title::HELP.message(escape_lines(text)).into(),
        Note::Note(text) => Title::NOTE.message(escape_lines(text)).into(),
    });
    let explain = format!("`cargo migrate explain {}` says more", diagnostic.rule.id);
    written.chain([Title::NOTE.message(explain).into()]).collect()
}

/// Notes may have several lines; everything else in them is escaped.
fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

fn first_of_source(labels: &[Label], index: usize, source: &Arc<Source>) -> bool {
    !labels[..index].iter().any(|label| span_in(label, source).is_some())
}

fn span_in(label: &Label, source: &Arc<Source>) -> Option<Span> {
    match &label.place {
        Place::Text(other, span) if Arc::ptr_eq(other, source) => Some(*span),
        _ => None,
    }
}

/// The renderer makes control characters visible, but for those behind ASCII, which some terminals
/// obey too. The one in their place is as long in bytes, so that spans stay right.
fn visible(text: &str) -> Cow<'_, str> {
    let is_c1 = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(is_c1) { text.replace(is_c1, "·").into() } else { text.into() }
}

/// The lines of a source that its labels are about. Only these are handed to the renderer, so that
/// the size of the file does not count.
fn excerpt<'d>(
    source: &'d Arc<Source>,
    labels: &'d [Label],
) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
    let spans: Vec<Span> = labels.iter().filter_map(|label| span_in(label, source)).collect();
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(start);
    let first_line = source.location(start).line;
    let window = Span::new(
        source.line_span(first_line).start,
        source.line_span(source.location(end).line).end.max(end),
    );
    let mut snippet = Snippet::source(visible(&source.shown(window)).into_owned())
        .line_start(first_line as usize)
        .path(escape(&source.path().to_string_lossy()).into_owned());
    for (index, label) in labels.iter().enumerate() {
        let Some(span) = span_in(label, source) else { continue };
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let within = Span::new(span.start - window.start, span.end - window.start);
        let text = (!label.text.is_empty()).then(|| escape(&label.text).into_owned());
        snippet = snippet.annotation(kind.span(within.range()).label(text));
    }
    snippet
}
