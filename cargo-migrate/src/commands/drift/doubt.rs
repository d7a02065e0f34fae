//! Why it is not known what a database should hold, or what it holds.

use migrate_build::Report;
use migrate_build::catalog::Live;
use migrate_build::compare::{Comparison, Expected};
use migrate_runtime::{History, State};

use crate::failure::Failure;
use crate::reporter::Reporter;
use crate::set::with_set;

/// All of it.
pub(super) struct Doubts {
    /// The files are not those that were applied.
    files: Vec<String>,
    /// What is not followed.
    others: Vec<String>,
}

impl Doubts {
    /// Where files and ledger do not fit together.
    ///
    /// # Errors
    /// When the set cannot be made.
    pub(super) fn of(report: &Report, history: &History) -> Result<Self, Failure> {
        let files = with_set(report, |migrations| {
            let status = history.status(migrations);
            Ok(status
                .iter()
                .filter_map(|row| {
                    let name = &row.migration.name;
                    match row.state {
                        State::Missing => Some(format!(
                            "{name} is applied, and its files are gone: what it made is not known"
                        )),
                        State::Modified => Some(format!(
                            "{name} was edited since it was applied: it counts as it is now"
                        )),
                        State::Unfinished => Some(format!(
                            "{name} is unfinished: what it has done so far is not known"
                        )),
                        State::Applied | State::Baselined | State::Pending | State::OutOfOrder => {
                            None
                        }
                    }
                })
                .collect())
        })?;
        Ok(Self { files, others: Vec::new() })
    }

    /// What cannot be followed in scripts, or in what the database shows.
    pub(super) fn about(&mut self, expected: &Expected, live: &Live, comparison: &Comparison) {
        for statement in &expected.not_followed {
            let place = statement.source.location(statement.span.start);
            let path = statement.source.path().display().to_string();
            let (line, column, why) = (place.line, place.column, &statement.why);
            let said =
                format!("{path}:{line}:{column} is not followed, what it did is not known: {why}");
            self.others.push(said);
        }
        for key in &comparison.unknown {
            let (name, entry) = (&key.path, expected.catalog().get(key));
            let class = entry.map(|entry| entry.object.class());
            let said = match class {
                Some(class) if live.unseen.contains(&class) => {
                    format!("this user may not see whether there is the {class} `{name}`")
                }
                Some(class) => format!(
                    "the {class} `{name}` is made from a query or by a module: what it is made of is \
                     not compared"
                ),
                None => continue,
            };
            self.others.push(said);
        }
        for unread in live.unread.iter().filter(|unread| !unread.is_listed) {
            let text = unread.definition.split_whitespace().collect::<Vec<_>>().join(" ");
            self.others.push(format!("not followed in what the database shows: `{text}`"));
        }
    }

    /// Whether all is known.
    pub(super) fn are_none(&self) -> bool {
        self.files.is_empty() && self.others.is_empty()
    }

    /// Whether the files are not those that were applied: that can be mended.
    pub(super) fn are_about_files(&self) -> bool {
        !self.files.is_empty()
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.files.iter().chain(&self.others).cloned().collect()
    }

    /// Says them; also to who asked for results only.
    pub(super) fn show(&self, reporter: &Reporter) {
        for text in self.files.iter().chain(&self.others) {
            reporter.warning(text);
        }
    }
}
