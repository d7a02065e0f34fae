//! The two side by side.

use migrate_build::Verdict;
use migrate_build::catalog::Catalog;

use super::{Course, Engine, Migration, Truth, ours};

/// What came of one migration.
#[derive(Debug)]
pub struct Line {
    /// The migration.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What the verifier and the database say of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Both: the way back undoes it.
    Proved,
    /// Both: it does not. The verifier's words.
    Refuted(String),
    /// The verifier cannot tell: why.
    Unknown(String),
    /// There is nothing to compare: the author's word, or no way back.
    Apart(String),
    /// The verifier says that the way back undoes it, and it does not.
    WronglyProved(String),
    /// The verifier says that the way back does not undo it, and it does.
    WronglyRefuted(String),
    /// The database takes `up.sql`, the verifier does not: why.
    UpRefusedByUs(String),
    /// The verifier takes `up.sql`, the database does not: why.
    UpRefusedByEngine(String),
    /// Neither takes `up.sql`.
    UpRefused(String),
}

impl Outcome {
    /// Whether the verifier said something that is not so.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::WronglyProved(_) | Self::WronglyRefuted(_) | Self::UpRefusedByUs(_))
    }

    pub(super) fn of(verdict: Verdict, truth: Truth) -> Self {
        match (verdict, truth) {
            (Verdict::Proved, Truth::Reversed) => Self::Proved,
            (Verdict::Proved, Truth::DownRefused(why) | Truth::Differs(why)) => {
                Self::WronglyProved(why)
            }
            (Verdict::Refuted(why), Truth::Reversed) => Self::WronglyRefuted(why),
            (Verdict::Refuted(why), _) => Self::Refuted(why),
            (_, Truth::NoDown) => Self::Apart("there is no `down.sql`".to_owned()),
            (Verdict::Unknown(why), _) => Self::Unknown(why),
            (verdict, _) => Self::Apart(verdict.word().to_owned()),
        }
    }
}

/// Goes through a history with both. What one of the two refuses is left out for both of them.
pub fn compare(migrations: &[Migration], engine: &mut dyn Engine) -> Vec<Line> {
    let server = engine.server();
    let mut catalog = Catalog::new(server.dialect).on(server.version);
    let mut course = Course::new(engine);
    // What is kept, with its place among the lines and the truth of it.
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    let mut lines = Vec::new();
    for (at, migration) in migrations.iter().enumerate() {
        let mark = catalog.mark();
        let ours = ours::apply(server, &mut catalog, &migration.up);
        let outcome = match (ours, course.try_out(migration)) {
            (Err(_), Truth::UpRefused(why)) => Outcome::UpRefused(why),
            (Err(why), _) => Outcome::UpRefusedByUs(why),
            (Ok(()), Truth::UpRefused(why)) => {
                catalog.rewind(mark);
                Outcome::UpRefusedByEngine(why)
            }
            (Ok(()), truth) => {
                course.keep(migration);
                kept.push(migration.clone());
                found.push((at, truth));
                Outcome::Apart(String::new())
            }
        };
        lines.push(Line { name: migration.name.clone(), outcome });
    }
    for (verdict, (at, truth)) in ours::verdicts(server, &kept).into_iter().zip(found) {
        lines[at].outcome = Outcome::of(verdict, truth);
    }
    lines
}
