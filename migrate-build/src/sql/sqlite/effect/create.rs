//! `CREATE`.

use super::reads::reads;
use super::table::{part, table};
use super::{own, schema};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Ident, Index, Part, Table, Trigger, View};
use crate::sql::{Ddl, Effect};

pub(super) fn create(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["create"]);
    let temporary = cursor.eat(&["temp"]) || cursor.eat(&["temporary"]);
    let make = if cursor.eat(&["table"]) {
        create_table
    } else if cursor.eat(&["virtual", "table"]) {
        create_virtual_table
    } else if cursor.eat(&["view"]) {
        create_view
    } else if cursor.eat(&["trigger"]) {
        create_trigger
    } else if cursor.eat(&["unique", "index"]) {
        create_unique_index
    } else {
        cursor.eat(&["index"]);
        create_plain_index
    };
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    match own(cursor.take_qualified()) {
        Ok(name) if temporary => Effect::Temporary(name.name),
        Ok(name) => make(cursor, name, if_not_exists),
        Err(effect) => *effect,
    }
}

fn create_table(mut cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    let mut made = Table::default();
    let mut read = Vec::new();
    if cursor.eat(&["as"]) {
        made.is_opaque = true;
        read = reads(&cursor, cursor.rest());
    } else {
        made = table(&mut cursor);
    }
    schema(Ddl::CreateTable { table: name, if_not_exists, definition: made, reads: read })
}

fn create_virtual_table(cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    let options = vec![cursor.text(cursor.rest())];
    let definition = Table { options, is_opaque: true, ..Table::default() };
    schema(Ddl::CreateTable { table: name, if_not_exists, definition, reads: Vec::new() })
}

fn create_view(cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    let read = reads(&cursor, cursor.rest());
    let names = read.iter().map(Ident::path).collect();
    let definition = View {
        text: cursor.text(cursor.rest()),
        reads: names,
        is_materialized: false,
        seen: Vec::new(),
    };
    schema(Ddl::CreateView {
        view: name,
        if_not_exists,
        or_replace: false,
        definition,
        reads: read,
    })
}

fn create_trigger(mut cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    let when = cursor.take_until(&["on"]);
    cursor.skip();
    let (_, table) = cursor.take_qualified();
    let behind = cursor.rest();
    let names = reads(&cursor, behind.clone()).iter().map(Ident::path).collect();
    let text = cursor.text(when).followed_by(cursor.text(behind));
    let definition = Trigger { table: table.path(), text, reads: names, place: 0 };
    schema(Ddl::CreateTrigger { trigger: name, if_not_exists, table, definition })
}

fn create_plain_index(cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    create_index(cursor, name, if_not_exists, false)
}

fn create_unique_index(cursor: Cursor<'_>, name: Ident, if_not_exists: bool) -> Effect {
    create_index(cursor, name, if_not_exists, true)
}

fn create_index(mut cursor: Cursor<'_>, name: Ident, if_not_exists: bool, unique: bool) -> Effect {
    cursor.eat(&["on"]);
    let table = cursor.take_name();
    let columns = cursor.take_group();
    let ranges = cursor.list(columns);
    let parts: Vec<Part> = ranges.iter().map(|range| part(&cursor, range.clone())).collect();
    // In double quotes, what is no column is a text.
    let is_sure = |at: usize| !cursor.written(at).starts_with('"');
    let columns = ranges.iter().zip(&parts).filter(|(_, part)| part.column.is_some());
    let columns = columns.map(|(range, _)| range.start).filter(|at| is_sure(*at));
    let columns = columns.map(|at| cursor.name(at)).collect();
    let predicate = cursor.eat(&["where"]).then(|| cursor.text(cursor.rest()));
    let definition = Index { table: table.path(), unique, parts, predicate, ..Index::default() };
    schema(Ddl::CreateIndex { index: name, if_not_exists, table, columns, definition })
}
