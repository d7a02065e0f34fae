//! How the backend asks: every answer comes as text, whatever the types of the columns.
use diesel::QueryResult;
use diesel::deserialize::{self, QueryableByName};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::{Field, NamedRow, Row};
use diesel::sql_types::{Nullable, Text, Untyped};

use super::fault::numbered;
use crate::history::Cell;

/// Stands in SQL for a value. No name holds it.
pub(super) const VALUE: char = '\0';

/// SQL that Diesel keeps prepared as long as the connection lives. `sql_query` prepares anew each
/// time, which is one round trip more.
///
/// The server reads it in the database that was chosen when it was prepared, whatever is chosen
/// since: so tables in it need their database.
struct Prepared<'a> {
    sql: &'a str,
    values: &'a [Cell],
}

impl QueryId for Prepared<'_> {
    type QueryId = ();
    // Diesel then knows it by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Prepared<'_> {
    type SqlType = Untyped;
}

impl QueryFragment<Mysql> for Prepared<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        let mut parts = self.sql.split(VALUE);
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.values.iter().zip(parts) {
            // The server makes numbers of texts where the column is one.
            out.push_bind_param::<Nullable<Text>, _>(value)?;
            out.push_sql(part);
        }
        Ok(())
    }
}

impl<C> RunQueryDsl<C> for Prepared<'_> {}

/// A row. Its columns have to be texts already, or they come as bytes of the protocol. Bytes that
/// are no UTF-8, as another character set of the session has them, become U+FFFD instead of an error
/// that would not say where they are.
pub(super) struct Texts(pub(super) Vec<Cell>);

impl QueryableByName<Mysql> for Texts {
    fn build<'a>(row: &impl NamedRow<'a, Mysql>) -> deserialize::Result<Self> {
        let cell = |at| {
            let field = Row::get(row, at)?;
            let value = field.value()?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Ok(Self((0..row.field_count()).map(cell).collect()))
    }
}

/// The rows of a query that is asked once.
pub(super) fn rows(conn: &mut MysqlConnection, sql: &str) -> QueryResult<Vec<Vec<Cell>>> {
    let rows = diesel::sql_query(sql).load(conn);
    texts(numbered(conn, rows))
}

/// The rows of a query that is asked again and again: after the first time in one round trip.
pub(super) fn prepared_rows(
    conn: &mut MysqlConnection,
    sql: &str,
    values: &[Cell],
) -> QueryResult<Vec<Vec<Cell>>> {
    let rows = Prepared { sql, values }.load(conn);
    texts(numbered(conn, rows))
}

/// Executes a statement that comes again and again.
pub(super) fn prepared(conn: &mut MysqlConnection, sql: &str, values: &[Cell]) -> QueryResult<()> {
    let executed = Prepared { sql, values }.execute(conn);
    numbered(conn, executed).map(drop)
}

fn texts(rows: QueryResult<Vec<Texts>>) -> QueryResult<Vec<Vec<Cell>>> {
    Ok(rows?.into_iter().map(|Texts(cells)| cells).collect())
}

/// The one value of a query that has one.
pub(super) fn value(rows: Vec<Vec<Cell>>) -> Cell {
    rows.into_iter().next()?.into_iter().next()?
}

/// Text as a literal that means the same in every `sql_mode`.
pub(super) fn literal(text: &str) -> String {
    if text.is_empty() {
        return "_utf8mb4 ''".to_owned();
    }
    let mut literal = String::with_capacity("_utf8mb4 0x".len() + 2 * text.len());
    literal.push_str("_utf8mb4 0x");
    for byte in text.bytes() {
        for digit in [byte >> 4, byte & 0xf] {
            literal.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    literal
}

/// A name as an identifier.
pub(super) fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_literal_that_no_setting_reads_in_another_way() {
        assert_eq!(literal(""), "_utf8mb4 ''");
        assert_eq!(literal("'\\ä"), "_utf8mb4 0x275cc3a4");
        assert_eq!(identifier("a`b"), "`a``b`");
    }
}
