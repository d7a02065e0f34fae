//! Verifies SQL migrations when a crate is compiled.

mod checksum;
mod diagnostic;
mod dialect;
mod error;
pub mod layout;
pub mod render;
mod rule;
mod source;
pub mod suggest;
mod version;

pub use checksum::{Checksum, TokenHasher};
pub use diagnostic::{Diagnostic, Fix, Label, Note, Place};
pub use dialect::Dialect;
pub use error::Error;
pub use rule::{Level, Rule};
pub use source::{Location, Source, Span};
pub use version::Version;
