//! Runs plans: the builder, and what callers call.
use std::sync::atomic::AtomicBool;
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::ConnectionResult;

use crate::backend::{Backend, Fault};
use crate::error::{Error, PlanError};
use crate::event::Observer;
use crate::history::History;
use crate::migrations::Migrations;
use crate::outcome::{Named, Outcome};
use crate::plan::{Goal, Plan, Redo, Target, Undo};

mod backup;
mod failure;
mod guard;
mod inside;
mod lock;
mod once;
mod outside;
mod reconnect;
mod record;
mod repair;
mod resume;
mod retry;
mod run;
mod segment;

use backup::Backup;
use reconnect::Reconnect;
pub use record::Past;
pub use repair::Repair;
use run::{Run, enter};

/// How long to wait for a lock unless told otherwise.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a reader waits for a writer that is just committing.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// Applies and reverts migrations.
///
/// ```no_run
/// # fn start(migrations: &migrate_runtime::Migrations<'static>) -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "sqlite")] {
/// use diesel::prelude::*;
/// let mut conn = SqliteConnection::establish("app.db")?;
/// migrate_runtime::Runner::new(migrations).run(&mut conn)?;
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Runner<'a> {
    migrations: Migrations<'a>,
    lock_timeout: Duration,
    allow_out_of_order: bool,
    all_or_nothing: bool,
    observer: Option<&'a mut dyn Observer>,
    cancel: Option<&'a AtomicBool>,
    reconnect: Option<&'a mut dyn Reconnect>,
    backup: Option<&'a mut Backup<'a>>,
}

impl<'a> Runner<'a> {
    /// A runner of this set.
    #[must_use]
    pub fn new(migrations: &Migrations<'a>) -> Self {
        Self {
            migrations: *migrations,
            lock_timeout: LOCK_TIMEOUT,
            allow_out_of_order: false,
            all_or_nothing: false,
            observer: None,
            cancel: None,
            reconnect: None,
            backup: None,
        }
    }

    /// How long to wait while another runner or writer holds the database. 60 seconds by default.
    ///
    /// Where every migration has a transaction of its own (PostgreSQL, MySQL), that is how long to
    /// wait for the lock that keeps runners apart; and again how long, for each migration, the
    /// attempts and pauses may last together while somebody is in the way of one of its
    /// statements. A single attempt waits no longer than two seconds, since others queue behind
    /// it, and there are at most ten.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// Whether pending migrations that are older than an applied one are applied too. No by
    /// default.
    #[must_use]
    pub fn allow_out_of_order(mut self, allow: bool) -> Self {
        self.allow_out_of_order = allow;
        self
    }

    /// Whether all that a run does is one transaction, on PostgreSQL as well. No by default. What cannot
    /// be that is refused: a migration that runs outside of transactions, and everything on MySQL.
    #[must_use]
    pub fn all_or_nothing(mut self, whole: bool) -> Self {
        self.all_or_nothing = whole;
        self
    }

    /// Who is told what happens.
    #[must_use]
    pub fn observer(mut self, observer: &'a mut dyn Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Stops between two statements once this is true, and rolls the open transaction back.
    #[must_use]
    pub fn cancel_on(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// How to connect again, when the connection is lost. The run then takes the lock again, looks
    /// what is done, and goes on; the lost connection is replaced by the new one. A migration whose
    /// statement was under way is tried once more; up to five times, where it is open what is done:
    /// over a commit, or over a statement that cannot run in a transaction. Without this, or when it
    /// fails for as long as the run waits for a lock, the run ends, says so when it does not know,
    /// and the next one looks. SQLite loses no connection.
    ///
    /// It has to make connections of the type that the run gets, to the same database; others are
    /// not used.
    #[must_use]
    pub fn reconnect_with<C: Backend>(
        mut self,
        connect: &'a mut impl FnMut() -> ConnectionResult<C>,
    ) -> Self {
        self.reconnect = Some(connect);
        self
    }

    /// Who copies the database before it is changed: called once, under the lock of the run and before
    /// its first statement, when there is something to do. Says where the copy is, which the ledger
    /// notes, or why there is none: then the run ends, and nothing is changed.
    ///
    /// On SQLite the lock is a transaction that has written nothing yet, so another connection can
    /// read all that there is.
    #[must_use]
    pub fn backup_with(
        mut self,
        backup: &'a mut (dyn FnMut() -> Result<String, String> + 'a),
    ) -> Self {
        self.backup = Some(backup);
        self
    }

    /// Applies everything that is pending. When nothing is, this is one read: no lock is taken and
    /// nothing is written.
    ///
    /// # Errors
    /// Every variant of [`Error`]; what was committed before stays and is in its
    /// [`outcome`](Error::outcome).
    pub fn run<C: Backend>(&mut self, conn: &mut C) -> Result<Outcome, Error> {
        self.run_to(conn, Target::All)
    }

    /// Applies as far as the target.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_to<C: Backend>(
        &mut self,
        conn: &mut C,
        target: Target<'_>,
    ) -> Result<Outcome, Error> {
        self.execute(conn, Goal::Run(target))
    }

