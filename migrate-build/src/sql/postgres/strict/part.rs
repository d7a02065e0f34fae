//! Clauses that are missing, that do not go together, or that say something unknown.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{child, elements, end_of, expressions, has_token, start, start_of};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    match node.kind() {
        ROLE_OPTION_GENERIC => unless_one_of(node, ROLE_OPTIONS),
        AS_POLICY_TYPE => {
            let kind = elements(node).last()?;
            let is_known = one_of(&kind.to_string(), &["permissive", "restrictive"]);
            if is_known { None } else { start_of(&kind) }
        }
        OPTION_IDENT => unless_one_of(node, &["path"]),
        GRANT => grant(node),
        REVOKE if child(node, ALL_PRIVILEGES).is_none() => {
            missing(node, REVOKE_COMMAND_LIST, FROM_KW)
        }
        CHECK_CONSTRAINT => start(&child(node, INHERIT)?),
        NOT_VALID if is_of_column(node) => start_of(&elements(node).nth(1)?),
        NULLS_NOT_DISTINCT if !has_token(node, DISTINCT_KW) => end_of(&elements(node).last()?),
        COLUMN => column(node),
        COMPOSITE_FIELD_DEF if node.children().count() < 2 => end_of(&elements(node).last()?),
        ALTER_ATTRIBUTE if has_token(node, SET_KW) && !has_token(node, DATA_KW) => {
            start_of(&elements(node).find(|found| found.kind() == TYPE_KW)?)
        }
        ATTRIBUTE_OPTION | SET_SINGLE_COLUMN => glued_operator(node),
        EXECUTE => empty(&child(node, ARG_LIST)?),
        PREPARE => empty(&child(node, PARAM_LIST)?),
        NOT_DEFERRABLE_CONSTRAINT_OPTION => {
            let initially = INITIALLY_DEFERRED_CONSTRAINT_OPTION;
            start(&node.parent()?.children().find(|it| it.kind() == initially)?)
        }
        WITH_TIES => {
            let select = node.parent()?.parent()?;
            let skips = |locks: &SyntaxNode| child(locks, SKIP_LOCKED).is_some();
            let is_ordered = child(&select, ORDER_BY_CLAUSE).is_some();
            if is_ordered && !select.children().any(|it| skips(&it)) { None } else { start(node) }
        }
        DISCARD if node.children().next().is_none() => end_of(&elements(node).last()?),
        VACUUM_OPTION if child(node, VACUUM_OPTION_NAME).is_none() => start(node),
        MERGE_WHEN_MATCHED => start(&child(node, MERGE_INSERT)?),
        MERGE_WHEN_NOT_MATCHED_TARGET => {
            start(&node.children().find(|it| matches!(it.kind(), MERGE_UPDATE | MERGE_DELETE))?)
        }
        CREATE_TRIGGER => trigger(node),
        CREATE_EVENT_TRIGGER => start(&arguments(node)?.children().next()?),
        CREATE_STATISTICS if child(node, IF_NOT_EXISTS).is_some() => {
            missing_behind(node, STATISTICS, IF_NOT_EXISTS)
        }
        CREATE_STATISTICS if child(node, STATISTICS_ON_CLAUSE).is_none() => {
            start(&child(node, FROM_TABLE)?)
        }
        GENERATED_STORED => start(&child(node, GENERATED_BY_DEFAULT)?),
        TRIGGER_EVENT_LIST => repeated_event(node),
        MERGE_INSERT => {
            let rows = child(&child(node, VALUES)?, ROW_LIST)?;
            start_of(&elements(&rows).find(|found| found.kind() == COMMA)?)
        }
        // The old form knows no keywords: there, even `PARALLEL` is none of its options.
        CREATE_AGGREGATE if child(node, PARAM_LIST).is_none() => {
            let options = child(node, ATTRIBUTE_LIST)?;
            let mut names = options.children().filter_map(|option| child(&option, ATTRIBUTE_NAME));
            start(&names.find(|name| name.first_token().is_some_and(|it| it.kind() != IDENT))?)
        }
        ALTER_TABLE => no_action(node, TABLE_RELATION_NAME),
        ALTER_FUNCTION => no_action(node, FUNCTION_SIG),
        ALTER_PROCEDURE => no_action(node, PROCEDURE_SIG),
        ALTER_ROUTINE => no_action(node, ROUTINE_SIG),
        VACUUM => misplaced(node, VACUUM_OPTION_LIST),
        ANALYZE => misplaced(node, OPTION_ITEM_LIST),
        ALTER_ROLE | ALTER_USER
            if (has_token(node, ALL_KW) || child(node, IN_DATABASE).is_some())
                && !node
                    .children()
                    .any(|it| matches!(it.kind(), SET_CONFIG_PARAM | RESET_CONFIG_PARAM)) =>
        {
            end_of(&elements(node).last()?)
        }
        LITERAL if is_bits(node) && wants_text(node) => start(node),
        kind if is_drop(kind) => nothing_to_drop(node),
        _ => None,
    }
}

