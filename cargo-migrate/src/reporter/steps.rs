//! A run as it happens.

use std::time::Duration;

use migrate_build::render::escape;
use migrate_runtime::{Direction, Event, Observer, Step};
use serde_json::{Value, json};

use super::Reporter;
use super::progress::Progress;
use crate::cli::Format;
use crate::handover::Listener;

/// Shows the events of a run.
pub(crate) struct StepObserver<'r> {
    reporter: &'r Reporter,
    progress: Progress,
    waiting: bool,
    /// What the transaction under way holds so far.
    uncommitted: usize,
}

impl<'r> StepObserver<'r> {
    pub(super) fn new(reporter: &'r Reporter) -> Self {
        let visible = reporter.format == Format::Human && !reporter.quiet;
        Self { reporter, progress: Progress::new(visible), waiting: false, uncommitted: 0 }
    }

    fn say(&self, verb: &str, rest: &str) {
        self.progress.above(|| self.reporter.progress(verb, rest));
    }

    fn object(&self, object: &Value) {
        self.reporter.object(object);
    }

    fn waiting(&mut self, waited: Duration, holder: Option<&str>) {
        if !self.waiting {
            self.object(&json!({ "reason": "lock", "event": "waiting", "holder": holder }));
        }
        let holder = held_by(holder);
        if !std::mem::replace(&mut self.waiting, true) {
            self.say("Waiting", &format!("for the lock{holder}"));
        }
        self.progress.show(format!("waiting for the lock since {} s{holder}", waited.as_secs()));
    }

    /// Of a statement that others were in the way of; the transaction is begun anew.
    fn retrying(&mut self, tries: u32, holder: Option<&str>) {
        self.uncommitted = 0;
        self.object(&json!({
            "reason": "lock", "event": "retrying", "tries": tries, "holder": holder,
        }));
        self.say(
            "Retrying",
            &format!("after {tries} in vain: what a statement needs is locked{}", held_by(holder)),
        );
    }

    fn statement(&self, step: &Step<'_>, index: usize) {
        let statements = step.statements();
        let of = statements.len();
        let name = escape(step.name());
        self.progress.show(format!(
            "{name} ({}), statement {} of {of}",
            step.direction(),
            index + 1
        ));
        if let Some(statement) = statements.get(index).filter(|_| self.reporter.verbose) {
            let text = step.text(statement);
            let first = escape(text.lines().next().unwrap_or_default()).into_owned();
            self.say("Executing", &format!("{first} ({name}, {} of {of})", index + 1));
        }
    }
}

impl Listener for StepObserver<'_> {
    fn step_failed(&mut self, step: &Step<'_>, statement: Option<usize>, message: &str) {
        let statement = statement.and_then(|number| number.checked_sub(1));
        let mut object = step_object(step, statement, "failed");
        object["message"] = json!(message);
        self.object(&object);
    }

    fn printed(&mut self, bytes: &[u8]) {
        self.progress.above(|| self.reporter.pass_on(bytes));
    }
}

impl Observer for StepObserver<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Waiting { waited, holder } => self.waiting(*waited, *holder),
            Event::Retrying { tries, holder, .. } => self.retrying(*tries, *holder),
            Event::BackedUp { place, took } => {
                self.object(&json!({
                    "reason": "backup", "event": "finished", "place": place,
                    "duration_ms": milliseconds(*took),
                }));
                self.say("Backed up", &format!("{} ({})", escape(place), duration(*took)));
            }
            Event::Reconnecting { attempts } => {
                self.object(&json!({
                    "reason": "connection", "event": "reconnecting", "attempts": attempts,
                }));
                if *attempts == 0 {
                    self.say("Connecting", "again: the connection was lost");
                }
            }
            Event::Repairing { step, statement, removal } => {
                let mut object = step_object(step, Some(*statement), "repairing");
                object["sql"] = json!(removal);
                self.object(&object);
                self.say("Repairing", &format!("{}: {removal}", escape(step.name())));
            }
            Event::Resumed { step, done } => {
                self.say("Resuming", &format!("{} behind statement {done}", escape(step.name())))
            }
            Event::StatementStarted { step, statement } => {
                self.statement(step, *statement);
                self.object(&step_object(step, Some(*statement), "started"));
            }
            Event::StatementFinished { step, statement, took } => {
                let mut object = step_object(step, Some(*statement), "finished");
                object["duration_ms"] = json!(milliseconds(*took));
                self.object(&object);
            }
            Event::StepFinished { step, took } => {
                self.uncommitted += 1;
                let verb = if step.direction() == Direction::Up { "Applied" } else { "Reverted" };
                self.say(verb, &format!("{} ({})", escape(step.name()), duration(*took)));
            }
            Event::StepFailed { step, error } => {
                let statement = error.place().map(|place| place.statement);
                self.step_failed(step, statement, &error.to_string());
            }
            Event::Committed => {
                self.uncommitted = 0;
                self.object(&json!({ "reason": "transaction", "event": "committed" }));
            }
            Event::RolledBack => {
                self.object(&json!({ "reason": "transaction", "event": "rolled-back" }));
                if std::mem::take(&mut self.uncommitted) > 0 {
                    self.say("Rolled back", "what this transaction held: it is as before");
                }
            }
            _ => {}
        }
    }
}

fn held_by(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |holder| format!(", held by {}", escape(holder)))
}

fn step_object(step: &Step<'_>, statement: Option<usize>, event: &str) -> Value {
    json!({
        "reason": "step",
        "direction": step.direction().as_str(),
        "version": step.version(),
        "name": step.name(),
        "statement": statement.map(|index| index + 1),
        "of": step.statements().len(),
        "event": event,
    })
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// A duration as people read it.
pub(crate) fn duration(took: Duration) -> String {
    match took.as_millis() {
        0..1_000 => format!("{} ms", took.as_millis()),
        1_000..60_000 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} min {} s", took.as_secs() / 60, took.as_secs() % 60),
    }
}
