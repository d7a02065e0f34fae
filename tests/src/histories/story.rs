//! One history, made up while it runs.

use std::sync::Arc;

use migrate_build::catalog::{Application, Catalog};
use migrate_build::{Source, sql};

use super::{Choices, Subject};
use crate::corpus::Migration;

/// A history, made up while it runs.
pub(super) fn history<S: Subject>(
    subject: &mut S,
    choices: &mut Choices,
) -> Result<Vec<Migration>, String> {
    subject.engine().reset();
    let server = subject.engine().server();
    let mut catalog = Catalog::new(server.dialect).on(server.version);
    let mut migrations = Vec::new();
    while choices.are_left() && migrations.len() < 9 {
        let before = subject.schema();
        let (mut up, mut down) = (Vec::new(), Some(Vec::new()));
        for _ in 0..=choices.pick(3) {
            let schema = subject.schema();
            let step = S::step(choices, &schema);
            let mut are_taken = true;
            for statement in step.up {
                are_taken &= run(subject, &mut catalog, &statement)
                    .map_err(|difference| told(&migrations, &up, &difference))?;
                // Sometimes a statement stays that the database refuses.
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
        let now = subject.schema();
        let down = down.unwrap_or_else(|| S::made_again(&before, &now));
        let down = way_back(choices, down, S::WORDS);
        let name = format!("{:03}_m", migrations.len());
        let up = up.join(";\n");
        migrations.push(Migration::new(&name, &up, down.as_deref()));
    }
    Ok(migrations)
}

/// Runs a statement on both; what they do not agree on. Whether the database took it.
fn run<S: Subject>(
    subject: &mut S,
    catalog: &mut Catalog,
    statement: &str,
) -> Result<bool, String> {
    let server = subject.engine().server();
    let source = Arc::new(Source::new("up.sql", statement));
    let mut findings = Vec::new();
    let parser = sql::parser(server.dialect).expect("it is compiled in");
    let parsed = parser.parse(&source, server.version, &mut findings);
    let mark = catalog.mark();
    let mut application = Application::new(catalog, &source);
    let problems: Vec<_> =
        parsed.statements.iter().flat_map(|one| application.statement(one)).collect();
    let unclear = application.take_unclear().is_some();
    let is_taken = problems.is_empty() && findings.is_empty();
    if let Err(message) = subject.engine().run(statement) {
        let is_known = !unclear && catalog.opaque().is_none();
        if is_taken && is_known && !S::may_be_taken(&message) {
            return Err(format!("the catalog takes `{statement}`\n{message}"));
        }
        catalog.rewind(mark);
        return Ok(false);
    }
    if !is_taken {
        return Err(format!(
            "{} takes `{statement}`\n{problems:?} {findings:?}",
            server.dialect.title()
        ));
    }
    if !unclear && catalog.opaque().is_none() {
        subject.compare(catalog).map_err(|difference| format!("{statement}\n{difference}"))?;
    }
    Ok(true)
}

/// `down.sql`: right, with one mistake, or not there.
fn way_back(choices: &mut Choices, mut statements: Vec<String>, others: &[&str]) -> Option<String> {
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
            words[place] = choices.of(others).to_owned();
            statements[at] = words.join(" ");
        }
        _ => {}
    }
    if statements.is_empty() {
        statements.push("SELECT 1".to_owned());
    }
    Some(statements.join(";\n"))
}

/// A history as a text, and what is said of it.
pub(super) fn told(migrations: &[Migration], up: &[String], said: &str) -> String {
    let mut text = String::new();
    for migration in migrations {
        text.push_str(&format!("-- {}\n{};\n", migration.name, migration.up.text()));
        if let Some(down) = &migration.down {
            text.push_str(&format!("-- back\n{};\n", down.text()));
        }
    }
    format!("{text}-- up\n{}\n{said}", up.join(";\n"))
}
