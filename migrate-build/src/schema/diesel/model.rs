//! What `table!` says of a schema, and where it comes from.

use std::fmt;

use super::rust;
use crate::diagnostic::Diagnostic;

/// What is known of the tables of a dialect, as Diesel would find it in its database.
pub(super) trait Tables {
    /// The tables that are shown when none is filtered out, in their order.
    fn names(&self) -> Vec<TableName>;

    /// The primary key, in the order in which the database tells it; none where the table has none.
    fn primary_key(&self, table: &TableName) -> Vec<String>;

    /// The columns, in their order.
    fn columns(&self, table: &TableName) -> Result<Vec<Column>, Box<Diagnostic>>;

    /// The foreign keys of the tables that are shown.
    fn references(&self) -> Vec<Reference>;

    /// What is said about a table in the database.
    fn comment(&self, table: &TableName) -> Result<Option<String>, Box<Diagnostic>>;
}

/// The name of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TableName {
    pub(super) sql: String,
    pub(super) rust: String,
    /// None in the schema that everybody uses.
    pub(super) schema: Option<String>,
}

impl TableName {
    pub(super) fn new(schema: Option<&str>, sql: &str) -> Self {
        let schema = schema.map(str::to_owned);
        Self { sql: sql.to_owned(), rust: rust::name(sql, None), schema }
    }

    /// With its schema, as SQL names it.
    pub(super) fn full(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.sql),
            None => self.sql.clone(),
        }
    }
}

/// As `table!` names it.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", rust::name(schema, None))?;
        }
        f.write_str(&self.rust)
    }
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: TableName,
    /// As Rust calls the columns.
    pub(super) primary_key: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) comment: Option<String>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) sql: String,
    pub(super) ty: Type,
    pub(super) comment: Option<String>,
}

/// The type of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Type {
    /// Where it is, unless in the schema that everybody uses.
    pub(super) schema: Option<String>,
    /// Its name in SQL; that of the elements of an array.
    pub(super) sql: String,
    /// The same in Rust.
    pub(super) rust: String,
    pub(super) is_array: bool,
    pub(super) is_unsigned: bool,
    pub(super) is_nullable: bool,
    /// In characters, or bits.
    pub(super) max_length: Option<u64>,
    /// Diesel has no such type: it is defined beside the tables.
    pub(super) is_custom: bool,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let around = [
            (self.is_nullable, "Nullable<", ">"),
            (self.is_array, "Array<Nullable<", ">>"),
            (self.is_unsigned, "Unsigned<", ">"),
        ];
        let around = around.iter().filter(|(is_there, ..)| *is_there);
        for (_, open, _) in around.clone() {
            f.write_str(open)?;
        }
        f.write_str(&self.rust)?;
        for (_, _, close) in around.rev() {
            f.write_str(close)?;
        }
        Ok(())
    }
}

/// A foreign key. They are shown in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub(super) child: TableName,
    pub(super) parent: TableName,
    pub(super) columns: Vec<String>,
    pub(super) target: Vec<String>,
}

impl Reference {
    /// The two tables, whichever refers to the other.
    pub(super) fn pair(&self) -> (&TableName, &TableName) {
        if self.child <= self.parent {
            (&self.child, &self.parent)
        } else {
            (&self.parent, &self.child)
        }
    }
}
