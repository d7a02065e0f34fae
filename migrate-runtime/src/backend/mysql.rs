//! MySQL and MariaDB: a named lock of the server's is the lock of a run; a statement about a schema
//! ends every transaction, so what is done stands in the journal.
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::mysql::MysqlConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{
    Copied, Engine, Entry, ExclusiveError, Fault, Loss, Obstacle, Progress, Sought, Terms,
};
use crate::code::{self, Code};
use crate::history::Ledger;
use crate::journal::Unfinished;
use crate::migrations::Dialect;

mod fault;
mod guard;
mod ledger;
mod lock;
mod look;
mod query;
mod session;
mod settings;

use fault::{numbered, refusal};
use query::prepared;
use session::Session;

impl Engine for MysqlConnection {
    const DIALECT: Dialect = Dialect::Mysql;
    const SESSION_LOCK: bool = true;
    const READ_ONLY_HELP: &'static str = "Connect to the server that takes writes (a replica does \
        not), and see that `read_only` and `transaction_read_only` are off";
    const LOCK_LOST_HELP: &'static str = "Either the connection goes through a proxy that shares \
        sessions among clients (ProxySQL, MaxScale): connect to the server itself. Or a migration \
        gave the lock back (`RELEASE_ALL_LOCKS`): take that out. Or an earlier run on this \
        connection was cut off by a panic: open a new one";

    type Session = Session;
    type Exclusive = ();
    /// Tables and their rows.
    type Watched = Vec<(String, i64)>;

    fn read_ledger(&mut self, session: Option<&Session>) -> QueryResult<Ledger> {
        ledger::read(self, session)
    }

    fn create_ledger(&mut self, _: &Session) -> QueryResult<()> {
        ledger::create(self)
    }

    fn is_applied(&mut self, session: &Session, version: &str) -> QueryResult<bool> {
        ledger::is_applied(self, session, version)
    }

    fn record(&mut self, session: &Session, entries: &[Entry]) -> QueryResult<()> {
        ledger::record(self, session, entries)
    }

    fn note_copy(&mut self, session: &Session, copied: &Copied) -> QueryResult<()> {
        ledger::note_copy(self, session, copied)
    }

    fn erase(&mut self, session: &Session, versions: &[String]) -> QueryResult<()> {
        ledger::erase(self, session, versions)
    }

    fn open_journal(&mut self, session: &Session, unfinished: &Unfinished) -> QueryResult<()> {
        ledger::open_journal(self, session, unfinished)
    }

    fn advance_journal(
        &mut self,
        session: &Session,
        version: &str,
        progress: Progress,
    ) -> QueryResult<()> {
        ledger::advance_journal(self, session, version, progress)
    }

    fn close_journal(&mut self, session: &Session, version: &str) -> QueryResult<()> {
        ledger::close_journal(self, session, version)
    }

    fn enter(&mut self, terms: &Terms) -> Result<Session, Obstacle> {
        session::enter(self, terms)
    }

    fn leave(&mut self, session: &Session) -> QueryResult<()> {
        session::leave(self, session)
    }

    fn try_lock(&mut self, session: &Session) -> QueryResult<bool> {
        lock::take(self, session)
    }

    fn unlock(&mut self, session: &Session) -> QueryResult<()> {
        lock::release(self, session)
    }

    fn begin(&mut self, session: &Session) -> QueryResult<()> {
        const BEGIN: &str = "START TRANSACTION READ WRITE";
        lock::prove(self, session)?;
        if session.prepares_everything { prepared(self, BEGIN, &[]) } else { execute(self, BEGIN) }
    }

    fn commit(&mut self, _: &Session) -> QueryResult<()> {
        // `completion_type` could have it open another one, or close the connection.
        prepared(self, "COMMIT AND NO CHAIN NO RELEASE", &[])
    }

    fn rollback(&mut self, _: &Session) -> QueryResult<()> {
        execute(self, "ROLLBACK AND NO CHAIN NO RELEASE")?;
        fault::remains(self)
    }

    fn reclaim(&mut self, session: &Session) -> QueryResult<()> {
        execute(self, &session.settings)
    }

    fn before_bare(&mut self, session: &Session, _: &str) -> QueryResult<()> {
        lock::prove(self, session)
    }

    fn execute(&mut self, session: &Session, statement: &str) -> QueryResult<()> {
        let (length, most) = (statement.len() as u64, session.max_packet);
        if length >= most {
            // The server would close the connection without a word.
            let message = format!(
                "the statement has {length} bytes, and the server takes less than {most} at once: \
                 split it, or raise `max_allowed_packet`"
            );
            return Err(refusal(DatabaseErrorKind::Unknown, "1153", &message));
        }
        execute(self, statement)
    }

    fn call(&mut self, _: &Session, code: Code, _: &str, is_inside: bool) -> QueryResult<()> {
        let Code::Mysql(function) = code else { return Err(code::own(code::ELSEWHERE)) };
        let called = match is_inside {
            true => code::call_inside(self, function),
            false => code::call_outside(self, function),
        };
        numbered(self, called)
    }

    fn try_exclusive(&mut self) -> Result<Option<()>, ExclusiveError> {
        Ok(Some(()))
    }

    fn holder(&mut self, session: Option<&Session>, statement: Option<&str>) -> Option<String> {
        // Who was in the way of a statement, MariaDB tells with a plugin, MySQL its administrator.
        if statement.is_some() { None } else { lock::holder(self, session?) }
    }

    fn look(&mut self, _: &Session, sought: Sought<'_>) -> QueryResult<Option<bool>> {
        look::look(self, sought)
    }

    fn watch(
        &mut self,
        _: &str,
        is_named: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Self::Watched>> {
        guard::count_exposed(self, is_named)
    }

    fn loss(
        &mut self,
        watched: Self::Watched,
        _: &dyn Fn(&str) -> bool,
    ) -> QueryResult<Option<Loss>> {
        guard::first_loss(self, watched)
    }

    fn fault(error: &DieselError) -> Fault {
        fault::fault(error)
    }
}

fn execute(conn: &mut MysqlConnection, sql: &str) -> QueryResult<()> {
    let executed = conn.batch_execute(sql);
    numbered(conn, executed)
}
