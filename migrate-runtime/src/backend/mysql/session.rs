//! What a run needs of a connection, and what it changes there meanwhile.
use diesel::QueryResult;
use diesel::mysql::MysqlConnection;

use super::execute;
use super::fault::fault;
use super::ledger::no_database;
use super::lock;
use super::query::{literal, rows};
use super::settings::{Variables, of_run, original};
use crate::backend::{Fault, Obstacle, Terms};

/// What a run has to remember.
#[derive(Debug)]
pub struct Session {
    /// The database of the ledger: a script may choose another one.
    pub(super) database: String,
    /// The name of the run's lock.
    pub(super) lock: String,
    /// Whether the server prepares even what opens a transaction.
    pub(super) prepares_everything: bool,
    /// What the session is marked with.
    pub(super) run: String,
    /// What the server takes in one piece, in bytes.
    pub(super) max_packet: u64,
    /// What makes the session as each migration is to find it.
    pub(super) settings: String,
    /// What makes it as it was before the run.
    pub(super) original: String,
}

/// Bears the mark of the run. Behind a proxy two clients may be given the same session: both would
/// get the lock there, which may be taken twice, but it bears only one mark.
pub(super) const MARK: &str = "@cargo_migrate_run";

pub(super) fn enter(conn: &mut MysqlConnection, terms: &Terms) -> Result<Session, Obstacle> {
    let variables = Variables::read(conn)?;
    if !variables.is_on("autocommit") {
        return Err(unsupported(
            "with `autocommit` off the connection is always inside a transaction. Execute \
             `SET autocommit = 1` before",
        ));
    }
    // It only concerns the next transaction, and is refused inside of one: the one way to find out
    // that both servers have.
    match execute(conn, "SET TRANSACTION READ WRITE") {
        Err(error) if fault(&error) == Fault::InTransaction => return Err(Obstacle::InTransaction),
        result => result?,
    }
    if variables.is_on("wsrep_on") {
        return Err(unsupported(
            "this is a Galera cluster, and the lock that keeps runners apart holds on one of its \
             nodes only",
        ));
    }
    if variables.is_off("group_replication_single_primary_mode") {
        return Err(unsupported(
            "this group of servers has several primaries, and the lock that keeps runners apart \
             holds on one of them only",
        ));
    }
    if takes_no_writes(conn, &variables) {
        return Err(Obstacle::ReadOnly);
    }
    let facts =
        format!("SELECT CONVERT(DATABASE() USING utf8mb4), {}, CAST({MARK} AS CHAR)", lock::NAME);
    let facts = rows(conn, &facts)?.into_iter().next().unwrap_or_default();
    let [Some(database), Some(lock), mark] = &facts[..] else {
        return Err(Obstacle::Database(no_database()));
    };
    if mark.is_some() {
        return Err(Obstacle::NoSession);
    }
    let session = Session {
        database: database.clone(),
        lock: lock.clone(),
        prepares_everything: variables.prepares_everything(),
        run: terms.run.clone(),
        max_packet: variables.number("max_allowed_packet").unwrap_or(u64::MAX),
        settings: of_run(&variables, database, terms.lock_timeout),
        original: original(&variables, database),
    };
    execute(conn, &format!("{}, {MARK} = {}", session.settings, literal(&session.run)))?;
    Ok(session)
}

pub(super) fn leave(conn: &mut MysqlConnection, session: &Session) -> QueryResult<()> {
    execute(conn, &format!("{}, {MARK} = NULL", session.original))
}

fn unsupported(what: &str) -> Obstacle {
    Obstacle::Unsupported(what.to_owned())
}

/// Whether nothing can be written. Where `read_only` is on, users with a certain privilege write
/// all the same: so there the question is put as a statement that changes nothing, and which the
/// server refuses before it looks for the table.
fn takes_no_writes(conn: &mut MysqlConnection, variables: &Variables) -> bool {
    const ALWAYS: [&str; 4] =
        ["super_read_only", "innodb_read_only", "transaction_read_only", "tx_read_only"];
    let is_read_only = |conn: &mut MysqlConnection| {
        let tried = execute(conn, "DELETE FROM __migrate_journal WHERE 1 = 0");
        tried.is_err_and(|error| fault(&error) == Fault::ReadOnly)
    };
    ALWAYS.iter().any(|name| variables.is_on(name))
        || variables.is_on("read_only") && is_read_only(conn)
}
