//! Keywords that cannot be names, and names that are missing.

use squawk_parser::{is_col_name_keyword, is_reserved_keyword, is_type_func_name_keyword};
use squawk_syntax::SyntaxKind::*;
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{child, elements, end_of, has_token, start, start_of};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    match node.kind() {
        COLUMN_NAME if labels_output(node) => None,
        kind if is_name(kind) => unless(node, is_reserved_keyword),
        PATH_SEGMENT | PATH_SEGMENT_REF if node.first_token().is_none() => nameless(node),
        PATH_SEGMENT | PATH_SEGMENT_REF if is_unqualified(node) => {
            if calls_function(node) {
                None
            } else if names_relation(node) {
                unless(node, |kind| is_reserved_keyword(kind) || is_type_func_name_keyword(kind))
            } else {
                unless(node, is_reserved_keyword)
            }
        }
        PATH_TYPE => type_name(node),
        RETURN_TABLE_COLUMN => unless(&child(node, COLUMN_NAME)?, is_col_name_keyword),
        OP => {
            // The schema in front of an operator, and the dot between them.
            let schema = child(node, PATH_REF)?;
            if schema.last_token()?.kind() == DOT {
                return None;
            }
            start_of(&elements(node).skip_while(|found| found.as_node() != Some(&schema)).nth(1)?)
        }
        FROM_ALIAS => alias(node),
        ROLE_REF if has_token(node, GROUP_KW) && !is_granted_to(node) => start(node),
        _ => None,
    }
}

/// Where a name begins that is a keyword of a kind.
fn unless(name: &SyntaxNode, is_refused: impl Fn(SyntaxKind) -> bool) -> Option<u32> {
    let first = name.first_token()?;
    if is_refused(first.kind()) { Some(first.text_range().start().into()) } else { None }
}

/// Columns get types where a function returns them, which then needs no name.
fn alias(node: &SyntaxNode) -> Option<u32> {
    let of_function = node
        .parent()
        .is_some_and(|parent| matches!(parent.kind(), FUNCTION_FROM_ITEM | ROWS_FROM_ITEM));
    let typed = child(node, COLUMN_DEF_LIST);
    if let Some(columns) = typed {
        if of_function {
            return None;
        }
        return start(&columns.children().next()?.children().nth(1)?);
    }
    if child(node, TABLE_ALIAS).is_some() {
        return None;
    }
    let mut elements = elements(node);
    let introduces = elements.next()?;
    elements.next().map_or_else(|| end_of(&introduces), |columns| start_of(&columns))
}

/// `GRANT … TO GROUP g` is what is left of groups.
fn is_granted_to(role: &SyntaxNode) -> bool {
    role.ancestors().nth(2).is_some_and(|node| matches!(node.kind(), GRANT | REVOKE))
}

/// A schema in front of an operator is a path without a last part.
fn nameless(segment: &SyntaxNode) -> Option<u32> {
    let owner = segment.ancestors().find(|node| !is_path(node.kind()))?;
    if owner.kind() == OP { None } else { start(segment) }
}

fn is_path(kind: SyntaxKind) -> bool {
    matches!(kind, PATH | PATH_REF | PATH_SEGMENT | PATH_SEGMENT_REF)
}

/// Behind `AS` every word may stand.
fn labels_output(name: &SyntaxNode) -> bool {
    name.parent().is_some_and(|parent| parent.kind() == AS_NAME)
}

/// A schema in front makes every keyword a name.
fn is_unqualified(segment: &SyntaxNode) -> bool {
    segment.parent().is_some_and(|path| path.first_token() == segment.first_token())
}

fn names_relation(segment: &SyntaxNode) -> bool {
    let owner = segment.ancestors().find(|node| !is_path(node.kind()));
    owner.is_some_and(|owner| {
        matches!(owner.kind(), TABLE_NAME_REF | RELATION_NAME_REF | INDEX_REF | INDEX | VIEW)
    })
}

/// `FROM current_date`: functions without brackets, whose names are reserved.
fn calls_function(segment: &SyntaxNode) -> bool {
    const FUNCTIONS: &[SyntaxKind] = &[
        CURRENT_CATALOG_KW,
        CURRENT_DATE_KW,
        CURRENT_ROLE_KW,
        CURRENT_SCHEMA_KW,
        CURRENT_TIME_KW,
        CURRENT_TIMESTAMP_KW,
        CURRENT_USER_KW,
        LOCALTIME_KW,
        LOCALTIMESTAMP_KW,
        SESSION_USER_KW,
        USER_KW,
    ];
    let is_called = segment.first_token().is_some_and(|token| FUNCTIONS.contains(&token.kind()));
    let is_read =
        |node: SyntaxNode| node.kind() == RELATION_FROM_ITEM && !has_token(&node, ONLY_KW);
    is_called && segment.ancestors().any(is_read)
}

/// Some keywords are types, the others of their kind cannot be one. `NONE` is the missing side of an
/// operator.
fn type_name(ty: &SyntaxNode) -> Option<u32> {
    const TYPES: &[SyntaxKind] = &[
        BIGINT_KW,
        BIT_KW,
        BOOLEAN_KW,
        CHAR_KW,
        CHARACTER_KW,
        DEC_KW,
        DECIMAL_KW,
        FLOAT_KW,
        INT_KW,
        INTEGER_KW,
        INTERVAL_KW,
        NATIONAL_KW,
        NCHAR_KW,
        NUMERIC_KW,
        REAL_KW,
        SETOF_KW,
        SMALLINT_KW,
        TIME_KW,
        TIMESTAMP_KW,
        VARCHAR_KW,
        JSON_KW,
        NONE_KW,
    ];
    unless(ty, |kind| {
        (is_col_name_keyword(kind) || is_reserved_keyword(kind)) && !TYPES.contains(&kind)
    })
}

fn is_name(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        ACCESS_METHOD
            | ACCESS_METHOD_REF
            | CHANNEL
            | CHANNEL_REF
            | COLUMN_NAME
            | COLUMN_NAME_REF
            | COMPOSITE_FIELD
            | COMPOSITE_FIELD_REF
            | CONSTRAINT_NAME
            | CTE_NAME
            | CURSOR
            | CURSOR_REF
            | DATABASE
            | DATABASE_REF
            | EVENT_TRIGGER
            | EVENT_TRIGGER_REF
            | EXTENSION
            | EXTENSION_REF
            | FOREIGN_DATA_WRAPPER
            | FOREIGN_DATA_WRAPPER_REF
            | LANGUAGE
            | LANGUAGE_REF
            | PARAM_NAME
            | POLICY
            | POLICY_REF
            | PREPARED_STATEMENT
            | PREPARED_STATEMENT_REF
            | PUBLICATION
            | PUBLICATION_REF
            | RULE
            | RULE_REF
            | SAVEPOINT
            | SAVEPOINT_REF
            | SCHEMA
            | SCHEMA_REF
            | SERVER
            | SERVER_REF
            | STATISTICS_KIND
            | SUBSCRIPTION
            | SUBSCRIPTION_REF
            | TABLE_ALIAS
            | TABLESPACE
            | TABLESPACE_REF
            | TRANSITION_RELATION_NAME
            | TRIGGER
            | TRIGGER_REF
            | WINDOW
            | WINDOW_REF
    )
}
