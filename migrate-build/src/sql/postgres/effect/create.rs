//! `CREATE` of tables, indexes and views; the rest is in `others`.

use super::table::{body, nulls};
use super::text::{bare, parts, plain, storage, text};
use super::{Reads, others, schema, take};
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Ident, Index, Path, Table, Text, View};
use crate::sql::token::Kind;
use crate::sql::{Ddl, Effect, Name};

/// What stands between `CREATE` and what is made.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    pub(super) or_replace: bool,
    pub(super) temporary: bool,
    pub(super) unlogged: bool,
}

pub(super) fn create(mut cursor: Cursor<'_>, reads: &Reads) -> Effect {
    cursor.eat(&["create"]);
    let mut manner = Manner { or_replace: cursor.eat(&["or", "replace"]), ..Manner::default() };
    let _ = cursor.eat(&["global"]) || cursor.eat(&["local"]);
    manner.temporary = cursor.eat(&["temp"]) || cursor.eat(&["temporary"]);
    manner.unlogged = cursor.eat(&["unlogged"]);
    if cursor.eat(&["table"]) {
        create_table(cursor, manner, reads)
    } else if cursor.eat(&["index"]) {
        create_index(cursor, false)
    } else if cursor.eat(&["unique", "index"]) {
        create_index(cursor, true)
    } else if cursor.eat(&["view"]) {
        create_view(cursor, manner, false, reads)
    } else if cursor.eat(&["materialized", "view"]) {
        create_view(cursor, manner, true, reads)
    } else if cursor.is_next("recursive") {
        Effect::Opaque("recursive views are not followed")
    } else {
        others::create(cursor, manner, reads)
    }
}

/// A name that does not die with the connection; otherwise, what becomes of the statement.
pub(super) fn lasting(ident: Ident, manner: Manner) -> Result<Ident, Effect> {
    let is_temporary = manner.temporary
        || ident.schema.as_ref().is_some_and(|schema| schema.as_str() == "pg_temp");
    if is_temporary { Err(Effect::Temporary(ident.name)) } else { Ok(ident) }
}

fn create_table(mut cursor: Cursor<'_>, manner: Manner, reads: &Reads) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let table = match lasting(take(&mut cursor), manner) {
        Ok(table) => table,
        Err(effect) => return effect,
    };
    let mut made = Table::default();
    if manner.unlogged {
        made.options.push(plain("unlogged"));
    }
    if cursor.is_next("of") {
        return Effect::Opaque("tables of a composite type are not followed");
    }
    if cursor.eat(&["partition", "of"]) {
        made.parents.push(take(&mut cursor).path());
        if cursor.is_next("(") {
            return Effect::Opaque("partitions with columns of their own are not followed");
        }
        let start = cursor.at();
        cursor.take_until(&["partition", "using", "with", "tablespace"]);
        let bound = text(&cursor, start..cursor.at());
        made.options
            .push(Text::new(plain("partition").words().iter().chain(bound.words()).cloned()));
    } else if cursor.is_next("(") && !is_query(&cursor) && !body(&mut cursor, &mut made) {
        return Effect::Opaque("a table that takes its columns from another is not followed");
    }
    options(&mut cursor, &mut made);
    let mut read = Vec::new();
    if cursor.eat(&["as"]) {
        made.is_opaque = true;
        made.columns.clear();
        read.clone_from(&reads.tables);
    } else if !cursor.is_at_end() && !cursor.is_next("as") {
        return Effect::Opaque("a table with properties that are not followed");
    }
    made.options.sort_by_key(ToString::to_string);
    schema(Ddl::CreateTable { table, if_not_exists, definition: made, reads: read })
}

/// Whether the brackets hold the names of a query's columns.
fn is_query(cursor: &Cursor<'_>) -> bool {
    let mut behind = cursor.part(cursor.rest());
    behind.take_group();
    let mut made = Table::default();
    options(&mut behind, &mut made);
    behind.is_next("as")
}

