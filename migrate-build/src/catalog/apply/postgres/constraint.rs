//! Constraints: their names, the indexes behind them.

use super::create::included;
use super::naming::{index_addition, joined, part_name};
use super::{Key, Object, ProblemKind, Session};
use crate::source::Span;
use crate::sql::schema::{Constraint, ConstraintKind, Ident, Part, Path, Table, Text, Word};
use crate::sql::{Class, Name};
use crate::suggest::nearest;

impl Session<'_, '_> {
    /// Adds constraints to a table, in the order in which the server does.
    pub(super) fn add_constraints(
        &mut self,
        path: &Path,
        mut constraints: Vec<Constraint>,
        span: Span,
    ) {
        constraints.sort_by_key(|constraint| match &constraint.kind {
            ConstraintKind::Check(_) => 0,
            ConstraintKind::PrimaryKey(_) => 1,
            ConstraintKind::Unique(_) | ConstraintKind::Index(_) | ConstraintKind::Exclude(_) => 2,
            ConstraintKind::ForeignKey(_) => 3,
        });
        for constraint in distinct(constraints) {
            self.add_constraint(path, constraint, None, span);
        }
    }

    pub(super) fn add_constraint(
        &mut self,
        path: &Path,
        mut constraint: Constraint,
        index: Option<&Ident>,
        span: Span,
    ) {
        if let Some(index) = index {
            return self.adopt_index(path, constraint, index, span);
        }
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        if !self.has_columns(path, &table, &constraint.kind, span) {
            return;
        }
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && !self.settle_reference(path, &table, key, span)
        {
            return;
        }
        if let ConstraintKind::Check(text) = &mut constraint.kind {
            *text = self.coerced(text, &table);
        }
        match &constraint.name {
            Some(name) if is_taken(&table, name) => {
                let constraint = name.clone();
                return self.problem(span, ProblemKind::DuplicateConstraint { constraint });
            }
            Some(_) => {}
            None => match self.chosen_name(path, &table, &constraint) {
                Some(name) => constraint.name = Some(name),
                None => return self.unclear("the name that the server gives to this constraint"),
            },
        }
        match &constraint.kind {
            ConstraintKind::PrimaryKey(parts) => {
                let is_one =
                    |other: &Constraint| matches!(other.kind, ConstraintKind::PrimaryKey(_));
                if table.constraints.iter().any(is_one) {
                    return self
                        .problem(span, ProblemKind::Refused("it has a primary key already"));
                }
                for part in parts {
                    let columns = &mut table.columns;
                    let mut named =
                        columns.iter_mut().filter(|it| Some(&it.name) == part.column.as_ref());
                    if let Some(column) = named.next() {
                        column.not_null = true;
                    }
                }
                self.put_index_of(path, &constraint, span);
            }
            ConstraintKind::Unique(_) | ConstraintKind::Index(_) | ConstraintKind::Exclude(_) => {
                self.put_index_of(path, &constraint, span);
            }
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => {}
        }
        table.constraints.push(constraint);
        self.app.replace(&Key::relation(path), Object::Table(table));
    }

    fn has_columns(
        &mut self,
        path: &Path,
        table: &Table,
        kind: &ConstraintKind,
        span: Span,
    ) -> bool {
        let names: Vec<Name> = match kind {
            ConstraintKind::ForeignKey(key) => key.columns.clone(),
            ConstraintKind::Check(_) => Vec::new(),
            _ => key_parts(kind).iter().filter_map(|part| part.column.clone()).collect(),
        };
        names.iter().all(|name| self.expect_column(path, table, name, span))
    }

    fn chosen_name(&self, path: &Path, table: &Table, constraint: &Constraint) -> Option<Name> {
        let kind = &constraint.kind;
        Some(match kind {
            ConstraintKind::PrimaryKey(_) => self.relation_name(path, None, "pkey", true),
            ConstraintKind::Unique(parts)
            | ConstraintKind::Index(parts)
            | ConstraintKind::Exclude(parts) => {
                let mut names: Vec<String> = parts.iter().map(part_name).collect::<Option<_>>()?;
                names.extend(included(constraint.rest.words()));
                let addition = index_addition(names.iter().map(String::as_str));
                let is_exclusion = matches!(kind, ConstraintKind::Exclude(_));
                let label = if is_exclusion { "excl" } else { "key" };
                self.relation_name(path, Some(&addition), label, true)
            }
            ConstraintKind::ForeignKey(key) => {
                let addition = joined(key.columns.iter().map(Name::as_str));
                self.constraint_name(path, Some(&addition), "fkey", &[])
            }
            ConstraintKind::Check(text) => {
                let columns = table.columns.iter().map(|column| &column.name);
                let mut named = columns.filter(|column| names_column(text, column));
                let only = named.next().filter(|_| named.next().is_none());
                self.constraint_name(path, only.map(Name::as_str), "check", &[])
            }
        })
    }

