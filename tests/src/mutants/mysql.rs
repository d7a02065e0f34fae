//! MariaDB, asked by `PREPARE`: it reads the grammar, and executes nothing.

use diesel::connection::SimpleConnection as _;
use diesel::mysql::MysqlConnection;

use super::{Judge, Verdict};
use crate::server::{Database, MariaDb, Mariadb};

/// A connection to MariaDB with a database that nobody else uses.
pub struct MariaDbJudge {
    database: Database<MariaDb>,
    connection: MysqlConnection,
}

impl std::fmt::Debug for MariaDbJudge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MariaDbJudge").field("database", &self.database).finish_non_exhaustive()
    }
}

impl MariaDbJudge {
    /// A connection to a server.
    #[must_use]
    pub fn new(server: &Mariadb) -> Self {
        let database = server.database();
        let connection = database.connect();
        Self { database, connection }
    }

    /// What the server says of a statement, when it refuses it.
    fn prepare(&mut self, statement: &str) -> Option<String> {
        let escaped = statement.replace('\\', "\\\\").replace('\'', "\\'");
        let prepared = self.connection.batch_execute(&format!("PREPARE judged FROM '{escaped}'"));
        let message = prepared.err()?.to_string();
        if message.contains("server has gone away") || message.contains("Lost connection") {
            self.connection = self.database.connect();
        }
        Some(message)
    }
}

impl Judge for MariaDbJudge {
    fn judge(&mut self, script: &str) -> Verdict {
        let mut start = 0;
        loop {
            // The server sees no statement where there is none, and is not sent one.
            start += script[start..].find(|c: char| c != ';' && !c.is_whitespace()).unwrap_or(0);
            let statement = &script[start..];
            if statement.trim_end_matches([';', ' ', '\n']).is_empty() {
                return Verdict::Valid;
            }
            let Some(message) = self.prepare(statement) else { return Verdict::Valid };
            let Some(at) = place(statement, &message) else {
                // The grammar is right where the server goes on to look for tables.
                let is_read = message.starts_with("Table '") && message.ends_with("doesn't exist");
                return if is_read { Verdict::Valid } else { Verdict::Other(message) };
            };
            // It prepares one statement: the next begins there.
            let goes_on = at > 0 && at < statement.trim_end().len();
            if goes_on && statement[..at].trim_end().ends_with(';') {
                start += at;
                continue;
            }
            return Verdict::Syntax { message, at: Some(start + at) };
        }
    }
}

/// Where a syntax error is, in bytes: its message tells the line, and the first 80 bytes of what is
/// left; those that have none say something else.
fn place(statement: &str, message: &str) -> Option<usize> {
    let (said, line) = message.rsplit_once("' at line ")?;
    let near = said.split_once(" near '")?.1;
    let line: usize = line.trim().parse().ok()?;
    let lines = statement.split_inclusive('\n');
    let start: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    match near.strip_suffix("...") {
        Some(beginning) => {
            Some(statement[start..].find(beginning).map_or(start, |within| start + within))
        }
        None => {
            let end = statement.trim_end().len();
            let at = end.checked_sub(near.trim_end().len())?;
            Some(if statement.is_char_boundary(at) { at } else { end })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_place_is_taken_from_the_message() {
        let near = |text: &str, line: u32| format!("You have … near '{text}' at line {line}");
        let statement = "SELECT a\nFROM t\nWHRE b = 1\n";
        assert_eq!(place(statement, &near("b = 1", 3)), Some(21));
        assert_eq!(place(statement, &near("", 3)), Some(26));
        assert_eq!(place(statement, &near("FROM t\nWHRE...", 2)), Some(9));
        assert_eq!(place(statement, "Unknown column 'b' in 'WHERE'"), None);
    }
}
