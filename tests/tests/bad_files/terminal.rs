//! Nothing that a file holds or is called reaches a terminal as a command.

use migrate_build::Report;
use migrate_build::render::{Human, is_unprintable, json_finding, short};

use migrate_tests::migration_set::Set;

/// What moves cursors, rings, deletes, or turns the direction of writing.
const EVIL: &str = "\u{1b}[2J\u{7}\u{8}\u{7f}\u{9b}31m\u{202e}\u{2066}";

fn assert_harmless(report: &Report) {
    assert!(!report.findings.is_empty(), "nothing is shown at all");
    let human = Human::new(false);
    let is_bad = |c: char| c != '\n' && is_unprintable(c);
    for finding in &report.findings {
        let json = json_finding(finding);
        let rendered = json["message"]["rendered"].as_str().expect("a text").to_owned();
        for text in [human.render(finding), short(finding), rendered] {
            assert_eq!(text.chars().find(|c| is_bad(*c)), None, "{text:?}");
        }
        // A program reads it; what is not ASCII may stand in its strings.
        let json = json.to_string();
        assert_eq!(json.bytes().find(|byte| *byte < 0x20), None, "{json:?}");
    }
}

#[test]
fn names_of_directories_and_files() {
    let set = Set::new()
        .table(&format!("1_{EVIL}"), "a")
        .table(&format!("{EVIL}_2"), "b")
        .file(format!("3{EVIL}.sql"), "SELECT 1;\n")
        .file(format!("4_c/{EVIL}.sql"), "SELECT 1;\n");
    assert_harmless(&set.report());
}

#[test]
fn sql_that_does_not_parse() {
    for up in [
        format!("SELECT {EVIL};\n"),
        format!("SELECT 1 -- {EVIL}\n FORM t;\n"),
        format!("SELECT 'x' '{EVIL}';\n"),
        format!("SELECT \"{EVIL}\" \"{EVIL}\" \"{EVIL}\";\n"),
        format!("SELECT '{EVIL}"),
        format!("CREATE TABLE t (\"{EVIL}\", \"{EVIL}\");\n"),
        format!(".{EVIL}\nSELECT 1;\n"),
        format!("ACREATE{EVIL} TABLE t (a);\n"),
        format!("SELECT 1;\rDROP TABLE t{EVIL};\r"),
        format!("SELECT\t1\t\u{b}{EVIL};\n"),
    ] {
        let set = Set::new().table("1_a", "a").file("1_a/up.sql", &up);
        assert_harmless(&set.report());
    }
}

#[test]
fn types_directives_and_settings() {
    let up = format!(
        "-- migrate: {EVIL}\n-- migrate: allow({EVIL}) reason=\"x\"\n\
         -- migrate: irreversible reason=\"x\" {EVIL}\n\
         CREATE TABLE t (\"{EVIL}\" INT \"{EVIL}\" TEXT, b {EVIL});\n"
    );
    let set = Set::new()
        .table("1_a", "a")
        .file("1_a/up.sql", up)
        .file("1_a/metadata.toml", "\"\\u001b[2J\" = 1\n\"\\u202e\" = 2\n")
        .table("2_b", "b")
        .file("2_b/metadata.toml", format!("{EVIL} = 1\n"));
    assert_harmless(&set.report());
}

#[test]
fn reasons_that_are_printed_later() {
    let up = format!("-- migrate: irreversible reason=\"{EVIL}\"\nSELECT 1;\n");
    let set = Set::new().file("1_a/up.sql", up);
    assert_harmless(&set.report());
}
