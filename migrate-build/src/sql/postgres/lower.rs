//! From the parser's tree to our statements.

use squawk_syntax::SyntaxKind;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{
    self, AlterTableAction, AlterTypeAction, AstNode, PathRef, Rollback, Stmt, TableArg,
};

use super::lex::{cut, words};
use crate::sql::token::Kind;
use crate::sql::{Column, Name, StatementKind};

/// What a statement is, that stands in a text.
pub(super) fn lower(statement: &Stmt, text: &str) -> StatementKind {
    let node = statement.syntax();
    match statement {
        Stmt::CreateTable(it) => StatementKind::CreateTable {
            table: table_name(it.table_name()),
            temporary: is_temporary(node),
            columns: it.table_arg_list().map(|list| columns(list, text)).unwrap_or_default(),
        },
        Stmt::CreateTableAs(it) => create_table_as(node, it.table_name()),
        Stmt::SelectInto(it) => {
            let into = it.into_clause();
            let made = into.as_ref().map_or(node, AstNode::syntax);
            create_table_as(made, into.as_ref().and_then(ast::IntoClause::table_name))
        }
        Stmt::DropTable(it) => StatementKind::DropTable {
            tables: it.table_name_refs().filter_map(|table| name(table.path_ref())).collect(),
        },
        Stmt::AlterTable(it) => lower_alter_table(it, text),
        Stmt::AlterType(it) => lower_alter_type(it),
        Stmt::Truncate(_) => StatementKind::Truncate,
        Stmt::Delete(_) => StatementKind::Delete,
        Stmt::Update(_) | Stmt::Merge(_) => StatementKind::Update,
        Stmt::Insert(_) => changes(node).unwrap_or(StatementKind::Insert { replaces: false }),
        Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::ParenSelect(_)
        | Stmt::Table(_)
        | Stmt::Values(_) => changes(node).unwrap_or(StatementKind::Select),
        Stmt::Explain(_) => changes(node).unwrap_or(StatementKind::Maintenance),
        Stmt::Begin(_) => StatementKind::Begin,
        Stmt::Commit(ast::Commit::CommitTransaction(_))
        | Stmt::Rollback(Rollback::RollbackTransaction(_))
        | Stmt::PrepareTransaction(_) => StatementKind::EndTransaction,
        Stmt::SavepointCreate(_)
        | Stmt::ReleaseSavepoint(_)
        | Stmt::Rollback(Rollback::RollbackToSavepoint(_)) => StatementKind::Savepoint,
        Stmt::Vacuum(_) => StatementKind::Vacuum,
        Stmt::Analyze(_)
        | Stmt::Reindex(_)
        | Stmt::Cluster(_)
        | Stmt::Repack(_)
        | Stmt::Checkpoint(_) => StatementKind::Maintenance,
        Stmt::Do(_) | Stmt::Call(_) | Stmt::Execute(_) => StatementKind::Code,
        Stmt::Set(_)
        | Stmt::SetConstraints(_)
        | Stmt::SetRole(_)
        | Stmt::SetSessionAuth(_)
        | Stmt::SetTransaction(_)
        | Stmt::Reset(_)
        | Stmt::ResetRole(_)
        | Stmt::ResetSessionAuth(_)
        | Stmt::Show(_)
        | Stmt::Prepare(_)
        | Stmt::Deallocate(_)
        | Stmt::Declare(_)
        | Stmt::Fetch(_)
        | Stmt::Move(_)
        | Stmt::Close(_)
        | Stmt::Listen(_)
        | Stmt::Unlisten(_)
        | Stmt::Load(_)
        | Stmt::Discard(_) => StatementKind::Session,
        _ => by_first_word(node),
    }
}

