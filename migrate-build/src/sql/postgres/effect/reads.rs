//! The tables and views that a statement reads, and the functions that it calls.

use std::collections::HashSet;

use squawk_syntax::ast::{self, AstNode as _, PathRef};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::Ident;

/// What a statement names besides what it changes.
#[derive(Default)]
pub(in super::super) struct Reads {
    /// Tables and views.
    pub(super) tables: Vec<Ident>,
    /// Functions.
    pub(super) calls: Vec<Ident>,
    /// Columns, with what stands before them, in a statement whose tables go by their own names.
    pub(super) columns: Vec<(Option<Ident>, Ident)>,
}

impl Reads {
    /// What a tree names; `name` makes a name of a place.
    pub(super) fn of(tree: &ast::Stmt, name: impl Fn(Span) -> Option<Ident>) -> Self {
        let mut reads = Self::default();
        let mut defined: HashSet<Name> = HashSet::new();
        for node in tree.syntax().descendants() {
            match node.kind() {
                SyntaxKind::WITH_TABLE => {
                    let names = node.children().find(|child| child.kind() == SyntaxKind::CTE_NAME);
                    let ident = names.and_then(|found| name(span(&found)));
                    defined.extend(ident.map(|ident| ident.name));
                }
                SyntaxKind::RELATION_NAME_REF => {
                    reads.tables.extend(path(&node).and_then(|path| qualified(&path, &name)));
                }
                SyntaxKind::CALL_EXPR => {
                    let called = node.first_child().and_then(|callee| called(&callee, &name));
                    reads.calls.extend(called);
                }
                _ => {}
            }
        }
        reads.tables.retain(|ident| ident.schema.is_some() || !defined.contains(&ident.name));
        if is_plain(tree.syntax()) {
            reads.columns = columns(tree.syntax(), &name);
        }
        reads
    }
}

/// Whether every column is one of the tables that the statement names: none has another name, and
/// nothing stands in it that brings columns of its own.
fn is_plain(tree: &SyntaxNode) -> bool {
    use SyntaxKind as Is;
    let is_known = |node: SyntaxNode| {
        matches!(
            node.kind(),
            Is::ARG
                | Is::ARG_LIST
                | Is::ARRAY_EXPR
                | Is::BETWEEN_EXPR
                | Is::BIN_EXPR
                | Is::CALL_EXPR
                | Is::CASE_EXPR
                | Is::CAST_EXPR
                | Is::COLON_COLON
                | Is::COLUMN_NAME_REF
                | Is::COLUMN_TARGET
                | Is::COLUMN_TARGET_LIST
                | Is::ELSE_CLAUSE
                | Is::FIELD_EXPR
                | Is::FROM_CLAUSE
                | Is::INDEX_EXPR
                | Is::LITERAL
                | Is::NAME_REF
                | Is::PAREN_EXPR
                | Is::PATH_REF
                | Is::PATH_SEGMENT_REF
                | Is::PATH_TYPE
                | Is::POSTFIX_EXPR
                | Is::PREFIX_EXPR
                | Is::RELATION_FROM_ITEM
                | Is::RELATION_NAME
                | Is::RELATION_NAME_REF
                | Is::SELECT_CLAUSE
                | Is::SET_CLAUSE
                | Is::SET_COLUMN_LIST
                | Is::SET_EXPR
                | Is::SET_EXPR_LIST
                | Is::SET_MULTIPLE_COLUMNS
                | Is::SET_SINGLE_COLUMN
                | Is::TARGET
                | Is::TARGET_LIST
                | Is::TUPLE_EXPR
                | Is::WHEN_CLAUSE
                | Is::WHEN_CLAUSE_LIST
                | Is::WHERE_CLAUSE
        )
    };
    matches!(tree.kind(), Is::SELECT | Is::DELETE | Is::UPDATE)
        && tree.descendants().skip(1).all(is_known)
}

/// How the words begin that stand for a value of the session's, or for no value.
const OWN: [&str; 5] = ["current_", "default", "localtime", "session_", "system_"];

fn columns(
    tree: &SyntaxNode,
    name: &impl Fn(Span) -> Option<Ident>,
) -> Vec<(Option<Ident>, Ident)> {
    let is_name = |node: &SyntaxNode| {
        let is_own = |text: &str| {
            let text = text.to_ascii_lowercase();
            text == "user" || OWN.iter().any(|start| text.starts_with(start))
        };
        node.kind() == SyntaxKind::NAME_REF
            && node.first_token().is_some_and(|token| !is_own(token.text()))
    };
    let is_part = |node: &SyntaxNode| {
        node.parent().is_some_and(|parent| {
            let is_called = parent.kind() == SyntaxKind::CALL_EXPR;
            parent.kind() == SyntaxKind::FIELD_EXPR || is_called
        })
    };
    let mut found = Vec::new();
    for node in tree.descendants().filter(|node| !is_part(node)) {
        if is_name(&node) {
            found.extend(name(span(&node)).map(|column| (None, column)));
        } else if node.kind() == SyntaxKind::FIELD_EXPR {
            let parts: Vec<SyntaxNode> = node.children().collect();
            if let [of, column] = &parts[..]
                && is_name(of)
                && is_name(column)
                && let (Some(of), Some(column)) = (name(span(of)), name(span(column)))
            {
                found.push((Some(of), column));
            }
        }
    }
    found
}

fn path(node: &SyntaxNode) -> Option<PathRef> {
    node.children().find_map(PathRef::cast)
}

fn qualified(path: &PathRef, name: &impl Fn(Span) -> Option<Ident>) -> Option<Ident> {
    let ident = name(span(path.segment()?.syntax()))?;
    let schema = path.qualifier().and_then(|schema| schema.segment());
    let schema = schema.and_then(|schema| name(span(schema.syntax()))).map(|schema| schema.name);
    Some(Ident { schema, ..ident })
}

/// The name before the arguments.
fn called(callee: &SyntaxNode, name: &impl Fn(Span) -> Option<Ident>) -> Option<Ident> {
    let mut tokens = callee.descendants_with_tokens().filter_map(|part| part.into_token());
    let mut last = None;
    let mut schema = None;
    for token in tokens.by_ref().filter(|token| !token.kind().is_trivia()) {
        if token.text() == "." {
            schema = last.take();
        } else {
            let range = token.text_range();
            last = name(Span::new(range.start().into(), range.end().into()));
        }
    }
    let schema = schema.map(|schema: Ident| schema.name);
    last.map(|ident| Ident { schema, ..ident })
}

fn span(node: &SyntaxNode) -> Span {
    let range = node.text_range();
    Span::new(range.start().into(), range.end().into())
}
