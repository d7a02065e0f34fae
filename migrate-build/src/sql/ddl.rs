//! Statements, whatever the dialect: the small set that checks look at.

use super::alter::{Action, Named};
use super::change::Change;
use super::class::Class;
use super::name::Name;
use super::schema::{Column as Field, Constraint, Ident, Index, Table, Text, Trigger, View};
use super::transaction::{Mode, Trace};
use crate::source::Span;

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text, the semicolon left out.
    pub span: Span,
    /// What it does.
    pub kind: StatementKind,
    /// How it gets on with transactions, in this dialect.
    pub mode: Mode,
    /// For [`Mode::Once`]: what shows whether it ran; none when nothing does.
    pub traces: Vec<Trace>,
    /// What it does to the schema.
    pub effect: Effect,
}

/// What a statement does to the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing: it is about the session, or about a transaction.
    #[default]
    None,
    /// It changes it.
    Schema(Box<Ddl>),
    /// It makes, changes or drops what dies with the connection.
    Temporary(Name),
    /// It drops temporary tables, and nothing else that is called so.
    DropTemporary {
        /// Their names.
        names: Vec<Name>,
        /// Nothing happens when they are not there.
        if_exists: bool,
    },
    /// It reads or writes rows.
    Rows(Box<Rows>),
    /// It cannot be told what: why.
    Opaque(&'static str),
}

/// A change of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ddl {
    /// A statement of MySQL or MariaDB.
    Mysql(Change),
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
    },
    /// `CREATE INDEX`.
    CreateIndex {
        /// Its name; empty where the database gives it one.
        index: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// The table's name, where it stands.
        table: Ident,
        /// The columns that are its parts, where they stand.
        columns: Vec<Ident>,
        /// What it is.
        definition: Index,
    },
    /// `CREATE VIEW`.
    CreateView {
        /// Its name.
        view: Ident,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// It takes the place of one that is there.
        or_replace: bool,
        /// What it is.
        definition: View,
        /// What its query reads, where it stands.
        reads: Vec<Ident>,
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
    },
    /// `DROP`.
    Drop {
        /// What kind of object.
        class: Class,
        /// Its name.
        name: Ident,
        /// Nothing happens when it is not there.
        if_exists: bool,
    },
    /// `ALTER TABLE`.
    AlterTable {
        /// The table.
        table: Ident,
        /// What is done to it.
        action: TableAction,
    },
    /// `CREATE` of an object of which no more is known than what it says.
    Create {
        /// What kind of object.
        class: Class,
        /// Its name.
        name: Named,
        /// Nothing happens when it is there.
        if_not_exists: bool,
        /// It takes the place of one that is there.
        or_replace: bool,
        /// All of it but its name and that of its table.
        text: Text,
        /// What it names besides, and cannot be without.
        mentions: Vec<(Class, Ident)>,
    },
    /// `DROP` of several, and of what depends on them.
    DropAll {
        /// What kind of objects.
        class: Class,
        /// Their names.
        names: Vec<Named>,
        /// Nothing happens to those that are not there.
        if_exists: bool,
        /// What depends on them goes, too; else it keeps them.
        cascade: bool,
    },
    /// `ALTER` of anything, with several actions at once.
    Alter {
        /// What kind of object.
        class: Class,
        /// Its name.
        name: Named,
        /// Nothing happens when it is not there.
        if_exists: bool,
        /// What is done to it, in the order of the text.
        actions: Vec<Action>,
    },
    /// `COMMENT ON`.
    Comment {
        /// What kind of object.
        class: Class,
        /// Its name.
        name: Named,
        /// A column or a constraint of it.
        part: Option<(Part, Ident)>,
        /// What is said; nothing, to say nothing any more.
        text: Option<Text>,
    },
    /// `SELECT diesel_manage_updated_at('t')`: a function that Diesel's first migration makes, which
    /// makes a trigger.
    ManageUpdatedAt {
        /// The function.
        function: Ident,
        /// The table.
        table: Ident,
    },
    /// `SET search_path`.
    SearchPath(Vec<Name>),
}

