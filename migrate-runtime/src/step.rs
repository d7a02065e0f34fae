//! One migration, one direction.
use std::fmt;

use crate::code::Code;
use crate::migrations::{Down, ForeignKeys, Migration, Mode, Script, Statement, Trace};
use crate::outcome::Named;
use crate::stored::StoredScript;

/// Which way a migration is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `up.sql`: apply.
    Up,
    /// `down.sql`: revert.
    Down,
}

impl Direction {
    /// The word that the ledger and messages use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub enum Step<'a> {
    /// Apply a migration of the set.
    Up(&'a Migration<'a>),
    /// Revert one with the `down.sql` of the set.
    Down(&'a Migration<'a>, Script<'a>),
    /// Revert one with the `down.sql` that the ledger kept: its files are gone.
    Stored {
        /// The migration.
        migration: Named,
        /// The script from the ledger.
        script: StoredScript,
    },
}

impl<'a> Step<'a> {
    /// The step that reverts a migration of the set; the reason when there is none.
    pub(crate) fn down(migration: &'a Migration<'a>) -> Result<Self, &'a str> {
        match migration.down {
            Down::Script(script) => Ok(Self::Down(migration, script)),
            Down::Irreversible(reason) => Err(reason),
        }
    }

    /// Which way.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match self {
            Self::Up(_) => Direction::Up,
            Self::Down(..) | Self::Stored { .. } => Direction::Down,
        }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Up(migration) | Self::Down(migration, _) => migration.version,
            Self::Stored { migration, .. } => &migration.version,
        }
    }

    /// The directory's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Up(migration) | Self::Down(migration, _) => migration.name,
            Self::Stored { migration, .. } => &migration.name,
        }
    }

    /// Both names.
    #[must_use]
    pub fn named(&self) -> Named {
        Named { version: self.version().to_owned(), name: self.name().to_owned() }
    }

    /// Whether it runs inside a transaction.
    #[must_use]
    pub fn run_in_transaction(&self) -> bool {
        match self {
            Self::Up(migration) | Self::Down(migration, _) => migration.run_in_transaction,
            Self::Stored { script, .. } => script.run_in_transaction,
        }
    }

    /// Whether all of it fits into a transaction: it may, and nothing in it leaves one.
    pub(crate) fn is_inside(&self) -> bool {
        let leaves = |statement: &Statement| matches!(statement.mode, Mode::Alone | Mode::Once);
        self.run_in_transaction() && !self.statements().iter().any(leaves)
    }

    /// The whole script.
    #[must_use]
    pub fn sql(&self) -> &str {
        match self {
            Self::Up(migration) => migration.up.sql,
            Self::Down(_, script) => script.sql,
            Self::Stored { script, .. } => &script.sql,
        }
    }

    /// Its statements.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        match self {
            Self::Up(migration) => migration.up.statements,
            Self::Down(_, script) => script.statements,
            Self::Stored { script, .. } => &script.statements,
        }
    }

    /// What it runs in the place of SQL, where it is written in Rust.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Up(migration) => migration.up.code,
            Self::Down(_, script) => script.code,
            Self::Stored { .. } => None,
        }
    }

    /// What a statement, counted from 0, leaves behind that no transaction protects.
    pub(crate) fn traces(&self, statement: usize) -> impl Iterator<Item = &Trace> {
        let traces = match self {
            Self::Up(migration) => migration.up.traces,
            Self::Down(_, script) => script.traces,
            Self::Stored { script, .. } => &script.traces,
        };
        traces.iter().filter(move |trace| trace.statement as usize == statement)
    }

    /// The text of one of its statements.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &str {
        &self.sql()[statement.start as usize..statement.end as usize]
    }

    /// What it needs of foreign key enforcement.
    #[must_use]
    pub fn foreign_keys(&self) -> ForeignKeys {
        match self {
            Self::Up(migration) => migration.up.foreign_keys,
            Self::Down(_, script) => script.foreign_keys,
            Self::Stored { script, .. } => script.foreign_keys,
        }
    }

    /// Whether the rows of tables that it does not name are to be counted before and after.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        match self {
            Self::Up(migration) => migration.up.guard.is_some(),
            Self::Down(_, script) => script.guard.is_some(),
            Self::Stored { script, .. } => script.guard.is_some(),
        }
    }

    /// Whether its script names this table (any case): it may then delete rows there.
    #[must_use]
    pub fn names_table(&self, table: &str) -> bool {
        let is = |name: &str| name.eq_ignore_ascii_case(table);
        let among = |names: Option<&[&str]>| names.is_some_and(|names| names.iter().any(|n| is(n)));
        match self {
            Self::Up(migration) => among(migration.up.guard),
            Self::Down(_, script) => among(script.guard),
            Self::Stored { script, .. } => {
                script.guard.as_ref().is_some_and(|names| names.iter().any(|name| is(name)))
            }
        }
    }

    /// The file it comes from, below the migrations directory.
    pub(crate) fn path(&self, directory: &str) -> String {
        match self {
            Self::Up(migration) | Self::Down(migration, _) if self.code().is_some() => {
                format!("{directory}/{}/migration.rs", migration.name)
            }
            Self::Up(migration) => format!("{directory}/{}/up.sql", migration.name),
            Self::Down(migration, _) => format!("{directory}/{}/down.sql", migration.name),
            Self::Stored { migration, .. } => {
                format!("(kept in the database) {}/down.sql", migration.name)
            }
        }
    }
}
