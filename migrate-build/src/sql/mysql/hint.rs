//! What MySQL's errors are about, and what may have been meant.

use std::sync::Arc;

use super::grammar::Grammar;
use super::lex::{self, Kind, Token};
use super::mark::Mark;
use super::peg::Set;
use super::words::{FUNCTIONS, reserved};
use crate::diagnostic::Diagnostic;
use crate::server::Server;
use crate::source::{Source, Span};
use crate::sql::{hint, syntax};
use crate::suggest::nearest;

fn hints(server: Server) -> hint::Grammar {
    hint::Grammar {
        title: server.title(),
        keywords: KEYWORDS,
        reserved: reserved(server.version).collect(),
        statement_words: STATEMENT_WORDS,
        quote: '`',
        tokens: |text| lex::tokens(text, None).map(Token::shared).collect(),
    }
}

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ADD", "AFTER", "ALL", "ALTER", "AND", "AS", "ASC", "AUTO_INCREMENT", "BEFORE", "BEGIN",
    "BETWEEN", "BY", "CALL", "CASCADE", "CASE", "CAST", "CHANGE", "CHARACTER", "CHARSET", "CHECK",
    "COLLATE", "COLUMN", "COMMENT", "COMMIT", "CONSTRAINT", "CONVERT", "CREATE", "CROSS",
    "DATABASE", "DECLARE", "DEFAULT", "DELETE", "DESC", "DETERMINISTIC", "DISTINCT", "DO", "DROP",
    "DUPLICATE", "EACH", "ELSE", "ELSEIF", "END", "ENGINE", "EVENT", "EXECUTE", "EXISTS", "FIRST",
    "FROM", "FOR", "FOREIGN", "FULLTEXT", "FUNCTION", "GENERATED", "GRANT", "GROUP", "HAVING", "IF",
    "IGNORE", "IN", "INDEX", "INNER", "INSERT", "INTERVAL", "INTO", "IS", "JOIN", "KEY", "LEFT",
    "LIKE", "LIMIT", "LOCK", "LOOP", "MODIFY", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER",
    "OUTER", "OVER", "PARTITION", "PREPARE", "PRIMARY", "PROCEDURE", "REFERENCES", "REGEXP",
    "RENAME", "REPEAT", "REPLACE", "RESTRICT", "RETURN", "RETURNS", "REVOKE", "RIGHT", "ROLLBACK",
    "ROW", "SELECT", "SET", "SPATIAL", "TABLE", "TEMPORARY", "THEN", "TO", "TRANSACTION", "TRIGGER",
    "TRUNCATE", "UNION", "UNIQUE", "UNLOCK", "UNSIGNED", "UPDATE", "USING", "VALUES", "VIEW",
    "WHEN", "WHERE", "WHILE", "WITH",
];

const STATEMENT_WORDS: &[&str] = &[
    "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "CREATE", "DELETE", "DROP", "EXECUTE", "GRANT",
    "INSERT", "LOCK", "OPTIMIZE", "PREPARE", "RENAME", "REPLACE", "REVOKE", "ROLLBACK", "SELECT",
    "SET", "TRUNCATE", "UNLOCK", "UPDATE", "WITH",
];

/// The finding for a line that only the `mysql` program understands, where a statement would begin.
pub(super) fn client_command(source: &Arc<Source>, token: Span) -> Option<Diagnostic> {
    let written = source.slice(token);
    let line = source.line_span(source.location(token.start).line);
    let place = Span::new(token.start, line.end);
    let help = if written.eq_ignore_ascii_case("delimiter") {
        return hint::client_command(source, place);
    } else if written.eq_ignore_ascii_case("source") || written == "\\" {
        "a migration holds its statements itself: write them here"
    } else {
        return None;
    };
    let word = written.to_ascii_uppercase();
    let message = format!("`{word}` is a command of the `mysql` program, not SQL");
    Some(syntax(source, place, message, "").help(help))
}

/// A statement of which a token, or the end, does not fit.
pub(super) struct Mistake<'m> {
    pub(super) grammar: &'m Grammar,
    pub(super) server: Server,
    pub(super) source: &'m Arc<Source>,
    pub(super) statement: Span,
    /// Its tokens, and which of them is the first that does not fit.
    pub(super) tokens: &'m [Token],
    pub(super) at: usize,
    /// What would have fitted.
    pub(super) expected: &'m Set,
}

