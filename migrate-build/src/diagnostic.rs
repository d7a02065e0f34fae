//! The one currency of every check.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::rule::{Level, Rule};
use crate::source::{Source, Span};

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind of mistake.
    pub rule: &'static Rule,
    /// Its level here, configuration applied.
    pub level: Level,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// Where: the first is the place to go to.
    pub labels: Vec<Label>,
    /// What to do, and what to know.
    pub notes: Vec<Note>,
    /// A likely mend.
    pub fix: Option<Fix>,
}

/// A place, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// May be empty.
    pub text: String,
}

/// Where something is.
#[derive(Clone, Debug)]
pub enum Place {
    /// Bytes of a text.
    Text(Arc<Source>, Span),
    /// A file or directory as a whole.
    Path(PathBuf),
}

/// A remark below the excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// What to do.
    Help(String),
    /// What to know.
    Note(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Help(text) => write!(f, "help: {text}"),
            Self::Note(text) => write!(f, "note: {text}"),
        }
    }
}

/// A replacement that is likely to mend the finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// The source.
    pub source: Arc<Source>,
    /// What goes.
    pub span: Span,
    /// What comes instead.
    pub replacement: String,
}

impl Diagnostic {
    /// A finding of a rule, at the rule's own level.
    #[must_use]
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
        }
    }

    /// Points into a text.
    #[must_use]
    pub fn at(self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Self {
        self.label(Place::Text(Arc::clone(source), span), text)
    }

    /// Points at a file or directory.
    #[must_use]
    pub fn at_path(self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.label(Place::Path(path.into()), text)
    }

    fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Help(text.into()));
        self
    }

    /// Says what to know.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Note(text.into()));
        self
    }

    /// Offers a likely mend.
    #[must_use]
    pub fn fix(mut self, source: &Arc<Source>, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { source: Arc::clone(source), span, replacement: replacement.into() });
        self
    }

    /// Takes what a text hides out of everything that is said.
    pub(crate) fn redact(&mut self, source: &Source) {
        self.message = source.redacted(&self.message);
        for label in &mut self.labels {
            label.text = source.redacted(&label.text);
        }
        for Note::Help(text) | Note::Note(text) in &mut self.notes {
            *text = source.redacted(text);
        }
    }

    /// The file or directory to go to, if the finding has a place.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.labels.first().map(|label| label.place.path())
    }
}

impl Place {
    /// The file or directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Text(source, _) => source.path(),
            Self::Path(path) => path,
        }
    }
}
