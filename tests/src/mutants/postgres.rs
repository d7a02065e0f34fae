//! PostgreSQL, asked by its protocol's `Parse`: it reads the grammar, and executes nothing.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use migrate_build::ServerVersion;

use super::{Judge, Verdict};
use crate::server::Postgres;

/// A connection to a PostgreSQL that prepares what it is asked about.
#[derive(Debug)]
pub struct PostgresJudge {
    stream: UnixStream,
    /// Where the server listens: a statement that is too much for it ends the connection.
    socket: PathBuf,
    version: Option<ServerVersion>,
}

/// The server's source files that report what the grammar does not allow. Others report what the
/// statement means.
const GRAMMAR: [&str; 3] = ["scan.l", "gram.y", "parser.c"];

impl PostgresJudge {
    /// A connection to a server as its superuser, by the socket in its directory.
    ///
    /// # Panics
    /// When the server does not let it in.
    #[must_use]
    pub fn new(server: &Postgres) -> Self {
        let socket = server.directory().join(format!(".s.PGSQL.{}", server.port()));
        let (stream, answer) = connect(&socket).unwrap_or_else(|e| panic!("{server:?}: {e}"));
        let version = answer.version.as_deref().map(major);
        Self { stream, socket, version }
    }

    /// Executes a script: what it did, a tag each statement.
    ///
    /// # Errors
    /// What the server said when it refused it.
    pub fn execute(&mut self, script: &str) -> Result<Vec<String>, String> {
        let mut query = script.as_bytes().to_vec();
        query.push(0);
        let answer =
            send(&mut self.stream, Some(b'Q'), &query).and_then(|()| answer(&mut self.stream));
        let answer = answer.map_err(|error| error.to_string())?;
        match answer.refusal {
            Some(refusal) => Err(refusal.message),
            None => Ok(answer.tags),
        }
    }

    /// The first error of a statement, when it has one.
    fn prepare(&mut self, script: &str) -> io::Result<Option<Refusal>> {
        let mut parse = vec![0];
        parse.extend_from_slice(script.as_bytes());
        parse.extend_from_slice(&[0, 0, 0]);
        send(&mut self.stream, Some(b'P'), &parse)?;
        send(&mut self.stream, Some(b'S'), &[])?;
        Ok(answer(&mut self.stream)?.refusal)
    }
}

/// `15.18 (Debian 15.18-0+deb12u1)` is 15.
fn major(version: &str) -> ServerVersion {
    let digits = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or_else(|error| panic!("{version}: {error}"))
}

impl Judge for PostgresJudge {
    fn version(&self) -> Option<ServerVersion> {
        self.version
    }

    fn judge(&mut self, script: &str) -> Verdict {
        let refusal = match self.prepare(script) {
            Ok(refusal) => refusal,
            Err(error) => {
                self.stream = connect(&self.socket).expect("the server is still there").0;
                return Verdict::Other(error.to_string());
            }
        };
        match refusal {
            None => Verdict::Valid,
            Some(refusal) if GRAMMAR.contains(&refusal.file.as_str()) => {
                // What is not supported yet was read all the same.
                if refusal.code.starts_with("0A") {
                    return Verdict::Other(refusal.message);
                }
                let at = refusal.position.map(|position| byte(script, position));
                Verdict::Syntax { message: refusal.message, at }
            }
            Some(_) => Verdict::Valid,
        }
    }
}

/// The server counts characters, from 1.
fn byte(script: &str, position: usize) -> usize {
    script.char_indices().nth(position.saturating_sub(1)).map_or(script.len(), |(at, _)| at)
}

#[derive(Debug, Default)]
struct Refusal {
    code: String,
    message: String,
    position: Option<usize>,
    file: String,
}

fn connect(socket: &Path) -> io::Result<(UnixStream, Answer)> {
    let mut stream = UnixStream::connect(socket)?;
    // Version 3.0 of the protocol.
    let mut start = 196_608_i32.to_be_bytes().to_vec();
    start.extend_from_slice(b"user\0postgres\0database\0postgres\0client_encoding\0UTF8\0\0");
    send(&mut stream, None, &start)?;
    let answer = answer(&mut stream)?;
    match answer.refusal {
        None => Ok((stream, answer)),
        Some(refusal) => Err(io::Error::other(refusal.message)),
    }
}

/// Sends a message: its letter, which the first has none of, its length, and its content.
fn send(stream: &mut UnixStream, letter: Option<u8>, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len() + 4).map_err(io::Error::other)?;
    let mut message: Vec<u8> = letter.into_iter().collect();
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(content);
    stream.write_all(&message)
}

/// What the server said before it was ready for the next question.
#[derive(Debug, Default)]
struct Answer {
    /// The first error.
    refusal: Option<Refusal>,
    /// What was done.
    tags: Vec<String>,
    /// Its version, when the connection is new.
    version: Option<String>,
}

fn answer(stream: &mut UnixStream) -> io::Result<Answer> {
    let mut answer = Answer::default();
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [letter, length @ ..] = head;
        let length = (u32::from_be_bytes(length) as usize).saturating_sub(4);
        let mut content = vec![0; length];
        stream.read_exact(&mut content)?;
        match letter {
            b'Z' => return Ok(answer),
            b'E' if answer.refusal.is_none() => answer.refusal = Some(read_refusal(&content)),
            b'C' => {
                let tag = content.split(|byte| *byte == 0).next().unwrap_or_default();
                answer.tags.push(String::from_utf8_lossy(tag).into_owned());
            }
            // A parameter: its name and its value, each with a NUL behind it.
            b'S' => {
                let mut texts = content.split(|byte| *byte == 0);
                if texts.next() == Some(b"server_version") {
                    answer.version = texts.next().map(|v| String::from_utf8_lossy(v).into_owned());
                }
            }
            _ => {}
        }
    }
}

/// Fields, each a letter and a text.
fn read_refusal(content: &[u8]) -> Refusal {
    let mut refusal = Refusal::default();
    for field in content.split(|byte| *byte == 0) {
        let Some((letter, text)) = field.split_first() else { continue };
        let text = String::from_utf8_lossy(text).into_owned();
        match letter {
            b'C' => refusal.code = text,
            b'M' => refusal.message = text,
            b'P' => refusal.position = text.parse().ok(),
            b'F' => refusal.file = text,
            _ => {}
        }
    }
    refusal
}
