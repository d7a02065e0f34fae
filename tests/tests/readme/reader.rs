//! Somebody who reads a page, and does what it says.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A fenced block: what stands behind its fence, and its lines.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) text: String,
}

/// The blocks of a text, in their order.
pub(crate) fn blocks(section: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            let info = info.to_owned();
            blocks.push(Block { info, text: inside.map(|line| format!("{line}\n")).collect() });
        }
    }
    blocks
}

/// Where the reader is: a directory that changes, and a shell that starts there again.
pub(crate) struct Reader {
    directory: TempDir,
    pub(crate) here: PathBuf,
    url: Option<String>,
    said: String,
}

impl Reader {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let bin = directory.path().join("bin");
        fs::create_dir(&bin).expect("a directory");
        symlink(env!("CARGO_BIN_EXE_cargo-migrate-under-test"), bin.join("cargo-migrate"))
            .expect("the tool, as it is installed");
        let here = directory.path().join("code");
        fs::create_dir(&here).expect("a directory");
        Self { directory, here, url: None, said: String::new() }
    }

    /// From now on, `DATABASE_URL` leads there.
    pub(crate) fn uses(&mut self, url: String) {
        self.url = Some(url);
    }

    /// Runs a block; the next one goes on where `cd` has led to.
    pub(crate) fn runs(&mut self, block: &Block) {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let place = self.directory.path().join("place");
        let script = format!("exec 2>&1\nset -e\n{}\npwd > \"$PLACE\"\n", block.text);
        let bin = self.directory.path().join("bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([bin].into_iter().chain(env::split_paths(&path)));
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(&self.here)
            .env("PATH", path.expect("a path"))
            .env("CHECKOUT", checkout)
            .env("FIXTURES", checkout.join("tests/fixtures"))
            .env("PLACE", &place)
            // What the workspace was built from is on this machine: nothing else is looked up.
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates"))
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .env_remove("DATABASE_URL")
            .envs(self.url.as_ref().map(|url| ("DATABASE_URL", url)));
        let output = shell.output().expect("a shell");
        self.said = String::from_utf8_lossy(&output.stdout).into_owned();
        let fails = block.info.ends_with(" fails");
        assert_eq!(output.status.success(), !fails, "{}\n{}", block.text, self.said);
        if !fails {
            let place = fs::read_to_string(&place).expect("where the shell has ended");
            self.here = PathBuf::from(place.trim_end());
        }
    }

    /// The lines are among those that were said last, in this order. Digits and blanks may differ.
    pub(crate) fn compares(&self, block: &Block) {
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
pub(crate) fn loose(line: &str) -> String {
    let mut loose = String::new();
    for character in line.trim().chars() {
        let character = if character.is_ascii_digit() { '0' } else { character };
        if !(loose.ends_with(character) && matches!(character, '0' | ' ')) {
            loose.push(character);
        }
    }
    loose
}
