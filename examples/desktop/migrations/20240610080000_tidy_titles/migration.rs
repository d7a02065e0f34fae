//! Titles were stored as they were typed. White space of every kind becomes one blank between words: what
//! Unicode takes for it, Rust knows, and SQLite does not.
// migrate: assume(rows-only) reason="it rewrites Chats.title"

use diesel::prelude::*;

// As it is now: what the program makes of the table later is no business of this migration.
diesel::table! {
    #[sql_name = "Chats"]
    chats (id) {
        id -> Integer,
        title -> Nullable<Text>,
    }
}

pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
    let titles: Vec<(i32, String)> = chats::table
        .filter(chats::title.is_not_null())
        .select((chats::id, chats::title.assume_not_null()))
        .load(conn)?;
    for (id, title) in titles {
        let tidy = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if tidy != title {
            diesel::update(chats::table.find(id)).set(chats::title.eq(tidy)).execute(conn)?;
        }
    }
    Ok(())
}

/// Tidy titles are titles, too.
pub fn down(_: &mut SqliteConnection) -> QueryResult<()> {
    Ok(())
}
