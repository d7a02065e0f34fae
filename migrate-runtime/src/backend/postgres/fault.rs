//! What kind of failure an error is, and what it says.
use std::time::Duration;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::prepared;
use crate::backend::Fault;

/// What the runner's own statements fail with, on purpose: inside a batch nothing else can be told.
pub(super) const LOCK_LOST: &str = "cargo-migrate: lock lost";
pub(super) const IN_TRANSACTION: &str = "cargo-migrate: inside a transaction";
pub(super) const LEDGER_DIFFERS: &str = "cargo-migrate: the ledger says otherwise";

const LOCK_TIMEOUT: &str = "canceling statement due to lock timeout";
const DEADLOCK: &str = "deadlock detected";

pub(super) fn fault(error: &DieselError) -> Fault {
    // Diesel passes on no SQLSTATE, only a kind for some of them. The texts of the others are
    // constants of the server's; `untranslated` sees to those that another language has replaced.
    const KNOWN: [(&str, Fault); 9] = [
        (LOCK_TIMEOUT, Fault::Busy),
        ("could not obtain lock on ", Fault::Busy),
        (DEADLOCK, Fault::Busy),
        (LOCK_LOST, Fault::LockLost),
        (prepared::PREFIX, Fault::LockLost),
        (IN_TRANSACTION, Fault::InTransaction),
        (LEDGER_DIFFERS, Fault::Busy),
        ("No space left on device", Fault::Full),
        // A statement waits for data that nobody sends.
        ("another command is already in progress", Fault::Statement),
    ];
    let DieselError::DatabaseError(kind, information) = error else { return Fault::Statement };
    let message = information.message();
    let known = || KNOWN.iter().find(|(text, _)| message.contains(text)).map(|(_, fault)| *fault);
    match kind {
        DatabaseErrorKind::ClosedConnection => Fault::Lost,
        DatabaseErrorKind::UnableToSendCommand => known().unwrap_or(Fault::Lost),
        DatabaseErrorKind::SerializationFailure => Fault::Busy,
        DatabaseErrorKind::ReadOnlyTransaction => Fault::ReadOnly,
        DatabaseErrorKind::ForeignKeyViolation => Fault::ForeignKey,
        DatabaseErrorKind::Unknown => known().unwrap_or(Fault::Statement),
        _ => Fault::Statement,
    }
}

/// Whether it is one of the runner's own.
pub(super) fn says(error: &DieselError, own: &str) -> bool {
    matches!(error, DieselError::DatabaseError(_, information) if information.message().contains(own))
}

/// A server whose messages are not in English says in another way that a lock was not to be had:
/// by the time that has passed, and by what it leaves out or adds. Should that be wrong for once,
/// a statement that fails anyway is tried again.
pub(super) fn untranslated(
    error: DieselError,
    lock_timeout: Duration,
    took: Duration,
) -> DieselError {
    let DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) = &error else {
        return error;
    };
    let said = information.as_ref();
    let is_bare = said.statement_position().is_none()
        && [said.details(), said.hint(), said.table_name(), said.column_name()]
            .iter()
            .chain([&said.constraint_name()])
            .all(Option::is_none);
    // "Process 12 waits for … blocked by process 34", at least twice, as lines.
    let is_circle = || {
        let lines = said.details().unwrap_or_default().lines();
        let numbers = |line: &&str| line.split(|c: char| !c.is_ascii_digit()).count() > 2;
        said.hint().is_some() && lines.filter(numbers).count() > 1
    };
    let message = if is_bare && took >= lock_timeout {
        LOCK_TIMEOUT
    } else if is_circle() {
        DEADLOCK
    } else {
        return error;
    };
    DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
}

/// An error of our own making.
pub(super) fn own(message: &str) -> DieselError {
    let information: Box<dyn DatabaseErrorInformation + Send + Sync> = Box::new(message.to_owned());
    DieselError::DatabaseError(DatabaseErrorKind::Unknown, information)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server says: message, detail, hint, constraint.
    struct Said([Option<&'static str>; 4]);

    impl DatabaseErrorInformation for Said {
        fn message(&self) -> &str {
            self.0[0].unwrap_or_default()
        }
        fn details(&self) -> Option<&str> {
            self.0[1]
        }
        fn hint(&self) -> Option<&str> {
            self.0[2]
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            self.0[3]
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    fn translated(said: [Option<&'static str>; 4], took: u64) -> Fault {
        let error = DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(Said(said)));
        let (patience, took) = (Duration::from_millis(50), Duration::from_millis(took));
        fault(&untranslated(error, patience, took))
    }

    #[test]
    fn a_lock_that_was_not_to_be_had_is_known_in_any_language() {
        let timeout = [Some("storniere Anfrage wegen Zeit\u{fc}berschreitung"), None, None, None];
        assert_eq!(translated(timeout, 51), Fault::Busy);
        // Too soon for that.
        assert_eq!(translated(timeout, 49), Fault::Statement);
        let detail = "Prozess 12 wartet auf ShareLock-Sperre; blockiert von Prozess 34.\n\
                      Prozess 34 wartet auf ShareLock-Sperre; blockiert von Prozess 12.";
        let hint = "Einzelheiten zur Anfrage finden Sie im Serverlog.";
        let circle = [Some("Verklemmung entdeckt"), Some(detail), Some(hint), None];
        assert_eq!(translated(circle, 5), Fault::Busy);
        // A statement's own mistake, however long it took, tells more.
        let mistake = [Some("doppelter Schl\u{fc}sselwert"), Some("(x)=(1)"), None, Some("t_pkey")];
        assert_eq!(translated(mistake, 1000), Fault::Statement);
    }
}
