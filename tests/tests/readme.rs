//! The README does what it says: its commands are run, its programs compiled, its output compared.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const README: &str = include_str!("../../README.md");

/// A fenced block: what stands behind its fence, and its lines.
#[derive(Debug)]
struct Block {
    info: &'static str,
    text: String,
}

/// The text from one heading to another.
fn section(from: &str, to: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n## {from}\n")).expect(from);
    rest.split_once(&format!("\n## {to}\n")).expect(to).0
}

fn blocks(section: &'static str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            blocks.push(Block { info, text: inside.map(|line| format!("{line}\n")).collect() });
        }
    }
    blocks
}

/// Where the reader is: a directory that changes, and a shell that starts there again.
struct Reader {
    directory: TempDir,
    here: PathBuf,
    said: String,
}

impl Reader {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let bin = directory.path().join("bin");
        fs::create_dir(&bin).expect("a directory");
        symlink(env!("CARGO_BIN_EXE_cargo-migrate-under-test"), bin.join("cargo-migrate"))
            .expect("the tool, as it is installed");
        let here = directory.path().join("code");
        fs::create_dir(&here).expect("a directory");
        Self { directory, here, said: String::new() }
    }

    /// Runs a block; the next one goes on where `cd` has led to.
    fn runs(&mut self, block: &Block) {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let place = self.directory.path().join("place");
        let script = format!("exec 2>&1\nset -e\n{}\npwd > \"$PLACE\"\n", block.text);
        let bin = self.directory.path().join("bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([bin].into_iter().chain(env::split_paths(&path)));
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&self.here)
            .env("PATH", path.expect("a path"))
            .env("CHECKOUT", checkout)
            .env("PLACE", &place)
            // What the workspace was built from is on this machine: nothing else is looked up.
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates"))
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .env_remove("DATABASE_URL")
            .output()
            .expect("a shell");
        self.said = String::from_utf8_lossy(&output.stdout).into_owned();
        let fails = block.info == "sh fails";
        assert_eq!(output.status.success(), !fails, "{}\n{}", block.text, self.said);
        if !fails {
            let place = fs::read_to_string(&place).expect("where the shell has ended");
            self.here = PathBuf::from(place.trim_end());
        }
    }

    /// The lines are among those that were said last, in this order. Digits and blanks may differ.
    fn compares(&self, block: &Block) {
        let said: Vec<String> = self.said.lines().map(loose).collect();
        let mut said = said.iter();
        for line in block.text.lines() {
            let expected = loose(line);
            let found = said.by_ref().any(|line| *line == expected);
            assert!(found, "not said, or too early: {line}\nwhat was said:\n{}", self.said);
        }
    }
}

/// Without what differs from day to day: each number is a zero, blanks are one blank.
fn loose(line: &str) -> String {
    let mut loose = String::new();
    for character in line.trim().chars() {
        let character = if character.is_ascii_digit() { '0' } else { character };
        if !(loose.ends_with(character) && matches!(character, '0' | ' ')) {
            loose.push(character);
        }
    }
    loose
}

#[test]
fn the_tour_can_be_followed() {
    let tour = section("Five minutes", "Commands");
    let mut reader = Reader::new();
    for block in blocks(tour) {
        match block.info.split_once(' ').unwrap_or((block.info, "")) {
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
