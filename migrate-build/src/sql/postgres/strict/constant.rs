//! Places where a constant stands, or a number with a sign, and no expression.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;

use super::expression::{operator, simple};
use super::{child, elements, expressions, has_token, start, start_of};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    match node.kind() {
        TO_CONFIG_VALUE | SET_TIME_ZONE | OPTION_ITEM_VALUE | VACUUM_OPTION_VALUE
        | OPTION_INCREMENT | OPTION_START | OPTION_MIN_VALUE | OPTION_MAX_VALUE | OPTION_CACHE
        | OPTION_RESTART => signed(&child(node, PREFIX_EXPR)?),
        FETCH | MOVE | FORWARD | BACKWARD | ABSOLUTE | RELATIVE => {
            let count = expressions(node).next()?;
            if is_number(&count, false) { None } else { start(&count) }
        }
        FETCH_CLAUSE => rows(node),
        OFFSET_CLAUSE if has_token(node, ROWS_KW) || has_token(node, ROW_KW) => rows(node),
        CYCLE_COLUMN_TO | CYCLE_DEFAULT => {
            let is_constant = |value: &SyntaxNode| {
                let is_cast = value.kind() == CAST_EXPR && child(value, COLON_COLON).is_none();
                is_cast || value.kind() == LITERAL
            };
            let value = expressions(node).find(|value| !is_constant(value))?;
            // A name alone may begin a constant: `date '2000-01-01'`.
            let mut behind = elements(node).skip_while(|found| found.as_node() != Some(&value));
            operator(&value)
                .or_else(|| behind.nth(1))
                .map_or_else(|| start(&value), |it| start_of(&it))
        }
        ALTER_SET_STATISTICS => {
            let column = child(node, LITERAL)?;
            let number: Result<u16, _> = column.text().to_string().parse();
            let is_column = number.is_ok_and(|it| (1..=MAX_COLUMN).contains(&it));
            if is_column { None } else { start(&column) }
        }
        ARRAY_TYPE if has_token(node, ARRAY_KW) => {
            let bound = child(node, ARRAY_BOUND)?;
            let is_empty = expressions(&bound).next().is_none();
            if is_empty { start_of(&elements(&bound).last()?) } else { None }
        }
        _ => None,
    }
}

/// Columns are numbered by a `smallint`.
const MAX_COLUMN: u16 = 32_767;

/// Whether a number stands here, with a sign or without: in an expression only one of the signs.
fn is_number(value: &SyntaxNode, may_have_fraction: bool) -> bool {
    let is_plain = |value: &SyntaxNode| {
        value.first_token().is_some_and(|token| match token.kind() {
            INT_NUMBER => true,
            NUMERIC_NUMBER => may_have_fraction,
            _ => false,
        }) && value.kind() == LITERAL
    };
    let is_sign = has_token(value, MINUS) || has_token(value, PLUS);
    match value.kind() {
        PREFIX_EXPR if is_sign => expressions(value).next().is_some_and(|inner| is_plain(&inner)),
        _ => is_plain(value),
    }
}

fn signed(prefixed: &SyntaxNode) -> Option<u32> {
    if is_number(prefixed, true) { None } else { start(&expressions(prefixed).next()?) }
}

/// How many rows are skipped or fetched.
fn rows(clause: &SyntaxNode) -> Option<u32> {
    let count = expressions(clause).next()?;
    if is_number(&count, true) { None } else { simple(&count) }
}
