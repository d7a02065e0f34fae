//! The lock of a run: a named lock of the server's, which belongs to the session.
//!
//! It survives `COMMIT`, dies with the connection, and is free only when the last statement of a
//! dead client has ended.
use diesel::QueryResult;
use diesel::mysql::MysqlConnection;
use diesel::result::DatabaseErrorKind;

use super::fault::{lock_lost, refusal};
use super::query::{VALUE, literal, prepared_rows, rows, value};
use super::session::{MARK, Session};

/// The name of the lock, of 43 characters (MySQL allows 64). Such locks are the whole server's, so
/// the database is in it; in lower case, because to some servers `App` and `app` are one.
pub(super) const NAME: &str = "CONCAT('cm_', LEFT(SHA2(CONCAT(\
    CONVERT(LOWER(DATABASE()) USING utf8mb4), 0x00, '__diesel_schema_migrations'), 256), 40))";

/// Tries once. Waiting in the server would keep it from seeing that the run is to stop, and a
/// negative time to wait is no time without end in MariaDB but an error (measured on 10.11).
pub(super) fn take(conn: &mut MysqlConnection, session: &Session) -> QueryResult<bool> {
    let sql = format!("SELECT CAST(GET_LOCK({}, 0) AS CHAR)", literal(&session.lock));
    match value(prepared_rows(conn, &sql, &[])?).as_deref() {
        Some("1") => Ok(true),
        Some("0") => Ok(false),
        _ => {
            let message = "GET_LOCK failed: the server is out of memory, or the call was killed";
            Err(refusal(DatabaseErrorKind::Unknown, "0", message))
        }
    }
}

/// Fails unless this very session holds it. A proxy that spreads a client over several sessions, or
/// several clients over one, shows here, and so does a script that says `RELEASE_ALL_LOCKS`.
pub(super) fn prove(conn: &mut MysqlConnection, session: &Session) -> QueryResult<()> {
    let name = literal(&session.lock);
    let sql =
        format!("SELECT CAST(IS_USED_LOCK({name}) = CONNECTION_ID() AND {MARK} = {VALUE} AS CHAR)");
    match value(prepared_rows(conn, &sql, &[Some(session.run.clone())])?).as_deref() {
        Some("1") => Ok(()),
        _ => Err(lock_lost()),
    }
}

pub(super) fn release(conn: &mut MysqlConnection, session: &Session) -> QueryResult<()> {
    let sql = format!("SELECT CAST(RELEASE_LOCK({}) AS CHAR)", literal(&session.lock));
    match value(rows(conn, &sql)?).as_deref() {
        Some("1") => Ok(()),
        _ => Err(lock_lost()),
    }
}

/// The other connection that holds it, with user and host where the own user may see them.
pub(super) fn holder(conn: &mut MysqlConnection, session: &Session) -> Option<String> {
    let name = literal(&session.lock);
    let id =
        rows(conn, &format!("SELECT CAST(NULLIF(IS_USED_LOCK({name}), CONNECTION_ID()) AS CHAR)"));
    let id: u64 = value(id.ok()?)?.parse().ok()?;
    let process = rows(
        conn,
        &format!(
            "SELECT CONVERT(USER USING utf8mb4), CONVERT(HOST USING utf8mb4) \
             FROM information_schema.PROCESSLIST WHERE ID = {id}"
        ),
    );
    let described = process.ok().and_then(|rows| rows.into_iter().next());
    Some(match described.as_deref() {
        Some([Some(user), Some(host)]) => format!("connection {id} ({user}@{host})"),
        _ => format!("connection {id}"),
    })
}
