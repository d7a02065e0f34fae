//! Runs of one transaction, and the ledger rewritten by hand.

use migrate_tests::server::{Database, Mariadb, Postgres, Product, Server};
use snapbox::str;

use crate::{app, on_both};

on_both!(
    a_history_begins_where_it_is_said_to,
    what_stands_half_way_is_resumed_or_settled,
    what_is_missing_or_edited_is_settled,
    what_has_no_files_is_reverted_with_the_text_of_the_ledger,
    a_dry_run_tells_verdicts_and_losses,
    a_mistyped_version_names_the_nearest,
);

const INTO_USERS: &str = "INSERT INTO users (id, name) VALUES (7, 'Ada');\n";

fn versions<P: Product>(database: &Database<P>) -> String {
    database.sql("SELECT version FROM __diesel_schema_migrations ORDER BY version;")
}

#[test]
fn postgresql_does_all_or_nothing() {
    let database = Postgres::shared().database();
    let app = app(&database).table("1_users", "users").table("2_posts", "posts").build();
    app.migration("3_ada", INTO_USERS, "DELETE FROM users WHERE id = 7;\n");
    app.migration("4_again", INTO_USERS, "SELECT 1;\n");
    app.migrate(["run", "--all-or-nothing"]).exits(1).says("4_again");
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename IN ('users', 'posts');";
    assert_eq!((database.sql(tables).as_str(), versions(&database).as_str()), ("0\n", ""));
    app.remove("migrations/4_again");
    app.migrate(["run", "--all-or-nothing"]).succeeds().prints("3 migrations applied (batch 1)");
    app.migration("4_index", "CREATE INDEX CONCURRENTLY i ON users (name);\n", "DROP INDEX i;\n");
    app.write("migrations/4_index/metadata.toml", "run_in_transaction = false\n");
    app.table("5_tags", "tags");
    app.migrate(["run", "--all-or-nothing"]).exits(1).stderr_is(str![[r#"
error: this run cannot be all or nothing: 4_index runs outside of transactions: run what is before it, and what is behind it, by itself. Nothing was changed

"#]]);
    app.migrate(["run", "--all-or-nothing", "--dry-run"]).exits(1);
    assert_eq!(versions(&database), "1\n2\n3\n");
}

#[test]
fn mariadb_cannot_do_all_or_nothing() {
    let database = Mariadb::shared().database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["run", "--all-or-nothing"]).exits(1).stderr_is(str![[r#"
error: this run cannot be all or nothing: MySQL and MariaDB commit with every statement about the schema. Nothing was changed

"#]]);
    app.migrate(["run"]).succeeds();
    // With nothing to do there is nothing to refuse.
    app.migrate(["run", "--all-or-nothing"]).succeeds();
}

fn a_history_begins_where_it_is_said_to<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").table("2_posts", "posts").build();
    database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)");
    app.table("3_tags", "tags");
    app.migrate(["baseline", "1", "--dry-run"])
        .succeeds()
        .prints("1 migration to record as applied");
    assert_eq!(app.migrate(["status"]).succeeds().stdout().matches("pending").count(), 4);
    app.migrate(["baseline", "1"]).succeeds().stdout_is(str![[r#"
1 migration recorded as applied, without being run

"#]]);
    app.migrate(["status"]).succeeds().prints("1 baselined, 2 pending").prints("baselined");
    app.migrate(["baseline", "1_users"]).succeeds().prints("nothing to record");
    app.migrate(["run"]).succeeds().prints("2 migrations applied (batch 2)");
    app.migrate(["baseline", "1"]).exits(1).stderr_is(str![[r#"
error: the history cannot begin with 1_users: newer ones are applied: 2_posts, 3_tags. Nothing was recorded

"#]]);
    // It is reverted like any other.
    app.migrate(["revert", "--all"]).succeeds().prints("3 migrations reverted");
}

fn what_stands_half_way_is_resumed_or_settled<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["run", "--resume"])
        .succeeds()
        .prints("nothing to resume: nothing stands half way");
    app.migrate(["run"]).succeeds();
    database.execute(INTO_USERS);
    let up = format!("CREATE TABLE posts (id INTEGER PRIMARY KEY);\n{INTO_USERS}");
    app.migration("2_half", &up, "DELETE FROM users WHERE id = 7;\nDROP TABLE posts;\n");
    app.write("migrations/2_half/metadata.toml", "run_in_transaction = false\n");
    app.table("3_tags", "tags");
    app.migrate(["run"]).exits(4);
    app.migrate(["repair"]).exits(1).stdout_is(str![[r#"
2_half: unfinished: it stopped half way; `cargo migrate run --resume` goes on, or once you have looked, `--mark-applied 2` or `--mark-reverted 2`

"#]]);
    app.migrate(["run", "--resume"]).exits(4);
    database.execute("DELETE FROM users");
    // It alone goes on.
    app.migrate(["run", "--resume"]).succeeds().prints("1 migration applied");
    assert_eq!(versions(&database), "1\n2\n");
    app.migrate(["repair"]).succeeds().prints("nothing to settle");
    // Not so much as begun: the same, settled by hand.
    app.migrate(["revert"]).succeeds();
    database.execute(INTO_USERS);
    app.migrate(["run"]).exits(4);
    app.migrate(["repair", "--mark-applied", "2"])
        .succeeds()
        .prints("1 migration marked as applied");
    app.migrate(["repair", "--mark-applied", "2"])
        .succeeds()
        .prints("nothing to settle: it is so already");
    app.migrate(["status"]).succeeds().prints("2 applied, 1 pending");
    app.migrate(["revert"]).succeeds();
    database.execute(INTO_USERS);
    app.migrate(["run"]).exits(4);
    database.execute("DROP TABLE posts");
    app.migrate(["repair", "--mark-reverted", "2_half"]).succeeds().prints("marked as not applied");
    database.execute("DELETE FROM users");
    app.migrate(["run"]).succeeds().prints("2 migrations applied");
}

fn what_is_missing_or_edited_is_settled<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database)
        .table("1_users", "users")
        .table("2_posts", "posts")
        .table("3_tags", "tags")
        .build();
    app.migrate(["run"]).succeeds();
    let order = "SELECT version, ord, batch FROM __migrate_history ORDER BY version;";
    let before = database.sql(order);
    let up = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n";
    app.migration("1_users", up, "DROP TABLE users;\n");
    app.remove("migrations/2_posts");
    let found = app.migrate(["repair", "--message-format=json"]).exits(1).json();
    let states: Vec<&str> = found.iter().filter_map(|line| line["state"].as_str()).collect();
    assert_eq!(states, ["modified", "missing"]);
    app.migrate(["run"]).exits(1);
    app.migrate(["repair", "--accept-checksums"])
        .succeeds()
        .prints("1 migration taken as the files");
    assert_eq!(database.sql(order), before, "it keeps its place");
    app.migrate(["repair", "--drop-missing", "2"]).succeeds().prints("1 migration forgotten");
    app.migrate(["repair"]).succeeds();
    app.migrate(["run"]).succeeds().prints("nothing to apply");
    app.migrate(["status"]).succeeds().prints("2 applied");
    // What is not in the set cannot be recorded.
    app.migrate(["repair", "--mark-applied", "1", "--drop-missing"]).exits(2);
    app.migrate(["repair", "--mark-reverted", "3"]).succeeds();
    assert_eq!(versions(&database), "1\n");
}

fn what_has_no_files_is_reverted_with_the_text_of_the_ledger<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").table("2_posts", "posts").build();
    app.migrate(["run"]).succeeds();
    app.remove("migrations/2_posts");
    app.migrate(["revert", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 2_posts (down)
DROP TABLE posts;


"#]]);
    app.migrate(["revert"]).succeeds().prints("1 migration reverted");
    app.migrate(["status"]).succeeds().prints("1 applied");
}

fn a_dry_run_tells_verdicts_and_losses<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    app.migration(
        "2_less",
        "ALTER TABLE users DROP COLUMN name;\n",
        "ALTER TABLE users ADD COLUMN name TEXT;\n",
    );
    app.migrate(["run", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 2_less (up, proved)
-- data goes: the values of `users.name`
ALTER TABLE users DROP COLUMN name;


"#]]);
    app.migrate(["redo", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 1_users (down, proved)
-- data goes: the rows of `users`
DROP TABLE users;

-- 1_users (up, proved)
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);


"#]]);
    let planned = &app.migrate(["run", "--dry-run", "--message-format=json"]).succeeds().json()[0];
    assert_eq!(
        (&planned["verdict"], &planned["loses"][0]),
        (&"proved".into(), &"the values of `users.name`".into())
    );
    app.migrate(["status"]).succeeds().prints("1 applied, 1 pending");
}

fn a_mistyped_version_names_the_nearest<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database)
        .table("2026-01-05-090000_users", "users")
        .table("2026-01-06-090000_posts", "posts")
        .build();
    app.migrate(["run"]).succeeds();
    for command in [
        &["run", "--to"][..],
        &["revert", "--to"],
        &["baseline"],
        &["repair", "--mark-applied"],
        &["repair", "--mark-reverted"],
        &["repair", "--accept-checksums"],
        &["repair", "--drop-missing"],
    ] {
        app.migrate([command, &["2026-01-06-090001"]].concat()).exits(2).says(
            "error: no migration is called `2026-01-06-090001`; did you mean `2026-01-06-090000_posts`",
        );
    }
}
