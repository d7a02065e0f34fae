//! What a check is called, how severe it is, and what it means.

use std::fmt;
use std::str::FromStr;

/// How severe a finding is: the levels of cargo's `[lints]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not shown.
    Allow,
    /// Shown; the build goes on.
    Warn,
    /// Shown; the build fails.
    Deny,
    /// As `Deny`, and nothing can lower it.
    Forbid,
}

impl Level {
    /// The levels as configuration names them.
    pub const NAMES: [&'static str; 4] = ["allow", "warn", "deny", "forbid"];

    /// Whether a finding of this level fails the build.
    #[must_use]
    pub fn fails(self) -> bool {
        self >= Self::Deny
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAMES[*self as usize])
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "allow" => Ok(Self::Allow),
            "warn" => Ok(Self::Warn),
            "deny" => Ok(Self::Deny),
            "forbid" => Ok(Self::Forbid),
            _ => Err(format!(
                "unknown level `{text}`{}; levels are {}",
                crate::suggest::did_you_mean(text, Self::NAMES),
                Self::NAMES.join(", ")
            )),
        }
    }
}

/// One thing that can be wrong with migrations.
#[derive(Debug)]
pub struct Rule {
    /// Its name, kebab-case, after the bad pattern: `duplicate-version`.
    pub id: &'static str,
    /// The level that holds when nothing is configured. `Forbid`: not a matter of taste, cannot be
    /// configured.
    pub level: Level,
    /// One line.
    pub summary: &'static str,
    /// What it means, why, and what to write instead (Markdown).
    pub explanation: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Declares a rule whose explanation stands in `rules/<id>.md`.
macro_rules! rule {
    ($id:literal, $level:ident, $summary:literal) => {
        $crate::rule::Rule {
            id: $id,
            level: $crate::rule::Level::$level,
            summary: $summary,
            explanation: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $id, ".md")),
        }
    };
}
pub(crate) use rule;
