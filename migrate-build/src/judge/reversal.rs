//! What a way back leaves behind or does not bring back, said to people.

use std::sync::Arc;

use super::difference::{Difference, DifferenceKind, PartDifference};
use super::{Outcome, Script};
use crate::catalog::{Cause, Key};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::source::{Source, Span};
use crate::sql::schema::{Column, Constraint, ConstraintKind};
use crate::sql::{Class, Name};

static NOT_REVERSED: Rule = rule!("not-reversed", Deny, "a `down.sql` that does not undo `up.sql`");
static UNPROVED: Rule =
    rule!("unproved", Warn, "a way back of which it cannot be told what it does");

pub(super) static RULES: &[&Rule] = &[&NOT_REVERSED, &UNPROVED];

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
        Some(Unclear { why: why.to_owned(), at: Some((Arc::clone(script.source), span)) })
    };
    let remade = || {
        let difference =
            differences.iter().find(|found| matches!(found.kind, DifferenceKind::Unclear))?;
        let name = &difference.key.path;
        let why =
            format!("`{name}` is made from a query or by a module: its columns are not known");
        let at = difference.last.as_ref().map(|cause| (Arc::clone(&cause.source), cause.span));
        Some(Unclear { why, at })
    };
    opaque(up, forth).or_else(|| opaque(down, back)).or_else(remade)
}

impl Unclear {
    /// A warning.
    pub(super) fn finding(self) -> Option<Diagnostic> {
        let (source, span) = self.at?;
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

/// The finding for one difference.
pub(super) fn finding(difference: &Difference, up: &Arc<Source>, down: &Arc<Source>) -> Diagnostic {
    let Difference { key, kind, first, last } = difference;
    let said = say(key, kind);
    let mut finding =
        Diagnostic::new(&NOT_REVERSED, format!("`down.sql` does not undo `up.sql`: {}", said.what));
    let is_in = |cause: &Cause, source: &Arc<Source>| Arc::ptr_eq(&cause.source, source);
    if let Some(cause) = first {
        let label = if is_in(cause, down) { said.back } else { said.forth };
        finding = finding.at(&cause.source, cause.span, label);
    }
    if let (Some(first), Some(last)) = (first, last)
        && is_in(first, up)
        && is_in(last, down)
    {
        finding = finding.at(&last.source, last.span, "does not bring it back as it was");
    }
    if let DifferenceKind::Gone(entry) | DifferenceKind::Redefined(entry) = kind {
        finding = finding.at(&entry.source, entry.span, "as it was made here");
    }
    if let Some(note) = said.note {
        finding = finding.note(note);
    }
    match said.add {
        Some(statement) => finding.help(format!("add to `down.sql`: {statement}")),
        None => finding.help(said.help),
    }
}

/// What there is to say of a difference.
struct Said {
    what: String,
    /// What `up.sql` did.
    forth: &'static str,
    /// What `down.sql` did.
    back: &'static str,
    /// The statement that is missing.
    add: Option<String>,
    help: &'static str,
    note: Option<String>,
}

fn say(key: &Key, kind: &DifferenceKind) -> Said {
    let name = &key.path;
    let said =
        |what: String, forth, back| Said { what, forth, back, add: None, help: "", note: None };
    match kind {
        DifferenceKind::Stays(entry) => {
            let class = entry.object.class();
            let drop = format!("DROP {} {name};", keyword(class));
            Said {
                add: Some(drop),
                ..said(format!("the {class} `{name}` stays"), "made here", "made here")
            }
        }
        DifferenceKind::Gone(entry) => {
            let class = entry.object.class();
            Said {
                help: "make it again in `down.sql`, as it was",
                note: (class == Class::Table)
                    .then(|| "the rows that it held do not come back".to_owned()),
                ..said(format!("the {class} `{name}` is not made again"), "goes here", "goes here")
            }
        }
        DifferenceKind::Renamed(to) => Said {
            add: Some(format!("ALTER TABLE {to} RENAME TO {};", name.name.as_str())),
            ..said(format!("`{name}` is still called `{to}`"), "renamed here", "renamed here")
        },
        DifferenceKind::Redefined(_) => Said {
            help: "make it again in `down.sql` as it was before",
            ..said(format!("`{name}` is another one than before"), "changed here", "changed here")
        },
        DifferenceKind::Unclear => {
            said(format!("`{name}` is made anew"), "changed here", "changed here")
        }
        DifferenceKind::Table(parts) => {
            let what: Vec<String> = parts.iter().filter_map(part_said).collect();
            let what = format!("the table `{name}` is not what it was: {}", what.join(", "));
            let added: Option<Vec<String>> =
                parts.iter().map(|part| mend(name.to_string().as_str(), part)).collect();
            Said {
                add: added.map(|statements| statements.join(" ")),
                help: "bring the table back to what it was",
                ..said(what, "changed here", "changed here")
            }
        }
    }
}

fn keyword(class: Class) -> String {
    class.to_string().to_ascii_uppercase()
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

/// The statement that mends it, where there is one for sure.
fn mend(table: &str, part: &PartDifference) -> Option<String> {
    match part {
        PartDifference::ColumnStays(name) => {
            Some(format!("ALTER TABLE {table} DROP COLUMN {};", name.as_str()))
        }
        PartDifference::ColumnGone(column) if column.generated.is_none() => {
            Some(format!("ALTER TABLE {table} ADD COLUMN {};", definition(column)))
        }
        _ => None,
    }
}

fn definition(column: &Column) -> String {
    let mut words = vec![column.name.as_str().to_owned()];
    let ty = column.ty.to_string();
    if !ty.is_empty() {
        words.push(ty.to_ascii_uppercase());
    }
    if column.not_null {
        words.push("NOT NULL".to_owned());
    }
    if let Some(default) = &column.default {
        words.push(format!("DEFAULT {default}"));
    }
    if let Some(collation) = &column.collation {
        words.push(format!("COLLATE {}", collation.as_str().to_ascii_uppercase()));
    }
    words.join(" ")
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
