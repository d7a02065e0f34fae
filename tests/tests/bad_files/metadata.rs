//! `metadata.toml`.

use snapbox::{assert_data_eq, str};

use migrate_tests::migration_set::{Set, shown};

fn with(metadata: &str) -> Set {
    Set::new().table("1_a", "a").file("1_a/metadata.toml", metadata)
}

#[test]
fn the_setting_is_what_it_says() {
    for (metadata, expected) in [
        ("run_in_transaction = true\n", true),
        ("# why not\nrun_in_transaction = false # indeed\n", false),
    ] {
        let report = with(metadata).report();
        assert_eq!(shown(&report), "", "{metadata}");
        assert_eq!(report.migrations[0].settings.run_in_transaction, expected, "{metadata}");
    }
}

#[test]
fn a_misspelt_setting_is_not_passed_over() {
    assert_data_eq!(
        shown(&with("run_in_transactoin = false\n").report()),
        str![[r#"
error[unknown-setting]: there is no setting `run_in_transactoin`; did you mean `run_in_transaction`?
 --> migrations/1_a/metadata.toml:1:1
  |
1 | run_in_transactoin = false
  | ^^^^^^^^^^^^^^^^^^ not a setting
  |
  = help: the only setting is `run_in_transaction = true` or `false`
  = note: Diesel takes a file without `run_in_transaction` for one that says `false`
  = note: `cargo migrate explain unknown-setting` says more

"#]]
    );
}

#[test]
fn a_setting_that_nobody_knows_is_refused_where_it_stands() {
    let metadata = "run_in_transaction = true\n\n[lock]\ntimeout = 5\n";
    assert_data_eq!(
        shown(&with(metadata).report()),
        str![[r#"
error[unknown-setting]: there is no setting `lock`
 --> migrations/1_a/metadata.toml:3:2
  |
3 | [lock]
  |  ^^^^ not a setting
  |
  = help: the only setting is `run_in_transaction = true` or `false`
  = note: `cargo migrate explain unknown-setting` says more

"#]]
    );
}

#[test]
fn an_empty_file_says_nothing() {
    assert_data_eq!(
        shown(&with("").report()),
        str![[r#"
error[implicit-setting]: this file does not say `run_in_transaction`
 --> migrations/1_a/metadata.toml:1:1
  |
1 |
  | ^
  |
  = note: without the setting Diesel runs the migration outside a transaction; without the file, inside one
  = help: write `run_in_transaction = true` or `false`, or remove the file
  = note: `cargo migrate explain implicit-setting` says more

"#]]
    );
}

#[test]
fn what_is_not_toml_is_not_passed_over() {
    assert_data_eq!(
        shown(&with("run_in_transaction: false\n").report()),
        str![[r#"
error[bad-metadata]: this is not TOML
 --> migrations/1_a/metadata.toml:1:21
  |
1 | run_in_transaction: false
  |                     ^ key with no value, expected `=`
  |
  = note: Diesel passes over such a file in silence
  = help: write `run_in_transaction = true` or `false`, or remove the file
  = note: `cargo migrate explain bad-metadata` says more

"#]]
    );
}

#[test]
fn a_setting_given_twice_is_no_setting() {
    let twice = "run_in_transaction = true\nrun_in_transaction = false\n";
    assert_data_eq!(
        shown(&with(twice).report()),
        str![[r#"
error[bad-metadata]: this is not TOML
 --> migrations/1_a/metadata.toml:2:1
  |
2 | run_in_transaction = false
  | ^^^^^^^^^^^^^^^^^^ duplicate key
  |
  = note: Diesel passes over such a file in silence
  = help: write `run_in_transaction = true` or `false`, or remove the file
  = note: `cargo migrate explain bad-metadata` says more

"#]]
    );
}

#[test]
fn a_word_is_no_boolean() {
    assert_data_eq!(
        shown(&with("run_in_transaction = \"no\"\n").report()),
        str![[r#"
error[bad-metadata]: `run_in_transaction` is `true` or `false`
 --> migrations/1_a/metadata.toml:1:22
  |
1 | run_in_transaction = "no"
  |                      ^^^^ neither
  |
  = help: write `run_in_transaction = true` or `false`, or remove the file
  = note: `cargo migrate explain bad-metadata` says more

"#]]
    );
}
