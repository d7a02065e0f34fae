//! What a statement outside of transactions has left behind.
use diesel::QueryResult;
use diesel::pg::PgConnection;

use super::fault;
use super::query;
use crate::backend::{Fault, Remains, Sought};
use crate::migrations::Object;

/// The name without its schema, as the catalog has it: folded, unquoted, cut at 63 bytes.
const BARE: &str = "(parse_ident($1))[cardinality(parse_ident($1))]::name";

/// Whether what a statement brings about is there; `None` where that cannot be told.
pub(super) fn look(conn: &mut PgConnection, sought: Sought<'_>) -> QueryResult<Option<bool>> {
    let Sought { object, exists, name, table } = sought;
    let of_table = |catalog: &str, relation: &str, column: &str| {
        format!(
            "EXISTS (SELECT FROM {catalog} WHERE {relation} = to_regclass($2) AND {column} = {BARE})"
        )
    };
    let condition = match object {
        Object::Relation => "to_regclass($1) IS NOT NULL".to_owned(),
        Object::Index => {
            // One that is not valid serves nobody; but it has to go all the same.
            let is_valid = if exists { "AND indisvalid" } else { "" };
            format!("EXISTS ({} {is_valid})", index(table))
        }
        Object::Column => of_table("pg_attribute", "NOT attisdropped AND attrelid", "attname"),
        Object::Constraint => of_table("pg_constraint", "conrelid", "conname"),
        Object::Trigger => of_table("pg_trigger", "NOT tgisinternal AND tgrelid", "tgname"),
        Object::Database => format!("EXISTS (SELECT FROM pg_database WHERE datname = {BARE})"),
        // Nothing that makes or drops one leaves a transaction.
        Object::Procedure | Object::Function | Object::Event => return Ok(None),
    };
    match query::holds(conn, &condition, &[name, table]) {
        Ok(is_there) => Ok(Some(is_there == exists)),
        // Not a name that this server can read.
        Err(error) if fault::fault(&error) == Fault::Statement => Ok(None),
        Err(error) => Err(error),
    }
}

/// The index of this name: on this table, wherever that is, or where the name leads.
fn index(table: &str) -> String {
    let which = if table.is_empty() {
        "i.indexrelid = to_regclass($1)".to_owned()
    } else {
        format!("i.indrelid = to_regclass($2) AND c.relname = {BARE}")
    };
    format!(
        "SELECT FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid \
         WHERE c.relkind IN ('i', 'I') AND {which}"
    )
}

/// What an interrupted or failed statement left behind: an index that is not valid. Dropped only when
/// nobody is at it any more.
pub(super) fn remains(conn: &mut PgConnection, sought: Sought<'_>) -> QueryResult<Remains> {
    let Sought { object, exists, name, table } = sought;
    if !exists {
        return Ok(Remains::None);
    }
    let (which, parameters) = match object {
        // Of `CREATE INDEX CONCURRENTLY` it has the name that is to be given.
        Object::Index if !table.is_empty() => {
            let which = format!("i.indrelid = to_regclass($2) AND c.relname = {BARE}");
            (which, vec![name, table])
        }
        // Of `REINDEX CONCURRENTLY` it is called so, and PostgreSQL's manual recommends to drop it.
        // One of a table for long values (TOAST) only a superuser could drop.
        Object::Index | Object::Relation => {
            let named = "SELECT to_regclass($1)::oid \
                         UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1))";
            let tables = match object {
                Object::Index => {
                    format!("SELECT indrelid FROM pg_index WHERE indexrelid IN ({named})")
                }
                _ => named.to_owned(),
            };
            let which = format!("c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid IN ({tables})");
            (which, vec![name])
        }
        _ => return Ok(Remains::None),
    };
    // Whoever builds one holds this lock on the table all the time; so does who vacuums.
    let sql = format!(
        "SELECT ARRAY[format('%I.%I', n.nspname, c.relname), (
            SELECT a.pid::text FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
            WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
            AND l.pid <> pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
            LIMIT 1
        )] AS cells
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {which} AND c.relkind = 'i' AND NOT i.indisvalid
        LIMIT 1"
    );
    let cells = match query::row(conn, &sql, &parameters) {
        Ok(cells) => cells.unwrap_or_default(),
        Err(error) if fault::fault(&error) == Fault::Statement => return Ok(Remains::None),
        Err(error) => return Err(error),
    };
    Ok(match <[_; 2]>::try_from(cells) {
        Ok([Some(_), Some(pid)]) => Remains::UnderWork { by: format!("server process {pid}") },
        Ok([Some(index), None]) => {
            Remains::Useless { removal: format!("DROP INDEX CONCURRENTLY {index}") }
        }
        _ => Remains::None,
    })
}
