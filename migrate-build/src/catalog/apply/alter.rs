//! `ALTER TABLE`, and what follows it into other objects.

use super::{Application, Key, Object, ProblemKind};
use crate::sql::Name;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Ident, Part, Path, Table};

impl Application<'_> {
    /// What names the table names it by its new name then: foreign keys, indexes, triggers, views.
    pub(super) fn rename_table(&mut self, table: &Ident, to: &Ident) {
        let (from, renamed) = (self.path(table), self.path(to));
        if let Some(there) = self.catalog.get(&Key::relation(&renamed)) {
            let is = there.object.class();
            self.problem(to.span, ProblemKind::Duplicate { is, name: renamed });
            return;
        }
        let (from, to) = (&from, &renamed);
        let key = Key::relation(from);
        let Some(entry) = self.catalog.get(&key).cloned() else { return };
        let mentioning = self.catalog.mentions_of(from);
        self.catalog.set(key.clone(), None);
        self.catalog.set(Key::relation(to), Some(entry));
        for other in mentioning {
            let other = if other == key { Key::relation(to) } else { other };
            if let Some(entry) = self.catalog.get(&other) {
                let renamed = entry.object.with_table_renamed(from, to);
                self.replace(&other, renamed);
            }
        }
    }

    pub(super) fn rename_column(&mut self, table: &Ident, column: &Ident, to: &Ident) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if !self.expect_column(table, &made, column) || made.is_opaque {
            return;
        }
        if made.column(&to.name).is_some() {
            let (table, column) = (path, to.name.clone());
            self.problem(to.span, ProblemKind::DuplicateColumn { table, column });
            return;
        }
        let (from, to) = (&column.name, &to.name);
        rename_in_table(&mut made, from, to);
        self.replace(&Key::relation(&path), Object::Table(made));
        for other in self.catalog.mentions_of(&path) {
            if let Some(entry) = self.catalog.get(&other) {
                let renamed = with_column_renamed(&entry.object, &path, from, to);
                self.replace(&other, renamed);
            }
        }
    }

    pub(super) fn add_column(
        &mut self,
        table: &Ident,
        ident: &Ident,
        column: &Column,
        constraints: &[Constraint],
    ) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if made.column(&ident.name).is_some() {
            let (table, column) = (path, ident.name.clone());
            self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
            return;
        }
        let refused = constraints.iter().find_map(|constraint| match constraint.kind {
            ConstraintKind::PrimaryKey(_) => Some("a column that is added cannot be a primary key"),
            ConstraintKind::Unique(_) => Some("a column that is added cannot be `UNIQUE`"),
            _ => None,
        });
        if let Some(refused) = refused {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        made.columns.push(column.clone());
        made.constraints.extend(constraints.iter().cloned());
        self.replace(&Key::relation(&path), Object::Table(made));
    }

    pub(super) fn drop_column(&mut self, table: &Ident, ident: &Ident) {
        let path = self.path(table);
        let Some(mut made) = self.catalog.table(&path).cloned() else { return };
        if !self.expect_column(table, &made, ident) || made.is_opaque {
            return;
        }
        let column = &ident.name;
        if let Some(refused) = refusal(&made, column) {
            self.problem(ident.span, ProblemKind::Refused(refused));
            return;
        }
        if let Some(by) = self.named_by(&path, column) {
            self.problem(ident.span, ProblemKind::StillNamed { column: column.clone(), by });
            return;
        }
        made.columns.retain(|other| other.name != *column);
        made.constraints.retain(|constraint| !is_about(&constraint.kind, column));
        self.replace(&Key::relation(&path), Object::Table(made));
    }

    /// What else names a column, and would be broken without it.
    fn named_by(&self, table: &Path, column: &Name) -> Option<String> {
        self.catalog.mentions_of(table).into_iter().find_map(|key| {
            let name = &key.path;
            match &self.catalog.get(&key)?.object {
                Object::Index(index) => {
                    let in_parts = index.parts.iter().any(|part| part.text.mentions(column));
                    let in_predicate =
                        index.predicate.as_ref().is_some_and(|text| text.mentions(column));
                    (in_parts || in_predicate).then(|| format!("the index `{name}`"))
                }
                Object::View(view) => {
                    view.text.mentions(column).then(|| format!("the view `{name}`"))
                }
                Object::Trigger(trigger) => {
                    trigger.text.mentions(column).then(|| format!("the trigger `{name}`"))
                }
                Object::Table(_) | Object::Other(_) => None,
            }
        })
    }
}

