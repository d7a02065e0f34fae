//! Another tool's files, converted into our layout.

use migrate_tests::{Project, project};
use snapbox::str;

/// A project without migrations, beside the files of another tool.
fn beside(files: &[(&str, &str)]) -> Project {
    let with = |app: migrate_tests::Builder, (name, text): &(&str, &str)| {
        app.file(format!("old/{name}"), text)
    };
    files.iter().fold(project("app"), with).build()
}

const GOOSE: &[(&str, &str)] = &[
    (
        "00001_create_users.sql",
        "-- +goose Up\nCREATE TABLE users (id INTEGER PRIMARY KEY);\n\n-- +goose Down\nDROP TABLE users;\n",
    ),
    (
        "00002_add_phone.sql",
        "-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE users ADD COLUMN phone TEXT;\n",
    ),
];

#[test]
fn goose_s_sections_become_two_files() {
    let app = beside(GOOSE);
    app.migrate(["adopt", "--from", "goose", "--files", "old"])
        .succeeds()
        .stdout_is(str![[r#"
00001_create_users.sql  ->  migrations/00001_create_users
00002_add_phone.sql  ->  migrations/00002_add_phone
2 written, 0 there already

"#]])
        .stderr_is(str![[r#"
note: 1 had no way back: `up.sql` says so; `cargo migrate down` writes one as far as it can
note: no history was taken over: where these have run, `cargo migrate adopt` does it

"#]]);
    assert_eq!(app.migrations(), ["00001_create_users", "00002_add_phone"]);
    let read = |file: &str| app.read(&format!("migrations/{file}"));
    assert_eq!(
        read("00001_create_users/up.sql"),
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n\n"
    );
    assert_eq!(read("00001_create_users/down.sql"), "DROP TABLE users;\n");
    assert_eq!(
        read("00002_add_phone/up.sql"),
        "-- migrate: irreversible reason=\"taken over from goose, which had no way back\"\n\
         ALTER TABLE users ADD COLUMN phone TEXT;\n"
    );
    assert!(read("00002_add_phone/metadata.toml").ends_with("run_in_transaction = false\n"));
    // They are migrations as any other.
    app.migrate(["check"]).succeeds();
    app.migrate(["run"]).succeeds().prints("2 migrations applied");
}

#[test]
fn files_and_history_come_over_in_one_go() {
    let app = beside(GOOSE);
    app.database().execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT);
         CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT,
            version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP);
         INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1);",
    );
    let adopt = ["adopt", "--from", "goose", "--files", "old"];
    app.migrate(adopt).succeeds().prints("2 migrations of goose taken over");
    app.migrate(["status"]).succeeds().prints("2 applied");
    app.migrate(adopt)
        .succeeds()
        .prints("0 written, 2 there already")
        .prints("nothing to take over");
}

#[test]
fn versions_are_widened_where_bytes_would_order_them_otherwise() {
    let app = beside(&[
        ("V1__create_users.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);\n"),
        ("V2__create_posts.sql", "CREATE TABLE posts (id INTEGER PRIMARY KEY);\n"),
        ("V10__add_phone.sql", "ALTER TABLE users ADD COLUMN phone TEXT;\n"),
    ]);
    app.migrate(["adopt", "--from", "refinery", "--files", "old"]).succeeds();
    assert_eq!(app.migrations(), ["0001_create_users", "0002_create_posts", "0010_add_phone"]);
    // What is made from now on comes behind them.
    app.migrate(["new", "create_tags", "name:text"]).succeeds();
    assert!(app.migrations()[3].ends_with("_create_tags"));
}

#[test]
fn equal_versions_are_told_apart() {
    let text = |table: &str| {
        format!("-- migrate:up\nCREATE TABLE {table} (x);\n-- migrate:down\nDROP TABLE {table};\n")
    };
    let (a, b) = (text("a"), text("b"));
    let app = beside(&[("20250723_a.sql", &a), ("20250723_b.sql", &b)]);
    app.migrate(["adopt", "--from", "dbmate", "--files", "old"]).succeeds();
    assert_eq!(app.migrations(), ["2025072301_a", "2025072302_b"]);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_by_half() {
    let app = beside(GOOSE);
    app.migration("00002_other", "CREATE TABLE other (x);\n", "DROP TABLE other;\n");
    app.migrate(["adopt", "--from", "goose", "--files", "old"]).exits(1).stderr_is(str![[r#"
error: nothing was written: `00002_add_phone` would have the version of `00002_other`, which is there
  = help: move that one away, or name another directory with `--dir`

"#]]);
    assert_eq!(app.migrations(), ["00002_other"]);
}

#[test]
fn a_dry_run_writes_nothing() {
    let app = beside(GOOSE);
    app.migrate(["adopt", "--from", "goose", "--files", "old", "--dry-run"])
        .succeeds()
        .prints("00001_create_users.sql  ->  migrations/00001_create_users")
        .says("nothing was written");
    assert!(!app.has("migrations"));
}

#[test]
fn what_cannot_be_converted_is_refused_with_a_way_out() {
    let refused = |tool: &str, files: &[(&str, &str)]| {
        let app = beside(files);
        let output = app.migrate(["adopt", "--from", tool, "--files", "old"]).output();
        assert!(!app.has("migrations"));
        (output.code(), output.stderr().to_owned())
    };
    let (code, said) = refused("knex", &[("20240101_a.js", "")]);
    assert!(code == Some(2) && said.contains("Knex's migrations are programs"), "{said}");
    let (code, said) = refused("diesel", &[("x.sql", "")]);
    assert!(code == Some(2) && said.contains("Diesel's layout is the one"), "{said}");
    let (code, said) = refused("goose", &[("00001_x.sql", "CREATE TABLE t (x);\n")]);
    assert!(code == Some(1) && said.contains("`00001_x.sql` does not say where"), "{said}");
    let (code, said) = refused("sqlx", &[("notes.txt", "")]);
    assert!(code == Some(1) && said.contains("`old` has no migrations of sqlx"), "{said}");
    let (code, said) = refused("sqlx", &[]);
    assert!(code == Some(1) && said.contains("cannot read `old`"), "{said}");
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let app = project("app").file("old/1_a.sql", b"CREATE TABLE \xff;\n").build();
    app.migrate(["adopt", "--from", "sqlx", "--files", "old"])
        .exits(1)
        .says("`old/1_a.sql` is not UTF-8 from byte 13 on");
}
