//! What a migration must not do to rows that it does not name.
//!
//! The server counts what a transaction deletes and inserts, table by table, and shows it to that
//! transaction at once: exact, and without a look at any row. What `TRUNCATE … CASCADE` takes along
//! it does not count; so where a script has both words, the tables that refer to the named ones are
//! asked for a row before and after.
use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use diesel::pg::PgConnection;

use super::query;
use crate::backend::{LEDGER, Loss, mentions};
use crate::history::Cell;

/// What there was before.
#[derive(Debug)]
pub struct Watched {
    /// How many rows this transaction had deleted net of what it inserted, by the table's number.
    deleted: HashMap<String, i64>,
    /// Tables with rows that `TRUNCATE … CASCADE` could take along.
    reached: Vec<String>,
}

/// The tables that this transaction deleted rows from or inserted any into, and how many more it
/// deleted. The server's view of these numbers, `pg_stat_xact_user_tables`, joins all the indexes to
/// them and takes ten times as long.
const DELETED: &str = "
SELECT ARRAY[
    oid::text,
    (pg_stat_get_xact_tuples_deleted(oid) - pg_stat_get_xact_tuples_inserted(oid))::text,
    relname::text
] AS cells
FROM pg_class WHERE relkind = 'r' AND relpersistence <> 't'
    AND pg_stat_get_xact_tuples_deleted(oid) + pg_stat_get_xact_tuples_inserted(oid) > 0
ORDER BY relname";

/// What happens to a partition happens to its ancestors; the schema is for the server's own tables.
const ANCESTORS: &str = "
WITH RECURSIVE ancestor (oid) AS (
    SELECT inhparent FROM pg_inherits WHERE inhrelid = $1::oid
    UNION SELECT inhparent FROM pg_inherits JOIN ancestor ON inhrelid = ancestor.oid
)
SELECT ARRAY[relname::text] AS cells FROM ancestor JOIN pg_class USING (oid)
UNION ALL
SELECT ARRAY[NULL] FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = $1::oid AND nspname IN ('pg_catalog', 'information_schema')";

const REFERENCES: &str = "
SELECT ARRAY[p.relname::text, k.confrelid::text, c.relname::text, k.conrelid::text] AS cells
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_class AS p ON p.oid = k.confrelid WHERE k.contype = 'f'";

pub(super) fn watch(
    conn: &mut PgConnection,
    sql: &str,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<Watched> {
    let rows = query::rows(conn, DELETED, &[])?;
    let deleted = rows.into_iter().filter_map(deleted).map(|(oid, n, _)| (oid, n)).collect();
    let mut reached = Vec::new();
    if mentions(sql, "truncate") && mentions(sql, "cascade") {
        let rows = query::rows(conn, REFERENCES, &[])?;
        let references: Vec<_> = rows.into_iter().filter_map(reference).collect();
        for table in reached_from(&references, is_named) {
            if has_rows(conn, table)? {
                reached.push(table.to_owned());
            }
        }
    }
    Ok(Watched { deleted, reached })
}

pub(super) fn loss(
    conn: &mut PgConnection,
    watched: &Watched,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<Option<Loss>> {
    for row in query::rows(conn, DELETED, &[])? {
        let Some((oid, deleted, table)) = deleted(row) else { continue };
        let lost = deleted - watched.deleted.get(&oid).copied().unwrap_or(0);
        let is_meant = is_named(&table) || LEDGER.contains(&table.as_str());
        if lost > 0 && !is_meant && !has_meant_ancestor(conn, &oid, is_named)? {
            return Ok(Some(Loss { table, lost: Some(lost), before: None }));
        }
    }
    for oid in &watched.reached {
        if !has_rows(conn, oid)? {
            let sql = "SELECT ARRAY[relname::text] AS cells FROM pg_class WHERE oid = $1::oid";
            let name = query::row(conn, sql, &[oid])?.into_iter().flatten().flatten().next();
            // What is dropped by now, the script or a cascade dropped by its name.
            if let Some(table) = name {
                return Ok(Some(Loss { table, lost: None, before: None }));
            }
        }
    }
    Ok(None)
}

/// Whether a table is a partition of one that is named, or the server's own.
fn has_meant_ancestor(
    conn: &mut PgConnection,
    oid: &str,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<bool> {
    let ancestors = query::rows(conn, ANCESTORS, &[oid])?;
    let mut names = ancestors.iter().flatten();
    Ok(names.any(|name| name.as_deref().is_none_or(is_named)))
}

/// A table by its number, what it lost, and its name.
fn deleted(row: Vec<Cell>) -> Option<(String, i64, String)> {
    let mut cells = row.into_iter().flatten();
    Some((cells.next()?, cells.next()?.parse().ok()?, cells.next()?))
}

/// A foreign key: the table it refers to and the one that refers, each by name and number.
fn reference(row: Vec<Cell>) -> Option<[String; 4]> {
    row.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// The tables, by number, that refer to those that are named, directly or by others, and are not
/// named themselves.
fn reached_from<'r>(
    references: &'r [[String; 4]],
    is_named: &dyn Fn(&str) -> bool,
) -> Vec<&'r str> {
    let mut reached = HashSet::new();
    loop {
        let known = reached.len();
        for [parent_name, parent, child_name, child] in references {
            if (is_named(parent_name) || reached.contains(parent.as_str())) && !is_named(child_name)
            {
                reached.insert(child.as_str());
            }
        }
        if reached.len() == known {
            let mut reached: Vec<_> = reached.into_iter().collect();
            reached.sort_unstable();
            return reached;
        }
    }
}

/// Whether a table, given by number, has a row. A table that is gone has none.
fn has_rows(conn: &mut PgConnection, oid: &str) -> QueryResult<bool> {
    let sql = "SELECT ARRAY[c.oid::regclass::text] AS cells FROM pg_class AS c
        WHERE c.oid = $1::oid";
    let name = query::row(conn, sql, &[oid])?.into_iter().flatten().flatten().next();
    match name {
        // As the server writes it: quoted, and with its schema where that is needed.
        Some(table) => query::holds(conn, &format!("EXISTS (SELECT FROM {table})"), &[]),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_from_what_is_named_to_what_is_not() {
        let key = |parent: &str, child: &str| {
            [parent, &format!("#{parent}"), child, &format!("#{child}")].map(str::to_owned)
        };
        let references =
            [key("c", "d"), key("a", "b"), key("b", "c"), key("x", "y"), key("a", "a")];
        let from =
            |named: &[&str]| reached_from(&references, &|name| named.contains(&name)).join(" ");
        assert_eq!(from(&["a"]), "#b #c #d");
        assert_eq!(from(&["a", "c"]), "#b #d");
        assert_eq!(from(&["y"]), "");
    }
}