fn options(cursor: &mut Cursor<'_>, made: &mut Table) {
    loop {
        let start = cursor.at();
        if cursor.eat(&["inherits"]) {
            let group = cursor.take_group();
            for range in cursor.list(group) {
                made.parents.push(take(&mut cursor.part(range)).path());
            }
        } else if cursor.eat(&["partition", "by"]) {
            cursor.skip();
            cursor.take_group();
            made.options.push(text(cursor, start..cursor.at()));
        } else if cursor.eat(&["with"]) {
            let group = cursor.take_group();
            for option in cursor.list(group) {
                made.options.push(storage(cursor, option));
            }
        } else if cursor.eat(&["using"]) {
            let method = cursor.take_name();
            if method.name.as_str() != "heap" {
                made.options.push(text(cursor, start..cursor.at()));
            }
        } else if cursor.eat(&["tablespace"]) {
            cursor.skip();
            made.options.push(text(cursor, start..cursor.at()));
        } else if !cursor.eat(&["without", "oids"]) {
            return;
        }
    }
}

fn create_index(mut cursor: Cursor<'_>, unique: bool) -> Effect {
    cursor.eat(&["concurrently"]);
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let named = (!cursor.is_next("on")).then(|| take(&mut cursor));
    cursor.eat(&["on"]);
    let only = cursor.eat(&["only"]);
    let table = take(&mut cursor);
    let nameless = Ident { name: Name::default(), ..table.clone() };
    let index = named.map_or(nameless, |named| Ident { schema: table.schema.clone(), ..named });
    let mut definition = Index { table: table.path(), unique, ..Index::default() };
    if only {
        definition.options.push(plain("only"));
    }
    if cursor.eat(&["using"]) {
        let start = cursor.at();
        let method = cursor.take_name();
        if method.name.as_str() != "btree" {
            definition.options.push(text(&cursor, start..cursor.at()));
        }
    }
    definition.parts = parts(&mut cursor);
    let columns = Vec::new();
    loop {
        let start = cursor.at();
        if cursor.is_next("nulls") {
            let words = nulls(&mut cursor);
            if !words.is_empty() {
                definition.options.push(Text::new(words));
            }
        } else if cursor.eat(&["include"]) {
            cursor.take_group();
            definition.options.push(text(&cursor, start..cursor.at()));
        } else if cursor.eat(&["with"]) {
            let group = cursor.take_group();
            for option in cursor.list(group) {
                definition.options.push(storage(&cursor, option));
            }
        } else if cursor.eat(&["tablespace"]) {
            cursor.skip();
            definition.options.push(text(&cursor, start..cursor.at()));
        } else {
            break;
        }
    }
    if cursor.eat(&["where"]) {
        definition.predicate = Some(text(&cursor, bare(&cursor, cursor.rest())));
    }
    definition.options.sort_by_key(ToString::to_string);
    schema(Ddl::CreateIndex { index, if_not_exists, table, columns, definition })
}

fn create_view(
    mut cursor: Cursor<'_>,
    manner: Manner,
    is_materialized: bool,
    reads: &Reads,
) -> Effect {
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let view = match lasting(take(&mut cursor), manner) {
        Ok(view) => view,
        Err(effect) => return effect,
    };
    let paths: Vec<Path> = reads.tables.iter().map(Ident::path).collect();
    let quoted = cursor.rest().filter(|at| cursor.kind(*at) == Some(Kind::Quoted));
    let quoted: Vec<Name> = quoted.map(|at| cursor.name(at).name).collect();
    let definition = View {
        text: text(&cursor, cursor.rest()).with_quoted(quoted),
        reads: paths,
        is_materialized,
        seen: Vec::new(),
    };
    let or_replace = manner.or_replace;
    let reads = reads.tables.clone();
    schema(Ddl::CreateView { view, if_not_exists, or_replace, definition, reads })
}