    /// Reverts, newest first by the order of application.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn revert<C: Backend>(&mut self, conn: &mut C, undo: Undo<'_>) -> Result<Outcome, Error> {
        self.execute(conn, Goal::Revert(undo))
    }

    /// Reverts and applies again; in one transaction where all the migrations allow it.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn redo<C: Backend>(&mut self, conn: &mut C, redo: Redo) -> Result<Outcome, Error> {
        self.execute(conn, Goal::Redo(redo))
    }

    /// Records that migrations of the set are applied, without running them: something else has done
    /// what they do. The ledger's rows name that as their tool. What has a record already is left as
    /// it is; of what Diesel applied the record is made, with the files' checksums as they are now.
    ///
    /// # Errors
    /// [`PlanError::Unknown`](crate::PlanError::Unknown) for a version that is not in the set; else as
    /// [`run`](Self::run), of what concerns the lock and the ledger. All is recorded, or nothing.
    pub fn record<C: Backend>(
        &mut self,
        conn: &mut C,
        past: &[Past<'_>],
        tool: &str,
    ) -> Result<Outcome, Error> {
        refuse_dialect::<C>(&self.migrations)?;
        let history = read(conn, self.lock_timeout)?;
        let entries = record::entries(&self.migrations, past, tool)?;
        if entries.iter().all(|entry| record::is_known(&history, entry)) {
            return Ok(Outcome::default());
        }
        let session = enter(conn, self.lock_timeout)?;
        let goal = Goal::Run(Target::Count(0));
        Run::new(self, conn, session, goal, &history, &Plan::default()).record(entries)
    }

    /// Settles what stands between the ledger and the set, without running anything; says which
    /// migrations that was about.
    ///
    /// # Errors
    /// [`PlanError`](crate::PlanError) for a version that nobody knows, or that cannot be recorded; else
    /// as [`run`](Self::run), of what concerns the lock and the ledger. All is settled, or nothing.
    pub fn repair<C: Backend>(
        &mut self,
        conn: &mut C,
        repair: Repair<'_>,
    ) -> Result<Vec<Named>, Error> {
        refuse_dialect::<C>(&self.migrations)?;
        let history = read(conn, self.lock_timeout)?;
        if repair::edits(&self.migrations, &history, repair)?.is_empty() {
            return Ok(Vec::new());
        }
        let session = enter(conn, self.lock_timeout)?;
        let goal = Goal::Run(Target::Count(0));
        Run::new(self, conn, session, goal, &history, &Plan::default()).repair(repair)
    }

    /// What any of the others would do. Reads only.
    ///
    /// # Errors
    /// What stands against the plan, as the run would say it before it touches anything.
    pub fn plan<C: Backend>(&self, conn: &mut C, goal: Goal<'_>) -> Result<Plan<'a>, Error> {
        refuse_dialect::<C>(&self.migrations)?;
        let history = History::read(conn)?;
        Ok(self.plan_from(&history, goal)?)
    }

    fn plan_from(&self, history: &History, goal: Goal<'_>) -> Result<Plan<'a>, PlanError> {
        let plan = Plan::new(&self.migrations, history, goal, self.allow_out_of_order)?;
        if self.all_or_nothing && !plan.is_empty() {
            plan.refuse_pieces(self.migrations.dialect)?;
        }
        Ok(plan)
    }

    /// Does whichever of these is asked for.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn execute<C: Backend>(&mut self, conn: &mut C, goal: Goal<'_>) -> Result<Outcome, Error> {
        refuse_dialect::<C>(&self.migrations)?;
        let begun = match self.begin(conn, goal) {
            // As one of a pool may be that nobody has used for long.
            Err(Error::ConnectionLost { .. }) if self.replace(conn) => self.begin(conn, goal),
            begun => begun,
        };
        let Some((session, history, plan)) = begun? else { return Ok(Outcome::default()) };
        Run::new(self, conn, session, goal, &history, &plan).execute(plan)
    }

    /// Prepares the connection, unless nothing is to be done.
    fn begin<C: Backend>(
        &self,
        conn: &mut C,
        goal: Goal<'_>,
    ) -> Result<Option<(C::Session, History, Plan<'a>)>, Error> {
        let history = read(conn, self.lock_timeout)?;
        let plan = self.plan_from(&history, goal)?;
        if plan.is_empty() {
            return Ok(None);
        }
        plan.refuse_elsewhere(&self.migrations)?;
        Ok(Some((enter(conn, self.lock_timeout)?, history, plan)))
    }

    /// Puts a new connection in the place of one that is lost.
    fn replace<C: Backend>(&mut self, conn: &mut C) -> bool {
        self.reconnect.as_mut().is_some_and(|reconnect| reconnect.replace(conn))
    }
}

/// A set runs only on the database that it is written for.
pub(crate) fn refuse_dialect<C: Backend>(migrations: &Migrations<'_>) -> Result<(), Error> {
    if migrations.dialect == C::DIALECT {
        return Ok(());
    }
    Err(Error::WrongDialect { set: migrations.dialect, connection: C::DIALECT })
}

/// Reads the history, with patience for a writer that is just committing.
pub(crate) fn read_patiently<C: Backend>(conn: &mut C) -> Result<History, Error> {
    read(conn, READ_PATIENCE)
}

fn read<C: Backend>(conn: &mut C, patience: Duration) -> Result<History, Error> {
    let started = Instant::now();
    let mut attempts = 0;
    loop {
        match conn.read_ledger(None) {
            Ok(ledger) => return Ok(History::from_ledger(ledger)?),
            Err(error) if C::fault(&error) == Fault::Busy && started.elapsed() < patience => {
                sleep(C::pause(attempts));
                attempts += 1;
            }
            Err(error) => {
                return Err(failure::database_error(conn, None, "reading the ledger", error));
            }
        }
    }
}
