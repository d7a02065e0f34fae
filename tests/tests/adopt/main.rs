//! Taking over the histories of other tools: from what the tools themselves left in a database
//! (`tests/fixtures/adopt/make.sh`), and from tables laid out as their documentation says.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

mod choosing;
mod files;
mod mismatch;
mod node;
mod rust_tools;
mod tables;

use std::fs;
use std::path::Path;

use migrate_tests::server::{Database, Product};
use migrate_tests::{Project, project, server_project};

/// What each migration does: its directory, and its scripts.
type Scripts = [(&'static str, &'static str, &'static str)];

const USERS: (&str, &str) = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(100) NOT NULL);\n",
    "DROP TABLE users;\n",
);
const POSTS: (&str, &str) = (
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL, body TEXT);\n",
    "DROP TABLE posts;\n",
);
const PHONE: (&str, &str) =
    ("ALTER TABLE users ADD COLUMN phone VARCHAR(20);\n", "ALTER TABLE users DROP COLUMN phone;\n");

/// The three migrations that the fixtures' tools ran, as ours, and one that is new.
const FOUR: &Scripts = &[
    ("20240101090000_create_users", USERS.0, USERS.1),
    ("20240102090000_create_posts", POSTS.0, POSTS.1),
    ("20240103090000_add_phone_to_users", PHONE.0, PHONE.1),
    ("20260105090000_create_tags", "CREATE TABLE tags (id INTEGER);\n", "DROP TABLE tags;\n"),
];

/// What a tool left in a database.
fn left_by(tool: &str, dialect: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/adopt");
    fs::read_to_string(fixtures.join(tool).join(dialect).with_extension("sql")).unwrap()
}

/// A project with these migrations, whose database is in `app.db`.
fn app(scripts: &Scripts) -> Project {
    let with = |app: migrate_tests::Builder, (directory, up, down): &(&str, &str, &str)| {
        app.migration(directory, up, down)
    };
    scripts.iter().fold(project("app"), with).build()
}

/// The same, with what a tool left.
fn app_after(tool: &str, scripts: &Scripts) -> Project {
    let app = app(scripts);
    app.database().execute(&left_by(tool, "sqlite"));
    app
}

/// The same on a server.
fn server_app<P: Product>(database: &Database<P>, scripts: &Scripts) -> Project {
    let with = |app: migrate_tests::Builder, (directory, up, down): &(&str, &str, &str)| {
        app.migration(directory, up, down)
    };
    scripts.iter().fold(server_project(P::DIALECT, &database.url()), with).build()
}
