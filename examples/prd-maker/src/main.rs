//! Interviews that are to become product requirements, kept in PostgreSQL. Two of the migrations make
//! an enum; their way back drops it.

mod enums;
mod schema;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use diesel::prelude::*;
use migrate_runtime::{Migrations, Runner, embed_migrations};
use uuid::Uuid;

use enums::{Role, Status};
use schema::{conversation_messages, user_sessions};

static MIGRATIONS: Migrations = embed_migrations!();

const USAGE: &str = "usage: example-prd-maker start USER
       example-prd-maker say SESSION user|assistant|system TEXT
       example-prd-maker mark SESSION active|completed|archived
       example-prd-maker show SESSION
DATABASE_URL is the database, as in postgres://user:password@host/database.";

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
        ["start", user] => println!("{}", start(&mut open()?, user)?),
        ["say", session, role, text] => {
            say(&mut open()?, session.parse()?, Role::named(role).ok_or(USAGE)?, text)?;
        }
        ["mark", session, status] => {
            mark(&mut open()?, session.parse()?, Status::named(status).ok_or(USAGE)?)?;
        }
        ["show", session] => show(&mut open()?, session.parse()?)?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// The database, with every migration applied. When nothing is pending, that costs one read.
fn open() -> Result<PgConnection, Box<dyn Error>> {
    let mut conn = PgConnection::establish(&env::var("DATABASE_URL").map_err(|_| USAGE)?)?;
    for done in Runner::new(&MIGRATIONS).run(&mut conn)?.applied {
        eprintln!("applied {}", done.migration);
    }
    Ok(conn)
}

fn start(conn: &mut PgConnection, user: &str) -> QueryResult<Uuid> {
    diesel::insert_into(user_sessions::table)
        .values(user_sessions::user_name.eq(user))
        .returning(user_sessions::session_id)
        .get_result(conn)
}

fn say(conn: &mut PgConnection, session: Uuid, role: Role, text: &str) -> QueryResult<()> {
    use conversation_messages::{content, metadata, role as speaker, session_id};
    let about = serde_json::json!({ "words": text.split_whitespace().count() });
    diesel::insert_into(conversation_messages::table)
        .values((session_id.eq(session), speaker.eq(role), content.eq(text), metadata.eq(about)))
        .execute(conn)?;
    Ok(())
}

fn mark(conn: &mut PgConnection, session: Uuid, status: Status) -> Result<(), Box<dyn Error>> {
    let session = user_sessions::table.find(session);
    match diesel::update(session).set(user_sessions::status.eq(status)).execute(conn)? {
        0 => Err("there is no such session".into()),
        _ => Ok(()),
    }
}

fn show(conn: &mut PgConnection, session: Uuid) -> Result<(), Box<dyn Error>> {
    let found = user_sessions::table.find(session);
    let found = found.select((user_sessions::user_name, user_sessions::status)).first(conn);
    let (user, status): (Option<String>, Status) =
        found.optional()?.ok_or("there is no such session")?;
    println!("{} ({})", user.unwrap_or_default(), status.name());
    let messages: Vec<(Role, String)> = conversation_messages::table
        .filter(conversation_messages::session_id.eq(session))
        .order((conversation_messages::created_at, conversation_messages::id))
        .select((conversation_messages::role, conversation_messages::content))
        .load(conn)?;
    for (role, text) in messages {
        println!("{}: {text}", role.name());
    }
    Ok(())
}
