//! Directories, names and versions.

use std::os::unix::fs::symlink;
use std::process::Command;

use snapbox::{assert_data_eq, str};

use migrate_tests::migration_set::{Set, shown};

#[test]
fn a_version_that_is_taken_twice_names_both_directories() {
    let set = Set::new().table("20250723_add_a", "a").table("20250723_add_b", "b");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[duplicate-version]: version `20250723` is taken twice
--> migrations/20250723_add_b
::: migrations/20250723_add_a
 = note: Diesel runs one of the two, and lists both as applied
 = help: give the one that is not released yet a greater version
 = note: `cargo migrate explain duplicate-version` says more

"#]]
    );
}

#[test]
fn dashes_do_not_make_versions_differ() {
    let set = Set::new().table("10-1_a", "a").table("101_b", "b");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[duplicate-version]: version `101` is taken twice
--> migrations/101_b
::: migrations/10-1_a
 = note: dashes do not count: Diesel drops them
 = note: Diesel runs one of the two, and lists both as applied
 = help: give the one that is not released yet a greater version
 = note: `cargo migrate explain duplicate-version` says more

"#]]
    );
}

#[test]
fn three_of_a_version_are_two_findings() {
    let set = Set::new().table("1_a", "a").table("1_b", "b").table("1_c", "c");
    let report = set.report();
    assert_eq!(report.findings.len(), 2);
    assert!(report.findings.iter().all(|finding| finding.rule.id == "duplicate-version"));
}

#[test]
fn nine_does_not_run_after_ten() {
    let set = Set::new().table("9_a", "a").table("10_b", "b");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[wrong-order]: `10` runs before `9`: versions are ordered as text
--> migrations/10_b
 = note: runs first
::: migrations/9_a
 = note: runs second
 = help: make versions equally long, with zeros in front
 = help: if this order is released, it cannot change: give later migrations versions that sort behind both
 = note: `cargo migrate explain wrong-order` says more

"#]]
    );
}

#[test]
fn nor_nine_hundred_and_ninety_nine_before_a_thousand() {
    let set = Set::new().table("998_a", "a").table("999_b", "b").table("1000_c", "c");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[wrong-order]: `1000` runs before `998`: versions are ordered as text
--> migrations/1000_c
 = note: runs first
::: migrations/998_a
 = note: runs second
 = help: make versions equally long, with zeros in front
 = help: if this order is released, it cannot change: give later migrations versions that sort behind both
 = note: `cargo migrate explain wrong-order` says more

"#]]
    );
}

#[test]
fn zeros_in_front_put_it_right() {
    let set = Set::new().table("0009_a", "a").table("0010_b", "b").table("1000_c", "c");
    assert_eq!(shown(&set.report()), "");
}

#[test]
fn a_missing_down_is_noticed_before_anybody_needs_it() {
    let set = Set::new().file("1_a/up.sql", "CREATE TABLE a (id INTEGER);\n");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[missing-down]: this migration has no `down.sql`
 --> migrations/1_a/up.sql:1:1
  |
1 | CREATE TABLE a (id INTEGER);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing undoes this
  |
  = help: write `down.sql` beside it
  = help: if there is no way back, write `-- migrate: irreversible reason="…"` in `up.sql`
  = note: `cargo migrate explain missing-down` says more

"#]]
    );
}

#[test]
fn a_down_of_comments_is_none() {
    let set = Set::new().table("1_a", "a").file("1_a/down.sql", "/* later */ -- much\n;\n");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[empty-down]: `down.sql` holds only comments: it undoes nothing
 --> migrations/1_a/down.sql:1:1
  |
1 | /* later */ -- much
  | ^^^^^^^^^^^^^^^^^^^
  |
  = note: a revert would forget the migration and leave what it made
  = help: write the statements that undo `up.sql`
  = help: if there is no way back, write `-- migrate: irreversible reason="…"` in `up.sql` and remove `down.sql`
  = note: `cargo migrate explain empty-down` says more

"#]]
    );
}

#[test]
fn an_up_of_zero_bytes_is_none() {
    let set = Set::new().table("1_a", "a").file("1_a/up.sql", "");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[empty-up]: `up.sql` is empty
 --> migrations/1_a/up.sql:1:1
  |
1 |
  | ^
  |
  = help: write the change, or remove the migration
  = note: `cargo migrate explain empty-up` says more

"#]]
    );
}

#[test]
fn an_empty_directory_is_named() {
    let set = Set::new().table("1_a", "a");
    std::fs::create_dir(set.path().join("2_b")).expect("a new directory");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[empty-directory]: this migration's directory is empty
--> migrations/2_b
 = help: remove it: git does not keep empty directories, so a switch of branches may have left it
 = note: `cargo migrate explain empty-directory` says more

"#]]
    );
}

#[test]
fn a_directory_with_only_a_down_is_no_migration() {
    let set = Set::new().table("1_a", "a").file("2_b/down.sql", "DROP TABLE b;\n");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[missing-up]: this migration's directory has no `up.sql`
--> migrations/2_b
 = help: write `up.sql`, or remove the directory; migrations are not nested
 = note: `cargo migrate explain missing-up` says more

"#]]
    );
}

