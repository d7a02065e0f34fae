//! Runs SQL migrations that were verified and embedded when the crate was compiled.
//!
//! [`Runner`] applies and reverts them under a lock, records what it did, and resumes what a crash
//! interrupted; [`Migrations::standing`] is the read-only check for start-up and probes; Diesel's
//! own harness ([`MigrationHarness`]) takes the same set.
//!
//! # What holds on which database
//!
//! | | SQLite | PostgreSQL | MySQL, MariaDB |
//! |---|---|---|---|
//! | a transaction for | the whole run | each migration | each that changes rows alone |
//! | a migration that fails | leaves nothing, nor do the others of the run | leaves nothing | leaves nothing if it changes rows alone; else it stops half way, and the next run goes on there |
//! | runners are kept apart by | the transaction; a locked file | an advisory lock | `GET_LOCK` |
//! | a table in use | is waited for | is tried for two seconds at a time | is tried for two seconds at a time |
//! | rows of tables that a script does not name | are counted before and after | are counted by the server | are counted before and after |
//!
//! Everywhere: what runs outside of transactions (`run_in_transaction = false`, a statement that no
//! transaction takes) is written into a journal, statement by statement. A run that was cut off in
//! one that must not be repeated looks whether the database has what it brings about; where that
//! does not tell, the next run stops and says so.
//!
//! ## MySQL and MariaDB
//!
//! These servers commit with every statement about the schema. So a migration with such statements
//! is never rolled back: [`Error::HalfWay`] says at which it stopped, and once that, or what follows
//! it, is mended, a run goes on there. Statements about rows between them have a transaction each,
//! with their line in the journal. Tables without transactions (MyISAM, Aria, MEMORY) keep what was
//! written there before a failure: [`Error::RolledBackInPart`].
//!
//! A run sets for its session, and puts back at its end: `lock_wait_timeout` and
//! `innodb_lock_wait_timeout` (two seconds at most), `max_statement_time` (none), and `sql_mode`,
//! where it is not strict, with `STRICT_ALL_TABLES`: a value that does not fit is then an error,
//! where the server would cut it to fit. What a migration makes meanwhile (triggers, routines,
//! events) keeps that mode. A script that sets a mode of its own has it until its end.
//!
//! Rows are counted where a cascade, a trigger, a view or a routine could reach them from what a
//! script names, in tables of the same database; that reads those tables twice. A script that says
//! `-- migrate: allow(row-loss) reason="…"` is spared it.
//!
//! Refused are a Galera cluster and a group with several primaries, where the lock holds on one
//! server only; a connection with `autocommit` off, or without a database.
//!
//! Tested on MariaDB 10.11. Of MySQL the documentation was read.
// Without any backend, what the backends share has no user.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code)
)]

mod backend;
mod baseline;
pub mod cli;
mod code;
mod error;
mod escape;
mod event;
mod history;
mod journal;
#[cfg(feature = "macros")]
mod macros;
mod migrations;
mod outcome;
mod packed;
mod plan;
mod process;
mod runner;
mod source;
mod standing;
mod status;
mod step;
mod stored;
mod version;

pub use backend::Backend;
pub use baseline::BASELINE;
/// What `embed_migrations!` is built on.
#[doc(hidden)]
pub use code::done as __done;
pub use code::{Code, CodeResult};
pub use diesel_migrations::MigrationHarness;
pub use error::{
    Damaged, Error, Evidence, ForeignKeyViolations, HalfWay, HalfWayReason, Place, PlanError,
    RowLoss, StatementError, Violation,
};
pub use event::{Event, Observer};
pub use history::{Applied, History, Record};
pub use journal::Unfinished;
/// What `embed_migrations!` is built on.
#[cfg(feature = "macros")]
#[doc(hidden)]
pub use migrate_macros::embed as __embed;
pub use migrations::{
    All, Checksum, Dialect, Down, ForeignKeys, Migration, Migrations, Mode, Object, Script,
    Statement, Trace,
};
pub use outcome::{Done, Named, Outcome};
/// What `embed_migrations!` is built on.
#[doc(hidden)]
pub use packed::v2 as __packed_v2;
pub use plan::{Goal, Plan, Redo, Target, Undo};
pub use runner::{Past, Repair, Runner};
pub use source::SourceError;
pub use standing::Standing;
pub use status::{Note, State, Status};
pub use step::{Direction, Step};
pub use stored::{StoredDown, StoredScript};
