//! `cargo build` of crates that carry migrations.

mod krate;
mod seal;

use krate::Krate;
use snapbox::{assert_data_eq, str};

#[test]
fn a_build_script_sees_every_change_and_nothing_else() {
    let name = "sees-every-change";
    let krate = Krate::new(name, true);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");

    let again = krate.build();
    assert!(
        !again.ran_build_script() && !again.compiled(name),
        "nothing changed: {}",
        again.stderr
    );

    krate.migration(
        "2026-01-02-000000_create_b",
        "CREATE TABLE b (x INTEGER);\n",
        "DROP TABLE b;\n",
    );
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n", "a new directory");

    krate.write(
        "migrations/2026-01-02-000000_create_b/metadata.toml",
        "run_in_transaction = false\n",
    );
    let built = krate.build();
    assert!(
        built.succeeded && built.ran_build_script() && built.compiled(name),
        "new settings: {}",
        built.said()
    );

    krate.write(
        "migrations/2026-01-02-000000_create_b/metadata.toml",
        "run_in_transactions = false\n",
    );
    let built = krate.build();
    assert!(
        !built.succeeded && built.stderr.contains("unknown-setting"),
        "edited settings: {}",
        built.said()
    );

    std::fs::remove_dir_all(krate.path("migrations/2026-01-02-000000_create_b")).expect("removed");
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n", "a removed directory");
}

