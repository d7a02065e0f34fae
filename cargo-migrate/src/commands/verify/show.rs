//! What came of it, said to people and programs.

use migrate_build::compare::{Deviation, DeviationKind, not_undone};
use migrate_build::{Diagnostic, Down, Migration, Report, Server, Verdict};
use migrate_runtime::Direction;
use migrate_runtime::cli::wire::Refused;
use serde_json::{Value, json};

use super::ruling::{Ruling, Tried, When};
use crate::commands::deviation;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

/// In the order of the summary, with one and with several.
const WORDS: [(&str, &str); 5] = [
    ("holds", "hold"),
    ("does not hold", "do not hold"),
    ("refused", "refused"),
    ("irreversible", "irreversible on purpose"),
    ("not tried", "not tried"),
];

/// Shows migrations as they are tried.
pub(super) struct Shown<'s> {
    report: &'s Report,
    server: Server,
    reporter: &'s mut Reporter,
    counts: [usize; WORDS.len()],
    disagreements: usize,
    /// Of how many the files alone do not tell.
    unknown: usize,
    fails: bool,
}

impl<'s> Shown<'s> {
    pub(super) fn new(report: &'s Report, server: Server, reporter: &'s mut Reporter) -> Self {
        let counts = [0; WORDS.len()];
        Self { report, server, reporter, counts, disagreements: 0, unknown: 0, fails: false }
    }

    /// A migration, tried.
    pub(super) fn tried(&mut self, tried: &Tried<'_>) {
        let Tried { migration, ruling, .. } = tried;
        self.findings(migration, ruling).iter().for_each(|finding| self.reporter.finding(finding));
        if let Ruling::Refused(_, failed) = ruling
            && failed.refused.is_none()
        {
            // What no statement is to blame for has no finding.
            self.reporter.problem(&Failure::new(failed.message.clone()));
        }
        let why = match ruling {
            Ruling::Irreversible(reason) => format!(": {reason}"),
            _ => String::new(),
        };
        self.reporter.result(&format!("{:<14} {}{why}", ruling.shown(), migration.name));
        self.reporter.object(&object(tried));
        if tried.is_disagreement() {
            self.reporter.problem(&bug(tried, self.server));
        }
        self.count(tried);
    }

    fn count(&mut self, tried: &Tried<'_>) {
        let word = tried.ruling.shown();
        if let Some(at) = WORDS.iter().position(|(one, _)| *one == word) {
            self.counts[at] += 1;
        }
        self.disagreements += usize::from(tried.is_disagreement());
        self.unknown += usize::from(matches!(
            tried.migration.verdict,
            Verdict::Unknown(_) | Verdict::Assumed(_)
        ));
        self.fails |= !tried.ruling.is_good() || tried.is_disagreement();
    }

    /// The findings for what does not hold.
    fn findings(&self, migration: &Migration, ruling: &Ruling) -> Vec<Diagnostic> {
        match ruling {
            Ruling::Leaves(deviations) => {
                deviations.iter().map(|deviation| not_undone(migration, deviation)).collect()
            }
            Ruling::Otherwise(deviations) => deviations
                .iter()
                .map(|deviation| {
                    not_undone(migration, deviation).note(
                        "that is so when `up.sql` is applied again behind `down.sql`, compared with \
                         the first time",
                    )
                })
                .collect(),
            Ruling::Refused(when, failed) => {
                let refused = failed.refused.as_deref();
                refused.and_then(|it| self.refused(migration, *when, it)).into_iter().collect()
            }
            Ruling::Holds | Ruling::Irreversible(_) | Ruling::NotTried => Vec::new(),
        }
    }

    /// The finding for the statement that the database refused.
    fn refused(&self, migration: &Migration, when: When, refused: &Refused) -> Option<Diagnostic> {
        let at = refused.statement.checked_sub(1)?;
        let is_up = refused.direction == Direction::Up;
        let version = migration.version.as_str();
        let finding = self.report.failed_statement(version, is_up, at, &refused.message)?;
        let script = match &migration.down {
            Down::Script(script) if !is_up => script,
            _ => &migration.up,
        };
        let statement = script.facts.statements.get(at).map(|unit| script.source.slice(unit.span));
        let is_extension = statement.is_some_and(makes_extension);
        Some(match when {
            When::Up if is_extension => finding.help(
                "install the extension on this server, and let the user make it: a superuser may, \
                 and of a trusted one who may make objects in the database",
            ),
            When::Up => finding.note(
                "the scratch database holds nothing but what the migrations before this one make: \
                 what a person or another tool made in yours is not there",
            ),
            When::Down => finding,
            When::UpAgain => finding.note(
                "that is so when `up.sql` is applied again behind `down.sql`; the schema is as it \
                 was: look for rows that `down.sql` leaves",
            ),
        })
    }

