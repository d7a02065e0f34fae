//! A service beside a Supabase database. In production its container's entrypoint applies the
//! migrations (`entrypoint.sh`); the program itself only looks whether the database is what it was
//! compiled for, which needs no right to change anything.

mod address;
mod schema;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use diesel::prelude::*;
use migrate_runtime::{Migrations, Standing, embed_migrations};

use schema::{audit_logs, posts, users};

static MIGRATIONS: Migrations = embed_migrations!();

const USAGE: &str = "usage: example-supabase add EMAIL [PHONE]
       example-supabase post EMAIL TITLE
       example-supabase list
The database is DATABASE_URL, or DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD; also in .env.";

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
        ["add", email] => add(&mut open()?, email, None)?,
        ["add", email, phone] => add(&mut open()?, email, Some(phone))?,
        ["post", email, title] => post(&mut open()?, email, title)?,
        ["list"] => {
            for (email, title) in list(&mut open()?)? {
                println!("{}: {title}", email.unwrap_or_default());
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// The database, if it is what this program was compiled for: one read.
fn open() -> Result<PgConnection, Box<dyn Error>> {
    dotenvy::dotenv()
        .or_else(|error| if error.not_found() { Ok(".env".into()) } else { Err(error) })?;
    let mut conn = PgConnection::establish(&address::of_environment().ok_or(USAGE)?)?;
    match MIGRATIONS.standing(&mut conn)? {
        Standing::UpToDate => Ok(conn),
        Standing::Behind { pending } => {
            Err(format!("{} migrations are pending: `cargo migrate run`", pending.len()).into())
        }
        // A newer release has migrated, and this one has not been replaced yet: what it added does
        // not hurt us.
        Standing::Ahead { .. } => Ok(conn),
        other => Err(format!("the database is not what this program knows: {other:?}").into()),
    }
}

fn add(conn: &mut PgConnection, email: &str, phone: Option<&str>) -> QueryResult<()> {
    conn.transaction(|conn| {
        let user: i32 = diesel::insert_into(users::table)
            .values((users::email.eq(email), users::phone.eq(phone)))
            .returning(users::id)
            .get_result(conn)?;
        audit(conn, user, "add", serde_json::json!({ "phone": phone.is_some() }))
    })
}

fn post(conn: &mut PgConnection, email: &str, title: &str) -> Result<(), Box<dyn Error>> {
    conn.transaction(|conn| {
        let user: i32 = users::table
            .filter(users::email.eq(email))
            .select(users::id)
            .first(conn)
            .optional()?
            .ok_or_else(|| format!("there is no user {email}"))?;
        diesel::insert_into(posts::table)
            .values((posts::user_id.eq(user), posts::title.eq(title)))
            .execute(conn)?;
        audit(conn, user, "post", serde_json::json!({ "title": title }))?;
        Ok(())
    })
}

fn audit(
    conn: &mut PgConnection,
    user: i32,
    action: &str,
    payload: serde_json::Value,
) -> QueryResult<()> {
    diesel::insert_into(audit_logs::table)
        .values((
            audit_logs::actor_id.eq(user),
            audit_logs::action.eq(action),
            audit_logs::payload.eq(payload),
        ))
        .execute(conn)?;
    Ok(())
}

fn list(conn: &mut PgConnection) -> QueryResult<Vec<(Option<String>, String)>> {
    posts::table
        .inner_join(users::table)
        .order(posts::id)
        .select((users::email, posts::title))
        .load(conn)
}