    /// `ADD CONSTRAINT … USING INDEX`: the index is called as the constraint then.
    fn adopt_index(&mut self, path: &Path, mut constraint: Constraint, index: &Ident, span: Span) {
        let from = Path { schema: path.schema.clone(), name: index.name.clone() };
        let Some(Object::Index(mut made)) =
            self.app.catalog.get(&Key::relation(&from)).map(|entry| entry.object.clone())
        else {
            return self.app.unknown(Class::Index, index);
        };
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        let name = constraint.name.clone().unwrap_or_else(|| index.name.clone());
        let is_plain = made.options.is_empty() && made.predicate.is_none() && made.unique;
        if !is_plain || made.table != *path || made.parts.iter().any(|part| part.column.is_none()) {
            return self.unclear("an index of this kind that becomes a constraint");
        }
        constraint.kind = match constraint.kind {
            ConstraintKind::PrimaryKey(_) => ConstraintKind::PrimaryKey(made.parts.clone()),
            _ => ConstraintKind::Unique(made.parts.clone()),
        };
        if matches!(constraint.kind, ConstraintKind::PrimaryKey(_)) {
            if table
                .constraints
                .iter()
                .any(|other| matches!(other.kind, ConstraintKind::PrimaryKey(_)))
            {
                return self.problem(span, ProblemKind::Refused("it has a primary key already"));
            }
            for column in &mut table.columns {
                column.not_null |=
                    made.parts.iter().any(|part| part.column.as_ref() == Some(&column.name));
            }
        }
        constraint.name = Some(name.clone());
        made.is_of_constraint = true;
        self.app.replace(&Key::relation(&from), Object::Index(made));
        let to = Path { schema: path.schema.clone(), name };
        if to != from {
            if !self.is_free(&Key::relation(&to), false, span) {
                return;
            }
            self.move_object(Key::relation(&from), Key::relation(&to));
        }
        table.constraints.push(constraint);
        self.app.replace(&Key::relation(path), Object::Table(table));
    }

    /// Whether a table has a constraint; else that is a problem, unless it need not.
    pub(super) fn expect_constraint(
        &mut self,
        table: &Table,
        name: &Ident,
        if_exists: bool,
    ) -> bool {
        if is_taken(table, &name.name) {
            return true;
        }
        if !if_exists && self.app.catalog.opaque().is_none() {
            let names = table.constraints.iter().filter_map(|constraint| constraint.name.as_ref());
            let near = nearest(name.name.as_str(), names.map(Name::as_str)).map(Name::folded);
            let constraint = name.name.clone();
            self.problem(name.span, ProblemKind::UnknownConstraint { constraint, near });
        } else if !if_exists {
            self.unclear("a constraint of a table that is not known");
        }
        false
    }
}

/// Without those that one before them stands for: the server makes one index of those that are the same,
/// and takes the first name that is given (`transformIndexConstraints` in PostgreSQL's source).
fn distinct(constraints: Vec<Constraint>) -> Vec<Constraint> {
    let mut all: Vec<Constraint> = Vec::new();
    for constraint in constraints {
        let is_prior = |prior: &&mut Constraint| {
            without_storage(&prior.rest) == without_storage(&constraint.rest)
                && match (&prior.kind, &constraint.kind) {
                    (
                        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key),
                        ConstraintKind::Unique(parts),
                    ) => key == parts,
                    (ConstraintKind::Exclude(key), ConstraintKind::Exclude(parts)) => key == parts,
                    _ => false,
                }
        };
        match all.iter_mut().find(is_prior) {
            Some(prior) => prior.name = prior.name.take().or(constraint.name),
            None => all.push(constraint),
        }
    }
    all
}

/// What is said of a key, less `WITH (…)`, which makes no other key of it.
fn without_storage(rest: &Text) -> Vec<&Word> {
    let mut is_storage = false;
    let stays = |word: &&Word| {
        is_storage |= matches!(word, Word::Name(name) if name.as_str() == "with");
        let stays = !is_storage;
        is_storage &= !matches!(word, Word::Other(sign) if sign == ")");
        stays
    };
    rest.words().iter().filter(stays).collect()
}

fn is_taken(table: &Table, name: &Name) -> bool {
    table.constraints.iter().any(|other| other.name.as_ref() == Some(name))
}

/// The columns of a key.
pub(super) fn key_parts(kind: &ConstraintKind) -> &[Part] {
    match kind {
        ConstraintKind::PrimaryKey(parts)
        | ConstraintKind::Unique(parts)
        | ConstraintKind::Index(parts)
        | ConstraintKind::Exclude(parts) => parts,
        ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => &[],
    }
}

/// Whether a text names a column, and not a function or a type that is called so.
pub(super) fn names_column(text: &Text, column: &Name) -> bool {
    let words = text.words();
    let is =
        |at: Option<&Word>, sign: &str| matches!(at, Some(Word::Other(other)) if other == sign);
    words.iter().enumerate().any(|(at, word)| {
        matches!(word, Word::Name(name) if name == column)
            && !is(words.get(at + 1), "(")
            && !is(at.checked_sub(1).and_then(|before| words.get(before)), "::")
    })
}

/// Whether a constraint is about a column.
pub(super) fn is_about(constraint: &Constraint, column: &Name) -> bool {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => key.columns.contains(column),
        ConstraintKind::Check(text) => names_column(text, column),
        kind => key_parts(kind).iter().any(|part| names_column(&part.text, column)),
    }
}
