//! Names of objects.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// The name of an object. Two are equal when the database takes one for the other; how they are
/// written makes no difference to that.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Name {
    /// Unquoted, and in lower case where its case does not count.
    folded: String,
    /// Unquoted, as it is written, where that is something else.
    written: Option<Box<str>>,
}

impl Name {
    /// A name from its unquoted text, where case does not count.
    #[must_use]
    pub fn new(unquoted: &str) -> Self {
        Self::spelled(unquoted.to_ascii_lowercase(), unquoted)
    }

    /// A name from its text as the database compares it.
    #[must_use]
    pub fn folded(text: impl Into<String>) -> Self {
        Self { folded: text.into(), written: None }
    }

    /// A name from its text as the database compares it, and as it is written.
    #[must_use]
    pub fn spelled(folded: String, unquoted: &str) -> Self {
        let written = (folded != unquoted).then(|| unquoted.into());
        Self { folded, written }
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.folded
    }

    /// The text as it is written, without quotes: what the database shows as its name.
    #[must_use]
    pub fn written(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.folded)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}