/// Why SQLite does not drop a column, for what it is ("ALTER TABLE", section 5).
fn refusal(table: &Table, column: &Name) -> Option<&'static str> {
    let is_part = |parts: &[Part]| parts.iter().any(|part| part.column.as_ref() == Some(column));
    if table.columns.len() == 1 {
        return Some("the only column of a table cannot be dropped");
    }
    let by_others = table.columns.iter().filter(|other| other.name != *column);
    let computed = by_others.filter_map(|other| other.generated.as_ref());
    if computed.into_iter().any(|text| text.mentions(column)) {
        return Some("another column is computed from it");
    }
    table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(parts) if is_part(parts) => Some("it is in the primary key"),
        ConstraintKind::Unique(parts) if is_part(parts) => Some("it is in a `UNIQUE` constraint"),
        ConstraintKind::ForeignKey(key)
            if key.columns.len() > 1 && key.columns.contains(column) =>
        {
            Some("it is in a foreign key with other columns")
        }
        _ => None,
    })
}

/// Whether a constraint goes with a column: one that was written behind it.
fn is_about(kind: &ConstraintKind, column: &Name) -> bool {
    match kind {
        ConstraintKind::ForeignKey(key) => key.columns.contains(column),
        ConstraintKind::Check(text) => text.mentions(column),
        ConstraintKind::PrimaryKey(_)
        | ConstraintKind::Unique(_)
        | ConstraintKind::Index(_)
        | ConstraintKind::Exclude(_) => false,
    }
}

pub(super) fn rename_in_table(table: &mut Table, from: &Name, to: &Name) {
    for column in &mut table.columns {
        if column.name == *from {
            column.name.clone_from(to);
        }
        if let Some(text) = &mut column.generated {
            *text = text.renamed(from, to);
        }
    }
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey(parts)
            | ConstraintKind::Unique(parts)
            | ConstraintKind::Index(parts)
            | ConstraintKind::Exclude(parts) => {
                rename_in_parts(parts, from, to);
            }
            ConstraintKind::Check(text) => *text = text.renamed(from, to),
            ConstraintKind::ForeignKey(key) => rename_in_names(&mut key.columns, from, to),
        }
    }
}

pub(super) fn with_column_renamed(object: &Object, table: &Path, from: &Name, to: &Name) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Table(other) => {
            for constraint in &mut other.constraints {
                if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                    && key.table == *table
                {
                    rename_in_names(&mut key.target, from, to);
                }
            }
        }
        Object::Index(index) => {
            rename_in_parts(&mut index.parts, from, to);
            if let Some(text) = &mut index.predicate {
                *text = text.renamed(from, to);
            }
        }
        Object::View(view) => view.text = view.text.renamed(from, to),
        Object::Trigger(trigger) => trigger.text = trigger.text.renamed(from, to),
        Object::Other(_) => {}
    }
    object
}

fn rename_in_parts(parts: &mut [Part], from: &Name, to: &Name) {
    for part in parts {
        part.text = part.text.renamed(from, to);
        if part.column.as_ref() == Some(from) {
            part.column = Some(to.clone());
        }
    }
}

fn rename_in_names(names: &mut [Name], from: &Name, to: &Name) {
    for name in names {
        if name == from {
            name.clone_from(to);
        }
    }
}
