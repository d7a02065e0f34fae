//! What one half writes, the other reads.

use std::time::Duration;

use migrate_runtime::cli::wire::{self, Failed, Kind, Refused};
use migrate_runtime::{
    All, Checksum, Dialect, Direction, Done, Down, Error, Event, ForeignKeys, History, Migration,
    Migrations, Named, Observer, Outcome, Place, Script, StatementError, Step,
};

use super::protocol::{Fields, Unreadable, marked};
use super::relay::{Listener, Relay, Steps};

const TOOK: Duration = Duration::from_micros(1_234_567);

fn script(sql: &'static str) -> Script<'static> {
    Script {
        code: None,
        sql,
        checksum: Checksum([7; 32]),
        tokens: 0,
        statements: &[],
        traces: &[],
        foreign_keys: ForeignKeys::Any,
        guard: None,
    }
}

fn set() -> Migrations<'static> {
    let all = ["20260101", "20260102"].map(|version| Migration {
        version,
        name: version,
        run_in_transaction: true,
        up: script("CREATE TABLE a (x)"),
        down: Down::Script(script("DROP TABLE a")),
    });
    Migrations {
        dialect: Dialect::Sqlite,
        directory: "migrations",
        all: All::of(Vec::from(all).leak()),
    }
}

/// Writes down again what it hears.
#[derive(Default)]
struct Echo(String);

impl Observer for Echo {
    fn event(&mut self, event: &Event<'_>) {
        self.0.push_str(&wire::event(event));
    }
}

impl Listener for Echo {
    fn step_failed(&mut self, step: &Step<'_>, statement: Option<usize>, message: &str) {
        self.0.push_str(&format!("{} failed: {statement:?} {message}", step.name()));
    }

    fn printed(&mut self, bytes: &[u8]) {
        self.0.push_str(&String::from_utf8_lossy(bytes));
    }
}

fn relayed(line: &str) -> Result<(String, bool), Unreadable> {
    let (set, mut echo) = (set(), Echo::default());
    let mut relay = Relay::new(Steps::new(Vec::new(), &set, History::default()), &mut echo);
    let (_, said) = marked(line.as_bytes()).ok_or(Unreadable)?;
    let mut fields = Fields::of(&said);
    let word = fields.text()?;
    relay.event(&word, &mut fields)?;
    let is_open = relay.is_open();
    Ok((echo.0, is_open))
}

fn place() -> Place {
    let version = "20260102".to_owned();
    Place {
        migration: Named { name: version.clone(), version },
        direction: Direction::Up,
        path: "migrations/20260102/up.sql".to_owned(),
        line: 3,
        column: 1,
        statement: 2,
        of: 4,
    }
}

fn outcome() -> Outcome {
    let named = |name: &str| Named { version: name.to_owned(), name: format!("{name}\t\n_ä") };
    Outcome {
        applied: vec![Done { migration: named("1"), took: TOOK }],
        reverted: vec![Done { migration: named("2"), took: Duration::ZERO }],
        failed: Some(named("3")),
        left: vec![named("3"), named("4")],
        batch: Some(5),
    }
}

#[test]
fn every_event_arrives_as_it_was() {
    let set = set();
    let (up, down) = (Step::Up(&set.all[0]), Step::Down(&set.all[1], script("DROP TABLE a")));
    let (up, down) = (&up, &down);
    for (event, is_open) in [
        (Event::Waiting { waited: TOOK, holder: None }, false),
        (Event::Waiting { waited: TOOK, holder: Some("pid 7 (a\tb\u{1})") }, false),
        (Event::Locked { waited: TOOK }, false),
        (Event::Retrying { tries: 2, pause: TOOK, holder: Some("") }, false),
        (Event::Reconnecting { attempts: 3 }, false),
        (Event::Repairing { step: up, statement: 1, removal: "DROP INDEX a;\n" }, true),
        (Event::BackedUp { place: "a\\b c", took: TOOK }, false),
        (Event::LedgerCreated, false),
        (Event::Resumed { step: down, done: 4 }, true),
        (Event::StepStarted { step: up }, true),
        (Event::StatementStarted { step: down, statement: 0 }, true),
        (Event::StatementFinished { step: up, statement: 9, took: TOOK }, true),
        (Event::StepFinished { step: down, took: TOOK }, true),
        (Event::Recording, false),
        (Event::Committing, false),
        (Event::Committed, false),
        (Event::RolledBack, false),
    ] {
        let line = wire::event(&event);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert_eq!(relayed(&line), Ok((line.clone(), is_open)), "{line:?}");
    }
}

#[test]
fn a_step_that_failed_is_told_with_its_words() {
    let set = set();
    let message = "no such table: b".to_owned();
    let outcome = outcome();
    let error = Error::Statement(Box::new(StatementError { place: place(), message, outcome }));
    let line = wire::event(&Event::StepFailed { step: &Step::Up(&set.all[1]), error: &error });
    let (told, _) = relayed(&line).unwrap();
    assert_eq!(told, format!("20260102 failed: Some(2) {error}"));
    let line = wire::event(&Event::StepFailed {
        step: &Step::Up(&set.all[1]),
        error: &Error::InTransaction,
    });
    assert!(relayed(&line).unwrap().0.starts_with("20260102 failed: None the connection is"));
}

#[test]
fn every_end_arrives_as_it_was() {
    let read = |line: &str| {
        let (_, said) = marked(line.as_bytes()).unwrap();
        let mut fields = Fields::of(&said);
        match fields.text()?.as_str() {
            "done" => Ok(Ok(fields.outcome()?)),
            "failed" => Ok(Err(fields.failed()?)),
            _ => Err(Unreadable),
        }
    };
    let refused = Refused {
        version: "20260102".to_owned(),
        direction: Direction::Down,
        statement: 2,
        message: "no\nway".to_owned(),
    };
    let failed = |kind| Failed { kind, message: "a\tb".to_owned(), refused: None, outcome: None };
    for ended in [
        Ok(Outcome::default()),
        Ok(outcome()),
        Err(failed(Kind::Locked)),
        Err(Failed { outcome: Some(Box::new(outcome())), ..failed(Kind::Other) }),
        Err(Failed { refused: Some(Box::new(refused)), ..failed(Kind::HalfWay) }),
    ] {
        let line = wire::end(&ended);
        assert_eq!(read(&line), Ok(ended), "{line:?}");
    }
}

#[test]
fn what_is_not_a_line_of_ours_is_told_from_one() {
    assert!(marked(b"applied\n").is_none());
    let line = format!("now: {}committed\n", wire::MARK);
    assert_eq!(marked(line.as_bytes()).unwrap(), (&b"now: "[..], "committed".to_owned()));
    for said in [
        "",
        "begun",
        "locked",
        "locked\tsoon",
        "waiting\t1\tsomebody",
        "step-started\t20260101",
        "step-started\t20260101\tsideways",
        "step-started\t20260109\tup",
        "step-danced\t20260101\tup",
    ] {
        assert_eq!(relayed(&format!("{}{said}\n", wire::MARK)), Err(Unreadable), "{said}");
    }
    assert_eq!(Fields::of("1000000000").outcome(), Err(Unreadable));
}
