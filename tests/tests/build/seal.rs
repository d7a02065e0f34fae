//! What is sealed, when a crate is compiled.

use std::fs;
use std::process::Command;

use migrate_tests::program;
use snapbox::{assert_data_eq, str};

use super::krate::Krate;

fn call(krate: &Krate, program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(krate.path(""))
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
}

fn seal(krate: &Krate, arguments: &[&str]) {
    let program = program();
    call(krate, program.to_str().expect("a path in UTF-8"), &[&["seal"], arguments].concat());
}

fn commit(krate: &Krate) {
    call(krate, "git", &["init", "-q"]);
    call(krate, "git", &["add", "migrations"]);
    let person = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    call(krate, "git", &[&person[..], &["commit", "-q", "-m", "Add it"]].concat());
}

const UP: &str = "migrations/2026-01-01-000000_create_a/up.sql";

#[test]
fn an_edit_behind_the_seal_fails_the_build_and_shows_the_difference() {
    let name = "edited-sealed";
    let krate = Krate::new(name, true);
    commit(&krate);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");
    seal(&krate, &[]);
    let built = krate.build();
    assert!(built.succeeded && built.ran_build_script(), "a lock file: {}", built.said());
    assert!(!krate.build().ran_build_script(), "nothing changed");

    let sealed = fs::read_to_string(krate.path(UP)).expect("it is there");
    krate.write(UP, "-- Renamed.\nCREATE TABLE a (y INTEGER);\n");
    let built = krate.build();
    assert!(!built.succeeded);
    assert_data_eq!(
        built.errors(),
        str![[r#"
error: edited-sealed@0.0.0: [edited-sealed]: `2026-01-01-000000_create_a` is sealed, and its `up.sql` says something else now
error: edited-sealed@0.0.0:  --> migrations/2026-01-01-000000_create_a/up.sql:1:1
error: edited-sealed@0.0.0:   |
error: edited-sealed@0.0.0: 1 | / -- Renamed.
error: edited-sealed@0.0.0: 2 | | CREATE TABLE a (y INTEGER);
error: edited-sealed@0.0.0:   | |___________________________^ this was something else
error: edited-sealed@0.0.0:   |
error: edited-sealed@0.0.0:   = note: sealed as:
error: edited-sealed@0.0.0:           CREATE TABLE a (x INTEGER);
error: edited-sealed@0.0.0:   = note: databases have run what was sealed, and do not run it again
error: edited-sealed@0.0.0:   = help: put it back as it was, and write what is to change into a new migration
error: edited-sealed@0.0.0:   = help: if it has to change all the same: `cargo migrate seal --accept 20260101000000`
error: edited-sealed@0.0.0:   = note: `cargo migrate explain edited-sealed` says more
error: edited-sealed@0.0.0:
error: build script logged errors

"#]]
    );
    krate.write(UP, &format!("-- A remark.\n{sealed}"));
    let built = krate.build();
    assert!(built.succeeded && built.stderr.contains("edited-comment"), "{}", built.said());
    krate.write(UP, &sealed);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n", "mended");

    let lock = krate.path("migrations/migrations.lock");
    let text = fs::read_to_string(&lock).expect("it is there");
    fs::write(&lock, text.replace("transaction=yes", "transaction=no")).expect("written");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("[edited-sealed]"), "{}", built.said());
    fs::write(&lock, text.replace("after=", "aftr=")).expect("written");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("migrations.lock:3:28"), "{}", built.said());
}

#[test]
fn what_is_gone_renamed_or_in_between_fails_the_build() {
    let krate = Krate::new("moved-sealed", true);
    krate.migration("2026-01-03-000000_c", "CREATE TABLE c (x);\n", "DROP TABLE c;\n");
    seal(&krate, &[]);
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n");

    krate.migration("2026-01-02-000000_b", "CREATE TABLE b (x);\n", "DROP TABLE b;\n");
    let built = krate.build();
    assert!(
        !built.succeeded && built.stderr.contains("[inserted-before-sealed]"),
        "{}",
        built.said()
    );
    fs::remove_dir_all(krate.path("migrations/2026-01-02-000000_b")).expect("removed");

    let (old, new) = ("migrations/2026-01-03-000000_c", "migrations/2026-01-03-000000_d");
    fs::rename(krate.path(old), krate.path(new)).expect("renamed");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("[renamed-sealed]"), "{}", built.said());
    fs::remove_dir_all(krate.path(new)).expect("removed");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("[deleted-sealed]"), "{}", built.said());
}

#[test]
fn what_is_wrong_with_sealed_ones_is_not_said_in_a_build() {
    let krate = Krate::new("old-findings", true);
    krate.migration("2026-01-02-000000_b", "CREATE TABLE b (x);\n", "SELECT 1;\n");
    fs::remove_file(krate.path("migrations/2026-01-01-000000_create_a/down.sql")).expect("removed");
    assert!(!krate.build().succeeded);
    seal(&krate, &["--with-findings"]);
    assert_eq!(krate.run(), "ours: 2\ndiesel: 2\n");
    assert_data_eq!(krate.build().errors(), str![""]);
    krate.migration("2026-01-03-000000_c", "CREATE TABLE c (x);\n", "SELECT 1;\n");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("2026-01-03-000000_c/up.sql"));
    assert!(!built.stderr.contains("2026-01-02-000000_b"), "{}", built.said());
}

#[test]
fn the_macro_alone_compares_with_the_seal_as_well() {
    let krate = Krate::new("macro-sealed", false);
    seal(&krate, &[]);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n");
    krate.write(UP, "CREATE TABLE a (y INTEGER);\n");
    let built = krate.build();
    assert!(!built.succeeded && built.stderr.contains("[edited-sealed]"), "{}", built.said());
    seal(&krate, &["--accept", "2026-01-01-000000"]);
    assert_eq!(krate.run(), "ours: 1\ndiesel: 1\n", "the lock file is looked at");
}
