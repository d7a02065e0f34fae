//! The words: what, where, why, what to do.
use std::fmt::{self, Display, Formatter};

use super::{
    Damaged, Error, Evidence, ForeignKeyViolations, HalfWay, HalfWayReason, Place, RowLoss,
    StatementError, Violation, said,
};
use crate::escape::Escaped;
use crate::outcome::{Named, Outcome};
use crate::step::Direction;

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { waited, holder, outcome } => {
                // In whole numbers: formatting fractions would add 15 KB to every program.
                let tenths = waited.as_millis() / 100;
                write!(f, "the database is locked: waited {}.{} s", tenths / 10, tenths % 10)?;
                if let Some(holder) = holder {
                    write!(f, "; held by {}", Escaped(holder))?;
                }
                so_far(f, outcome)?;
                f.write_str(". Run again when it is free, or wait longer with a lock timeout")
            }
            Self::Statement(error) => error.fmt(f),
            Self::HalfWay(error) => error.fmt(f),
            Self::RowLoss(error) => error.fmt(f),
            Self::ForeignKeys(error) => error.fmt(f),
            Self::Plan(error) => error.fmt(f),
            Self::WrongDialect { set, connection } => write!(
                f,
                "these migrations are written for {}, and the connection is one to {}",
                set.name(),
                connection.name()
            ),
            Self::Unsupported { what } => write!(
                f,
                "migrations cannot be run safely here: {}. Nothing was touched",
                Escaped(what)
            ),
            Self::LockLost { help, outcome } => {
                f.write_str("the session does not keep the lock that keeps runners apart")?;
                so_far(f, outcome)?;
                write!(f, ". {help}")
            }
            Self::ConnectionLost { at, outcome } => {
                f.write_str("the connection to the database was lost")?;
                at_place(f, at.as_deref())?;
                f.write_str("; what it had begun was rolled back with it")?;
                so_far(f, outcome)?;
                f.write_str(". Run again when the database can be reached")
            }
            Self::CommitUnknown { migrations, outcome } => {
                write!(
                    f,
                    "the connection to the database was lost while {} was being committed: it is \
                     either done and recorded, or untouched",
                    List(migrations)
                )?;
                so_far(f, outcome)?;
                f.write_str(". Run again: the next run finds out which, and does what is left")
            }
            Self::RolledBackInPart { at, message, outcome } => {
                f.write_str("failed")?;
                at_place(f, at.as_deref())?;
                write!(
                    f,
                    ": {}. Tables without transactions (MyISAM, Aria, MEMORY) keep what was \
                     written there; all else was rolled back",
                    Escaped(message)
                )?;
                so_far(f, outcome)?;
                f.write_str(
                    ". Take that back by hand, mend the statement, and run again. With `ENGINE = \
                     InnoDB` a table has transactions",
                )
            }
            Self::InTransaction => f.write_str(
                "the connection is already inside a transaction: migrations open their own. \
                 Commit or roll back before running them",
            ),
            Self::Cancelled { half_way, outcome } => {
                f.write_str("stopped on request")?;
                if let Some(place) = half_way {
                    write!(
                        f,
                        ": {} ({}) stands half way, its next statement is {place}; the next run \
                         goes on from there",
                        place.migration, place.direction
                    )?;
                } else {
                    f.write_str(": what was under way is rolled back")?;
                }
                so_far(f, outcome)
            }
            Self::Moved { newer, .. } => write!(
                f,
                "while this run waited for the lock, another one applied {}: look at the status \
                 and decide again what to revert",
                List(newer)
            ),
            Self::Backup { message, outcome } => {
                write!(f, "there is no backup: {}. Nothing was changed", Escaped(message))?;
                so_far(f, outcome)
            }
            Self::ReadOnly { at, help, outcome } => {
                f.write_str("the database cannot be written")?;
                at_place(f, at.as_deref())?;
                so_far(f, outcome)?;
                write!(f, ". {help}")
            }
            Self::DiskFull { at, outcome } => {
                f.write_str("no room is left for the database")?;
                at_place(f, at.as_deref())?;
                f.write_str("; the transaction was rolled back")?;
                so_far(f, outcome)?;
                f.write_str(". Make room and run again")
            }
            Self::DiskFailed { at, message, outcome } => {
                write!(f, "the disk failed the database: {}", Escaped(message))?;
                at_place(f, at.as_deref())?;
                f.write_str("; the transaction was rolled back")?;
                so_far(f, outcome)?;
                f.write_str(". Look after the disk (its room, quotas, permissions), then run again")
            }
            Self::NotADatabase { message, .. } => write!(
                f,
                "the file is not a usable database: {}. Check the path; restore a backup if the \
                 file is damaged",
                Escaped(message)
            ),
            Self::LockFile { path, source } => write!(
                f,
                "cannot lock `{}`, which keeps runners apart: {source}. Make its directory \
                 writable",
                Escaped(&path.display().to_string())
            ),
            Self::Ledger(error) => error.fmt(f),
            Self::Database { during, source, outcome } => {
                write!(f, "{during}: {}", Escaped(&said(source)))?;
                so_far(f, outcome)
            }
        }
    }
}

