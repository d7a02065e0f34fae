//! What the database's errors mean for a run.
use std::time::Duration;

use diesel::result::Error as DieselError;

use super::run::Run;
use crate::backend::{Backend, Fault, Obstacle};
use crate::error::{Error, Place, StatementError, said};
use crate::outcome::Outcome;
use crate::step::Step;

impl<C: Backend> Run<'_, '_, C> {
    /// The error for a statement that the database refused.
    pub(super) fn statement_error(
        &mut self,
        step: &Step<'_>,
        at: usize,
        error: &DieselError,
    ) -> Error {
        let text = step.text(&step.statements()[at]);
        let place = Place::new(step, self.migrations.directory, at);
        let place = if step.code().is_some() { place } else { place.refined(text, error) };
        let outcome = Box::default();
        match C::fault(error) {
            Fault::Busy => Error::Locked {
                waited: Duration::ZERO,
                // Where there is a next try, that is asked when the transaction is over.
                holder: if C::SESSION_LOCK { None } else { self.conn.holder(None, None) },
                outcome,
            },
            Fault::Lost => Error::ConnectionLost { at: Some(Box::new(place)), outcome },
            Fault::LockLost => Error::LockLost { help: C::LOCK_LOST_HELP, outcome },
            Fault::ReadOnly => {
                let at = Some(Box::new(place));
                Error::ReadOnly { at, help: C::READ_ONLY_HELP, outcome }
            }
            Fault::Full => Error::DiskFull { at: Some(Box::new(place)), outcome },
            Fault::Disk => {
                Error::DiskFailed { at: Some(Box::new(place)), message: said(error), outcome }
            }
            Fault::Corrupt => Error::NotADatabase { message: said(error), outcome },
            Fault::InTransaction | Fault::ForeignKey | Fault::Remains | Fault::Statement => {
                Error::Statement(Box::new(StatementError {
                    place,
                    message: said(error),
                    outcome: Outcome::default(),
                }))
            }
        }
    }

    /// The error for what the runner itself asked of the database.
    pub(super) fn database_error(&mut self, during: &'static str, source: DieselError) -> Error {
        database_error(self.conn, Some(&self.session), during, source)
    }
}

/// The same, with or without a session.
pub(super) fn database_error<C: Backend>(
    conn: &mut C,
    session: Option<&C::Session>,
    during: &'static str,
    source: DieselError,
) -> Error {
    let outcome = Box::default();
    match C::fault(&source) {
        Fault::Busy => {
            let holder = conn.holder(session, None);
            Error::Locked { waited: Duration::ZERO, holder, outcome }
        }
        Fault::Lost => Error::ConnectionLost { at: None, outcome },
        Fault::LockLost => Error::LockLost { help: C::LOCK_LOST_HELP, outcome },
        Fault::ReadOnly => Error::ReadOnly { at: None, help: C::READ_ONLY_HELP, outcome },
        Fault::Full => Error::DiskFull { at: None, outcome },
        Fault::Disk => Error::DiskFailed { at: None, message: said(&source), outcome },
        Fault::Corrupt => Error::NotADatabase { message: said(&source), outcome },
        Fault::InTransaction => Error::InTransaction,
        Fault::ForeignKey | Fault::Remains | Fault::Statement => {
            Error::Database { during, source, outcome }
        }
    }
}

/// The error for what failed with this one, and was not rolled back as a whole.
pub(super) fn remaining(error: Error) -> Error {
    let (at, message) = match error {
        Error::Statement(error) => (Some(Box::new(error.place)), error.message),
        other => (other.place().cloned().map(Box::new), other.to_string()),
    };
    Error::RolledBackInPart { at, message, outcome: Box::default() }
}

/// The error for what stands against a run on this connection.
pub(super) fn hindered<C: Backend>(conn: &mut C, obstacle: Obstacle) -> Error {
    let outcome = Box::default();
    match obstacle {
        Obstacle::Database(error) => database_error(conn, None, "preparing the connection", error),
        Obstacle::ReadOnly => Error::ReadOnly { at: None, help: C::READ_ONLY_HELP, outcome },
        Obstacle::InTransaction => Error::InTransaction,
        Obstacle::NoSession => Error::LockLost { help: C::LOCK_LOST_HELP, outcome },
        Obstacle::Unsupported(what) => Error::Unsupported { what },
    }
}
