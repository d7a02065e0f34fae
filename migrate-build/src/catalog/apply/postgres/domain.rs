//! `CREATE DOMAIN`: its constraints get names, and stand in their order; its default is read as one of a
//! column.

use super::alter::word;
use super::coerced::uncast;
use super::create::sign;
use super::{ProblemKind, Session};
use crate::catalog::mentions;
use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::{Other, Path, Text, Word};

impl Session<'_, '_> {
    /// Settles what a domain says, and adds what it names.
    pub(super) fn settle_domain(&mut self, path: &Path, domain: &mut Other, span: Span) {
        let words = domain.text.words();
        let clauses = clauses(words);
        let mut settled = words[..clauses.first().map_or(words.len(), |one| one.start)].to_vec();
        let base = settled.iter().take_while(|it| **it != word("collate") && **it != word("not"));
        let base: Vec<Word> = base.cloned().collect();
        let mut constraints: Vec<(Name, &[Word])> = Vec::new();
        let mut value = None;
        for clause in &clauses {
            let inner = &words[clause.open + 1..clause.end - 1];
            mentions::of_text(&Text::new(inner.iter().cloned()), &mut domain.mentions);
            if words[clause.start] == word("default") {
                value = Some(uncast(&Text::new(inner.iter().cloned()), &base));
                continue;
            }
            let others: Vec<Name> = constraints.iter().map(|(name, _)| name.clone()).collect();
            let name = match &words[clause.start + 1] {
                Word::Name(name) if words[clause.start] == word("constraint") => name.clone(),
                _ => self.constraint_name(path, None, "check", &others),
            };
            if others.contains(&name) {
                let constraint = name.clone();
                self.problem(span, ProblemKind::DuplicateConstraint { constraint });
            }
            domain.mentions.push(mentions::constraint_name(&name));
            constraints.push((name, &words[clause.open..clause.end]));
        }
        constraints.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        for (name, demand) in constraints {
            settled.extend([word("constraint"), Word::Name(name), word("check")]);
            settled.extend(demand.iter().cloned());
        }
        if let Some(value) = value {
            settled.extend([word("default"), sign("(")]);
            settled.extend(value.words().iter().cloned());
            settled.push(sign(")"));
        }
        domain.text = Text::new(settled);
    }
}

/// A constraint or the default of a domain, in its words.
struct Clause {
    start: usize,
    /// The bracket before what it says.
    open: usize,
    /// Behind the bracket that closes it.
    end: usize,
}

fn clauses(words: &[Word]) -> Vec<Clause> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, None);
    let mut open = 0;
    // The first word is the type, whatever it is called.
    for (at, it) in words.iter().enumerate().skip(1) {
        if *it == sign("(") {
            depth += 1;
            if depth == 1 {
                open = at;
            }
        } else if *it == sign(")") {
            depth = depth.saturating_sub(1);
            if depth == 0
                && let Some(start) = start.take()
            {
                found.push(Clause { start, open, end: at + 1 });
            }
        } else if depth == 0
            && start.is_none()
            && ["constraint", "check", "default"].iter().any(|begin| *it == word(begin))
        {
            start = Some(at);
        }
    }
    found
}
