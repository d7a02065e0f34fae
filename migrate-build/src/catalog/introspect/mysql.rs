//! What MariaDB and MySQL say of each object.

use super::{Ask, Unread};
use crate::sql::Class;

/// Lists what can be shown.
const OBJECTS: &str = include_str!("mysql.sql");

/// The definitions of what cannot be shown.
const PROGRAMS: &str = include_str!("mysql_programs.sql");

const RIGHTS: &str = include_str!("mysql_rights.sql");

/// The right without which nothing is shown of a class. Routines are shown to who may call them.
const NEEDED: [(Class, &str); 6] = [
    (Class::Table, "SELECT"),
    (Class::View, "SHOW VIEW"),
    (Class::Trigger, "TRIGGER"),
    (Class::Event, "EVENT"),
    (Class::Function, "EXECUTE"),
    (Class::Procedure, "EXECUTE"),
];

/// The definitions of a database, and what else it takes to read them.
pub(super) struct Definitions {
    pub(super) all: Vec<String>,
    /// What this user may not see.
    pub(super) hidden: Vec<Unread>,
    /// The classes of which this user may not see all.
    pub(super) unseen: Vec<Class>,
    pub(super) collation: Option<String>,
}

/// Asks for all of them.
pub(super) fn ask<A: Ask>(ask: &mut A) -> Result<Definitions, A::Error> {
    let mut one = |query: &str| ask.ask(query).map(|mut rows| rows.pop().flatten());
    let database = one("SELECT database() AS statement")?.unwrap_or_default();
    let collation = one("SELECT @@collation_database AS statement")?;
    let rights: Vec<String> = ask.ask(RIGHTS)?.into_iter().flatten().collect();
    let is_unseen = |(_, right): &&(Class, &str)| !rights.iter().any(|given| given == right);
    let unseen: Vec<Class> = NEEDED.iter().filter(is_unseen).map(|(class, _)| *class).collect();
    let may_show =
        |query: &String| !(unseen.contains(&Class::View) && query.starts_with("SHOW CREATE VIEW"));
    let (mut all, mut hidden) = (Vec::new(), Vec::new());
    for query in ask.ask(OBJECTS)?.into_iter().flatten().filter(may_show) {
        match ask.ask(&query)?.pop().flatten() {
            Some(definition) => all.push(definition),
            None => hidden.push(Unread::unlisted(query.replacen("SHOW CREATE ", "", 1))),
        }
    }
    all.extend(ask.ask(PROGRAMS)?.into_iter().flatten());
    let all = all.into_iter().map(|definition| script(&database, &definition)).collect();
    Ok(Definitions { all, hidden, unseen, collation })
}

/// A definition as a script. It names the database nowhere: it may be of any name. Tables refer to
/// others that come behind them.
fn script(database: &str, definition: &str) -> String {
    let qualifier = format!("`{}`.", database.replace('`', "``"));
    format!("SET foreign_key_checks = 0; {}", definition.replace(&qualifier, ""))
}