impl Display for StatementError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { place, message, outcome } = self;
        write!(
            f,
            "{} ({}) failed at {place}: {}. It was rolled back: nothing of it remains",
            place.migration,
            place.direction,
            Escaped(message)
        )?;
        so_far(f, outcome)?;
        f.write_str(". Mend the statement and run again")
    }
}

/// What makes the ledger agree with what somebody did by hand.
const BY_HAND: &str = "then delete its row from `__migrate_journal`, and see that its version \
                       stands in `__diesel_schema_migrations` when it is applied, and only then";

impl Display for HalfWay {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { migration, direction, done, of, reason, outcome } = self;
        write!(
            f,
            "{migration} ({direction}) stands half way, without a transaction to roll back: \
             {done} of {of} statements are done"
        )?;
        match reason {
            HalfWayReason::Failed { place, message } => write!(
                f,
                ", the next one failed at {place}: {}. Mend it, or what follows it, and run \
                 again: the run goes on with statement {}",
                Escaped(message),
                done + 1
            )?,
            HalfWayReason::ConnectionLost { place } => write!(
                f,
                ", and the connection was lost at {place}. Run again when the database can be \
                 reached: the run looks whether that statement is done, and goes on"
            )?,
            HalfWayReason::CannotTell { place, evidence } => {
                write!(f, ". An earlier run was cut off in {place}, and ")?;
                if evidence.is_empty() {
                    f.write_str("nothing in the database shows whether that statement is done")?;
                } else {
                    f.write_str("the database does not show whether that statement is done: ")?;
                    list(f, evidence)?;
                }
                write!(f, ". Look for yourself. {}", Settle { done: *done })?;
            }
            HalfWayReason::Partly { place, message, evidence } => {
                write!(f, ", the next one failed at {place}: {}. ", Escaped(message))?;
                if evidence.is_empty() {
                    f.write_str(
                        "What it had done by then lasts, and nothing shows how much that is",
                    )?;
                } else {
                    f.write_str("And yet a part of it is done: ")?;
                    list(f, evidence)?;
                }
                write!(f, ". {}", Settle { done: *done })?;
            }
            HalfWayReason::SessionLost { place } => write!(
                f,
                ". It cannot go on in another connection, because {place} made something that \
                 lasts only as long as the connection. Finish or undo the rest by hand; \
                 {BY_HAND}"
            )?,
            HalfWayReason::Changed { path } => write!(
                f,
                ". It cannot go on, because those statements have been changed in {} since. Put \
                 them back as they were executed (what follows may be mended). Or finish or undo the \
                 rest by hand; {BY_HAND}",
                Escaped(path)
            )?,
            HalfWayReason::Gone => write!(
                f,
                ". It cannot go on, because its script is gone. Put its files back. Or finish or \
                 undo the rest by hand; {BY_HAND}"
            )?,
            HalfWayReason::OtherDirection => write!(
                f,
                ". {} first",
                match direction {
                    Direction::Up => "Finish it with `cargo migrate run`",
                    Direction::Down => "Finish the revert with `cargo migrate revert`",
                }
            )?,
        }
        so_far(f, outcome)
    }
}

/// What somebody has to do who has found out by hand whether a statement is done.
struct Settle {
    done: usize,
}

impl Display for Settle {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "If it is done, set `next` to {} and `started` to 0 in the migration's row of \
             `__migrate_journal`; if not, undo what there is of it and set `started` to 0. Then \
             run again",
            self.done + 1
        )
    }
}

fn list(f: &mut Formatter<'_>, evidence: &[Evidence]) -> fmt::Result {
    for (at, evidence) in evidence.iter().enumerate() {
        write!(f, "{}{evidence}", if at == 0 { "" } else { ", " })?;
    }
    Ok(())
}

