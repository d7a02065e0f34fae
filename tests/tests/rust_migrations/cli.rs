//! What the command line says of migrations in Rust, of which it knows the files alone.

use migrate_tests::{Project, project};
use snapbox::str;

const CODE: &str = "\
// migrate: assume(rows-only) reason=\"it fills a column\"
use diesel::prelude::*;

pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
    diesel::sql_query(\"UPDATE users SET id = id\").execute(conn).map(drop)
}

pub fn down(_: &mut SqliteConnection) -> QueryResult<()> {
    Ok(())
}
";

fn with(code: &str) -> Project {
    project("app")
        .table("1_users", "users")
        .file("migrations/2_fill/migration.rs", code)
        .table("3_posts", "posts")
        .build()
}

#[test]
fn a_plan_shows_the_function_in_comments() {
    with(CODE).migrate(["run", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 1_users (up, proved)
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);

-- 2_fill (up, assumed)
-- pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
--     diesel::sql_query("UPDATE users SET id = id").execute(conn).map(drop)
-- }

-- 3_posts (up, proved)
CREATE TABLE posts (id INTEGER PRIMARY KEY, name TEXT);


"#]]);
}

#[test]
fn nobody_writes_its_way_back() {
    with(CODE).migrate(["down", "2"]).exits(2).stderr_is(str![[r#"
error: 2_fill is written in Rust, and so is its way back
  = help: write `pub fn down` in its `migration.rs`

"#]]);
}

#[test]
fn a_sealed_one_stays_as_it_is() {
    let app = with(CODE);
    app.migrate(["seal"]).succeeds();
    app.migrate(["check", "--locked"]).succeeds();
    app.write("migrations/2_fill/migration.rs", CODE.replace("it fills", "it refills"));
    app.migrate(["check"]).succeeds().stderr_is(str![[r#"
warning[edited-comment]: only comments and white space differ from what was sealed
--> migrations/2_fill/migration.rs
 = help: `cargo migrate seal` seals them as they are
 = note: `cargo migrate explain edited-comment` says more


"#]]);
    app.write("migrations/2_fill/migration.rs", CODE.replace("id = id", "id = id + 1"));
    app.migrate(["check"]).exits(1).stdout_is(str![[r#"
3 migrations checked: 1 error; 2 proved reversible, 1 assumed reversible

"#]]);
}

#[test]
fn new_writes_one_to_fill_in() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["new", "fill_towns", "--rust", "--version", "2"]).succeeds().stdout_is(str![[
        r#"
created migrations/2_fill_towns/migration.rs

"#
    ]]);
    let text = app.read("migrations/2_fill_towns/migration.rs");
    snapbox::assert_data_eq!(
        text,
        str![[r#"
//! What this migration does, and why SQL alone does not do.
//
// What Rust does to a schema is not read. Where it changes rows alone, say so behind two slashes:
// `migrate: assume(rows-only) reason="…"`; what comes behind this migration is still proved then.

use diesel::prelude::*;

pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
    compile_error!("write what this migration does")
}

pub fn down(conn: &mut SqliteConnection) -> QueryResult<()> {
    compile_error!("write what undoes it")
}

"#]]
    );
    app.migrate(["check"]).succeeds().stdout_is(str![[r#"
2 migrations checked: 1 warning; 1 proved reversible, 1 unknown

"#]]);
    let for_good = ["new", "drop_towns", "--rust", "--version", "3", "--irreversible", "gone"];
    app.migrate(for_good).succeeds();
    let text = app.read("migrations/3_drop_towns/migration.rs");
    assert!(text.starts_with("// migrate: irreversible reason=\"gone\"\n"), "{text}");
    assert!(!text.contains("fn down"), "{text}");
    app.migrate(["new", "add_a_to_b", "a:int", "--rust"]).exits(2).says("cannot be used with");
}
