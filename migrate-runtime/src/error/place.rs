//! Where in a script something went wrong, and what the database said to it.
use diesel::result::Error as DieselError;

use crate::outcome::Named;
use crate::step::{Direction, Step};

/// A statement, by its place in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The migration.
    pub migration: Named,
    /// `up.sql` or `down.sql`.
    pub direction: Direction,
    /// The file.
    pub path: String,
    /// Line of the statement's first character, or of the mistake where the database shows it, from
    /// 1.
    pub line: u32,
    /// Column of it, in characters, from 1.
    pub column: u32,
    /// Which statement of the file, from 1.
    pub statement: usize,
    /// How many the file has.
    pub of: usize,
}

impl Place {
    /// The place of a step's statement, counted from 0.
    pub(crate) fn new(step: &Step<'_>, directory: &str, statement: usize) -> Self {
        let statements = step.statements();
        let (line, column) = statements.get(statement).map_or((1, 1), |s| (s.line, s.column));
        Self {
            migration: step.named(),
            direction: step.direction(),
            path: step.path(directory),
            line,
            column,
            statement: statement + 1,
            of: statements.len(),
        }
    }

    /// Moved to where in the statement's text the database saw the mistake, if it said so.
    pub(crate) fn refined(mut self, text: &str, error: &DieselError) -> Self {
        let DieselError::DatabaseError(_, information) = error else { return self };
        let position = information.statement_position().and_then(|at| usize::try_from(at).ok());
        let before = position.and_then(|at| at.checked_sub(1));
        for character in text.chars().take(before.unwrap_or(0)) {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self
    }
}

/// What the database said, with what it added. None of that ever holds how one connects to it.
pub(crate) fn said(error: &DieselError) -> String {
    let DieselError::DatabaseError(_, information) = error else {
        return error.to_string();
    };
    let mut said = information.message().to_owned();
    for more in [information.details(), information.hint()].into_iter().flatten() {
        said.push_str(". ");
        said.push_str(more.trim_end_matches('.'));
    }
    said
}
