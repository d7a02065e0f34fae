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
        reads
    }
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
