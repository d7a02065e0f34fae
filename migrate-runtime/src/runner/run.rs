//! One run: what inside and outside of transactions have in common.
use std::any::TypeId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::Runner;
use super::backup::Backup;
use super::failure::hindered;
use super::reconnect::{Flight, Reconnect};
use crate::backend::{Backend, Entry, TOOL, Terms};
use crate::error::{Error, PlanError};
use crate::event::{Event, Observer};
use crate::history::History;
use crate::migrations::{Down, Migrations};
use crate::outcome::{Done, Named, Outcome};
use crate::plan::{Goal, Plan, Target};
use crate::process;
use crate::step::{Direction, Step};
use crate::stored::StoredDown;

pub(super) struct Run<'r, 'm, C: Backend> {
    pub(super) conn: &'r mut C,
    pub(super) session: C::Session,
    pub(super) migrations: Migrations<'m>,
    pub(super) goal: Goal<'r>,
    pub(super) lock_timeout: Duration,
    allow_out_of_order: bool,
    all_or_nothing: bool,
    observer: Option<&'r mut dyn Observer>,
    cancel: Option<&'r AtomicBool>,
    pub(super) reconnect: Option<&'r mut dyn Reconnect>,
    pub(super) backup: Option<&'r mut Backup<'m>>,
    /// How often it connected again.
    pub(super) reconnected: u32,
    /// What was being committed when the connection was lost.
    pub(super) flight: Option<Flight<'m>>,
    /// The failure that left something unknown, until another connection has found out.
    pub(super) doubt: Option<Error>,
    /// Whether foreign keys are enforced on this connection, when no run meddles.
    pub(super) enforced: bool,
    /// Whether, in this transaction, no table can lose rows when others do.
    pub(super) nothing_is_exposed: bool,
    /// The steps of the first plan that are not done. What is to be reverted is settled before waiting for a lock:
    /// two who ask for "the newest" at once mean the same one.
    pinned: Vec<Step<'m>>,
    /// What was applied then, and what this run applied since.
    known: HashSet<String>,
    /// What the ledger's next row is to be numbered with: its order, its batch.
    next_order: i64,
    pub(super) next_batch: i64,
    /// Whether the plan was made under the session's lock.
    pub(super) is_settled: bool,
    /// The statement that was sent last, and when.
    pub(super) sent: (usize, Instant),
    pub(super) outcome: Outcome,
}

impl<'r, 'm, C: Backend> Run<'r, 'm, C> {
    /// On a connection that is prepared.
    pub(super) fn new(
        runner: &'r mut Runner<'m>,
        conn: &'r mut C,
        session: C::Session,
        goal: Goal<'r>,
        history: &History,
        plan: &Plan<'m>,
    ) -> Self {
        Self {
            conn,
            enforced: C::enforces_foreign_keys(&session),
            session,
            migrations: runner.migrations,
            goal,
            lock_timeout: runner.lock_timeout,
            allow_out_of_order: runner.allow_out_of_order,
            all_or_nothing: runner.all_or_nothing,
            observer: match &mut runner.observer {
                Some(observer) => Some(&mut **observer),
                None => None,
            },
            cancel: runner.cancel,
            reconnect: match &mut runner.reconnect {
                Some(reconnect) if reconnect.makes() == TypeId::of::<C>() => Some(&mut **reconnect),
                _ => None,
            },
            backup: match &mut runner.backup {
                Some(backup) => Some(&mut **backup),
                None => None,
            },
            reconnected: 0,
            flight: None,
            doubt: None,
            nothing_is_exposed: false,
            pinned: plan.steps.clone(),
            known: history.applied().iter().map(|applied| applied.version.clone()).collect(),
            next_order: 0,
            next_batch: 0,
            is_settled: false,
            sent: (0, Instant::now()),
            outcome: Outcome::default(),
        }
    }

    /// Works the plan off, and leaves the connection's settings as they were, come what may.
    pub(super) fn execute(mut self, plan: Plan<'m>) -> Result<Outcome, Error> {
        let result = if C::SESSION_LOCK { self.hold(&plan) } else { self.work_off(plan) };
        let left = self.leave(result.is_ok());
        match result.and(left) {
            Ok(()) => Ok(self.outcome),
            Err(error) => Err(self.with_outcome(error)),
        }
    }

    /// A connection that is lost has no settings to restore: with another one in its place, what is
    /// done is well done.
    pub(super) fn leave(&mut self, is_well: bool) -> Result<(), Error> {
        let Err(error) = self.conn.leave(&self.session) else { return Ok(()) };
        let error = self.database_error("restoring the connection's settings", error);
        if is_well && self.can_reconnect(&error) && self.connect_again()? {
            return Ok(());
        }
        Err(error)
    }

    /// Works the plan off under the session's lock; on another connection, when one is lost.
    fn hold(&mut self, plan: &Plan<'m>) -> Result<(), Error> {
        self.outcome.left = names_of(&plan.steps);
        let mut result = self.under_lock();
        loop {
            match result {
                Err(error) if self.can_reconnect(&error) => {
                    result = self.reconnect(error).and_then(|()| self.under_lock());
                }
                Err(Error::ConnectionLost { .. }) if let Some(doubt) = self.doubt.take() => {
                    return Err(doubt);
                }
                result => return result,
            }
        }
    }

    fn under_lock(&mut self) -> Result<(), Error> {
        self.take_lock()?;
        let result = self.settle().and_then(|plan| self.work_off(plan));
        let unlocked = self.conn.unlock(&self.session);
        result?;
        unlocked.map_err(|error| self.database_error("giving the lock back", error))
    }

