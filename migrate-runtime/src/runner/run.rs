//! One run: what inside and outside of transactions have in common.
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::result::Error as DieselError;

use super::{PAUSE, Runner};
use crate::backend::{Backend, Entry, Fault};
use crate::error::{Error, Place, StatementError};
use crate::event::{Event, Observer};
use crate::history::History;
use crate::migrations::{Down, Migrations};
use crate::outcome::{Done, Named, Outcome};
use crate::plan::{Goal, Plan, Target};
use crate::step::{Direction, Step};
use crate::stored::StoredDown;

pub(super) struct Run<'r, 'm, C: Backend> {
    pub(super) conn: &'r mut C,
    pub(super) migrations: Migrations<'m>,
    pub(super) goal: Goal<'r>,
    lock_timeout: Duration,
    allow_out_of_order: bool,
    observer: Option<&'r mut dyn Observer>,
    cancel: Option<&'r AtomicBool>,
    /// Whether foreign keys are enforced on this connection, when no run meddles.
    pub(super) enforced: bool,
    /// Whether, in this transaction, no table can lose rows when others do.
    pub(super) nothing_is_exposed: bool,
    /// The steps of the first plan that are not done. What is to be reverted is settled before waiting for a lock:
    /// two who ask for "the newest" at once mean the same one.
    pinned: Vec<Step<'m>>,
    /// What was applied then, and what this run applied since.
    known: HashSet<String>,
    pub(super) outcome: Outcome,
}

impl<'r, 'm, C: Backend> Run<'r, 'm, C> {
    pub(super) fn new(
        runner: &'r mut Runner<'m>,
        conn: &'r mut C,
        goal: Goal<'r>,
        history: &History,
        plan: &Plan<'m>,
    ) -> Self {
        Self {
            conn,
            migrations: runner.migrations,
            goal,
            lock_timeout: runner.lock_timeout,
            allow_out_of_order: runner.allow_out_of_order,
            observer: match &mut runner.observer {
                Some(observer) => Some(&mut **observer),
                None => None,
            },
            cancel: runner.cancel,
            enforced: false,
            nothing_is_exposed: false,
            pinned: plan.steps.clone(),
            known: history.applied().iter().map(|applied| applied.version.clone()).collect(),
            outcome: Outcome::default(),
        }
    }

    /// Works the plan off, and leaves the connection's settings as they were, come what may.
    pub(super) fn execute(mut self, plan: Plan<'m>) -> Result<Outcome, Error> {
        let session = match self.conn.enter() {
            Ok(session) => session,
            Err(error) => return Err(database_error(self.conn, "preparing the connection", error)),
        };
        self.enforced = C::enforces_foreign_keys(&session);
        let result = self.work_off(plan);
        let restored = self.conn.leave(&session);
        match (result, restored) {
            (Ok(()), Ok(())) => Ok(self.outcome),
            (Ok(()), Err(error)) => {
                let error = database_error(self.conn, "restoring the connection's settings", error);
                Err(self.with_outcome(error))
            }
            (Err(error), _) => Err(self.with_outcome(error)),
        }
    }

    fn work_off(&mut self, mut plan: Plan<'m>) -> Result<(), Error> {
        self.outcome.left = names_of(&plan.steps);
        while !plan.is_empty() {
            let is_outside = !plan.unfinished.is_empty()
                || plan.steps.first().is_some_and(|step| !step.run_in_transaction());
            plan = if is_outside { self.outside(&plan)? } else { self.inside(&plan)? };
        }
        Ok(())
    }

    fn with_outcome(self, mut error: Error) -> Error {
        if let Some(outcome) = error.outcome_mut() {
            *outcome = self.outcome;
        }
        error
    }

