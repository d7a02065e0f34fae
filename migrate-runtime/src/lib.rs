//! Runs SQL migrations that were verified and embedded when the crate was compiled.
//!
//! [`Runner`] applies and reverts them under a lock, records what it did, and resumes what a crash
//! interrupted; [`Migrations::standing`] is the read-only check for start-up and probes; Diesel's
//! own harness ([`MigrationHarness`]) takes the same set.
// Without any backend, what the backends share has no user.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code)
)]

mod backend;
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
pub use packed::v1 as __packed_v1;
pub use plan::{Goal, Plan, Redo, Target, Undo};
pub use runner::Runner;
pub use source::SourceError;
pub use standing::Standing;
pub use status::{Note, State, Status};
pub use step::{Direction, Step};
pub use stored::{StoredDown, StoredScript};
