//! How statements get on with transactions.
//!
//! What cannot run inside one is what PostgreSQL's documentation says of each command, and what
//! PostgreSQL 15 was seen to refuse.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{
    self, AlterDatabaseAction, AlterSubscriptionAction, AlterTableAction, AlterTypeAction, AstNode,
    AttributeOption, DetachPartitionOption, ReindexTarget, Rollback, Stmt, WithParams,
};

use crate::server::ServerVersion;
use crate::source::Span;
use crate::sql::{Mode, Object, StatementKind, Trace};

/// The mode of a statement, and its traces, whose places are counted from its start.
pub(super) fn mode(
    statement: &Stmt,
    kind: &StatementKind,
    version: Option<ServerVersion>,
) -> (Mode, Vec<Trace>) {
    if let Some(alone) = outside_transactions(statement, version) {
        return alone;
    }
    let mode = match kind {
        StatementKind::Begin => Mode::Begin,
        StatementKind::EndTransaction => Mode::Commit,
        StatementKind::Session if is_for_the_session(statement) => Mode::Session,
        StatementKind::Select if sets_configuration(statement.syntax()) => Mode::Session,
        StatementKind::CreateTable { temporary: true, .. }
        | StatementKind::Create { temporary: true } => Mode::Temporary,
        _ => Mode::Normal,
    };
    (mode, Vec::new())
}

