//! One statement through `squawk`.

use squawk_parser::LexedStr;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::syntax_error::SyntaxError;

use super::spread::spread;
use super::{gap, strict};
use crate::source::Span;

/// What is wrong with a statement, and where: bytes from its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// The token at the place does not fit, or the statement ends there too early.
    Unexpected(u32),
    /// It fits the grammar, but PostgreSQL refuses it all the same.
    Refused(Span, String),
}

/// With more tokens inside each other than that, trees would take long.
const MANY_TOKENS: usize = 300;

/// Reads one statement, so many tokens of which may be inside each other, and makes something of its
/// tree, and of the text that the tree's places are in. What is made tells its places by the function
/// that it is given.
pub(super) fn parse<T>(
    text: &str,
    tokens: usize,
    make: impl FnOnce(&ast::Stmt, &str, &dyn Fn(u32) -> u32) -> T,
) -> Result<T, Error> {
    if tokens <= MANY_TOKENS {
        return parse_text(text, |statement| make(statement, text, &|at| at));
    }
    let spread = spread(text);
    let original = |at| spread.original(at);
    let make = |statement: &ast::Stmt| make(statement, &spread.text, &original);
    parse_text(&spread.text, make).map_err(|error| match error {
        Error::Unexpected(at) => Error::Unexpected(original(at)),
        Error::Refused(span, message) => {
            Error::Refused(Span::new(original(span.start), original(span.end)), message)
        }
    })
}

fn parse_text<T>(text: &str, make: impl FnOnce(&ast::Stmt) -> T) -> Result<T, Error> {
    let tree = read(text).or_else(|error| match gap::bridged(text) {
        Some(bridged) => read(&bridged),
        None => Err(error),
    })?;
    if let Some(at) = strict::misfit(tree.syntax()) {
        return Err(Error::Unexpected(at));
    }
    match tree.stmts().next() {
        Some(statement) => Ok(make(&statement)),
        None => Err(Error::Unexpected(0)),
    }
}

fn read(text: &str) -> Result<SourceFile, Error> {
    let parse = SourceFile::parse(text);
    let mut errors = parse.errors();
    errors.retain(|error| !judged_here(error));
    match first(text, &errors) {
        Some(error) => Err(describe(error)),
        None => Ok(parse.tree()),
    }
}

/// What `squawk` refuses more of than PostgreSQL does, and `strict` knows better: `(SELECT FROM t)`
/// is a row without columns, `a IN (1) ISNULL` a question about all of it.
fn judged_here(error: &SyntaxError) -> bool {
    matches!(
        error.message(),
        "Expected a target after SELECT" | "Expected a parenthesized value list or subquery."
    )
}

/// The error that the others follow from: what is checked on the tree means nothing where the tree
/// itself is broken.
fn first<'e>(text: &str, errors: &'e [SyntaxError]) -> Option<&'e SyntaxError> {
    if errors.len() < 2 {
        return errors.first();
    }
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
