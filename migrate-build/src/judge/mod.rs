//! Whether each migration can be applied, and whether its way back undoes it: decided on a catalog
//! that every migration moves forward.

mod difference;
mod inverse;
mod likeness;
mod loss;
mod mend;
mod problems;
mod reversal;
mod rewritten;
mod verdict;

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::{Application, Catalog, Mark, Problem};
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;
use crate::source::{Source, Span};
use crate::sql::schema::Path;
use crate::sql::{self, Name, Parsed, Statement};

pub use inverse::Draft;
pub use loss::Losses;
pub(crate) use reversal::IRREVERSIBLE;
pub use verdict::{Tally, Verdict};

/// The rules of these checks.
pub(crate) static RULES: &[&[&Rule]] = &[problems::RULES, reversal::RULES];

/// The rule of this id, if it is one of these.
pub(crate) fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().flatten().copied().find(|rule| rule.id == id)
}

/// A script as the judge sees it.
pub(crate) struct Script<'s> {
    pub(crate) source: &'s Arc<Source>,
    pub(crate) statements: &'s [Statement],
    /// What could be read of it.
    pub(crate) extent: Extent,
    /// The author's word that the migration is reversible.
    pub(crate) assumed: Option<&'s str>,
}

impl Script<'_> {
    fn is_whole(&self) -> bool {
        self.extent == Extent::Whole
    }

    fn is_empty(&self) -> bool {
        self.is_whole() && self.statements.is_empty()
    }
}

/// What could be read of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// All but what the database does not understand either.
    Refused,
    /// All but what cannot be read here.
    Partial,
}

impl Extent {
    /// What could be read, and what was found.
    pub(crate) fn of(parsed: &Parsed, findings: &[Diagnostic]) -> Self {
        if parsed.statements.len() == parsed.count {
            Self::Whole
        } else if findings.iter().any(|finding| finding.rule.id == sql::SYNTAX.id) {
            Self::Refused
        } else {
            Self::Partial
        }
    }
}

/// The way back, as the judge sees it.
pub(crate) enum Way<'s> {
    Script(Script<'s>),
    /// None, on purpose: why.
    Irreversible(&'s str),
    /// None, which is a finding of its own.
    Missing,
}

impl Way<'_> {
    /// The verdict in a set that is known to be sound.
    pub(crate) fn settled(&self, up: &Script<'_>) -> Verdict {
        match self {
            Self::Script(down) => match down.assumed.or(up.assumed) {
                Some(reason) => Verdict::Assumed(reason.to_owned()),
                None => Verdict::Proved,
            },
            Self::Irreversible(reason) => Verdict::Irreversible((*reason).to_owned()),
            Self::Missing => Verdict::Unknown(NO_DOWN.to_owned()),
        }
    }
}

/// Why a statement behind one that was not followed may do something else than it seems.
const DOUBTFUL: &str =
    "what it does depends on what is there, and a statement before it was not followed";

/// Why a statement may be about something else than it seems.
const HIDDEN: &str = "a script before has left a temporary table of such a name, which lasts as long as a connection";

/// Whether a statement asks what is there: `IF EXISTS`, `IF NOT EXISTS`.
fn is_conditional(statement: &str) -> bool {
    let mut words = statement.split_ascii_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("if"))
        && statement.to_ascii_lowercase().contains("exists")
}

const NO_DOWN: &str = "there is no `down.sql`";

/// What a script came to.
#[derive(Default)]
struct Outcome {
    problems: Vec<Problem>,
    /// The first statement that was not followed, and why not.
    opaque: Option<(Span, &'static str)>,
    /// What data it does not keep.
    lost: Vec<String>,
    /// The temporary tables that it leaves.
    temporary: Vec<Name>,
}

/// Goes through migrations in their order.
#[derive(Debug)]
pub(crate) struct Judge {
    catalog: Catalog,
    /// Some migrations could not be read, which is said; what follows from it is not.
    knows_all: bool,
    /// What was named and is not there, and was said so.
    unknown: HashSet<Path>,
    /// References to tables that were not there.
    dangling: Vec<problems::Dangling>,
}

impl Judge {
    /// A judge of what comes behind a schema.
    pub(crate) fn behind(catalog: Catalog) -> Self {
        Self { catalog, knows_all: true, unknown: HashSet::new(), dangling: Vec::new() }
    }

    /// A judge who does not know all migrations: why.
    pub(crate) fn blurred(catalog: Catalog, why: &'static str) -> Self {
        let mut judge = Self { knows_all: false, ..Self::behind(catalog) };
        judge.catalog.blur(why);
        judge
    }

    /// This moment.
    pub(crate) fn mark(&self) -> Mark {
        self.catalog.mark()
    }

    /// The schema at a moment, as bytes, where all of it is known.
    pub(crate) fn into_bytes(mut self, mark: Mark) -> Option<Vec<u8>> {
        self.catalog.rewind(mark);
        self.catalog.to_bytes()
    }

