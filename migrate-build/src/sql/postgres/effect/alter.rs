//! `ALTER`.

use super::table::{
    begins_constraint, collation, column, default, identity, rest, table_constraint, take_default,
};
use super::text::{plain, text};
use super::ty::ty;
use super::{class, named, schema, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Ident, Text};
use crate::sql::{Action, Class, Ddl, Effect};

pub(super) fn alter(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["alter"]);
    let Some(class) = class(&mut cursor) else {
        return Effect::Opaque("what it alters is not followed");
    };
    if cursor.is_next("all") && cursor.is(cursor.at() + 1, "in") {
        return Effect::Opaque("where tables are stored is not followed");
    }
    let if_exists = cursor.eat(&["if", "exists"]);
    cursor.eat(&["only"]);
    let name = named(&mut cursor, class);
    cursor.eat(&["*"]);
    let mut actions = Vec::new();
    if class == Class::Type && cursor.is_next("add") {
        match value(&mut cursor) {
            Some(action) => actions.push(action),
            None => return Effect::Opaque("attributes of types are not followed"),
        }
    } else {
        for range in cursor.list(cursor.rest()) {
            match action(&mut cursor.part(range), class) {
                Ok(action) => actions.extend(action),
                Err(reason) => return Effect::Opaque(reason),
            }
        }
    }
    schema(Ddl::Alter { class, name, if_exists, actions })
}

/// `ADD VALUE`.
fn value(cursor: &mut Cursor<'_>) -> Option<Action> {
    if !cursor.eat(&["add", "value"]) {
        return None;
    }
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let place = cursor.name(cursor.at());
    let value = cursor.written(cursor.at()).to_owned();
    cursor.skip();
    let mut beside = None;
    if cursor.is_next_of(&["before", "after"]) {
        let before = cursor.is_next("before");
        cursor.skip();
        beside = Some((before, cursor.written(cursor.at()).to_owned()));
    }
    Some(Action::AddValue { place, value, if_not_exists, beside })
}

