//! An SQLite file made, waited for, and begun anew.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use migrate_tests::{Project, project};
use snapbox::str;

fn applied() -> Project {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    app
}

#[test]
fn reset_begins_anew() {
    let app = applied();
    app.database().execute("PRAGMA journal_mode = WAL; INSERT INTO users (name) VALUES ('Ada')");
    app.migrate(["reset", "--yes"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration applied (batch 1)

"#]])
        .stderr_is(str![[r#"
     Dropped `app.db`
     Applied 1_users ([TOOK])

"#]]);
    assert_eq!(app.database().texts("SELECT count(*) FROM users"), ["0"]);
    let beside: Vec<String> =
        app.entries().into_iter().filter(|name| name.starts_with("app.db")).collect();
    assert_eq!(beside, ["app.db"]);
    // Where there is none, it is made.
    app.remove("app.db");
    app.migrate(["reset", "--yes"]).succeeds().prints("1 migration applied").stderr_is(str![[r#"
     Applied 1_users ([TOOK])

"#]]);
    app.migrate(["reset", "--yes", "--database-url", ":memory:"]).succeeds();
}

#[test]
fn a_link_stays_a_link() {
    let app = applied();
    fs::create_dir(app.path("data")).unwrap();
    fs::rename(app.path("app.db"), app.path("data/real.db")).unwrap();
    symlink("data/real.db", app.path("app.db")).unwrap();
    app.database().execute("INSERT INTO users (name) VALUES ('Ada')");
    app.migrate(["reset", "--yes"]).succeeds();
    assert!(app.path("app.db").is_symlink());
    assert_eq!(app.database().texts("SELECT count(*) FROM users"), ["0"]);
}

#[test]
fn what_is_no_database_is_not_dropped() {
    let app = project("app")
        .table("1_users", "users")
        .file("app.db", "a letter\n")
        .file("data/.keep", "")
        .build();
    app.migrate(["reset", "--yes"]).exits(1).stderr_is(str![[r#"
error: cannot drop `app.db`: file is not a database

"#]]);
    assert_eq!(app.read("app.db"), "a letter\n");
    app.migrate(["reset", "--yes", "--database-url", "data"]).exits(1).stderr_is(str![[r#"
error: `data` is a directory, not a database

"#]]);
    assert!(app.has("data/.keep"));
}

#[test]
fn what_others_have_open_is_not_dropped() {
    let app = applied();
    // Idle: it holds no lock.
    let mut other = Command::new("sqlite3")
        .arg(app.path("app.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = other.stdin.take().unwrap();
    input.write_all(b"SELECT count(*) FROM users;\n").unwrap();
    other.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    app.migrate(["reset", "--yes"]).exits(1).stderr_is(str![[r#"
error: nothing was dropped: others use `app.db`
  = note: pid [PID] (sqlite3)
  = help: close them; from a server, `--force` disconnects them

"#]]);
    app.migrate(["reset", "--yes", "--force"]).exits(1).stderr_is(str![[r#"
error: cannot drop `app.db`: others have it open
  = note: pid [PID] (sqlite3)

"#]]);
    drop(input);
    other.wait().unwrap();
    let mut writer = app.database();
    writer.execute("BEGIN IMMEDIATE");
    app.migrate(["reset", "--yes", "--force"]).exits(1).says("cannot drop `app.db`");
    writer.execute("COMMIT");
    drop(writer);
    app.migrate(["reset", "--yes"]).succeeds();
}

#[test]
fn nothing_is_dropped_without_a_yes() {
    let app = applied();
    app.migrate(["reset"]).exits(2).stderr_is(str![[r#"
error: `app.db` will be dropped, with all that is in it: not without a yes
  = help: there is no terminal to ask on; `--yes` says it beforehand

"#]]);
    app.migrate(["reset"]).input("y\n").exits(2);
    app.migrate(["status"]).succeeds().prints("1 applied");
}

#[test]
fn directories_are_made_when_asked_for() {
    let app = project("app")
        .table("1_users", "users")
        .file(".env", "DATABASE_URL=data/of/app.db\n")
        .build();
    app.migrate(["run"]).exits(1).stderr_is(str![[r#"
error: there is no directory `data/of` for the database
  = help: make the directory, mend the path in the database's URL, or let `cargo migrate run --create-database` make it

"#]]);
    app.migrate(["run", "--create-database"]).succeeds().stderr_is(str![[r#"
     Created the directory `data/of`
     Applied 1_users ([TOOK])

"#]]);
    app.migrate(["run", "--create-database"]).succeeds().stderr_is(str![]);
    app.migrate(["status"]).succeeds().prints("1 applied");
}

#[test]
fn a_directory_that_comes_later_is_waited_for() {
    let app = project("app")
        .table("1_users", "users")
        .file(".env", "DATABASE_URL=volume/app.db\n")
        .build();
    app.migrate(["wait", "--timeout", "1"]).exits(5).stderr_is(str![[r#"
     Waiting for the database: there is no directory `volume` for the database
error: there is no directory `volume` for the database
  = note: that is so after 1 s of waiting
  = help: make the directory, mend the path in the database's URL, or let `cargo migrate run --create-database` make it

"#]]);
    let mut waiting = app.migrate(["run", "--wait", "60", "--message-format", "json"]).start();
    waiting.wait_for(r#""event":"waiting""#);
    fs::create_dir(app.path("volume")).unwrap();
    waiting.output().exits(0);
    app.migrate(["wait", "--timeout", "0"]).succeeds().stdout_is(str![[r#"
`volume/app.db` answers

"#]]);
}

#[test]
fn waiting_makes_no_database_and_needs_no_crate() {
    let bare = project("app").without("Cargo.toml").without(".env").build();
    bare.migrate(["wait", "--database-url", "bare.db"]).succeeds();
    bare.migrate(["wait"]).env("DATABASE_URL", "sqlite:bare.db").succeeds();
    assert!(!bare.has("bare.db"));
    bare.migrate(["wait", "--dialect", "sqlite"]).exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `DATABASE_URL` in the environment or in `.env`, or give `--database-url`

"#]]);
    bare.migrate(["wait"]).exits(2).stderr_is(str![[r#"
error: the SQL dialect is not known
  = help: give `--dialect`, or a database with `--database-url`

"#]]);
    // What waiting does not mend ends it at once.
    fs::create_dir(bare.path("directory")).unwrap();
    bare.migrate(["wait", "--database-url", "directory"]).exits(1).stderr_is(str![[r#"
error: `directory` is a directory, not a database

"#]]);
}
