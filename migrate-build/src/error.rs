//! "Could not look": everything else is a [`crate::Diagnostic`].

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::render::escape;

/// Why migrations could not be looked at.
#[derive(Debug)]
pub enum Error {
    /// A file or directory could not be read.
    Io {
        /// What was being done: `read`, `list`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no migrations directory.
    NoDirectory {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The configuration cannot be used.
    Config {
        /// The manifest, with line and column where known.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// The parser for a dialect is not compiled in.
    NotCompiledIn {
        /// The dialect.
        dialect: crate::Dialect,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} `{}`: {source}", escape(&path.to_string_lossy()))
            }
            Self::NoDirectory { path } => write!(
                f,
                "there is no migrations directory `{}`\n\
                 help: `cargo migrate init` sets one up, `cargo migrate new NAME` makes the first \
                 migration; another place is configured as `dir` in `[package.metadata.migrate]`",
                escape(&path.to_string_lossy())
            ),
            Self::Config { place, message } => write!(f, "{}: {message}", escape(place)),
            Self::NotCompiledIn { dialect } => write!(
                f,
                "the parser for {} is not compiled in\n\
                 help: enable the feature `{dialect}` of `migrate-build` (or of `cargo-migrate`)",
                dialect.title(),
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
