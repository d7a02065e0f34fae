//! What a way back leaves behind or does not bring back, said to people.

use std::sync::Arc;

use super::difference::{Difference, DifferenceKind, PartDifference};
use super::{Outcome, Script};
use crate::catalog::{Cause, Key};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::rust;
use crate::source::{Source, Span};
use crate::sql::schema::{Constraint, ConstraintKind};
use crate::sql::{Class, Name, TOO_NEW};

pub(crate) static IRREVERSIBLE: Rule =
    rule!("irreversible", Deny, "a `down.sql` that does not undo `up.sql`");
static UNPROVED: Rule =
    rule!("unproved", Warn, "a way back of which it cannot be told what it does");

pub(super) static RULES: &[&Rule] = &[&IRREVERSIBLE, &UNPROVED];

/// Why nothing can be told of a way back.
pub(super) struct Unclear {
    pub(super) why: String,
    at: Option<(Arc<Source>, Span)>,
}

/// What keeps a verdict from being found, if anything does.
pub(super) fn unclear(
    up: &Script<'_>,
    forth: &Outcome,
    down: &Script<'_>,
    back: &Outcome,
    differences: &[Difference],
) -> Option<Unclear> {
    let opaque = |script: &Script<'_>, outcome: &Outcome| {
        let (span, why) = outcome.opaque?;
        // That a statement is too new is a finding of its own.
        let at = (why != TOO_NEW).then(|| (Arc::clone(script.source), span));
        Some(Unclear { why: why.to_owned(), at })
    };
    let remade = || {
        differences.iter().find_map(|difference| {
            let DifferenceKind::Unclear(why) = &difference.kind else { return None };
            let at = difference.last.as_ref().map(|cause| (Arc::clone(&cause.source), cause.span));
            Some(Unclear { why: why.clone(), at })
        })
    };
    opaque(up, forth).or_else(|| opaque(down, back)).or_else(remade)
}

impl Unclear {
    /// A warning.
    pub(super) fn finding(self) -> Option<Diagnostic> {
        let (source, span) = self.at?;
        if rust::is_rust(&source) {
            let message = format!("it cannot be told whether `down` undoes `up`: {}", self.why);
            let finding = Diagnostic::new(&UNPROVED, message);
            return Some(
                finding
                    .at(&source, rust::shown(&source, span), "not followed")
                    .help("if it changes rows and leaves the schema alone, write `// migrate: assume(rows-only) reason=\"…\"`")
                    .help("if you have tested it, write `// migrate: assume(reversible) reason=\"…\"`"),
            );
        }
        let message = format!("it cannot be told whether `down.sql` undoes `up.sql`: {}", self.why);
        Some(
            Diagnostic::new(&UNPROVED, message).at(&source, span, "not followed").help(
                "if you have tested it, write `-- migrate: assume(reversible) reason=\"…\"` in `down.sql`",
            ),
        )
    }
}

/// One difference in few words.
pub(super) fn in_short(difference: &Difference) -> String {
    say(&difference.key, &difference.kind).what
}

/// The finding for one difference, with the statement that is missing, where that is certain.
pub(super) fn finding(
    difference: &Difference,
    up: &Script<'_>,
    down: &Script<'_>,
    missing: Option<String>,
) -> Diagnostic {
    let Difference { key, kind, first, last } = difference;
    let said = say(key, kind);
    let mut finding = Diagnostic::new(&IRREVERSIBLE, said.what.clone());
    let is_in = |cause: &Cause, source: &Arc<Source>| Arc::ptr_eq(&cause.source, source);
    if let Some(cause) = first {
        finding = finding.at(&cause.source, cause.span, said.done);
    }
    match (first, last) {
        (Some(first), Some(last)) if is_in(first, up.source) && is_in(last, down.source) => {
            finding = finding.at(&last.source, last.span, "does not bring it back as it was");
        }
        (Some(first), _) if is_in(first, up.source) => {
            if let Some(statement) = down.statements.first() {
                let nothing = format!("nothing here {} it", said.missing);
                finding = finding.at(down.source, statement.span, nothing);
            }
        }
        _ => {}
    }
    if let DifferenceKind::Gone(entry) | DifferenceKind::Redefined(entry) = kind {
        finding = finding.at(&entry.source, entry.span, "as it was made here");
    }
    if let Some(note) = said.note {
        finding = finding.note(note);
    }
    if first.as_ref().is_some_and(|cause| is_in(cause, down.source)) {
        return finding.help("leave it out: `up.sql` does nothing that it undoes");
    }
    match missing {
        Some(statement) if statement.contains('\n') => {
            finding.help(format!("add to `down.sql`:\n{statement}"))
        }
        Some(statement) => finding.help(format!("add to `down.sql`: {statement}")),
        None => finding.help(said.help),
    }
}

