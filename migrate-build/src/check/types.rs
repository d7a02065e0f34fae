//! Typing errors that SQLite takes for a column's type.
//!
//! SQLite accepts any words as a type: `a INT b TEXT` (a comma is missing) is one column,
//! `PRIMRY KEY` is a type, `ADD COLUM d INT` adds a column named `COLUM` (all tried on SQLite).

use super::Script;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Rule, rule};
use crate::sql::{Column, Statement, StatementKind};
use crate::suggest::nearest;

static UNKNOWN_TYPE: Rule =
    rule!("unknown-type", Deny, "words that SQLite takes for a type, and nobody else does");

pub(super) static RULES: &[&Rule] = &[&UNKNOWN_TYPE];

/// Words of types that several words make up, in SQLite's documentation ("Datatypes In SQLite",
/// section 3.1.1) and in the databases that it takes types from.
const TYPE_WORDS: &[&str] = &[
    "BIG",
    "BIGINT",
    "BINARY",
    "BIT",
    "BLOB",
    "BOOLEAN",
    "BYTES",
    "CHAR",
    "CHARACTER",
    "CLOB",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "INT",
    "INT2",
    "INT4",
    "INT8",
    "INTEGER",
    "LARGE",
    "LOCAL",
    "LONG",
    "MEDIUMINT",
    "NATIONAL",
    "NATIVE",
    "NUMBER",
    "NUMERIC",
    "OBJECT",
    "PRECISION",
    "REAL",
    "SIGNED",
    "SMALLINT",
    "TEXT",
    "TIME",
    "TIMESTAMP",
    "TINYINT",
    "UNSIGNED",
    "VARBINARY",
    "VARCHAR",
    "VARYING",
    "WITH",
    "WITHOUT",
    "ZONE",
];

/// Words that stand behind a type. Misspelt, they become part of it.
const CONSTRAINT_WORDS: &[&str] = &[
    "AUTOINCREMENT",
    "CHECK",
    "COLLATE",
    "CONSTRAINT",
    "DEFAULT",
    "GENERATED",
    "KEY",
    "NOT",
    "NULL",
    "PRIMARY",
    "REFERENCES",
    "UNIQUE",
];

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.server.dialect != Dialect::Sqlite {
        return;
    }
    for statement in &script.parsed.statements {
        let columns = match &statement.kind {
            StatementKind::CreateTable { columns, .. } => columns.as_slice(),
            StatementKind::AddColumn { column } => std::slice::from_ref(column),
            _ => continue,
        };
        let bad = columns.iter().filter_map(|column| column_type(script, statement, column));
        findings.extend(bad);
    }
}

fn column_type(script: &Script<'_>, statement: &Statement, column: &Column) -> Option<Diagnostic> {
    // Nobody quotes a slip.
    if column.type_words.iter().any(|word| word.starts_with(['"', '`', '['])) {
        return None;
    }
    // One word may be anything: applications have their own names for types.
    let words = &column.type_words;
    let known = |word: &str| TYPE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    let misspelt = words.iter().find(|word| meant(word).is_some());
    let word = misspelt.or_else(|| {
        let behind_first = words.get(1..)?;
        let unknown = behind_first.iter().find(|word| !known(word));
        unknown.or_else(|| behind_first.first().filter(|_| !known(&words[0])))
    })?;
    let written = column.type_words.join(" ");
    let span = script.parser.type_span(script.source, statement.span, column);
    let finding = Diagnostic::new(
        &UNKNOWN_TYPE,
        format!("SQLite takes `{written}` for the type of the column `{}`", column.written),
    )
    .at(script.source, span.unwrap_or(statement.span), "all of this is the type");
    Some(match meant(word) {
        Some(meant) => finding.help(format!("did you mean `{meant}` instead of `{word}`?")),
        None if nearest(&column.written, ["COLUMN"]).is_some() => {
            finding.help(format!("did you mean `COLUMN` instead of `{}`?", column.written))
        }
        None => finding.help(format!("is a comma missing before `{word}`?")),
    })
}

/// What other databases and hasty fingers write.
const ALIASES: &[(&str, &str)] =
    &[("AUTO_INCREMENT", "AUTOINCREMENT"), ("NUL", "NULL"), ("NULLL", "NULL")];

fn meant(word: &str) -> Option<&'static str> {
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(word)) {
        return Some(meant);
    }
    if word.len() < 4 {
        return None;
    }
    let is = |known: &&&str| known.eq_ignore_ascii_case(word);
    if TYPE_WORDS.iter().find(is).is_some() {
        return None;
    }
    let near = nearest(word, CONSTRAINT_WORDS.iter().chain(["UNSIGNED"].iter()).copied())?;
    // A short word is near too many others.
    (near.len() > 4).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_near_a_constraint_is_meant_to_be_one() {
        for (word, constraint) in [
            ("PRIMRY", Some("PRIMARY")),
            ("auto_increment", Some("AUTOINCREMENT")),
            ("nul", Some("NULL")),
            ("unqiue", Some("UNIQUE")),
            ("UNSINGED", Some("UNSIGNED")),
            ("DEFUALT", Some("DEFAULT")),
        ] {
            assert_eq!(meant(word), constraint, "{word}");
        }
    }

    #[test]
    fn a_type_is_not_near_to_anything() {
        for word in
            TYPE_WORDS.iter().chain(&["JSON", "UUID", "MONEY", "SERIAL", "NVARCHAR", "ENUM"])
        {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
