//! The schema that a database has.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::SqlQuery;
use diesel::query_dsl::methods::LoadQuery;
use diesel::row::NamedRow;
use diesel::sql_types::{Nullable, Text};
use migrate_build::Server;
use migrate_build::catalog::{Ask, Live};

/// Reads the schema of a database, without the ledger and what belongs to extensions.
///
/// # Errors
/// When the database does not show it.
pub fn read<C>(connection: &mut C, server: Server) -> Result<Live, Unreadable>
where
    for<'q> SqlQuery: LoadQuery<'q, C, Row>,
{
    Live::read(server, &mut Asker(connection))
}

/// Why a schema could not be read.
#[derive(Debug)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read the schema: {}", self.0)
    }
}

impl From<migrate_build::Error> for Unreadable {
    fn from(error: migrate_build::Error) -> Self {
        Self(error.to_string())
    }
}

struct Asker<'c, C>(&'c mut C);

impl<C> Ask for Asker<'_, C>
where
    for<'q> SqlQuery: LoadQuery<'q, C, Row>,
{
    type Error = Unreadable;

    fn ask(&mut self, query: &str) -> Result<Vec<Option<String>>, Unreadable> {
        let rows = diesel::sql_query(query).load::<Row>(self.0);
        let rows = rows.map_err(|error| Unreadable(error.to_string()))?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

/// A row of an answer, by the column that is asked for.
#[derive(Debug)]
pub struct Row(Option<String>);

impl<DB: Backend> QueryableByName<DB> for Row
where
    Option<String>: FromSql<Nullable<Text>, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let get = |name: &&str| NamedRow::get::<Nullable<Text>, Option<String>>(row, name).ok();
        let value = Live::COLUMNS.iter().find_map(get);
        value.map(Self).ok_or_else(|| "the answer has none of the columns that are known".into())
    }
}
