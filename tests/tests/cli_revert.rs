//! `revert`: how far, and what stands against it.

use migrate_tests::{Project, project};
use snapbox::str;

/// Two batches: `a` and `b`, then `c` and `d`.
fn two_batches() -> Project {
    let app = project("app").table("1_a", "a").table("2_b", "b").build();
    app.migrate(["run"]).succeeds();
    app.table("3_c", "c");
    app.table("4_d", "d");
    app.migrate(["run"]).succeeds();
    app
}

#[test]
fn as_far_as_asked_for() {
    let cases: [(&[&str], &[&str]); 8] = [
        (&[], &["a", "b", "c"]),
        (&["-n", "3"], &["a"]),
        (&["-n", "0"], &["a", "b", "c", "d"]),
        (&["--batch"], &["a", "b"]),
        (&["--to", "1"], &["a"]),
        (&["--to", "2_b"], &["a", "b"]),
        (&["--to", "4"], &["a", "b", "c", "d"]),
        (&["--all"], &[]),
    ];
    for (options, left) in cases {
        let app = two_batches();
        app.migrate([&["revert"], options].concat()).succeeds();
        assert_eq!(app.database().names(), left, "{options:?}");
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let app = two_batches();
    let before = app.bytes("app.db");
    app.migrate(["revert", "--batch", "--dry-run"])
        .succeeds()
        .stdout_is(str![[r#"
-- 4_d (down, proved)
-- data goes: the rows of `d`
DROP TABLE d;

-- 3_c (down, proved)
-- data goes: the rows of `c`
DROP TABLE c;


"#]])
        .stderr_is(str![[r#"
note: 2 to revert; nothing was changed

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}

#[test]
fn an_unknown_version_is_a_mistake() {
    let app = two_batches();
    app.migrate(["revert", "--to", "5"]).exits(2).stderr_is(str![[r#"
error: no migration is called `5`

"#]]);
    app.table("5_e", "e");
    app.migrate(["revert", "--to", "5"]).exits(1).stderr_is(str![[r#"
error: `5` is not applied, so nothing can be reverted down to it

"#]]);
    app.migrate(["revert", "--all", "-n1"]).exits(2).stderr_is(str![[r#"
error: the argument '--all' cannot be used with '--number <N>'

Usage: cargo migrate revert --all

For more information, try '--help'.

"#]]);
    assert_eq!(app.database().names(), ["a", "b", "c", "d"]);
}

#[test]
fn an_irreversible_one_stops_it_before_anything_is_undone() {
    let app = two_batches();
    app.write(
        "migrations/5_e/up.sql",
        "-- migrate: irreversible reason=\"the old rows are gone\"\nDELETE FROM a;\n",
    );
    app.table("6_f", "f");
    app.migrate(["run"]).succeeds();
    let before = app.bytes("app.db");
    app.migrate(["revert", "-n2"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: 5_e is irreversible: the old rows are gone. Nothing was reverted

"#]]);
    app.migrate(["revert", "-n2", "--dry-run"]).exits(1);
    app.migrate(["redo", "--all"]).exits(1);
    assert_eq!(app.bytes("app.db"), before);
    app.migrate(["revert"]).succeeds();
}

#[test]
fn it_works_when_the_files_are_gone() {
    let app = two_batches();
    app.remove("migrations/4_d");
    app.migrate(["status"]).succeeds().stdout_is(str![[r#"
STATE        BATCH  APPLIED                 TOOK  MIGRATION
applied          1  [TIME] [TOOK]  1_a
applied          1  [TIME] [TOOK]  2_b
applied          2  [TIME] [TOOK]  3_c
missing          2  [TIME] [TOOK]  4_d
3 applied, 1 missing

"#]]).stderr_is(str![[r#"
note: missing: applied, but the files are gone; put them back, or revert with the `down.sql` that the database kept

"#]]);
    app.migrate(["redo"]).exits(1).stderr_is(str![[r#"
error: not among the migrations, so they cannot be applied again: 4_d. Revert them instead

"#]]);
    app.migrate(["revert", "--dry-run"]).succeeds().stdout_is(str![[r#"
-- 4_d (down)
DROP TABLE d;


"#]]);
    app.migrate(["revert"])
        .succeeds()
        .stdout_is(str![[r#"
1 migration reverted

"#]])
        .stderr_is(str![[r#"
    Reverted 4_d ([TOOK])

"#]]);
    assert_eq!(app.database().names(), ["a", "b", "c"]);
}

#[test]
fn it_works_when_all_files_are_gone() {
    let app = two_batches();
    for directory in app.migrations() {
        app.remove(&format!("migrations/{directory}"));
    }
    app.migrate(["revert", "--all"])
        .succeeds()
        .stdout_is(str![[r#"
4 migrations reverted

"#]])
        .stderr_is(str![[r#"
    Reverted 4_d ([TOOK])
    Reverted 3_c ([TOOK])
    Reverted 2_b ([TOOK])
    Reverted 1_a ([TOOK])

"#]]);
    assert_eq!(app.database().names(), [""; 0]);
}

#[test]
fn without_a_database_there_is_nothing_to_revert_and_none_is_made() {
    let app = project("app").table("1_a", "a").build();
    app.migrate(["revert", "--all"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to revert

"#]])
        .stderr_is(str![]);
    assert!(!app.has("app.db"));
}

#[test]
fn a_failing_way_back_leaves_everything_in_place() {
    let app = two_batches();
    app.migration(
        "4_d",
        "CREATE TABLE d (id INTEGER PRIMARY KEY, name TEXT);\n",
        "DROP TABLE d;\nSELECT json('{');\n",
    );
    let before = app.bytes("app.db");
    app.migrate(["revert", "--all"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error[failed-statement]: malformed JSON
 --> migrations/4_d/down.sql:2:1
  |
2 | SELECT json('{');
  | ^^^^^^^^^^^^^^^^ statement 2 of 2
  |
  = note: `cargo migrate explain failed-statement` says more

error: 4_d (down) failed at migrations/4_d/down.sql:2:1 (statement 2 of 2): malformed JSON. It was rolled back: nothing of it remains. Mend the statement and run again
  = note: 4 left to do: `cargo migrate status` shows where it stands

"#]]);
    assert_eq!(app.bytes("app.db"), before);
}
