//! A live database beside what its migrations make.

use migrate_tests::server::{CANARY, Postgres, Product, Server, USER};
use migrate_tests::{Project, server_project};
use snapbox::str;

use crate::{app, on_both};

on_both!(what_was_changed_by_hand_is_found, who_may_only_read_learns_it, what_is_gone_is_not_known);

/// A project whose migrations are applied.
fn applied<P: Product>(url: &str) -> Project {
    let app = server_project(P::DIALECT, url)
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL DEFAULT '', age INT CHECK (age > 0));\n\
             CREATE INDEX users_name ON users (name);\n",
            "DROP TABLE users;\n",
        )
        .migration(
            "2_view",
            "CREATE VIEW names AS SELECT name FROM users WHERE age > 3;\n",
            "DROP VIEW names;\n",
        )
        .build();
    app.migrate(["run"]).succeeds();
    app
}

fn what_was_changed_by_hand_is_found<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = applied::<P>(&database.url());
    app.migrate(["drift"]).succeeds().stdout_is(str![[r#"
no drift: the database is what its 2 applied migrations make

"#]]);
    database.execute("ALTER TABLE users ADD COLUMN vip INT");
    database.execute(match P::DIALECT {
        "postgres" => "ALTER TABLE users ALTER COLUMN name DROP NOT NULL; DROP INDEX users_name",
        _ => "ALTER TABLE users MODIFY name VARCHAR(50) DEFAULT ''; ALTER TABLE users DROP INDEX users_name",
    });
    database.execute("CREATE TABLE notes (id INT)");
    app.migrate(["drift"])
        .exits(1)
        .says("the database has the table `notes`, which no applied migration makes")
        .says("the table `users` differs in the database: the column `name`, ")
        .says("the column `vip`: by the migrations nothing, in the database `vip INT")
        .says("index `users_name`")
        .says("writes expressions, queries and bodies in its own way")
        .says("--> migrations/1_users/up.sql:");
}

fn who_may_only_read_learns_it<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = applied::<P>(&database.url());
    let reader = format!("reader_of_{}", database.name());
    match P::DIALECT {
        "postgres" => {
            server.execute(&format!("CREATE ROLE {reader} LOGIN PASSWORD '{CANARY}'"));
            database.execute(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}"));
        }
        _ => {
            server.execute(&format!("CREATE USER {reader}@'127.0.0.1' IDENTIFIED BY '{CANARY}'"));
            server.execute(&format!(
                "GRANT SELECT ON `{}`.* TO {reader}@'127.0.0.1'",
                database.name()
            ));
        }
    }
    let url = database.url().replace(&format!("//{USER}:"), &format!("//{reader}:"));
    let drift = app.migrate(["drift", "--database-url", &url]).succeeds();
    match P::DIALECT {
        "postgres" => drift.prints("no drift"),
        _ => drift
            .prints("it is not known whether there is drift")
            .says("warning: this user may not see whether there is the view `names`"),
    };
}

fn what_is_gone_is_not_known<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = applied::<P>(&database.url());
    app.remove("migrations/2_view");
    app.migrate(["drift"])
        .exits(1)
        .says("which no applied migration makes")
        .says("= note: it may come from what is not known: see the warnings")
        .says("warning: 2_view is applied, and its files are gone: what it made is not known");
    database.execute("DROP VIEW names");
    app.migrate(["drift"]).exits(1).prints("it is not known whether there is drift");
}

/// As a platform keeps them beside an application.
#[test]
fn other_schemas_are_not_looked_at() {
    let database = Postgres::shared().database();
    let app = applied::<migrate_tests::server::PostgreSql>(&database.url());
    database.execute("CREATE SCHEMA auth; CREATE TABLE auth.tokens (id INT)");
    app.migrate(["drift"])
        .succeeds()
        .prints("no drift")
        .says("note: not looked at, as no migration makes these schemas: `auth`");
}

#[test]
fn what_is_not_followed_on_postgresql_is_named() {
    let database = Postgres::shared().database();
    let app = app(&database)
        .migration(
            "1_do",
            "CREATE TABLE a (x INT);\nDO $$ BEGIN CREATE TABLE b (y INT); END $$;\n",
            "DROP TABLE a, b;\n",
        )
        .build();
    app.migrate(["run"]).succeeds();
    app.migrate(["drift"]).exits(1).stdout_is(str![[r#"
drift, or what is not known: 1 difference from what the 1 applied migration makes

"#]]).stderr_is(str![[r#"
error[drift]: the database has the table `b`, which no applied migration makes
 |
 = help: drop it, or write a migration that makes it
 = note: it may come from what is not known: see the warnings
 = note: `cargo migrate explain drift` says more

warning: migrations/1_do/up.sql:2:1 is not followed, what it did is not known: it runs code that is not read
note: PostgreSQL writes expressions, queries and bodies in its own way: that they are there is compared, what they say is not

"#]]);
    database.execute("DROP TABLE b");
    app.migrate(["drift"]).succeeds().prints("it is not known whether there is drift");
}
