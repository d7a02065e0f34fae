//! `schema`: what the migrations make, from files alone.

mod json;

use std::fs;
use std::path::Path;

use migrate_build::layout::Directory;
use migrate_build::schema::{Format, Schema, Settings};
use migrate_build::{Cache, Dialect, Levels, Server, verify_directory};
use migrate_tests::corpus::{Engine as _, SqliteEngine};
use migrate_tests::diesel_schemas::Case;
use migrate_tests::migration_set::Set;
use migrate_tests::server::{Database, Mariadb, Postgres, Product};
use migrate_tests::{Project, project};
use snapbox::str;

fn app() -> Project {
    project("app")
        .migration(
            "2026-01-05-090000_create_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);\n",
            "DROP TABLE users;\n",
        )
        .migration(
            "2026-01-06-090000_add_posts",
            "CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author INTEGER NOT NULL REFERENCES users);\n",
            "DROP TABLE posts;\n",
        )
        .build()
}

/// What the migrations of a case make.
fn schema(case: &Case) -> Schema {
    let mut set = Set::new();
    for (name, up) in case.migrations() {
        let name = Path::new(&name);
        let reason = "-- migrate: irreversible reason=\"it is only looked at\"\n";
        set = set.file(name.join("up.sql"), format!("{reason}{up}"));
    }
    let directory = Directory::load(&set.path(), Path::new("m")).expect("it can be read");
    let (server, mut levels) = (Server::any(case.dialect), Levels::default());
    for allowed in ["foreign-key-mismatch", "mysql-implicit-commit"] {
        levels.set(allowed, "allow").expect("there is such a rule");
    }
    let report = verify_directory(directory, server, &levels, &mut Cache::default());
    let report = report.expect("every parser is there");
    assert!(!report.fails(), "{}: {:?}", case.name(), report.findings);
    Schema::behind(&report, &Cache::default()).expect("every parser is there")
}

/// The statements, run on an empty database, make the same as the migrations.
#[test]
fn statements_make_the_schema_on_real_databases() {
    let mut wrong = String::new();
    let altered = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas/mysql/altered");
    let on_mysql = ["chat".into(), "rooms".into(), altered]
        .map(|folder| Case { dialect: Dialect::Mysql, folder });
    for case in Case::all().into_iter().chain(on_mysql) {
        let text = match schema(&case).text(Format::Sql, &Settings::default()) {
            Ok(text) => text,
            Err(unknown) => {
                wrong += &format!("{}: {}\n", case.name(), unknown.message);
                continue;
            }
        };
        assert_eq!(schema(&case).text(Format::Sql, &Settings::default()).ok(), Some(text.clone()));
        let difference = match case.dialect {
            Dialect::Sqlite => differs_on_sqlite(&case, &text),
            Dialect::Postgres => differs(&case, &text, &Postgres::shared().database()),
            Dialect::Mysql => differs(&case, &text, &Mariadb::shared().database()),
        };
        if let Some(difference) = difference {
            wrong += &format!("{}: {difference}\n{text}\n", case.name());
        }
    }
    // It is made from a query.
    assert_eq!(wrong, "sqlite/filter: the table `a_copy` cannot be written for certain\n");
}

fn differs_on_sqlite(case: &Case, text: &str) -> Option<String> {
    let (mut migrated, mut made) = (SqliteEngine::new(), SqliteEngine::new());
    for (name, up) in case.migrations() {
        migrated.run(&up).expect(&name);
    }
    match made.run(text) {
        Ok(()) => migrated.snapshot().difference(&made.snapshot()),
        Err(error) => Some(error),
    }
}

fn differs<P: Product>(case: &Case, text: &str, migrated: &Database<P>) -> Option<String> {
    let made = migrated.server().database();
    for (_, up) in case.migrations() {
        migrated.sql(&up);
    }
    if let Err(error) = made.try_sql(text) {
        return Some(error);
    }
    let (migrated, made) = (migrated.schema(), made.schema());
    (migrated != made).then(|| format!("{made}\nby migrations:\n{migrated}"))
}

