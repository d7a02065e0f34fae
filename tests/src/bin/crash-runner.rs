//! Runs one of a few sets on a database and, when told to, kills itself at its n-th event: a
//! migrating process for the tests of crashes and races.
//!
//! `crash-runner SET DATABASE run|revert|diesel [N]`
use std::error::Error;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use migrate_runtime::{Event, MigrationHarness as _, Migrations, Runner, Undo};

#[path = "../../../migrate-runtime/tests/builder/mod.rs"]
mod builder;

use builder::Set;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [set, database, action, rest @ ..] = &arguments[..] else {
        return Err("usage: crash-runner SET DATABASE run|revert|diesel [N]".into());
    };
    let die_at = rest.first().map(|n| n.parse::<usize>()).transpose()?;
    let set = set_called(set)?;
    let mut conn = SqliteConnection::establish(database)?;
    conn.batch_execute("PRAGMA foreign_keys = ON")?;

    let mut events = 0;
    let mut observer = |_: &Event<'_>| {
        events += 1;
        if Some(events) == die_at {
            die();
        }
    };
    match action.as_str() {
        "run" => drop(Runner::new(&set).observer(&mut observer).run(&mut conn)?),
        "revert" => {
            drop(Runner::new(&set).observer(&mut observer).revert(&mut conn, Undo::All)?);
        }
        "diesel" => {
            conn.run_pending_migrations(set).map_err(|error| error.to_string())?;
        }
        other => return Err(format!("unknown action `{other}`").into()),
    }
    Ok(())
}

/// SIGKILL, as from outside: nothing is cleaned up.
fn die() -> ! {
    let _ = Command::new("sh").args(["-c", "kill -9 $PPID"]).status();
    loop {
        std::thread::park();
    }
}

fn set_called(name: &str) -> Result<Migrations<'static>, String> {
    Ok(match name {
        "inside" => inside().build(),
        "outside" => outside(inside()).build(),
        "race" => race(true).build(),
        "race-inside" => race(false).build(),
        other => return Err(format!("unknown set `{other}`")),
    })
}

/// All in transactions: two of them, because the third migration rebuilds a table and the second
/// one changes rows.
fn inside() -> Set {
    Set::new()
        .add(
            "2026-01-01_base",
            "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT, old TEXT);\n\
             CREATE TABLE messages (id INTEGER PRIMARY KEY, room REFERENCES rooms (id) ON DELETE CASCADE);\n\
             CREATE TABLE counter (n INTEGER NOT NULL);\n\
             INSERT INTO rooms VALUES (1, 'lobby', 'x');\n\
             INSERT INTO messages VALUES (1, 1);\n\
             INSERT INTO messages VALUES (2, 1);\n\
             INSERT INTO counter VALUES (0);\n",
            "DROP TABLE counter;\nDROP TABLE messages;\nDROP TABLE rooms;\n",
        )
        .add(
            "2026-01-02_count",
            "UPDATE counter SET n = n + 1;\n",
            "UPDATE counter SET n = n - 1;\n",
        )
        .add(
            "2026-01-03_rebuild",
            "CREATE TABLE rooms_new (id INTEGER PRIMARY KEY, name TEXT);\n\
             INSERT INTO rooms_new SELECT id, name FROM rooms;\n\
             DROP TABLE rooms;\n\
             ALTER TABLE rooms_new RENAME TO rooms;\n",
            "ALTER TABLE rooms ADD COLUMN old TEXT;\n",
        )
}

/// With a migration outside of transactions that has every kind of statement.
fn outside(set: Set) -> Set {
    set.add_outside(
        "2026-01-04_outside",
        "PRAGMA cache_size = 100;\n\
         UPDATE counter SET n = n + 10;\n\
         VACUUM;\n\
         UPDATE counter SET n = n + 100;\n\
         BEGIN;\n\
         UPDATE counter SET n = n + 1000;\n\
         INSERT INTO messages VALUES (3, 1);\n\
         COMMIT;\n\
         BEGIN;\n\
         UPDATE counter SET n = 0;\n\
         ROLLBACK;\n\
         UPDATE counter SET n = n + 10000;\n",
        "UPDATE counter SET n = n - 10000;\n\
         VACUUM;\n\
         BEGIN;\n\
         UPDATE counter SET n = n - 1000;\n\
         DELETE FROM messages WHERE id = 3;\n\
         END;\n\
         UPDATE counter SET n = n - 110;\n",
    )
    .add(
        "2026-01-05_after",
        "UPDATE counter SET n = n + 100000;\n",
        "UPDATE counter SET n = n - 100000;\n",
    )
}

/// Five migrations that many start at once: whatever is done twice shows in the counter.
fn race(with_outside: bool) -> Set {
    let up = "UPDATE counter SET n = n + 1;\n";
    let down = "UPDATE counter SET n = n - 1;\n";
    let set = Set::new()
        .add(
            "1_base",
            "CREATE TABLE counter (n);\nINSERT INTO counter VALUES (0);\n",
            "DROP TABLE counter;\n",
        )
        .add("2_once", up, down);
    let set = if with_outside {
        set.add_outside(
            "3_outside",
            "UPDATE counter SET n = n + 1;\nVACUUM;\nUPDATE counter SET n = n + 1;\n",
            down,
        )
    } else {
        set.add("3_inside", "UPDATE counter SET n = n + 1;\nUPDATE counter SET n = n + 1;\n", down)
    };
    set.add("4_once", up, down).add("5_table", "CREATE TABLE last (x);\n", "DROP TABLE last;\n")
}
