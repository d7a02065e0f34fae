//! The set as a migration source of Diesel's own harness.
use std::fmt;

use diesel::backend::Backend;
use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration as DieselMigration, MigrationMetadata, MigrationName, MigrationSource,
    MigrationVersion, Result,
};

use crate::code::{self, Code, CodeResult};
use crate::error::{Place, said};
use crate::escape::Escaped;
use crate::migrations::{Dialect, ForeignKeys, Migration, Migrations};
use crate::step::Step;

/// `conn.run_pending_migrations(MIGRATIONS)` of `diesel_migrations` takes the set as it is.
///
/// Diesel's harness has no lock, records no checksum and does not look after foreign keys;
/// [`Runner`](crate::Runner) does. Both write the same table and may take turns.
impl<DB: Backend + 'static> MigrationSource<DB> for Migrations<'static> {
    fn migrations(&self) -> Result<Vec<Box<dyn DieselMigration<DB>>>> {
        let set = *self;
        Ok(self
            .all
            .into_iter()
            .map(|migration| {
                Box::new(Embedded { set, migration, name: Name(migration) })
                    as Box<dyn DieselMigration<DB>>
            })
            .collect())
    }
}

struct Embedded {
    set: Migrations<'static>,
    migration: &'static Migration<'static>,
    name: Name,
}

struct Name(&'static Migration<'static>);

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(self.0.version)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl MigrationMetadata for Name {
    fn run_in_transaction(&self) -> bool {
        self.0.run_in_transaction
    }
}

impl<DB: Backend + 'static> DieselMigration<DB> for Embedded {
    fn run(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        self.execute(conn, &Step::Up(self.migration))
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<DB>) -> Result<()> {
        match Step::down(self.migration) {
            Ok(step) => self.execute(conn, &step),
            Err(reason) => {
                let name = self.migration.name.to_owned();
                Err(Box::new(SourceError::Irreversible { name, reason: reason.to_owned() }))
            }
        }
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.name
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

impl Embedded {
    fn execute<DB: Backend + 'static>(
        &self,
        conn: &mut dyn BoxableConnection<DB>,
        step: &Step<'_>,
    ) -> Result<()> {
        if self.set.dialect == Dialect::Sqlite
            && step.foreign_keys() == ForeignKeys::Off
            && let Err(error) = conn.batch_execute(FAILS_WHEN_FOREIGN_KEYS_ARE_ON)
            && error.to_string().contains("overflow")
        {
            let name = self.migration.name.to_owned();
            return Err(Box::new(SourceError::ForeignKeysOn { name }));
        }
        if let Some(code) = step.code() {
            return call(code, conn).map_err(|error| {
                let place = Place::new(step, self.set.directory, 0);
                SourceError::Statement { place, message: error.to_string() }.into()
            });
        }
        for (at, statement) in step.statements().iter().enumerate() {
            let text = step.text(statement);
            conn.batch_execute(text).map_err(|error| SourceError::Statement {
                place: Place::new(step, self.set.directory, at).refined(text, &error),
                message: said(&error),
            })?;
        }
        Ok(())
    }
}

/// Calls a function on a connection that should be of its database. Diesel knows of its own
/// transaction.
fn call<DB: Backend + 'static>(code: Code, conn: &mut dyn BoxableConnection<DB>) -> CodeResult {
    let called = match (code, conn.as_any_mut()) {
        #[cfg(feature = "sqlite")]
        (Code::Sqlite(function), conn) => conn.downcast_mut().map(function),
        #[cfg(feature = "postgres")]
        (Code::Postgres(function), conn) => conn.downcast_mut().map(function),
        #[cfg(feature = "mysql")]
        (Code::Mysql(function), conn) => conn.downcast_mut().map(function),
        (Code::Elsewhere, _) => None,
    };
    called.unwrap_or_else(|| Err(code::ELSEWHERE.into()))
}

/// A connection of unknown type answers nothing but success or failure: so the question is put
/// as an integer overflow.
const FAILS_WHEN_FOREIGN_KEYS_ARE_ON: &str = "SELECT CASE WHEN foreign_keys \
    THEN abs(-9223372036854775807 - 1) END FROM pragma_foreign_keys";

/// Why a migration failed under Diesel's harness.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// A statement failed.
    Statement {
        /// The statement.
        place: Place,
        /// What the database said.
        message: String,
    },
    /// It cannot be reverted, on purpose.
    Irreversible {
        /// The directory's name.
        name: String,
        /// The reason its author gave.
        reason: String,
    },
    /// It rebuilds a table, which must not be done while foreign keys are enforced: dropping the
    /// old table would delete the rows that refer to it.
    ForeignKeysOn {
        /// The directory's name.
        name: String,
    },
}

impl std::error::Error for SourceError {}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement { place, message } => write!(
                f,
                "{} ({}) failed at {place}: {}",
                place.migration,
                place.direction,
                Escaped(message)
            ),
            Self::Irreversible { name, reason } => {
                write!(f, "{} is irreversible: {}", Escaped(name), Escaped(reason))
            }
            Self::ForeignKeysOn { name } => write!(
                f,
                "{} rebuilds a table, and foreign keys are on: dropping the old table could delete \
                 the rows that refer to it. Run it with `migrate_runtime::Runner`, which switches \
                 them off and checks them, or execute `PRAGMA foreign_keys = OFF` on the \
                 connection before",
                Escaped(name)
            ),
        }
    }
}