    pub(super) fn tell(&mut self, event: &Event<'_>) {
        if let Some(observer) = &mut self.observer {
            observer.event(event);
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Tries until nobody is in the way. The outer result is the run's (time is up, or it is to
    /// stop), the inner one the database's.
    pub(super) fn poll<T>(
        &mut self,
        mut attempt: impl FnMut(&mut C) -> QueryResult<T>,
    ) -> Result<QueryResult<T>, Error> {
        self.poll_for(
            |conn| match attempt(conn) {
                Err(error) if C::fault(&error) == Fault::Busy => None,
                result => Some(result),
            },
            C::holder,
        )
    }

    /// Tries until there is an answer.
    pub(super) fn poll_for<T>(
        &mut self,
        mut attempt: impl FnMut(&mut C) -> Option<T>,
        mut holder: impl FnMut(&mut C) -> Option<String>,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let mut held_by = None;
        loop {
            if let Some(answer) = attempt(self.conn) {
                return Ok(answer);
            }
            let waited = started.elapsed();
            held_by = holder(self.conn).or(held_by);
            if waited >= self.lock_timeout {
                return Err(Error::Locked { waited, holder: held_by, outcome: Box::default() });
            }
            if self.is_cancelled() {
                return Err(cancelled());
            }
            self.tell(&Event::Waiting { waited, holder: held_by.as_deref() });
            sleep(PAUSE);
        }
    }

    /// Opens a transaction that holds the lock.
    pub(super) fn lock(&mut self) -> Result<(), Error> {
        let started = Instant::now();
        self.begin()?;
        self.tell(&Event::Locked { waited: started.elapsed() });
        Ok(())
    }

    /// The same without a word, for the small transactions within one migration.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        self.nothing_is_exposed = false;
        let begun = self.poll(C::begin)?;
        begun.map_err(|error| database_error(self.conn, "taking the lock", error))
    }

    /// Commits; waits for readers that are in the way.
    pub(super) fn commit(&mut self) -> Result<QueryResult<()>, Error> {
        self.tell(&Event::Committing);
        let committed = self.poll(C::commit)?;
        if committed.is_ok() {
            self.tell(&Event::Committed);
        }
        Ok(committed)
    }

    /// Rolls back, for this error.
    pub(super) fn roll_back(&mut self, error: Error) -> Error {
        // Should even this fail, the database rolls back when the connection is closed; the first
        // error is the one to tell.
        let _ = self.conn.rollback();
        self.tell(&Event::RolledBack);
        error
    }

    /// Reads again under the lock, and plans again.
    pub(super) fn replan(&mut self) -> Result<(History, Plan<'m>), Error> {
        let ledger = self.conn.read_ledger();
        let ledger = ledger.map_err(|e| database_error(self.conn, "reading the ledger", e))?;
        let history = History::from_ledger(ledger)?;
        let plan = match self.goal {
            Goal::Run(target) => {
                let goal = match target {
                    Target::Count(_) => Goal::Run(Target::All),
                    Target::All | Target::Version(_) => self.goal,
                };
                let mut plan =
                    Plan::new(&self.migrations, &history, goal, self.allow_out_of_order)?;
                if let Target::Count(_) = target {
                    plan.steps.retain(|step| self.is_pinned(step));
                }
                plan
            }
            Goal::Revert(_) | Goal::Redo(_) => self.rest_of_pinned(&history)?,
        };
        self.outcome.left = names_of(&plan.steps);
        Ok((history, plan))
    }

    fn is_pinned(&self, step: &Step<'_>) -> bool {
        self.pinned.iter().any(|pinned| pinned.version() == step.version())
    }

    /// What of the first plan is still to be done.
    fn rest_of_pinned(&self, history: &History) -> Result<Plan<'m>, Error> {
        let is_applied = |step: &Step<'_>| history.get(step.version()).is_some();
        let is_down = |step: &Step<'_>| step.direction() == Direction::Down;
        let downs = self.pinned.iter().filter(|step| is_down(step) && is_applied(step));
        let mut steps: Vec<Step<'m>> = downs.cloned().collect();
        if !steps.is_empty() {
            let newer = history.applied().iter().filter(|a| !self.known.contains(&a.version));
            let newer: Vec<Named> = newer.map(Named::from).collect();
            if !newer.is_empty() {
                return Err(Error::Moved { newer, outcome: Box::default() });
            }
        }
        let reverted: HashSet<String> = steps.iter().map(|s| s.version().to_owned()).collect();
        let ups = self.pinned.iter().filter(|step| !is_down(step));
        steps.extend(ups.filter(|up| !is_applied(up) || reverted.contains(up.version())).cloned());
        Ok(Plan { unfinished: history.unfinished().to_vec(), steps })
    }

    /// Makes the ledger's tables when this is the first run.
    pub(super) fn ensure_ledger(&mut self, history: &History) -> Result<(), Error> {
        if history.is_complete() {
            return Ok(());
        }
        let created = self.conn.create_ledger();
        created.map_err(|error| database_error(self.conn, "creating the ledger", error))?;
        self.tell(&Event::LedgerCreated);
        Ok(())
    }

