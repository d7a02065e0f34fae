//! What a statement does to the schema, read from its tokens: the grammar has accepted it before. The
//! tree says only which tables it reads.

mod alter;
mod create;
mod domain;
mod others;
mod reads;
mod routine;
mod rows;
mod session;
mod table;
mod text;
mod ty;

use squawk_syntax::ast;

pub(super) use self::reads::Reads;
use super::lex::{fold, words};
use crate::source::Span;
use crate::sql::cursor::Cursor;
use crate::sql::schema::Ident;
use crate::sql::{Class, Ddl, Effect, Name, Named, StatementKind};

/// The effect of a statement whose text this is; `tree` may have been read from a text of which
/// `place` tells the places.
pub(super) fn effect(
    tree: &ast::Stmt,
    text: &str,
    span: Span,
    kind: &StatementKind,
    place: &dyn Fn(Span) -> Span,
) -> Effect {
    let mut cursor = Cursor::new(text, span.start, words(text), fold_name);
    let reads = Reads::of(tree, |node| {
        let at = place(node);
        let name =
            fold_name(text.get((at.start - span.start) as usize..(at.end - span.start) as usize)?);
        Some(Ident { schema: None, name, span: at })
    });
    match kind {
        StatementKind::CreateTable { temporary: true, table, .. } => {
            Effect::Temporary(table.clone())
        }
        _ if cursor.is_next("create") => create::create(cursor, &reads),
        _ if cursor.is_next("alter") => alter::alter(cursor),
        _ if cursor.is_next("drop") => drop(cursor),
        _ if cursor.eat(&["comment", "on"]) => others::comment(cursor),
        StatementKind::CreateTable { .. } => {
            Effect::Opaque("a table that a query makes is not followed")
        }
        StatementKind::Insert { .. }
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Truncate
        | StatementKind::Select => rows::rows(cursor, &reads),
        StatementKind::Session => session::session(cursor),
        StatementKind::Code => Effect::Opaque("it runs code that is not read"),
        StatementKind::Other => other(&mut cursor, &reads),
        StatementKind::Create { .. } => Effect::Opaque("what it makes is not followed"),
        _ => Effect::None,
    }
}

fn other(cursor: &mut Cursor<'_>, reads: &Reads) -> Effect {
    if cursor.is_next("copy") {
        return rows::copy(cursor, reads);
    }
    if cursor.is_next_of(&["lock", "notify", "refresh"]) {
        return Effect::None;
    }
    if cursor.is_next_of(&["grant", "revoke"]) {
        return Effect::Opaque("privileges are not followed");
    }
    Effect::Opaque("what it does is not followed")
}

/// A class where `DROP`, `ALTER` or `COMMENT ON` names it; passes its words.
fn class(cursor: &mut Cursor<'_>) -> Option<Class> {
    const CLASSES: [(&[&str], Class); 18] = [
        (&["table"], Class::Table),
        (&["index"], Class::Index),
        (&["materialized", "view"], Class::MaterializedView),
        (&["view"], Class::View),
        (&["sequence"], Class::Sequence),
        (&["type"], Class::Type),
        (&["domain"], Class::Domain),
        (&["function"], Class::Function),
        (&["procedure"], Class::Procedure),
        (&["aggregate"], Class::Aggregate),
        (&["trigger"], Class::Trigger),
        (&["schema"], Class::Schema),
        (&["extension"], Class::Extension),
        (&["policy"], Class::Policy),
        (&["rule"], Class::Rule),
        (&["statistics"], Class::Statistics),
        (&["publication"], Class::Publication),
        (&["column"], Class::Table),
    ];
    CLASSES.into_iter().find(|(words, _)| cursor.eat(words)).map(|(_, class)| class)
}

/// `DROP`.
fn drop(mut cursor: Cursor<'_>) -> Effect {
    cursor.eat(&["drop"]);
    if cursor.is_next("owned") {
        return Effect::Opaque("what a role owns is not followed");
    }
    let Some(class) = class(&mut cursor) else {
        return Effect::Opaque("what it drops is not followed");
    };
    cursor.eat(&["concurrently"]);
    let if_exists = cursor.eat(&["if", "exists"]);
    let mut names = Vec::new();
    loop {
        names.push(named(&mut cursor, class));
        if !cursor.eat(&[","]) {
            break;
        }
    }
    let cascade = cursor.eat(&["cascade"]);
    if names
        .iter()
        .all(|named| named.ident.schema.as_ref().is_some_and(|s| s.as_str() == "pg_temp"))
    {
        return Effect::None;
    }
    schema(Ddl::DropAll { class, names, if_exists, cascade })
}

/// Passes the name of an object, with what has to stand behind it.
fn named(cursor: &mut Cursor<'_>, class: Class) -> Named {
    let mut named = Named::alone(take(cursor));
    match class {
        Class::Trigger | Class::Policy | Class::Rule => {
            cursor.eat(&["on"]);
            named.table = Some(take(cursor));
        }
        Class::Function | Class::Procedure | Class::Aggregate if cursor.is_next("(") => {
            let group = cursor.take_group();
            named.arguments = Some(routine::signature(cursor, group));
        }
        _ => {}
    }
    named
}

/// Passes a name with its schema, if it has one.
fn take(cursor: &mut Cursor<'_>) -> Ident {
    let (mut schema, mut ident) = cursor.take_qualified();
    // The database's own name may stand before both.
    if cursor.eat(&["."]) {
        schema = Some(ident.name);
        ident = cursor.take_name();
    }
    Ident { schema, ..ident }
}

fn schema(ddl: Ddl) -> Effect {
    Effect::Schema(Box::new(ddl))
}

/// A name as PostgreSQL compares it.
fn fold_name(written: &str) -> Name {
    Name::folded(fold(written))
}
