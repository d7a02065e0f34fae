//! Knex, Sequelize and Umzug: what they left, taken over.

use migrate_tests::server::{Mariadb, Postgres, Product, Server};
use snapbox::str;

use crate::{FOUR, PHONE, POSTS, Scripts, USERS, app_after, left_by, server_app};

/// Two of Umzug's files began with the same date: their directories do not.
const RESTAMPED: &Scripts = &[
    ("2025072301_a_create_users", USERS.0, USERS.1),
    ("2025072302_b_create_posts", POSTS.0, POSTS.1),
    ("20250724_add_phone_to_users", PHONE.0, PHONE.1),
];

#[test]
fn knex_s_history_becomes_ours_batches_and_all() {
    let app = app_after("knex", FOUR);
    app.migrate(["adopt"])
        .succeeds()
        .stdout_is(str![[r#"
matches        20240101090000_create_users
matches        20240102090000_create_posts
matches        20240103090000_add_phone_to_users
pending        20260105090000_create_tags
Knex's `knex_migrations` and the files: 3 match, 1 pending
3 migrations of Knex taken over

"#]])
        .stderr_is(str![[r#"
note: `knex_migrations` is as it was; a migration may drop it once nobody uses Knex any more

"#]]);
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  20240101090000_create_users
applied          1  [TIME] [TOOK]  20240102090000_create_posts
applied          2  [TIME] [TOOK]  20240103090000_add_phone_to_users
pending                                           20260105090000_create_tags
3 applied, 1 pending

"#]]);
    let history =
        "SELECT version || ' ' || batch || ' ' || tool FROM __migrate_history ORDER BY ord";
    assert_eq!(
        app.database().texts(history),
        ["20240101090000 1 knex", "20240102090000 1 knex", "20240103090000 2 knex"]
    );
    // From here on it is our history: what is pending runs, and a batch of Knex's goes back as one.
    app.migrate(["run"]).succeeds().prints("1 migration applied (batch 3)");
    app.migrate(["revert", "--batch"]).succeeds();
    app.migrate(["revert", "--batch"]).succeeds();
    app.migrate(["revert", "--batch"]).succeeds().prints("2 migrations reverted");
    let left = "SELECT name FROM sqlite_master WHERE name IN ('users', 'posts', 'tags')";
    assert_eq!(app.database().texts(left), Vec::<String>::new());
}

#[test]
fn the_second_time_nothing_is_left_to_take_over() {
    let app = app_after("knex", FOUR);
    app.migrate(["adopt", "--from", "knex"]).succeeds();
    let before = app.bytes("app.db");
    app.migrate(["adopt", "--from", "knex"]).succeeds().prints("nothing to take over");
    // Diesel's table is the ledger now: it is nobody else's.
    app.migrate(["adopt"]).succeeds().prints("nothing to take over");
    assert_eq!(app.bytes("app.db"), before);
}

#[test]
fn knex_s_tables_stay_as_they_are() {
    let app = app_after("knex", FOUR);
    let rows = "SELECT name || batch || migration_time FROM knex_migrations";
    let before = app.database().texts(rows);
    app.migrate(["adopt"]).succeeds();
    assert_eq!(app.database().texts(rows), before);
    assert_eq!(app.database().texts("SELECT is_locked FROM knex_migrations_lock"), ["0"]);
}

#[test]
fn a_lock_that_knex_left_behind_is_told() {
    let app = app_after("knex", FOUR);
    app.database().execute("UPDATE knex_migrations_lock SET is_locked = 1");
    app.migrate(["adopt"])
        .succeeds()
        .says("warning: Knex's lock is taken (`knex_migrations_lock`)");
}

#[test]
fn sequelize_s_names_have_dashes_and_no_times() {
    let app = app_after("sequelize", FOUR);
    app.migrate(["adopt"]).succeeds().stdout_is(str![[r#"
matches        20240101090000_create_users
matches        20240102090000_create_posts
matches        20240103090000_add_phone_to_users
pending        20260105090000_create_tags
Sequelize's `SequelizeMeta` and the files: 3 match, 1 pending
3 migrations of Sequelize taken over

"#]]);
    app.migrate(["status"]).succeeds().prints("3 applied, 1 pending");
    // There are no batches: the last one is one migration.
    app.migrate(["revert", "--batch"]).succeeds().prints("1 migration reverted");
}

#[test]
fn umzug_s_equal_dates_are_told_apart_by_their_names() {
    let app = app_after("umzug", RESTAMPED);
    app.migrate(["adopt", "--from", "umzug"]).succeeds().stdout_is(str![[r#"
matches        2025072301_a_create_users
matches        2025072302_b_create_posts
matches        20250724_add_phone_to_users
Sequelize's `SequelizeMeta` and the files: 3 match
3 migrations of Sequelize taken over

"#]]);
}

fn every_tool_is_taken_over<P: Product>(server: &Server<P>) {
    for (tool, scripts, pending) in
        [("knex", FOUR, 1), ("sequelize", FOUR, 1), ("umzug", RESTAMPED, 0)]
    {
        let database = server.database();
        database.sql(&left_by(tool, P::DIALECT));
        let app = server_app(&database, scripts);
        let lines = app.migrate(["adopt", "--message-format", "json"]).succeeds().json();
        let summary = lines.last().unwrap();
        assert_eq!((&summary["recorded"], &summary["pending"]), (&3.into(), &pending.into()));
        let recorded = lines.iter().filter(|line| line["recorded"] == true).count();
        assert_eq!(recorded, 3, "{lines:?}");
        app.migrate(["adopt"]).succeeds().prints("nothing to take over");
        app.migrate(["run"]).succeeds();
        app.migrate(["revert", "--all"]).succeeds();
        assert!(database.try_sql("SELECT * FROM users;").is_err());
    }
}

#[test]
fn on_postgresql() {
    every_tool_is_taken_over(Postgres::shared());
}

#[test]
fn on_mariadb() {
    every_tool_is_taken_over(Mariadb::shared());
}
