//! What keeps a statement from being applied, said to people.

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Entry, Key, Mark, Mismatch, Problem, ProblemKind};
use crate::diagnostic::{Diagnostic, Place};
use crate::rule::{Rule, rule};
use crate::source::{Source, Span};
use crate::sql::schema::{ForeignKey, Path};
use crate::sql::{Class, Name};

static UNKNOWN_OBJECT: Rule =
    rule!("unknown-object", Deny, "a table, column, index or another object that is not there");
static DUPLICATE_OBJECT: Rule =
    rule!("duplicate-object", Deny, "something is made that is there already");
static STILL_NAMED: Rule =
    rule!("still-named", Deny, "something is dropped that something else needs");
static REFUSED_CHANGE: Rule =
    rule!("refused-change", Deny, "a change of a table that the database refuses");
static VALUE_COUNT: Rule = rule!("value-count", Deny, "more or fewer values than columns");

static FOREIGN_KEY_MISMATCH: Rule =
    rule!("foreign-key-mismatch", Deny, "a foreign key that cannot refer to what it names");
static AMBIGUOUS_COLUMN: Rule =
    rule!("ambiguous-column", Deny, "a column that several tables of a query have");

pub(super) static RULES: &[&Rule] = &[
    &UNKNOWN_OBJECT,
    &DUPLICATE_OBJECT,
    &STILL_NAMED,
    &REFUSED_CHANGE,
    &VALUE_COUNT,
    &FOREIGN_KEY_MISMATCH,
    &AMBIGUOUS_COLUMN,
];

/// Adds the findings. What is unknown is said once, however often it is named.
pub(super) fn report(
    catalog: &Catalog,
    source: &Arc<Source>,
    problems: &[Problem],
    said: &mut HashSet<Path>,
    findings: &mut Vec<Diagnostic>,
) {
    for problem in problems {
        if let ProblemKind::Unknown { name, .. } = &problem.kind
            && !said.insert(name.clone())
        {
            continue;
        }
        findings.push(finding(catalog, source, problem));
    }
}

/// A reference to a table that is not there, and the finding about it.
#[derive(Debug)]
pub(super) struct Dangling {
    table: Path,
    message: String,
    source: Arc<Source>,
    span: Span,
}

/// Adds what the database takes now, and refuses later. A table that is referred to may still come.
pub(super) fn latent(
    catalog: &Catalog,
    since: Mark,
    dangling: &mut Vec<Dangling>,
    findings: &mut Vec<Diagnostic>,
) {
    for (entry, problem) in catalog.latent(since) {
        let finding = finding(catalog, &entry.source, &problem);
        if let ProblemKind::Reference { key, why: Mismatch::NoTable } = &problem.kind {
            if dangling.iter().any(|other| other.is(&finding)) {
                continue;
            }
            dangling.push(Dangling {
                table: key.table.clone(),
                message: finding.message.clone(),
                source: Arc::clone(&entry.source),
                span: problem.span,
            });
        }
        findings.push(finding);
    }
}

/// Takes back the findings about tables that have come since, or of which that is not known.
pub(super) fn take_back(catalog: &Catalog, dangling: &[Dangling], findings: &mut Vec<Diagnostic>) {
    let is_right = |one: &&Dangling| {
        catalog.opaque().is_some() || catalog.get(&Key::relation(&one.table)).is_some()
    };
    for one in dangling.iter().filter(is_right) {
        findings.retain(|finding| !one.is(finding));
    }
}

impl Dangling {
    fn is(&self, finding: &Diagnostic) -> bool {
        let is_here = finding.labels.first().is_some_and(|label| match &label.place {
            Place::Text(source, span) => Arc::ptr_eq(source, &self.source) && *span == self.span,
            Place::Path(_) => false,
        });
        is_here && finding.rule.id == FOREIGN_KEY_MISMATCH.id && finding.message == self.message
    }
}

