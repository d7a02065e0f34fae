//! SQLite, asked by running a script on a new database in memory.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use migrate_build::Dialect;
use migrate_build::sql::{self, Kind};

use super::{Judge, Verdict};

/// SQLite with a few tables.
#[derive(Debug)]
pub struct SqliteJudge {
    base: &'static str,
}

impl SqliteJudge {
    /// A database that begins with these statements.
    #[must_use]
    pub fn new(base: &'static str) -> Self {
        Self { base }
    }
}

impl Judge for SqliteJudge {
    fn judge(&mut self, script: &str) -> Verdict {
        let parser = sql::parser(Dialect::Sqlite).expect("it is compiled in");
        if parser.tokens(script).iter().any(|token| token.kind == Kind::OpenComment) {
            return Verdict::Other("SQLite lets the end of the file end a comment".to_owned());
        }
        let mut connection = SqliteConnection::establish(":memory:").expect("a database in memory");
        connection.batch_execute(self.base).expect("the tables are right");
        match connection.batch_execute(script).map_err(|error| error.to_string()) {
            Ok(()) => Verdict::Valid,
            Err(message) if is_syntax_error(&message) => Verdict::Syntax { message, at: None },
            Err(message) => Verdict::Other(message),
        }
    }
}

/// Messages that begin with `error in` are about the text of another object, which `ALTER TABLE`
/// puts together anew.
fn is_syntax_error(message: &str) -> bool {
    !message.starts_with("error in ")
        && ["syntax error", "incomplete input", "unrecognized token"]
            .iter()
            .any(|grammar| message.contains(grammar))
}
