//! One statement through `sqlite3-parser`.

use bumpalo::Bump;
use fallible_iterator::FallibleIterator as _;
use sqlite3_parser::ast::Cmd;
use sqlite3_parser::lexer::sql::{Error as ParserError, Parser, ParserError as Grammar};

/// What is wrong with a statement, and where: a byte offset from its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) at: usize,
    pub(super) kind: ErrorKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// The token at the place does not fit.
    Unexpected,
    /// The statement ends too early.
    Unfinished,
    /// A string, name, comment or blob has no end, or a token is none: what is said of it.
    BadToken(&'static str),
    /// The grammar fits, but SQLite refuses it all the same.
    Refused(String),
}

/// Reads one statement and makes something of its tree.
pub(super) fn parse<T>(
    bump: &Bump,
    text: &str,
    make: impl FnOnce(&Cmd<'_>) -> T,
) -> Result<T, Error> {
    let mut parser = Parser::new(bump, text.as_bytes());
    match parser.next() {
        Ok(Some(cmd)) => Ok(make(&cmd)),
        Ok(None) => Err(Error { at: text.len(), kind: ErrorKind::Unfinished }),
        Err(error) => Err(describe(&error, text)),
    }
}

fn describe(error: &ParserError, text: &str) -> Error {
    use ErrorKind::BadToken;
    let (kind, place) = match error {
        ParserError::UnrecognizedToken(place) => (BadToken("this is no token of SQL"), place),
        ParserError::UnterminatedLiteral(place) => {
            (BadToken("the closing quote is missing"), place)
        }
        ParserError::UnterminatedBracket(place) => (BadToken("the closing `]` is missing"), place),
        ParserError::UnterminatedBlockComment(place) => {
            (BadToken("the closing `*/` is missing"), place)
        }
        ParserError::BadVariableName(place) => (BadToken("this is no name of a parameter"), place),
        ParserError::BadNumber(place) => (BadToken("this is not a number"), place),
        ParserError::ExpectedEqualsSign(place) => (BadToken("a `=` is missing behind `!`"), place),
        ParserError::MalformedBlobLiteral(place) => {
            (BadToken("a blob is an even number of hexadecimal digits"), place)
        }
        ParserError::MalformedHexInteger(place) => {
            (BadToken("this is not a hexadecimal number"), place)
        }
        ParserError::ParserError(Grammar::SyntaxError(_), place) => (ErrorKind::Unexpected, place),
        ParserError::ParserError(Grammar::UnexpectedEof, place) => (ErrorKind::Unfinished, place),
        ParserError::ParserError(Grammar::Custom(message), place) => {
            (ErrorKind::Refused(message.clone()), place)
        }
        other => (ErrorKind::Refused(other.to_string()), &None),
    };
    let at = place.as_ref().map_or(0, |place| offset(text, place.line, place.column));
    let at = if kind == ErrorKind::Unfinished { text.len() } else { at };
    Error { at: at.min(text.len()), kind }
}

/// The parser counts lines, and bytes in them, from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start + column.saturating_sub(1)
}
