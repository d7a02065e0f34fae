//! The lines between `cargo migrate` and a program that it hands over to. For these two alone: they
//! change with [`PROTOCOL`].
//!
//! Each begins with a mark, so that what migrations print to standard output is told apart, and holds a
//! word and fields, separated by tabs.
use std::fmt::Display;
use std::time::Duration;

use crate::error::{Error, PlanError};
use crate::event::Event;
use crate::migrations::{Down, Migrations, Script};
use crate::outcome::{Done, Named, Outcome};
use crate::step::{Direction, Step};

/// Which lines these are. The first one says it.
pub const PROTOCOL: u32 = 1;
/// What each begins with.
pub const MARK: &str = "\u{1}cargo-migrate\t";
/// What a program is told that is to begin; a line of its own.
pub const START: &str = "start";
/// What a program is told that is to stop; a line of its own.
pub const STOP: &str = "stop";

/// What a failure is, as far as it matters to whoever says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The lock was not obtained in time.
    Locked,
    /// A migration stands half way.
    HalfWay,
    /// The database refused what a migration does; nothing of that remains.
    Refused,
    /// What was asked for is not known.
    Unknown,
    /// Something pending is older than something applied.
    OutOfOrder,
    /// Something applied has been changed.
    Edited,
    /// The database itself, or the way to it.
    Surroundings,
    /// Anything else.
    Other,
}

/// A run that failed, as far as the command line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// What it is.
    pub kind: Kind,
    /// The words.
    pub message: String,
    /// The statement that the database refused.
    pub refused: Option<Box<Refused>>,
    /// What was done before, when the run had begun.
    pub outcome: Option<Box<Outcome>>,
}

/// A statement that the database refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Of which migration.
    pub version: String,
    /// Which way it went.
    pub direction: Direction,
    /// Which one of the script, from 1.
    pub statement: usize,
    /// What the database said.
    pub message: String,
}

impl Kind {
    const ALL: [(Self, &str); 8] = [
        (Self::Locked, "locked"),
        (Self::HalfWay, "half-way"),
        (Self::Refused, "refused"),
        (Self::Unknown, "unknown"),
        (Self::OutOfOrder, "out-of-order"),
        (Self::Edited, "edited"),
        (Self::Surroundings, "surroundings"),
        (Self::Other, "other"),
    ];

    /// What kind an error is of.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Locked { .. } => Self::Locked,
            error if error.is_half_way() => Self::HalfWay,
            Error::Statement(_) | Error::RowLoss(_) | Error::ForeignKeys(_) => Self::Refused,
            Error::Plan(PlanError::Unknown { .. }) => Self::Unknown,
            Error::Plan(PlanError::OutOfOrder { .. }) => Self::OutOfOrder,
            Error::Plan(PlanError::Edited(_)) => Self::Edited,
            Error::LockLost { .. }
            | Error::ConnectionLost { .. }
            | Error::CommitUnknown { .. }
            | Error::Unsupported { .. }
            | Error::ReadOnly { .. }
            | Error::DiskFull { .. }
            | Error::DiskFailed { .. }
            | Error::NotADatabase { .. }
            | Error::Ledger(_)
            | Error::Database { .. } => Self::Surroundings,
            _ => Self::Other,
        }
    }

    /// The code to end with.
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Self::Unknown => 2,
            Self::Locked => 3,
            Self::HalfWay => 4,
            Self::Refused | Self::OutOfOrder | Self::Edited | Self::Surroundings | Self::Other => 1,
        }
    }

    fn word(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(kind, _)| *kind == self);
        found.map_or("other", |(_, word)| word)
    }

    /// The kind of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(kind, _)| kind)
    }
}

impl Failed {
    /// One by what is around the run, which had not begun.
    pub(super) fn by_surroundings(message: String) -> Self {
        Self { kind: Kind::Surroundings, message, refused: None, outcome: None }
    }
}

impl From<&Error> for Failed {
    fn from(error: &Error) -> Self {
        let refused = error.refused().map(|(place, message)| {
            Box::new(Refused {
                version: place.migration.version.clone(),
                direction: place.direction,
                statement: place.statement,
                message: message.to_owned(),
            })
        });
        let (kind, outcome) = (Kind::of(error), error.outcome().cloned().map(Box::new));
        Self { kind, message: error.to_string(), refused, outcome }
    }
}

/// A line in the making.
struct Line(String);

impl Line {
    fn new(word: &str) -> Self {
        Self(format!("{MARK}{word}"))
    }

    fn text(mut self, text: &str) -> Self {
        self.0.push('\t');
        self.0.push_str(&escape(text));
        self
    }

    fn number(self, number: impl Display) -> Self {
        self.text(&number.to_string())
    }

    fn duration(self, duration: Duration) -> Self {
        self.number(duration.as_micros())
    }

    /// What may be missing has a sign before it when it is not.
    fn optional(self, text: Option<&str>) -> Self {
        self.text(&text.map_or_else(String::new, |text| format!("={text}")))
    }

    fn step(self, step: &Step<'_>) -> Self {
        self.text(step.version()).text(step.direction().as_str())
    }

    fn all<T>(self, all: &[T], write: impl Fn(Self, &T) -> Self) -> Self {
        all.iter().fold(self.number(all.len()), write)
    }

    fn named(self, named: &Named) -> Self {
        self.text(&named.version).text(&named.name)
    }

    fn done(self, done: &Done) -> Self {
        self.named(&done.migration).duration(done.took)
    }

