//! The examples' migrations, step by step on the servers, by the command line.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_tests::server::{Database, Product, Server};
use migrate_tests::{Output, project};

use super::golden;

/// The migrations of an example.
pub(crate) fn migrations(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example)
}

/// `cargo migrate …` on a database, without any package.
#[track_caller]
pub(crate) fn migrate<P: Product>(
    database: &Database<P>,
    migrations: &Path,
    arguments: &[&str],
) -> Output {
    let migrations = migrations.to_str().expect("a path in UTF-8");
    let url = database.url();
    let place = ["--dir", migrations, "--dialect", P::DIALECT, "--database-url", &url];
    project("app").build().migrate([arguments, &place].concat()).succeeds()
}

/// Up one by one, down one by one, and all of it once more: after each step the schema is the one on
/// record.
pub(crate) fn every_step_leaves_the_schema_on_record<P: Product>(
    server: &Server<P>,
    migrations: &Path,
    seed: &str,
) {
    let database = server.database();
    let after = |migration: &str| golden(seed, P::DIALECT, migration);
    let steps = names_in(migrations);
    let _ = migrate(&database, migrations, &["check"]).stderr_is("");
    for _ in 0..2 {
        for step in &steps {
            migrate(&database, migrations, &["run", "-n", "1"]);
            assert_eq!(database.schema(), after(step), "after {step}");
        }
        for (at, step) in steps.iter().enumerate().rev() {
            migrate(&database, migrations, &["revert"]);
            let before = at.checked_sub(1).map(|at| after(&steps[at]));
            assert_eq!(database.schema(), before.unwrap_or_default(), "without {step}");
        }
    }
    migrate(&database, migrations, &["run"]);
    assert_eq!(database.schema(), after(steps.last().expect("a step")), "at once");
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the migrations");
    let names = entries.map(|entry| entry.expect("a migration").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
