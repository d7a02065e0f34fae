//! The command line, started.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::canary;
use super::output::Output;

/// The command line as tests start it.
///
/// # Panics
/// Outside of `cargo test`, which says where the program is.
#[must_use]
pub fn program() -> PathBuf {
    built("CARGO_BIN_EXE_cargo-migrate-under-test")
}

/// A program that migrates by the library, without the command line: with the migrations of a
/// directory it does something to the database at an address.
pub(crate) fn runner(migrations: &Path, url: &str, action: &str) -> Invocation {
    let directory = migrations.as_os_str();
    let arguments = [directory, url.as_ref(), action.as_ref()];
    Invocation::new(migrations, &built("CARGO_BIN_EXE_crash-runner"), arguments)
}

/// A program that is nothing but the library's own command line; its words are separated by blanks.
pub(crate) fn standalone(root: &Path, line: &str) -> Invocation {
    Invocation::new(root, &built("CARGO_BIN_EXE_standalone-runner"), line.split_whitespace())
}

fn built(variable: &str) -> PathBuf {
    env::var_os(variable).expect("integration tests are started by cargo").into()
}

/// What is about to be started: with nothing of this process's environment that could change what
/// it does.
#[derive(Debug)]
pub struct Invocation {
    command: Command,
    input: Vec<u8>,
    root: PathBuf,
}

impl Invocation {
    pub(super) fn new<A: AsRef<OsStr>>(
        root: &Path,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root);
        for (name, _) in env::vars_os() {
            if is_meddling(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: Vec::new(), root: root.to_owned() }
    }

    /// With a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// In a directory of the project.
    #[must_use]
    pub fn within(mut self, directory: &str) -> Self {
        self.command.current_dir(self.root.join(directory));
        self
    }

    /// With this on standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts it, and goes on beside it.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(mut self) -> Running {
        let known = canary::in_files(&self.root);
        let mut child = self.command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // Who does not read its input does not mind losing it.
        let _ = stdin.write_all(&self.input);
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Running { child, stdout, seen: String::new(), root: self.root, known }
    }

    /// Runs it to its end.
    #[must_use]
    pub fn output(self) -> Output {
        self.start().output()
    }

    /// Runs it; it ends with 0.
    #[track_caller]
    pub fn succeeds(self) -> Output {
        self.exits(0)
    }

    /// Runs it; it ends with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Output {
        self.output().exits(code)
    }
}

/// Variables that would change what the program does or prints.
fn is_meddling(name: &str) -> bool {
    let kept = ["CARGO_HOME"];
    let families = [
        "CARGO_",
        "RUST_",
        "CLICOLOR",
        "DATABASE_URL",
        "NO_COLOR",
        "EDITOR",
        "VISUAL",
        "DB_",
        "PG",
    ];
    families.iter().any(|family| name.starts_with(family)) && !kept.contains(&name)
}

/// A process at work.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    seen: String,
    root: PathBuf,
    /// The files that held a password before.
    known: BTreeSet<String>,
}

impl Running {
    /// Its id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it prints a line with this text.
    ///
    /// # Panics
    /// When it ends before.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        loop {
            let from = self.seen.len();
            let read = self.stdout.read_line(&mut self.seen).expect("its output is a text");
            assert!(read > 0, "it ended without a word of `{text}`:\n{}", self.seen);
            if self.seen[from..].contains(text) {
                return;
            }
        }
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When there is no such signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was not sent");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When what it prints is not a text, or it shows a password of the servers or writes it into a
    /// file.
    #[must_use]
    pub fn output(mut self) -> Output {
        let mut stderr = self.child.stderr.take().expect("it is piped");
        // Read beside each other, or a full pipe stops both.
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text)
        });
        self.stdout.read_to_string(&mut self.seen).expect("its output is a text");
        let stderr = errors.join().expect("the reader ends").expect("its errors are a text");
        let status = self.child.wait().expect("it was started");
        assert_eq!(canary::in_text(&self.seen), None, "printed:\n{}", self.seen);
        assert_eq!(canary::in_text(&stderr), None, "printed:\n{stderr}");
        let written = canary::in_files(&self.root);
        let written: Vec<&String> = written.difference(&self.known).collect();
        assert!(written.is_empty(), "a password is in {written:?}");
        Output::new(status, self.seen, stderr, self.root)
    }
}
