//! `ALTER TABLE`.

use super::table::column;
use super::{own, schema};
use crate::sql::cursor::Cursor;
use crate::sql::{Ddl, Effect, TableAction};

pub(super) fn alter(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["alter", "table"]);
    let table = match own(cursor.take_qualified()) {
        Ok(table) => table,
        Err(effect) => return *effect,
    };
    let action = if cursor.eat(&["rename", "to"]) {
        TableAction::Rename { to: cursor.take_name() }
    } else if cursor.eat(&["rename"]) {
        // A column may be called so, too.
        if !cursor.is(cursor.at() + 1, "to") {
            cursor.eat(&["column"]);
        }
        let column = cursor.take_name();
        cursor.eat(&["to"]);
        TableAction::RenameColumn { column, to: cursor.take_name() }
    } else if cursor.eat(&["add"]) {
        cursor.eat(&["column"]);
        if cursor.is_next_of(&["constraint", "check"]) {
            return Effect::Opaque("constraints that are added to a table are not followed yet");
        }
        let (column, definition, constraints) = column(&mut cursor);
        TableAction::AddColumn { column, definition, constraints }
    } else if cursor.eat(&["drop"]) {
        if cursor.eat(&["constraint"]) {
            return Effect::Opaque(
                "constraints that are dropped from a table are not followed yet",
            );
        }
        if cursor.rest().len() > 1 {
            cursor.eat(&["column"]);
        }
        TableAction::DropColumn { column: cursor.take_name() }
    } else {
        return Effect::Opaque("columns that are altered are not followed yet");
    };
    schema(Ddl::AlterTable { table, action })
}
