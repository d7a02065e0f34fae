//! The one place that prints.
//!
//! Results go to standard output, progress and findings to standard error; as JSON, everything
//! goes to standard output, one object a line, a summary last. For GitHub, findings go there as
//! annotations, too; as SARIF, they are one document there, and nothing else is.

mod github;
mod progress;
mod sarif;
mod steps;

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use migrate_build::Diagnostic;
use migrate_build::render::{Human, escape, is_unprintable, json_finding, short};
use serde_json::{Map, Value, json};

use crate::cli::{Format, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::secret::may_hold_password;

use sarif::Sarif;
pub(crate) use steps::StepObserver;
pub(crate) use steps::duration;

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();

/// Prints why the command line was not understood, or the help that it asks for.
pub(crate) fn refusal(error: &clap::Error, arguments: &[OsString]) -> Exit {
    // Help and version are answers, everything else is a mistake; clap knows which stream.
    let text = presentable(error.render().ansi().to_string(), arguments);
    if !error.use_stderr() {
        let _ = anstream::stdout().write_all(text.as_bytes());
        return Exit::Success;
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
    let json = ["--message-format", "json"];
    if arguments.iter().any(|typed| *typed == *json.join("="))
        || arguments.windows(2).any(|typed| typed == json)
    {
        let text = presentable(error.render().to_string(), arguments);
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let exit = Exit::Usage.code();
        let summary = json!({ "reason": "summary", "error": message, "exit": exit });
        let line = format!("{}\n", escape_json(&summary.to_string()));
        let _ = anstream::stdout().write_all(line.as_bytes());
    }
    Exit::Usage
}

/// What clap says, without secrets and control characters: it repeats what was typed as it is.
fn presentable(mut text: String, arguments: &[OsString]) -> String {
    for typed in arguments.iter().map(|argument| argument.to_string_lossy()) {
        let shown = if may_hold_password(&typed) { "<URL>".into() } else { escape(&typed) };
        if shown != typed {
            text = text.replace(&*typed, &shown);
        }
    }
    text
}

/// Prints what commands say.
pub(crate) struct Reporter {
    format: Format,
    quiet: bool,
    verbose: bool,
    human: Human,
    sarif: RefCell<Sarif>,
    summary: Map<String, Value>,
}

impl Reporter {
    /// A reporter as the options want it.
    #[must_use]
    pub(crate) fn new(options: &Options) -> Self {
        match options.color {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        }
        .write_global();
        Self {
            format: options.message_format,
            quiet: options.quiet,
            verbose: options.verbose,
            // The streams take colours out again where they do not belong.
            human: Human::new(true),
            sarif: RefCell::default(),
            summary: Map::new(),
        }
    }

    /// Whether everything is JSON.
    #[must_use]
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A finding.
    pub(crate) fn finding(&self, finding: &Diagnostic) {
        match self.format {
            Format::Human => self.error_text(&format!("{}\n\n", self.human.render(finding))),
            Format::Short => self.error_text(&format!("{}\n", short(finding))),
            Format::Json => self.json(&json_finding(finding)),
            Format::Github => {
                self.output_text(&github::finding(finding));
                self.error_text(&format!("{}\n\n", self.human.render(finding)));
            }
            Format::Sarif => {
                self.sarif.borrow_mut().finding(finding);
                self.error_text(&format!("{}\n", short(finding)));
            }
        }
    }

    /// Whether standard output is for people to read.
    fn is_for_people(&self) -> bool {
        !matches!(self.format, Format::Json | Format::Sarif)
    }

    /// A result, of one line or several; only for people.
    pub(crate) fn result(&self, text: &str) {
        if self.is_for_people() {
            self.output_text(&format!("{}\n", escape_lines(text)));
        }
    }

    /// The content of a file, to be written to one as it is; only a terminal is kept from what would
    /// drive it.
    pub(crate) fn content(&self, text: &str) {
        if !self.is_for_people() {
            return;
        }
        let mut out = std::io::stdout();
        let shown = if out.is_terminal() { escape_lines(text) } else { text.to_owned() };
        let _ = out.write_all(shown.as_bytes());
    }

    /// A JSON line; only for programs.
    pub(crate) fn object(&self, object: &Value) {
        if self.is_json() {
            self.json(object);
        }
    }

    /// Several of them, which are made only for programs.
    pub(crate) fn objects(&self, objects: impl Iterator<Item = Value>) {
        if self.is_json() {
            objects.for_each(|object| self.json(&object));
        }
    }

    /// A line of progress: `     Applied …`.
    pub(crate) fn progress(&self, verb: &str, rest: &str) {
        if !self.quiet && !self.is_json() {
            self.error_text(&format!("{GOOD}{verb:>12}{GOOD:#} {}\n", escape(rest)));
        }
    }

    /// What a result does not say, and must not be missed.
    pub(crate) fn warning(&self, text: &str) {
        if !self.is_json() {
            self.error_text(&format!("{WARNING}warning{WARNING:#}: {}\n", escape(text)));
        }
    }

    /// A remark beside a result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !self.is_json() {
            self.error_text(&format!("{HELP}note{HELP:#}: {}\n", escape(text)));
        }
    }

    /// A remark for those who ask for more (`-v`).
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            self.note(text);
        }
    }

    /// A question, which the answer follows on the same line.
    pub(crate) fn question(&self, text: &str) {
        self.error_text(&escape(text));
    }

    /// What a program of the user's prints beside ours, as it is.
    fn pass_on(&self, bytes: &[u8]) {
        let _ = std::io::stderr().write_all(bytes);
    }

    /// Why the command could not do what it was asked to.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.problem(failure);
        self.sarif.get_mut().failure(failure);
        self.summarise("error", failure.message.clone());
    }

    /// What is wrong, in the course of a command that goes on.
    pub(crate) fn problem(&self, failure: &Failure) {
        if self.format == Format::Github {
            self.output_text(&github::failure(failure));
        }
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", escape_lines(&failure.message));
        for note in &failure.notes {
            text.push_str(&format!("  {HELP}= note{HELP:#}: {}\n", escape(note)));
        }
        for help in &failure.help {
            text.push_str(&format!("  {HELP}= help{HELP:#}: {}\n", escape(help)));
        }
        self.error_text(&text);
    }

    /// A field of the summary.
    pub(crate) fn summarise(&mut self, field: &str, value: impl Into<Value>) {
        self.summary.insert(field.to_owned(), value.into());
    }

    /// The end.
    pub(crate) fn finish(&mut self, exit: Exit) {
        if self.format == Format::Sarif {
            self.json(&self.sarif.borrow().document(exit));
        }
        if !self.is_json() {
            return;
        }
        let mut summary = json!({ "reason": "summary" });
        if let Some(object) = summary.as_object_mut() {
            object.append(&mut self.summary);
            object.insert("exit".to_owned(), exit.code().into());
        }
        self.json(&summary);
    }

    /// Listens to a run and shows it.
    #[must_use]
    pub(crate) fn steps(&self) -> StepObserver<'_> {
        StepObserver::new(self)
    }

    // A closed pipe (`… | head`) is not an error worth failing a migration for, so what cannot be
    // written is left.

    fn json(&self, object: &Value) {
        self.output_text(&format!("{}\n", escape_json(&object.to_string())));
    }

    fn output_text(&self, text: &str) {
        let _ = anstream::stdout().write_all(text.as_bytes());
    }

    fn error_text(&self, text: &str) {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

/// Escapes each line; line ends and tabs stay.
fn escape_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let end = part.strip_suffix(['\n', '\t']).map_or(part.len(), str::len);
        shown.push_str(&escape(part[..end].trim_end_matches('\r')));
        shown.push_str(&part[end..]);
    }
    shown
}

/// JSON leaves some control characters as they are, and all that turn the direction of writing.
/// Between strings there are none.
fn escape_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of them are in the first plane: four digits do.
            c if is_unprintable(c) => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tabs_stay_and_the_rest_is_escaped() {
        assert_eq!(escape_lines("a\tb\r\nc\x1b[2J\n"), "a\tb\nc\\u{1b}[2J\n");
        assert_eq!(escape_lines("\r"), "");
        assert_eq!(escape_lines("a\rb"), "a\\rb");
    }

    #[test]
    fn escaped_json_says_the_same() {
        let value = json!({ "name": "a\u{9b}2J\u{7f}\u{202e}\x1b" });
        let shown = escape_json(&value.to_string());
        assert!(shown.chars().all(|c| !is_unprintable(c)), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
