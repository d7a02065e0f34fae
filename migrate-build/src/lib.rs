//! Verifies SQL migrations when a crate is compiled.
//!
//! One library for the build script, the macro and the command line: [`layout::Directory::load`]
//! reads the files, [`verify_directory`] checks them, and every finding is a [`Diagnostic`].
//!
//! As a build script, this is all that `main` does:
//!
//! ```no_run
//! migrate_build::verify();
//! ```

// Without any dialect, what the dialects share has no user.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code)
)]

mod build_script;
mod cache;
pub mod catalog;
mod check;
mod checksum;
pub mod compare;
pub mod config;
mod court;
mod diagnostic;
mod dialect;
mod embed;
mod error;
mod facts;
mod judge;
pub mod layout;
mod levels;
pub mod lock;
pub mod render;
mod rule;
pub mod rules;
mod rust;
pub mod schema;
mod script;
pub mod seal;
mod server;
mod source;
pub mod sql;
pub mod suggest;
mod verify;
mod version;
mod write;

pub use build_script::verify;
pub use cache::Cache;
pub use checksum::{Checksum, TokenHasher};
pub use config::{Config, Database};
pub use diagnostic::{Diagnostic, Fix, Label, Note, Place};
pub use dialect::Dialect;
pub use embed::{Embedded, stamp_variable};
pub use error::Error;
pub use facts::{Facts, ForeignKeys, Unit};
pub use judge::{Draft, Losses, Tally, Verdict};
pub use levels::Levels;
pub use rule::{Level, Rule};
pub use script::tokens_of;
pub use server::{Server, ServerVersion};
pub use source::{Location, Source, Span};
pub use sql::{Mode, Object, Trace};
pub use verify::{Down, Migration, Report, Script, verify_directory};
pub use version::Version;
