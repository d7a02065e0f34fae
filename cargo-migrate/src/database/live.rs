//! The schema that a database has.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{Nullable, Text};
use migrate_build::Server;
use migrate_build::catalog::{Ask, Live};

use super::{Connection, on};
use crate::failure::Failure;

impl Connection {
    /// The schema, without the ledger and what belongs to extensions. Reads only.
    ///
    /// # Errors
    /// When the database refuses to show it.
    pub(crate) fn live(&mut self, server: Server) -> Result<Live, Failure> {
        Live::read(server, self)
    }
}

impl Ask for Connection {
    type Error = Failure;

    fn ask(&mut self, query: &str) -> Result<Vec<Option<String>>, Failure> {
        let rows = on!(self, connection => diesel::sql_query(query).load::<Row>(&mut **connection));
        match rows {
            Ok(rows) => Ok(rows.into_iter().map(|row| row.0).collect()),
            Err(error) => Err(Failure::new(format!("cannot read the schema: {error}"))),
        }
    }
}

/// A row, by the column that is asked for.
struct Row(Option<String>);

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
