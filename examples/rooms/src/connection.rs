//! A database of any of the three kinds, brought up to date when it is opened.

#![allow(missing_docs, reason = "what the derive of `MultiConnection` makes has none")]

use std::env;
use std::error::Error;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use migrate_runtime::{Backend, Migrations, Runner, embed_migrations};

static SQLITE: Migrations = embed_migrations!("migrations/sqlite");
static POSTGRES: Migrations = embed_migrations!("migrations/postgres");
static MYSQL: Migrations = embed_migrations!("migrations/mysql");

/// Diesel writes the queries of this program in the SQL of the database that it is connected to.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    Mysql(MysqlConnection),
}

/// The database, with every migration applied. When nothing is pending, that costs one read.
pub(crate) fn open() -> Result<AnyConnection, Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "rooms.db".to_owned());
    // By the scheme alone: what cannot be connected to must not become a file of SQLite's.
    Ok(match url.split_once("://").map(|(scheme, _)| scheme) {
        Some("postgres" | "postgresql") => {
            AnyConnection::Postgres(migrated(PgConnection::establish(&url)?, &POSTGRES)?)
        }
        Some("mysql" | "mariadb") => {
            AnyConnection::Mysql(migrated(MysqlConnection::establish(&url)?, &MYSQL)?)
        }
        Some(_) => return Err(crate::USAGE.into()),
        None => {
            let mut conn = SqliteConnection::establish(&url)?;
            conn.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000")?;
            AnyConnection::Sqlite(migrated(conn, &SQLITE)?)
        }
    })
}

fn migrated<C: Backend>(mut conn: C, migrations: &Migrations) -> Result<C, Box<dyn Error>> {
    for done in Runner::new(migrations).run(&mut conn)?.applied {
        eprintln!("applied {}", done.migration);
    }
    Ok(conn)
}
