//! Backups of SQLite, and the way back from them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use migrate_tests::{Database, Project, project};
use snapbox::str;

fn applied() -> Project {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    app.database().execute("INSERT INTO users (name) VALUES ('Ada')");
    app
}

fn backups(app: &Project) -> Vec<String> {
    app.entries().into_iter().filter(|name| name.ends_with(".backup")).collect()
}

fn noted(app: &Project) -> Vec<String> {
    app.database().texts("SELECT name FROM __migrate_history WHERE version LIKE 'backup %'")
}

#[test]
fn a_run_is_backed_up_before_it_changes_anything() {
    let app = applied();
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds().says("Backed up app.db.");
    let made = backups(&app);
    assert_eq!(made, noted(&app));
    let mut copy = Database::open(&app.path(&made[0]));
    assert_eq!(copy.names(), ["users"]);
    assert_eq!(copy.texts("SELECT name FROM users"), ["Ada"]);
    // Where nothing is pending, nothing is copied.
    app.migrate(["run", "--backup"]).succeeds().prints("nothing to apply");
    assert_eq!(backups(&app), made);
    // It may be given a name; one that is taken is left alone.
    app.table("3_tags", "tags");
    app.migrate(["run", "--backup=Cargo.toml"]).exits(1).stderr_is(str![[r#"
error: nothing was run: cannot write `Cargo.toml`: it is there already, and nothing is overwritten

"#]]);
    app.migrate(["run", "--backup=gone/copy.db"]).exits(1).says("cannot write `gone/copy.db");
    app.migrate(["status"]).succeeds().prints("1 pending");
    app.migrate(["run", "--backup=it's a copy"]).succeeds();
    assert!(app.has("it's a copy"));
    app.migrate(["status"]).succeeds().prints("3 applied");
}

#[test]
fn what_is_reverted_can_be_brought_back() {
    let app = applied();
    app.migrate(["revert", "--backup"]).succeeds().says("Backed up app.db.");
    assert_eq!(backups(&app), noted(&app));
    assert!(app.database().names().is_empty());
    app.migrate(["revert", "--backup"]).succeeds().prints("nothing to revert");
    assert_eq!(backups(&app).len(), 1);
    app.migrate(["restore", "--yes"]).succeeds();
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
    app.migrate(["redo", "--backup=gone/copy.db"]).exits(1).says("cannot write `gone/copy.db");
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
    app.migrate(["redo", "--backup=copy.db"]).succeeds().says("Backed up copy.db");
    let mut copy = Database::open(&app.path("copy.db"));
    assert_eq!(copy.texts("SELECT name FROM users"), ["Ada"]);
    assert!(app.database().texts("SELECT name FROM users").is_empty());
}

#[test]
fn what_runs_outside_of_transactions_is_backed_up_as_well() {
    let app = applied();
    let settings = "run_in_transaction = false\n";
    app.migration(
        "2_index",
        "CREATE INDEX names ON users (name);\nVACUUM;\n",
        "DROP INDEX names;\n",
    );
    app.write("migrations/2_index/metadata.toml", settings);
    app.migrate(["run", "--backup"]).succeeds();
    let made = backups(&app);
    assert_eq!(noted(&app), made);
    assert_eq!(Database::open(&app.path(&made[0])).names(), ["users"]);
}

#[test]
fn nobody_may_read_more_than_before() {
    let app = applied();
    fs::set_permissions(app.path("app.db"), fs::Permissions::from_mode(0o600)).unwrap();
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds();
    let mode = |name: &str| fs::metadata(app.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&backups(&app)[0]), 0o600);
    app.migrate(["restore", "--yes"]).succeeds();
    assert_eq!(mode("app.db"), 0o600);
}

#[test]
fn a_new_database_has_nothing_to_back_up() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["run", "--backup"]).succeeds();
    assert!(backups(&app).is_empty());
    app.migrate(["run", "--backup", "--database-url", ":memory:"])
        .exits(2)
        .says("the database in memory cannot be backed up");
}

