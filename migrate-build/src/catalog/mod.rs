//! The schema as a value: moved forward by the statements of migrations, as the database would move
//! its own.
//!
//! Nothing is copied to go back: every change of an object is written down with what was there before
//! (`Catalog::mark`, `Catalog::rewind`).

mod apply;
mod introspect;
mod latent;
pub(crate) mod mentions;
mod object;
mod problem;
mod scope;
mod state;
mod store;

pub use apply::Application;
pub(crate) use apply::{INTERNAL_TYPES, is_own_type};
pub use introspect::{Ask, Live, POSTGRES_SCHEMA, Unread};
pub use object::{Entry, Key, Object, Space};
pub use problem::{Mismatch, Problem, ProblemKind};
pub use store::{Catalog, Cause, Change, Mark};
