//! What a statement does to the schema, read once more from its tokens.

mod alter;
mod attribute;
mod charset;
mod column;
mod create;
mod key;
mod reads;
mod rows;
mod table;
mod types;

use super::lex::{Token, unquote};
use crate::server::ServerVersion;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::{quoted, unquoted};
use crate::sql::schema::{Ident, Text, Word};
use crate::sql::token::Kind;
use crate::sql::{Change, Class, Ddl, Effect, Name, StatementKind};

const ELSEWHERE: &str = "it names a database, which may be another one";

/// The effect of a statement that the grammar has accepted: its text, where that begins in the
/// script, and its tokens without comments.
pub(super) fn effect(
    text: &str,
    base: u32,
    tokens: &[Token],
    kind: &StatementKind,
    version: Option<ServerVersion>,
) -> Effect {
    let shared = tokens.iter().map(|token| token.shared());
    let named = |written: &str| {
        let unquoted = unquote(written);
        Name::spelled(unquoted.to_lowercase(), &unquoted)
    };
    let mut cursor = Cursor::new(text, base, shared, named);
    if cursor.eat(&["set", "statement"]) {
        cursor.take_until(&["for"]);
        cursor.skip();
    }
    match kind {
        StatementKind::CreateTable { .. } => create::create_table(cursor, version),
        StatementKind::Create { .. } => create::create(cursor),
        StatementKind::RenameTable { .. } if cursor.is_next("rename") => rename_tables(cursor),
        StatementKind::AlterTable if cursor.is_next("rename") => rename_tables(cursor),
        StatementKind::RenameTable { .. }
        | StatementKind::AddColumn { .. }
        | StatementKind::AlterTable => alter::alter(cursor, version),
        StatementKind::DropTable { .. } | StatementKind::Drop => drop(cursor),
        StatementKind::Insert { .. }
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Truncate
        | StatementKind::Select => rows::rows(cursor),
        StatementKind::Code => Effect::Opaque("what it runs is not read"),
        StatementKind::Alter => Effect::Opaque("what it alters is no table"),
        StatementKind::Session if cursor.eat(&["use"]) => {
            Effect::Opaque("another database is chosen")
        }
        _ => Effect::None,
    }
}

/// `DROP`.
fn drop(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["drop"]);
    let is_temporary = cursor.eat(&["temporary"]);
    let class = match cursor.written(cursor.at()).to_ascii_lowercase().as_str() {
        "table" | "tables" => Class::Table,
        "view" => Class::View,
        "trigger" => Class::Trigger,
        "procedure" => Class::Procedure,
        "function" => Class::Function,
        "event" => Class::Event,
        "sequence" => Class::Sequence,
        "index" => return alter::drop_index(cursor),
        "server" => return Effect::None,
        _ => return Effect::Opaque("databases that are dropped are not followed"),
    };
    cursor.skip();
    let if_exists = cursor.eat(&["if", "exists"]);
    let mut names = Vec::new();
    loop {
        match own(&mut cursor) {
            Ok(name) => names.push(cased(class, name)),
            Err(effect) => return effect,
        }
        if !cursor.eat(&[","]) {
            break;
        }
    }
    match (is_temporary, class) {
        (false, _) => schema(Change::Drop { class, names, if_exists }),
        (true, Class::Table) => {
            let names = names.into_iter().map(|name| name.name).collect();
            Effect::DropTemporary { names, if_exists }
        }
        (true, _) => Effect::Opaque("temporary sequences are not followed"),
    }
}

/// `RENAME TABLE`.
fn rename_tables(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["rename"]);
    cursor.skip();
    let if_exists = cursor.eat(&["if", "exists"]);
    let mut renames = Vec::new();
    loop {
        let from = match own(&mut cursor) {
            Ok(name) => name,
            Err(effect) => return effect,
        };
        wait(&mut cursor);
        cursor.eat(&["to"]);
        match own(&mut cursor) {
            Ok(to) => renames.push((from, to)),
            Err(effect) => return effect,
        }
        if !cursor.eat(&[","]) {
            return schema(Change::RenameTables { if_exists, renames });
        }
    }
}

/// How long to wait for a lock.
fn wait(cursor: &mut Cursor<'_>) {
    if cursor.eat(&["wait"]) {
        cursor.skip();
    }
    cursor.eat(&["nowait"]);
}

fn schema(change: Change) -> Effect {
    Effect::Schema(Box::new(Ddl::Mysql(change)))
}

/// Passes the name of a table, a view or a trigger, whose case counts; what a statement comes to that
/// names its database, otherwise.
fn own(cursor: &mut Cursor<'_>) -> Result<Ident, Effect> {
    let name = take_path(cursor);
    if name.schema.is_some() { Err(Effect::Opaque(ELSEWHERE)) } else { Ok(name) }
}

/// Passes a name whose case counts, with its database.
fn take_path(cursor: &mut Cursor<'_>) -> Ident {
    let mut name = exact(cursor, cursor.at());
    cursor.skip();
    if cursor.eat(&["."]) {
        let schema = Some(name.name);
        name = Ident { schema, ..exact(cursor, cursor.at()) };
        cursor.skip();
    }
    name
}

/// The name at a place, whose case counts: that of a table is that of a file.
fn exact(cursor: &Cursor<'_>, at: usize) -> Ident {
    Ident { name: Name::folded(unquote(cursor.written(at))), ..cursor.name(at) }
}

/// A name as objects of its class compare theirs.
fn cased(class: Class, name: Ident) -> Ident {
    match class {
        Class::Procedure | Class::Function | Class::Event => {
            Ident { name: Name::folded(name.name.as_str().to_lowercase()), ..name }
        }
        _ => name,
    }
}

/// What stands in a range; a string is written with single quotes, whatever its own are.
fn text(cursor: &Cursor<'_>, range: std::ops::Range<usize>) -> Text {
    Text::new(range.map(|at| match cursor.kind(at) {
        Some(Kind::Word | Kind::Quoted) => Word::Name(cursor.name(at).name),
        Some(Kind::String) => Word::Other(quoted(&unquoted(cursor.written(at)))),
        _ => Word::Other(cursor.written(at).to_ascii_lowercase()),
    }))
}

fn is_name(cursor: &Cursor<'_>, at: usize) -> bool {
    matches!(cursor.kind(at), Some(Kind::Word | Kind::Quoted))
}
