//! Watches over what a migration does not name.
use std::collections::HashMap;

use diesel::result::Error as DieselError;

use super::run::Run;
use crate::backend::{Backend, Loss, mentions};
use crate::error::{Error, ForeignKeyViolations, RowLoss, Violation};
use crate::outcome::{Named, Outcome};
use crate::step::Step;

/// How many rows an error lists.
const SHOWN: usize = 10;

impl<C: Backend> Run<'_, '_, C> {
    /// Does the work, inside the open transaction, and compares the rows of the tables that the
    /// step does not name before and after.
    pub(super) fn guarded<T>(
        &mut self,
        step: &Step<'_>,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let was_nothing_exposed = self.nothing_is_exposed;
        if was_nothing_exposed && mentions_exposure(step.sql()) {
            self.nothing_is_exposed = false;
        }
        if !step.is_guarded() || was_nothing_exposed {
            return work(self);
        }
        let is_named = |table: &str| step.names_table(table);
        let watched = self.conn.watch(step.sql(), &is_named);
        let watched = watched.map_err(|error| self.counting(error))?;
        self.nothing_is_exposed = watched.is_none() && !mentions_exposure(step.sql());
        let Some(watched) = watched else { return work(self) };
        let done = work(self)?;
        let loss = self.conn.loss(watched, &is_named).map_err(|error| self.counting(error))?;
        match loss {
            None => Ok(done),
            Some(Loss { table, lost, before }) => Err(Error::RowLoss(Box::new(RowLoss {
                migration: step.named(),
                direction: step.direction(),
                table,
                lost,
                before,
                outcome: Outcome::default(),
            }))),
        }
    }

    fn counting(&mut self, error: DieselError) -> Error {
        self.database_error("counting rows", error)
    }

    /// Rows that refer to nothing now.
    pub(super) fn violations(&mut self) -> Result<Vec<Violation>, Error> {
        let violations = self.conn.foreign_key_violations();
        violations.map_err(|error| self.database_error("checking foreign keys", error))
    }
}

/// Whether a script may make a table lose rows when others do. Until one does, a schema that has
/// no such table needs no second look.
fn mentions_exposure(sql: &str) -> bool {
    ["cascade", "trigger"].iter().any(|word| mentions(sql, word))
}

/// The error for the violations that were not there before, when there are any.
pub(super) fn refuse_new(
    before: &[Violation],
    now: Vec<Violation>,
    migrations: impl FnOnce() -> Vec<Named>,
) -> Result<(), Error> {
    let mut old: HashMap<&Violation, usize> = HashMap::new();
    for violation in before {
        *old.entry(violation).or_default() += 1;
    }
    let mut new: Vec<Violation> = now
        .into_iter()
        .filter(|violation| match old.get_mut(violation) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let count = new.len();
    new.truncate(SHOWN);
    Err(Error::ForeignKeys(Box::new(ForeignKeyViolations {
        migrations: migrations(),
        rows: new,
        count,
        outcome: Outcome::default(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(table: &str, rowid: Option<i64>) -> Violation {
        Violation { table: table.into(), rowid, parent: "p".into() }
    }

    #[test]
    fn old_violations_are_nobodys_fault() {
        let before = [violation("c", Some(1)), violation("w", None)];
        assert!(refuse_new(&before, before.to_vec(), Vec::new).is_ok());
        assert!(refuse_new(&before, Vec::new(), Vec::new).is_ok());
    }

    #[test]
    fn new_ones_are_counted_and_the_first_are_shown() {
        let before = [violation("w", None)];
        let mut now = vec![violation("w", None), violation("w", None)];
        now.extend((0..20).map(|row| violation("c", Some(row))));
        let Err(Error::ForeignKeys(error)) = refuse_new(&before, now, Vec::new) else {
            panic!("let 21 violations pass");
        };
        assert_eq!((error.count, error.rows.len()), (21, SHOWN));
    }
}
