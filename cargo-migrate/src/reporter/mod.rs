//! The one place that prints.
//!
//! Results go to standard output, progress and findings to standard error; as JSON, everything
//! goes to standard output, one object a line, a summary last.

mod progress;
mod steps;

use std::io::Write as _;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use migrate_build::Diagnostic;
use migrate_build::render::{Human, escape, json_finding, short};
use serde_json::{Map, Value, json};

use crate::cli::{Format, Options};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) use steps::StepObserver;
pub(crate) use steps::duration;

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();

/// Prints what commands say.
pub(crate) struct Reporter {
    format: Format,
    quiet: bool,
    verbose: bool,
    human: Human,
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
        }
    }

    /// A line of a result; only for people.
    pub(crate) fn result(&self, line: &str) {
        if !self.is_json() {
            self.output_text(&format!("{line}\n"));
        }
    }

    /// A JSON line; only for programs.
    pub(crate) fn object(&self, object: &Value) {
        if self.is_json() {
            self.json(object);
        }
    }

    /// A line of progress: `     Applied …`.
    pub(crate) fn progress(&self, verb: &str, rest: &str) {
        if !self.quiet && !self.is_json() {
            self.error_text(&format!("{GOOD}{verb:>12}{GOOD:#} {rest}\n"));
        }
    }

    /// A remark beside a result.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_json() {
            self.error_text(&format!("{HELP}note{HELP:#}: {text}\n"));
        }
    }

    /// Why the command could not do what it was asked to.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let message: Vec<_> = failure.message.lines().map(escape).collect();
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", message.join("\n"));
        for help in &failure.help {
            text.push_str(&format!("  {HELP}= help{HELP:#}: {}\n", escape(help)));
        }
        self.error_text(&text);
        self.summarise("error", failure.message.clone());
    }

    /// A field of the summary.
    pub(crate) fn summarise(&mut self, field: &str, value: impl Into<Value>) {
        self.summary.insert(field.to_owned(), value.into());
    }

    /// The end.
    pub(crate) fn finish(&mut self, exit: Exit) {
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
        self.output_text(&format!("{object}\n"));
    }

    fn output_text(&self, text: &str) {
        let _ = anstream::stdout().write_all(text.as_bytes());
    }

    fn error_text(&self, text: &str) {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}
