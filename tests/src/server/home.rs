//! A private directory with a server in it, both gone with the process that asked for them.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::{Uid, User};

/// Statics are never dropped and a killed process drops nothing, but its pipes close: a shell at
/// the other end of one cleans up.
const SUPERVISOR: &str = include_str!("supervise.sh");

/// How long a server may take to start, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many ports are tried: another process may take a free one first.
const PORTS: usize = 8;

/// A directory of the server's user, and its supervisor.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    supervisor: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Home {
    /// A new directory. Servers refuse to run as root: then it is `user`'s, or `nobody`'s where
    /// there is no such user. `last_signal` ends a server that nobody needs any more.
    pub(super) fn new(user: &str, last_signal: &str) -> Self {
        let mut command = tool("sh");
        command.args(["-c", SUPERVISOR, "supervise.sh", last_signal]);
        command.envs(std::env::var_os("SERVERS_IN").map(|place| ("SERVERS_IN", place)));
        // Where the server's user may go, and where Ctrl-C at the terminal does not reach.
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if Uid::effective().is_root() {
            let user = unprivileged(user);
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut supervisor = command.spawn().expect("a shell starts");
        let orders = supervisor.stdin.take();
        let mut answers = BufReader::new(supervisor.stdout.take().expect("it is piped"));
        let path = PathBuf::from(answer(&mut answers));
        Self { path, supervisor, orders, answers }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a program in it to its end.
    ///
    /// # Panics
    /// When the program fails.
    pub(super) fn run(&mut self, words: &[String]) {
        let status = self.order("run", words);
        assert!(status == "0", "{words:?} ended with {status}:\n{}", self.log());
    }

    /// Starts the server and waits until it is ready; false when it ended instead.
    ///
    /// # Panics
    /// When it neither gets ready nor ends, with what it printed.
    pub(super) fn serve(&mut self, words: &[String], is_ready: impl Fn(&Self) -> bool) -> bool {
        self.order("serve", words);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.path.join("exited").exists() {
                return false;
            }
            if is_ready(self) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it is not ready after {PATIENCE:?}:\n{}", self.log());
    }

    /// Starts the server on a free port of 127.0.0.1, and says on which.
    ///
    /// # Panics
    /// When it does not start, with what it printed.
    pub(super) fn serve_on_free_port(
        &mut self,
        words: impl Fn(&Path, u16) -> Vec<String>,
        is_ready: impl Fn(&Self, u16) -> bool,
    ) -> u16 {
        for _ in 0..PORTS {
            let port = free_port();
            if self.serve(&words(&self.path, port), |home| is_ready(home, port)) {
                return port;
            }
            assert!(self.log().contains("Address already in use"), "{}", self.log());
        }
        panic!("others took {PORTS} ports that were free:\n{}", self.log());
    }

    /// Ends the server by a signal, if it runs, and waits until it is gone.
    pub(super) fn end(&mut self, signal: &str) {
        self.order("end", &[signal.to_owned()]);
    }

    /// What the programs printed.
    pub(super) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.path.join("log")).expect("the log")).into_owned()
    }

    fn order(&mut self, command: &str, words: &[String]) -> String {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let orders = self.orders.as_mut().expect("the pipe is open until the drop");
        writeln!(orders, "{command} {}", words.join(" ")).expect("the supervisor listens");
        answer(&mut self.answers)
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

impl Drop for Home {
    fn drop(&mut self) {
        self.orders = None;
        // It cannot fail: this is the supervisor's parent.
        let _ = self.supervisor.wait();
    }
}

fn answer(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("a text");
    assert!(line.ends_with('\n'), "the supervisor died");
    line.truncate(line.len() - 1);
    line
}

fn quoted(word: &str) -> String {
    assert!(!word.contains('\n'), "an order is one line: {word:?}");
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn unprivileged(name: &str) -> User {
    let users = [name, "nobody"].into_iter();
    users.flat_map(|name| User::from_name(name).ok().flatten()).next().expect("the user `nobody`")
}

/// A program that sees nothing of the environment that could change what it does.
pub(super) fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("LC_ALL", "C").env("TZ", "UTC");
    command
}

/// Where a program is: on the `PATH`, or in one of these directories.
///
/// # Panics
/// When it is nowhere.
pub(super) fn program(name: &str, directories: &[PathBuf]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(directories.iter().cloned())
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("install `{name}` first: tests/run.sh does"))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn shell(line: &str) -> Vec<String> {
        ["sh", "-c", line].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_port_that_was_taken_is_given_up() {
        let mut home = Home::new("nobody", "KILL");
        let ports = std::cell::RefCell::new(Vec::new());
        let command = |_: &Path, port| {
            ports.borrow_mut().push(port);
            let first = ports.borrow().len() == 1;
            shell(if first { "echo Address already in use; exit 1" } else { "exec sleep 1000" })
        };
        let is_second = |_: &Home, port| ports.borrow()[0] != port;
        let port = home.serve_on_free_port(command, is_second);
        assert_eq!(ports.borrow()[1..], [port]);
    }

    #[test]
    fn what_fails_says_why() {
        let mut home = Home::new("nobody", "KILL");
        let failed = catch_unwind(AssertUnwindSafe(|| home.run(&shell("echo no room; exit 3"))));
        let message = failed.expect_err("it fails");
        let message = message.downcast_ref::<String>().expect("a text");
        assert!(message.contains("ended with 3:\nno room\n"), "{message}");
    }

    #[test]
    fn words_are_passed_as_they_are() {
        let mut home = Home::new("nobody", "KILL");
        let word = r#"it's a "$HOME" \ ` * "#;
        home.run(&["printf".to_owned(), "%s".to_owned(), word.to_owned()]);
        assert_eq!(home.log(), word);
    }
}