fn finding(catalog: &Catalog, source: &Arc<Source>, problem: &Problem) -> Diagnostic {
    let at = |rule, message: String, label: &str| {
        Diagnostic::new(rule, message).at(source, problem.span, label)
    };
    match &problem.kind {
        ProblemKind::Unknown { class, name, near } => {
            let finding = at(
                &UNKNOWN_OBJECT,
                format!("there is no {class} `{name}`"),
                "not there at this point",
            );
            let near = near.as_ref().and_then(|near| {
                Some((
                    near,
                    catalog.find(*class, near).or_else(|| catalog.get(&Key::relation(near)))?,
                ))
            });
            match near {
                Some((near, entry)) => {
                    made_here(finding, entry, &near.to_string()).help(did_you_mean(&near.to_string()))
                }
                None => gone(catalog, finding, *class, name).note(
                    "no migration before this one makes it; what is made outside of migrations is not seen",
                ),
            }
        }
        ProblemKind::OtherClass { name, is } => {
            let finding = at(
                &UNKNOWN_OBJECT,
                format!("`{name}` is {} {is}", article(*is)),
                "another is meant here",
            );
            with_entry(catalog, finding, *is, name)
        }
        ProblemKind::Duplicate { is, name } => {
            let finding = at(
                &DUPLICATE_OBJECT,
                format!("the {is} `{name}` is there already"),
                "made once more",
            );
            with_entry(catalog, finding, *is, name)
                .help("give it another name, or remove one of the two")
        }
        ProblemKind::UnknownColumn { table, column, near } => {
            let message = format!("the table `{table}` has no column `{}`", column.as_str());
            let finding = at(&UNKNOWN_OBJECT, message, "not there at this point");
            let finding = with_entry(catalog, finding, Class::Table, table);
            match near {
                Some(near) => finding.help(did_you_mean(near.as_str())),
                None => finding,
            }
        }
        ProblemKind::DuplicateColumn { table, column } => {
            let message = format!("the table `{table}` has a column `{}` already", column.as_str());
            let finding = at(&DUPLICATE_OBJECT, message, "made once more");
            with_entry(catalog, finding, Class::Table, table)
        }
        ProblemKind::StillNamed { column, by } => {
            let message =
                format!("the column `{}` cannot be dropped: {by} names it", column.as_str());
            at(&STILL_NAMED, message, "still in use").help(format!("drop {by} before it"))
        }
        ProblemKind::UnknownConstraint { constraint, near } => {
            let message = format!("the table has no constraint `{}`", constraint.as_str());
            let finding = at(&UNKNOWN_OBJECT, message, "not there at this point");
            match near {
                Some(near) => finding.help(did_you_mean(near.as_str())),
                None => finding,
            }
        }
        ProblemKind::DuplicateConstraint { constraint } => {
            let message = format!("the table has a constraint `{}` already", constraint.as_str());
            at(&DUPLICATE_OBJECT, message, "made once more")
        }
        ProblemKind::StillNeeded { is, name, by } => {
            let message = format!("the {is} `{name}` cannot be dropped: {by} needs it");
            at(&STILL_NAMED, message, "still in use")
                .help(format!("drop {by} before it, or both with `CASCADE`"))
        }
        ProblemKind::Broken { by, name } => {
            let message =
                format!("the database refuses this: {by} names `{name}`, which is not there");
            at(&REFUSED_CHANGE, message, "no table is altered while it does")
                .help(format!("drop {by} before it, and make it again behind it"))
        }
        ProblemKind::Reference { key, why } => reference(catalog, at, key, why),
        ProblemKind::Ambiguous { column, tables: [one, other] } => {
            let (column, one, other) = (column.as_str(), one.as_str(), other.as_str());
            let message = format!("`{column}` can be a column of `{one}` or of `{other}`");
            at(&AMBIGUOUS_COLUMN, message, "the database refuses the query")
                .help(format!("say which: `{one}.{column}` or `{other}.{column}`"))
        }
        ProblemKind::Refused(why) => {
            at(&REFUSED_CHANGE, format!("the database refuses this: {why}"), "")
        }
        ProblemKind::ValueCount { columns, values } => at(
            &VALUE_COUNT,
            format!("{} into {}", counted(*values, "value"), counted(*columns, "column")),
            &counted(*columns, "column"),
        ),
    }
}

/// Why a foreign key cannot be.
fn reference(
    catalog: &Catalog,
    at: impl Fn(&'static Rule, String, &str) -> Diagnostic,
    key: &ForeignKey,
    why: &Mismatch,
) -> Diagnostic {
    let list = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    let (table, own, target) = (&key.table, list(&key.columns), list(&key.target));
    let said = |message: String| {
        let finding = at(&FOREIGN_KEY_MISMATCH, message, "in this table");
        with_entry(catalog, finding, Class::Table, table)
    };
    match why {
        Mismatch::NoTable => {
            let finding = said(format!("`{own}` refers to `{table}`, which is not there"));
            gone(catalog, finding, Class::Table, table)
                .note("the database takes the table, and refuses every row that refers to it")
        }
        Mismatch::NoPrimaryKey => {
            said(format!("`{own}` refers to the primary key of `{table}`, which has none"))
                .help(format!("name the columns: `REFERENCES {table} (…)`"))
        }
        Mismatch::NoKey => {
            said(format!("`{own}` refers to `{table} ({target})`, and no key is over just that"))
                .help(format!("add `UNIQUE ({target})` to `{table}`, or refer to its primary key"))
        }
        Mismatch::NoIndex => {
            said(format!("`{own}` refers to `{table} ({target})`, and no index begins with that"))
                .help(format!("add `UNIQUE ({target})` to `{table}`, or refer to its primary key"))
        }
        Mismatch::Count => {
            let columns = counted(key.columns.len(), "column");
            let message = match key.target.len() {
                0 => {
                    format!("{columns} ({own}) for another number in the primary key of `{table}`")
                }
                count => format!("{columns} ({own}) for {} of `{table}` ({target})", count),
            };
            said(message).help("name as many columns as it refers to")
        }
        Mismatch::Types { own: ours, other } => said(format!(
            "`{own}` is `{ours}`, and refers to `{table} ({target})`, which is `{other}`"
        ))
        .help("give both the same type"),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

fn article(class: Class) -> &'static str {
    if class == Class::Index { "an" } else { "a" }
}

/// Points to where something was made.
fn made_here(finding: Diagnostic, entry: &Entry, name: &str) -> Diagnostic {
    finding.at(&entry.source, entry.span, format!("`{name}` is made here"))
}

fn with_entry(catalog: &Catalog, finding: Diagnostic, class: Class, name: &Path) -> Diagnostic {
    match catalog.find(class, name) {
        Some(entry) => made_here(finding, entry, &name.to_string()),
        None => finding,
    }
}

/// Points to what took it away, if something did.
fn gone(catalog: &Catalog, finding: Diagnostic, class: Class, name: &Path) -> Diagnostic {
    match catalog.last_cause(&Key::of(class, name)) {
        Some(cause) => finding.at(&cause.source, cause.span, format!("`{name}` goes here")),
        None => finding,
    }
}
