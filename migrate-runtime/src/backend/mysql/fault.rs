//! What kind of failure an error is.
//!
//! The server words its messages in the language of the session, and Diesel passes on nothing else.
//! So when a statement fails, the server is asked for the number of the error.
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::query::{Texts, rows, value};
use crate::backend::Fault;

/// An error as the server put it, and its number.
struct Refusal {
    number: String,
    message: String,
}

impl DatabaseErrorInformation for Refusal {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        None
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        None
    }

    /// The number: Diesel has no place for it, and this one has no other use.
    fn constraint_name(&self) -> Option<&str> {
        Some(&self.number)
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

/// The number of the client's error for a connection that is gone.
const GONE: &str = "2006";

/// Adds to an error of the statement before its number.
pub(super) fn numbered<T>(conn: &mut MysqlConnection, result: QueryResult<T>) -> QueryResult<T> {
    result.map_err(|error| match error {
        DieselError::DatabaseError(kind, information)
            if information.constraint_name().is_none() =>
        {
            let message = information.message();
            match number(conn, message) {
                Some(number) => refusal(kind, &number, message),
                None => DieselError::DatabaseError(kind, information),
            }
        }
        other => other,
    })
}

/// An error with the number and the text that the server would give it.
pub(super) fn refusal(kind: DatabaseErrorKind, number: &str, message: &str) -> DieselError {
    let refusal = Refusal { number: number.to_owned(), message: message.to_owned() };
    DieselError::DatabaseError(kind, Box::new(refusal))
}

fn number(conn: &mut MysqlConnection, message: &str) -> Option<String> {
    // These statements alone leave the conditions of the one before as they are. Warnings may stand
    // before the error or behind it; which of the two it is, its text says.
    const ASK: &str = "GET DIAGNOSTICS @migrate_conditions = NUMBER; \
        GET DIAGNOSTICS CONDITION 1 \
            @migrate_first = MYSQL_ERRNO, @migrate_first_text = MESSAGE_TEXT; \
        GET DIAGNOSTICS CONDITION @migrate_conditions \
            @migrate_last = MYSQL_ERRNO, @migrate_last_text = MESSAGE_TEXT";
    const ANSWER: &str = "SELECT CAST(@migrate_first AS CHAR), CAST(@migrate_last AS CHAR), \
        CONVERT(@migrate_last_text USING utf8mb4)";
    if is_gone(message) {
        return Some(GONE.to_owned());
    }
    let asked = conn.batch_execute(ASK).and_then(|()| diesel::sql_query(ANSWER).load(conn));
    match asked {
        Ok(rows) => {
            let Texts(cells) = rows.into_iter().next()?;
            let [first, last, text]: [_; 3] = cells.try_into().ok()?;
            if text.as_deref() == Some(message) { last } else { first }
        }
        Err(error) => is_gone(&error.to_string()).then(|| GONE.to_owned()),
    }
}

/// Fails when a rollback, the statement before this, has left rows in tables without transactions:
/// it succeeds all the same, with a warning.
pub(super) fn remains(conn: &mut MysqlConnection) -> QueryResult<()> {
    const ASK: &str = "GET DIAGNOSTICS CONDITION 1 @migrate_first = MYSQL_ERRNO";
    // Without a warning there is no such condition.
    if conn.batch_execute(ASK).is_err() {
        return Ok(());
    }
    match value(rows(conn, "SELECT CAST(@migrate_first AS CHAR)")?) {
        Some(number) if number == REMAINS.to_string() => {
            let message = "tables without transactions keep what was written there";
            Err(refusal(DatabaseErrorKind::Unknown, &number, message))
        }
        _ => Ok(()),
    }
}

/// The client library's own words, which are never translated.
fn is_gone(message: &str) -> bool {
    message.contains("erver has gone away") || message.starts_with("Lost connection to ")
}

/// The number of the error, where it is known.
pub(super) fn number_of(error: &DieselError) -> Option<u16> {
    match error {
        DieselError::DatabaseError(_, information) => information.constraint_name()?.parse().ok(),
        _ => None,
    }
}

pub(super) fn fault(error: &DieselError) -> Fault {
    let DieselError::DatabaseError(_, information) = error else { return Fault::Statement };
    let message = information.message();
    match number_of(error) {
        // A lock that was not obtained in time, or at once (`NOWAIT`); a deadlock; a row that
        // somebody changed since the transaction began to read.
        Some(1205 | 3572 | 1213 | 1020 | OVERTAKEN) => Fault::Busy,
        Some(1290) if is_about_reading_only(message) => Fault::ReadOnly,
        Some(1036 | 1792 | 1836) => Fault::ReadOnly,
        Some(1021 | 1114) => Fault::Full,
        Some(3 | 1004 | 1005 | 1026 | 1030) if is_about_room(message) => Fault::Full,
        Some(2 | 3 | 1024 | 1026) => Fault::Disk,
        Some(1568) => Fault::InTransaction,
        Some(1216 | 1217 | 1451 | 1452) => Fault::ForeignKey,
        // Shutdown, an aborted or killed connection, in the server's numbers; then the client's.
        Some(1053 | 1152 | 1158..=1161 | 1927 | 3169 | 4031 | 2006 | 2013 | 2055) => Fault::Lost,
        Some(LOCK_LOST) => Fault::LockLost,
        Some(REMAINS) => Fault::Remains,
        _ => Fault::Statement,
    }
}

/// "Some non-transactional changed tables couldn't be rolled back".
const REMAINS: u16 = 1196;

/// A number that neither servers nor clients have.
const LOCK_LOST: u16 = u16::MAX;

/// Another such: the ledger has the row already.
pub(super) const OVERTAKEN: u16 = u16::MAX - 1;

/// The session does not hold the lock of the run.
pub(super) fn lock_lost() -> DieselError {
    refusal(DatabaseErrorKind::Unknown, &LOCK_LOST.to_string(), "the lock of the run is lost")
}

/// One number serves all options that forbid a statement: `--read-only`, `--super-read-only`,
/// `--innodb-read-only`, with either sign between the words.
fn is_about_reading_only(message: &str) -> bool {
    message.replace('_', "-").contains("read-only")
}

/// The operating system's error 28 (`ENOSPC`) in the servers' various words.
fn is_about_room(message: &str) -> bool {
    ["rror 28 ", "errno: 28", "errno 28", "Errcode: 28"].iter().any(|text| message.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: u16, message: &str) -> Fault {
        fault(&refusal(DatabaseErrorKind::Unknown, &number.to_string(), message))
    }

    #[test]
    fn an_error_is_told_by_its_number_in_any_language() {
        assert_eq!(of(1205, "Délai dépassé"), Fault::Busy);
        assert_eq!(of(1213, ""), Fault::Busy);
        assert_eq!(of(1452, ""), Fault::ForeignKey);
        assert_eq!(of(1568, ""), Fault::InTransaction);
        assert_eq!(of(1927, "Connection was killed"), Fault::Lost);
        assert_eq!(of(1064, "Lock wait timeout exceeded"), Fault::Statement);
        let without =
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(String::new()));
        assert_eq!(fault(&without), Fault::Statement);
        assert_eq!(fault(&DieselError::NotFound), Fault::Statement);
        assert_eq!(fault(&lock_lost()), Fault::LockLost);
    }

    #[test]
    fn an_option_that_forbids_writing_is_told_from_another() {
        let running = |option| {
            let server = "The MariaDB server is running with the";
            of(1290, &format!("{server} {option} option so it cannot execute this statement"))
        };
        assert_eq!(running("--read-only"), Fault::ReadOnly);
        assert_eq!(running("--super-read-only"), Fault::ReadOnly);
        assert_eq!(running("innodb_read_only"), Fault::ReadOnly);
        assert_eq!(running("--secure-file-priv"), Fault::Statement);
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        assert_eq!(of(1114, "The table 't' is full"), Fault::Full);
        let mariadb = "Got error 28 \"No space left on device\" from storage engine InnoDB";
        assert_eq!(of(1030, mariadb), Fault::Full);
        assert_eq!(
            of(3, "Error writing file './d/t.MYD' (Errcode: 28 \"No space…\")"),
            Fault::Full
        );
        assert_eq!(of(3, "Error writing file 't' (OS errno 28 - No space left)"), Fault::Full);
        assert_eq!(of(1005, "Can't create table `d`.`t` (errno: 28 \"No space…\")"), Fault::Full);
        assert_eq!(of(1005, "Can't create table `d`.`t` (errno: 150 …)"), Fault::Statement);
        assert_eq!(
            of(3, "Error writing file 't' (Errcode: 5 \"Input/output error\")"),
            Fault::Disk
        );
        assert_eq!(of(1030, "Got error 140 'Wrong create options'"), Fault::Statement);
    }
}
