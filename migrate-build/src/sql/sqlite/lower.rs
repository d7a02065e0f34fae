//! From the parser's tree to our statements.

use sqlite3_parser::ast::{
    AlterTableBody, Cmd, ColumnDefinition, CreateTableBody, QualifiedName, ResolveType, Stmt,
};

use super::lex::unquote;
use crate::sql::{Column, Mode, Name, StatementKind};

pub(super) fn lower(cmd: &Cmd<'_>) -> StatementKind {
    match cmd {
        Cmd::Stmt(statement) => lower_statement(statement),
        Cmd::Explain(_) | Cmd::ExplainQueryPlan(_) => StatementKind::Maintenance,
    }
}

/// How a statement gets on with transactions.
pub(super) fn mode(kind: &StatementKind) -> Mode {
    match kind {
        StatementKind::Vacuum => Mode::Alone,
        StatementKind::Pragma { .. } | StatementKind::Attach => Mode::Session,
        StatementKind::CreateTable { temporary: true, .. }
        | StatementKind::Create { temporary: true } => Mode::Temporary,
        StatementKind::Begin => Mode::Begin,
        StatementKind::EndTransaction => Mode::Commit,
        _ => Mode::Normal,
    }
}

fn lower_statement(statement: &Stmt<'_>) -> StatementKind {
    match statement {
        Stmt::CreateTable { temporary, tbl_name, body, .. } => StatementKind::CreateTable {
            table: name(tbl_name),
            temporary: *temporary || is_temp(tbl_name),
            columns: columns(body),
        },
        Stmt::DropTable { tbl_name, .. } => {
            StatementKind::DropTable { tables: vec![name(tbl_name)] }
        }
        Stmt::AlterTable(table, body) => lower_alter(table, body),
        Stmt::CreateTrigger { temporary, trigger_name: name, .. }
        | Stmt::CreateView { temporary, view_name: name, .. } => {
            StatementKind::Create { temporary: *temporary || is_temp(name) }
        }
        Stmt::CreateVirtualTable { tbl_name, .. } => {
            StatementKind::Create { temporary: is_temp(tbl_name) }
        }
        Stmt::CreateIndex { .. } => StatementKind::Create { temporary: false },
        Stmt::DropIndex { .. } | Stmt::DropTrigger { .. } | Stmt::DropView { .. } => {
            StatementKind::Drop
        }
        Stmt::Insert { or_conflict, .. } => {
            StatementKind::Insert { replaces: *or_conflict == Some(ResolveType::Replace) }
        }
        Stmt::Update { .. } => StatementKind::Update,
        Stmt::Delete { .. } => StatementKind::Delete,
        Stmt::Select(_) => StatementKind::Select,
        Stmt::Pragma(pragma, value) => StatementKind::Pragma {
            name: unquote(pragma.name.0).to_ascii_lowercase(),
            sets: value.is_some(),
        },
        Stmt::Begin(..) => StatementKind::Begin,
        Stmt::Commit(_) | Stmt::Rollback { savepoint_name: None, .. } => {
            StatementKind::EndTransaction
        }
        Stmt::Savepoint(_) | Stmt::Release(_) | Stmt::Rollback { .. } => StatementKind::Savepoint,
        Stmt::Attach { .. } | Stmt::Detach(_) => StatementKind::Attach,
        Stmt::Vacuum(..) => StatementKind::Vacuum,
        Stmt::Analyze(_) | Stmt::Reindex { .. } => StatementKind::Maintenance,
    }
}

fn lower_alter(table: &QualifiedName<'_>, body: &AlterTableBody<'_>) -> StatementKind {
    match body {
        AlterTableBody::RenameTo(to) => {
            StatementKind::RenameTable { table: name(table), to: Name::new(&unquote(to.0)) }
        }
        AlterTableBody::AddColumn(definition) => {
            StatementKind::AddColumn { column: column(definition) }
        }
        _ => StatementKind::AlterTable,
    }
}

fn name(qualified: &QualifiedName<'_>) -> Name {
    Name::new(&unquote(qualified.name.0))
}

/// `temp.t` is a temporary table however it is made.
fn is_temp(qualified: &QualifiedName<'_>) -> bool {
    qualified.db_name.as_ref().is_some_and(|schema| unquote(schema.0).eq_ignore_ascii_case("temp"))
}

fn columns(body: &CreateTableBody<'_>) -> Vec<Column> {
    match body {
        CreateTableBody::ColumnsAndConstraints { columns, .. } => {
            columns.iter().map(column).collect()
        }
        CreateTableBody::AsSelect(_) => Vec::new(),
    }
}

fn column(definition: &ColumnDefinition<'_>) -> Column {
    let words = definition.col_type.as_ref().map_or("", |declared| declared.name);
    Column {
        written: definition.col_name.0.to_owned(),
        type_words: words.split_whitespace().map(str::to_owned).collect(),
    }
}