#[test]
fn broken_sql_fails_the_build_at_its_place() {
    let krate = Krate::new("broken-sql", true);
    krate.migration(
        "2026-01-02-000000_create_b",
        "CREATE TABLE b (\n  x INTEGER,\n  y TEXT NOT NUL\n);\n",
        "DROP TABL b;\n",
    );
    let built = krate.build();
    assert!(!built.succeeded);
    assert_data_eq!(
        built.errors(),
        str![[r#"
error: broken-sql@0.0.0: [syntax]: syntax error near `NUL`
error: broken-sql@0.0.0:  --> migrations/2026-01-02-000000_create_b/up.sql:3:14
error: broken-sql@0.0.0:   |
error: broken-sql@0.0.0: 3 |   y TEXT NOT NUL
error: broken-sql@0.0.0:   |              ^^^ SQLite does not expect this here
error: broken-sql@0.0.0:   |
error: broken-sql@0.0.0:   = help: did you mean `NULL` instead of `NUL`?
error: broken-sql@0.0.0:   = note: `cargo migrate explain syntax` says more
error: broken-sql@0.0.0:
error: broken-sql@0.0.0: [syntax]: syntax error near `TABL`
error: broken-sql@0.0.0:  --> migrations/2026-01-02-000000_create_b/down.sql:1:6
error: broken-sql@0.0.0:   |
error: broken-sql@0.0.0: 1 | DROP TABL b;
error: broken-sql@0.0.0:   |      ^^^^ SQLite does not expect this here
error: broken-sql@0.0.0:   |
error: broken-sql@0.0.0:   = help: did you mean `TABLE` instead of `TABL`?
error: broken-sql@0.0.0:   = note: `cargo migrate explain syntax` says more
error: broken-sql@0.0.0:
error: build script logged errors

"#]]
    );
    krate.migration(
        "2026-01-02-000000_create_b",
        "CREATE TABLE b (x INTEGER);\n",
        "DROP TABLE b;\n",
    );
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n", "mended");
}

#[test]
fn a_stale_schema_file_fails_the_build() {
    let name = "stale-schema";
    let krate = Krate::new(name, true);
    let manifest = std::fs::read_to_string(krate.path("Cargo.toml")).expect("it is there");
    let manifest = manifest.replace("dialect =", "schema = \"src/schema.rs\"\ndialect =");
    krate.write("Cargo.toml", &manifest);
    let table = "diesel::table! {\n    a (rowid) {\n        rowid -> Integer,\n        x -> Nullable<Integer>,\n    }\n}\n";
    krate.write("src/schema.rs", table);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");
    let again = krate.build();
    assert!(!again.ran_build_script() && !again.compiled(name), "nothing changed");

    krate.migration(
        "2026-01-02-000000_add_y",
        "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT '';\n",
        "ALTER TABLE a DROP COLUMN y;\n",
    );
    let built = krate.build();
    assert!(!built.succeeded);
    assert_data_eq!(
        built.errors(),
        str![[r#"
error: stale-schema@0.0.0: [stale-schema]: `src/schema.rs` is not what the migrations make
error: stale-schema@0.0.0:  --> src/schema.rs:5:5
error: stale-schema@0.0.0:   |
error: stale-schema@0.0.0: 5 |     }
error: stale-schema@0.0.0:   |     ^ it differs from here on
error: stale-schema@0.0.0:   |
error: stale-schema@0.0.0:   = note: +         y -> Text,
error: stale-schema@0.0.0:   = help: `cargo migrate schema --format diesel > src/schema.rs` writes it again
error: stale-schema@0.0.0:   = note: `cargo migrate explain stale-schema` says more
error: stale-schema@0.0.0:
error: build script logged errors

"#]]
    );
    let newer = table.replace("    }\n}", "        y -> Text,\n    }\n}");
    krate.write("src/schema.rs", &newer);
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n", "mended");
    krate.write("src/schema.rs", table);
    assert!(!krate.build().succeeded, "the file alone has changed");
    krate.write("diesel.toml", "[print_schema]\nimport_types = [\"crate::types::*\"]\n");
    krate.write("src/schema.rs", &newer);
    assert!(!krate.build().succeeded, "Diesel's configuration is followed");
}

#[test]
fn a_way_back_that_is_none_fails_the_build() {
    let krate = Krate::new("irreversible", true);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");
    // What was found out before is known when only this one is new.
    krate.migration(
        "2026-01-02-000000_create_b",
        "CREATE TABLE b (x INTEGER);\nALTER TABLE a ADD COLUMN y TEXT;\n",
        "DROP TABLE b;\n",
    );
    let built = krate.build();
    assert!(!built.succeeded);
    assert_data_eq!(
        built.errors(),
        str![[r#"
error: irreversible@0.0.0: [irreversible]: `down.sql` does not bring the table `a` back as it was: the column `y` stays
error: irreversible@0.0.0:  --> migrations/2026-01-02-000000_create_b/up.sql:2:1
error: irreversible@0.0.0:   |
error: irreversible@0.0.0: 2 | ALTER TABLE a ADD COLUMN y TEXT;
error: irreversible@0.0.0:   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ changed here
error: irreversible@0.0.0:   |
error: irreversible@0.0.0:  ::: migrations/2026-01-02-000000_create_b/down.sql:1:1
error: irreversible@0.0.0:   |
error: irreversible@0.0.0: 1 | DROP TABLE b;
error: irreversible@0.0.0:   | ------------ nothing here restores it
error: irreversible@0.0.0:   |
error: irreversible@0.0.0:   = help: add to `down.sql`: ALTER TABLE a DROP COLUMN y;
error: irreversible@0.0.0:   = note: `cargo migrate explain irreversible` says more
error: irreversible@0.0.0:
error: build script logged errors

"#]]
    );

    let down = "DROP TABLE b;\nALTER TABLE a DROP COLUMN y;\n";
    krate.write("migrations/2026-01-02-000000_create_b/down.sql", down);
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n", "mended");

    // An older one that is edited is judged again, and so is what stands on it.
    krate.migration("2026-01-01-000000_create_a", "CREATE TABLE c (x);\n", "DROP TABLE c;\n");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("there is no table `a`"), "{}", built.said());
}

#[test]
fn a_warning_is_shown_and_the_build_goes_on() {
    let krate = Krate::new("warns", true);
    let up = "PRAGMA foreign_keys = OFF;\nCREATE TABLE b (x INTEGER);\n";
    krate.migration("2026-01-02-000000_create_b", up, "DROP TABLE b;\n");
    let built = krate.build();
    assert!(built.succeeded, "{}", built.said());
    assert_data_eq!(
        built.errors(),
        str![[r#"
warning: warns@0.0.0: [idle-pragma]: `PRAGMA foreign_keys` has no effect in a transaction
warning: warns@0.0.0:  --> migrations/2026-01-02-000000_create_b/up.sql:1:1
warning: warns@0.0.0:   |
warning: warns@0.0.0: 1 | PRAGMA foreign_keys = OFF;
warning: warns@0.0.0:   | ^^^^^^^^^^^^^^^^^^^^^^^^^
warning: warns@0.0.0:   |
warning: warns@0.0.0:   = note: enforcement is switched off for a migration that rebuilds a table, and checked before commit, without it
warning: warns@0.0.0:   = help: leave it out
warning: warns@0.0.0:   = note: `cargo migrate explain idle-pragma` says more
warning: warns@0.0.0:

"#]]
    );
}

#[test]
fn a_configuration_that_cannot_be_used_fails_the_build() {
    let krate = Krate::new("misconfigured", true);
    let manifest = std::fs::read_to_string(krate.path("Cargo.toml")).expect("the manifest");
    krate.write("Cargo.toml", &manifest.replace("dialect = \"sqlite\"", "dialct = \"sqlite\""));
    let built = krate.build();
    assert!(!built.succeeded);
    assert!(
        built.stderr.contains("Cargo.toml:6:1: `[package.metadata.migrate]` has no key `dialct`; did you mean `dialect`?"),
        "{}",
        built.stderr
    );
}

#[test]
fn build_script_and_macro_read_for_which_server_it_is() {
    for (name, build_script) in [("script-for-a-server", true), ("macro-for-a-server", false)] {
        let krate = Krate::new(name, build_script);
        let manifest = std::fs::read_to_string(krate.path("Cargo.toml")).expect("the manifest");
        let dialect = "dialect = \"sqlite\"\n";
        let with_version = format!("{dialect}server-version = \"15\"\n");
        krate.write("Cargo.toml", &manifest.replace(dialect, &with_version));
        let built = krate.build();
        assert!(!built.succeeded);
        let expected = "Cargo.toml:7:18: SQLite runs without a server: it has no version";
        assert!(built.stderr.contains(expected), "{}", built.said());
    }
}

#[test]
fn without_a_build_script_the_macro_verifies_and_says_what_it_misses() {
    let name = "macro-alone";
    let krate = Krate::new(name, false);
    let built = krate.build();
    assert!(built.succeeded, "{}", built.said());
    assert_data_eq!(
        built.errors(),
        str![[r#"
warning: use of deprecated constant `MIGRATIONS::_::NEW_MIGRATIONS_GO_UNNOTICED`: without a build script, a new migration goes unnoticed until a Rust file changes: add a `build.rs` with `fn main() { migrate_build::verify() }`
 --> src/main.rs:5:33
  |
5 | static MIGRATIONS: Migrations = embed_migrations!();
  |                                 ^^^^^^^^^^^^^^^^^^^
  |
  = note: `#[warn(deprecated)]` on by default
  = note: this warning originates in the macro `$crate::__embed` which comes from the expansion of the macro `embed_migrations` (in Nightly builds, run with -Z macro-backtrace for more info)

warning: `macro-alone` (bin "macro-alone") generated 1 warning

"#]]
    );
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");

    krate.write("migrations/2026-01-01-000000_create_a/up.sql", "CREATE TABLE a (x INTEGER, y);\n");
    assert!(krate.build().compiled(name), "an edited file is noticed");

    krate.write("migrations/2026-01-01-000000_create_a/up.sql", "CREATE TABEL a (x INTEGER);\n");
    let built = krate.build();
    assert!(!built.succeeded);
    assert_data_eq!(
        built.errors(),
        str![[r#"
error: [syntax]: syntax error near `TABEL`
        --> migrations/2026-01-01-000000_create_a/up.sql:1:8
         |
       1 | CREATE TABEL a (x INTEGER);
         |        ^^^^^ SQLite does not expect this here
         |
         = help: did you mean `TABLE` instead of `TABEL`?
         = note: `cargo migrate explain syntax` says more
 --> src/main.rs:5:33
  |
5 | static MIGRATIONS: Migrations = embed_migrations!();
  |                                 ^^^^^^^^^^^^^^^^^^^
  |
  = note: this error originates in the macro `$crate::__embed` which comes from the expansion of the macro `embed_migrations` (in Nightly builds, run with -Z macro-backtrace for more info)

error: could not compile `macro-alone` (bin "macro-alone") due to 1 previous error


"#]]
    );
}

/// What an application links with the runtime, beside itself. More needs a reason.
#[test]
fn the_runtime_links_diesel_and_nothing_else() {
    let tree = krate::tree("migrate-runtime", "sqlite-bundled,macros");
    let diesel = krate::tree("diesel_migrations", "");
    let ours: Vec<&str> = tree.difference(&diesel).map(String::as_str).collect();
    assert_eq!(ours, ["migrate-runtime"], "beside what diesel_migrations links: {diesel:?}");
}
