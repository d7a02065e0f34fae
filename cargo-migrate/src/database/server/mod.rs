//! What the databases have in common that are reached over a network.

pub(super) mod backup;
mod connect;
mod parts;
pub(super) mod url;

use std::fmt::Display;

use diesel::QueryableByName;
use diesel::sql_types::Text;

use migrate_build::config::UrlParts;

use super::none_given;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::project::Project;

pub(super) use connect::{Problem, establish};
pub(super) use url::{Host, ServerUrl};

/// The address that the variables with its parts give.
///
/// # Errors
/// When they do not give one.
pub(super) fn joined(environment: &Environment, project: &Project) -> Result<ServerUrl, Failure> {
    let Some(parts) = &project.url_parts else { return Err(none_given(project, "")) };
    parts::join(parts, environment)?.ok_or_else(|| {
        let UrlParts { host, port, name, user, password } = parts;
        let or = format!(", or its parts `{name}`, `{host}`, `{port}`, `{user}` and `{password}`");
        none_given(project, &or)
    })
}

/// A row of one column.
#[derive(QueryableByName)]
pub(super) struct Line {
    #[diesel(sql_type = Text)]
    pub(super) text: String,
}

/// The failure for what the server was asked and did not do.
pub(super) fn not_done(what: &str, url: &ServerUrl, why: impl Display) -> Failure {
    Failure::new(format!("cannot {what} {}: {why}", url.shown()))
}

/// The lines of what was said, each once: for each address and each way to connect a client library
/// may say the same.
pub(super) fn lines(said: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
