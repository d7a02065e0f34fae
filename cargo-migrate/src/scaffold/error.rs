//! Why nothing was written.

use std::fmt;
use std::io;
use std::path::Path;

use migrate_build::render::escape;

/// Why nothing was written, and what to do about it.
///
/// Shown as one line, and a `= help:` line for each way out. Whatever came from outside (names,
/// paths, what another program said) has its control characters escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    help: Vec<String>,
}

/// Whose turn it is to mend something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for makes no sense: another command line mends it.
    Usage,
    /// The world around did not play along: a file, a lock, another program.
    Io,
}

impl Error {
    pub(crate) fn usage(message: impl AsRef<str>) -> Self {
        Self { kind: Kind::Usage, message: shown(message.as_ref()), help: Vec::new() }
    }

    pub(crate) fn failed(message: impl AsRef<str>) -> Self {
        Self { kind: Kind::Io, message: shown(message.as_ref()), help: Vec::new() }
    }

    /// `doing` completes "could not …".
    pub(crate) fn io(doing: &str, path: &Path, source: &io::Error) -> Self {
        Self::failed(format!("could not {doing} `{}`: {source}", path.display()))
    }

    pub(crate) fn with_help(mut self, line: impl AsRef<str>) -> Self {
        self.help.push(shown(line.as_ref()));
        self
    }

    /// Whose turn it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong: one line without a full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The ways out, a line each.
    #[must_use]
    pub fn help(&self) -> &[String] {
        &self.help
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|line| write!(f, "\n  = help: {line}"))
    }
}

impl std::error::Error for Error {}

/// Text that cannot drive a terminal.
fn shown(text: &str) -> String {
    escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn nothing_in_a_message_reaches_the_terminal_raw() {
        let error = Error::usage("`a\u{1b}[2J\n`").with_help("not `b\u{202e}`, but \"c\"");
        assert_eq!(error.to_string(), "`a\\u{1b}[2J\\n`\n  = help: not `b\\u{202e}`, but \"c\"");
    }
}
