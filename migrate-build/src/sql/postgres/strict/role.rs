//! Roles whose names PostgreSQL keeps to itself.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{child, start};
use crate::sql::postgres::lex::fold;

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    let is_identity = match node.kind() {
        ROLE => is_made(node),
        ROLE_NAME_REF => is_renamed(node),
        _ => return None,
    };
    let name = node.first_token()?;
    let is_refused = match fold(name.text()).as_str() {
        "none" => !sets_role(node),
        "public" => is_identity,
        _ => is_identity && stands_for_role(name.kind()),
    };
    if is_refused { start(node) } else { None }
}

fn is_made(role: &SyntaxNode) -> bool {
    role.parent().is_some_and(|parent| {
        matches!(parent.kind(), CREATE_ROLE | CREATE_USER | CREATE_GROUP | ROLE_RENAME_TO)
    })
}

fn is_renamed(role: &SyntaxNode) -> bool {
    let statement = role.ancestors().nth(2);
    statement.is_some_and(|statement| child(&statement, ROLE_RENAME_TO).is_some())
}

fn stands_for_role(kind: SyntaxKind) -> bool {
    matches!(kind, CURRENT_ROLE_KW | CURRENT_USER_KW | SESSION_USER_KW)
}

/// `SET ROLE` takes a text.
fn sets_role(role: &SyntaxNode) -> bool {
    role.ancestors().nth(2).is_some_and(|it| matches!(it.kind(), SET_ROLE | SET_SESSION_AUTH))
}