fn by_first_word(node: &SyntaxNode) -> StatementKind {
    match node.first_token().map(|token| token.kind()) {
        Some(SyntaxKind::CREATE_KW) => StatementKind::Create { temporary: is_temporary(node) },
        Some(SyntaxKind::ALTER_KW) => StatementKind::Alter,
        Some(SyntaxKind::DROP_KW) => StatementKind::Drop,
        _ => StatementKind::Other,
    }
}

fn create_table_as(made: &SyntaxNode, table: Option<ast::TableName>) -> StatementKind {
    StatementKind::CreateTable {
        table: table_name(table),
        temporary: is_temporary(made),
        columns: Vec::new(),
    }
}

fn lower_alter_table(alter: &ast::AlterTable, text: &str) -> StatementKind {
    let table = alter.table_relation_name().and_then(|table| table.table_name_ref());
    let mut actions = alter.actions();
    match (actions.next(), actions.next()) {
        (Some(AlterTableAction::TableRenameTo(to)), None) => StatementKind::RenameTable {
            table: name(table.and_then(|table| table.path_ref())).unwrap_or_else(nameless),
            to: table_name(to.table_name()),
        },
        (Some(AlterTableAction::AddColumn(add)), None) => {
            StatementKind::AddColumn { column: column(add.column_name(), add.ty(), text) }
        }
        _ => StatementKind::AlterTable,
    }
}

fn lower_alter_type(alter: &ast::AlterType) -> StatementKind {
    let Some(AlterTypeAction::AddValue(add)) = alter.action() else { return StatementKind::Alter };
    StatementKind::AddEnumValue {
        name: name(alter.type_name_ref().and_then(|name| name.path_ref())).unwrap_or_else(nameless),
        value: add.literal().and_then(|literal| literal.string_value()).unwrap_or_default(),
    }
}

/// What a statement does besides, in a `WITH` or behind `EXPLAIN`.
fn changes(node: &SyntaxNode) -> Option<StatementKind> {
    node.descendants().skip(1).find_map(|inner| match inner.kind() {
        SyntaxKind::DELETE => Some(StatementKind::Delete),
        SyntaxKind::UPDATE | SyntaxKind::MERGE => Some(StatementKind::Update),
        _ => None,
    })
}

/// What `CREATE` makes dies with the connection: it says so, or its schema does.
pub(super) fn is_temporary(node: &SyntaxNode) -> bool {
    let schema = || {
        let path = node.children().find_map(|child| child.children().find_map(ast::Path::cast))?;
        name(path.qualifier())
    };
    node.children().any(|child| child.kind() == SyntaxKind::TEMP)
        || schema().is_some_and(|schema| schema.as_str() == "pg_temp")
}

fn table_name(table: Option<ast::TableName>) -> Name {
    let segment = table.and_then(|table| table.path()).and_then(|path| path.segment());
    segment.map_or_else(nameless, |segment| Name::folded(cut(segment.text())))
}

/// The last part of a name.
fn name(path: Option<PathRef>) -> Option<Name> {
    Some(Name::folded(cut(path?.segment()?.text())))
}

fn nameless() -> Name {
    Name::folded("")
}

fn columns(list: ast::TableArgList, text: &str) -> Vec<Column> {
    let columns = list.args().filter_map(|arg| match arg {
        TableArg::Column(definition) => Some(column(definition.name(), definition.ty(), text)),
        _ => None,
    });
    columns.collect()
}

/// The tree may have another name than the text, of the same length.
fn column(name: Option<ast::ColumnName>, ty: Option<ast::Type>, text: &str) -> Column {
    let text = |node: &SyntaxNode| text[node.text_range()].to_owned();
    let ty = ty.map(|ty| text(ty.syntax())).unwrap_or_default();
    let names_something = |kind| matches!(kind, Kind::Word | Kind::Quoted);
    let type_words = words(&ty).filter(|token| names_something(token.kind));
    Column {
        written: name.map(|name| text(name.syntax())).unwrap_or_default(),
        type_words: type_words.map(|token| ty[token.span.range()].to_owned()).collect(),
    }
}
