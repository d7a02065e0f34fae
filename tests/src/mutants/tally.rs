//! Where a database and our parser disagree.

use std::fmt;
use std::sync::Arc;

use migrate_build::sql::Parser;
use migrate_build::{Diagnostic, Place, Source};

use super::{Judge, Verdict};

/// What was judged so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// Scripts that the database reads.
    pub valid: usize,
    /// Scripts that it does not read.
    pub syntax: usize,
    /// Scripts that it refuses for another reason.
    pub other: usize,
    /// Of those, the ones that we refuse too.
    pub other_refused: usize,
    /// Syntax errors of which both say where they are.
    pub placed: usize,
    /// Of those, the ones that both see in the same place.
    pub same_place: usize,
    /// Valid scripts of which we say no more than that we do not understand them.
    pub not_understood: usize,
    /// Valid scripts that we refuse, with what we say.
    pub wrongly_refused: Vec<String>,
    /// Syntax errors that we let through, with what the database says.
    pub let_through: Vec<String>,
    /// Syntax errors of which we say more than one thing.
    pub cascades: Vec<String>,
}

impl Tally {
    /// Judges one script more.
    pub fn judge(&mut self, judge: &mut dyn Judge, parser: &dyn Parser, script: &str) {
        let source = Arc::new(Source::new("up.sql", script));
        let mut findings = Vec::new();
        let parsed = parser.parse(&source, judge.version(), &mut findings);
        match judge.judge(script) {
            Verdict::Valid => {
                self.valid += 1;
                match findings.iter().find(|finding| finding.rule.id != "not-understood") {
                    None => self.not_understood += usize::from(!findings.is_empty()),
                    Some(finding) => {
                        let excerpt =
                            place(finding).map(|at| excerpt(script, at)).unwrap_or_default();
                        let said = &finding.message;
                        self.wrongly_refused.push(format!("{script}\n  {said}{excerpt}"));
                    }
                }
            }
            Verdict::Syntax { message, at } => {
                self.syntax += 1;
                match findings.first() {
                    None => {
                        let excerpt = at.map(|at| excerpt(script, at)).unwrap_or_default();
                        self.let_through.push(format!("{script}\n  {message}{excerpt}"));
                    }
                    Some(first) => self.compare_places(first, at),
                }
                if findings.len() > parsed.count.max(1) {
                    let said = findings.iter().map(|finding| finding.message.as_str());
                    self.cascades
                        .push(format!("{script}\n  {}", said.collect::<Vec<_>>().join("; ")));
                }
            }
            Verdict::Other(_) => {
                self.other += 1;
                self.other_refused += usize::from(!findings.is_empty());
            }
        }
    }

    fn compare_places(&mut self, finding: &Diagnostic, at: Option<usize>) {
        if let (Some(ours), Some(at)) = (place(finding), at) {
            self.placed += 1;
            self.same_place += usize::from(ours == at);
        }
    }
}

/// Where a finding begins.
fn place(finding: &Diagnostic) -> Option<usize> {
    match finding.labels.first()?.place {
        Place::Text(_, span) => Some(span.range().start),
        Place::Path(_) => None,
    }
}

/// What stands around a place.
fn excerpt(script: &str, at: usize) -> String {
    const AROUND: usize = 30;
    let start = script.floor_char_boundary(at.saturating_sub(AROUND));
    let end = script.ceil_char_boundary((at + AROUND).min(script.len()));
    let at = script.floor_char_boundary(at);
    format!(" in `{}⟨here⟩{}`", &script[start..at], &script[at..end])
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.valid + self.syntax + self.other;
        let mut line = |name: &str, count: usize, of: usize| {
            let share = if of == 0 { 0.0 } else { 100.0 * count as f64 / of as f64 };
            writeln!(f, "{name:34} {count:8} {share:8.3} %")
        };
        line("scripts", all, all)?;
        line("  syntax errors to the database", self.syntax, all)?;
        line("    let through by us", self.let_through.len(), self.syntax)?;
        line("    in the same place", self.same_place, self.placed)?;
        line("    said more than once", self.cascades.len(), self.syntax)?;
        line("  valid to the database", self.valid, all)?;
        line("    refused by us", self.wrongly_refused.len(), self.valid)?;
        line("    not understood by us", self.not_understood, self.valid)?;
        line("  refused for another reason", self.other, all)?;
        line("    refused by us too", self.other_refused, self.other)
    }
}