    /// The summary; how the command ends.
    pub(super) fn finish(self) -> Exit {
        let total: usize = self.counts.iter().sum();
        let counted = WORDS.iter().zip(self.counts).filter(|(_, count)| *count > 0);
        let counted: Vec<String> = counted
            .map(|((one, several), count)| {
                format!(
                    "{count} {}",
                    if count == 1 && *one != "irreversible" { one } else { several }
                )
            })
            .collect();
        let files = match (self.disagreements, self.unknown) {
            _ if total == 0 => String::new(),
            (0, 0) => "; nothing contradicts the files".to_owned(),
            (0, n) if n == total => "; the files alone do not tell".to_owned(),
            (0, n) => format!("; nothing contradicts the files, which do not tell of {n}"),
            (n, _) => format!("; the files say otherwise of {n}"),
        };
        let migrations = if total == 1 { "migration" } else { "migrations" };
        let counted = match counted.join(", ") {
            none if none.is_empty() => none,
            some => format!(": {some}"),
        };
        self.reporter
            .result(&format!("{total} {migrations} tried on {}{counted}{files}", self.server));
        for ((word, _), count) in WORDS.iter().zip(self.counts) {
            self.reporter.summarise(&word.replace(' ', "_"), count);
        }
        self.reporter.summarise("disagreements", self.disagreements);
        if self.fails { Exit::Failure } else { Exit::Success }
    }
}

#[cfg(test)]
mod tests;

/// Whether a statement makes an extension.
fn makes_extension(statement: &str) -> bool {
    let mut words = statement.split_whitespace();
    let is = |word: Option<&str>, what| word.is_some_and(|word| word.eq_ignore_ascii_case(what));
    is(words.next(), "create") && is(words.next(), "extension")
}

fn object(tried: &Tried<'_>) -> Value {
    let Tried { migration, ruling, disagreement } = tried;
    let deviations: &[Deviation] = match ruling {
        Ruling::Leaves(deviations) | Ruling::Otherwise(deviations) => deviations,
        _ => &[],
    };
    let all = |deviations: &[Deviation]| -> Vec<Value> {
        deviations.iter().map(deviation::object).collect()
    };
    json!({
        "reason": "migration",
        "version": migration.version.as_str(),
        "name": migration.name,
        "state": null,
        "verdict": migration.verdict.word(),
        "why": migration.verdict.why(),
        "engine": ruling.word(),
        "differences": all(deviations),
        "agrees": !tried.is_disagreement(),
        "disagreement": all(disagreement),
    })
}

/// Two that cannot both be right: what to send us.
fn bug(tried: &Tried<'_>, server: Server) -> Failure {
    let Tried { migration, ruling, disagreement } = tried;
    let name = &migration.name;
    let failure = Failure::new(format!("{name}: the files and {server} do not say the same"));
    let verdict = ruling.contradicts(&migration.verdict).map(str::to_owned);
    let notes = verdict
        .into_iter()
        .chain(migration.verdict.why().map(|why| format!("by the files: {why}")));
    let failure = notes.fold(failure, Failure::note);
    let deviations = disagreement.iter().flat_map(said);
    deviations.fold(failure, Failure::note).help(format!(
        "this is a mistake of cargo migrate, not yours: please report it, with the scripts of {name} \
         and of the migrations before it, and these lines"
    ))
}

/// What the files expect behind `up.sql`, and what is there.
fn said(deviation: &Deviation) -> Vec<String> {
    let Deviation { class, name, kind, .. } = deviation;
    match kind {
        DeviationKind::Missing => {
            vec![format!(
                "by the files, `up.sql` makes the {class} `{name}`: the database has none"
            )]
        }
        DeviationKind::Additional => {
            vec![format!("the database has the {class} `{name}`: by the files, there is none")]
        }
        DeviationKind::Differs(parts) => parts
            .iter()
            .map(|part| {
                let side =
                    |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
                let (expected, found) = (side(&part.expected), side(&part.found));
                format!(
                    "{class} `{name}`, {}: `{expected}` by the files, `{found}` in the database",
                    part.part
                )
            })
            .collect(),
    }
}
