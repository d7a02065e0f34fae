//! `cargo migrate status`

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use migrate_build::render::escape;
use migrate_build::{Report, Verdict};
use migrate_runtime::{Applied, History, Note, State, Status as Row};
use serde_json::json;

use super::failure;
use crate::cli::{Options, Status};
use crate::database;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::{Reporter, duration};
use crate::set::{with_files, with_set};

pub(super) fn run(
    options: &Options,
    args: &Status,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::resolve(options, &environment)?;
    let address = database::resolve(options, &environment, &project)?;
    let history = || address.open_or_empty()?.history().map_err(|error| failure(error, &*address));
    let pending = if args.verdicts || reporter.is_json() {
        verified(&project, args, &history, reporter)?
    } else {
        let (directory, history) = beside(|| project.load(), history);
        let (directory, history) = (directory?, history?);
        let table = Table { verdicts: &HashMap::new(), shows_verdicts: false };
        let pending = with_files(&directory, project.server, &history, |migrations| {
            table.show(&history.status(migrations), reporter)
        })?;
        note_errors(
            directory.findings.iter().filter(|found| found.level.fails()).count(),
            reporter,
        );
        pending
    };
    Ok(if args.exit_code && pending { Exit::Pending } else { Exit::Success })
}

/// Does two things at once: one reads many files while the other waits for a database.
fn beside<A: Send, B>(one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(one)) => one,
            Ok(Err(panic)) => resume_unwind(panic),
            // The system has no thread to spare.
            Err(_) => one(),
        };
        (one, other)
    })
}

/// Shows the table with verdicts, or for programs; true when something is pending.
fn verified(
    project: &Project,
    args: &Status,
    history: &dyn Fn() -> Result<History, Failure>,
    reporter: &mut Reporter,
) -> Result<bool, Failure> {
    let report = project.verify()?;
    let history = history()?;
    let verdicts: Verdicts<'_> =
        report.migrations.iter().map(|m| (m.version.as_str(), &m.verdict)).collect();
    let table = Table { verdicts: &verdicts, shows_verdicts: args.verdicts };
    let pending =
        with_set(&report, |migrations| Ok(table.show(&history.status(migrations), reporter)))?;
    if args.verdicts {
        show_verdicts(&report, reporter);
    }
    note_errors(report.errors_and_warnings().0, reporter);
    Ok(pending)
}

fn note_errors(errors: usize, reporter: &Reporter) {
    if errors > 0 {
        let noun = if errors == 1 { "error" } else { "errors" };
        reporter.note(&format!("the files have {errors} {noun}: see `cargo migrate check`"));
    }
}

/// How many there are of each verdict, and why those are not proved that are not.
fn show_verdicts(report: &Report, reporter: &Reporter) {
    reporter.result(&report.tally().to_string());
    for migration in &report.migrations {
        if let Some(why) = migration.verdict.why() {
            let (name, word) = (escape(&migration.name), migration.verdict.word());
            reporter.note(&format!("{name}: {word}: {}", escape(why)));
        }
    }
}

/// In the order of the summary.
const STATES: [State; 7] = [
    State::Applied,
    State::Baselined,
    State::Pending,
    State::Unfinished,
    State::OutOfOrder,
    State::Modified,
    State::Missing,
];

/// What is known of the files' ways back, by version.
type Verdicts<'v> = HashMap<&'v str, &'v Verdict>;

struct Table<'t> {
    verdicts: &'t Verdicts<'t>,
    shows_verdicts: bool,
}

