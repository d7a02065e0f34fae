//! `-- migrate: …`.

use migrate_build::Down;
use snapbox::{assert_data_eq, str};

use crate::said_of;
use migrate_tests::migration_set::{Set, shown};

const ODD_TYPE: &str = "CREATE TABLE t (price MONEY AMOUNT);";

#[test]
fn a_directive_that_is_misspelt_does_not_pass_for_a_comment() {
    assert_data_eq!(
        said_of("SELECT 1;\n-- migrate: irreversable reason=\"gone\"\n"),
        str![[r#"
error[bad-directive]: there is no directive `irreversable`; did you mean `irreversible`?
 --> migrations/1_a/up.sql:2:1
  |
2 | -- migrate: irreversable reason="gone"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `-- migrate: irreversible reason="…"`, `-- migrate: allow(RULE) reason="…"`, `-- migrate: assume(reversible) reason="…"` or `-- migrate: assume(rows-only) reason="…"`
  = note: `cargo migrate explain bad-directive` says more

"#]]
    );
}

#[test]
fn a_directive_without_a_reason_is_refused() {
    assert_data_eq!(
        said_of("SELECT 1; -- migrate: irreversible   \n"),
        str![[r#"
error[bad-directive]: this directive needs a reason: reason="…"
 --> migrations/1_a/up.sql:1:11
  |
1 | SELECT 1; -- migrate: irreversible   
  |           ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `-- migrate: irreversible reason="…"`, `-- migrate: allow(RULE) reason="…"`, `-- migrate: assume(reversible) reason="…"` or `-- migrate: assume(rows-only) reason="…"`
  = note: `cargo migrate explain bad-directive` says more

"#]]
    );
}

#[test]
fn a_reason_without_words_is_none() {
    assert_data_eq!(
        said_of("SELECT 1; -- migrate: irreversible reason=\" \"\n"),
        str![[r#"
error[bad-directive]: the reason of this directive is empty
 --> migrations/1_a/up.sql:1:11
  |
1 | SELECT 1; -- migrate: irreversible reason=" "
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `-- migrate: irreversible reason="…"`, `-- migrate: allow(RULE) reason="…"`, `-- migrate: assume(reversible) reason="…"` or `-- migrate: assume(rows-only) reason="…"`
  = note: `cargo migrate explain bad-directive` says more

"#]]
    );
}

#[test]
fn an_allow_of_no_rule_is_refused() {
    assert_data_eq!(
        said_of("-- migrate: allow(unknown_type) reason=\"ours\"\nSELECT 1;\n"),
        str![[r#"
error[unknown-allow]: there is no rule `unknown_type`; did you mean `unknown-type`?
 --> migrations/1_a/up.sql:1:1
  |
1 | -- migrate: allow(unknown_type) reason="ours"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: `cargo migrate explain --list` shows the rules
  = note: `cargo migrate explain unknown-allow` says more

"#]]
    );
}

#[test]
fn what_is_always_wrong_cannot_be_allowed() {
    assert_data_eq!(
        said_of("-- migrate: allow(transaction-control) reason=\"I know\"\nCOMMIT;\n"),
        str![[r#"
error[unknown-allow]: `transaction-control` cannot be allowed: it is always wrong
 --> migrations/1_a/up.sql:1:1
  |
1 | -- migrate: allow(transaction-control) reason="I know"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: `cargo migrate explain --list` shows the rules
  = note: `cargo migrate explain unknown-allow` says more

error[transaction-control]: this ends the transaction that the migration runs in
 --> migrations/1_a/up.sql:2:1
  |
2 | COMMIT;
  | ^^^^^^
  |
  = note: what follows would run, and fail, outside: half a migration would stay
  = help: leave it out: the whole migration is one transaction
  = note: `cargo migrate explain transaction-control` says more

"#]]
    );
}

#[test]
fn an_allow_that_is_not_needed_is_noticed() {
    assert_data_eq!(
        said_of("-- migrate: allow(idle-pragma) reason=\"for Diesel\"\nPRAGMA user_version = 1;\n"),
        str![[r#"
warning[unused-allow]: this `allow(idle-pragma)` silences nothing
 --> migrations/1_a/up.sql:1:1
  |
1 | -- migrate: allow(idle-pragma) reason="for Diesel"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove it, or put it on or above the statement that it is about
  = note: `cargo migrate explain unused-allow` says more

"#]]
    );
}

#[test]
fn an_allow_holds_above_inside_and_behind_its_statement() {
    let allow = "-- migrate: allow(unknown-type) reason=\"ours\"";
    for up in [
        format!("{allow}\n{ODD_TYPE}\n"),
        format!("{allow}\n\n-- prices\n{ODD_TYPE}\n"),
        format!("{ODD_TYPE} {allow}\n"),
        format!("CREATE TABLE t ( {allow}\n  price MONEY AMOUNT\n);\n"),
        format!("SELECT 1;\n{ODD_TYPE} {allow}"),
    ] {
        assert_eq!(said_of(&up), "", "{up}");
    }
}

#[test]
fn an_allow_does_not_hold_for_the_next_statement_but_one() {
    let up = format!("-- migrate: allow(unknown-type) reason=\"ours\"\nSELECT 1;\n{ODD_TYPE}\n");
    assert_data_eq!(
        said_of(&up),
        str![[r#"
warning[unused-allow]: this `allow(unknown-type)` silences nothing
 --> migrations/1_a/up.sql:1:1
  |
1 | -- migrate: allow(unknown-type) reason="ours"
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove it, or put it on or above the statement that it is about
  = note: `cargo migrate explain unused-allow` says more

error[unknown-type]: SQLite takes `MONEY AMOUNT` for the type of the column `price`
 --> migrations/1_a/up.sql:3:23
  |
3 | CREATE TABLE t (price MONEY AMOUNT);
  |                       ^^^^^^^^^^^^ all of this is the type
  |
  = help: is a comma missing before `AMOUNT`?
  = note: `cargo migrate explain unknown-type` says more

"#]]
    );
}

#[test]
fn what_has_no_way_back_says_why() {
    let up = "-- migrate: irreversible reason=\"cents are \\\"gone\\\"\"\nUPDATE t SET id = 1;\n";
    let report = Set::new().table("0_t", "t").file("1_a/up.sql", up).report();
    assert_eq!(shown(&report), "");
    let Down::Irreversible(reason) = &report.migrations[1].down else { panic!("there is none") };
    assert_eq!(reason, "cents are \"gone\"");
}

#[test]
fn strings_and_block_comments_hold_no_directives() {
    let up = "SELECT '\n-- migrate: nothing\n';\n/* migrate: nothing */\n";
    assert_eq!(said_of(up), "");
}
