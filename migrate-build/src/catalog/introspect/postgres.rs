//! What PostgreSQL says of its objects.

use super::Ask;

/// Asks a PostgreSQL database for its schema: rows of one column, `statement`, for
/// [`Catalog::of_postgres`](super::Catalog::of_postgres).
pub const POSTGRES_SCHEMA: &str = include_str!("postgres.sql");

/// The definitions. The server names an object without its schema where the session would find it so:
/// that has to be the same in every session.
pub(super) fn ask<A: Ask>(ask: &mut A) -> Result<Vec<String>, A::Error> {
    let set = |path: &str| {
        let path = path.replace('\'', "''");
        format!("SELECT set_config('search_path', '{path}', false) AS statement")
    };
    let own = ask.ask("SELECT current_setting('search_path') AS statement")?.pop().flatten();
    ask.ask(&set("public"))?;
    let definitions = ask.ask(POSTGRES_SCHEMA)?.into_iter().flatten().collect();
    ask.ask(&set(&own.unwrap_or_default()))?;
    Ok(definitions)
}