impl Table<'_> {
    /// Shows the table; true when something is pending.
    fn show(&self, rows: &[Row<'_>], reporter: &mut Reporter) -> bool {
        if !rows.is_empty() {
            reporter.result(&self.columns(
                "STATE",
                "BATCH",
                "APPLIED",
                "TOOK",
                "VERDICT",
                "MIGRATION",
            ));
        }
        // At once: a thousand lines are a thousand calls of the system otherwise.
        let lines: Vec<String> = rows.iter().map(|row| self.line(row)).collect();
        if !lines.is_empty() {
            reporter.result(&lines.join("\n"));
        }
        reporter.objects(rows.iter().map(|row| self.object(row)));
        let counts =
            STATES.map(|state| (state, rows.iter().filter(|row| row.state == state).count()));
        for (state, count) in counts {
            reporter.summarise(&word(state).replace('-', "_"), count);
        }
        let present = counts.iter().filter(|(_, count)| *count > 0);
        let summary: Vec<String> =
            present.map(|(state, n)| format!("{n} {}", word(*state))).collect();
        reporter.result(&if summary.is_empty() {
            "no migrations".to_owned()
        } else {
            summary.join(", ")
        });
        for (state, count) in counts {
            if let Some(advice) = advice(state).filter(|_| count > 0) {
                reporter.note(advice);
            }
        }
        notes(rows, reporter);
        rows.iter()
            .any(|row| matches!(row.state, State::Pending | State::OutOfOrder | State::Unfinished))
    }

    fn columns(
        &self,
        state: &str,
        batch: &str,
        when: &str,
        took: &str,
        verdict: &str,
        name: &str,
    ) -> String {
        let verdict = if self.shows_verdicts { format!("{verdict:<12}  ") } else { String::new() };
        format!("{state:<12} {batch:>5}  {when:<20} {took:>7}  {verdict}{name}")
    }

    fn line(&self, row: &Row<'_>) -> String {
        let record = row.applied.and_then(|applied| applied.record.as_ref());
        let batch = record.map_or_else(String::new, |record| record.batch.to_string());
        let when = row.applied.map(when).unwrap_or_default();
        let took = record.map_or_else(String::new, |record| {
            duration(Duration::from_millis(record.duration_ms.try_into().unwrap_or(0)))
        });
        let verdict = self.verdict(row).map_or("", Verdict::word);
        let (when, name) = (escape(&when), escape(&row.migration.name));
        self.columns(word(row.state), &batch, &when, &took, verdict, &name)
    }

    /// None where the files are gone.
    fn verdict(&self, row: &Row<'_>) -> Option<&Verdict> {
        self.verdicts.get(&*row.migration.version).copied()
    }

    fn object(&self, row: &Row<'_>) -> serde_json::Value {
        let record = row.applied.and_then(|applied| applied.record.as_ref());
        let notes: Vec<&str> = row.notes.iter().map(|note| note_word(*note)).collect();
        let verdict = self.verdict(row);
        json!({
            "reason": "migration",
            "version": row.migration.version,
            "name": row.migration.name,
            "state": word(row.state),
            "verdict": verdict.map(Verdict::word),
            "why": verdict.and_then(Verdict::why),
            "batch": record.map(|record| record.batch),
            "applied_at": row.applied.map(|applied| when(applied).replacen(' ', "T", 1)),
            "duration_ms": record.map(|record| record.duration_ms),
            "notes": notes,
        })
    }
}

/// When a migration was applied; of Diesel's only its own ledger knows.
fn when(applied: &Applied) -> String {
    match &applied.record {
        Some(record) => timestamp(record.started_at),
        None => format!("{}Z", applied.run_on),
    }
}

/// Milliseconds since 1970 as `2026-01-05 09:00:12Z`.
fn timestamp(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}

const fn word(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Applied => "applied",
        State::Baselined => "baselined",
        State::Modified => "modified",
        State::Missing => "missing",
        State::OutOfOrder => "out-of-order",
        State::Unfinished => "unfinished",
    }
}

const fn advice(state: State) -> Option<&'static str> {
    match state {
        State::Pending | State::Applied | State::Baselined => None,
        State::Modified => Some(
            "modified: an applied `up.sql` was edited; put its text back, and write a new migration for the change",
        ),
        State::Missing => Some(
            "missing: applied, but the files are gone; put them back, or revert with the `down.sql` that the database kept",
        ),
        State::OutOfOrder => Some(
            "out-of-order: older than what is applied; give it a newer version, or `cargo migrate run --allow-out-of-order`",
        ),
        State::Unfinished => Some(
            "unfinished: it stopped half way, or another process is at it; `cargo migrate run` goes on where it stopped, or waits",
        ),
    }
}

const fn note_word(note: Note) -> &'static str {
    match note {
        Note::CommentsEdited => "comments-edited",
        Note::ChecksumUnknown => "checksum-unknown",
        Note::DownEdited => "down-edited",
    }
}

fn notes(rows: &[Row<'_>], reporter: &Reporter) {
    let with = |note: Note| rows.iter().filter(move |row| row.notes.contains(&note));
    for row in with(Note::CommentsEdited) {
        reporter.note(&format!(
            "{}: comments of `up.sql` were edited since",
            escape(&row.migration.name)
        ));
    }
    for row in with(Note::DownEdited) {
        reporter.note(&format!(
            "{}: `down.sql` was edited since; a revert runs the new one",
            escape(&row.migration.name)
        ));
    }
    let unknown = with(Note::ChecksumUnknown).count();
    let who = match unknown {
        0 => return,
        1 => "1 was applied by Diesel".to_owned(),
        n => format!("{n} were applied by Diesel"),
    };
    reporter.note(&format!("{who}: whether the files changed since, nobody knows"));
}
