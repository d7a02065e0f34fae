//! What differs from database to database in the SQL that is scaffolded.

use super::Error;
use super::column::{Column, Type};
use super::value::Value;

/// The facts of one database: how a thing is written, and what it refuses.
pub trait Dialect {
    /// `name` as an identifier, quoted where it must be.
    fn identifier(&self, name: &str) -> String;

    /// The declared type.
    fn column_type(&self, of: Type) -> String;

    /// The declared type of a primary key of this type.
    fn key_type(&self, of: Type) -> String;

    /// A default for a column of this type.
    fn literal(&self, value: &Value, of: Type) -> String;

    /// Whether a table, or an index, may bear this name.
    ///
    /// # Errors
    /// When the database keeps such names for itself.
    fn check_name(&self, name: &str) -> Result<(), Error>;

    /// Whether `ALTER TABLE … ADD COLUMN` takes this column, also when the table holds rows.
    ///
    /// # Errors
    /// When it does not; the message says why.
    fn check_added(&self, table: &str, column: &Column) -> Result<(), Error>;
}