#[test]
fn a_protected_database_is_backed_up_unasked() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [package.metadata.migrate]\ndialect = \"sqlite\"\n\
        [package.metadata.migrate.environments.production]\nprotected = true\n";
    let app = applied();
    app.write("Cargo.toml", manifest);
    app.table("2_posts", "posts");
    app.migrate(["run", "-e", "production"]).succeeds().says("Backed up");
    app.table("3_tags", "tags");
    app.migrate(["run", "-e", "production", "--no-backup"]).exits(2).stderr_is(str![[r#"
error: this run goes without a backup in the protected environment `production`: not without a confirmation
  = help: there is no terminal to ask on; `--yes --confirm production` says it beforehand

"#]]);
    let confirmed = ["--yes", "--confirm", "production"];
    app.migrate([&["run", "-e", "production", "--no-backup"], &confirmed[..]].concat()).succeeds();
    assert_eq!(backups(&app).len(), 1);
    // What takes something back is confirmed anyhow.
    let revert = [&["revert", "-e", "production"], &confirmed[..]].concat();
    app.migrate(["revert", "-e", "production", "--no-backup"])
        .exits(2)
        .says("error: migrations are reverted, without a backup in the protected environment");
    app.migrate([&revert[..], &["--no-backup"]].concat()).succeeds();
    assert_eq!(backups(&app).len(), 1);
    app.migrate(["run", "-e", "production"]).succeeds().says("Backed up");
    app.migrate(&revert).succeeds().says("Backed up");
    assert_eq!(backups(&app).len(), 3);
    app.migrate(["restore", "-e", "production", "--yes"]).exits(2);
    app.migrate([&["restore", "-e", "production"], &confirmed[..]].concat()).succeeds();
    assert_eq!(app.database().names(), ["posts", "tags", "users"]);
}

#[test]
fn a_backup_is_restored_and_what_it_replaces_is_kept() {
    let app = applied();
    app.database().execute("PRAGMA journal_mode = WAL");
    app.migration(
        "2_less",
        "DROP TABLE users;\n",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n",
    );
    app.migrate(["run", "--backup"]).succeeds();
    assert!(app.database().names().is_empty());
    app.migrate(["restore"])
        .exits(2)
        .says("is replaced by `app.db.")
        .says("`--yes` says it beforehand");
    app.migrate(["restore", "--yes"])
        .succeeds()
        .prints("`app.db` is as `app.db.")
        .says("what it was before is kept in `");
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
    assert_eq!(app.database().texts("SELECT * FROM pragma_journal_mode"), ["wal"]);
    app.migrate(["status"]).succeeds().prints("1 applied, 1 pending");
    // A second time takes the first one back: the newest is what was replaced.
    assert_eq!(backups(&app).len(), 2);
    app.migrate(["restore", "--yes"]).succeeds();
    assert!(app.database().names().is_empty());
    assert_eq!(backups(&app).len(), 3);
}

#[test]
fn a_link_stays_a_link_and_a_missing_database_comes_back() {
    let app = applied();
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup=copy.db"]).succeeds();
    fs::create_dir(app.path("data")).unwrap();
    fs::rename(app.path("app.db"), app.path("data/real.db")).unwrap();
    symlink("data/real.db", app.path("app.db")).unwrap();
    app.migrate(["restore", "copy.db", "--yes"]).succeeds();
    assert!(app.path("app.db").is_symlink());
    assert_eq!(app.database().names(), ["users"]);
    app.remove("data/real.db");
    app.remove("app.db");
    app.migrate(["restore", "copy.db", "--yes"]).succeeds();
    assert_eq!(app.database().texts("SELECT name FROM users"), ["Ada"]);
}

#[test]
fn a_damaged_database_can_be_replaced() {
    let app = applied();
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds();
    app.write("app.db", "a letter\n");
    app.migrate(["restore", "--yes"]).succeeds();
    assert_eq!(app.database().names(), ["users"]);
    let kept = backups(&app).pop().unwrap();
    assert_eq!(app.read(&kept), "a letter\n");
    app.migrate(["restore", "--yes"]).exits(1).says("is no backup: it is not an SQLite database");
}

#[test]
fn what_is_no_backup_is_refused_and_a_mistyped_one_named() {
    let app = applied();
    app.migrate(["restore", "--yes"]).exits(1).stderr_is(str![[r#"
error: there is no backup beside `app.db`
  = help: `cargo migrate run --backup` makes one; another place is given as PATH

"#]]);
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds();
    let name = &backups(&app)[0];
    let mistyped = format!("x{name}");
    app.migrate(["restore", &mistyped, "--yes"])
        .exits(2)
        .says(&format!("= help: there is `{name}`"));
    app.migrate(["restore", "Cargo.toml", "--yes"]).exits(1).stderr_is(str![[r#"
error: `Cargo.toml` is no backup: it is not an SQLite database

"#]]);
    Database::open(&app.path("other.db")).execute("CREATE TABLE x (y)");
    app.migrate(["restore", "other.db", "--yes"]).exits(1).stderr_is(str![[r#"
error: `other.db` is no backup: it has no ledger of migrations

"#]]);
    let whole = app.bytes(name);
    app.write("half.db", &whole[..whole.len() / 2]);
    app.migrate(["restore", "half.db", "--yes"]).exits(1).says("error: `half.db` is no backup: ");
    app.migrate(["status"]).succeeds().prints("2 applied");
}

#[test]
fn nothing_is_replaced_under_others() {
    let app = applied();
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds();
    let mut other = app.database();
    other.execute("BEGIN IMMEDIATE");
    app.migrate(["restore", "--yes"]).exits(3).stderr_is(str![[r#"
error: cannot replace `app.db`: database is locked
  = help: close what uses the database, and try again

"#]]);
    other.execute("ROLLBACK");
    // Idle: it holds no lock.
    app.migrate(["restore", "--yes"]).exits(1).says("cannot replace `app.db`: others have it open");
    drop(other);
    assert_eq!(backups(&app).len(), 1);
    app.migrate(["status"]).succeeds().prints("2 applied");
    app.migrate(["restore", "--yes"]).succeeds();
}
