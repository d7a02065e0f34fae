//! What MariaDB and MySQL say of each object.

use super::{Ask, Unread};

/// Lists what can be shown.
const OBJECTS: &str = include_str!("mysql.sql");

/// The definitions of what cannot be shown.
const PROGRAMS: &str = include_str!("mysql_programs.sql");

/// The definitions of a database, and what else it takes to read them.
pub(super) struct Definitions {
    pub(super) all: Vec<String>,
    /// What this user may not see.
    pub(super) hidden: Vec<Unread>,
    pub(super) collation: Option<String>,
}

/// Asks for all of them.
pub(super) fn ask<A: Ask>(ask: &mut A) -> Result<Definitions, A::Error> {
    let mut one = |query: &str| ask.ask(query).map(|mut rows| rows.pop().flatten());
    let database = one("SELECT database() AS statement")?.unwrap_or_default();
    let collation = one("SELECT @@collation_database AS statement")?;
    let (mut all, mut hidden) = (Vec::new(), Vec::new());
    for query in ask.ask(OBJECTS)?.into_iter().flatten() {
        match ask.ask(&query)?.pop().flatten() {
            Some(definition) => all.push(definition),
            None => hidden.push(Unread(query.replacen("SHOW CREATE ", "", 1))),
        }
    }
    all.extend(ask.ask(PROGRAMS)?.into_iter().flatten());
    let all = all.into_iter().map(|definition| script(&database, &definition)).collect();
    Ok(Definitions { all, hidden, collation })
}

/// A definition as a script. It names the database nowhere: it may be of any name. Tables refer to
/// others that come behind them.
pub(super) fn script(database: &str, definition: &str) -> String {
    let qualifier = format!("`{}`.", database.replace('`', "``"));
    format!("SET foreign_key_checks = 0; {}", definition.replace(&qualifier, ""))
}
