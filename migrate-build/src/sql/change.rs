//! What statements of MySQL and MariaDB change: several objects by one, and a table in several ways
//! at once.

use super::class::Class;
use super::name::Name;
use super::schema::{Column as Field, Constraint, Ident, Table, Text, Trigger, View};
use crate::source::Span;

/// A change of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// `CREATE TABLE`.
    CreateTable {
        /// Its name.
        table: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// What it is.
        definition: Table,
        /// What it is filled from reads these.
        reads: Vec<Ident>,
        /// One of this name goes first.
        or_replace: bool,
    },
    /// `CREATE TABLE … LIKE`.
    CopyTable {
        /// Its name.
        table: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// One of this name goes first.
        or_replace: bool,
        /// What it is made like.
        from: Ident,
    },
    /// `CREATE VIEW`.
    CreateView {
        /// Its name.
        view: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// What it is.
        definition: View,
        /// What its query reads, where it stands.
        reads: Vec<Ident>,
        /// One of this name goes first.
        or_replace: bool,
    },
    /// `CREATE TRIGGER`.
    CreateTrigger {
        /// Its name.
        trigger: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// The table's name, where it stands.
        table: Ident,
        /// What it is.
        definition: Trigger,
        /// The one that it stands beside: `FOLLOWS`, `PRECEDES`.
        beside: Option<Beside>,
        /// One of this name goes first.
        or_replace: bool,
    },
    /// `CREATE` of a stored program, an event, a sequence.
    CreateProgram {
        /// Its name.
        program: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// One of this name goes first.
        or_replace: bool,
        /// What kind of object.
        class: Class,
        /// All of it but its name.
        text: Text,
    },
    /// `DROP`.
    Drop {
        /// What kind of object.
        class: Class,
        /// Their names.
        names: Vec<Ident>,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `ALTER TABLE`.
    AlterTable {
        /// The table.
        table: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// What is done to it, all at once.
        actions: Vec<TableChange>,
    },
    /// `RENAME TABLE`, one after the other.
    RenameTables {
        /// Nothing happens to those that are not there.
        if_exists: bool,
        /// The names before and after.
        renames: Vec<(Ident, Ident)>,
    },
}

/// The trigger that another one is made before or behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its name.
    pub trigger: Ident,
    /// The other one stands behind it.
    pub is_behind: bool,
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableChange {
    /// `RENAME TO`.
    Rename {
        /// The name after.
        to: Ident,
    },
    /// `RENAME COLUMN`.
    RenameColumn {
        /// The name before.
        column: Ident,
        /// The name after.
        to: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `ADD COLUMN`.
    AddColumn {
        /// Its name, where it stands.
        column: Ident,
        /// What it is.
        definition: Field,
        /// The constraints that come with it.
        constraints: Vec<Constraint>,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// Where among the others; none for the end.
        place: Option<Place>,
    },
    /// `DROP COLUMN`.
    DropColumn {
        /// The column.
        column: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `MODIFY`, `CHANGE`: a column is defined anew, its name perhaps among it.
    ChangeColumn {
        /// The column.
        column: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// What it is then.
        definition: Field,
        /// The constraints that come with it.
        constraints: Vec<Constraint>,
        /// Where among the others; none for where it is.
        place: Option<Place>,
    },
    /// `ALTER COLUMN … SET DEFAULT`, `DROP DEFAULT`.
    SetDefault {
        /// The column.
        column: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// The default then.
        default: Option<Text>,
    },
    /// `ADD CONSTRAINT`, `ADD INDEX`.
    AddConstraint {
        /// Where it stands.
        span: Span,
        /// What it is.
        constraint: Constraint,
        /// Nothing happens when it is there.
        if_not_exists: bool,
    },
    /// `DROP CONSTRAINT`, `DROP INDEX`, `DROP PRIMARY KEY`, `DROP FOREIGN KEY`.
    DropConstraint {
        /// Its name, and where it stands.
        name: Ident,
        /// What it has to be.
        wanted: Wanted,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `RENAME INDEX`.
    RenameIndex {
        /// The name before.
        index: Ident,
        /// The name after.
        to: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// Options of the table: each takes the place of one that begins with the same word.
    SetOptions(Vec<Text>),
    /// `CONVERT TO CHARACTER SET`: a collation, or the name of a character set for its default one.
    Convert(Name),
    /// It is not followed: why.
    Unclear(&'static str),
}

/// Where a column goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// Behind this one.
    After(Ident),
}

/// Which constraints a name is looked for among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// All of them.
    Any,
    /// Indexes and keys.
    Index,
    /// The primary key, whose name does not count.
    PrimaryKey,
    /// Foreign keys.
    ForeignKey,
    /// Checks.
    Check,
}
