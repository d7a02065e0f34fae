//! What keeps a statement from being applied, said to people.

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Entry, Key, Problem, ProblemKind};
use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::source::Source;
use crate::sql::Class;
use crate::sql::schema::Path;

static UNKNOWN_OBJECT: Rule =
    rule!("unknown-object", Deny, "a table, column, index or another object that is not there");
static DUPLICATE_OBJECT: Rule =
    rule!("duplicate-object", Deny, "something is made that is there already");
static STILL_NAMED: Rule =
    rule!("still-named", Deny, "something is dropped that something else needs");
static REFUSED_CHANGE: Rule =
    rule!("refused-change", Deny, "a change of a table that the database refuses");
static VALUE_COUNT: Rule = rule!("value-count", Deny, "more or fewer values than columns");

pub(super) static RULES: &[&Rule] =
    &[&UNKNOWN_OBJECT, &DUPLICATE_OBJECT, &STILL_NAMED, &REFUSED_CHANGE, &VALUE_COUNT];

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
