//! Lines of a program turned back into events.

use migrate_runtime::{Direction, Down, Event, History, Migrations, Named, Observer, Step};

use super::protocol::{Fields, Unreadable};

/// Who is told what happens in another process.
pub(crate) trait Listener: Observer {
    /// As [`Event::StepFailed`], of an error that is not in this process; the statement is counted from
    /// 1.
    fn step_failed(&mut self, step: &Step<'_>, statement: Option<usize>, message: &str);

    /// What a migration printed.
    fn printed(&mut self, bytes: &[u8]);
}

/// The steps that may be told of.
pub(crate) struct Steps<'m> {
    known: Vec<Step<'m>>,
    migrations: &'m Migrations<'m>,
    history: History,
}

impl<'m> Steps<'m> {
    /// Those of a plan; where others turn out to be due, those of the set and of the ledger.
    pub(crate) fn new(
        planned: Vec<Step<'m>>,
        migrations: &'m Migrations<'m>,
        history: History,
    ) -> Self {
        Self { known: planned, migrations, history }
    }

    fn find(&mut self, version: &str, direction: Direction) -> Result<&Step<'m>, Unreadable> {
        let is_it = |step: &Step<'_>| step.version() == version && step.direction() == direction;
        let at = match self.known.iter().position(is_it) {
            Some(at) => at,
            None => {
                self.known.push(self.unplanned(version, direction).ok_or(Unreadable)?);
                self.known.len() - 1
            }
        };
        Ok(&self.known[at])
    }

    fn unplanned(&self, version: &str, direction: Direction) -> Option<Step<'m>> {
        let migration = self.migrations.all.iter().find(|found| found.version == version);
        match (direction, migration) {
            (Direction::Up, migration) => migration.map(Step::Up),
            (Direction::Down, Some(migration)) => match migration.down {
                Down::Script(script) => Some(Step::Down(migration, script)),
                Down::Irreversible(_) => None,
            },
            (Direction::Down, None) => {
                let applied = self.history.get(version)?;
                let script = applied.record.as_ref()?.down.as_ref()?.decode().ok()?;
                let (version, name) = (version.to_owned(), applied.name().to_owned());
                Some(Step::Stored { migration: Named { version, name }, script })
            }
        }
    }
}

/// Tells a listener what lines say.
pub(super) struct Relay<'m, 'l> {
    steps: Steps<'m>,
    listener: &'l mut dyn Listener,
    /// Whether something was begun and not committed.
    is_open: bool,
}

impl<'m, 'l> Relay<'m, 'l> {
    pub(super) fn new(steps: Steps<'m>, listener: &'l mut dyn Listener) -> Self {
        Self { steps, listener, is_open: false }
    }

    /// Whether a step was under way when the last line was written.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Passes on what is not for us.
    pub(super) fn printed(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.listener.printed(bytes);
        }
    }

    /// Tells of an event.
    pub(super) fn event(&mut self, word: &str, fields: &mut Fields<'_>) -> Result<(), Unreadable> {
        let event = match word {
            "waiting" => {
                let (waited, holder) = (fields.duration()?, fields.optional()?);
                return self.tell(&Event::Waiting { waited, holder: holder.as_deref() });
            }
            "locked" => Event::Locked { waited: fields.duration()? },
            "retrying" => {
                let (tries, pause) = (fields.number()?, fields.duration()?);
                let holder = fields.optional()?;
                return self.tell(&Event::Retrying { tries, pause, holder: holder.as_deref() });
            }
            "reconnecting" => Event::Reconnecting { attempts: fields.number()? },
            "backed-up" => {
                let (place, took) = (fields.text()?, fields.duration()?);
                return self.tell(&Event::BackedUp { place: &place, took });
            }
            "ledger-created" => Event::LedgerCreated,
            "recording" => Event::Recording,
            "committing" => Event::Committing,
            "committed" => Event::Committed,
            "rolled-back" => Event::RolledBack,
            of_step => return self.step_event(of_step, fields),
        };
        self.tell(&event)
    }

    fn tell(&mut self, event: &Event<'_>) -> Result<(), Unreadable> {
        if matches!(event, Event::Committed | Event::RolledBack) {
            self.is_open = false;
        }
        self.listener.event(event);
        Ok(())
    }

    fn step_event(&mut self, word: &str, fields: &mut Fields<'_>) -> Result<(), Unreadable> {
        let (version, direction) = (fields.text()?, fields.direction()?);
        let step = self.steps.find(&version, direction)?;
        let mut removal = String::new();
        let event = match word {
            "repairing" => {
                let statement = fields.number()?;
                removal.push_str(&fields.text()?);
                Event::Repairing { step, statement, removal: &removal }
            }
            "resumed" => Event::Resumed { step, done: fields.number()? },
            "step-started" => Event::StepStarted { step },
            "statement-started" => Event::StatementStarted { step, statement: fields.number()? },
            "statement-finished" => {
                let (statement, took) = (fields.number()?, fields.duration()?);
                Event::StatementFinished { step, statement, took }
            }
            "step-finished" => Event::StepFinished { step, took: fields.duration()? },
            "step-failed" => {
                let (statement, message) = (fields.optional_number()?, fields.text()?);
                self.listener.step_failed(step, statement, &message);
                return Ok(());
            }
            _ => return Err(Unreadable),
        };
        self.is_open = true;
        self.listener.event(&event);
        Ok(())
    }
}
