//! Chat rooms, kept in SQLite, PostgreSQL or MariaDB: what DATABASE_URL says when it starts. Each has
//! migrations in its own SQL, in `migrations/`; what the program asks of them is written once.

mod connection;
mod schema;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use diesel::prelude::*;

use connection::{AnyConnection, open};
use schema::{messages, rooms, users};

const USAGE: &str = "usage: example-rooms join USER
       example-rooms open ROOM USER
       example-rooms say ROOM USER TEXT
       example-rooms read ROOM
DATABASE_URL is an address like postgres://user:password@host/database or mysql://…, or a file for
SQLite; without it that is rooms.db.";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Box<dyn Error>> {
    match words {
        ["join", user] => join(&mut open()?, user)?,
        ["open", room, user] => open_room(&mut open()?, room, user)?,
        ["say", room, user, text] => say(&mut open()?, room, user, text)?,
        ["read", room] => {
            for (user, text) in read(&mut open()?, room)? {
                println!("{}: {text}", user.as_deref().unwrap_or("(gone)"));
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn join(conn: &mut AnyConnection, user: &str) -> QueryResult<()> {
    diesel::insert_into(users::table).values(users::username.eq(user)).execute(conn)?;
    Ok(())
}

fn open_room(conn: &mut AnyConnection, room: &str, user: &str) -> Result<(), Box<dyn Error>> {
    let owner = id_of(conn, user)?;
    diesel::insert_into(rooms::table)
        .values((rooms::id.eq(room), rooms::name.eq(room), rooms::owner_id.eq(owner)))
        .execute(conn)?;
    Ok(())
}

fn say(conn: &mut AnyConnection, room: &str, user: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let sender = id_of(conn, user)?;
    diesel::insert_into(messages::table)
        .values((
            messages::room_id.eq(room),
            messages::sender_id.eq(sender),
            messages::body.eq(text),
        ))
        .execute(conn)?;
    Ok(())
}

fn read(conn: &mut AnyConnection, room: &str) -> QueryResult<Vec<(Option<String>, String)>> {
    messages::table
        .left_join(users::table)
        .filter(messages::room_id.eq(room))
        .order(messages::id)
        .select((users::username.nullable(), messages::body))
        .load(conn)
}

fn id_of(conn: &mut AnyConnection, user: &str) -> Result<i32, Box<dyn Error>> {
    let id = users::table.filter(users::username.eq(user)).select(users::id).first(conn);
    id.optional()?.ok_or_else(|| format!("nobody has joined as {user}").into())
}
