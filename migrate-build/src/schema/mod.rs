//! The schema that migrations make, as a text: one file for each format.

mod behind;
mod check;
mod compare;
mod diesel;
#[cfg(feature = "json")]
mod json;
mod sql;

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use crate::catalog::{Catalog, Entry};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::server::Server;
use crate::source::Source;
use crate::suggest::did_you_mean;

pub use check::{Watched, stale};
pub use diesel::Settings;

/// The rules about files that hold the schema.
pub(crate) static RULES: &[&[&Rule]] = &[&[&STALE_SCHEMA, &UNKNOWN_SCHEMA]];

static STALE_SCHEMA: Rule =
    rule!("stale-schema", Deny, "a schema file says something else than the migrations make");
static UNKNOWN_SCHEMA: Rule =
    rule!("unknown-schema", Deny, "what the migrations make is not known well enough to write it");

/// What a schema is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Diesel's `table!` macros.
    Diesel,
    /// The statements by which an empty database gets it.
    Sql,
    /// JSON, for programs.
    #[cfg(feature = "json")]
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Diesel,
        Self::Sql,
        #[cfg(feature = "json")]
        Self::Json,
    ];

    /// As it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Diesel => "diesel",
            Self::Sql => "sql",
            #[cfg(feature = "json")]
            Self::Json => "json",
        }
    }

    /// That of a file, as its name ends.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL.iter().copied().find(|format| extension == format.extension())
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Diesel => "rs",
            Self::Sql => "sql",
            #[cfg(feature = "json")]
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|format| format.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            let hint = did_you_mean(text, names.iter().copied());
            format!("unknown format `{text}`{hint}; formats are {}", names.join(", "))
        })
    }
}

/// The schema behind migrations.
#[derive(Debug)]
pub struct Schema {
    catalog: Catalog,
    server: Server,
    /// Why something may be there that is not in it.
    unknown: Option<Box<Diagnostic>>,
    /// The last script that was applied.
    last: Option<Arc<Source>>,
}

impl Schema {
    /// What it holds.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Why something may be there that is not in it, if so.
    #[must_use]
    pub fn unknown(&self) -> Option<&Diagnostic> {
        self.unknown.as_deref()
    }

    /// It as a text.
    ///
    /// # Errors
    /// The finding that says what of it is not known, or cannot be said in this format.
    pub fn text(&self, format: Format, settings: &Settings) -> Result<String, Box<Diagnostic>> {
        match format {
            Format::Diesel => diesel::text(self, settings),
            Format::Sql => sql::text(self),
            #[cfg(feature = "json")]
            Format::Json => json::text(self),
        }
    }
}

/// What is not known of an object.
fn unknown(entry: &Entry, why: impl Into<String>) -> Diagnostic {
    let label = format!("the {} is made here", entry.object.class());
    Diagnostic::new(&UNKNOWN_SCHEMA, why).at(&entry.source, entry.span, label)
}

/// What is not known of the whole.
fn unknown_here(schema: &Schema, why: impl Into<String>) -> Diagnostic {
    let finding = Diagnostic::new(&UNKNOWN_SCHEMA, why);
    match &schema.last {
        Some(last) => finding.at_path(last.path(), ""),
        None => finding,
    }
}
