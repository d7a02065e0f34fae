//! A real database that migrations are tried on.

use std::sync::atomic::AtomicBool;

use migrate_build::catalog::Live;
use migrate_build::{Dialect, Server};
use migrate_runtime::{Error, Migrations, Outcome, Runner, Target, Undo};

use crate::commands::failure;
use crate::database::{self, Address, Connection, Scratch};
use crate::failure::Failure;

/// A scratch database, and the runner's work on it.
pub(super) struct Engine<'e> {
    model: &'e dyn Address,
    server: Server,
    stop: &'e AtomicBool,
    scratch: Scratch,
    /// The runner's.
    work: Connection,
    /// The looker's, which sees nothing of the session of the other; SQLite has one for both, because
    /// what is in memory belongs to its connection.
    look: Option<Connection>,
}

impl<'e> Engine<'e> {
    /// Makes a database beside the one at an address.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub(super) fn start(
        model: &'e dyn Address,
        server: Server,
        stop: &'e AtomicBool,
    ) -> Result<Self, Failure> {
        let scratch = Scratch::beside(model)?;
        let (work, look) = open(&scratch, server)?;
        Ok(Self { model, server, stop, scratch, work, look })
    }

    /// Drops it.
    ///
    /// # Errors
    /// When it stays.
    pub(super) fn stop(self) -> Result<(), Failure> {
        // No server drops a database that somebody is connected to.
        let scratch = {
            let Self { scratch, work: _work, look: _look, .. } = self;
            scratch
        };
        scratch.remove()
    }

    /// What it holds.
    ///
    /// # Errors
    /// When that cannot be read.
    pub(super) fn live(&mut self) -> Result<Live, Failure> {
        self.look.as_mut().unwrap_or(&mut self.work).live(self.server)
    }

    /// Applies everything up to a version. What the database refuses is in the inner result.
    ///
    /// # Errors
    /// When the runner cannot work.
    pub(super) fn up(
        &mut self,
        migrations: &Migrations<'_>,
        version: &str,
    ) -> Result<Result<(), Error>, Failure> {
        let mut runner = Runner::new(migrations).cancel_on(self.stop);
        let done = database::on!(&mut self.work, connection => {
            runner.run_to(&mut **connection, Target::Version(version))
        });
        self.settle(done)
    }

    /// Reverts the last one.
    ///
    /// # Errors
    /// As [`Self::up`].
    pub(super) fn down(
        &mut self,
        migrations: &Migrations<'_>,
    ) -> Result<Result<(), Error>, Failure> {
        let mut runner = Runner::new(migrations).cancel_on(self.stop);
        let done = database::on!(&mut self.work, connection => {
            runner.revert(&mut **connection, Undo::Count(1))
        });
        self.settle(done)
    }

    /// Begins with a new database, and applies everything up to a version.
    ///
    /// # Errors
    /// When that fails, although it went well before.
    pub(super) fn renew(
        &mut self,
        migrations: &Migrations<'_>,
        version: &str,
    ) -> Result<(), Failure> {
        let scratch = Scratch::beside(self.model)?;
        (self.work, self.look) = open(&scratch, self.server)?;
        std::mem::replace(&mut self.scratch, scratch).remove()?;
        let done = self.up(migrations, version)?;
        done.map_err(|error| failure(error, self.scratch.address()))
    }

    /// Tells what the database refuses from what keeps the runner from working.
    fn settle(&self, done: Result<Outcome, Error>) -> Result<Result<(), Error>, Failure> {
        match done {
            Err(
                error @ (Error::Statement(_)
                | Error::HalfWay(_)
                | Error::RowLoss(_)
                | Error::ForeignKeys(_)
                | Error::RolledBackInPart { .. }),
            ) => Ok(Err(error)),
            Err(error) => Err(failure(error, self.scratch.address())),
            Ok(_) => Ok(Ok(())),
        }
    }
}

fn open(scratch: &Scratch, server: Server) -> Result<(Connection, Option<Connection>), Failure> {
    let work = scratch.open()?;
    let look = match server.dialect {
        Dialect::Sqlite => None,
        _ => Some(scratch.open()?),
    };
    Ok((work, look))
}