    /// Judges the next migration, and says what data it loses. What is wrong with it goes to `findings`.
    pub(crate) fn migration(
        &mut self,
        up: &Script<'_>,
        way: &Way<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> (Verdict, Losses) {
        let before = self.catalog.mark();
        let mut forth = self.apply(up);
        let temporary = std::mem::take(&mut forth.temporary);
        let judged = self.way_back(up, way, forth, before, findings);
        self.catalog.linger(temporary);
        judged
    }

    /// Judges the way back of a migration that is applied, since a moment.
    fn way_back(
        &mut self,
        up: &Script<'_>,
        way: &Way<'_>,
        mut forth: Outcome,
        before: Mark,
        findings: &mut Vec<Diagnostic>,
    ) -> (Verdict, Losses) {
        let mut losses = Losses { up: std::mem::take(&mut forth.lost), down: Vec::new() };
        let unknown = &mut self.unknown;
        problems::report(&self.catalog, up.source, &forth.problems, unknown, findings);
        problems::latent(&self.catalog, before, &mut self.dangling, findings);
        let down = match way {
            Way::Script(down) => down,
            Way::Irreversible(reason) => {
                return (Verdict::Irreversible((*reason).to_owned()), losses);
            }
            Way::Missing => return (Verdict::Unknown(NO_DOWN.to_owned()), losses),
        };
        let after = self.catalog.mark();
        let mut back = self.apply(down);
        losses.down = std::mem::take(&mut back.lost);
        let clean = findings.len();
        if forth.problems.is_empty() {
            let unknown = &mut self.unknown;
            problems::report(&self.catalog, down.source, &back.problems, unknown, findings);
        }
        let verdict = self.verdict(up, &forth, down, &back, before, findings);
        // What is wrong with both ways back to what was has been said once; and that a script is empty
        // is a finding of its own.
        if matches!(verdict, Verdict::Assumed(_)) || up.is_empty() || down.is_empty() {
            findings.truncate(clean);
        }
        self.catalog.rewind(after);
        (verdict, losses)
    }

    /// Takes back what is right after all, now that there are no more migrations.
    pub(crate) fn take_back(&self, findings: &mut Vec<Diagnostic>) {
        problems::take_back(&self.catalog, &self.dangling, findings);
    }

    fn apply(&mut self, script: &Script<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut application = Application::new(&mut self.catalog, script.source);
        let mut ledger = loss::Ledger::default();
        for statement in script.statements {
            let before = application.catalog().mark();
            let text = script.source.slice(statement.span);
            let is_doubtful = application.catalog().opaque().is_some() && is_conditional(text);
            let is_hidden = application.catalog().may_be_hidden(text);
            outcome.problems.extend(application.statement(statement));
            if let Some(why) = application.take_unclear() {
                outcome.opaque.get_or_insert((statement.span, why));
            } else if is_doubtful {
                outcome.opaque.get_or_insert((statement.span, DOUBTFUL));
            } else if is_hidden {
                outcome.opaque.get_or_insert((statement.span, HIDDEN));
            }
            ledger.statement(statement, application.catalog(), before);
        }
        outcome.lost = ledger.close(application.catalog());
        outcome.temporary = application.temporary();
        if !script.is_whole() {
            application.catalog().blur("a statement could not be read");
        }
        outcome
    }

    fn verdict(
        &mut self,
        up: &Script<'_>,
        forth: &Outcome,
        down: &Script<'_>,
        back: &Outcome,
        before: Mark,
        findings: &mut Vec<Diagnostic>,
    ) -> Verdict {
        let differences = difference::differences(&self.catalog, before);
        let unclear = reversal::unclear(up, forth, down, back, &differences);
        let is_proved =
            unclear.is_none() && differences.iter().all(|difference| difference.kind.is_note());
        if let Some(reason) = down.assumed.or(up.assumed) {
            return Verdict::Assumed(reason.to_owned());
        }
        if !up.is_whole() || down.extent == Extent::Partial {
            return Verdict::Unknown("a statement could not be read".to_owned());
        }
        if !forth.problems.is_empty() {
            return Verdict::Unknown("`up.sql` cannot be applied".to_owned());
        }
        if !back.problems.is_empty() || down.extent == Extent::Refused {
            return Verdict::Refuted("`down.sql` cannot be applied".to_owned());
        }
        if let Some(unclear) = unclear {
            let why = unclear.why.clone();
            findings.extend(unclear.finding().filter(|_| self.knows_all));
            return Verdict::Unknown(why);
        }
        if is_proved {
            return Verdict::Proved;
        }
        if down.is_empty() {
            return Verdict::Refuted("`down.sql` is empty".to_owned());
        }
        let wrong = differences.iter().filter(|difference| !difference.kind.is_note());
        let mut said = Vec::new();
        for difference in wrong {
            said.push(reversal::in_short(difference));
            let missing = mend::certain(&mut self.catalog, before, difference);
            findings.push(reversal::finding(difference, up, down, missing));
        }
        Verdict::Refuted(said.join("; "))
    }
}
