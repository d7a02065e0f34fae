//! A tool's table, read whole. Nothing is ever written to it.

use std::fmt;

use diesel::deserialize::QueryableByName;
use diesel::query_builder::SqlQuery;
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::{Nullable, Text};
use migrate_build::Dialect;

use super::Tool;
use super::tools::is_true;
use crate::database::{self, Connection};
use crate::failure::Failure;

/// A value as text; none for NULL.
pub(super) type Value = Option<String>;

/// A column, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// As text.
    Text(&'static str),
    /// Bytes, as hexadecimal digits.
    Bytes(&'static str),
    /// A moment, as milliseconds since 1970, or as `moment::milliseconds` takes it.
    Moment(&'static str),
}

/// Where a table is, as its owner names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    schema: Option<String>,
    table: String,
}

impl Place {
    /// `table`, or `schema.table`.
    pub(crate) fn new(name: &str) -> Self {
        match name.split_once('.') {
            Some((schema, table)) => {
                Self { schema: Some(schema.to_owned()), table: table.to_owned() }
            }
            None => Self { schema: None, table: name.to_owned() },
        }
    }

    /// The table whose name ends in this, too.
    pub(crate) fn beside(&self, ending: &str) -> Self {
        Self { schema: self.schema.clone(), table: format!("{}{ending}", self.table) }
    }

    fn sql(&self, dialect: Dialect) -> String {
        let parts = self.schema.iter().chain([&self.table]);
        parts.map(|part| quoted(part, dialect)).collect::<Vec<_>>().join(".")
    }

    /// A query for the names of the columns; none, where there is no such table.
    fn columns(&self, dialect: Dialect) -> String {
        let table = literal(&self.table, dialect);
        match dialect {
            Dialect::Sqlite => {
                let schema = literal(self.schema.as_deref().unwrap_or("main"), dialect);
                format!("SELECT name AS c0, {NO_MORE} FROM pragma_table_info({table}, {schema})")
            }
            Dialect::Postgres => format!(
                "SELECT CAST(attname AS text) AS c0, {NO_MORE} FROM pg_catalog.pg_attribute \
                 WHERE attrelid = pg_catalog.to_regclass({}) AND attnum > 0 AND NOT attisdropped",
                literal(&self.sql(dialect), dialect)
            ),
            Dialect::Mysql => {
                let schema = self.schema.as_deref();
                let schema = schema.map_or("database()".to_owned(), |name| literal(name, dialect));
                format!(
                    "SELECT column_name AS c0, {NO_MORE} FROM information_schema.columns \
                     WHERE table_schema = {schema} AND table_name = {table}"
                )
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.table),
            None => f.write_str(&self.table),
        }
    }
}

/// As many columns as the widest table has.
#[derive(QueryableByName)]
struct Cells {
    #[diesel(sql_type = Nullable<Text>)]
    c0: Value,
    #[diesel(sql_type = Nullable<Text>)]
    c1: Value,
    #[diesel(sql_type = Nullable<Text>)]
    c2: Value,
    #[diesel(sql_type = Nullable<Text>)]
    c3: Value,
    #[diesel(sql_type = Nullable<Text>)]
    c4: Value,
    #[diesel(sql_type = Nullable<Text>)]
    c5: Value,
}

const WIDTH: usize = 6;

/// The cells behind the first one, of a query for names alone.
const NO_MORE: &str = "NULL AS c1, NULL AS c2, NULL AS c3, NULL AS c4, NULL AS c5";

/// Whether a table has the columns that this tool gives it.
///
/// # Errors
/// When the database does not tell.
pub(crate) fn present(
    connection: &mut Connection,
    dialect: Dialect,
    tool: &Tool,
    place: &Place,
) -> Result<bool, Failure> {
    let query = place.columns(dialect);
    let columns = ask(connection, &query)?;
    let names: Vec<String> = columns.into_iter().filter_map(|column| column.c0).collect();
    let has = |wanted: &&str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    Ok(tool.has.iter().all(&has) && !tool.lacks.iter().any(has))
}

/// The rows of a tool's table, in its order.
///
/// # Errors
/// When the database refuses it.
pub(crate) fn read(
    connection: &mut Connection,
    dialect: Dialect,
    tool: &Tool,
    place: &Place,
) -> Result<Vec<Vec<Value>>, Failure> {
    let query = select(tool.columns, tool.order, place, dialect);
    let rows = ask(connection, &query)?;
    let cells = |Cells { c0, c1, c2, c3, c4, c5 }| {
        let mut cells = vec![c0, c1, c2, c3, c4, c5];
        cells.truncate(tool.columns.len());
        cells
    };
    Ok(rows.into_iter().map(cells).collect())
}

/// Whether a run of the tool holds its lock, or left it behind.
///
/// # Errors
/// When the database refuses to tell.
pub(crate) fn is_locked(
    connection: &mut Connection,
    dialect: Dialect,
    tool: &Tool,
    place: &Place,
) -> Result<bool, Failure> {
    let Some(lock) = tool.lock.map(|ending| place.beside(ending)) else { return Ok(false) };
    let query = lock.columns(dialect);
    let columns = ask(connection, &query)?;
    if columns.is_empty() {
        return Ok(false);
    }
    // Two processes that made the table at once have left two rows in it.
    let query = select(&[Column::Text("is_locked")], "is_locked", &lock, dialect);
    let rows = ask(connection, &query)?;
    Ok(rows.iter().any(|row| row.c0.as_deref().is_some_and(is_true)))
}

fn ask(connection: &mut Connection, query: &str) -> Result<Vec<Cells>, Failure> {
    let rows: Result<Vec<Cells>, Failure> =
        database::on!(connection, connection => load(&mut **connection, query));
    rows
}

fn load<C>(connection: &mut C, query: &str) -> Result<Vec<Cells>, Failure>
where
    for<'q> SqlQuery: LoadQuery<'q, C, Cells>,
{
    use diesel::RunQueryDsl as _;
    diesel::sql_query(query)
        .load(connection)
        .map_err(|error| Failure::new(format!("cannot read the other tool's table: {error}")))
}

fn select(columns: &[Column], order: &str, place: &Place, dialect: Dialect) -> String {
    let value = |at: usize| match columns.get(at) {
        Some(column) => format!("{} AS c{at}", as_text(*column, dialect)),
        None => format!("NULL AS c{at}"),
    };
    let values: Vec<String> = (0..WIDTH).map(value).collect();
    let order = quoted(order, dialect);
    format!("SELECT {} FROM {} ORDER BY {order}", values.join(", "), place.sql(dialect))
}

fn as_text(column: Column, dialect: Dialect) -> String {
    let (Column::Text(name) | Column::Bytes(name) | Column::Moment(name)) = column;
    let name = quoted(name, dialect);
    match (dialect, column) {
        (Dialect::Sqlite, Column::Bytes(_)) => format!("hex({name})"),
        (Dialect::Sqlite, _) => format!("CAST({name} AS TEXT)"),
        (Dialect::Postgres, Column::Bytes(_)) => format!("encode({name}, 'hex')"),
        (Dialect::Postgres, Column::Text(_)) => format!("CAST({name} AS text)"),
        (Dialect::Postgres, Column::Moment(_)) => {
            format!("CAST(CAST(extract(epoch FROM {name}) * 1000 AS bigint) AS text)")
        }
        (Dialect::Mysql, Column::Bytes(_)) => format!("hex({name})"),
        (Dialect::Mysql, Column::Text(_)) => format!("CAST({name} AS CHAR)"),
        (Dialect::Mysql, Column::Moment(_)) => {
            format!("CAST(CAST(UNIX_TIMESTAMP({name}) * 1000 AS SIGNED) AS CHAR)")
        }
    }
}

fn quoted(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Mysql => format!("`{}`", name.replace('`', "``")),
        Dialect::Sqlite | Dialect::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// MySQL reads escapes in its strings, and PostgreSQL where `standard_conforming_strings` is off; no
/// table that a tool makes has a backslash in its name.
fn literal(text: &str, dialect: Dialect) -> String {
    let text = text.replace('\'', "''");
    match dialect {
        Dialect::Mysql => format!("'{}'", text.replace('\\', "\\\\")),
        Dialect::Sqlite | Dialect::Postgres => format!("'{text}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_the_database_does_it() {
        let place = Place::new("ops.Sequelize`Meta\"");
        assert_eq!(place.sql(Dialect::Mysql), "`ops`.`Sequelize``Meta\"`");
        assert_eq!(place.sql(Dialect::Postgres), "\"ops\".\"Sequelize`Meta\"\"\"");
        assert_eq!(place.to_string(), "ops.Sequelize`Meta\"");
    }
}
