//! What schemas are made of, as statements define it and the catalog keeps it.

mod key;
pub(crate) mod literal;
mod text;

use std::fmt;

pub use key::{Key, Space};
use serde::{Deserialize, Serialize};
pub use text::{Text, Word};

use super::class::Class;
use super::name::Name;
use crate::source::Span;

/// The name of an object, with the schema that it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// The schema; none where the dialect has none, where it is the one that everybody uses
    /// (PostgreSQL's `public`), and where it is not known yet.
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
    /// The tables that it inherits from, or is a partition of.
    pub parents: Vec<Path>,
    /// Its columns are not known: it is made from a query, or by a module.
    pub is_opaque: bool,
    /// The indexes among its constraints that the server made for a foreign key by itself, and takes
    /// away when another one serves. It shows this nowhere, so it is not compared.
    pub implied: Vec<Name>,
    /// What is in double quotes in its expressions and taken for a text, as there is no column of
    /// that name: one that is added is meant then (SQLite, "Quirks", section 8).
    pub quoted: Vec<Name>,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
            && self.options == other.options
            && self.parents == other.parents
            && self.is_opaque == other.is_opaque
            && have_same(&self.constraints, &other.constraints)
    }
}

/// These, each of those taken away once.
pub(crate) fn without(these: &[Constraint], those: &[Constraint]) -> Vec<Constraint> {
    let mut left = these.to_vec();
    for constraint in those {
        if let Some(at) = left.iter().position(|other| other == constraint) {
            left.remove(at);
        }
    }
    left
}

fn have_same(these: &[Constraint], those: &[Constraint]) -> bool {
    let count =
        |all: &[Constraint], one| all.iter().filter(|constraint| *constraint == one).count();
    these == those
        || these.len() == those.len()
            && these.iter().all(|one| count(these, one) == count(those, one))
}

impl Table {
    /// What its checks demand, and what its columns are computed from.
    pub fn expressions(&self) -> impl Iterator<Item = &Text> {
        let checks = self.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Check(text) => Some(text),
            _ => None,
        });
        checks.chain(self.columns.iter().filter_map(|column| column.generated.as_ref()))
    }

    /// The same, to be changed.
    pub fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Text> {
        let checks = self.constraints.iter_mut().filter_map(|constraint| {
            let ConstraintKind::Check(text) = &mut constraint.kind else { return None };
            Some(text)
        });
        checks.chain(self.columns.iter_mut().filter_map(|column| column.generated.as_mut()))
    }

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
    /// How its texts are compared. In MySQL, a character set stands for its default collation.
    pub collation: Option<Name>,
    /// Further properties, sorted: that it is an identity, how it is stored.
    pub options: Vec<Text>,
}

/// A constraint of a table. Where it is written makes no difference to what it demands.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name, where it has one.
    pub name: Option<Name>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// What is said besides: `ON CONFLICT`, `DEFERRABLE`, `AUTOINCREMENT`.
    pub rest: Text,
    /// The column behind which it is written; SQLite drops it together with that.
    pub column: Option<Name>,
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind && self.rest == other.rest
    }
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
    /// An index that is no object of its own but a part of its table.
    Index(Vec<Part>),
    /// `EXCLUDE`, of these columns.
    Exclude(Vec<Part>),
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The table that it belongs to.
    pub table: Path,
    /// No two rows may agree in it.
    pub unique: bool,
    /// What it is about.
    pub parts: Vec<Part>,
    /// The rows that are in it: `WHERE`.
    pub predicate: Option<Text>,
    /// Further properties, sorted: its method, what it includes.
    pub options: Vec<Text>,
    /// A constraint of the table stands on it, and is called so, too.
    pub is_of_constraint: bool,
}

/// A view.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its query, with the names of its columns before it.
    pub text: Text,
    /// The tables and views that the query reads.
    pub reads: Vec<Path>,
    /// Its rows are kept.
    pub is_materialized: bool,
    /// What its query does not tell later. In PostgreSQL the names of its columns, which it keeps: one
    /// text, or none where they are not known. In MySQL what it read was like when it was made, where
    /// its query does not name all that it stands for: `*` means the columns of then. Not compared.
    pub seen: Vec<Text>,
}

impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.reads == other.reads
            && self.is_materialized == other.is_materialized
    }
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
    /// Its place among those of its table that fire at the same time, from 1; 0 where nobody counts.
    pub place: usize,
}

/// An object of which no more is known than what it says, what it belongs to and what it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// What kind of object.
    pub class: Class,
    /// All of it but its name and that of its owner.
    pub text: Text,
    /// What it belongs to, and goes with.
    pub owner: Option<Owner>,
    /// What it names besides, and cannot be without.
    pub mentions: Vec<Key>,
}

/// What an object belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The table, the type, whatever it is.
    pub key: Key,
    /// A column of it.
    pub column: Option<Name>,
}
