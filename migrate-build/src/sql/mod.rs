//! SQL: each dialect's own parser behind one small interface.
//!
//! Only the folder of a dialect knows its parser's crate. Checks see [`Statement`]s.

mod alter;
mod change;
mod class;
mod cursor;
mod ddl;
pub(crate) mod directive;
mod hint;
mod keyword;
#[cfg(feature = "mysql")]
mod mysql;
mod name;
#[cfg(feature = "postgres")]
mod postgres;
mod reading;
pub mod schema;
mod secret;
#[cfg(feature = "sqlite")]
mod sqlite;
mod token;
mod transaction;

use std::sync::Arc;

pub use alter::{Action, Named};
pub use change::{Beside, Change, Place, TableChange, Wanted};
pub use class::Class;
pub use ddl::{Column, Ddl, Effect, Part, Rows, Statement, StatementKind, TableAction};
pub use directive::{Directive, DirectiveKind};
pub(crate) use keyword::is_keyword;
pub use name::Name;
pub(crate) use secret::secrets;
pub use token::{Kind, Token};
pub use transaction::{Mode, Object, Trace};

use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::rule::{Rule, rule};
use crate::server::ServerVersion;
use crate::source::{Source, Span};

pub(crate) static SYNTAX: Rule =
    rule!("syntax", Forbid, "SQL that the database does not understand");
pub(crate) static TOO_DEEP: Rule =
    rule!("too-deep", Forbid, "SQL nested deeper than any database reads");

pub(crate) static NOT_UNDERSTOOD: Rule =
    rule!("not-understood", Warn, "a statement of which nothing is known but that it exists");

/// Why nothing is said of what a statement does that the server refuses.
pub(crate) const TOO_NEW: &str = "the server does not understand it";

pub(crate) static NEWER_SERVER: Rule =
    rule!("newer-server", Deny, "SQL that the server of the project does not understand");

pub(crate) static RULES: &[&Rule] = &[&SYNTAX, &TOO_DEEP, &NOT_UNDERSTOOD, &NEWER_SERVER];

/// A script, read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The statements that could be read, in the order of the file.
    pub statements: Vec<Statement>,
    /// How many statements there are, with those that could not be read.
    pub count: usize,
    /// Where those stand that could not be read, as far as that can be said.
    pub unread: Vec<Span>,
    /// What the author told the verifier.
    pub directives: Vec<Directive>,
    /// A hash over the tokens.
    pub tokens: u64,
}

/// A dialect's parser.
pub trait Parser {
    /// Reads a script for a server of this version. What is wrong with it goes to `findings`; the
    /// rest is read all the same.
    fn parse(
        &self,
        source: &Arc<Source>,
        version: Option<ServerVersion>,
        findings: &mut Vec<Diagnostic>,
    ) -> Parsed;

    /// The tokens of a text, comments among them.
    fn tokens(&self, text: &str) -> Vec<Token>;

    /// Every name that occurs in a text, folded as the database compares names, sorted, each once.
    fn names(&self, text: &str) -> Vec<String>;

    /// Where in a statement a column's type stands, if it can be found.
    fn type_span(&self, source: &Source, statement: Span, column: &Column) -> Option<Span>;
}

/// The parser of a dialect.
///
/// # Errors
/// When it is not compiled in.
pub fn parser(dialect: Dialect) -> Result<&'static dyn Parser, Error> {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Ok(&sqlite::Sqlite),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Ok(&postgres::Postgres),
        #[cfg(feature = "mysql")]
        Dialect::Mysql => Ok(&mysql::Mysql),
        #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        _ => Err(Error::NotCompiledIn { dialect }),
    }
}

/// Whether a script holds anything to run: what a file of comments does not.
#[must_use]
pub fn is_empty(parsed: &Parsed) -> bool {
    parsed.count == 0
}

/// A syntax error at a place.
pub(crate) fn syntax(
    source: &Arc<Source>,
    span: Span,
    message: impl Into<String>,
    label: impl Into<String>,
) -> Diagnostic {
    Diagnostic::new(&SYNTAX, message).at(source, span, label)
}
