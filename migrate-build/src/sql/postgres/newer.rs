//! What came into PostgreSQL's grammar with which version: its release notes, appendix E of its
//! documentation. That PostgreSQL 15 refuses what is said to be later was tried.
//!
//! Only grammar counts. A function that an older server does not have may be one of the project's
//! own.

use squawk_parser::SyntaxKind::*;
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::strict::{child, elements, has_token};
use crate::server::ServerVersion;
use crate::source::Span;

/// Something that a server of an older version does not understand.
pub(super) struct Newer {
    /// Where it stands, from the start of the statement.
    pub(super) place: Span,
    /// The version that it came with.
    pub(super) since: u16,
    /// What older servers understand instead.
    pub(super) help: Option<&'static str>,
}

/// The first thing in a statement that a version does not understand.
pub(super) fn newer(root: &SyntaxNode, version: ServerVersion) -> Option<Newer> {
    root.descendants().find_map(|node| {
        let since = marked(node.kind()).or_else(|| told_by_parts(&node))?;
        (since > version.major).then(|| Newer {
            place: place(&node),
            since,
            help: instead(node.kind()),
        })
    })
}

/// What can only be newer syntax.
fn marked(kind: SyntaxKind) -> Option<u16> {
    Some(match kind {
        ALTER_PROPERTY_GRAPH
        | CREATE_PROPERTY_GRAPH
        | DROP_PROPERTY_GRAPH
        | GRAPH_TABLE_FN
        | REPACK
        | MERGE_PARTITIONS
        | SPLIT_PARTITION
        | FOR_PORTION_OF
        | CONFLICT_DO_SELECT
        | IGNORE_NULLS
        | RESPECT_NULLS
        | CHECKPOINT_OPTION_LIST
        | EXCEPT_TABLE_CLAUSE => 19,
        VIRTUAL
        | WITHOUT_OVERLAPS
        | PERIOD_COLUMN
        | ENFORCED
        | NOT_ENFORCED
        | RETURNING_OPTION_LIST => 18,
        MERGE_WHEN_NOT_MATCHED_SOURCE | JSON_TABLE | SET_EXPRESSION | AT_LOCAL => 17,
        IS_JSON | IS_JSON_ARRAY | IS_JSON_OBJECT | IS_JSON_SCALAR | IS_JSON_VALUE | IS_NOT_JSON
        | IS_NOT_JSON_ARRAY | IS_NOT_JSON_OBJECT | IS_NOT_JSON_SCALAR | IS_NOT_JSON_VALUE
        | JSON_KEY_VALUE | JSON_SELECT_FORMAT | INHERIT_OPTION_FOR | STORAGE => 16,
        MERGE | NULLS_NOT_DISTINCT | PUBLICATION_OBJECT_TABLES_IN_SCHEMA => 15,
        RETURN_STMT | ATOMIC_BODY | COMPRESSION_METHOD | SET_COMPRESSION | DETACH_CONCURRENTLY
        | DETACH_FINALIZE | SEARCH_CLAUSE | CYCLE_CLAUSE => 14,
        WITH_TIES
        | DROP_DATABASE_FORCE_CLAUSE
        | DROP_EXPRESSION
        | IS_NORMALIZED
        | IS_NOT_NORMALIZED => 13,
        STORED | MATERIALIZED | NOT_MATERIALIZED | AND_CHAIN => 12,
        _ => return None,
    })
}

/// What its parts make newer.
fn told_by_parts(node: &SyntaxNode) -> Option<u16> {
    let parent = || node.parent().map(|parent| parent.kind());
    let since = match node.kind() {
        GROUP_BY_CLAUSE if child(node, GROUP_BY_LIST).is_none() => 19,
        GROUP_BY_CLAUSE if node.children().any(|it| matches!(it.kind(), ALL | DISTINCT)) => 14,
        // Without `STORED`, a column is computed when it is read.
        GENERATED_STORED if !node.children().any(|it| matches!(it.kind(), STORED | VIRTUAL)) => 18,
        NOT_NULL_CONSTRAINT if matches!(parent()?, TABLE_ARG_LIST | ADD_CONSTRAINT) => 18,
        INHERIT | NO_INHERIT if parent()? == ALTER_CONSTRAINT => 18,
        TABLE_RELATION_NAME if has_token(node, ONLY_KW) && parent()? == TABLE_AND_COLUMNS => 18,
        RETURNING_CLAUSE if parent()? == MERGE => 17,
        SET_ACCESS_METHOD if has_token(node, DEFAULT_KW) => 17,
        PAREN_FROM_ITEM
            if child(node, PAREN_SELECT).is_some() && child(node, FROM_ALIAS).is_none() =>
        {
            16
        }
        LITERAL if is_newer_number(node) => 16,
        CREATE_STATISTICS if child(node, STATISTICS).is_none() => 16,
        GRANT_ROLE_OPTION if !has_token(node, OPTION_KW) => 16,
        REINDEX_TARGET_DATABASE | REINDEX_TARGET_SYSTEM if node.children().next().is_none() => 16,
        STORAGE_MODE if has_token(node, DEFAULT_KW) => 16,
        SET_ACCESS_METHOD => 15,
        ATTRIBUTE_NAME if node.text() == "security_invoker" => 15,
        UNLOGGED if parent()? == CREATE_SEQUENCE => 15,
        COLUMN_REF_LIST | WHERE_CONDITION_CLAUSE if parent()? == PUBLICATION_OBJECT_TABLE => 15,
        PRIVILEGE_PARAMETER => 15,
        OR_REPLACE if parent()? == CREATE_TRIGGER => 14,
        REQUIRED_AS_ALIAS if parent()? == JOIN_USING_CLAUSE => 14,
        RENAME_COLUMN if parent()? == ALTER_VIEW => 13,
        REINDEX_TARGET_DATABASE
        | REINDEX_TARGET_INDEX
        | REINDEX_TARGET_SCHEMA
        | REINDEX_TARGET_TABLE
            if has_token(node, CONCURRENTLY_KW) =>
        {
            12
        }
        WHERE_CLAUSE if parent()? == COPY => 12,
        _ => return None,
    };
    Some(since)
}

fn instead(kind: SyntaxKind) -> Option<&'static str> {
    match kind {
        PAREN_FROM_ITEM => Some("give the subquery a name: `FROM (…) AS name`"),
        GENERATED_STORED | VIRTUAL => {
            Some("write `STORED`: the column is computed when it is written")
        }
        NOT_NULL_CONSTRAINT => Some("write `ALTER TABLE … ALTER COLUMN … SET NOT NULL`"),
        _ => None,
    }
}

/// `0x1F`, `1_000`.
fn is_newer_number(literal: &SyntaxNode) -> bool {
    literal.first_token().is_some_and(|token| {
        let text = token.text().to_ascii_lowercase();
        let has_base = ["0x", "0o", "0b"].iter().any(|base| text.starts_with(base));
        matches!(token.kind(), INT_NUMBER | NUMERIC_NUMBER) && (has_base || text.contains('_'))
    })
}

/// A clause of few words as a whole, of anything longer the first word.
fn place(node: &SyntaxNode) -> Span {
    const MANY: usize = 30;
    let start: u32 = node.text_range().start().into();
    let end: u32 = node.text_range().end().into();
    let first = elements(node).next().map_or(end, |first| first.text_range().end().into());
    let is_short = (end - start) as usize <= MANY && !node.text().contains_char('\n');
    Span::new(start, if is_short { end } else { first })
}
