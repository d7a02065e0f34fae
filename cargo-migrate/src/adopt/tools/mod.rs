//! The tools: one file each, or one for those that share a table.

mod dbmate;
mod diesel;
mod flyway;
mod golang_migrate;
mod goose;
mod knex;
mod refinery;
mod sea_orm;
mod sequelize;
mod sqlx;

use migrate_build::suggest::did_you_mean;

use super::files::Layout;
use super::past::{Past, Row};
use super::table::{Column, Value};
use crate::failure::Failure;

/// A tool whose history can be taken over.
#[derive(Debug)]
pub(crate) struct Tool {
    /// As `--from` names it.
    pub(crate) name: &'static str,
    /// Who shares its table.
    aliases: &'static [&'static str],
    /// As messages name it.
    pub(crate) title: &'static str,
    /// Its table, unless it is told another one.
    pub(crate) table: &'static str,
    /// The columns that tell it from other tables of this name,
    pub(super) has: &'static [&'static str],
    /// and those that only others have.
    pub(super) lacks: &'static [&'static str],
    /// What is read of a row.
    pub(super) columns: &'static [Column],
    /// The column that rows are ordered by.
    pub(super) order: &'static str,
    /// What the name of the table with its lock ends in; that has a column `is_locked`.
    pub(crate) lock: Option<&'static str>,
    /// What the rows mean.
    pub(super) past: fn(Vec<Vec<Value>>) -> Result<Past, Failure>,
    /// How its files are laid out.
    pub(crate) layout: Layout,
}

impl Tool {
    /// What its rows mean.
    ///
    /// # Errors
    /// When they say that something is half done, or are not what the tool writes.
    pub(crate) fn past(&self, rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
        (self.past)(rows)
    }

    /// Whether its table is our ledger, too.
    pub(crate) fn is_diesel(&self) -> bool {
        self.name == diesel::TOOL.name
    }
}

/// All of them.
pub(crate) static TOOLS: &[&Tool] = &[
    &diesel::TOOL,
    &sqlx::TOOL,
    &refinery::TOOL,
    &sea_orm::TOOL,
    &knex::TOOL,
    &sequelize::TOOL,
    &golang_migrate::TOOL,
    &goose::TOOL,
    &dbmate::TOOL,
    &flyway::TOOL,
];

/// The tool of this name.
///
/// # Errors
/// When there is none.
pub(crate) fn named(name: &str) -> Result<&'static Tool, Failure> {
    let names = || TOOLS.iter().flat_map(|tool| tool.aliases.iter().chain([&tool.name])).copied();
    let wanted = name.trim().to_lowercase();
    let is_it = |tool: &&&Tool| tool.name == wanted || tool.aliases.contains(&&*wanted);
    TOOLS.iter().find(is_it).copied().ok_or_else(|| {
        let mut all: Vec<&str> = names().collect();
        all.sort_unstable();
        let hint = did_you_mean(name, names());
        let all: Vec<String> = all.into_iter().map(|name| format!("`{name}`")).collect();
        Failure::usage(format!("nothing is known of the tool `{name}`{hint}"))
            .help(format!("known are {}", all.join(", ")))
    })
}

/// The cells of a row, one after the other.
struct Cells(std::vec::IntoIter<Value>);

impl Cells {
    fn of(row: Vec<Value>) -> Self {
        Self(row.into_iter())
    }

    /// The next one; none for NULL.
    fn optional(&mut self) -> Value {
        self.0.next().flatten()
    }

    /// The next one, which no tool leaves empty.
    fn required(&mut self, column: &str) -> Result<String, Failure> {
        self.optional().ok_or_else(|| {
            Failure::new(format!("the other tool's table has a row without `{column}`"))
        })
    }
}

/// Databases write truth as `1`, `t` or `true`.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "t" | "true" | "TRUE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_tool_is_recognised() {
        let failure = named("knx").unwrap_err();
        assert_eq!(failure.message, "nothing is known of the tool `knx`; did you mean `knex`?");
        assert_eq!(named("Umzug").unwrap().name, "sequelize");
    }

    #[test]
    fn every_name_is_given_once_and_no_table_is_wider_than_what_is_read() {
        let mut names: Vec<&str> = TOOLS
            .iter()
            .flat_map(|tool| tool.aliases.iter().chain([&tool.name]))
            .copied()
            .collect();
        let before = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), before);
        assert!(TOOLS.iter().all(|tool| tool.columns.len() <= 6));
    }
}
