//! Whose history is meant.

use snapbox::str;

use crate::{FOUR, app, app_after, left_by};

#[test]
fn a_mistyped_tool_is_recognised() {
    app(FOUR).migrate(["adopt", "--from", "sequelise"]).exits(2).stderr_is(str![[r#"
error: nothing is known of the tool `sequelise`; did you mean `sequelize`?
  = help: known are `dbmate`, `diesel`, `flyway`, `golang-migrate`, `goose`, `knex`, `refinery`, `sea-orm`, `sequelize`, `sqlx`, `umzug`

"#]]);
}

#[test]
fn a_database_without_any_history_says_what_was_looked_for() {
    let app = app(FOUR);
    app.migrate(["adopt"]).exits(1).stderr_is(str![[r#"
error: the database has no table in which another tool keeps its history
  = note: looked for `SequelizeMeta`, `__diesel_schema_migrations`, `_sqlx_migrations`, `flyway_schema_history`, `goose_db_version`, `knex_migrations`, `refinery_schema_history`, `schema_migrations`, `seaql_migrations`
  = help: `--from TOOL --table NAME` says where it is when it bears another name

"#]]);
    assert!(!app.has("app.db"));
}

#[test]
fn two_histories_at_once_are_a_question() {
    let app = app_after("knex", FOUR);
    app.database().execute("CREATE TABLE \"SequelizeMeta\" (name VARCHAR(255))");
    app.migrate(["adopt"]).exits(2).stderr_is(str![[r#"
error: the database has the tables of several tools: say which
  = note: it has `knex_migrations` of Knex and `SequelizeMeta` of Sequelize
  = help: one of `--from knex`, `--from sequelize`

"#]]);
    assert_eq!(
        app.database()
            .texts("SELECT name FROM sqlite_master WHERE name LIKE '\\_\\_%' ESCAPE '\\'"),
        Vec::<String>::new()
    );
    app.migrate(["adopt", "--from", "knex"]).succeeds();
}

#[test]
fn a_tool_that_was_not_here_is_told_who_was() {
    app_after("knex", FOUR).migrate(["adopt", "--from", "sequelize"]).exits(1).stderr_is(str![[
        r#"
error: the database has no table `SequelizeMeta` of Sequelize
  = note: it has one of Knex
  = help: `--table NAME` says where it is when it bears another name

"#
    ]]);
}

#[test]
fn a_table_of_another_name_is_found_when_it_is_named() {
    let app = app(FOUR);
    app.database().execute(&left_by("knex", "sqlite").replace("knex_migrations", "changes"));
    app.migrate(["adopt"]).exits(1);
    app.migrate(["adopt", "--table", "changes"]).exits(2);
    app.migrate(["adopt", "--from", "knex", "--table", "main.changes"])
        .succeeds()
        .prints("3 migrations of Knex taken over");
}

#[test]
fn diesel_s_own_history_gets_its_checksums() {
    let app = app(FOUR);
    app.database().execute(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations VALUES
         ('20240101090000', '2024-01-01 10:00:00'), ('20240102090000', '2024-01-02 10:00:00')",
    );
    app.migrate(["adopt"]).succeeds().prints("2 migrations of Diesel taken over");
    let history = "SELECT name || ' ' || batch || ' ' || datetime(started_at / 1000, 'unixepoch')
        FROM __migrate_history ORDER BY ord";
    assert_eq!(
        app.database().texts(history),
        [
            "20240101090000_create_users 1 2024-01-01 10:00:00",
            "20240102090000_create_posts 2 2024-01-02 10:00:00"
        ]
    );
    app.write("migrations/20240101090000_create_users/up.sql", "CREATE TABLE other (id INT);\n");
    app.migrate(["status"]).succeeds().prints("1 modified");
}

#[test]
fn in_a_protected_environment_it_is_confirmed_first() {
    let app = app_after("knex", FOUR);
    let manifest = app.read("Cargo.toml");
    app.write(
        "Cargo.toml",
        manifest + "\n[package.metadata.migrate.environments.production]\nprotected = true\n",
    );
    let adopt = |arguments: &[&str]| {
        app.migrate(
            [&["adopt", "-e", "production", "--database-url", "app.db"], arguments].concat(),
        )
    };
    adopt(&["--dry-run"]).succeeds();
    adopt(&[])
        .exits(2)
        .says("a history is taken over in the protected environment `production`: not without");
    adopt(&["--yes", "--confirm", "staging"]).exits(2).says("the environment is `production`");
    app.migrate(["status"]).succeeds().prints("pending");
    adopt(&["--yes", "--confirm", "production"])
        .succeeds()
        .prints("3 migrations of Knex taken over");
}
