//! `ALTER TABLE`, and `DROP INDEX`, which is one.

use super::charset::{charset, collation};
use super::column::{Defined, take_column, take_column_name, take_definition};
use super::key::{is_key, take_key};
use super::table::{take_body, take_options, take_value};
use super::{own, schema, wait};
use crate::server::ServerVersion;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::Sort;
use crate::sql::schema::{Ident, Table};
use crate::sql::{Change, Effect, TableChange, Wanted};

const PARTITIONS: &str = "partitions that are changed are not followed";
const VERSIONING: &str = "system versioning is not followed";

pub(super) fn alter(mut cursor: Cursor<'_>, version: Option<ServerVersion>) -> Effect {
    cursor.eat(&["alter"]);
    while cursor.eat(&["online"]) || cursor.eat(&["ignore"]) {}
    cursor.eat(&["table"]);
    let if_exists = cursor.eat(&["if", "exists"]);
    let table = match own(&mut cursor) {
        Ok(table) => table,
        Err(effect) => return effect,
    };
    wait(&mut cursor);
    let mut actions = Vec::new();
    while !cursor.is_at_end() {
        if cursor.eat(&[","]) {
            continue;
        }
        let start = cursor.at();
        match action(&mut cursor, version, &mut actions) {
            Ok(()) => {}
            // What follows may belong to it.
            Err(Stop::Unclear(why)) => {
                actions.push(TableChange::Unclear(why));
                break;
            }
            Err(Stop::Effect(effect)) => return effect,
        }
        if cursor.at() == start {
            cursor.skip();
        }
    }
    schema(Change::AlterTable { table, if_exists, actions })
}

