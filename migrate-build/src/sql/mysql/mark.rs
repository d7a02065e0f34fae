//! What the grammar reports of a statement that fits it.

use crate::sql::Object;

/// A report: of a place that was passed, or of what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    // What the statement is.
    CreateTable,
    DropTable,
    AlterTable,
    AddColumn,
    Rename,
    Create,
    Alter,
    Drop,
    Insert,
    Replace,
    Update,
    Delete,
    Truncate,
    Select,
    Savepoint,
    Maintenance,
    /// It runs code that is not read.
    Code,
    Other,
    /// Nothing is known of how it goes on.
    Unknown,

    // How it gets on with transactions.
    Alone,
    Once,
    /// It may be repeated all the same.
    Again,
    Session,
    Temporary,
    Begin,
    Commit,

    // What stands in it.
    /// A part of an `ALTER TABLE`.
    Part,
    /// The table that parts and traces belong to.
    Table,
    /// The name that the table gets.
    To,
    /// The name of a column that is defined.
    Column,
    /// A column's type.
    Type,
    /// A column's name before and after, perhaps the same.
    Renames,
    /// Something exists no longer, or does now.
    Gone(Object),
    There(Object),
    /// A statement inside the statement, which says nothing of it.
    Inner,
    /// The name of an option that only some engine knows, and of a privilege that only some plugin.
    Option,
    Privilege,
}

impl Mark {
    /// From the grammar's notation.
    pub(super) fn of(text: &str) -> Option<Self> {
        let object = |name| {
            Some(match name {
                "relation" => Object::Relation,
                "column" => Object::Column,
                "index" => Object::Index,
                "constraint" => Object::Constraint,
                "trigger" => Object::Trigger,
                "procedure" => Object::Procedure,
                "function" => Object::Function,
                "event" => Object::Event,
                "database" => Object::Database,
                _ => return None,
            })
        };
        if let Some(name) = text.strip_prefix('+') {
            return object(name).map(Self::There);
        }
        if let Some(name) = text.strip_prefix('-') {
            return object(name).map(Self::Gone);
        }
        Some(match text {
            "is-create-table" => Self::CreateTable,
            "is-drop-table" => Self::DropTable,
            "is-alter-table" => Self::AlterTable,
            "is-add-column" => Self::AddColumn,
            "is-rename" => Self::Rename,
            "is-create" => Self::Create,
            "is-alter" => Self::Alter,
            "is-drop" => Self::Drop,
            "is-insert" => Self::Insert,
            "is-replace" => Self::Replace,
            "is-update" => Self::Update,
            "is-delete" => Self::Delete,
            "is-truncate" => Self::Truncate,
            "is-select" => Self::Select,
            "is-savepoint" => Self::Savepoint,
            "is-maintenance" => Self::Maintenance,
            "is-code" => Self::Code,
            "is-other" => Self::Other,
            "unknown" => Self::Unknown,
            "alone" => Self::Alone,
            "once" => Self::Once,
            "again" => Self::Again,
            "session" => Self::Session,
            "temporary" => Self::Temporary,
            "begin" => Self::Begin,
            "commit" => Self::Commit,
            "part" => Self::Part,
            "table" => Self::Table,
            "to" => Self::To,
            "column" => Self::Column,
            "type" => Self::Type,
            "renames" => Self::Renames,
            "inner" => Self::Inner,
            "option" => Self::Option,
            "privilege" => Self::Privilege,
            _ => return None,
        })
    }
}
