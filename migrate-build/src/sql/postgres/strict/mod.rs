//! What `squawk` lets through and PostgreSQL's grammar does not: found by making broken statements
//! of right ones (`cargo run -p migrate-tests --bin mutants`), each rule tried on PostgreSQL 15.

mod call;
mod constant;
mod escape;
mod expression;
mod name;
mod part;
mod publication;
mod role;

use squawk_syntax::ast::{AstNode as _, Expr};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// Where PostgreSQL stumbles in a tree that has no error, if it does: bytes from its start.
pub(super) fn misfit(root: &SyntaxNode) -> Option<u32> {
    const CHECKS: [fn(&SyntaxNode) -> Option<u32>; 8] = [
        call::misfit,
        constant::misfit,
        escape::misfit,
        expression::misfit,
        name::misfit,
        part::misfit,
        publication::misfit,
        role::misfit,
    ];
    root.descendants().find_map(|node| CHECKS.iter().find_map(|check| check(&node)))
}

fn start(node: &SyntaxNode) -> Option<u32> {
    Some(node.text_range().start().into())
}

fn start_of(element: &SyntaxElement) -> Option<u32> {
    Some(element.text_range().start().into())
}

fn end_of(element: &SyntaxElement) -> Option<u32> {
    Some(element.text_range().end().into())
}

/// The expressions right inside a node.
fn expressions(node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> + use<> {
    node.children().filter(|child| Expr::can_cast(child.kind()))
}

/// What stands right inside a node, white space and comments left out.
pub(super) fn elements(node: &SyntaxNode) -> impl Iterator<Item = SyntaxElement> + use<> {
    let is_trivia = |kind| matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT);
    node.children_with_tokens().filter(move |element| !is_trivia(element.kind()))
}

/// The first child of a kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// Whether a token of a kind stands right inside a node.
pub(super) fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children_with_tokens().any(|element| element.kind() == kind)
}

#[cfg(test)]
mod tests;
