//! sqlx, refinery and SeaORM: what they left, taken over, with their checksums.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_tests::server::{Mariadb, Postgres, Product, Server};
use migrate_tests::{Project, project};
use snapbox::str;

use crate::{FOUR, app_after, left_by, server_app};

/// The files that a fixture's tool ran.
fn ran(tool: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/adopt/rust/migrations").join(tool)
}

/// `adopt --from TOOL --files …` with the files that it ran.
fn convert(app: &Project, tool: &str) -> migrate_tests::Invocation {
    app.migrate(["adopt", "--from", tool, "--files"]).arg(ran(tool))
}

/// A project whose migrations were converted from sqlx's where there was no database.
fn converted_from_sqlx() -> Project {
    let app = project("app").build();
    convert(&app, "sqlx").succeeds();
    app
}

#[test]
fn sqlx_s_files_and_history_come_over_with_proof() {
    let app = project("app").build();
    app.database().execute(&left_by("sqlx", "sqlite"));
    convert(&app, "sqlx").succeeds().stdout_is(str![[r#"
20240101090000_create_users.up.sql  ->  migrations/20240101090000_create_users
20240102090000_create_posts.up.sql  ->  migrations/20240102090000_create_posts
20240103090000_add_phone_to_users.up.sql  ->  migrations/20240103090000_add_phone_to_users
3 written, 0 there already
matches        20240101090000_create_users (same checksum)
matches        20240102090000_create_posts (same checksum)
matches        20240103090000_add_phone_to_users (same checksum)
sqlx's `_sqlx_migrations` and the files: 3 match
3 migrations of sqlx taken over

"#]]);
    // What was written is what ran, byte by byte.
    for direction in ["up", "down"] {
        let original =
            ran("sqlx").join(format!("20240103090000_add_phone_to_users.{direction}.sql"));
        let ours = format!("migrations/20240103090000_add_phone_to_users/{direction}.sql");
        assert_eq!(app.read(&ours), fs::read_to_string(original).unwrap());
    }
    let metadata = "migrations/20240103090000_add_phone_to_users/metadata.toml";
    assert!(app.read(metadata).ends_with("run_in_transaction = false\n"));
    app.migrate(["check"]).succeeds();
    app.migrate(["status"]).succeeds().prints("3 applied");
    app.migrate(["revert", "--all"]).succeeds();
}

#[test]
fn where_only_our_files_are_the_checksums_still_prove_them() {
    let app = converted_from_sqlx();
    app.database().execute(&left_by("sqlx", "sqlite"));
    app.migrate(["adopt"]).succeeds().prints("20240101090000_create_users (same checksum)");
}

#[test]
fn a_file_that_was_edited_is_not_the_one_that_ran() {
    let app = converted_from_sqlx();
    app.database().execute(&left_by("sqlx", "sqlite"));
    let up = "migrations/20240102090000_create_posts/up.sql";
    app.write(up, app.read(up).replace("TEXT", "BLOB"));
    let before = app.bytes("app.db");
    app.migrate(["adopt"]).exits(1).stdout_is(str![[r#"
matches        20240101090000_create_users (same checksum)
in doubt       20240102090000_create_posts: another text ran
matches        20240103090000_add_phone_to_users (same checksum)
sqlx's `_sqlx_migrations` and the files: 2 match, 1 in doubt

"#]]);
    assert_eq!(app.bytes("app.db"), before);
    let lines = app.migrate(["adopt", "--yes", "--message-format", "json"]).succeeds().json();
    let posts = lines.iter().find(|line| line["version"] == "20240102090000").unwrap();
    assert_eq!((&posts["checksum"], &posts["doubt"]), (&"differs".into(), &"text".into()));
}

#[test]
fn what_sqlx_did_not_end_is_mended_first() {
    let app = app_after("sqlx", FOUR);
    app.database()
        .execute("UPDATE _sqlx_migrations SET success = 0 WHERE version = 20240102090000");
    app.migrate(["adopt"]).exits(1).stderr_is(str![[r#"
error: nothing was taken over: sqlx began 20240102090000 (create posts) and did not end it
  = help: finish or undo it by hand, then set its `success`, or delete its row

"#]]);
}

#[test]
fn refinery_s_files_say_that_there_is_no_way_back() {
    let database = Postgres::shared().database();
    database.sql(&left_by("refinery", "postgres"));
    let app = server_app(&database, &[]);
    convert(&app, "refinery").succeeds().stdout_is(str![[r#"
V1__create_users.sql  ->  migrations/0001_create_users
V2__create_posts.sql  ->  migrations/0002_create_posts
V10__add_phone_to_users.sql  ->  migrations/0010_add_phone_to_users
3 written, 0 there already
matches        0001_create_users (same checksum)
matches        0002_create_posts (same checksum)
matches        0010_add_phone_to_users (same checksum)
refinery's `refinery_schema_history` and the files: 3 match
3 migrations of refinery taken over

"#]]);
    app.migrate(["check"]).succeeds();
    app.migrate(["revert"]).exits(1).says("taken over from refinery, which had no way back");
    // In production only what was converted is there, with that line before each text.
    let production = Postgres::shared().database();
    production.sql(&left_by("refinery", "postgres"));
    app.migrate(["adopt", "--database-url", &production.url()])
        .succeeds()
        .prints("0010_add_phone_to_users (same checksum)")
        .prints("3 migrations of refinery taken over");
    let up = "migrations/0002_create_posts/up.sql";
    app.write(up, app.read(up).replace("body", "text"));
    let elsewhere = Postgres::shared().database();
    elsewhere.sql(&left_by("refinery", "postgres"));
    app.migrate(["adopt", "--database-url", &elsewhere.url()])
        .exits(1)
        .prints("0002_create_posts: another text ran");
}

#[test]
fn seaorm_s_modules_are_known_by_date_number_and_name() {
    let app = app_after("sea-orm", FOUR);
    app.migrate(["adopt"])
        .succeeds()
        .prints("SeaORM's `seaql_migrations` and the files: 3 match, 1 pending");
    convert_refused(&app);
}

/// They are programs.
fn convert_refused(app: &Project) {
    app.migrate(["adopt", "--from", "sea-orm", "--files", "migrations"])
        .exits(2)
        .says("SeaORM's migrations are programs");
}

fn on_a_server<P: Product>(server: &Server<P>) {
    let database = server.database();
    database.sql(&left_by("sea-orm", P::DIALECT));
    let app = server_app(&database, FOUR);
    app.migrate(["adopt"]).succeeds().prints("3 match, 1 pending");
    app.migrate(["run"]).succeeds();
    app.migrate(["revert", "--all"]).succeeds();

    let database = server.database();
    database.sql(&left_by("sqlx", P::DIALECT));
    let app = server_app(&database, &[]);
    convert(&app, "sqlx").succeeds().prints("add_phone_to_users (same checksum)");
    let took = database.sql("SELECT count(*) FROM __migrate_history WHERE duration_ms > 0;");
    assert_eq!(took, "3\n");
    app.migrate(["adopt"]).succeeds().prints("nothing to take over");
    app.migrate(["revert", "--all"]).succeeds();
    assert!(database.try_sql("SELECT * FROM users;").is_err());
}

#[test]
fn on_postgresql() {
    on_a_server(Postgres::shared());
}

#[test]
fn on_mariadb() {
    on_a_server(Mariadb::shared());
}