/// The mode of a statement that cannot run inside a transaction.
fn outside_transactions(
    statement: &Stmt,
    version: Option<ServerVersion>,
) -> Option<(Mode, Vec<Trace>)> {
    let alone = || Some((Mode::Alone, Vec::new()));
    let once = |traces| Some((Mode::Once, traces));
    // Gone is gone: a second time does nothing.
    let drop = |if_exists: Option<ast::IfExists>, trace: Option<Trace>| match if_exists {
        Some(_) => alone(),
        None => once(trace.into_iter().collect()),
    };
    match statement {
        Stmt::CreateIndex(it) if it.concurrently_token().is_some() => once(new_index(it)),
        Stmt::DropIndex(it) if it.concurrently_token().is_some() => {
            let index = it.index_refs().next();
            drop(it.if_exists(), index.map(|index| gone(Object::Index, index.syntax())))
        }
        Stmt::Reindex(it) if it.is_concurrently() => Some((Mode::Alone, new_again(it))),
        Stmt::Reindex(it) if reindexes_all(it) => alone(),
        Stmt::Vacuum(_) | Stmt::AlterSystem(_) => alone(),
        Stmt::Cluster(it) if it.table_name_ref().is_none() && it.cluster_legacy().is_none() => {
            alone()
        }
        Stmt::Repack(it) if it.table_and_columns_list().is_none() => alone(),
        Stmt::Discard(it)
            if matches!(it.discard_target(), Some(ast::DiscardTarget::DiscardAll(_))) =>
        {
            alone()
        }
        Stmt::CreateDatabase(it) => {
            let database = it.database()?;
            once(vec![Trace { exists: true, ..gone(Object::Database, database.syntax()) }])
        }
        Stmt::DropDatabase(it) => {
            let database = it.database_ref();
            drop(it.if_exists(), database.map(|name| gone(Object::Database, name.syntax())))
        }
        Stmt::AlterDatabase(it)
            if matches!(it.action(), Some(AlterDatabaseAction::SetTablespace(_))) =>
        {
            alone()
        }
        Stmt::CreateTablespace(_) => once(Vec::new()),
        Stmt::DropTablespace(it) => drop(it.if_exists(), None),
        Stmt::AlterTable(it) if it.actions().any(|action| detaches_concurrently(&action)) => {
            once(Vec::new())
        }
        Stmt::CreateSubscription(it) if makes_slot(it.with_params()) => once(Vec::new()),
        Stmt::DropSubscription(it) => drop(it.if_exists(), None),
        Stmt::AlterSubscription(it) => alter_subscription(&it.action()?),
        Stmt::Commit(ast::Commit::CommitPrepared(_))
        | Stmt::Rollback(Rollback::RollbackPrepared(_)) => once(Vec::new()),
        Stmt::AlterType(it) if version.is_some_and(|version| version.major < 12) => {
            match it.action()? {
                AlterTypeAction::AddValue(add) if add.if_not_exists().is_some() => alone(),
                AlterTypeAction::AddValue(_) => once(Vec::new()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// An index that could not be finished stays behind, not valid: `IF NOT EXISTS` then takes it for
/// the one that was asked for, and so is no reason to repeat the statement.
fn new_index(create: &ast::CreateIndex) -> Vec<Trace> {
    let table = create.table_relation_name().and_then(|table| table.table_name_ref());
    let table = table.map(|table| span(table.syntax()));
    let index = create.index().into_iter();
    index.map(|name| Trace { exists: true, table, ..gone(Object::Index, name.syntax()) }).collect()
}

/// Where an attempt that was cut off has left its indexes, so that the next one removes them.
fn new_again(reindex: &ast::Reindex) -> Vec<Trace> {
    let stays = |object, name: &SyntaxNode| Trace { exists: true, ..gone(object, name) };
    let trace = match reindex.reindex_target() {
        Some(ReindexTarget::ReindexTargetIndex(it)) => {
            it.index_ref().map(|index| stays(Object::Index, index.syntax()))
        }
        Some(ReindexTarget::ReindexTargetTable(it)) => {
            it.table_name_ref().map(|table| stays(Object::Relation, table.syntax()))
        }
        _ => None,
    };
    trace.into_iter().collect()
}

fn gone(object: Object, name: &SyntaxNode) -> Trace {
    Trace { object, exists: false, name: span(name), table: None }
}

fn span(node: &SyntaxNode) -> Span {
    let range = node.text_range();
    Span::new(range.start().into(), range.end().into())
}

fn reindexes_all(reindex: &ast::Reindex) -> bool {
    matches!(
        reindex.reindex_target(),
        Some(
            ReindexTarget::ReindexTargetDatabase(_)
                | ReindexTarget::ReindexTargetSchema(_)
                | ReindexTarget::ReindexTargetSystem(_)
        )
    )
}

fn detaches_concurrently(action: &AlterTableAction) -> bool {
    let AlterTableAction::DetachPartition(detach) = action else { return false };
    matches!(detach.detach_partition_option(), Some(DetachPartitionOption::DetachConcurrently(_)))
}

/// A slot is made on the other server unless the statement says otherwise.
fn makes_slot(params: Option<WithParams>) -> bool {
    let is_off = |name| option(params.as_ref(), name).is_some_and(|value| is_false(&value));
    !is_off("create_slot") && !is_off("connect")
}

/// Publications are fetched anew unless the statement says otherwise.
fn alter_subscription(action: &AlterSubscriptionAction) -> Option<(Mode, Vec<Trace>)> {
    use AlterSubscriptionAction::{
        AddPublication, DropSubscriptionPublication, RefreshPublication, SetPublication,
    };
    let refreshes = |params: Option<WithParams>| {
        !option(params.as_ref(), "refresh").is_some_and(|value| is_false(&value))
    };
    match action {
        RefreshPublication(_) => Some(Mode::Alone),
        SetPublication(it) => refreshes(it.with_params()).then_some(Mode::Alone),
        AddPublication(it) => refreshes(it.with_params()).then_some(Mode::Once),
        DropSubscriptionPublication(it) => refreshes(it.with_params()).then_some(Mode::Once),
        _ => None,
    }
    .map(|mode| (mode, Vec::new()))
}

/// The value of an option, as it is written; empty when it has none.
fn option(params: Option<&WithParams>, name: &str) -> Option<String> {
    let is_meant = |option: &AttributeOption| {
        let written = option.name().map(|name| name.syntax().text().to_string());
        written.is_some_and(|written| written.eq_ignore_ascii_case(name))
    };
    let option = params?.attribute_list()?.attribute_options().find(is_meant)?;
    Some(
        option.attribute_value().map(|value| value.syntax().text().to_string()).unwrap_or_default(),
    )
}

fn is_false(value: &str) -> bool {
    let value = value.trim_matches('\'');
    ["false", "off", "0", "no"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// Some of the statements about the session are over with the transaction.
fn is_for_the_session(statement: &Stmt) -> bool {
    let is_local = |scope| matches!(scope, Some(ast::SetScope::LocalScope(_)));
    match statement {
        Stmt::Set(it) => !is_local(it.set_scope()),
        Stmt::SetRole(it) => !is_local(it.set_scope()),
        Stmt::SetSessionAuth(it) => !is_local(it.set_scope()),
        Stmt::SetTransaction(it) => it.session_characteristics().is_some(),
        Stmt::Declare(it) => matches!(it.cursor_hold(), Some(ast::CursorHold::WithHold(_))),
        Stmt::SetConstraints(_)
        | Stmt::Fetch(_)
        | Stmt::Move(_)
        | Stmt::Close(_)
        | Stmt::Show(_) => false,
        _ => true,
    }
}

/// `SELECT set_config(…, …, false)` is what `pg_dump` writes for `SET`.
fn sets_configuration(node: &SyntaxNode) -> bool {
    node.descendants().filter_map(ast::CallExpr::cast).any(|call| {
        let name = call.expr().map(|name| name.syntax().text().to_string()).unwrap_or_default();
        let last = || call.arg_list()?.args().last();
        let is_set_config = name.to_ascii_lowercase().ends_with("set_config");
        is_set_config && last().is_some_and(|last| is_false(&last.syntax().text().to_string()))
    })
}
