//! `examples/rooms`

use migrate_runtime::{Migrations, embed_migrations};
use migrate_tests::server::{Mariadb, Postgres};

use super::servers::{every_step_leaves_the_schema_on_record, migrations};
use super::{golden, programs, refusal_of, sqlite, start, start_on, stdout_of, text};

#[allow(deprecated, reason = "the macro warns that no build script checks this directory")]
static ON_SQLITE: Migrations = embed_migrations!("../examples/rooms/migrations/sqlite");

const APPLIED: &str =
    "applied 20250101000000_initial_schema\napplied 20250115093000_add_rooms_new_field\n";

const LAST: &str = "20250115093000_add_rooms_new_field";

#[test]
fn every_step_of_the_rooms_leaves_the_schema_on_record() {
    sqlite::every_step_leaves_the_schema_on_record("rooms", &ON_SQLITE);
    let of = |dialect| migrations("rooms/migrations").join(dialect);
    every_step_leaves_the_schema_on_record(Postgres::shared(), &of("postgres"), "rooms");
    every_step_leaves_the_schema_on_record(Mariadb::shared(), &of("mysql"), "rooms");
}

#[test]
fn the_rooms_are_the_same_on_every_database() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("rooms.db");
    people_meet(file.to_str().expect("a path in UTF-8"));
    let mut conn = sqlite::database(&directory, "rooms.db");
    assert_eq!(sqlite::schema(&mut conn), golden("rooms", "sqlite", LAST));

    let people_meet_on_a_server = |url: &str, schema: &dyn Fn() -> String, dialect| {
        people_meet(url);
        assert_eq!(schema(), golden("rooms", dialect, LAST));
    };
    let postgres = Postgres::shared().database();
    people_meet_on_a_server(&postgres.url(), &|| postgres.schema(), "postgres");
    let mariadb = Mariadb::shared().database();
    people_meet_on_a_server(&mariadb.url(), &|| mariadb.schema(), "mysql");
}

/// The program, from its first start on a new database.
fn people_meet(url: &str) {
    let rooms = |arguments: &[&str]| start_on(url, &programs().rooms, arguments);
    let first = rooms(&["join", "ada"]);
    stdout_of(&first);
    assert_eq!(text(&first.stderr), APPLIED);
    for arguments in [
        &["join", "bob"][..],
        &["open", "lobby", "ada"],
        &["say", "lobby", "ada", "It's \"noon\""],
        &["say", "lobby", "bob", "Soup?"],
    ] {
        let output = rooms(arguments);
        assert_eq!(stdout_of(&output), "");
        assert_eq!(text(&output.stderr), "", "only the first start has something to apply");
    }
    assert_eq!(stdout_of(&rooms(&["read", "lobby"])), "ada: It's \"noon\"\nbob: Soup?\n");
    let refused = refusal_of(&rooms(&["say", "lobby", "eve", "Hello"]));
    assert!(refused.contains("nobody has joined as eve"), "{refused}");
    let refused = refusal_of(&rooms(&["say", "attic", "ada", "Hello"]));
    assert!(refused.to_lowercase().contains("foreign key constraint"), "{refused}");
}

#[test]
fn what_is_no_address_does_not_become_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    for url in ["mssql://host/rooms", "postgres://nobody@127.0.0.1:1/rooms"] {
        let output = start_on(url, &programs().rooms, &["read", "lobby"]);
        assert!(!refusal_of(&output).is_empty());
    }
    let refused = refusal_of(&start(&programs().rooms, directory.path(), &["shout"]));
    assert!(refused.contains("usage: example-rooms"), "{refused}");
    let files = directory.path().read_dir().expect("a directory").count();
    assert_eq!(files, 0);
}