/// PostgreSQL's documentation, "CREATE ROLE": those of its options that are one word.
const ROLE_OPTIONS: &[&str] = &[
    "superuser",
    "nosuperuser",
    "createdb",
    "nocreatedb",
    "createrole",
    "nocreaterole",
    "inherit",
    "noinherit",
    "login",
    "nologin",
    "replication",
    "noreplication",
    "bypassrls",
    "nobypassrls",
];

fn one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn unless_one_of(node: &SyntaxNode, words: &[&str]) -> Option<u32> {
    let first = node.first_token()?;
    if one_of(first.text(), words) { None } else { Some(first.text_range().start().into()) }
}

/// The place of a token that something has to stand in front of.
fn missing(node: &SyntaxNode, what: SyntaxKind, in_front_of: SyntaxKind) -> Option<u32> {
    if child(node, what).is_some() {
        return None;
    }
    start_of(&elements(node).find(|found| found.kind() == in_front_of)?)
}

/// The place behind a part that something has to follow.
fn missing_behind(node: &SyntaxNode, what: SyntaxKind, behind: SyntaxKind) -> Option<u32> {
    if child(node, what).is_some() {
        return None;
    }
    end_of(&elements(node).find(|found| found.kind() == behind)?)
}

/// Rights are passed on by `WITH GRANT OPTION` alone; other options are about roles.
fn grant(node: &SyntaxNode) -> Option<u32> {
    let options = child(&child(node, GRANT_WITH_CLAUSE)?, GRANT_ROLE_OPTION_LIST)?;
    if child(node, ON_PRIVILEGE_OBJECTS_CLAUSE).is_some() {
        return start(&options);
    }
    options.children().find_map(|option| {
        unless_one_of(&child(&option, GRANT_ROLE_OPTION_NAME)?, &["admin", "inherit", "set"])
    })
}

/// `ALTER` of something that says no change.
fn no_action(alter: &SyntaxNode, of: SyntaxKind) -> Option<u32> {
    let last = elements(alter).filter(|found| found.kind() != SEMICOLON).last()?;
    if last.kind() == of { end_of(&last) } else { None }
}

/// Options in brackets stand behind the statement's first word.
fn misplaced(node: &SyntaxNode, options: SyntaxKind) -> Option<u32> {
    let is_second = elements(node).nth(1)?.kind() == options;
    if is_second { None } else { start(&child(node, options)?) }
}

/// The place behind events, one of which is named twice.
fn repeated_event(list: &SyntaxNode) -> Option<u32> {
    let events: Vec<SyntaxKind> = list.children().map(|event| event.kind()).collect();
    let is_repeated = |at: usize| events[..at].contains(&events[at]);
    if (0..events.len()).any(is_repeated) { start(&list.next_sibling()?) } else { None }
}

fn is_of_column(option: &SyntaxNode) -> bool {
    let owner = option.parent().and_then(|constraint| constraint.parent());
    owner.is_some_and(|owner| matches!(owner.kind(), COLUMN | ADD_COLUMN))
}

/// A table of a type, a partition, and a table from a query have their columns' types from there.
fn column(node: &SyntaxNode) -> Option<u32> {
    let table = node.parent()?.parent()?;
    let has_types = match table.kind() {
        CREATE_TABLE | CREATE_FOREIGN_TABLE => {
            child(&table, OF_TYPE).is_some() || child(&table, PARTITION_OF).is_some()
        }
        CREATE_TABLE_AS => true,
        _ => false,
    };
    let name = child(node, COLUMN_NAME)?;
    let is_type = |kind| ast::Type::can_cast(kind);
    if table.kind() == CREATE_FOREIGN_TABLE
        && !has_types
        && !node.children().any(|it| is_type(it.kind()))
    {
        return Some(name.text_range().end().into());
    }
    let behind = elements(node).skip_while(|found| found.as_node() != Some(&name)).nth(1)?;
    let is_typed = is_type(behind.kind()) || table.kind() == CREATE_TABLE_AS;
    if has_types && is_typed { start_of(&behind) } else { None }
}

