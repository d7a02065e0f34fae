//! A chat on the command line. The migrations beside it are checked when it is compiled, and
//! applied when it starts.

mod schema;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_runtime::{Migrations, Runner, embed_migrations};

use schema::{chat, users};

static MIGRATIONS: Migrations = embed_migrations!();

const USAGE: &str = "usage: example-chat join EMAIL NAME
       example-chat say EMAIL TOPIC TEXT
       example-chat list
The database is the file that DATABASE_URL names, or chat.db.";

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
        ["join", email, name] => join(&mut open()?, email, name)?,
        ["say", email, topic, text] => say(&mut open()?, email, topic, text)?,
        ["list"] => {
            for message in list(&mut open()?)? {
                println!("[{}] {}: {}", message.topic, message.name, message.text);
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// The database, with every migration applied. When nothing is pending, that costs one read.
fn open() -> Result<SqliteConnection, Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "chat.db".to_owned());
    let mut conn = SqliteConnection::establish(&url)?;
    conn.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000")?;
    for done in Runner::new(&MIGRATIONS).run(&mut conn)?.applied {
        eprintln!("applied {}", done.migration);
    }
    Ok(conn)
}

fn join(conn: &mut SqliteConnection, email: &str, name: &str) -> QueryResult<()> {
    diesel::insert_into(users::table)
        .values((users::email.eq(email), users::name.eq(name)))
        .execute(conn)?;
    Ok(())
}

diesel::define_sql_function! {
    /// SQLite's own: <https://www.sqlite.org/json1.html#jins>
    fn json_insert(json: Text, path: Text, value: Text) -> Text;
}

/// Appends to what the user said on the topic so far.
fn say(
    conn: &mut SqliteConnection,
    email: &str,
    topic: &str,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    conn.immediate_transaction(|conn| {
        let user: i32 = users::table
            .filter(users::email.eq(email))
            .select(users::id)
            .first(conn)
            .optional()?
            .ok_or_else(|| format!("nobody has joined as {email}"))?;
        let spoken = chat::table.filter(chat::user_id.eq(user).and(chat::key.eq(topic)));
        let appended = diesel::update(spoken)
            .set(chat::messages.eq(json_insert(chat::messages, "$[#]", text)))
            .execute(conn)?;
        if appended == 0 {
            let messages = json_insert("[]", "$[#]", text);
            diesel::insert_into(chat::table)
                .values((chat::user_id.eq(user), chat::key.eq(topic), chat::messages.eq(messages)))
                .execute(conn)?;
        }
        Ok(())
    })
}

#[derive(QueryableByName)]
struct Message {
    #[diesel(sql_type = Text)]
    topic: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    text: String,
}

fn list(conn: &mut SqliteConnection) -> QueryResult<Vec<Message>> {
    diesel::sql_query(
        "SELECT coalesce(chat.key, '') AS topic, coalesce(users.name, '') AS name, said.value AS text
         FROM chat JOIN users ON users.id = chat.user_id, json_each(chat.messages) AS said
         ORDER BY chat.key, chat.id, said.id",
    )
    .load(conn)
}