impl Display for Evidence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { object, name, table, is_there } = self;
        write!(f, "{} `{}`", object.name(), Escaped(name))?;
        if !table.is_empty() {
            write!(f, " of `{}`", Escaped(table))?;
        }
        f.write_str(match is_there {
            Some(true) => " is there",
            Some(false) => " is not there",
            None => " cannot be looked for",
        })
    }
}

impl Display for RowLoss {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { migration, direction, table, lost, before, outcome } = self;
        write!(f, "{migration} ({direction}) would have deleted ")?;
        match (lost, before) {
            (Some(lost), Some(before)) => write!(f, "{lost} of {before} rows of")?,
            (Some(1), None) => f.write_str("1 row of")?,
            (Some(lost), None) => write!(f, "{lost} rows of")?,
            (None, Some(before)) => write!(f, "all {before} rows of, and dropped,")?,
            (None, None) => f.write_str("all rows of")?,
        }
        write!(
            f,
            " table `{}`, which it does not name; everything was rolled back",
            Escaped(table)
        )?;
        so_far(f, outcome)?;
        f.write_str(
            ". Rows go this way by `ON DELETE CASCADE` or a trigger. If that is meant, name the \
             table in the script, or write `-- migrate: allow(row-loss) reason=\"…\"` in it",
        )
    }
}

impl Display for ForeignKeyViolations {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { migrations, rows, count, outcome } = self;
        let rows_word = if *count == 1 { "row" } else { "rows" };
        write!(
            f,
            "{} would have left {count} {rows_word} without the row they refer to: ",
            List(migrations)
        )?;
        for (at, row) in rows.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{row}")?;
        }
        if *count > rows.len() {
            f.write_str(", …")?;
        }
        f.write_str("; everything was rolled back")?;
        so_far(f, outcome)?;
        f.write_str(". Delete or mend those rows in the migration")
    }
}

impl Display for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { table, rowid, parent } = self;
        write!(f, "`{}`", Escaped(table))?;
        if let Some(rowid) = rowid {
            write!(f, " row {rowid}")?;
        }
        write!(f, " → `{}`", Escaped(parent))
    }
}

impl Display for Damaged {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the ledger is damaged: column `{}` of `{}` {}. Somebody else wrote there: restore \
             the row from a backup",
            self.column,
            self.table,
            Escaped(&self.problem)
        )
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, statement, of, .. } = self;
        write!(f, "{}:{line}:{column} (statement {statement} of {of})", Escaped(path))
    }
}

/// Names with commas; the first five.
pub(super) struct List<'a>(pub(super) &'a [Named]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (at, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name}")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

fn at_place(f: &mut Formatter<'_>, place: Option<&Place>) -> fmt::Result {
    match place {
        Some(place) => write!(f, " in {} ({}) at {place}", place.migration, place.direction),
        None => Ok(()),
    }
}

/// What was committed before, when anything was: the rest of the message says what was not.
fn so_far(f: &mut Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    for (verb, done) in [("applied", &outcome.applied), ("reverted", &outcome.reverted)] {
        if !done.is_empty() {
            let names: Vec<Named> = done.iter().map(|done| done.migration.clone()).collect();
            write!(f, "; {verb} before that: {}", List(&names))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::Object;

    #[test]
    fn a_statement_that_is_done_in_part_says_what_there_is_of_it() {
        let migration = Named { version: "1".into(), name: "1_a".into() };
        let evidence = |name: &str, is_there| Evidence {
            object: Object::Column,
            name: name.into(),
            table: "t".into(),
            is_there,
        };
        let place = Place {
            migration: migration.clone(),
            direction: Direction::Up,
            path: "m/1_a/up.sql".into(),
            line: 3,
            column: 1,
            statement: 2,
            of: 4,
        };
        let evidence = vec![evidence("a", Some(true)), evidence("b\u{1b}", Some(false))];
        let reason = HalfWayReason::Partly { place, message: "no room".into(), evidence };
        let (done, of) = (1, 4);
        let outcome = Outcome::default();
        let said = HalfWay { migration, direction: Direction::Up, done, of, reason, outcome };
        assert_eq!(
            said.to_string(),
            "1_a (up) stands half way, without a transaction to roll back: 1 of 4 statements are \
             done, the next one failed at m/1_a/up.sql:3:1 (statement 2 of 4): no room. And yet \
             a part of it is done: column `a` of `t` is there, column `b\\u{1b}` of `t` is not \
             there. If it is done, set `next` to 2 and `started` to 0 in the migration's row of \
             `__migrate_journal`; if not, undo what there is of it and set `started` to 0. Then \
             run again"
        );
    }
}