    /// Plans again under the session's lock, and makes ready for it: no transaction is open yet, which
    /// the ledger's tables could end.
    fn settle(&mut self) -> Result<Plan<'m>, Error> {
        let (history, plan) = self.replan()?;
        self.is_settled = true;
        self.doubt = None;
        if self.outcome.applied.is_empty() {
            // Before a connection was lost it may have been given, and to another run meanwhile.
            self.outcome.batch = None;
        }
        if !plan.is_empty() {
            self.ready(&history)?;
        }
        Ok(plan)
    }

    fn work_off(&mut self, mut plan: Plan<'m>) -> Result<(), Error> {
        let result = self.work_through(&mut plan);
        self.outcome.left = names_of(&plan.steps);
        result
    }

    fn work_through(&mut self, plan: &mut Plan<'m>) -> Result<(), Error> {
        while !plan.is_empty() {
            let is_outside = !plan.unfinished.is_empty()
                || plan.steps.first().is_some_and(|step| !step.is_inside());
            if is_outside { self.outside(plan)? } else { self.inside(plan)? }
        }
        Ok(())
    }

    pub(super) fn with_outcome(self, mut error: Error) -> Error {
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

    /// Reads again under the lock, and plans again.
    pub(super) fn replan(&mut self) -> Result<(History, Plan<'m>), Error> {
        let history = self.reread()?;
        self.land(&history);
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
        // Others may have left what was none of this run's before.
        plan.refuse_elsewhere(&self.migrations)?;
        Ok((history, plan))
    }

    /// Reads again under the lock.
    pub(super) fn reread(&mut self) -> Result<History, Error> {
        let ledger = self.conn.read_ledger(Some(&self.session));
        let ledger = ledger.map_err(|e| self.database_error("reading the ledger", e))?;
        let history = History::from_ledger(ledger)?;
        (self.next_order, self.next_batch) = (history.next_order(), history.next_batch());
        Ok(history)
    }

    /// Whether all steps belong into one transaction: what is done again goes into one with its revert.
    pub(super) fn is_whole(&self) -> bool {
        self.all_or_nothing || matches!(self.goal, Goal::Redo(_))
    }

    /// Looks again, under the lock, whether a run that is to be all or nothing can be it.
    pub(super) fn refuse_pieces(&self, plan: &Plan<'m>, first: usize) -> Result<(), PlanError> {
        if !self.all_or_nothing || plan.is_empty() {
            return Ok(());
        }
        plan.refuse_pieces(self.migrations.dialect)?;
        match plan.steps.get(first) {
            // Enforcement can be switched between transactions only.
            Some(step) => Err(PlanError::InPieces {
                at: Some(step.named()),
                why: "needs foreign keys switched in another way than those before it",
            }),
            None => Ok(()),
        }
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
        let created = self.conn.create_ledger(&self.session);
        created.map_err(|error| self.database_error("creating the ledger", error))?;
        self.tell(&Event::LedgerCreated);
        Ok(())
    }

    /// The batch that this run's migrations share, over all its transactions.
    pub(super) fn batch(&mut self) -> i64 {
        *self.outcome.batch.get_or_insert(self.next_batch)
    }

    /// The order of the migration that is applied next.
    pub(super) fn order(&mut self) -> i64 {
        let order = self.next_order;
        self.next_order = order.saturating_add(1);
        order
    }

    /// The order that was given last.
    pub(super) fn last_order(&self) -> i64 {
        self.next_order.saturating_sub(1)
    }

    /// Sends one statement.
    pub(super) fn statement(&mut self, step: &Step<'_>, at: usize) -> QueryResult<Duration> {
        let statement = &step.statements()[at];
        self.tell(&Event::StatementStarted { step, statement: at });
        let started = Instant::now();
        self.sent = (at, started);
        let text = step.text(statement);
        match step.code() {
            Some(code) => self.conn.call(&self.session, code, text, true)?,
            None => self.conn.execute(&self.session, text)?,
        }
        let took = started.elapsed();
        self.tell(&Event::StatementFinished { step, statement: at, took });
        Ok(took)
    }

    /// Takes into the outcome what was committed.
    pub(super) fn count(&mut self, step: &Step<'_>, took: Duration) {
        let is_this = |pinned: &Step<'_>| {
            pinned.version() == step.version() && pinned.direction() == step.direction()
        };
        if let Some(at) = self.pinned.iter().position(is_this) {
            self.pinned.remove(at);
        }
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
        if self.can_reconnect(error) {
            return;
        }
        self.outcome.failed = Some(step.named());
        self.tell(&Event::StepFailed { step, error });
    }
}

/// Prepares a connection.
pub(super) fn enter<C: Backend>(conn: &mut C, lock_timeout: Duration) -> Result<C::Session, Error> {
    let terms = Terms { run: process::unique(), lock_timeout };
    conn.enter(&terms).map_err(|obstacle| hindered(conn, obstacle))
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
        Down::Script(script) if script.code.is_none() => {
            Some(StoredDown::encode(script, migration.run_in_transaction))
        }
        // Another program could not run what is written in Rust.
        Down::Script(_) | Down::Irreversible(_) => None,
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
        tool: TOOL.to_owned(),
    })
}

/// The migrations of some steps, each once.
pub(super) fn names_of(steps: &[Step<'_>]) -> Vec<Named> {
    let mut seen = HashSet::new();
    steps.iter().filter(|step| seen.insert(step.version())).map(Step::named).collect()
}
