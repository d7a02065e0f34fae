//! What is to be done, from the set and the history alone: nothing here touches a database.
use crate::code::Code;
use crate::error::{Place, PlanError};
use crate::history::{Applied, History};
use crate::journal::Unfinished;
use crate::migrations::{Dialect, Migration, Migrations, Mode};
use crate::outcome::Named;
use crate::step::Step;
use crate::version::resolve;

/// How far to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Everything that is pending.
    All,
    /// The next so many.
    Count(u32),
    /// Everything up to this one, itself included: a version with or without dashes, or a
    /// directory's name.
    Version(&'a str),
}

/// How much to revert, newest first by the order of application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo<'a> {
    /// The newest so many.
    Count(u32),
    /// Everything behind this one, which stays.
    To(&'a str),
    /// What the last run applied. Of what Diesel applied, the newest one.
    Batch,
    /// Everything.
    All,
}

/// How much to revert and apply again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// The newest so many.
    Count(u32),
    /// Everything.
    All,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal<'a> {
    /// Apply.
    Run(Target<'a>),
    /// Revert.
    Revert(Undo<'a>),
    /// Revert and apply again.
    Redo(Redo),
}

/// What a run would do.
#[derive(Clone, Debug, Default)]
pub struct Plan<'m> {
    /// What an earlier run began outside of a transaction and did not end: finished first.
    pub unfinished: Vec<Unfinished>,
    /// The steps, in order.
    pub steps: Vec<Step<'m>>,
}

impl<'m> Plan<'m> {
    /// Makes the plan, or says what stands against it.
    ///
    /// # Errors
    /// Set and history do not fit together, or the goal cannot be reached: [`PlanError`] says
    /// which. Nothing was touched.
    pub fn new(
        migrations: &Migrations<'m>,
        history: &History,
        goal: Goal<'_>,
        allow_out_of_order: bool,
    ) -> Result<Self, PlanError> {
        let steps = match goal {
            Goal::Run(target) => {
                let until = match target {
                    Target::Version(given) => Some(resolve(given, migrations, history)?),
                    Target::All | Target::Count(_) => None,
                };
                refuse_divergence(migrations, history, allow_out_of_order)?;
                let pending = pending(migrations, history)
                    .filter(|migration| until.as_deref().is_none_or(|v| migration.version <= v));
                let count = match target {
                    Target::Count(count) => count as usize,
                    Target::All | Target::Version(_) => usize::MAX,
                };
                pending.take(count).map(Step::Up).collect()
            }
            Goal::Revert(undo) => newest(undo, migrations, history)?
                .into_iter()
                .map(|applied| down(applied, migrations))
                .collect::<Result<_, _>>()?,
            Goal::Redo(redo) => again(redo, migrations, history)?,
        };
        let plan = Self { unfinished: history.unfinished().to_vec(), steps };
        plan.refuse_mixed_transactions(migrations)?;
        Ok(plan)
    }

    /// Looks whether all of it can be one transaction, as far as the plan tells.
    pub(crate) fn refuse_pieces(&self, dialect: Dialect) -> Result<(), PlanError> {
        let refuse = |at: Option<Named>, why| Err(PlanError::InPieces { at, why });
        if dialect == Dialect::Mysql {
            return refuse(None, "MySQL and MariaDB commit with every statement about the schema");
        }
        if let Some(unfinished) = self.unfinished.first() {
            return refuse(Some(Named::from(unfinished)), "stands half way: finish it first");
        }
        match self.steps.iter().find(|step| !step.is_inside()) {
            Some(step) => refuse(
                Some(step.named()),
                "runs outside of transactions: run what is before it, and what is behind it, by itself",
            ),
            None => Ok(()),
        }
    }

    /// Whether some of it is written in Rust.
    #[must_use]
    pub fn has_code(&self, migrations: &Migrations<'_>) -> bool {
        let unfinished = self.unfinished.iter();
        let mut begun = unfinished.filter_map(|begun| migrations.get(&begun.version));
        self.steps.iter().any(|step| step.code().is_some())
            || begun.any(|migration| migration.up.code.is_some())
    }

    /// Looks whether this program can do all of it.
    pub(crate) fn refuse_elsewhere(&self, migrations: &Migrations<'_>) -> Result<(), PlanError> {
        let is_elsewhere = |code| matches!(code, Some(Code::Elsewhere));
        if let Some(step) = self.steps.iter().find(|step| is_elsewhere(step.code())) {
            return Err(PlanError::Elsewhere(step.named()));
        }
        let unfinished = self.unfinished.iter().find(|begun| {
            migrations.get(&begun.version).is_some_and(|found| is_elsewhere(found.up.code))
        });
        unfinished.map_or(Ok(()), |begun| Err(PlanError::Elsewhere(Named::from(begun))))
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unfinished.is_empty()
    }

    /// A script that runs inside a transaction must not end it. The verifier saw to that; this
    /// keeps a set that was made in another way from half a commit. In MySQL nearly every
    /// statement about a schema ends it, so those run outside, whatever `metadata.toml` says.
    fn refuse_mixed_transactions(&self, migrations: &Migrations<'_>) -> Result<(), PlanError> {
        let ends_it = |mode| match mode {
            Mode::Begin | Mode::Commit => true,
            Mode::Alone | Mode::Once => migrations.dialect != Dialect::Mysql,
            Mode::Normal | Mode::Session | Mode::Temporary => false,
        };
        for step in self.steps.iter().filter(|step| step.run_in_transaction()) {
            if let Some(at) = step.statements().iter().position(|s| ends_it(s.mode)) {
                let place = Place::new(step, migrations.directory, at);
                return Err(PlanError::NotInTransaction(place));
            }
        }
        Ok(())
    }
}

