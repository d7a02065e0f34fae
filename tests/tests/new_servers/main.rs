//! What `new` writes, on PostgreSQL and MariaDB themselves: up, down and up again.

#![cfg(unix)]

mod every_type;
mod mariadb;
mod names;
mod postgres;
mod story;

use std::path::Path;

use cargo_migrate::scaffold::{self, Dialect, Draft, Error, Request};
use migrate_build::layout::Directory;
use migrate_build::render::short;
use migrate_build::{Cache, Levels, Server, verify_directory};
use migrate_tests::server::{Database, Product};

/// The SQL that `new` writes for a server.
fn dialect<P: Product>() -> &'static dyn Dialect {
    scaffold::dialect(P::DIALECT.parse().expect("a dialect"))
}

/// `cargo migrate new NAME COLUMN…`, which works.
#[track_caller]
fn draft<P: Product>(name: &str, columns: &[&str]) -> Draft {
    try_draft::<P>(name, columns).expect("it makes sense")
}

/// `cargo migrate new NAME COLUMN…`, which is refused: why.
#[track_caller]
fn refusal<P: Product>(name: &str, columns: &[&str]) -> String {
    try_draft::<P>(name, columns).expect_err("it makes no sense").to_string()
}

/// `cargo migrate new NAME COLUMN…`
fn try_draft<P: Product>(name: &str, columns: &[&str]) -> Result<Draft, Error> {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Request { name, columns: &columns, ..Request::default() }.draft(dialect::<P>())
}

/// Runs all ups, in order. Each statement is a transaction of its own.
#[track_caller]
fn up<P: Product>(database: &Database<P>, drafts: &[Draft]) -> String {
    let script: String = drafts.iter().map(|draft| draft.up.as_str()).collect();
    database.sql(&script);
    schema(database)
}

/// Runs all downs, the last one first.
#[track_caller]
fn down<P: Product>(database: &Database<P>, drafts: &[Draft]) -> String {
    let script: String = drafts.iter().rev().map(way_back).collect();
    database.sql(&script);
    schema(database)
}

fn way_back(draft: &Draft) -> &str {
    draft.down.as_deref().expect("a way back")
}

/// The schema. MariaDB lists the indexes of a table in the order in which they were made, which
/// tells nothing.
fn schema<P: Product>(database: &Database<P>) -> String {
    let schema = database.schema();
    let mut lines: Vec<&str> = schema.lines().collect();
    let is_key = |line: &str| line.starts_with("  KEY ") || line.starts_with("  UNIQUE KEY ");
    lines.chunk_by_mut(|a, b| is_key(a) && is_key(b)).for_each(<[&str]>::sort_unstable);
    lines.join("\n")
}

/// Nothing is found in the files, behind what this script has made, and every way back is proved.
#[track_caller]
fn check<P: Product>(base: &str, drafts: &[Draft]) {
    let dir = tempfile::tempdir().expect("a directory");
    if !base.is_empty() {
        let before = dir.path().join("0_before");
        std::fs::create_dir(&before).expect("a new directory");
        let up = format!("-- migrate: irreversible reason=\"it was there\"\n{base}\n");
        std::fs::write(before.join("up.sql"), up).expect("a new file");
        let settings = "run_in_transaction = false\n";
        std::fs::write(before.join("metadata.toml"), settings).expect("a new file");
    }
    for draft in drafts {
        scaffold::create(dir.path(), draft).expect("it is written");
    }
    let server = Server::any(P::DIALECT.parse().expect("a dialect"));
    let directory = Directory::load(dir.path(), Path::new("migrations")).expect("it can be read");
    let report = verify_directory(directory, server, &Levels::default(), &mut Cache::default());
    let report = report.expect("it can be verified");
    let findings: Vec<String> = report.findings.iter().map(short).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(report.tally().proved, drafts.len());
}

/// What is made behind what the database was given goes, and is made again; where others take away the same, they bring it back.
#[track_caller]
fn there_and_back<P: Product>(
    database: &Database<P>,
    base: &str,
    make: &[Draft],
    take_away: &[Draft],
) {
    check::<P>(base, &[make, take_away].concat());
    let before = schema(database);
    let made = up(database, make);
    assert_ne!(made, before);
    if !take_away.is_empty() {
        assert_eq!(up(database, take_away), before, "after what takes it away");
        assert_eq!(down(database, take_away), made, "after the way back of that");
    }
    assert_eq!(down(database, make), before, "after the way back");
    assert_eq!(up(database, make), made, "the second time");
    assert_eq!(down(database, make), before, "after the second way back");
}
