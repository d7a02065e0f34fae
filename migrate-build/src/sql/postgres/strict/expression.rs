//! Expressions where only some may stand, and operators that do not follow each other.

use squawk_parser::is_reserved_keyword;
use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::ast::{self, AstNode as _, BinOp};
use squawk_syntax::{SyntaxElement, SyntaxNode};

use super::{child, elements, expressions, has_token, start, start_of};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    match node.kind() {
        BIN_EXPR => binary(node),
        PREFIX_EXPR => {
            let operator = child(node, CUSTOM_OP)?;
            let text = operator.text().to_string();
            if ONLY_BETWEEN.contains(&text.as_str()) { start(&operator) } else { None }
        }
        FIELD_EXPR | INDEX_EXPR | SLICE_EXPR if !has_parts(&expressions(node).next()?) => {
            start_of(&elements(node).nth(1)?)
        }
        CALL_EXPR => time_without_precision(node),
        ARRAY_EXPR => mixed_array(node),
        ARRAY_BOUND => start(&expressions(node).find(|bound| bound.kind() != LITERAL)?),
        INDEX_EXPR if expressions(node).count() < 2 => start_of(&elements(node).last()?),
        DEFAULT_CONSTRAINT => restricted(expressions(node).next()?),
        PARTITION_ITEM | CONSTRAINT_EXCLUSION | CONFLICT_INDEX_ITEM => index_element(node),
        STATISTICS_ON_CLAUSE => expressions(node).find_map(|element| indexed(&element)),
        XML_ROW_PASSING_CLAUSE | XML_PASSING_DOC => simple(&expressions(node).next()?),
        OPTION_PATH => restricted(expressions(node).next()?),
        TUPLE_EXPR => start(&node.children().find(|it| ast::SelectVariant::can_cast(it.kind()))?),
        LOCKING_OF => {
            let is_name = |table: &SyntaxNode| matches!(table.kind(), NAME_REF | FIELD_EXPR);
            start(&expressions(node).find(|table| !is_name(table))?)
        }
        _ => None,
    }
}

/// These have something on both sides; `=> 1` is an argument without its name.
const ONLY_BETWEEN: &[&str] = &["=>", "<", ">", "=", "<=", ">=", "<>", "!="];

/// Whether a field or an element can be taken of an expression that has no brackets around it.
fn has_parts(expr: &SyntaxNode) -> bool {
    match expr.kind() {
        FIELD_EXPR | INDEX_EXPR | SLICE_EXPR | PAREN_EXPR => true,
        NAME_REF => !expr.first_token().is_some_and(|token| is_reserved_keyword(token.kind())),
        LITERAL => expr.first_token().is_some_and(|token| token.kind() == POSITIONAL_PARAM),
        _ => false,
    }
}

/// The operator of an expression that only an operand may be, and none without brackets: PostgreSQL's
/// `c_expr`.
pub(super) fn simple(expr: &SyntaxNode) -> Option<u32> {
    let cast = || child(expr, COLON_COLON).as_ref().and_then(start);
    operator(expr).and_then(|operator| start_of(&operator)).or_else(cast)
}

/// The operator of an expression.
pub(super) fn operator(expr: &SyntaxNode) -> Option<SyntaxElement> {
    let is_operand = |element: &SyntaxElement| {
        element.as_node().is_some_and(|node| ast::Expr::can_cast(node.kind()))
    };
    match expr.kind() {
        BIN_EXPR | POSTFIX_EXPR | BETWEEN_EXPR => elements(expr).find(|found| !is_operand(found)),
        PREFIX_EXPR => elements(expr).next(),
        _ => None,
    }
}

fn binary(node: &SyntaxNode) -> Option<u32> {
    let expr = ast::BinExpr::cast(node.clone())?;
    let (lhs, rhs, place) = (expr.lhs()?, expr.rhs(), operator(node)?);
    let fits = match expr.op()? {
        BinOp::Is(_) | BinOp::IsNot(_) => {
            let asked = rhs?.syntax().first_token()?;
            let known = [NULL_KW, TRUE_KW, FALSE_KW, UNKNOWN_KW, DOCUMENT_KW];
            let is_known = known.contains(&asked.kind());
            return if is_known { None } else { Some(asked.text_range().start().into()) };
        }
        BinOp::Escape(_) => ends_pattern(node),
        BinOp::In(_) | BinOp::NotIn(_) => {
            let list = rhs?.syntax().clone();
            // `a IN (1) ISNULL` asks whether all of it is.
            let asked = if list.kind() == POSTFIX_EXPR { expressions(&list).next()? } else { list };
            let is_list = asked.kind() == TUPLE_EXPR && !has_token(&asked, ROW_KW);
            return if is_list || asked.kind() == PAREN_EXPR { None } else { start(&asked) };
        }
        BinOp::FatArrow(_) | BinOp::ColonEq(_) => matches!(lhs, ast::Expr::NameRef(_)),
        op if compares(&op) => {
            // Comparisons lean to no side: `a < b < c` is none.
            let inner = rhs.filter(|rhs| is_comparison(rhs.syntax()));
            if let Some(inner) = inner {
                return start_of(&operator(inner.syntax())?);
            }
            !is_comparison(lhs.syntax())
        }
        _ => true,
    };
    if fits { None } else { start_of(&place) }
}

fn is_comparison(node: &SyntaxNode) -> bool {
    ast::BinExpr::cast(node.clone()).and_then(|expr| expr.op()).is_some_and(|op| compares(&op))
}