impl Mistake<'_> {
    /// The finding.
    pub(super) fn describe(&self) -> Diagnostic {
        let Some(found) = self.tokens.get(self.at) else { return self.unfinished() };
        let span = self.place(found);
        if matches!(found.kind, Kind::Bad | Kind::Unclosed) {
            return bad_token(self.source, span);
        }
        let finding = hints(self.server).unexpected(self.source, self.statement, span.start);
        if let Some(help) = self.help(found) {
            return with_help(finding, help);
        }
        if let Some(meant) = self.meant(found) {
            let written = self.source.slice(span);
            let help = format!("did you mean `{meant}` instead of `{written}`?");
            return with_help(finding, help).fix(self.source, span, meant);
        }
        match self.missing(found) {
            Some(help) if finding.notes.is_empty() => finding.help(help),
            _ => finding,
        }
    }

    /// The finding for the end of a statement that should go on.
    fn unfinished(&self) -> Diagnostic {
        let finding = hints(self.server).unfinished(self.source, self.statement);
        let expects = |name| self.grammar.expects(self.expected, name);
        // Semicolons stand in bodies only; `END` is a name as well.
        if expects(";") || expects("END") && !expects("quoted") {
            return with_help(finding, "is an `END` missing, or the `;` before it?".to_owned());
        }
        match self.grammar.only(self.expected) {
            Some(missing) if missing != ")" => finding.help(format!("`{missing}` is missing")),
            _ => finding,
        }
    }

    /// What has to stand before a token, if it is only one thing.
    fn missing(&self, found: &Token) -> Option<String> {
        let missing = self.grammar.only(self.expected)?;
        let before = self.at.checked_sub(1).map(|at| self.written(&self.tokens[at]))?;
        if missing == "(" && before.to_ascii_uppercase().contains("VAR") {
            return Some(format!("`{before}` needs a length: `{before}(255)`"));
        }
        Some(format!("is `{missing}` missing before `{}`?", self.written(found)))
    }

    fn place(&self, token: &Token) -> Span {
        let start = self.statement.start;
        Span::new(start + token.span.start, start + token.span.end)
    }

    fn written(&self, token: &Token) -> &str {
        self.source.slice(self.place(token))
    }

    /// What is surely wrong with a token.
    fn help(&self, found: &Token) -> Option<String> {
        let written = self.written(found);
        if let Some(help) = of_the_program(written) {
            return Some(help.to_owned());
        }
        let end = self.place(found).end as usize;
        if written == "-" && self.source.text()[end..].starts_with('-') {
            return Some("`--` begins a comment only with a space behind it".to_owned());
        }
        if written.starts_with('"') && self.grammar.expects(self.expected, "quoted") {
            return Some("text in `\"` is a string here: put backticks around a name".to_owned());
        }
        let [function, bracket] = self.tokens.get(self.at.checked_sub(2)?..self.at)? else {
            return None;
        };
        let name = self.written(function);
        let is_function = FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
        let parted = function.span.end < bracket.span.start && self.written(bracket) == "(";
        (is_function && parted).then(|| format!("no space may stand between `{name}` and `(`"))
    }

    /// The keyword that would fit, and that a token resembles.
    fn meant(&self, found: &Token) -> Option<&str> {
        let written = self.written(found);
        // A reserved word is written as it is meant: as a name.
        let is_reserved =
            reserved(self.server.version).any(|word| word.eq_ignore_ascii_case(written));
        if found.kind != Kind::Word || is_reserved {
            return None;
        }
        let meant = nearest(written, self.grammar.keywords(self.expected))?;
        (!meant.eq_ignore_ascii_case(written) && is_near(written, meant)).then_some(meant)
    }
}

/// A finding with this help, and no other.
fn with_help(finding: Diagnostic, help: String) -> Diagnostic {
    Diagnostic { notes: Vec::new(), fix: None, ..finding }.help(help)
}

fn bad_token(source: &Arc<Source>, span: Span) -> Diagnostic {
    let written = source.slice(span);
    let (problem, help) = match written.as_bytes() {
        [b'x' | b'X', b'\'', ..] if written.ends_with('\'') => {
            ("this is no hexadecimal number", "its digits come in pairs: `x'0F'`")
        }
        [b'b' | b'B', b'\'', ..] if written.ends_with('\'') => {
            ("this is no binary number", "its digits are `0` and `1`")
        }
        [first, ..] if first.is_ascii_digit() || *first == b'.' => {
            ("this is no number", "digits are missing behind the `e`")
        }
        _ => ("the closing quote is missing", "a quote inside a string is written twice: `''`"),
    };
    let line = source.line_span(source.location(span.start).line);
    let place = Span::new(span.start, span.end.min(line.end).max(span.start));
    syntax(source, place, problem, "").help(help)
}

/// What ends statements in the `mysql` program, and nowhere else.
fn of_the_program(written: &str) -> Option<&'static str> {
    if written.contains("$$") || written == "/" {
        Some("only the `mysql` program takes this for the end of a statement: write `;`")
    } else if written == "\\" {
        Some("`\\G` and the like are commands of the `mysql` program: write `;`")
    } else {
        None
    }
}

/// The finding for what is an engine's or a plugin's own, by its name, but for a slip.
pub(super) fn misspelt(source: &Arc<Source>, mark: Mark, name: Span) -> Option<Diagnostic> {
    let (what, known) = match mark {
        Mark::Privilege => ("privilege", PRIVILEGES),
        _ => ("option", OPTIONS),
    };
    let written = source.slice(name);
    let upper = written.to_ascii_uppercase();
    let meant = known.iter().find(|known| strsim::damerau_levenshtein(&upper, known) == 1)?;
    Some(
        syntax(source, name, format!("there is no {what} `{written}`"), "")
            .help(format!("did you mean `{meant}` instead of `{written}`?"))
            .fix(source, name, *meant),
    )
}

/// Privileges of one word that are not a plugin's own.
#[rustfmt::skip]
const PRIVILEGES: &[&str] = &[
    "ALTER", "CREATE", "DELETE", "DROP", "EVENT", "EXECUTE", "FILE", "INDEX", "INSERT", "PROCESS",
    "REFERENCES", "RELOAD", "SELECT", "SHUTDOWN", "SUPER", "TRIGGER", "UPDATE", "USAGE",
];

/// Options of tables that are not an engine's own. MariaDB takes any other for one of the engine,
/// and refuses those that it does not know when it comes to it.
const OPTIONS: &[&str] = &[
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHARSET",
    "CHECKSUM",
    "COLLATE",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTION",
    "ENGINE",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "ROW_FORMAT",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TABLESPACE",
    "TRANSACTIONAL",
];

/// A short word is near to many, so it has to be nearer.
fn is_near(written: &str, meant: &str) -> bool {
    let distance = strsim::damerau_levenshtein(&written.to_ascii_uppercase(), meant);
    distance <= 1 && written.len().max(meant.len()) > 3 || meant.len() > 5
}