    /// The batch that this run's migrations share, over all its transactions.
    pub(super) fn batch(&mut self, history: &History) -> i64 {
        *self.outcome.batch.get_or_insert_with(|| history.next_batch())
    }

    /// Sends one statement.
    pub(super) fn statement(&mut self, step: &Step<'_>, at: usize) -> QueryResult<Duration> {
        let statement = &step.statements()[at];
        self.tell(&Event::StatementStarted { step, statement: at });
        let started = Instant::now();
        self.conn.batch_execute(step.text(statement))?;
        let took = started.elapsed();
        self.tell(&Event::StatementFinished { step, statement: at, took });
        Ok(took)
    }

    /// Takes into the outcome what was committed.
    pub(super) fn count(&mut self, step: &Step<'_>, took: Duration) {
        let is_this = |pinned: &Step<'_>| {
            pinned.version() == step.version() && pinned.direction() == step.direction()
        };
        self.pinned.retain(|pinned| !is_this(pinned));
        let done = Done { migration: step.named(), took };
        match step.direction() {
            Direction::Up => {
                self.known.insert(done.migration.version.clone());
                self.outcome.applied.push(done);
            }
            Direction::Down => self.outcome.reverted.push(done),
        }
    }

    pub(super) fn failed(&mut self, step: &Step<'_>, error: &Error) {
        self.outcome.failed = Some(step.named());
        self.tell(&Event::StepFailed { step, error });
    }

    /// The error for a statement that the database refused.
    pub(super) fn statement_error(
        &mut self,
        step: &Step<'_>,
        at: usize,
        error: &DieselError,
    ) -> Error {
        let place = Place::new(step, self.migrations.directory, at);
        let outcome = Box::default();
        match C::fault(error) {
            Fault::Busy => {
                Error::Locked { waited: Duration::ZERO, holder: self.conn.holder(), outcome }
            }
            Fault::ReadOnly => Error::ReadOnly { at: Some(Box::new(place)), outcome },
            Fault::Full => Error::DiskFull { at: Some(Box::new(place)), outcome },
            Fault::Disk => {
                Error::DiskFailed { at: Some(Box::new(place)), message: error.to_string(), outcome }
            }
            Fault::Corrupt => Error::NotADatabase { message: error.to_string(), outcome },
            Fault::InTransaction | Fault::ForeignKey | Fault::Statement => {
                Error::Statement(Box::new(StatementError {
                    place,
                    message: error.to_string(),
                    outcome: Outcome::default(),
                }))
            }
        }
    }
}

/// The error for what the runner itself asked of the database.
pub(super) fn database_error<C: Backend>(
    conn: &mut C,
    during: &'static str,
    source: DieselError,
) -> Error {
    let outcome = Box::default();
    match C::fault(&source) {
        Fault::Busy => Error::Locked { waited: Duration::ZERO, holder: conn.holder(), outcome },
        Fault::ReadOnly => Error::ReadOnly { at: None, outcome },
        Fault::Full => Error::DiskFull { at: None, outcome },
        Fault::Disk => Error::DiskFailed { at: None, message: source.to_string(), outcome },
        Fault::Corrupt => Error::NotADatabase { message: source.to_string(), outcome },
        Fault::InTransaction => Error::InTransaction,
        Fault::ForeignKey | Fault::Statement => Error::Database { during, source, outcome },
    }
}

pub(super) fn cancelled() -> Error {
    Error::Cancelled { half_way: None, outcome: Box::default() }
}

/// What the ledger is to say of an applied migration.
pub(super) fn entry(
    step: &Step<'_>,
    batch: i64,
    order: i64,
    started_at: i64,
    took: Duration,
) -> Option<Entry> {
    let Step::Up(migration) = step else { return None };
    let down = match &migration.down {
        Down::Script(script) => Some(StoredDown::encode(script, migration.run_in_transaction)),
        Down::Irreversible(_) => None,
    };
    Some(Entry {
        version: migration.version.to_owned(),
        name: migration.name.to_owned(),
        batch,
        order,
        checksum: migration.up.checksum,
        tokens: migration.up.tokens,
        down,
        started_at,
        duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
    })
}

/// The migrations of some steps, each once.
pub(super) fn names_of(steps: &[Step<'_>]) -> Vec<Named> {
    let mut seen = HashSet::new();
    steps.iter().filter(|step| seen.insert(step.version())).map(Step::named).collect()
}