fn compares(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Eq(_)
            | BinOp::LAngle(_)
            | BinOp::RAngle(_)
            | BinOp::Lteq(_)
            | BinOp::Gteq(_)
            | BinOp::Neq(_)
            | BinOp::Neqb(_)
    )
}

/// `ESCAPE` belongs to the pattern that it stands at the end of.
fn ends_pattern(node: &SyntaxNode) -> bool {
    let mut inner = node.clone();
    while let Some(parent) = inner.parent() {
        if parent.kind() == PREFIX_EXPR {
            inner = parent;
            continue;
        }
        let Some(outer) = ast::BinExpr::cast(parent) else { break };
        if outer.rhs().is_none_or(|rhs| *rhs.syntax() != inner) {
            return false;
        }
        if outer.op().is_some_and(|op| matches_pattern(&op)) {
            return true;
        }
        inner = outer.syntax().clone();
    }
    false
}

fn matches_pattern(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Like(_)
            | BinOp::Ilike(_)
            | BinOp::SimilarTo(_)
            | BinOp::NotLike(_)
            | BinOp::NotIlike(_)
            | BinOp::NotSimilarTo(_)
    )
}

/// `localtime()`: the brackets hold a number, or are not there.
fn time_without_precision(call: &SyntaxNode) -> Option<u32> {
    const TIMES: &[SyntaxKind] =
        &[CURRENT_TIME_KW, CURRENT_TIMESTAMP_KW, LOCALTIME_KW, LOCALTIMESTAMP_KW];
    if !TIMES.contains(&call.first_token()?.kind()) {
        return None;
    }
    let list = child(call, ARG_LIST)?;
    match list.children().next() {
        Some(arg) if child(&arg, LITERAL).is_some() => None,
        Some(arg) => start(&arg),
        None => start_of(&elements(&list).last()?),
    }
}

/// The elements of an array are all arrays, or none is.
fn mixed_array(node: &SyntaxNode) -> Option<u32> {
    let is_bare = |node: &SyntaxNode| {
        node.kind() == ARRAY_EXPR && node.first_token().is_some_and(|token| token.kind() == L_BRACK)
    };
    let mut elements = expressions(node);
    let first = is_bare(&elements.next()?);
    start(&elements.find(|element| is_bare(element) != first)?)
}

/// What may not stand behind a column's `DEFAULT` without brackets, because constraints follow it:
/// PostgreSQL's `b_expr` has no `NOT`, no `AND`, no `IS NULL`.
fn restricted(expr: SyntaxNode) -> Option<u32> {
    let mut open = vec![expr];
    let mut first = None;
    while let Some(node) = open.pop() {
        let fits = match node.kind() {
            BIN_EXPR => fits_restricted(&node),
            PREFIX_EXPR => !has_token(&node, NOT_KW),
            POSTFIX_EXPR | BETWEEN_EXPR => false,
            CAST_EXPR | COLLATE => true,
            _ => continue,
        };
        open.extend(expressions(&node));
        if !fits {
            let place = operator(&node).and_then(|operator| start_of(&operator));
            first = first.into_iter().chain(place).min();
        }
    }
    first
}

fn fits_restricted(expr: &SyntaxNode) -> bool {
    let op = ast::BinExpr::cast(expr.clone()).and_then(|expr| expr.op());
    op.is_none_or(|op| {
        compares(&op)
            || matches!(
                op,
                BinOp::Plus(_)
                    | BinOp::Minus(_)
                    | BinOp::Star(_)
                    | BinOp::Slash(_)
                    | BinOp::Percent(_)
                    | BinOp::Caret(_)
                    | BinOp::ColonColon(_)
                    | BinOp::CustomOp(_)
                    | BinOp::OperatorCall(_)
                    | BinOp::IsDistinctFrom(_)
                    | BinOp::IsNotDistinctFrom(_)
            )
    })
}

/// A column, a call, or anything in brackets; behind it what belongs to the index.
fn index_element(item: &SyntaxNode) -> Option<u32> {
    let element = expressions(item).next()?;
    let class = child(item, OP_CLASS_REF).and_then(|class| class.first_token());
    let is_order = class.is_some_and(|class| matches!(class.kind(), FIRST_KW | LAST_KW));
    if is_order && element.first_token()?.kind() == NULLS_KW {
        return start(&element);
    }
    let options = child(item, ATTRIBUTE_LIST).filter(|_| child(item, OP_CLASS_REF).is_none());
    indexed(&element).or_else(|| start(&options?))
}

fn indexed(element: &SyntaxNode) -> Option<u32> {
    match element.kind() {
        NAME_REF => None,
        COLLATE => indexed(&expressions(element).next()?),
        CALL_EXPR => [FILTER_CLAUSE, WITHIN_CLAUSE, OVER_CLAUSE]
            .into_iter()
            .find_map(|clause| start(&child(element, clause)?)),
        PAREN_EXPR => {
            let inner = element.children().next()?;
            if ast::SelectVariant::can_cast(inner.kind()) { start(&inner) } else { None }
        }
        CAST_EXPR if child(element, COLON_COLON).is_some() => start(&child(element, COLON_COLON)?),
        CAST_EXPR => None,
        TUPLE_EXPR => start_of(&elements(element).find(|found| found.kind() == COMMA)?),
        _ => operator(element).and_then(|operator| start_of(&operator)).or_else(|| start(element)),
    }
}
