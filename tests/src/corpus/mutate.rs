//! One mistake in a right `down.sql`, which has to be caught.

use std::collections::BTreeSet;
use std::sync::Arc;

use migrate_build::sql::{self, Kind, Parsed};
use migrate_build::{Server, Source, Verdict};

use crate::mutants::sample;

use super::{Course, Engine, Migration, Truth, ours};

/// What came of mistakes.
#[derive(Debug, Default)]
pub struct Mistakes {
    /// Those that the database is not as it was behind.
    pub total: usize,
    /// Those of them that are refuted.
    pub refuted: usize,
    /// Those of them of which nothing can be told.
    pub unknown: usize,
    /// Changes that are none for the schema; no mistakes.
    pub harmless: usize,
    /// Changes that are none for the schema, and are refuted all the same.
    pub wrongly_refuted: Vec<Survivor>,
    /// Mistakes that are proved to be right.
    pub survivors: Vec<Survivor>,
}

/// A changed `down.sql` on which the two do not agree.
#[derive(Debug)]
pub struct Survivor {
    /// The migration.
    pub name: String,
    /// The script.
    pub down: String,
    /// What the one that is right says of it.
    pub why: String,
}

/// Makes mistakes in every `down.sql` that is proved to be right, no more than so many in each.
pub fn mistakes(migrations: &[Migration], count: usize, engine: &mut dyn Engine) -> Mistakes {
    let server = engine.server();
    let mut came = Mistakes::default();
    let mut course = Course::new(engine);
    let mut history: Vec<Migration> = Vec::new();
    for migration in migrations {
        if matches!(course.try_out(migration), Truth::UpRefused(_)) {
            continue;
        }
        history.push(migration.clone());
        let is_proved = ours::verdicts(server, &history).last() == Some(&Verdict::Proved);
        if let (true, Some(down)) = (is_proved, &migration.down) {
            for text in sample(changed(server, &migration.up, down), count) {
                let changed = Migration::new(&migration.name, migration.up.text(), Some(&text));
                let truth = course.try_out(&changed);
                history.pop();
                history.push(changed);
                let verdict = ours::verdicts(server, &history).pop().unwrap_or(Verdict::Proved);
                came.count(&migration.name, text, verdict, truth);
            }
            history.pop();
            history.push(migration.clone());
        }
        course.keep(migration);
    }
    came
}

impl Mistakes {
    fn count(&mut self, name: &str, down: String, verdict: Verdict, truth: Truth) {
        let survivor = |why| Survivor { name: name.to_owned(), down, why };
        match (truth, verdict) {
            (Truth::Reversed, verdict) => {
                self.harmless += 1;
                if let Verdict::Refuted(why) = verdict {
                    self.wrongly_refuted.push(survivor(why));
                }
            }
            (Truth::DownRefused(why) | Truth::Differs(why), Verdict::Proved) => {
                self.total += 1;
                self.survivors.push(survivor(why));
            }
            (_, verdict) => {
                self.total += 1;
                let is_refuted = matches!(verdict, Verdict::Refuted(_));
                *if is_refuted { &mut self.refuted } else { &mut self.unknown } += 1;
            }
        }
    }
}

/// Each statement left out, said twice, and with one word changed: into one that nothing is called,
/// and into each other name of the migration. What the grammar refuses is no mistake of interest.
fn changed(server: Server, up: &Arc<Source>, down: &Arc<Source>) -> Vec<String> {
    let parser = sql::parser(server.dialect).expect("every parser is there");
    let parse = |text: &str| -> Parsed {
        let source = Arc::new(Source::new("down.sql", text));
        parser.parse(&source, server.version, &mut Vec::new())
    };
    let is_right = |text: &str| {
        let parsed = parse(text);
        parsed.statements.len() == parsed.count
    };
    let text = down.text();
    let mut names: BTreeSet<String> = parser.names(up.text()).into_iter().collect();
    names.extend(parser.names(text));
    let mut made = Vec::new();
    for statement in parse(text).statements {
        let range = statement.span.range();
        let (before, own, behind) =
            (&text[..range.start], &text[range.clone()], &text[range.end..]);
        let rest = behind.strip_prefix(';').unwrap_or(behind);
        made.push(format!("{before}{rest}"));
        made.push(format!("{before}{own};\n{own}{behind}"));
        for token in parser.tokens(own) {
            if !matches!(token.kind, Kind::Word | Kind::Quoted) {
                continue;
            }
            let place = token.span.range();
            let written = &own[place.clone()];
            let with = |name: &str| {
                format!("{before}{}{name}{}{behind}", &own[..place.start], &own[place.end..])
            };
            if !is_right(&with("nobody")) {
                continue;
            }
            made.push(with("nobody"));
            let others = names.iter().filter(|name| !name.eq_ignore_ascii_case(written));
            made.extend(
                others.map(|name| with(&format!("\"{name}\""))).filter(|text| is_right(text)),
            );
        }
    }
    made
}
