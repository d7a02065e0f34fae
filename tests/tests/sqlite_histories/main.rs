//! Histories of migrations, made up: SQLite runs them, the catalog follows them, and the two agree
//! after every statement; and what is said of a way back is so.
//!
//! The 2,000 of a test run are the same ones each time, so that what fails was made so by the last
//! change. `HISTORIES=50000` makes others, and as many.

mod choices;
mod schema;
mod write;

use std::sync::Arc;

use migrate_build::catalog::{Application, Catalog};
use migrate_build::sql;
use migrate_build::{Dialect, Source};
use migrate_tests::corpus::{
    Engine as _, Introspection, Line, Migration, Outcome, SqliteEngine, TITLES, Tally, compare,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use self::choices::Choices;
use self::schema::Schema;

/// Runs a statement on both; what they do not agree on. Whether SQLite took it.
fn run(
    engine: &mut SqliteEngine,
    catalog: &mut Catalog,
    introspection: &mut Introspection,
    statement: &str,
) -> Result<bool, String> {
    let source = Arc::new(Source::new("up.sql", statement));
    let mut findings = Vec::new();
    let parser = sql::parser(Dialect::Sqlite).expect("it is compiled in");
    let parsed = parser.parse(&source, None, &mut findings);
    let mark = catalog.mark();
    let mut application = Application::new(catalog, &source);
    let problems: Vec<_> =
        parsed.statements.iter().flat_map(|one| application.statement(one)).collect();
    let unclear = application.take_unclear().is_some();
    if engine.run(statement).is_err() {
        catalog.rewind(mark);
        return Ok(false);
    }
    if !problems.is_empty() || !findings.is_empty() {
        return Err(format!("SQLite takes `{statement}`\n{problems:?} {findings:?}"));
    }
    if !unclear && catalog.opaque().is_none() {
        introspection.compare(engine.definitions(), catalog)?;
    }
    Ok(true)
}

/// A history, made up while it runs.
fn history(choices: &mut Choices) -> Result<Vec<Migration>, String> {
    let (mut engine, mut catalog) = (SqliteEngine::new(), Catalog::default());
    let mut introspection = Introspection::default();
    let mut migrations = Vec::new();
    while choices.are_left() && migrations.len() < 9 {
        let before = Schema::of(&mut engine);
        let (mut up, mut down) = (Vec::new(), Some(Vec::new()));
        for _ in 0..=choices.pick(3) {
            let schema = Schema::of(&mut engine);
            let step = write::step(choices, &schema);
            let mut are_taken = true;
            for statement in step.up {
                are_taken &= run(&mut engine, &mut catalog, &mut introspection, &statement)
                    .map_err(|difference| told(&migrations, &up, &difference))?;
                // Sometimes a statement stays that SQLite refuses.
                if are_taken || choices.pick(30) == 1 {
                    up.push(statement);
                }
                if !are_taken {
                    break;
                }
            }
            down = match (down, step.down) {
                (Some(mut all), Some(step)) if are_taken => {
                    all.splice(0..0, step);
                    Some(all)
                }
                (all, _) if !are_taken => all,
                _ => None,
            };
        }
        if up.is_empty() {
            continue;
        }
        let now = Schema::of(&mut engine);
        let down = down.unwrap_or_else(|| before.made_again(&now));
        let down = way_back(choices, down);
        let name = format!("{:03}_m", migrations.len());
        let up = up.join(";\n");
        migrations.push(Migration::new(&name, &up, down.as_deref()));
    }
    Ok(migrations)
}

/// `down.sql`: right, with one mistake, or not there.
fn way_back(choices: &mut Choices, mut statements: Vec<String>) -> Option<String> {
    if statements.is_empty() {
        statements.push("SELECT 1".to_owned());
    }
    let at = choices.pick(statements.len());
    match choices.pick(10) {
        9 => return None,
        8 => {
            statements.remove(at);
        }
        7 => statements.insert(at, statements[at].clone()),
        5 | 6 => {
            let words: Vec<&str> = statements[at].split(' ').collect();
            let place = choices.pick(words.len());
            let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            words[place] =
                choices.of(&["a", "b", "t", "u", "v", "INT", "TEXT", "", "id"]).to_owned();
            statements[at] = words.join(" ");
        }
        _ => {}
    }
    if statements.is_empty() {
        statements.push("SELECT 1".to_owned());
    }
    Some(statements.join(";\n"))
}

fn told(migrations: &[Migration], up: &[String], said: &str) -> String {
    let mut text = String::new();
    for migration in migrations {
        text.push_str(&format!("-- {}\n{};\n", migration.name, migration.up.text()));
        if let Some(down) = &migration.down {
            text.push_str(&format!("-- back\n{};\n", down.text()));
        }
    }
    format!("{text}-- up\n{}\n{said}", up.join(";\n"))
}

fn judge(numbers: Vec<u16>) -> Result<Vec<Line>, String> {
    let migrations = history(&mut Choices::new(numbers))?;
    let lines = compare(Dialect::Sqlite, &migrations, &mut SqliteEngine::new());
    match lines.iter().find(|line| line.outcome.is_wrong()) {
        Some(line) => Err(told(&migrations, &[], &format!("{line:?}"))),
        None => Ok(lines),
    }
}

/// As many as are asked for, at random; else the same 2,000.
fn runner() -> TestRunner {
    let config = |cases| Config { cases, failure_persistence: None, ..Config::default() };
    match std::env::var("HISTORIES") {
        Ok(count) => TestRunner::new(config(count.parse().expect("a number"))),
        Err(_) => TestRunner::new_with_rng(
            config(2_000),
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        ),
    }
}

#[test]
fn what_is_said_of_a_history_is_so() {
    let tally = std::cell::RefCell::new(Tally::default());
    let ran = runner().run(&prop::collection::vec(any::<u16>(), 0..160), |numbers| {
        let lines = judge(numbers).map_err(TestCaseError::fail)?;
        lines.iter().for_each(|line| tally.borrow_mut().add(line));
        Ok(())
    });
    let tally = tally.into_inner();
    let shown = format!("| {} |\n| {tally} |\n{:#?}", TITLES.join(" | "), tally.unknown);
    match ran {
        Ok(()) => {}
        Err(TestError::Fail(wrong, _)) => panic!("{wrong}\n{shown}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    assert!(tally.of(&Outcome::Proved) > 0, "nothing is proved: {shown}");
}
