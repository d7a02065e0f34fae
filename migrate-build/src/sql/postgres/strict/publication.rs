//! What a publication is about: tables, and schemas.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;

use super::{child, elements, has_token, start};

pub(super) fn misfit(node: &SyntaxNode) -> Option<u32> {
    let is_list = matches!(
        node.kind(),
        FOR_PUBLICATION_OBJECTS
            | ADD_PUBLICATION_OBJECTS
            | SET_PUBLICATION_OBJECTS
            | DROP_PUBLICATION_OBJECTS
    );
    if is_list { objects(node) } else { None }
}

/// An object without a word of its own is what the one before it is.
fn objects(list: &SyntaxNode) -> Option<u32> {
    let mut are_schemas = None;
    for object in list.children() {
        let is_named = has_token(&object, TABLE_KW) || has_token(&object, TABLES_KW);
        if is_named {
            are_schemas = Some(object.kind() == PUBLICATION_OBJECT_TABLES_IN_SCHEMA);
        }
        let misfit = match are_schemas {
            None => start(&object),
            Some(true) if is_named => behind_schema(&object),
            Some(true) if is_schema(&object) => None,
            Some(false) if object.kind() != PUBLICATION_OBJECT_CURRENT_SCHEMA => None,
            Some(_) => start(&object),
        };
        if misfit.is_some() {
            return misfit;
        }
    }
    None
}

/// Columns and conditions belong to tables.
fn behind_schema(object: &SyntaxNode) -> Option<u32> {
    let of_table = [COLUMN_REF_LIST, WHERE_CONDITION_CLAUSE];
    start(&of_table.into_iter().find_map(|part| child(object, part))?)
}

/// A name alone, without a schema of its own, or the current schema.
fn is_schema(object: &SyntaxNode) -> bool {
    let path = child(object, TABLE_NAME_REF).and_then(|table| child(&table, PATH_REF));
    let is_name = path.is_some_and(|path| !has_token(&path, DOT)) && elements(object).count() == 1;
    is_name || object.kind() == PUBLICATION_OBJECT_CURRENT_SCHEMA
}
