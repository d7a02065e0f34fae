//! What schemas are made of, as statements define it and the catalog keeps it.

mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use text::{Text, Word};

use super::name::Name;
use crate::source::Span;

/// The name of an object, with the schema that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// The schema; none where the dialect has none, and where it is not known yet.
    pub schema: Option<Name>,
    /// Its name there.
    pub name: Name,
}

/// As a statement would name it.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", schema.as_str())?;
        }
        f.write_str(self.name.as_str())
    }
}

/// A name where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The schema before it, where one is written.
    pub schema: Option<Name>,
    /// As the database compares it.
    pub name: Name,
    /// Its place in the script.
    pub span: Span,
}

impl Ident {
    /// The object that it names.
    #[must_use]
    pub fn path(&self) -> Path {
        Path { schema: self.schema.clone(), name: self.name.clone() }
    }
}

/// A table. Two are equal when their constraints are the same, in whatever order.
#[derive(Clone, Debug, Default, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The constraints, those of single columns among them.
    pub constraints: Vec<Constraint>,
    /// Further properties: `STRICT`, `WITHOUT ROWID`.
    pub options: Vec<Text>,
    /// Its columns are not known: it is made from a query, or by a module.
    pub is_opaque: bool,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
            && self.options == other.options
            && self.is_opaque == other.is_opaque
            && have_same(&self.constraints, &other.constraints)
    }
}

fn have_same(these: &[Constraint], those: &[Constraint]) -> bool {
    let count =
        |all: &[Constraint], one| all.iter().filter(|constraint| *constraint == one).count();
    these == those
        || these.len() == those.len()
            && these.iter().all(|one| count(these, one) == count(those, one))
}

impl Table {
    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &Name) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// The type; empty when none is declared.
    pub ty: Text,
    /// `NOT NULL`.
    pub not_null: bool,
    /// The value of rows that give none.
    pub default: Option<Text>,
    /// What it is computed from.
    pub generated: Option<Text>,
    /// How its texts are compared.
    pub collation: Option<Name>,
}

/// A constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name, where it has one.
    pub name: Option<Name>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// What is said besides: `ON CONFLICT`, `DEFERRABLE`, `AUTOINCREMENT`.
    pub rest: Text,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`, of these columns.
    PrimaryKey(Vec<Part>),
    /// `UNIQUE`, of these columns.
    Unique(Vec<Part>),
    /// `CHECK`.
    Check(Text),
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
}

/// A reference to the rows of another table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The columns that refer.
    pub columns: Vec<Name>,
    /// The table that they refer to.
    pub table: Path,
    /// Its columns; none for its primary key.
    pub target: Vec<Name>,
    /// `ON DELETE …`, `ON UPDATE …`.
    pub actions: Text,
}

/// A part of an index or a key: a column, or an expression, with its order and collation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is written.
    pub text: Text,
    /// The column, where it is one.
    pub column: Option<Name>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The table that it belongs to.
    pub table: Path,
    /// No two rows may agree in it.
    pub unique: bool,
    /// What it is about.
    pub parts: Vec<Part>,
    /// The rows that are in it: `WHERE`.
    pub predicate: Option<Text>,
}

/// A view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its query, with the names of its columns before it.
    pub text: Text,
    /// The tables and views that the query reads.
    pub reads: Vec<Path>,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The table or view that it belongs to.
    pub table: Path,
    /// All of it but its name and the table's.
    pub text: Text,
    /// The tables and views that its body names.
    pub reads: Vec<Path>,
}
