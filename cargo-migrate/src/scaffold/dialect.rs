//! What differs from database to database in the SQL that is scaffolded, and what does not.

use super::Error;
use super::change::{Change, Index};
use super::column::Column;
use super::types::Type;
use super::value::Value;

/// The SQL of one database.
pub trait Dialect {
    /// `name` as an identifier, quoted where it must be.
    fn identifier(&self, name: &str) -> String;

    /// Diesel's type of a connection.
    fn connection(&self) -> &'static str;

    /// How many bytes a name has room for that is made up for an index or the like.
    fn longest_name(&self) -> usize;

    /// Whether a table may bear this name.
    ///
    /// # Errors
    /// When the database keeps such names for itself, or it is too long.
    fn check_table(&self, name: &str) -> Result<(), Error>;

    /// Whether a column may bear this name.
    ///
    /// # Errors
    /// When the database keeps such names for itself, or it is too long.
    fn check_column(&self, name: &str) -> Result<(), Error>;

    /// The statements that make a change, also when tables hold rows; each ends with a semicolon,
    /// and may have comments above it.
    ///
    /// # Errors
    /// When the database would refuse one, or would lock others out while it is at work; the
    /// message says why.
    fn statements(&self, change: &Change) -> Result<Vec<String>, Error>;

    /// Whether these statements can run in a transaction.
    fn in_transaction(&self, change: &Change) -> bool;
}

/// `CREATE TABLE`, with a line for each column and constraint, and what stands behind them.
pub(super) fn create_table(
    dialect: &dyn Dialect,
    table: &str,
    lines: &[String],
    options: &str,
) -> String {
    let table = dialect.identifier(table);
    format!("CREATE TABLE {table} (\n    {}\n){options};", lines.join(",\n    "))
}

/// `DROP TABLE`
pub(super) fn drop_table(dialect: &dyn Dialect, table: &str) -> String {
    format!("DROP TABLE {};", dialect.identifier(table))
}

/// `ALTER TABLE`, with one clause in its line, or each in a line of its own.
pub(super) fn alter_table(dialect: &dyn Dialect, table: &str, clauses: &[String]) -> String {
    let table = dialect.identifier(table);
    match clauses {
        [clause] => format!("ALTER TABLE {table} {clause};"),
        clauses => format!("ALTER TABLE {table}\n    {};", clauses.join(",\n    ")),
    }
}

/// The columns with their types; where a table or a column is made, each has one.
pub(super) fn typed(columns: &[Column]) -> impl Iterator<Item = (&Column, &Type)> {
    columns.iter().filter_map(|column| Some((column, column.of.as_ref()?)))
}

/// Refuses another value for each row that is there: the database would write the table anew, and
/// all others would wait.
pub(super) fn refuse_random(database: &str, table: &str, column: &Column) -> Result<(), Error> {
    if column.default != Some(Value::Random) {
        return Ok(());
    }
    let name = &column.name;
    Err(Error::usage(format!(
        "{database} cannot add `{name}` to a `{table}` with rows unless all others wait: a UUID for \
         each row is a new table"
    ))
    .with_help("add it without a default, give it one in the next migration, and fill the rows"))
}

/// The indexes that columns ask for.
pub(super) fn indexes<'c>(
    table: &'c str,
    columns: &'c [Column],
) -> impl DoubleEndedIterator<Item = Index> + 'c {
    columns.iter().filter_map(move |column| Index::of(table, column))
}

/// The indexes that the columns of a new table ask for. Its key has one already.
pub(super) fn new_indexes<'c>(
    table: &'c str,
    columns: &'c [Column],
) -> impl Iterator<Item = Index> + 'c {
    columns
        .iter()
        .filter(|column| !column.is_id())
        .filter_map(move |column| Index::of(table, column))
}

/// `CREATE INDEX`; `how` stands behind it, as in `CREATE INDEX CONCURRENTLY`.
pub(super) fn create_index(dialect: &dyn Dialect, index: &Index, how: &str) -> String {
    let columns: Vec<String> = index.columns.iter().map(|name| dialect.identifier(name)).collect();
    format!(
        "CREATE {}INDEX {how}{} ON {} ({});",
        if index.unique { "UNIQUE " } else { "" },
        dialect.identifier(&index.name(dialect)),
        dialect.identifier(&index.table),
        columns.join(", "),
    )
}

/// `ALTER TABLE … RENAME COLUMN`
pub(super) fn rename_column(dialect: &dyn Dialect, table: &str, from: &str, to: &str) -> String {
    let (from, to) = (dialect.identifier(from), dialect.identifier(to));
    alter_table(dialect, table, &[format!("RENAME COLUMN {from} TO {to}")])
}

/// `ALTER TABLE … RENAME TO`
pub(super) fn rename_table(dialect: &dyn Dialect, from: &str, to: &str) -> String {
    alter_table(dialect, from, &[format!("RENAME TO {}", dialect.identifier(to))])
}

/// `'it''s'`
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `'draft', 'sent'`
pub(super) fn quoted_list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

/// Whether a word is one of these, which stand in capital letters with white space between.
pub(super) fn is_among(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|other| other.eq_ignore_ascii_case(word))
}

/// Whether a name is made of letters, digits and `_`, and does not begin with a digit.
pub(super) fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