    fn outcome(self, outcome: &Outcome) -> Self {
        let Outcome { applied, reverted, failed, left, batch } = outcome;
        let line = self.all(applied, Self::done).all(reverted, Self::done);
        let line = line.all(failed.as_slice(), Self::named).all(left, Self::named);
        line.optional(batch.map(|batch| batch.to_string()).as_deref())
    }

    fn end(mut self) -> String {
        self.0.push('\n');
        self.0
    }
}

/// The first line: the protocol, and which set it is.
#[must_use]
pub fn hello(migrations: &Migrations<'_>) -> String {
    Line::new("hello").number(PROTOCOL).number(fingerprint(migrations)).end()
}

/// Something that happened.
#[must_use]
pub fn event(event: &Event<'_>) -> String {
    let line = match event {
        Event::Waiting { waited, holder } => {
            Line::new("waiting").duration(*waited).optional(*holder)
        }
        Event::Locked { waited } => Line::new("locked").duration(*waited),
        Event::Retrying { tries, pause, holder } => {
            Line::new("retrying").number(tries).duration(*pause).optional(*holder)
        }
        Event::Reconnecting { attempts } => Line::new("reconnecting").number(attempts),
        Event::Repairing { step, statement, removal } => {
            Line::new("repairing").step(step).number(statement).text(removal)
        }
        Event::BackedUp { place, took } => Line::new("backed-up").text(place).duration(*took),
        Event::LedgerCreated => Line::new("ledger-created"),
        Event::Resumed { step, done } => Line::new("resumed").step(step).number(done),
        Event::StepStarted { step } => Line::new("step-started").step(step),
        Event::StatementStarted { step, statement } => {
            Line::new("statement-started").step(step).number(statement)
        }
        Event::StatementFinished { step, statement, took } => {
            Line::new("statement-finished").step(step).number(statement).duration(*took)
        }
        Event::StepFinished { step, took } => Line::new("step-finished").step(step).duration(*took),
        Event::StepFailed { step, error } => {
            let at = error.place().map(|place| place.statement.to_string());
            Line::new("step-failed").step(step).optional(at.as_deref()).text(&error.to_string())
        }
        Event::Recording => Line::new("recording"),
        Event::Committing => Line::new("committing"),
        Event::Committed => Line::new("committed"),
        Event::RolledBack => Line::new("rolled-back"),
    };
    line.end()
}

/// The last line.
#[must_use]
pub fn end(ended: &Result<Outcome, Failed>) -> String {
    match ended {
        Ok(outcome) => Line::new("done").outcome(outcome),
        Err(Failed { kind, message, refused, outcome }) => {
            let line = Line::new("failed").text(kind.word()).text(message);
            let line = line.all(refused.as_slice(), |line, refused| {
                let Refused { version, direction, statement, message } = &**refused;
                let line = line.text(version).text(direction.as_str());
                line.number(statement).text(message)
            });
            line.all(outcome.as_slice(), |line, outcome| line.outcome(outcome))
        }
    }
    .end()
}

/// The question for a backup.
#[must_use]
pub fn question() -> String {
    Line::new("backup").end()
}

/// The answer to it: where the copy is, or why there is none. A line without its end.
#[must_use]
pub fn answered(copied: Result<&str, &str>) -> String {
    match copied {
        Ok(place) => format!("copied {}", escape(place)),
        Err(message) => format!("no-copy {}", escape(message)),
    }
}

/// Reads an answer; `None` when the line is none.
pub(super) fn answer(line: &str) -> Option<Result<String, String>> {
    match line.split_once(' ')? {
        ("copied", place) => Some(Ok(unescape(place))),
        ("no-copy", message) => Some(Err(unescape(message))),
        _ => None,
    }
}

/// A hash of what a set would run. Two builds of the same files have the same one.
#[must_use]
pub fn fingerprint(migrations: &Migrations<'_>) -> u64 {
    // FNV-1a: it has to notice another set, not an attack.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    add(migrations.dialect.name().as_bytes());
    for migration in &*migrations.all {
        add(migration.name.as_bytes());
        add(&[u8::from(migration.run_in_transaction)]);
        add(&migration.up.checksum.0);
        match migration.down {
            Down::Script(Script { checksum, .. }) => add(&checksum.0),
            Down::Irreversible(reason) => add(reason.as_bytes()),
        }
    }
    hash
}

/// A text as a field: without what separates fields and lines, or begins a mark.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str(r"\\"),
            '\t' => escaped.push_str(r"\t"),
            '\n' => escaped.push_str(r"\n"),
            '\r' => escaped.push_str(r"\r"),
            '\u{1}' => escaped.push_str(r"\1"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text of a field.
#[must_use]
pub fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('1') => '\u{1}',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_field_can_be_taken_for_something_else() {
        for text in ["", "a b", "a\tb\\t\r\n\\", "\u{1}cargo-migrate\thello", "ä"] {
            let field = escape(text);
            assert!(!field.contains(['\t', '\n', '\r', '\u{1}']), "{field}");
            assert_eq!(unescape(&field), text);
        }
    }

    #[test]
    fn answers_are_read() {
        assert_eq!(answer(&answered(Ok("a \n b"))), Some(Ok("a \n b".to_owned())));
        assert_eq!(answer(&answered(Err(""))), Some(Err(String::new())));
        assert_eq!(answer(STOP), None);
    }

    #[test]
    fn every_kind_has_a_word() {
        for (kind, word) in Kind::ALL {
            assert_eq!((kind.word(), Kind::from_word(word)), (word, Some(kind)));
        }
    }
}