/// What Diesel's command line prints for each schema is kept beside it (`bin/diesel-schemas.rs`).
#[test]
fn tables_are_printed_as_diesel_prints_them() {
    let mut wrong = Vec::new();
    let cases = Case::all();
    for case in &cases {
        let settings = Settings::nearest(&case.folder, &case.folder).expect("it can be used");
        let schema = schema(case);
        let expected = fs::read_to_string(case.schema()).expect("what Diesel prints");
        match schema.text(Format::Diesel, &settings) {
            Ok(made) if made == expected => {}
            Ok(made) => wrong.push(format!("{}:\n{made}\nDiesel:\n{expected}", case.name())),
            Err(unknown) => wrong.push(format!("{}: {}", case.name(), unknown.message)),
        }
    }
    assert!(cases.len() > 10, "the fixtures are lost");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_schema_is_printed_at_any_version() {
    let app = app();
    app.migrate(["schema", "--format", "diesel"]).succeeds().stderr_is("").stdout_is(str![[r#"
// @generated automatically by Diesel CLI.

diesel::table! {
    posts (id) {
        id -> Integer,
        author -> Integer,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::joinable!(posts -> users (author));

diesel::allow_tables_to_appear_in_same_query!(posts, users,);

"#]]);
    let before = app.migrate(["schema", "--format", "diesel", "--at", "20260105090000"]).succeeds();
    before.stdout_is(str![[r#"
// @generated automatically by Diesel CLI.

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

"#]]);
    app.migrate(["schema", "--at", "2026-01-05-09000"]).exits(2).stdout_is("").stderr_is(str![[
        r#"
error: there is no migration `2026-01-05-09000`; did you mean `20260105090000`?

"#
    ]]);
    app.migrate(["schema", "--format", "deisel"])
        .exits(2)
        .stdout_is("")
        .says("did you mean `diesel`?");
}

#[test]
fn a_file_is_compared_with_what_the_migrations_make() {
    let app = app();
    app.migrate(["schema", "--check", "src/schema.rs"]).exits(1).stdout_is("").stderr_is(str![[
        r#"
error[stale-schema]: there is no `src/schema.rs`
--> src/schema.rs
 = help: `cargo migrate schema --format diesel > src/schema.rs` writes it
 = note: `cargo migrate explain stale-schema` says more


"#
    ]]);
    let made = app.migrate(["schema"]).succeeds();
    app.write("src/schema.rs", made.stdout());
    app.migrate(["schema", "--check", "src/schema.rs"]).succeeds().stderr_is("").stdout_is(str![[
        r#"
src/schema.rs is what the migrations make

"#
    ]]);
    // Other white space, line ends, comments and commas are none of Rust's business.
    let edited = made.stdout().replace("        ", "\t").replace('\n', "\r\n");
    app.write("src/schema.rs", format!("// ours\r\n{}", edited.replace("users,)", "users)")));
    app.migrate(["schema", "--check", "src/schema.rs"]).succeeds();
    app.write("src/schema.rs", made.stdout().replace("        name -> Text,\n", ""));
    app.migrate(["schema", "--check", "src/schema.rs"]).exits(1).stdout_is("").stderr_is(str![[
        r#"
error[stale-schema]: `src/schema.rs` is not what the migrations make
  --> src/schema.rs:13:5
   |
13 |     }
   |     ^ it differs from here on
   |
   = note: +         name -> Text,
   = help: `cargo migrate schema --format diesel > src/schema.rs` writes it again
   = note: `cargo migrate explain stale-schema` says more


"#
    ]]);
    app.migrate(["schema", "--check", "src/schema.rs", "--at", "2026-01-05-090000"])
        .exits(1)
        .says("cargo migrate schema --at 2026-01-05-090000 --format diesel > src/schema.rs");
    app.write("src/schema", "");
    app.migrate(["schema", "--check", "src/schema"]).exits(2).stderr_is(str![[r#"
error: `src/schema` is of no known format
  = help: give `--format`

"#]]);
    app.migrate(["schema", "--check", "src/schema", "--format", "diesel"]).exits(1);
}

#[test]
fn what_is_wrong_with_the_migrations_is_said_first() {
    let app = app();
    app.migration("2026-01-07-090000_oops", "ALTER TABLE user ADD COLUMN a;\n", "SELECT 1;\n");
    app.migrate(["schema"]).exits(1).stdout_is("").says("error[unknown-object]");
    app.migrate(["schema", "--at", "2026-01-06-090000"]).succeeds().prints("posts");
}

#[test]
fn what_is_not_known_is_not_printed() {
    let app = app();
    app.migration(
        "2026-01-07-090000_copy",
        "CREATE TABLE copy AS SELECT * FROM users;\n",
        "DROP TABLE copy;\n",
    );
    app.migrate(["schema"]).exits(1).stdout_is("").stderr_is(str![[r#"
error[unknown-schema]: the columns of `copy` are those of a query
 --> migrations/2026-01-07-090000_copy/up.sql:1:14
  |
1 | CREATE TABLE copy AS SELECT * FROM users;
  |              ^^^^ the table is made here
  |
  = note: `cargo migrate explain unknown-schema` says more


"#]]);
    app.write("diesel.toml", "[print_schema]\nfilter = { only_tables = [\"users\"] }\n");
    app.migrate(["schema"]).succeeds().prints("users (id)");
    app.migration(
        "2026-01-08-090000_search",
        "CREATE VIRTUAL TABLE search USING fts5 (x);\n",
        "DROP TABLE search;\n",
    );
    app.migrate(["schema"]).exits(1).stdout_is("").stderr_is(str![[r#"
error[unknown-schema]: a module makes the columns of `search`, and tables beside it
 --> migrations/2026-01-08-090000_search/up.sql:1:22
  |
1 | CREATE VIRTUAL TABLE search USING fts5 (x);
  |                      ^^^^^^ the table is made here
  |
  = note: `cargo migrate explain unknown-schema` says more


"#]]);
    app.migration("2026-01-08-090000_search", "ATTACH 'x' AS y;\n", "SELECT 1;\n");
    app.migrate(["schema"]).exits(1).stdout_is("").stderr_is(str![[r#"
error[unknown-schema]: what the migrations make is not known from here on
 --> migrations/2026-01-08-090000_search/up.sql:1:1
  |
1 | ATTACH 'x' AS y;
  | ^^^^^^^^^^^^^^^ another database is attached
  |
  = note: `cargo migrate explain unknown-schema` says more


"#]]);
    app.migration("2026-01-08-090000_search", "CREATE TABLE users2 (x odd);", "DROP TABLE users2;");
    app.write("diesel.toml", "");
    app.migrate(["schema", "--at", "2026-01-06-090000"]).succeeds();
    app.migration("2026-01-07-090000_copy", "CREATE TABLE copy (x INT);", "DROP TABLE copy;");
    app.migrate(["schema"]).exits(1).stdout_is("").stderr_is(str![[r#"
error[unknown-schema]: Diesel knows no type for `odd` of `users2.x`
 --> migrations/2026-01-08-090000_search/up.sql:1:14
  |
1 | CREATE TABLE users2 (x odd);
  |              ^^^^^^ the table is made here
  |
  = note: `cargo migrate explain unknown-schema` says more


"#]]);
}

#[test]
fn the_configuration_of_diesel_is_followed_or_refused() {
    let app = app();
    for (config, said) in [
        ("file = 1", "`file` must be a text that is not empty"),
        ("patch_file = \"x\"", "`patch_file` in `[print_schema]` is not followed"),
        ("with_doc = true", "has no key `with_doc`; did you mean `with_docs`?"),
        ("with_docs = \"yes\"", "`with_docs` must be one of"),
        ("column_sorting = \"size\"", "must be one of `ordinal_position`, `name`"),
        ("filter = { only = [\"a\"] }", "`filter` has no key `only`"),
        ("filter = { only_tables = [], except_tables = [] }", "`only_tables` or `except_tables`"),
        ("filter = { only_tables = [\"(\"] }", "`only_tables` holds no regular expression"),
        ("import_types = [1]", "`import_types` must be a list of texts"),
        ("other = { file = \"x\" }", "`other` in `[print_schema]` is not followed"),
        ("file = ", "diesel.toml:2:"),
    ] {
        app.write("diesel.toml", format!("[print_schema]\n{config}\n"));
        app.migrate(["schema"]).exits(2).stdout_is("").says(said);
    }
    app.write("diesel.toml", "[print_schema]\nschema = \"other\"\n");
    app.migrate(["schema"]).exits(1).stdout_is("").stderr_is(str![[r#"
error[unknown-schema]: SQLite has no schemas, and `[print_schema]` in `diesel.toml` asks for one
 |
 = note: `cargo migrate explain unknown-schema` says more


"#]]);
}

#[test]
fn the_file_of_a_package_is_checked_with_its_migrations() {
    let app = app();
    let manifest = app.read("Cargo.toml");
    let configured =
        |schema: &str| app.write("Cargo.toml", format!("{manifest}schema = {schema}\n"));
    app.migrate(["schema"]).succeeds();
    configured("true");
    app.migrate(["check"]).exits(2).stderr_is(str![[r#"
error: Cargo.toml: `schema = true` asks for the `file` in `[print_schema]` of `diesel.toml`, and there is none
  = help: write `schema = "src/schema.rs"`

"#]]);
    app.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    app.migrate(["check"]).exits(1).says("error[stale-schema]: there is no `src/schema.rs`");
    app.write("src/schema.rs", app.migrate(["schema"]).succeeds().stdout());
    app.migrate(["check"]).succeeds();
    app.write("src/schema.rs", "diesel::table! {}\n");
    app.migrate(["check"]).exits(1).stderr_is(str![[r#"
error[stale-schema]: `src/schema.rs` is not what the migrations make
 --> src/schema.rs:1:1
  |
1 | diesel::table! {}
  | ^^^^^^^^^^^^^^^^^ it differs from here on
  |
  = note: - diesel::table! {}
  = note: + diesel::table! {
  = note: +     posts (id) {
  = note: +         id -> Integer,
  = note: +         author -> Integer,
  = note: +     }
  = note: + }
  = note: + … and 8 more lines
  = help: `cargo migrate schema --format diesel > src/schema.rs` writes it again
  = note: `cargo migrate explain stale-schema` says more


"#]]);
    configured("\"src/other.txt\"");
    app.migrate(["check"]).exits(2).says("of no known format");
    configured("\"src/schema.rs\"\n[package.metadata.migrate.lints]\nstale-schema = \"warn\"");
    app.migrate(["check"]).succeeds().says("warning[stale-schema]");
    configured("1");
    app.migrate(["check"]).exits(2).says("`schema` is the path of a file, or `true`");
}

#[test]
fn what_has_changed_since_it_was_made_is_written() {
    let app = app();
    app.migration(
        "2026-01-07-090000_more",
        "ALTER TABLE users RENAME TO \"Old People\";
ALTER TABLE \"Old People\" ADD COLUMN age INT DEFAULT 1 CHECK (age >= 0);
CREATE INDEX posts_author ON posts (author DESC) WHERE author > 1;
ALTER TABLE posts RENAME COLUMN author TO \"Writer\";
CREATE TABLE mutual (id INTEGER PRIMARY KEY, other INTEGER REFERENCES later);
CREATE TABLE later (id INTEGER PRIMARY KEY AUTOINCREMENT, mutual INTEGER REFERENCES mutual);
ALTER TABLE later ADD COLUMN note TEXT;
CREATE VIEW names AS SELECT name FROM \"Old People\"; -- as it is written
",
        "SELECT 1;",
    );
    app.migrate(["schema", "--format", "sql"]).exits(1);
    app.remove("migrations/2026-01-07-090000_more/down.sql");
    let up = app.read("migrations/2026-01-07-090000_more/up.sql");
    let reason = "-- migrate: irreversible reason=\"a test\"\n";
    app.write("migrations/2026-01-07-090000_more/up.sql", format!("{reason}{up}"));
    let made = app.migrate(["schema", "--format", "sql"]).succeeds().stderr_is("");
    app.write("schema.sql", made.stdout());
    app.migrate(["schema", "--check", "schema.sql"]).succeeds();
    app.write("schema.sql", made.stdout().replace("note TEXT", "note BLOB"));
    app.migrate(["schema", "--check", "schema.sql"]).exits(1).stderr_is(str![[r#"
error[stale-schema]: `schema.sql` is not what the migrations make
  --> schema.sql:19:5
   |
19 |     note BLOB,
   |     ^^^^^^^^^^ it differs from here on
   |
   = note: -     note BLOB,
   = note: +     note TEXT,
   = help: `cargo migrate schema --format sql > schema.sql` writes it again
   = note: `cargo migrate explain stale-schema` says more


"#]]);
    made.stdout_is(str![[r#"
CREATE TABLE "Old People" (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    age INT DEFAULT 1,
    PRIMARY KEY (id),
    CHECK (age >= 0)
);
CREATE TABLE posts (
    id INTEGER NOT NULL,
    "Writer" INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY ("Writer") REFERENCES "Old People"
);
CREATE INDEX posts_author ON posts ("Writer" desc) WHERE writer > 1;
CREATE TABLE mutual (id INTEGER PRIMARY KEY, other INTEGER REFERENCES later);
CREATE TABLE later (
    id INTEGER PRIMARY KEY autoincrement,
    mutual INTEGER,
    note TEXT,
    FOREIGN KEY (mutual) REFERENCES mutual
);
CREATE VIEW names AS SELECT name FROM "Old People";

"#]]);
}

#[test]
fn a_script_gets_the_schema_as_json() {
    let app = app();
    let lines = app.migrate(["schema", "--message-format", "json"]).succeeds().json();
    assert_eq!(lines[0]["reason"], "schema");
    assert_eq!(lines[0]["format"], "diesel");
    assert_eq!(lines[0]["text"].as_str(), Some(app.migrate(["schema"]).succeeds().stdout()));
    assert_eq!(lines[1]["exit"], 0);
}