/// What there is to say of a difference.
struct Said {
    what: String,
    /// What a statement did with it.
    done: &'static str,
    /// What nothing in `down.sql` does with it.
    missing: &'static str,
    help: &'static str,
    note: Option<String>,
}

fn say(key: &Key, kind: &DifferenceKind) -> Said {
    let name = &key.path;
    let said = |what: String, done, missing| Said { what, done, missing, help: "", note: None };
    match kind {
        DifferenceKind::Stays(entry) => {
            let class = entry.object.class();
            Said {
                help: "drop it in `down.sql`",
                ..said(
                    format!("`down.sql` leaves the {class} `{name}` behind"),
                    "made here",
                    "drops",
                )
            }
        }
        DifferenceKind::Gone(entry) => {
            let class = entry.object.class();
            Said {
                help: "make it again in `down.sql`, as it was",
                note: (class == Class::Table)
                    .then(|| "the rows that it held do not come back".to_owned()),
                ..said(
                    format!("`down.sql` does not make the {class} `{name}` again"),
                    "goes here",
                    "makes",
                )
            }
        }
        DifferenceKind::Renamed(to) => Said {
            help: "give it its name again in `down.sql`",
            ..said(
                format!("`down.sql` leaves `{name}` with the name `{to}`"),
                "renamed here",
                "renames",
            )
        },
        DifferenceKind::Redefined(_) => Said {
            help: "make it again in `down.sql` as it was before",
            ..said(
                format!("`down.sql` does not bring `{name}` back as it was"),
                "changed here",
                "restores",
            )
        },
        DifferenceKind::Unclear(_) => {
            said(format!("`{name}` is made anew"), "changed here", "restores")
        }
        DifferenceKind::Table(parts) => {
            let what: Vec<String> = parts.iter().filter_map(part_said).collect();
            let what = format!(
                "`down.sql` does not bring the table `{name}` back as it was: {}",
                what.join(", ")
            );
            Said {
                help: "bring the table back to what it was",
                ..said(what, "changed here", "restores")
            }
        }
    }
}

fn part_said(part: &PartDifference) -> Option<String> {
    Some(match part {
        PartDifference::ColumnStays(name) => format!("the column `{}` stays", name.as_str()),
        PartDifference::ColumnGone(column) => {
            format!("the column `{}` is not made again", column.name.as_str())
        }
        PartDifference::ColumnDiffers(column, what) => {
            format!("the column `{}` has another {}", column.name.as_str(), what.join(" and "))
        }
        PartDifference::ConstraintStays(constraint) => {
            format!("{} stays", constraint_said(constraint))
        }
        PartDifference::ConstraintGone(constraint) => {
            format!("{} is not made again", constraint_said(constraint))
        }
        PartDifference::Options => "its options are others".to_owned(),
        PartDifference::Order => return None,
    })
}

fn constraint_said(constraint: &Constraint) -> String {
    let what = match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => "the primary key".to_owned(),
        ConstraintKind::Unique(parts) => {
            let columns: Vec<String> = parts.iter().map(|part| part.text.to_string()).collect();
            format!("`UNIQUE ({})`", columns.join(", "))
        }
        ConstraintKind::Index(parts) => {
            let columns: Vec<String> = parts.iter().map(|part| part.text.to_string()).collect();
            format!("the index on `({})`", columns.join(", "))
        }
        ConstraintKind::Check(text) => format!("`CHECK ({text})`"),
        ConstraintKind::Exclude(_) => "the exclusion".to_owned(),
        ConstraintKind::ForeignKey(key) => {
            let columns: Vec<&str> = key.columns.iter().map(Name::as_str).collect();
            format!("the foreign key `({})`", columns.join(", "))
        }
    };
    match &constraint.name {
        Some(name) => format!("{what} (`{}`)", name.as_str()),
        None => what,
    }
}
