//! Where a history begins that something else has made.
use crate::error::PlanError;
use crate::history::{Applied, History};
use crate::migrations::Migrations;
use crate::outcome::Named;
use crate::version::resolve;

/// What the ledger names as the tool of what was never run: the beginning of it.
pub const BASELINE: &str = "baseline";

impl History {
    /// What is to be recorded so that the history begins with this migration, itself included: what is
    /// not applied yet, in order.
    ///
    /// # Errors
    /// Nobody knows it, it is not in the set, or something newer is applied.
    pub fn baseline(
        &self,
        migrations: &Migrations<'_>,
        given: &str,
    ) -> Result<Vec<Named>, PlanError> {
        let version = resolve(given, migrations, self)?;
        let Some(first) = migrations.get(&version) else {
            let name = self.get(&version).map_or(&*version, Applied::name).to_owned();
            return Err(PlanError::NotInSet(Named { version, name }));
        };
        let newer = self.applied().iter().filter(|applied| *applied.version > *version);
        let newer: Vec<Named> = newer.map(Named::from).collect();
        if !newer.is_empty() {
            return Err(PlanError::Beyond { first: Named::from(first), newer });
        }
        let until = migrations.all.iter().filter(|migration| *migration.version <= *version);
        let is_open = |version: &str| self.get(version).is_none();
        Ok(until.filter(|migration| is_open(migration.version)).map(Named::from).collect())
    }
}

impl Applied {
    /// Whether it was recorded as the beginning of a history, and never run.
    #[must_use]
    pub fn is_baselined(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.tool.starts_with(BASELINE))
    }
}
