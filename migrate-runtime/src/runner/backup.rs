//! A copy of the database, made before anything in it is changed.
use std::time::Instant;

use super::run::Run;
use crate::backend::{Backend, Copied, TOOL};
use crate::error::Error;
use crate::event::Event;
use crate::history::History;
use crate::process::now_ms;

/// Makes a copy of the database; says where, or why it cannot.
pub(super) type Backup<'b> = dyn FnMut() -> Result<String, String> + 'b;

impl<C: Backend> Run<'_, '_, C> {
    /// Under the lock, with something to do: has the database backed up, once, makes the ledger's
    /// tables, and writes down where the copy is.
    pub(super) fn ready(&mut self, history: &History) -> Result<(), Error> {
        let copied = self.back_up()?;
        self.ensure_ledger(history)?;
        let Some(copied) = copied else { return Ok(()) };
        let noted = self.conn.note_copy(&self.session, &copied);
        noted.map_err(|error| self.database_error("writing down where the backup is", error))
    }

    fn back_up(&mut self) -> Result<Option<Copied>, Error> {
        let Some(backup) = self.backup.take() else { return Ok(None) };
        let (started_at, started) = (now_ms(), Instant::now());
        let place =
            backup().map_err(|message| Error::Backup { message, outcome: Box::default() })?;
        let took = started.elapsed();
        self.tell(&Event::BackedUp { place: &place, took });
        Ok(Some(Copied {
            key: format!("backup {started_at}"),
            place,
            batch: self.next_batch,
            started_at,
            duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            tool: TOOL,
        }))
    }
}