/// `a ===` is no `a = ==`: signs of operators that touch are one operator, but for `+` and `-`
/// behind others of SQL's own.
fn glued_operator(node: &SyntaxNode) -> Option<u32> {
    let equals = elements(node).find(|found| found.kind() == EQ)?;
    let behind = equals.text_range().end() - node.text_range().start();
    let text = node.text().slice(behind..).to_string();
    let run: &str = text.split(|c: char| !"+-*/<>=~!@#%^&|`?".contains(c)).next()?;
    let run = if run.contains(|c: char| "~!@#%^&|`?".contains(c)) {
        run
    } else {
        run.trim_end_matches(['+', '-'])
    };
    let is_comment = run.starts_with("--") || run.starts_with("/*");
    if run.is_empty() || is_comment { None } else { start_of(&equals) }
}

/// Brackets that hold something, or are not there.
fn empty(list: &SyntaxNode) -> Option<u32> {
    if list.children().next().is_some() {
        return None;
    }
    start_of(&elements(list).last()?)
}

/// Of the arguments of a trigger's function, the list.
fn arguments(trigger: &SyntaxNode) -> Option<SyntaxNode> {
    child(&child(trigger, CALL_EXPR)?, ARG_LIST)
}

fn trigger(node: &SyntaxNode) -> Option<u32> {
    let is_constraint = has_token(node, CONSTRAINT_KW);
    let of_constraints = |kind: SyntaxKind| {
        matches!(
            kind,
            FROM_TABLE
                | DEFERRABLE_CONSTRAINT_OPTION
                | NOT_DEFERRABLE_CONSTRAINT_OPTION
                | INITIALLY_DEFERRED_CONSTRAINT_OPTION
                | INITIALLY_IMMEDIATE_CONSTRAINT_OPTION
        )
    };
    if !is_constraint && let Some(part) = node.children().find(|it| of_constraints(it.kind())) {
        return start(&part);
    }
    if is_constraint
        && let Some(each) = child(node, FOR_EACH_ROW).filter(|each| !has_token(each, EACH_KW))
    {
        return start_of(&elements(&each).nth(1)?);
    }
    // Names, texts and numbers: no expressions.
    arguments(node)?.children().find_map(|arg| {
        let value = expressions(&arg).next()?;
        match value.kind() {
            NAME_REF => None,
            LITERAL if !is_bits(&value) => None,
            _ => start(&value),
        }
    })
}

fn is_bits(literal: &SyntaxNode) -> bool {
    literal.first_token().is_some_and(|token| matches!(token.kind(), BYTE_STRING | BIT_STRING))
}

/// Outside expressions, texts are no bits.
fn wants_text(literal: &SyntaxNode) -> bool {
    literal.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            ROLE_OPTION_PASSWORD
                | ROLE_OPTION_ENCRYPTED_PASSWORD
                | ROLE_OPTION_VALID_UNTIL
                | COMMIT_PREPARED
                | ROLLBACK_PREPARED
                | PREPARE_TRANSACTION
                | SERVER_TYPE
                | SERVER_VERSION
                | SET_FOREIGN_OPTION
                | ADD_FOREIGN_OPTION
                | CONNECTION_CLAUSE
                | COMMENT_ON
                | SECURITY_LABEL
                | ADD_VALUE
                | AFTER_VALUE
                | BEFORE_VALUE
        )
    })
}

fn is_drop(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        DROP_AGGREGATE
            | DROP_COLLATION
            | DROP_DATABASE
            | DROP_DOMAIN
            | DROP_EXTENSION
            | DROP_FOREIGN_TABLE
            | DROP_FUNCTION
            | DROP_INDEX
            | DROP_MATERIALIZED_VIEW
            | DROP_PROCEDURE
            | DROP_ROLE
            | DROP_ROUTINE
            | DROP_SCHEMA
            | DROP_SEQUENCE
            | DROP_STATISTICS
            | DROP_TABLE
            | DROP_TYPE
            | DROP_USER
            | DROP_VIEW
    )
}

/// `DROP TABLE` of no table.
fn nothing_to_drop(node: &SyntaxNode) -> Option<u32> {
    let names_nothing = |kind| matches!(kind, IF_EXISTS | CASCADE | RESTRICT);
    if node.children().any(|part| !names_nothing(part.kind())) {
        return None;
    }
    let leads = |kind| !matches!(kind, CASCADE | RESTRICT);
    end_of(&elements(node).take_while(|found| leads(found.kind())).last()?)
}
