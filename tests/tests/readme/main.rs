//! The README and the pages beside it do what they say: their commands are run, their programs compiled,
//! their output compared.

mod pages;
mod reader;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use reader::{Reader, blocks, loose};

const README: &str = include_str!("../../../README.md");

/// The text from one heading to another.
fn section(from: &str, to: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n## {from}\n")).expect(from);
    rest.split_once(&format!("\n## {to}\n")).expect(to).0
}

#[test]
fn the_tour_can_be_followed() {
    let tour = section("Five minutes", "Commands");
    let mut reader = Reader::new();
    for block in blocks(tour) {
        match block.info.split_once(' ').unwrap_or((&block.info, "")) {
            ("sh", "" | "fails") => reader.runs(&block),
            ("text", "") => reader.compares(&block),
            ("rust", file) if !file.is_empty() => {
                fs::write(reader.here.join(file), &block.text).expect("a file of the program");
            }
            _ => panic!("nobody knows what to do with a block of `{}`", block.info),
        }
    }
}

#[test]
fn numbers_and_blanks_may_differ_and_nothing_else() {
    assert_eq!(loose("applied   1  2026-01-05 (12 ms)"), loose("applied 20 2031-12-31 (0 ms)"));
    assert_ne!(loose("applied: one"), loose("applied: two"));
    assert_ne!(loose("a 1"), loose("a"));
}

/// The first words of a table's rows.
fn rows(section: &str) -> BTreeSet<String> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split([' ', '`']).next()).map(str::to_owned).collect()
}

#[test]
fn every_command_is_listed_and_no_other() {
    let help = Command::new(env!("CARGO_BIN_EXE_cargo-migrate-under-test"))
        .arg("--help")
        .output()
        .expect("the tool starts");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let (_, commands) = help.split_once("Commands:\n").expect("a list of commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let mut commands: BTreeSet<String> =
        commands.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(commands.remove("help"), "clap has its own");
    assert_eq!(rows(section("Commands", "What is verified, and what is not")), commands);
}

#[test]
fn what_is_linked_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let links = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let missing: Vec<&str> = links.filter(|link| !root.join(link).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
