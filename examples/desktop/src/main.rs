//! A desktop application that keeps its chats in SQLite, and brings the file up to date by itself
//! when it starts. Its window is a few lines of text.

mod schema;
mod startup;

use std::env;
use std::process::ExitCode;

use diesel::prelude::*;

use schema::chats;

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let file = words.next().unwrap_or_else(|| "desktop.db".to_owned());
    let mut conn = match startup::open(&file, startup::STRICT) {
        Ok(conn) => conn,
        Err(refusal) => {
            eprintln!("error: {refusal}");
            return ExitCode::FAILURE;
        }
    };
    match window(&mut conn, words.next()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Begins a chat, if a title is given, and shows all: the pinned ones first.
fn window(conn: &mut SqliteConnection, title: Option<String>) -> QueryResult<()> {
    if let Some(title) = title {
        diesel::insert_into(chats::table).values(chats::title.eq(title)).execute(conn)?;
    }
    let all: Vec<(Option<String>, bool)> = chats::table
        .order((chats::pinned.desc(), chats::id))
        .select((chats::title, chats::pinned))
        .load(conn)?;
    println!("chats: {}", all.len());
    for (title, pinned) in all {
        println!("{} {}", if pinned { "*" } else { "-" }, title.unwrap_or_default());
    }
    Ok(())
}
