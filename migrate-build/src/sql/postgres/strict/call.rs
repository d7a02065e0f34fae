//! Calls of functions with clauses that do not belong to them.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::{child, elements, has_token, start, start_of};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    match node.kind() {
        FUNCTION_FROM_ITEM | ROWS_FROM_ARG => read_from(&child(node, CALL_EXPR)?),
        TABLESAMPLE_CLAUSE => {
            let list = child(&child(node, CALL_EXPR)?, ARG_LIST)?;
            let is_empty = list.children().next().is_none();
            if is_empty { start_of(&elements(&list).last()?) } else { None }
        }
        CALL_EXPR => ordered_twice(node),
        _ => None,
    }
}

/// What is read from is neither a window nor filtered. The words that begin such clauses are names
/// here, so what follows them is the mistake.
fn read_from(call: &SyntaxNode) -> Option<u32> {
    let clause = [FILTER_CLAUSE, WITHIN_CLAUSE, OVER_CLAUSE].iter().find_map(|it| child(call, *it));
    let clause = clause?;
    let window = child(&clause, OVER_WINDOW_SPEC);
    let window = window.as_ref().and_then(|window| child(window, WINDOW_SPEC));
    match window {
        // `over (a)` names the result and its column.
        Some(window) => start(&window.children().find(|part| part.kind() != WINDOW_REF)?),
        None => start_of(&behind_bracket(&clause)?),
    }
}

fn behind_bracket(clause: &SyntaxNode) -> Option<SyntaxElement> {
    let is_opening = |found: &SyntaxElement| matches!(found.kind(), L_PAREN | FILTER_KW);
    let mut inside = elements(clause).skip(1).skip_while(is_opening);
    inside.next()
}

/// With `WITHIN GROUP`, the order stands there.
fn ordered_twice(call: &SyntaxNode) -> Option<u32> {
    const OTHERWISE: [SyntaxKind; 3] = [DISTINCT_KW, VARIADIC_KW, ORDER_BY_CLAUSE];
    let within = child(call, WITHIN_CLAUSE)?;
    let list = child(call, ARG_LIST)?;
    let clashes = |node: &SyntaxNode| OTHERWISE.iter().any(|kind| has_token(node, *kind));
    if clashes(&list) || list.children().any(|arg| clashes(&arg)) { start(&within) } else { None }
}