/// An action; none when nothing that a schema holds comes of it.
fn action(cursor: &mut Cursor<'_>, class: Class) -> Result<Option<Action>, &'static str> {
    if cursor.eat(&["rename"]) {
        return rename(cursor, class).map(Some);
    }
    if cursor.eat(&["set", "schema"]) {
        return Ok(Some(Action::SetSchema(cursor.take_name())));
    }
    if cursor.is_next("owner") {
        return Err("owners are not followed");
    }
    match class {
        Class::Table => table(cursor).map(Some),
        Class::Sequence => sequence(cursor),
        Class::Extension if cursor.is_next("update") => {
            Err("versions of extensions are not followed")
        }
        _ => Err("what it alters is not followed"),
    }
}

fn rename(cursor: &mut Cursor<'_>, class: Class) -> Result<Action, &'static str> {
    if cursor.eat(&["to"]) {
        return Ok(Action::Rename(cursor.take_name()));
    }
    if cursor.eat(&["constraint"]) {
        if class == Class::Domain {
            return Err("constraints of domains are not followed");
        }
        let from = cursor.take_name();
        cursor.eat(&["to"]);
        return Ok(Action::RenameConstraint(from, cursor.take_name()));
    }
    if cursor.eat(&["value"]) {
        let place = cursor.name(cursor.at());
        let from = cursor.written(cursor.at()).to_owned();
        cursor.skip();
        cursor.eat(&["to"]);
        let to = cursor.written(cursor.at()).to_owned();
        return Ok(Action::RenameValue(place, from, to));
    }
    if cursor.is_next("attribute") {
        return Err("attributes of types are not followed");
    }
    if !cursor.is(cursor.at() + 1, "to") {
        cursor.eat(&["column"]);
    }
    let from = cursor.take_name();
    cursor.eat(&["to"]);
    Ok(Action::RenameColumn(from, cursor.take_name()))
}

fn sequence(cursor: &mut Cursor<'_>) -> Result<Option<Action>, &'static str> {
    if cursor.eat(&["owned", "by"]) {
        if cursor.eat(&["none"]) {
            return Ok(Some(Action::OwnedBy(None)));
        }
        let mut path = vec![cursor.take_name()];
        while cursor.eat(&["."]) {
            path.push(cursor.take_name());
        }
        let (Some(column), Some(table)) = (path.pop(), path.pop()) else {
            return Err("a column without a table");
        };
        let table = Ident { schema: path.pop().map(|schema| schema.name), ..table };
        return Ok(Some(Action::OwnedBy(Some((table, column)))));
    }
    if cursor.is_next("restart") {
        return Ok(None);
    }
    Err("how a sequence counts is not followed")
}

fn table(cursor: &mut Cursor<'_>) -> Result<Action, &'static str> {
    if cursor.eat(&["add"]) {
        return add(cursor);
    }
    if cursor.eat(&["drop"]) {
        return Ok(drop(cursor));
    }
    if cursor.eat(&["alter", "constraint"]) {
        let constraint = cursor.take_name();
        return Ok(Action::AlterConstraint(constraint, rest(cursor)));
    }
    if cursor.eat(&["alter"]) {
        cursor.eat(&["column"]);
        let column = cursor.take_name();
        return alter_column(cursor, column);
    }
    if cursor.eat(&["validate", "constraint"]) {
        return Ok(Action::ValidateConstraint(cursor.take_name()));
    }
    if cursor.eat(&["inherit"]) {
        return Ok(Action::Inherit(take(cursor)));
    }
    if cursor.eat(&["attach", "partition"]) {
        let partition = take(cursor);
        let bound = text(cursor, cursor.rest());
        let words =
            plain("partition").words().iter().chain(bound.words()).cloned().collect::<Vec<_>>();
        return Ok(Action::AttachPartition(partition, Text::new(words)));
    }
    if cursor.eat(&["no", "inherit"]) {
        return Ok(Action::NoInherit(take(cursor)));
    }
    property(cursor).ok_or("properties of this kind are not followed")
}

/// A property of the table as a whole.
fn property(cursor: &mut Cursor<'_>) -> Option<Action> {
    let set = |words: &'static str| Action::Set(words, Some(plain(words)));
    const SECURITY: &str = "row level security";
    const FORCE: &str = "force row level security";
    const UNLOGGED: &str = "unlogged";
    Some(if cursor.eat(&["enable", "row", "level", "security"]) {
        set(SECURITY)
    } else if cursor.eat(&["disable", "row", "level", "security"]) {
        Action::Set(SECURITY, None)
    } else if cursor.eat(&["force", "row", "level", "security"]) {
        set(FORCE)
    } else if cursor.eat(&["no", "force", "row", "level", "security"]) {
        Action::Set(FORCE, None)
    } else if cursor.eat(&["set", "unlogged"]) {
        set(UNLOGGED)
    } else if cursor.eat(&["set", "logged"]) {
        Action::Set(UNLOGGED, None)
    } else if cursor.eat(&["replica", "identity", "default"]) {
        Action::Set("replica identity", None)
    } else if cursor.is_next("replica") {
        Action::Set("replica identity", Some(text(cursor, cursor.rest())))
    } else {
        return None;
    })
}

fn add(cursor: &mut Cursor<'_>) -> Result<Action, &'static str> {
    if begins_constraint(cursor) {
        let place = cursor.name(cursor.at());
        let (constraint, index) =
            table_constraint(cursor).ok_or("a constraint of this kind is not followed")?;
        return Ok(Action::AddConstraint { place, constraint, index });
    }
    cursor.eat(&["column"]);
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let (column, definition, constraints) = column(cursor);
    Ok(Action::AddColumn { column, definition, constraints, if_not_exists })
}

fn drop(cursor: &mut Cursor<'_>) -> Action {
    let is_constraint = cursor.eat(&["constraint"]);
    if !is_constraint {
        cursor.eat(&["column"]);
    }
    let if_exists = cursor.eat(&["if", "exists"]);
    let name = cursor.take_name();
    let cascade = cursor.eat(&["cascade"]);
    if is_constraint {
        Action::DropConstraint { name, if_exists, cascade }
    } else {
        Action::DropColumn { column: name, if_exists, cascade }
    }
}

fn alter_column(cursor: &mut Cursor<'_>, column: Ident) -> Result<Action, &'static str> {
    if cursor.eat(&["set", "data", "type"]) || cursor.eat(&["type"]) {
        let declared = cursor.take_until(&["collate", "using"]);
        let ty = ty(cursor, declared);
        let collation = if cursor.eat(&["collate"]) { collation(cursor) } else { None };
        let is_told = cursor.eat(&["using"]);
        return Ok(Action::ColumnType { column, ty, collation, is_told });
    }
    if cursor.eat(&["set", "default"]) {
        let value = take_default(cursor);
        return Ok(Action::Default(column, Some(default(cursor, value))));
    }
    if cursor.eat(&["drop", "default"]) {
        return Ok(Action::Default(column, None));
    }
    if cursor.eat(&["set", "not", "null"]) {
        return Ok(Action::NotNull(column, true));
    }
    if cursor.eat(&["drop", "not", "null"]) {
        return Ok(Action::NotNull(column, false));
    }
    if cursor.eat(&["drop", "expression"]) {
        let if_exists = cursor.eat(&["if", "exists"]);
        return Ok(Action::DropExpression { column, if_exists });
    }
    if cursor.eat(&["drop", "identity"]) {
        let if_exists = cursor.eat(&["if", "exists"]);
        return Ok(Action::Identity { column, given: None, is_one: true, if_exists });
    }
    if cursor.eat(&["add", "generated"]) {
        let given = identity(cursor);
        return Ok(Action::Identity { column, given, is_one: false, if_exists: false });
    }
    if cursor.eat(&["set", "generated"]) {
        let how = if cursor.is_next("always") { "identity always" } else { "identity default" };
        cursor.take_until(&["set", "restart"]);
        if !cursor.is_at_end() {
            return Err("how a sequence counts is not followed");
        }
        let given = Some(plain(how));
        return Ok(Action::Identity { column, given, is_one: true, if_exists: false });
    }
    for option in ["storage", "compression", "statistics"] {
        if cursor.eat(&["set", option]) {
            let words = [plain(option), text(cursor, cursor.rest())];
            let words = words.iter().flat_map(|text| text.words().iter().cloned());
            return Ok(Action::ColumnOption(column, option, Some(Text::new(words))));
        }
    }
    Err("properties of columns of this kind are not followed")
}
