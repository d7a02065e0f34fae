//! Histories of migrations, made up: a database runs them, the catalog follows them, and the two agree
//! after every statement; and what is said of a way back is so.
//!
//! A [`Subject`] is a database, and what is written for it. `story` makes a history up while it runs;
//! [`check`] makes many.

mod choices;
mod story;

use std::cell::RefCell;
use std::sync::Mutex;

use migrate_build::catalog::Catalog;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::corpus::{Engine, Line, Outcome, TITLES, Tally, compare};

pub use choices::Choices;

/// How many databases work at the same time.
const WORKERS: u8 = 2;

/// What one statement of `up.sql` is, and the statements that undo it; none when the schema has to be
/// made again as it was.
#[derive(Debug)]
pub struct Step {
    /// The statements, in most cases one.
    pub up: Vec<String>,
    /// Those that undo them.
    pub down: Option<Vec<String>>,
}

impl Step {
    /// A step of one statement, and of one that undoes it.
    #[must_use]
    pub fn one(up: String, down: Option<String>) -> Self {
        Self { up: vec![up], down: down.map(|down| vec![down]) }
    }
}

/// A database that histories are made up for.
pub trait Subject {
    /// What is in the database, as the next statement can name it.
    type Schema;

    /// Words that a mistake puts into `down.sql`.
    const WORDS: &'static [&'static str];

    /// The database.
    fn engine(&mut self) -> &mut dyn Engine;

    /// What is in it.
    fn schema(&mut self) -> Self::Schema;

    /// The next step.
    fn step(choices: &mut Choices, schema: &Self::Schema) -> Step;

    /// Statements that make a schema again out of the one that is there now.
    fn made_again(schema: &Self::Schema, now: &Self::Schema) -> Vec<String>;

    /// Compares what the database says of its schema with a catalog that followed the statements.
    ///
    /// # Errors
    /// What is different.
    fn compare(&mut self, catalog: &Catalog) -> Result<(), String>;

    /// Whether the catalog may take a statement that the database refuses with this message.
    fn may_be_taken(message: &str) -> bool {
        let _ = message;
        true
    }
}

/// Makes histories up, so many that are the same each time, or as many others as `HISTORIES` says.
/// Several databases share the work.
///
/// # Panics
/// With the shortest history that was found on which the two do not agree.
pub fn check<S: Subject>(fixed: u32, subject: impl Fn() -> S + Sync) {
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        let workers = (0..WORKERS).map(|worker| {
            let (subject, tally) = (&subject, &tally);
            scope.spawn(move || run_all(&mut runner(fixed, worker), subject(), tally))
        });
        let ran = workers.collect::<Vec<_>>().into_iter().map(|worker| worker.join());
        let wrong: Vec<String> =
            ran.filter_map(|ran| ran.expect("nothing else fails").err()).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    });
    let tally = tally.into_inner().expect("nothing failed");
    let shown = format!("| {} |\n| {tally} |\n{:#?}", TITLES.join(" | "), tally.unknown);
    assert!(tally.of(&Outcome::Proved) > 0, "nothing is proved: {shown}");
}

/// What these histories come to is added to `tally`; what is wrong with the shortest one that fails.
fn run_all<S: Subject>(
    runner: &mut TestRunner,
    subject: S,
    tally: &Mutex<Tally>,
) -> Result<(), String> {
    let subject = RefCell::new(subject);
    let ran = runner.run(&prop::collection::vec(any::<u16>(), 0..160), |numbers| {
        let lines = judge(&mut *subject.borrow_mut(), numbers).map_err(TestCaseError::fail)?;
        let mut tally = tally.lock().expect("nothing failed");
        lines.iter().for_each(|line| tally.add(line));
        Ok(())
    });
    ran.map_err(|error| match error {
        TestError::Fail(wrong, _) => wrong.to_string(),
        TestError::Abort(why) => why.to_string(),
    })
}

fn judge<S: Subject>(subject: &mut S, numbers: Vec<u16>) -> Result<Vec<Line>, String> {
    let migrations = story::history(subject, &mut Choices::new(numbers))?;
    let lines = compare(&migrations, subject.engine());
    match lines.iter().find(|line| line.outcome.is_wrong()) {
        Some(line) => Err(story::told(&migrations, &[], &format!("{line:?}"))),
        None => Ok(lines),
    }
}

/// One worker's share.
fn runner(fixed: u32, worker: u8) -> TestRunner {
    let config = |count: u32| Config {
        cases: count.div_ceil(u32::from(WORKERS)),
        failure_persistence: None,
        // Milliseconds.
        max_shrink_time: 60_000,
        ..Config::default()
    };
    match std::env::var("HISTORIES") {
        Ok(count) => TestRunner::new(config(count.parse().expect("a number"))),
        Err(_) => TestRunner::new_with_rng(
            config(fixed),
            TestRng::from_seed(RngAlgorithm::ChaCha, &[worker; 32]),
        ),
    }
}
