//! What a statement does to the schema, read from its tokens: the grammar's tree keeps no places.

mod alter;
mod create;
mod reads;
mod rows;
mod table;

use super::lex::{tokens, unquote};
use crate::source::Span;
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;
use crate::sql::{Class, Ddl, Effect, Name, StatementKind};

/// The effect of a statement that the grammar has accepted.
pub(super) fn effect(text: &str, span: Span, kind: &StatementKind) -> Effect {
    let cursor = Cursor::new(text, span.start, tokens(text), |name| Name::new(&unquote(name)));
    match kind {
        StatementKind::CreateTable { .. } | StatementKind::Create { .. } => create::create(cursor),
        StatementKind::DropTable { .. } | StatementKind::Drop => drop(cursor),
        StatementKind::RenameTable { .. }
        | StatementKind::AddColumn { .. }
        | StatementKind::AlterTable => alter::alter(cursor),
        StatementKind::Insert { .. }
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Select => Effect::Rows(Box::new(rows::rows(cursor))),
        StatementKind::Attach => Effect::Opaque("another database is attached"),
        _ => Effect::None,
    }
}

/// `DROP`.
fn drop(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["drop"]);
    let class = if cursor.eat(&["table"]) {
        Class::Table
    } else if cursor.eat(&["index"]) {
        Class::Index
    } else if cursor.eat(&["view"]) {
        Class::View
    } else {
        cursor.skip();
        Class::Trigger
    };
    let if_exists = cursor.eat(&["if", "exists"]);
    let name = match own(cursor.take_qualified()) {
        Ok(name) => name,
        Err(effect) => return *effect,
    };
    schema(Ddl::Drop { class, name, if_exists })
}

fn schema(ddl: Ddl) -> Effect {
    Effect::Schema(Box::new(ddl))
}

/// A name in the main database; otherwise, what a statement about it comes to.
fn own((database, name): (Option<Name>, Ident)) -> Result<Ident, Box<Effect>> {
    match database.as_ref().map(Name::as_str) {
        None | Some("main") => Ok(name),
        Some("temp") => Err(Box::new(Effect::Temporary(name.name))),
        Some(_) => Err(Box::new(Effect::Opaque("it is about an attached database"))),
    }
}