/// What a table has that a comment can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A column.
    Column,
    /// A constraint.
    Constraint,
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableAction {
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
    },
    /// `ADD COLUMN`.
    AddColumn {
        /// Its name, where it stands.
        column: Ident,
        /// What it is.
        definition: Field,
        /// The constraints that come with it.
        constraints: Vec<Constraint>,
    },
    /// `DROP COLUMN`.
    DropColumn {
        /// The column.
        column: Ident,
    },
}

/// What a statement does with rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The table that is written.
    pub target: Option<Ident>,
    /// The columns of it that are named.
    pub columns: Vec<Ident>,
    /// How many values each row has that is written, where that can be seen.
    pub values: Option<usize>,
    /// Tables, each with a column that has to be its own, where that is certain.
    pub named: Vec<(Ident, Ident)>,
    /// Names that only a table of the statement could have or be called, and none does.
    pub strangers: Vec<Ident>,
    /// The tables that are read.
    pub reads: Vec<Ident>,
    /// The functions that are called, where a function may change the schema.
    pub calls: Vec<Ident>,
    /// All of it, where every name in it can only be one; empty elsewhere, and for values alone.
    pub text: Text,
    /// Where each word of the text stands.
    pub places: Vec<Span>,
}

/// What a statement does, with the names that checks ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatementKind {
    /// `CREATE TABLE`.
    CreateTable {
        /// The table.
        table: Name,
        /// Dies with the connection.
        temporary: bool,
        /// The columns; none for `CREATE TABLE … AS`.
        columns: Vec<Column>,
    },
    /// `DROP TABLE`.
    DropTable {
        /// The tables.
        tables: Vec<Name>,
    },
    /// `ALTER TABLE … RENAME TO`.
    RenameTable {
        /// The name before.
        table: Name,
        /// The name after.
        to: Name,
    },
    /// `ALTER TABLE … ADD COLUMN`.
    AddColumn {
        /// The column.
        column: Column,
    },
    /// Every other `ALTER TABLE`.
    AlterTable,
    /// `ALTER TYPE … ADD VALUE`.
    AddEnumValue {
        /// The type.
        name: Name,
        /// The value, without its quotes.
        value: String,
    },
    /// `CREATE` of something else than a table.
    Create {
        /// Dies with the connection.
        temporary: bool,
    },
    /// `ALTER` of something else than a table.
    Alter,
    /// `DROP` of something else than a table.
    Drop,
    /// `INSERT`, `REPLACE`.
    Insert {
        /// Rows in the way are deleted (`OR REPLACE`).
        replaces: bool,
    },
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `TRUNCATE`.
    Truncate,
    /// `SELECT`.
    Select,
    /// `PRAGMA name = value`, in lower case.
    Pragma {
        /// The name.
        name: String,
        /// Sets something, rather than asks.
        sets: bool,
    },
    /// Opens a transaction: `BEGIN`.
    Begin,
    /// Ends a transaction: `COMMIT`, `END`, `ROLLBACK`.
    EndTransaction,
    /// `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`.
    Savepoint,
    /// `ATTACH`, `DETACH`.
    Attach,
    /// `VACUUM`.
    Vacuum,
    /// `ANALYZE`, `REINDEX`, `EXPLAIN`: nothing that a schema or its data would show.
    Maintenance,
    /// `SET`, `PREPARE`, `LISTEN`: about the session.
    Session,
    /// `DO`, `CALL`, `EXECUTE`: runs code that is not read, and may do anything.
    Code,
    /// Everything else: `GRANT`, `COMMENT`, `COPY`, `LOCK`.
    Other,
}

/// A column as its table's statement defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// As it is written, quotes and all.
    pub written: String,
    /// The words of its type, in the order of the text; none when it has no type.
    pub type_words: Vec<String>,
}
