//! One statement through `squawk`.

use squawk_parser::LexedStr;
use squawk_syntax::SourceFile;
use squawk_syntax::ast;
use squawk_syntax::syntax_error::SyntaxError;

use crate::source::Span;

/// What is wrong with a statement, and where: bytes from its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// The token at the place does not fit, or the statement ends there too early.
    Unexpected(u32),
    /// It fits the grammar, but PostgreSQL refuses it all the same.
    Refused(Span, String),
}

/// Reads one statement and makes something of its tree.
pub(super) fn parse<T>(text: &str, make: impl FnOnce(&ast::Stmt) -> T) -> Result<T, Error> {
    let parse = SourceFile::parse(text);
    let errors = parse.errors();
    if let Some(error) = first(text, &errors) {
        return Err(describe(error));
    }
    match parse.tree().stmts().next() {
        Some(statement) => Ok(make(&statement)),
        None => Err(Error::Unexpected(0)),
    }
}

/// The error that the others follow from: what is checked on the tree means nothing where the tree
/// itself is broken.
fn first<'e>(text: &str, errors: &'e [SyntaxError]) -> Option<&'e SyntaxError> {
    let tokens = LexedStr::new(text);
    let is_of_token = |error: &SyntaxError| {
        let range = error.range();
        tokens.errors().any(|(bad, _)| bad.start == u32::from(range.start()))
    };
    let breaks = |error: &&SyntaxError| error.range().is_empty() || is_of_token(error);
    errors.iter().find(breaks).or_else(|| errors.first())
}

fn describe(error: &SyntaxError) -> Error {
    let range = error.range();
    let span = Span::new(range.start().into(), range.end().into());
    if range.is_empty() {
        // PostgreSQL stumbles over what stands behind the comma.
        let behind = u32::from(error.message() == "unexpected trailing comma");
        return Error::Unexpected(span.start + behind);
    }
    Error::Refused(span, error.message().trim_end_matches('.').to_owned())
}
