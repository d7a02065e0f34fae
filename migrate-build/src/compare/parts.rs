//! What of an object is another, part by part.

use crate::catalog::Object;
use crate::dialect::Dialect;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Index, Table, without};
use crate::write::Writer;

/// A part of an object that is another, as statements would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartDeviation {
    /// Which part: `the column `age``, `the constraint `named``, `the definition`.
    pub part: String,
    /// What is expected; nothing where the part should not be there.
    pub expected: Option<String>,
    /// What is there; nothing where the part is missing.
    pub found: Option<String>,
}

/// An object as it is, and what of it is compared.
type Side<'o> = (&'o Object, &'o Object);

/// What two objects do not agree on, which are not the same.
pub(super) fn deviations(
    dialect: Dialect,
    expected: Side<'_>,
    found: Side<'_>,
) -> Vec<PartDeviation> {
    let writer = Writer { dialect };
    match (expected, found) {
        (
            (Object::Table(old), Object::Table(old_settled)),
            (Object::Table(new), Object::Table(new_settled)),
        ) => Tables { writer, old, old_settled, new, new_settled }.deviations(),
        ((old, _), (new, _)) => vec![PartDeviation {
            part: "the definition".to_owned(),
            expected: Some(definition(writer, old)),
            found: Some(definition(writer, new)),
        }],
    }
}

/// Two tables, each as it is and as it is compared.
struct Tables<'t> {
    writer: Writer,
    old: &'t Table,
    old_settled: &'t Table,
    new: &'t Table,
    new_settled: &'t Table,
}

impl Tables<'_> {
    fn deviations(&self) -> Vec<PartDeviation> {
        let mut found = self.columns();
        self.constraints(&mut found);
        if self.old_settled.options != self.new_settled.options {
            let options = |table: &Table| {
                let texts = table.options.iter().map(|option| option.to_string());
                Some(texts.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
            };
            found.push(part("the options", options(self.old), options(self.new)));
        }
        if self.old_settled.parents != self.new_settled.parents {
            let parents = |table: &Table| {
                let texts = table.parents.iter().map(|path| self.writer.path(path));
                Some(texts.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
            };
            found.push(part("the parents", parents(self.old), parents(self.new)));
        }
        found
    }

    fn columns(&self) -> Vec<PartDeviation> {
        let write = |column: &Column| Some(self.writer.column(column));
        let name = |column: &Column| format!("the column `{}`", column.name.as_str());
        let mut found = Vec::new();
        for (column, settled) in self.old.columns.iter().zip(&self.old_settled.columns) {
            let now = self.new.column(&column.name);
            if self.new_settled.column(&column.name) != Some(settled) {
                found.push(part(&name(column), write(column), now.and_then(write)));
            }
        }
        let added =
            self.new.columns.iter().filter(|column| self.old.column(&column.name).is_none());
        found.extend(added.map(|column| part(&name(column), None, write(column))));
        found
    }

    /// Those of the same name, or of the same kind without one, are one that has changed.
    fn constraints(&self, found: &mut Vec<PartDeviation>) {
        let write = |constraint: &Constraint| Some(self.writer.constraint(constraint).to_owned());
        let mut gone = without(&self.old_settled.constraints, &self.new_settled.constraints);
        let mut made = without(&self.new_settled.constraints, &self.old_settled.constraints);
        gone.retain(|one| {
            let twin = made.iter().position(|other| is_twin(one, other));
            let now = twin.map(|at| made.remove(at));
            let (one, now) = (original(self.old, one), now.map(|now| original(self.new, &now)));
            found.push(part(&constraint_name(&one), write(&one), now.as_ref().and_then(write)));
            false
        });
        for constraint in made {
            let constraint = original(self.new, &constraint);
            found.push(part(&constraint_name(&constraint), None, write(&constraint)));
        }
    }
}

fn part(part: &str, expected: Option<String>, found: Option<String>) -> PartDeviation {
    PartDeviation { part: part.to_owned(), expected, found }
}

fn is_twin(one: &Constraint, other: &Constraint) -> bool {
    let is_same_kind = std::mem::discriminant(&one.kind) == std::mem::discriminant(&other.kind);
    let is_only_one = matches!(one.kind, ConstraintKind::PrimaryKey(_));
    is_same_kind && (is_only_one || one.name.is_some() && one.name == other.name)
}

/// The constraint as it is in its table, of which one was made to be compared.
fn original(table: &Table, settled: &Constraint) -> Constraint {
    let is_it = |constraint: &&Constraint| {
        constraint.name == settled.name
            && std::mem::discriminant(&constraint.kind) == std::mem::discriminant(&settled.kind)
            && (constraint.name.is_some() || constraint.kind == settled.kind)
    };
    table.constraints.iter().find(is_it).unwrap_or(settled).clone()
}

fn constraint_name(constraint: &Constraint) -> String {
    let kind = match constraint.kind {
        ConstraintKind::PrimaryKey(_) => return "the primary key".to_owned(),
        ConstraintKind::Index(_) => "index",
        ConstraintKind::ForeignKey(_) => "foreign key",
        ConstraintKind::Unique(_) | ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => {
            "constraint"
        }
    };
    match &constraint.name {
        Some(name) => format!("the {kind} `{}`", name.as_str()),
        None => format!("a {kind}"),
    }
}

/// What an object is, in one line.
fn definition(writer: Writer, object: &Object) -> String {
    match object {
        Object::Table(table) => writer.table(table),
        Object::Index(index) => index_text(writer, index),
        Object::View(view) => view.text.to_string(),
        Object::Trigger(trigger) => {
            format!("ON {} {}", writer.path(&trigger.table), trigger.text)
        }
        Object::Other(other) => other.text.to_string(),
    }
}

fn index_text(writer: Writer, index: &Index) -> String {
    let parts: Vec<String> = index.parts.iter().map(|part| part.text.to_string()).collect();
    let unique = if index.unique { "UNIQUE INDEX" } else { "INDEX" };
    let mut text = format!("{unique} ON {} ({})", writer.path(&index.table), parts.join(", "));
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {predicate}"));
    }
    for option in &index.options {
        text.push_str(&format!(" {option}"));
    }
    text
}
