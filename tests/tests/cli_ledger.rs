//! SQLite's ledger rewritten by hand, and runs that are one transaction.

use migrate_tests::{Project, project};
use snapbox::str;

fn three() -> Project {
    project("app")
        .table("1_users", "users")
        .table("2_posts", "posts")
        .table("3_tags", "tags")
        .build()
}

#[test]
fn a_history_begins_where_it_is_said_to() {
    let app = three();
    app.migrate(["baseline", "2", "--dry-run"]).succeeds().stdout_is(str![[r#"
2 migrations to record as applied; nothing was changed

"#]]);
    assert!(!app.has("app.db"));
    app.database().execute("CREATE TABLE users (id INTEGER); CREATE TABLE posts (id INTEGER)");
    app.migrate(["baseline", "2"]).succeeds().stderr_is(str![[r#"
    Recorded 1_users
    Recorded 2_posts

"#]]);
    app.migrate(["run"]).succeeds().prints("1 migration applied (batch 2)");
    app.migrate(["status"]).succeeds().prints("1 applied, 2 baselined");
    app.migrate(["baseline", "2"]).exits(1).says("newer ones are applied: 3_tags");
    app.migrate(["baseline", "2_pots"]).exits(2).says("did you mean `2_posts`");
    app.remove("migrations/3_tags");
    app.migrate(["baseline", "3"]).exits(1).stderr_is(str![[r#"
error: 3_tags is not among the migrations, so it cannot be recorded as applied. Put its files back

"#]]);
}

#[test]
fn what_stands_between_ledger_and_files_is_told_and_settled() {
    let app = three();
    app.migrate(["run"]).succeeds();
    app.migrate(["repair"]).succeeds().stdout_is(str![[r#"
nothing to settle

"#]]);
    app.migration("1_users", "CREATE TABLE users (id INTEGER);\n", "DROP TABLE users;\n");
    app.migration(
        "3_tags",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);\n",
        "DROP TABLE IF EXISTS tags;\n",
    );
    app.remove("migrations/2_posts");
    app.migrate(["repair"]).exits(1).stdout_is(str![[r#"
1_users: modified: `up.sql` was edited since it was applied; put its text back, or `--accept-checksums 1`
2_posts: missing: applied, and its files are gone; put them back, revert it, or `--drop-missing 2`
3_tags: `down.sql` was edited since it was applied; `--accept-checksums 3` has the ledger keep the new one

"#]]);
    app.migrate(["repair", "--mark-applied", "2"]).succeeds().prints("nothing to settle");
    app.migrate(["repair", "--accept-checksums", "1"]).succeeds().stderr_is(str![[r#"
     Settled 1_users: taken as the files have it

"#]]);
    app.migrate(["repair", "--drop-missing"]).succeeds().prints("1 migration forgotten");
    app.migrate(["repair", "--accept-checksums"]).succeeds();
    app.migrate(["repair"]).succeeds();
    let down = "SELECT down FROM __migrate_history WHERE version = '3'";
    assert_eq!(app.database().texts(down), ["DROP TABLE IF EXISTS tags;\n"]);
    app.migrate(["repair", "--mark-reverted", "3"]).succeeds();
    assert_eq!(app.database().versions(), ["1"]);
    let mut writer = app.database();
    writer.execute("BEGIN IMMEDIATE");
    app.migrate(["repair", "--mark-reverted", "1", "--lock-timeout", "0"]).exits(3);
}

#[test]
fn a_migration_that_is_still_being_run_is_not_settled() {
    let app = three();
    app.migrate(["run", "--to", "2"]).succeeds();
    app.database().execute("INSERT INTO users (id) VALUES (7)");
    app.migration(
        "3_tags",
        "CREATE TABLE tags (id INTEGER);\nINSERT INTO users (id) VALUES (7);\n",
        "DROP TABLE tags;\n",
    );
    app.write("migrations/3_tags/metadata.toml", "run_in_transaction = false\n");
    app.migrate(["run"]).exits(4);
    app.migrate(["repair"]).exits(1).prints("3_tags: unfinished");
    let held = std::fs::File::create(app.path("app.db-migrate-lock")).unwrap();
    held.lock().unwrap();
    let settle = ["repair", "--mark-reverted", "3", "--lock-timeout", "0"];
    app.migrate(settle).exits(3);
    drop(held);
    app.migrate(settle).succeeds().prints("1 migration marked as not applied");
    app.migrate(["repair"]).succeeds();
}

#[test]
fn a_run_is_one_transaction_or_it_is_refused() {
    let app = three();
    app.migrate(["run", "--all-or-nothing"]).succeeds();
    app.migration("4_vacuum", "CREATE INDEX i ON users (name);\nVACUUM;\n", "DROP INDEX i;\n");
    app.write("migrations/4_vacuum/metadata.toml", "run_in_transaction = false\n");
    app.table("5_likes", "likes");
    app.migrate(["run", "--all-or-nothing"]).exits(1).says("4_vacuum runs outside of transactions");
    app.migrate(["run", "--all-or-nothing", "--resume"]).exits(2);
    assert_eq!(app.database().versions(), ["1", "2", "3"]);
}
