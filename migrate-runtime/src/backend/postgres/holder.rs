//! Who is in the way.
use diesel::pg::PgConnection;

use super::query;
use super::session::Session;

/// A role may see little of others: what it may not is left out.
const WHO: &str = "SELECT ARRAY[a.pid::text, a.application_name, a.state,
    to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), ";

/// The session that holds the lock of the run.
pub(super) fn of_run(conn: &mut PgConnection, session: &Session) -> Option<String> {
    let key = session.key;
    let sql = format!(
        "{WHO} NULL] AS cells
        FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32 | l.objid::bigint) = {key} AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        LIMIT 1"
    );
    found(conn, &sql, &[])
}

/// Of the sessions that hold a lock on what a statement mentions, the one that has been at it for
/// longest. The statement's own wait is over, so it cannot be asked any more who it waited for.
pub(super) fn of_statement(conn: &mut PgConnection, statement: &str) -> Option<String> {
    let sql = format!(
        "{WHO} c.relname::text] AS cells
        FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
        JOIN pg_class AS c ON c.oid = l.relation
        WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f')
        AND strpos(lower($1), lower(c.relname::text)) > 0
        ORDER BY a.xact_start NULLS LAST, l.pid LIMIT 1"
    );
    found(conn, &sql, &[statement])
}

fn found(conn: &mut PgConnection, sql: &str, parameters: &[&str]) -> Option<String> {
    let cells = query::row(conn, sql, parameters).ok()??;
    let [pid, application, state, since, table] = <[_; 5]>::try_from(cells).ok()?;
    let mut who = format!("server process {}", pid?);
    let mut add = |before: &str, what: Option<String>, after: &str| {
        if let Some(what) = what.filter(|what| !what.is_empty()) {
            who.push_str(before);
            who.push_str(&what);
            who.push_str(after);
        }
    };
    add(" (", application, ")");
    add(", ", state, "");
    add(", since ", since, " UTC");
    add(", with a lock on `", table, "`");
    Some(who)
}