/// Why reading ends.
enum Stop {
    Unclear(&'static str),
    Effect(Effect),
}

fn action(
    cursor: &mut Cursor<'_>,
    version: Option<ServerVersion>,
    actions: &mut Vec<TableChange>,
) -> Result<(), Stop> {
    let next = cursor.at() + 1;
    if cursor.is_next("partition") || cursor.is(next, "partition") {
        return Err(Stop::Unclear(PARTITIONS));
    }
    if cursor.is(next, "system") || cursor.is(next, "period") && cursor.is_next_of(&["add", "drop"])
    {
        return Err(Stop::Unclear(VERSIONING));
    }
    if cursor.eat(&["add"]) {
        add(cursor, version, actions)
    } else if cursor.eat(&["drop"]) {
        actions.push(drop(cursor));
        cursor.take_until(&[","]);
        Ok(())
    } else if cursor.eat(&["modify"]) {
        cursor.eat(&["column"]);
        let if_exists = cursor.eat(&["if", "exists"]);
        let column = take_column_name(cursor);
        let defined = take_definition(cursor, column.clone(), version);
        change(column, if_exists, defined, actions)
    } else if cursor.eat(&["change"]) {
        cursor.eat(&["column"]);
        let if_exists = cursor.eat(&["if", "exists"]);
        let column = take_column_name(cursor);
        let defined = take_column(cursor, version);
        change(column, if_exists, defined, actions)
    } else if cursor.eat(&["alter"]) {
        set_default(cursor, actions)
    } else if cursor.eat(&["rename"]) {
        rename(cursor, actions)
    } else if cursor.eat(&["convert", "to"]) {
        convert(cursor, version, actions)
    } else if cursor.eat(&["force"])
        || cursor.eat(&["disable", "keys"])
        || cursor.eat(&["enable", "keys"])
        || cursor.eat(&["with", "validation"])
        || cursor.eat(&["without", "validation"])
    {
        Ok(())
    } else if cursor.eat(&["order", "by"]) {
        // Rows in an order; the rest of the list is theirs.
        let rest = cursor.rest();
        *cursor = cursor.part(rest.end..rest.end);
        Ok(())
    } else if cursor.is_next_of(&["discard", "import"]) {
        Err(Stop::Unclear("tablespaces are not followed"))
    } else {
        let options = take_options(cursor, version);
        if options.iter().any(|option| option.to_string().starts_with("with system")) {
            return Err(Stop::Unclear(VERSIONING));
        }
        actions.push(TableChange::SetOptions(options));
        Ok(())
    }
}

fn add(
    cursor: &mut Cursor<'_>,
    version: Option<ServerVersion>,
    actions: &mut Vec<TableChange>,
) -> Result<(), Stop> {
    if is_key(cursor) {
        let span = cursor.name(cursor.at()).span;
        let key = take_key(cursor);
        let (constraint, if_not_exists) = (key.constraint, key.if_not_exists);
        actions.push(TableChange::AddConstraint { span, constraint, if_not_exists });
        return key.unclear.map_or(Ok(()), |why| Err(Stop::Unclear(why)));
    }
    cursor.eat(&["column"]);
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    if cursor.is_next("(") {
        let span = cursor.name(cursor.at()).span;
        let Table { columns, constraints, is_opaque, .. } = take_body(cursor, version);
        actions.extend(columns.into_iter().map(|definition| TableChange::AddColumn {
            column: Ident { schema: None, name: definition.name.clone(), span },
            definition,
            constraints: Vec::new(),
            if_not_exists,
            place: None,
        }));
        actions.extend(constraints.into_iter().map(|constraint| TableChange::AddConstraint {
            span,
            constraint,
            if_not_exists: false,
        }));
        return if is_opaque { Err(Stop::Unclear("not all of it is followed")) } else { Ok(()) };
    }
    let Defined { ident, column, constraints, place, unclear } = take_column(cursor, version);
    actions.push(TableChange::AddColumn {
        column: ident,
        definition: column,
        constraints,
        if_not_exists,
        place,
    });
    unclear.map_or(Ok(()), |why| Err(Stop::Unclear(why)))
}

fn change(
    column: Ident,
    if_exists: bool,
    defined: Defined,
    actions: &mut Vec<TableChange>,
) -> Result<(), Stop> {
    let Defined { column: definition, constraints, place, unclear, .. } = defined;
    actions.push(TableChange::ChangeColumn { column, if_exists, definition, constraints, place });
    unclear.map_or(Ok(()), |why| Err(Stop::Unclear(why)))
}

fn drop(cursor: &mut Cursor<'_>) -> TableChange {
    let start = cursor.at();
    let wanted = if cursor.eat(&["primary", "key"]) {
        let name = cursor.name(start);
        return TableChange::DropConstraint { name, wanted: Wanted::PrimaryKey, if_exists: false };
    } else if cursor.eat(&["foreign", "key"]) {
        Some(Wanted::ForeignKey)
    } else if cursor.eat(&["index"]) || cursor.eat(&["key"]) {
        Some(Wanted::Index)
    } else if cursor.eat(&["constraint"]) {
        Some(Wanted::Any)
    } else if cursor.eat(&["check"]) {
        Some(Wanted::Check)
    } else {
        cursor.eat(&["column"]);
        None
    };
    let if_exists = cursor.eat(&["if", "exists"]);
    let name = take_column_name(cursor);
    match wanted {
        Some(wanted) => TableChange::DropConstraint { name, wanted, if_exists },
        None => TableChange::DropColumn { column: name, if_exists },
    }
}

fn set_default(cursor: &mut Cursor<'_>, actions: &mut Vec<TableChange>) -> Result<(), Stop> {
    if cursor.is_next_of(&["index", "key", "check", "constraint"]) {
        return Err(Stop::Unclear("what this alters is not followed"));
    }
    cursor.eat(&["column"]);
    let if_exists = cursor.eat(&["if", "exists"]);
    let column = take_column_name(cursor);
    let default = if cursor.eat(&["set", "default"]) {
        // The form depends on the column's type, which is not known here.
        super::attribute::take_default(cursor, Sort::Text)
    } else if cursor.eat(&["drop", "default"]) {
        None
    } else {
        return Err(Stop::Unclear("what this alters is not followed"));
    };
    actions.push(TableChange::SetDefault { column, if_exists, default });
    Ok(())
}

fn rename(cursor: &mut Cursor<'_>, actions: &mut Vec<TableChange>) -> Result<(), Stop> {
    let is_column = cursor.eat(&["column"]);
    if is_column || cursor.is_next_of(&["index", "key"]) && !cursor.is(cursor.at() + 1, ".") {
        if !is_column {
            cursor.skip();
        }
        let if_exists = cursor.eat(&["if", "exists"]);
        let name = cursor.take_name();
        cursor.eat(&["to"]);
        let to = cursor.take_name();
        actions.push(if is_column {
            TableChange::RenameColumn { column: name, to, if_exists }
        } else {
            TableChange::RenameIndex { index: name, to, if_exists }
        });
        return Ok(());
    }
    let _ = cursor.eat(&["to"]) || cursor.eat(&["as"]) || cursor.eat(&["="]);
    let to = own(cursor).map_err(Stop::Effect)?;
    actions.push(TableChange::Rename { to });
    Ok(())
}

fn convert(
    cursor: &mut Cursor<'_>,
    version: Option<ServerVersion>,
    actions: &mut Vec<TableChange>,
) -> Result<(), Stop> {
    let _ = cursor.eat(&["charset"]);
    let _ = cursor.eat(&["character", "set"]) || cursor.eat(&["char", "set"]);
    let mut name = take_value(cursor).map(|name| charset(&name, version));
    if cursor.eat(&["collate"]) {
        name = take_value(cursor).map(|name| collation(&name));
    }
    match name {
        Some(name) if name.as_str() != "default" => {
            actions.push(TableChange::Convert(name));
            Ok(())
        }
        _ => Err(Stop::Unclear("the character set of the database is not known")),
    }
}

pub(super) fn drop_index(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["index"]);
    let if_exists = cursor.eat(&["if", "exists"]);
    let name = cursor.take_name();
    cursor.eat(&["on"]);
    match own(&mut cursor) {
        Ok(table) => {
            let action = TableChange::DropConstraint { name, wanted: Wanted::Index, if_exists };
            schema(Change::AlterTable { table, if_exists: false, actions: vec![action] })
        }
        Err(effect) => effect,
    }
}
