//! Names of objects.

use serde::{Deserialize, Serialize};

/// The name of an object, as the database compares it: unquoted, and in lower case where its case
/// does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name(String);

impl Name {
    /// A name from its unquoted text, where case does not count.
    #[must_use]
    pub fn new(unquoted: &str) -> Self {
        Self(unquoted.to_ascii_lowercase())
    }

    /// A name from its text as the database compares it.
    #[must_use]
    pub fn folded(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
