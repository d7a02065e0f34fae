//! Migrations in Rust: functions in the place of SQL.
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::QueryResult;
use diesel::connection::{
    AnsiTransactionManager, Connection, TransactionManager, TransactionManagerStatus,
};
use diesel::result::Error as DieselError;

/// What a migration's function gives back: [`diesel::migration::Result`].
pub type CodeResult = diesel::migration::Result<()>;

/// A function that a migration in Rust runs: `up` or `down` of its `migration.rs`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Code {
    /// On SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(fn(&mut diesel::SqliteConnection) -> CodeResult),
    /// On PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(fn(&mut diesel::PgConnection) -> CodeResult),
    /// On MySQL and MariaDB.
    #[cfg(feature = "mysql")]
    Mysql(fn(&mut diesel::MysqlConnection) -> CodeResult),
    /// In another program: this one knows the file alone, and cannot run it.
    Elsewhere,
}

/// What a migration's function gives back, whatever kind of error that is. What `embed_migrations!`
/// calls.
///
/// # Errors
/// That of the function.
pub fn done<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    result: Result<(), E>,
) -> CodeResult {
    result.map_err(Into::into)
}

/// The run's transaction, as the code finds it.
const SAVEPOINT: &str = "migrate_code";

/// Why code cannot be run.
pub(crate) const ELSEWHERE: &str =
    "this migration is written in Rust: only a program that embeds it can run it";

/// What code has done to the transaction that it ran in.
const ENDED: &str = "the code ended the transaction that it ran in, so what it did until then lasts. \
    Let it do so only with `run_in_transaction = false` in `metadata.toml`";
const LEFT_OPEN: &str = "the code left a transaction open";

/// Calls a function inside the transaction of a run. Diesel's own transactions in it are savepoints.
pub(crate) fn call_inside<C>(conn: &mut C, function: fn(&mut C) -> CodeResult) -> QueryResult<()>
where
    C: Connection<TransactionManager = AnsiTransactionManager>,
{
    // Diesel does not know of the transaction: it takes this for its beginning.
    AnsiTransactionManager::begin_transaction_sql(conn, &format!("SAVEPOINT {SAVEPOINT}"))?;
    let called = guarded(conn, function);
    let depth = open_transactions(conn);
    *AnsiTransactionManager::transaction_manager_status_mut(conn) =
        TransactionManagerStatus::default();
    called?;
    let released = conn.batch_execute(&format!("RELEASE SAVEPOINT {SAVEPOINT}"));
    // With its transaction the savepoint is gone, too.
    let is_gone = |error: &DieselError| error.to_string().to_lowercase().contains("savepoint");
    released.map_err(|error| if is_gone(&error) { own(ENDED) } else { error })?;
    if depth == 1 { Ok(()) } else { Err(own(LEFT_OPEN)) }
}

/// Calls a function outside of transactions: it has its own.
pub(crate) fn call_outside<C>(conn: &mut C, function: fn(&mut C) -> CodeResult) -> QueryResult<()>
where
    C: Connection<TransactionManager = AnsiTransactionManager>,
{
    let called = guarded(conn, function);
    if open_transactions(conn) == 0 {
        return called;
    }
    // What is open belongs to nobody any more.
    let rolled_back = conn.batch_execute("ROLLBACK");
    *AnsiTransactionManager::transaction_manager_status_mut(conn) =
        TransactionManagerStatus::default();
    called.and(rolled_back).and(Err(own(LEFT_OPEN)))
}

/// A panic is a failure as every other: there is a lock to be given back.
fn guarded<C>(conn: &mut C, function: fn(&mut C) -> CodeResult) -> QueryResult<()> {
    match catch_unwind(AssertUnwindSafe(|| function(conn))) {
        Ok(result) => result.map_err(of_diesel),
        Err(panic) => Err(own(&format!("the code panicked: {}", said(&*panic)))),
    }
}

/// An error of Diesel's says what kind of failure it is; of another one only the words are known.
fn of_diesel(error: Box<dyn std::error::Error + Send + Sync>) -> DieselError {
    match error.downcast::<DieselError>() {
        Ok(error) => *error,
        Err(error) => DieselError::QueryBuilderError(error),
    }
}

/// How many transactions Diesel believes to be open, one in another; one more where it is at a loss.
fn open_transactions<C>(conn: &mut C) -> u32
where
    C: Connection<TransactionManager = AnsiTransactionManager>,
{
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_depth().map_or(u32::MAX, |depth| depth.map_or(0, |depth| depth.get()))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

pub(crate) fn own(message: &str) -> DieselError {
    DieselError::QueryBuilderError(message.into())
}
