//! A copy of a server's database, made by a command of the configuration.
//!
//! No shell reads the command, and no password stands in it: that is in variables, which other users
//! of the machine do not see.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use migrate_build::suggest::did_you_mean;

use super::ServerUrl;
use crate::copies::{self, Staged};
use crate::failure::Failure;

/// How much of what the command says is told.
const LINES: usize = 10;

const PLACES: [&str; 5] = ["host", "port", "user", "database", "file"];

/// Has a command copy the database at an address, and says where the copy is. `variables` tell the
/// command's programs where to connect.
///
/// # Errors
/// When the command cannot be read or started, or fails; when it writes no file where it should.
pub(in crate::database) fn run(
    command: &str,
    url: &ServerUrl,
    variables: &[(&str, String)],
    to: Option<&Path>,
) -> Result<String, Failure> {
    let to = &to.map_or_else(|| copies::beside(&original(url)), Path::to_owned);
    let words = shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        Failure::usage("the backup command cannot be read: a quote is not closed, or it is empty")
    })?;
    let staged = Staged::new(to)?;
    let takes_file = command.contains("{file}");
    let mut words = words.iter().map(|word| filled(word, url, staged.path()));
    let program = words.next().transpose()?.unwrap_or_default();
    let arguments = words.collect::<Result<Vec<String>, Failure>>()?;
    let failed = |why: String| Failure::new(format!("the backup command `{program}` {why}"));
    let output = OpenOptions::new().write(true).open(staged.path());
    let output = output.map_err(|why| failed(format!("has no file to write to: {why}")))?;
    let ended = Command::new(&program)
        .args(&arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(if takes_file { Stdio::null() } else { Stdio::from(output) })
        .stderr(Stdio::piped())
        .output();
    let ended = ended.map_err(|why| {
        failed(format!("cannot be started: {why}"))
            .help("give the path of the program; no shell is there to find what it is")
    })?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if !ended.status.success() {
        let mut failure = failed(format!("failed: {}", ended.status));
        failure.notes = last_lines(&said, url);
        return Err(failure);
    }
    let length = fs::metadata(staged.path()).map_or(0, |file| file.len());
    match (length, takes_file) {
        (0, true) => Err(failed(format!("ended well, and left nothing in `{}`", to.display()))),
        // It keeps the copy elsewhere.
        (0, false) => Ok(format!("kept by `{program}`")),
        _ => staged.finish().map(|()| to.display().to_string()),
    }
}

/// The failure where no command is configured; `example` is one that would do.
pub(in crate::database) fn no_command(example: &str) -> Failure {
    Failure::usage("no command is configured that backs the database up")
        .help(format!("write `backup = \"{example}\"` under `[package.metadata.migrate]`"))
        .help("in a protected environment, `--no-backup` does without")
}

/// A word of the command, with what `{host}` and the others stand for.
fn filled(word: &str, url: &ServerUrl, file: &Path) -> Result<String, Failure> {
    let host = url.hosts.first();
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = behind.split_once('}') else {
            return Err(Failure::usage("the backup command opens a `{` and does not close it"));
        };
        rest = behind;
        match name {
            "host" => text.push_str(host.map_or("", |host| &host.name)),
            "port" => {
                let port = host.and_then(|host| host.port);
                text.push_str(&port.map_or_else(String::new, |port| port.to_string()));
            }
            "user" => text.push_str(url.user.as_deref().unwrap_or_default()),
            "database" => text.push_str(url.database.as_deref().unwrap_or_default()),
            "file" => text.push_str(&file.to_string_lossy()),
            other => {
                let hint = did_you_mean(other, PLACES);
                let message = format!("the backup command has no `{{{other}}}` to fill in{hint}");
                let known = PLACES.map(|place| format!("`{{{place}}}`")).join(", ");
                return Err(Failure::usage(message).help(format!("there are {known}")));
            }
        }
    }
    text.push_str(rest);
    Ok(text)
}

/// The end of what a program said. It may repeat what it was told.
fn last_lines(said: &str, url: &ServerUrl) -> Vec<String> {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let hidden = |line: &&str| match url.password.as_deref().filter(|word| !word.is_empty()) {
        Some(password) => line.replace(password, "***"),
        None => (*line).to_owned(),
    };
    lines[lines.len().saturating_sub(LINES)..].iter().map(hidden).collect()
}

/// The name for a copy, beside which its time is written: that of the database, here.
fn original(url: &ServerUrl) -> PathBuf {
    let name = url.database.as_deref().unwrap_or("database");
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    PathBuf::from(name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_no_shell_reads_them() {
        let url = ServerUrl::parse("x://me:pw@db:5/a%20b").unwrap();
        let fill = |word: &str| filled(word, &url, Path::new("/tmp/a b"));
        assert_eq!(fill("--host={host}:{port}").unwrap(), "--host=db:5");
        assert_eq!(fill("{user}/{database}").unwrap(), "me/a b");
        assert_eq!(fill("--to={file}").unwrap(), "--to=/tmp/a b");
        assert_eq!(fill("$HOME;`x`").unwrap(), "$HOME;`x`");
        assert_eq!(
            fill("{databse}").unwrap_err().message,
            "the backup command has no `{databse}` to fill in; did you mean `database`?"
        );
        assert!(fill("{password}").is_err());
        assert!(fill("{host").unwrap_err().message.ends_with("does not close it"));
    }

    #[test]
    fn what_a_program_repeats_of_a_password_is_hidden() {
        let url = ServerUrl::parse("x://me:hunter2@db/a").unwrap();
        let said: String = (0..20).map(|n| format!("{n} hunter2\n\n")).collect();
        let lines = last_lines(&said, &url);
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "10 ***"));
    }
}