#[test]
fn a_flat_file_says_where_it_belongs() {
    let set = Set::new().table("1_a", "a").file("V2__b.SQL", "CREATE TABLE b (id INTEGER);\n");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[flat-file]: an SQL file outside a migration's directory is never run
--> migrations/V2__b.SQL
 = help: move it to `V2__b/up.sql`, and write the way back in `V2__b/down.sql`
 = note: `cargo migrate explain flat-file` says more

"#]]
    );
}

#[test]
fn what_nobody_takes_for_a_migration_is_left_alone() {
    let set = Set::new()
        .table("1_a", "a")
        .file("README.md", "Why there are migrations.\n")
        .file("diesel_lock", "")
        .file(".keep", "")
        .file(".backup/2_b/up.sql", "broken")
        .file("1_a/notes.txt", "Why this one.\n");
    assert_eq!(shown(&set.report()), "");
}

#[test]
fn migrations_are_not_nested() {
    let set = Set::new().table("2026/1_a", "a");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[missing-up]: this migration's directory has no `up.sql`
--> migrations/2026
 = help: write `up.sql`, or remove the directory; migrations are not nested
 = note: `cargo migrate explain missing-up` says more

"#]]
    );
}

#[test]
fn a_version_longer_than_the_ledger_is_refused() {
    let set = Set::new()
        .table(&format!("{}_fits", "1".repeat(50)), "a")
        .table(&format!("{}_does_not", "2".repeat(51)), "b");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[long-version]: the version of `222222222222222222222222222222222222222222222222222_does_not` has 51 characters
--> migrations/222222222222222222222222222222222222222222222222222_does_not
 = note: Diesel's ledger holds 50 characters
 = help: put a `_` behind the version: `<version>_<name>`
 = note: `cargo migrate explain long-version` says more

"#]]
    );
}

#[test]
fn a_name_begins_with_a_version() {
    let set = Set::new().table("_a", "a").table("--_b", "b").table(" _c", "c");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[empty-version]: ` _c` begins without a version
--> migrations/ _c
 = help: name it `<version>_<name>`; `cargo migrate new NAME` makes versions
 = note: `cargo migrate explain empty-version` says more

error[empty-version]: `--_b` begins without a version
--> migrations/--_b
 = help: name it `<version>_<name>`; `cargo migrate new NAME` makes versions
 = note: `cargo migrate explain empty-version` says more

error[empty-version]: `_a` begins without a version
--> migrations/_a
 = help: name it `<version>_<name>`; `cargo migrate new NAME` makes versions
 = note: `cargo migrate explain empty-version` says more

"#]]
    );
}

#[test]
fn a_link_out_of_the_directory_is_not_followed() {
    let set = Set::new().table("1_a", "a").table("../elsewhere", "b");
    symlink("../elsewhere", set.path().join("2_b")).expect("a new link");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[symlink-escape]: this symbolic link leads out of the migrations directory
--> migrations/2_b
 = help: put a copy of the file here: what is verified must be what is kept
 = note: `cargo migrate explain symlink-escape` says more

"#]]
    );
}

#[test]
fn a_link_to_nowhere_and_a_link_to_itself_are_refused() {
    let set = Set::new().table("1_a", "a");
    symlink("gone.toml", set.path().join("1_a/metadata.toml")).expect("a new link");
    symlink("2_b", set.path().join("2_b")).expect("a new link");
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[symlink-escape]: this symbolic link leads nowhere
--> migrations/1_a/metadata.toml
 = help: put a file here, or remove the link
 = note: `cargo migrate explain symlink-escape` says more

error[symlink-escape]: this symbolic link leads nowhere
--> migrations/2_b
 = help: put a file here, or remove the link
 = note: `cargo migrate explain symlink-escape` says more

"#]]
    );
}

#[test]
fn links_inside_the_directory_are_fine() {
    let touch = "UPDATE a SET id = id;\n";
    let set = Set::new().table("1_a", "a").file("2_b/up.sql", touch).file("2_b/down.sql", touch);
    symlink("2_b", set.path().join("3_c")).expect("a new link");
    let set = set.file("4_d/up.sql", touch);
    symlink("../2_b/down.sql", set.path().join("4_d/down.sql")).expect("a new link");
    let report = set.report();
    assert_eq!(shown(&report), "");
    let versions: Vec<&str> = report.migrations.iter().map(|m| m.version.as_str()).collect();
    assert_eq!(versions, ["1", "2", "3", "4"]);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let set = Set::new().table("1_a", "a").file("2_b/down.sql", "SELECT 1;\n");
    let made = Command::new("mkfifo").arg(set.path().join("2_b/up.sql")).status();
    assert!(made.expect("mkfifo starts").success());
    assert_data_eq!(
        shown(&set.report()),
        str![[r#"
error[not-a-file]: this is not a regular file
--> migrations/2_b/up.sql
 = help: put a regular file here, or remove this
 = note: `cargo migrate explain not-a-file` says more

"#]]
    );
}

#[test]
fn what_one_mistake_breaks_is_said_once() {
    let set = Set::new().table("1_a", "a").file("1_a/down.sql", b"\xff");
    let report = set.report();
    assert_eq!(report.findings.len(), 1, "{}", shown(&report));
}
