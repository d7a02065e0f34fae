//! `migrations.lock`: what is released, and stays as it is.
//!
//! One line a migration, and no line depends on all the others: a merge that keeps the lines of both
//! sides, in any order, is right. What a merge leaves of the order is said by each line itself, which
//! names the version that it was sealed behind.

mod text;

use std::fmt;
use std::sync::Arc;

use crate::checksum::{Checksum, TokenHasher};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::rust;
use crate::source::{Source, Span};
use crate::sql::Parser;
use crate::version::Version;

static BAD_LOCK: Rule = rule!("bad-lock", Forbid, "a `migrations.lock` that is not understood");

/// The rules about the file itself.
pub(crate) static RULES: &[&Rule] = &[&BAD_LOCK];

/// The file's name, in the migrations directory.
pub const FILE: &str = "migrations.lock";

/// What is sealed.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// The sealed migrations, ascending by version, each version once.
    pub sealed: Vec<Sealed>,
    /// The file; none when there is none.
    pub(crate) source: Option<Arc<Source>>,
    /// What is wrong with the file. The lines that could be read are in `sealed`.
    pub(crate) findings: Vec<Diagnostic>,
}

/// A sealed migration.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The directory's name.
    pub name: String,
    /// Its version: the name's.
    pub version: Version,
    /// The version that was the newest sealed one before it; nothing for the first.
    pub after: Option<Version>,
    /// `metadata.toml`: whether it runs inside a transaction.
    pub run_in_transaction: bool,
    /// `up.sql`
    pub up: Sum,
    /// `down.sql`, if there is one.
    pub down: Option<Sum>,
    /// Where its name stands in the file.
    pub(crate) span: Span,
}

/// What is kept of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The checksum of its text.
    pub checksum: Checksum,
    /// A hash over its tokens, comments and white space left out.
    pub tokens: u64,
}

impl Lock {
    /// Reads the file's text.
    pub(crate) fn parse(source: Arc<Source>) -> Self {
        text::parse(source)
    }

    /// A file that cannot be taken at all.
    pub(crate) fn refused(findings: Vec<Diagnostic>) -> Self {
        Self { findings, ..Self::default() }
    }

    /// Whether there is a file, and all of it was understood.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.source.is_some() && self.findings.is_empty()
    }

    /// Whether there is a file, understood or not.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.source.is_some() || !self.findings.is_empty()
    }

    /// The sealed migration of a version.
    #[must_use]
    pub fn get(&self, version: &Version) -> Option<&Sealed> {
        let at = self.sealed.binary_search_by(|sealed| sealed.version.cmp(version));
        at.ok().map(|at| &self.sealed[at])
    }

    /// The newest sealed migration.
    #[must_use]
    pub fn newest(&self) -> Option<&Sealed> {
        self.sealed.last()
    }
}

impl fmt::Display for Lock {
    /// The text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, f)
    }
}

impl Sealed {
    /// Whether the two say the same of the same migration.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.after == other.after
            && self.run_in_transaction == other.run_in_transaction
            && self.up == other.up
            && self.down == other.down
    }

    /// Whether the two are the same but for comments and white space.
    pub(crate) fn runs_the_same(&self, other: &Self) -> bool {
        let tokens = |sealed: &Self| (sealed.up.tokens, sealed.down.map(|down| down.tokens));
        self.name == other.name
            && self.after == other.after
            && self.run_in_transaction == other.run_in_transaction
            && tokens(self) == tokens(other)
    }
}

impl Sum {
    /// What is kept of a script's text.
    pub(crate) fn of(source: &Source, parser: &dyn Parser) -> Self {
        Self { checksum: Checksum::of(source.text()), tokens: tokens(source, parser) }
    }
}

/// A hash over all that the database reads.
pub(crate) fn tokens(source: &Source, parser: &dyn Parser) -> u64 {
    if rust::is_rust(source) {
        return rust::tokens_of(source.text());
    }
    let text = source.text();
    let mut hasher = TokenHasher::default();
    // Rows that follow a `COPY … FROM stdin` are no SQL: white space and dashes count there.
    if text.lines().any(|line| line == r"\.") {
        hasher.token(text.as_bytes());
        return hasher.finish();
    }
    for token in parser.tokens(text).into_iter().filter(|token| !token.is_comment()) {
        hasher.token(&text.as_bytes()[token.span.range()]);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
