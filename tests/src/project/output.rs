//! What came of it.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;

use serde_json::Value;
use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, IntoData};

use super::redact::redact;
use crate::server::CANARY;

const SIGKILL: i32 = 9;

/// What a process said, and how it ended.
#[derive(Debug)]
pub struct Output {
    status: ExitStatus,
    stdout: String,
    stderr: String,
    root: PathBuf,
}

impl Output {
    /// No process ever says a password.
    pub(super) fn new(status: ExitStatus, stdout: String, stderr: String, root: PathBuf) -> Self {
        Self { status, stdout, stderr, root }.never_shows(CANARY)
    }

    /// The code that it ended with; `None` when a signal ended it.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// What it printed to standard output, untouched.
    #[must_use]
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// What it printed to standard error, untouched.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        let Self { status, stdout, stderr, .. } = &self;
        assert_eq!(
            status.code(),
            Some(code),
            "{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        );
        self
    }

    /// It was killed by SIGKILL; the last line that it had printed.
    #[track_caller]
    #[must_use]
    pub fn is_killed(&self) -> &str {
        assert_eq!(self.status.signal(), Some(SIGKILL), "{}: {}", self.status, self.stderr);
        self.stdout.lines().last().unwrap_or_default()
    }

    /// Exactly this is on standard output. Paths, times and process ids are replaced by `[ROOT]`,
    /// `[CHECKOUT]`, `[TIME]`, `[TOOK]`, `[PID]`, `[PORT]`; `SNAPSHOTS=overwrite` writes what is expected.
    #[track_caller]
    pub fn stdout_is(self, expected: impl IntoData) -> Self {
        self.matches(&self.stdout, expected);
        self
    }

    /// Exactly this is on standard error; as [`Self::stdout_is`].
    #[track_caller]
    pub fn stderr_is(self, expected: impl IntoData) -> Self {
        self.matches(&self.stderr, expected);
        self
    }

    /// This is somewhere on standard output.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "`{text}` is not in\n{}", self.stdout);
        self
    }

    /// This is somewhere on standard error.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "`{text}` is not in\n{}", self.stderr);
        self
    }

    /// This is nowhere.
    #[track_caller]
    pub fn never_shows(self, text: &str) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert!(!stdout.contains(text) && !stderr.contains(text), "`{text}`!\n{stdout}\n{stderr}");
        self
    }

    /// The JSON lines. Each is an object whose `reason` stands first; the last one, and only that,
    /// is the summary, and says the exit code.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        let lines: Vec<Value> = self
            .stdout
            .lines()
            .map(|line| {
                let object: Value = serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("not JSON: {error}: {line}"));
                let first = object.as_object().and_then(|object| object.keys().next());
                assert_eq!(first.map(String::as_str), Some("reason"), "{line}");
                super::messages::validate(&object);
                object
            })
            .collect();
        let summaries = lines.iter().filter(|line| line["reason"] == "summary").count();
        let last = lines.last().expect("there is a summary at least");
        assert_eq!((summaries, &last["reason"]), (1, &Value::from("summary")), "{}", self.stdout);
        assert_eq!(last["exit"], self.status.code().expect("no signal ended it"), "{last}");
        lines
    }

    #[track_caller]
    fn matches(&self, actual: &str, expected: impl IntoData) {
        // Backslashes are ours: they stand for characters that cannot be shown.
        let assert = Assert::new().action_env(DEFAULT_ACTION_ENV).normalize_paths(false);
        assert.eq(redact(actual, &self.root), expected);
    }
}