/// Whether an applied migration's `up.sql` says something else now. A comment does not count.
pub(crate) fn is_edited(migration: &Migration<'_>, applied: &Applied) -> bool {
    let Some(record) = &applied.record else { return false };
    record.checksum.is_some_and(|checksum| checksum != migration.up.checksum)
        && record.tokens != Some(migration.up.tokens)
}

pub(crate) fn pending<'m>(
    migrations: &Migrations<'m>,
    history: &History,
) -> impl Iterator<Item = &'m Migration<'m>> {
    migrations.all.into_iter().filter(|migration| history.get(migration.version).is_none())
}

/// Whether a version is greater than everything in the set.
pub(crate) fn is_ahead(migrations: &Migrations<'_>, version: &str) -> bool {
    migrations.all.last().is_none_or(|newest| newest.version < version)
}

fn refuse_divergence(
    migrations: &Migrations<'_>,
    history: &History,
    allow_out_of_order: bool,
) -> Result<(), PlanError> {
    let edited = migrations
        .all
        .iter()
        .filter(|migration| history.get(migration.version).is_some_and(|a| is_edited(migration, a)))
        .map(Named::from);
    refuse(edited, PlanError::Edited)?;
    let (ahead, missing): (Vec<&Applied>, Vec<_>) = history
        .applied()
        .iter()
        .filter(|applied| migrations.get(&applied.version).is_none())
        .partition(|applied| is_ahead(migrations, &applied.version));
    refuse(missing.into_iter().map(Named::from), PlanError::Missing)?;
    refuse(ahead.into_iter().map(Named::from), PlanError::Ahead)?;
    if allow_out_of_order {
        return Ok(());
    }
    let Some(newest) = history.newest_version() else { return Ok(()) };
    let late = pending(migrations, history).filter(|m| m.version < newest).map(Named::from);
    refuse(late, |pending| PlanError::OutOfOrder { pending, newest: newest.to_owned() })
}

fn refuse(
    found: impl Iterator<Item = Named>,
    error: impl FnOnce(Vec<Named>) -> PlanError,
) -> Result<(), PlanError> {
    let found: Vec<Named> = found.collect();
    if found.is_empty() { Ok(()) } else { Err(error(found)) }
}

/// What `undo` takes back, newest first.
fn newest<'h>(
    undo: Undo<'_>,
    migrations: &Migrations<'_>,
    history: &'h History,
) -> Result<Vec<&'h Applied>, PlanError> {
    let newest_first = history.applied().iter().rev();
    Ok(match undo {
        Undo::Count(count) => newest_first.take(count as usize).collect(),
        Undo::All => newest_first.collect(),
        Undo::To(given) => {
            let stays = resolve(given, migrations, history)?;
            if history.get(&stays).is_none() {
                return Err(PlanError::NotApplied { given: given.to_owned() });
            }
            newest_first.take_while(|applied| applied.version != stays).collect()
        }
        Undo::Batch => {
            let batch = |applied: &Applied| applied.record.as_ref().map(|record| record.batch);
            match history.applied().last().map(batch) {
                None => Vec::new(),
                Some(None) => newest_first.take(1).collect(),
                Some(last) => newest_first.filter(|applied| batch(applied) == last).collect(),
            }
        }
    })
}

fn down<'m>(applied: &Applied, migrations: &Migrations<'m>) -> Result<Step<'m>, PlanError> {
    if let Some(migration) = migrations.get(&applied.version) {
        return Step::down(migration).map_err(|reason| PlanError::Irreversible {
            migration: Named::from(migration),
            reason: reason.to_owned(),
        });
    }
    let stored = applied.record.as_ref().and_then(|record| record.down.as_ref());
    let Some(stored) = stored else {
        return Err(PlanError::NoDown(Named::from(applied)));
    };
    Ok(Step::Stored { migration: Named::from(applied), script: stored.decode()? })
}

fn again<'m>(
    redo: Redo,
    migrations: &Migrations<'m>,
    history: &History,
) -> Result<Vec<Step<'m>>, PlanError> {
    let undo = match redo {
        Redo::Count(count) => Undo::Count(count),
        Redo::All => Undo::All,
    };
    let newest = newest(undo, migrations, history)?;
    let gone = newest.iter().filter(|applied| migrations.get(&applied.version).is_none());
    refuse(gone.map(|applied| Named::from(*applied)), PlanError::Gone)?;
    let mut steps =
        newest.iter().map(|applied| down(applied, migrations)).collect::<Result<Vec<_>, _>>()?;
    let mut ups: Vec<&Migration<'m>> =
        newest.iter().filter_map(|applied| migrations.get(&applied.version)).collect();
    ups.sort_unstable_by_key(|migration| migration.version);
    steps.extend(ups.into_iter().map(Step::Up));
    Ok(steps)
}

impl From<&Migration<'_>> for Named {
    fn from(migration: &Migration<'_>) -> Self {
        Self { version: migration.version.to_owned(), name: migration.name.to_owned() }
    }
}

impl From<&Unfinished> for Named {
    fn from(unfinished: &Unfinished) -> Self {
        Self { version: unfinished.version.clone(), name: unfinished.name.clone() }
    }
}

impl From<&Applied> for Named {
    fn from(applied: &Applied) -> Self {
        Self { version: applied.version.clone(), name: applied.name().to_owned() }
    }
}

#[cfg(test)]
mod tests;
