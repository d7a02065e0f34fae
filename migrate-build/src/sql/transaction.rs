//! How statements get on with transactions, and what they leave behind where none protects them.

use crate::source::Span;

/// How a statement gets on with transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// May run inside one.
    Normal,
    /// Cannot run inside one, may be repeated.
    Alone,
    /// Cannot run inside one, or ends it (every DDL statement in MySQL), and must not be repeated.
    /// Its [`Trace`]s tell whether it ran.
    Once,
    /// Sets up the session.
    Session,
    /// Makes something that dies with the connection.
    Temporary,
    /// Opens a transaction of the script's own.
    Begin,
    /// Closes it.
    Commit,
}

impl Mode {
    /// Every mode, in the order of their letters in [`Mode::letter`].
    pub(crate) const ALL: [Self; 7] = [
        Self::Normal,
        Self::Alone,
        Self::Once,
        Self::Session,
        Self::Temporary,
        Self::Begin,
        Self::Commit,
    ];

    /// One letter for caches and for the embedded form.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Normal => 'n',
            Self::Alone => 'a',
            Self::Once => 'o',
            Self::Session => 's',
            Self::Temporary => 't',
            Self::Begin => 'b',
            Self::Commit => 'c',
        }
    }
}

/// Something that a [`Mode::Once`] statement brings about or does away with, and that a look at the
/// database shows. When all of a statement's traces are there it has run, when none is it has not.
///
/// Of PostgreSQL's `REINDEX … CONCURRENTLY`, which may be repeated: where it leaves something in its
/// own way when it is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What kind of object.
    pub object: Object,
    /// It exists once the statement has run; or does no longer.
    pub exists: bool,
    /// The object's name as it is written, quotes and schema included.
    pub name: Span,
    /// The name, as it is written, of the table that it belongs to, where its own name needs one:
    /// columns, constraints, and indexes.
    pub table: Option<Span>,
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A table, or what shares its names: a view, a sequence.
    Relation,
    /// A column of a table.
    Column,
    /// An index. In PostgreSQL one that is not valid is not there.
    Index,
    /// A constraint of a table: a foreign key, a check, a primary key.
    Constraint,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// An event of MySQL's scheduler.
    Event,
    /// A database.
    Database,
}

impl Object {
    /// Every kind, in the order of their letters in [`Object::letter`].
    pub(crate) const ALL: [Self; 9] = [
        Self::Relation,
        Self::Column,
        Self::Index,
        Self::Constraint,
        Self::Trigger,
        Self::Procedure,
        Self::Function,
        Self::Event,
        Self::Database,
    ];

    /// One letter for caches and for the embedded form.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Relation => 'r',
            Self::Column => 'c',
            Self::Index => 'i',
            Self::Constraint => 'k',
            Self::Trigger => 't',
            Self::Procedure => 'p',
            Self::Function => 'f',
            Self::Event => 'e',
            Self::Database => 'd',
        }
    }
}
