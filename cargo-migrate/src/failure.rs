//! Why a command could not do what it was asked to.

use std::fmt;
use std::path::Path;

use crate::exit::Exit;
use crate::project::shown;

/// An error, as it is shown, and how the process ends.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What is wrong: one line, or more where an error has details.
    pub(crate) message: String,
    /// What else is worth knowing, a line each.
    pub(crate) notes: Vec<String>,
    /// What to do, a line each.
    pub(crate) help: Vec<String>,
}

impl Failure {
    /// A failure with exit code 1.
    #[must_use]
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, message: message.into(), notes: Vec::new(), help: Vec::new() }
    }

    /// A failure with exit code 2: what was asked for makes no sense.
    #[must_use]
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    /// Says something beside it.
    #[must_use]
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With another exit code.
    #[must_use]
    pub(crate) fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<migrate_build::Error> for Failure {
    fn from(error: migrate_build::Error) -> Self {
        use migrate_build::Error;
        let exit = match error {
            Error::Config { .. } | Error::NotCompiledIn { .. } => Exit::Usage,
            Error::Io { .. } | Error::NoDirectory { .. } => Exit::Failure,
        };
        let error = match error {
            Error::Config { place, message } => {
                Error::Config { place: shown(Path::new(&place)).display().to_string(), message }
            }
            other => other,
        };
        let text = error.to_string();
        let mut lines = text.lines();
        let mut failure = Self::new(lines.next().unwrap_or_default()).exit(exit);
        for line in lines {
            failure = failure.help(line.strip_prefix("help: ").unwrap_or(line));
        }
        failure
    }
}
